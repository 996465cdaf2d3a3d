import type { ClientId, GroupId } from "../../names.ts";
import type { Sink, TraceEvent } from "../event.ts";
import { causes } from "./causes.ts";
import { holdings } from "./holdings.ts";
import { readingInto } from "./reading.ts";
import { ClassicCourse } from "./rebalances/classic.ts";
import { ConsumerCourse } from "./rebalances/consumer.ts";
import { GroupRebalances } from "./rebalances/draft.ts";
import type { GroupProtocol, Rebalance } from "./rebalances/rebalance.ts";
import { SameInstant } from "./rebalances/same-instant.ts";
import { ZooKeeperCourse } from "./rebalances/zookeeper.ts";
import { isUnread } from "./rebalances/unread-area.ts";
import { isDeposedWord } from "./whose-word.ts";

export { PHASES, phases } from "./rebalances/rebalance.ts";
export type { GroupProtocol, PhaseName, Rebalance } from "./rebalances/rebalance.ts";

/** A group that is in one of these states has no rebalance under way. */
const AT_REST: ReadonlySet<string> = new Set(["Absent", "Empty", "Stable", "Dead"]);

interface Group {
  readonly rebalances: GroupRebalances;
  readonly classic: ClassicCourse;
  readonly consumer: ConsumerCourse;
  readonly zookeeper: ZooKeeperCourse;
  readonly changes: SameInstant;
  protocol: GroupProtocol;
  state: string;
}

type Beginner = Pick<
  Extract<TraceEvent, { type: "group.state" }>,
  "id" | "t" | "cause" | "group" | "reason" | "member" | "client"
>;

/** Tells every rebalance of every group, in order, each as soon as all partitions are read again or the next begins. */
export function rebalances(tell: (rebalance: Rebalance) => void): Sink {
  const origins = causes();
  const groups = new Map<GroupId, Group>();
  const groupOf = (id: GroupId): Group => {
    let group = groups.get(id);
    if (!group) {
      const rebalances = new GroupRebalances(id, tell);
      group = {
        rebalances,
        classic: new ClassicCourse(rebalances),
        consumer: new ConsumerCourse(rebalances),
        zookeeper: new ZooKeeperCourse(rebalances),
        changes: new SameInstant(),
        protocol: "classic",
        state: "Empty",
      };
      groups.set(id, group);
    }
    return group;
  };
  const members = (group: Group): number => group[group.protocol].members;
  const membersBefore = (group: Group, t: number): number => {
    if (group.protocol === "zookeeper") return group.zookeeper.membersBefore;
    return group.protocol === "classic" ? group.classic.members : group.consumer.membersBefore(t);
  };

  /** `asks`: for a target of the consumer protocol. */
  const begin = (group: Group, event: Beginner, generation: number, asks: boolean): void => {
    const { t, id, reason, member, client } = event;
    const { protocol } = group;
    const draft = group.rebalances.begin({
      t,
      event: id,
      protocol,
      cause: origins.of({ ...event, first: generation <= 0 }),
      reason,
      ...(member !== undefined && { member }),
      ...(client !== undefined && { client }),
      generation,
      members: membersBefore(group, t),
    });
    if (protocol === "consumer" && asks) draft.attempts.push({ from: t, reason, client: client ?? null, joined: null });
    draft.others = doTheSame(group, draft);
  };

  /** Who does at this very instant what began a rebalance. */
  const doTheSame = ({ changes }: Group, { cause, reason }: Pick<Rebalance, "cause" | "reason">): ClientId[] => {
    if (cause.client === null) return [];
    return changes.after(cause.client, cause.kind, (one) => origins.of({ ...one, reason, first: false }).kind);
  };

  /**
   * A group whose only member brings about a change, and reaches the target, in one heartbeat has been stable all the
   * while, or goes from `Empty` to `Stable` at once.
   */
  const passing = new Map<Group, Beginner>();
  const settlePassing = (t: number): void => {
    for (const [group, { t: from, id }] of passing) {
      if (from === t) continue;
      passing.delete(group);
      if (AT_REST.has(group.state)) group.rebalances.settle(from, group.state, id, members(group));
    }
  };

  /** Groups without a coordinator of which nobody rebalances any more, unless somebody begins again at this instant. */
  const through = new Set<Group>();
  const settleThrough = (t: number): void => {
    for (const group of through) if (group.zookeeper.settle(t)) through.delete(group);
  };

  const held = holdings(
    () => undefined,
    ({ group: id, t, before, after, since, kept }) => {
      const { rebalances } = groupOf(id);
      const { unread } = rebalances;
      // A pause that cost the member its partitions, or its membership, was none.
      if (before === "busy" && (!kept || isUnread(after) === 1)) {
        unread.change(since, 1);
        unread.change(t, isUnread(after) - 1);
      } else unread.change(t, isUnread(after) - isUnread(before));
      if (isUnread(before) === 1 && isUnread(after) === 0) rebalances.resumed(t);
    },
  );
  const readings = readingInto(held);

  return {
    begin(header) {
      origins.begin(header);
      readings.begin!(header);
    },
    see(event) {
      if (passing.size > 0) settlePassing(event.t);
      if (through.size > 0) settleThrough(event.t);
      origins.see(event);
      readings.see(event);
      if (isDeposedWord(event)) return;
      switch (event.type) {
        case "group.epoch": {
          const group = groupOf(event.group);
          group.protocol = "consumer";
          if (!group.rebalances.underWay) {
            begin(group, event, event.generation - 1, true);
            passing.set(group, event);
          }
          group.consumer.see(event);
          return;
        }
        case "group.state": {
          const { group: id, from, to, t, generation } = event;
          const group = groupOf(id);
          group.state = to;
          if (OF_CONSUMERS.has(to)) group.protocol = "consumer";
          if (to === "PreparingRebalance") group.protocol = "classic";
          if (AT_REST.has(from) && !AT_REST.has(to) && !group.rebalances.underWay) {
            begin(group, event, generation, to === "Assigning");
          }
          const draft = group.rebalances.underWay;
          if (draft) draft.generationAfter = generation;
          group[group.protocol].see(event);
          if (AT_REST.has(to)) group.rebalances.settle(t, to, event.id, members(group));
          return;
        }
        case "group.member": {
          // Who is a member is known before anything tells which protocol the group speaks.
          const group = groupOf(event.group);
          group.classic.see(event);
          group.consumer.see(event);
          group.zookeeper.see(event);
          group.changes.see(event);
          const draft = group.rebalances.underWay;
          if (draft?.from === event.t) draft.others = doTheSame(group, draft);
          return;
        }
        case "client.state": {
          const group = groupOf(event.group);
          if (event.to === "REBALANCING") {
            group.protocol = "zookeeper"; // no other is ever in that state
            const why = group.zookeeper.begins(event);
            const { id, t, cause, group: name } = event;
            if (why) begin(group, { id, t, cause, group: name, ...why }, group.zookeeper.generation, false);
          }
          if (group.protocol !== "zookeeper") return;
          group.zookeeper.see(event);
          if (group.zookeeper.isThrough) through.add(group);
          return;
        }
        case "client.process":
        case "partition.owner": {
          const group = groups.get(event.group);
          if (group?.protocol !== "zookeeper") return;
          group.zookeeper.see(event);
          if (group.zookeeper.isThrough) through.add(group);
          return;
        }
        case "group.join-complete":
        case "group.assignment":
        case "group.reconciled":
        case "request.sent": {
          const group = groupOf(event.group);
          group[group.protocol].see(event);
        }
      }
    },
    end(t) {
      settlePassing(Infinity);
      settleThrough(Infinity);
      for (const group of groups.values()) group.rebalances.end(t, members(group));
      groups.clear();
    },
  };
}

/** States that only groups of the consumer protocol are ever in. */
const OF_CONSUMERS: ReadonlySet<string> = new Set(["Assigning", "Reconciling"]);
