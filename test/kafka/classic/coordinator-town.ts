import type { InstanceId, MemberId, Partitions } from "../../../sim/names.ts";
import type { JoinGroupReply } from "../../../sim/kafka/messages.ts";
import { GROUP } from "../coordinator-bench.ts";
import { CoordinatorBench, joinGroup } from "./coordinator-bench.ts";

export const SECOND = 1_000_000;
const PARTITIONS = 7;

/** Four consumers, two of them static; the fourth is a second process with the instance id of the third. */
export const CLIENTS: readonly { readonly name: string; readonly instance?: InstanceId }[] = [
  { name: "a" },
  { name: "b" },
  { name: "c", instance: "i1" },
  { name: "d", instance: "i1" },
];

/** One thing that happens in the town. */
export type Step =
  /** What a consumer would do next. */
  | { readonly does: "goes on"; readonly client: number }
  | { readonly does: "joins"; readonly client: number; readonly metadata: number }
  | { readonly does: "restarts" | "syncs" | "heartbeats" | "commits" | "leaves"; readonly client: number }
  | { readonly does: "waits" | "lingers"; readonly seconds: number }
  /** Until something happens by itself. */
  | { readonly does: "lets time pass" }
  | { readonly does: "log"; readonly refuses: boolean }
  | { readonly does: "fails over" };

/** Consumers that remember what they were told last, and their coordinator. */
export class Town {
  readonly bench: CoordinatorBench;
  readonly ids: MemberId[] = CLIENTS.map(() => "");
  readonly generations: number[] = CLIENTS.map(() => -1);
  readonly led: (readonly MemberId[])[] = CLIENTS.map(() => []);
  readonly next: ("joins" | "syncs" | "heartbeats" | "waits")[] = CLIENTS.map(() => "joins");
  #read = 0;

  constructor(flavour: "java" | "scala", maxSize: number) {
    this.bench = new CoordinatorBench(flavour, { "group.max.size": maxSize });
  }

  take(step: Step): void {
    const { bench } = this;
    switch (step.does) {
      case "waits":
        bench.clock.runTo(bench.now + step.seconds * SECOND, true);
        break;
      case "lets time pass": {
        const [next] = bench.clock.pending;
        if (next) bench.clock.runTo(next.due, true);
        break;
      }
      case "log":
        bench.refusal = step.refuses ? "NOT_ENOUGH_REPLICAS" : undefined;
        break;
      case "lingers":
        // The log commits in order, so it cannot become faster while something is under way.
        if (!bench.clock.pending.some(({ name }) => name.startsWith("append ")))
          bench.appendTime = step.seconds * SECOND;
        break;
      case "fails over":
        bench.failOver();
        break;
      default:
        this.#ask(step);
    }
    this.#listen();
  }

  #ask(step: Extract<Step, { client: number }>): void {
    const { bench } = this;
    const { name, instance } = CLIENTS[step.client];
    const identity = { member: this.ids[step.client], ...(instance !== undefined && { instance }) };
    const generation = this.generations[step.client];
    switch (step.does) {
      case "goes on": {
        const does = this.next[step.client];
        if (does === "waits") break;
        this.next[step.client] = does === "heartbeats" ? does : "waits";
        this.#ask({ does, client: step.client, metadata: 0 });
        break;
      }
      case "restarts":
        this.ids[step.client] = "";
        this.next[step.client] = "joins";
        break;
      case "joins": {
        const metadata = { topics: ["orders"], owned: {}, generation: -1, userData: `${step.metadata}` };
        const said = { sessionTimeout: 10 * SECOND, rebalanceTimeout: 20 * SECOND, ...identity };
        bench.send(joinGroup({ ...said, protocols: [{ name: "range", metadata }] }), name);
        break;
      }
      case "syncs": {
        const members = this.led[step.client];
        const assignments = Object.fromEntries(members.map((id, rank) => [id, share(rank, members.length)]));
        bench.send({ api: "SyncGroup", ...identity, generation, assignments }, name);
        break;
      }
      case "heartbeats":
        bench.send({ api: "Heartbeat", ...identity, generation }, name);
        break;
      case "commits":
        bench.send({ api: "OffsetCommit", ...identity, generation, offsets: { orders: { 0: 1 } } }, name);
        break;
      case "leaves":
        bench.send({ api: "LeaveGroup", members: [identity] }, name);
        break;
    }
  }

  #listen(): void {
    for (; this.#read < this.bench.replies.length; this.#read++) {
      const { client, reply } = this.bench.replies[this.#read];
      const index = CLIENTS.findIndex(({ name }) => name === client);
      if (reply.api === "JoinGroup") this.#learn(index, reply);
      if (reply.error === "UNKNOWN_MEMBER_ID") this.ids[index] = "";
      if (reply.api === "SyncGroup" && reply.error === "NONE") this.next[index] = "heartbeats";
      else if (reply.error !== "NONE") this.next[index] = "joins";
    }
  }

  #learn(index: number, { error, member, generation, members }: JoinGroupReply): void {
    if (error === "MEMBER_ID_REQUIRED") this.ids[index] = member;
    if (error !== "NONE") return;
    this.ids[index] = member;
    this.generations[index] = generation;
    this.led[index] = members.map(({ id }) => id);
    this.next[index] = "syncs";
  }
}

/** Every partition to one member. */
function share(rank: number, members: number): Partitions {
  const numbers = Array.from({ length: PARTITIONS }, (_, index) => index);
  return { orders: numbers.filter((number) => number % members === rank) };
}

/** What must never be seen; nothing if all is well. */
export function violation({ bench }: Town): string | undefined {
  const { state, members, pendingMembers, leader } = bench.coordinator;
  const isThere = state !== "Absent" && state !== "Empty";
  if (bench.isArmed("join", GROUP) !== (state === "PreparingRebalance")) return `join timer in ${state}`;
  if (!isThere && bench.isArmed("sync", GROUP)) return `sync timer in ${state}`;
  if (!isThere && members.length > 0) return `members in ${state}`;
  if (members.length > 0 && !members.some(({ id }) => id === leader)) return `leader ${leader} is no member`;

  const watched = new Set(bench.watched());
  const known = new Set([...members.map(({ id }) => id), ...pendingMembers]);
  for (const id of watched) if (!known.has(id)) return `${id} is watched and gone`;
  for (const { id, awaitsJoin, awaitsSync } of members) {
    if (!awaitsJoin && !awaitsSync && !watched.has(id)) return `nobody watches ${id}`;
  }
  for (const id of pendingMembers) if (!watched.has(id)) return `nobody watches ${id}`;

  const owned = members.flatMap(({ assignment }) => assignment?.orders ?? []);
  return state === "Stable" && new Set(owned).size < owned.length ? "a partition with two owners" : undefined;
}
