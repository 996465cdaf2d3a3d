import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { InstanceId, MemberId, Partitions } from "../../../sim/names.ts";
import type { JoinGroupReply } from "../../../sim/kafka/messages.ts";
import { CoordinatorBench, GROUP, joinGroup } from "./coordinator-bench.ts";

const SECOND = 1_000_000;
const PARTITIONS = 7;

/** Four consumers, two of them static; the fourth is a second process with the instance id of the third. */
const CLIENTS: readonly { readonly name: string; readonly instance?: InstanceId }[] = [
  { name: "a" },
  { name: "b" },
  { name: "c", instance: "i1" },
  { name: "d", instance: "i1" },
];

const client = fc.nat({ max: CLIENTS.length - 1 });
const step = fc.oneof(
  // What a consumer would do next: else hardly any random script would ever get a group to work.
  { weight: 40, arbitrary: fc.record({ does: fc.constant("goes on" as const), client }) },
  { weight: 4, arbitrary: fc.record({ does: fc.constant("joins" as const), client, metadata: fc.nat({ max: 1 }) }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant("restarts" as const), client }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant("syncs" as const), client }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant("heartbeats" as const), client }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant("commits" as const), client }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant("leaves" as const), client }) },
  { weight: 8, arbitrary: fc.record({ does: fc.constant("waits" as const), seconds: fc.nat({ max: 7 }) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("log" as const), refuses: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("lingers" as const), seconds: fc.nat({ max: 1 }) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("fails over" as const) }) },
);
const script = fc.array(step, { minLength: 20, maxLength: 120, size: "max" });
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** What each consumer was told last. */
class Town {
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
        // Instance ids need no pending member ids.
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

const flavour = fc.constantFrom("java" as const, "scala" as const);
const maxSize = fc.constantFrom(2, 2147483647);

/** Plays random steps and asks for the law after each. */
function holds(law: (town: Town) => void, atTheEnd: (town: Town) => void = () => {}): void {
  fc.assert(
    fc.property(flavour, maxSize, script, (flavour, maxSize, steps) => {
      const town = new Town(flavour, maxSize);
      for (const step of steps) {
        town.take(step);
        law(town);
      }
      atTheEnd(town);
    }),
    { numRuns: 400, seed: 848 },
  );
}

describe("whatever four consumers, the clock, the log and the brokers do", () => {
  test("a partition has at most one owner in a generation", () => {
    holds(({ bench: { coordinator } }) => {
      if (coordinator.state !== "Stable") return;
      const owned = coordinator.members.flatMap(({ assignment }) => assignment?.orders ?? []);
      expect(new Set(owned).size).toBe(owned.length);
    });
  });

  test("the generation only goes back to what the log says, and only in a failover", () => {
    fc.assert(
      fc.property(flavour, script, (flavour, steps) => {
        const town = new Town(flavour, 2147483647);
        let generation = 0;
        for (const step of steps) {
          const persisted = town.bench.image.group?.generation ?? 0;
          town.take(step);
          const { coordinator } = town.bench;
          // A group whose creation the log refused never was.
          if (step.does === "fails over") expect(coordinator.generation).toBe(persisted);
          else if (coordinator.state !== "Absent") expect(coordinator.generation).toBeGreaterThanOrEqual(generation);
          generation = coordinator.generation;
        }
      }),
      { numRuns: 400, seed: 849 },
    );
  });

  test("somebody waits for something, or nobody is there", () => {
    holds(({ bench }) => {
      const { coordinator } = bench;
      const { state, members, pendingMembers } = coordinator;
      expect(bench.isArmed("join", GROUP)).toBe(state === "PreparingRebalance");
      if (state === "Empty" || state === "Absent") {
        expect(members).toEqual([]);
        expect(bench.isArmed("sync", GROUP)).toBe(false);
      } else if (members.length > 0) {
        expect(members.map(({ id }) => id)).toContain(coordinator.leader);
      }
      const excused = members.filter(({ awaitsJoin, awaitsSync }) => awaitsJoin || awaitsSync).map(({ id }) => id);
      const watched = [...members.map(({ id }) => id), ...pendingMembers].filter((id) => !excused.includes(id));
      expect(watched.filter((id) => !bench.isArmed("session", id))).toEqual([]);
    });
  });

  test("no session is watched whose member is gone", () => {
    holds(({ bench: { clock, coordinator } }) => {
      const known = new Set([...coordinator.members.map(({ id }) => id), ...coordinator.pendingMembers]);
      const watched = clock.pending.filter(({ name }) => name.startsWith("session ")).map(({ name }) => name.slice(8));
      expect(watched.filter((id) => !known.has(id))).toEqual([]);
    });
  });

  test("nobody is refused for the assignor that everybody uses", () => {
    holds(
      () => {},
      ({ bench }) => {
        expect(bench.replies.filter(({ reply }) => reply.error === "INCONSISTENT_GROUP_PROTOCOL")).toEqual([]);
      },
    );
  });

  test("every request is answered or given up in the open, and a group of silent consumers ends empty", () => {
    holds(
      () => {},
      ({ bench }) => {
        bench.refusal = undefined;
        bench.clock.runTo(bench.now + 3_600 * SECOND, true);
        expect([...bench.open.values()]).toEqual([]);
        expect(["Empty", "Absent"]).toContain(bench.coordinator.state);
        expect(bench.clock.pending).toEqual([]);
      },
    );
  });
});
