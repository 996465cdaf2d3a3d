/**
 * Reads which state everybody was in, and when: groups at their coordinator, consumer processes, and the consumers'
 * own view of their membership. And how many were alive, and how many of those were in the group.
 */
import type { Instant } from "../../engine/time.ts";
import type { ClientId, Generation, GroupId, InstanceId, MemberId } from "../../names.ts";
import type { EventId, ProcessState, Sink } from "../event.ts";
import { isDeposedWord, takeovers } from "./whose-word.ts";

/** A stretch of time that a group spent in one state. */
export interface GroupStateSpan {
  readonly group: GroupId;
  readonly state: string;
  readonly from: Instant;
  readonly to: Instant;
  readonly generation: Generation;
  /** Why the group came into this state; `null` for the state it began in. */
  readonly reason: string | null;
  /** Whose request or silence did it. */
  readonly client?: ClientId;
  /** The event that began it. */
  readonly event: EventId | null;
}

/** Tells every stretch of every group's life at its coordinator, each when it is over. A group without a word was `Empty`. */
export function groupStates(tell: (span: GroupStateSpan) => void): Sink {
  const open = new Map<GroupId, Omit<GroupStateSpan, "to">>();
  return {
    begin(header) {
      for (const { id } of header.groups) open.set(id, beginning(id, "Empty"));
    },
    see(event) {
      if (event.type !== "group.state" || isDeposedWord(event)) return;
      const { group, from, to: state, reason, generation, client, t, id } = event;
      const before = open.get(group);
      // The first event says which state the group was in until then.
      const span = before?.event ? before : beginning(group, from);
      if (t > span.from) tell({ ...span, to: t });
      open.set(group, { group, state, from: t, generation, reason, ...(client && { client }), event: id });
    },
    end(t) {
      for (const span of open.values()) if (t > span.from) tell({ ...span, to: t });
      open.clear();
    },
  };
}

/** The state a group has before anything is heard of it. */
function beginning(group: GroupId, state: string): Omit<GroupStateSpan, "to"> {
  return { group, state, from: 0, generation: 0, reason: null, event: null };
}

/** A stretch of the life of a consumer process. */
export interface ProcessSpan {
  readonly client: ClientId;
  readonly group: GroupId;
  readonly process: ProcessState;
  readonly from: Instant;
  readonly to: Instant;
  readonly reason: string;
  /** The event that began it. */
  readonly event: EventId;
}

/**
 * Tells every stretch of every consumer process, each when it is over; nothing of processes that do not exist yet.
 * What is stopped or crashed stays so to the end, unless it is started again.
 */
export function processes(tell: (span: ProcessSpan) => void): Sink {
  const open = new Map<ClientId, Omit<ProcessSpan, "to">>();
  const close = (client: ClientId, t: Instant) => {
    const span = open.get(client);
    if (span && t > span.from) tell({ ...span, to: t });
  };
  return {
    see(event) {
      if (event.type !== "client.process") return;
      const { client, group, to: process, reason, t: from, id } = event;
      close(client, from);
      open.set(client, { client, group, process, from, reason, event: id });
    },
    end(t) {
      for (const client of open.keys()) close(client, t);
      open.clear();
    },
  };
}

/** A stretch of a consumer's own view of its membership. */
export interface ClientStateSpan {
  readonly client: ClientId;
  readonly group: GroupId;
  readonly state: string;
  readonly from: Instant;
  readonly to: Instant;
  readonly reason: string;
  readonly member?: MemberId;
  readonly generation?: Generation;
  /** The event that began it. */
  readonly event: EventId;
}

/** Tells every stretch of every consumer's membership as it sees it; a dead process has no view. */
export function clientStates(tell: (span: ClientStateSpan) => void): Sink {
  const open = new Map<ClientId, Omit<ClientStateSpan, "to">>();
  const close = (client: ClientId, t: Instant) => {
    const span = open.get(client);
    if (span && t > span.from) tell({ ...span, to: t });
    open.delete(client);
  };
  return {
    see(event) {
      if (event.type === "client.process" && isGone(event.to)) close(event.client, event.t);
      if (event.type !== "client.state") return;
      const { client, group, to: state, reason, member, generation, t: from, id } = event;
      close(client, from);
      open.set(client, {
        client,
        group,
        state,
        from,
        reason,
        ...(member !== undefined && { member }),
        ...(generation !== undefined && { generation }),
        event: id,
      });
    },
    end(t) {
      for (const client of open.keys()) close(client, t);
    },
  };
}

/** A stretch of time with the same number of members. */
export interface MemberCount {
  readonly group: GroupId;
  readonly from: Instant;
  readonly to: Instant;
  /** Consumer processes that run (started, not yet closed or crashed): the G(t) of the closed forms. */
  readonly alive: number;
  /** Members the coordinator knows, living or not. */
  readonly known: number;
}

/** Tells how many processes were alive and how many members the coordinator knew, over time. */
export function memberCounts(tell: (span: MemberCount) => void): Sink {
  interface Group {
    from: Instant;
    readonly alive: Set<ClientId>;
    readonly known: Set<MemberId>;
    readonly seats: Map<InstanceId, MemberId>;
  }
  const groups = new Map<GroupId, Group>();
  const takenOver = takeovers();
  /** The counts at `t`, about to change. */
  const at = (id: GroupId, t: Instant) => {
    let group = groups.get(id);
    if (!group) groups.set(id, (group = { from: 0, alive: new Set(), known: new Set(), seats: new Map() }));
    if (t > group.from) {
      tell({ group: id, from: group.from, to: t, alive: group.alive.size, known: group.known.size });
      group.from = t;
    }
    return group;
  };
  return {
    begin(header) {
      for (const { id } of header.groups) at(id, 0);
    },
    see(event) {
      if (isDeposedWord(event)) return;
      for (const group of takenOver(event)) at(group, event.t).known.clear();
      if (event.type === "client.process") {
        if (isAlive(event.to) === isAlive(event.from)) return;
        const { alive } = at(event.group, event.t);
        if (isAlive(event.to)) alive.add(event.client);
        else alive.delete(event.client);
      } else if (event.type === "group.member") {
        const { member, instance, change } = event;
        if (change === "pending" || change === "updated" || change === "rejoined") return;
        const { known, seats } = at(event.group, event.t);
        if (change === "removed") {
          known.delete(member);
        } else {
          // A static member's successor takes its seat: the old member id is gone without a word of its own.
          if (instance !== undefined) known.delete(seats.get(instance) ?? member);
          known.add(member);
        }
        if (instance !== undefined) seats.set(instance, member);
      } else if (event.type === "group.state" && event.to === "Dead") {
        at(event.group, event.t).known.clear(); // unloaded; the next coordinator restores whom it finds in the log
      }
    },
    end(t) {
      for (const group of groups.keys()) at(group, t);
      groups.clear();
    },
  };
}

/** Whether a process in this state runs a consumer that can be in its group. */
export function isAlive(state: ProcessState): boolean {
  return state === "Running" || state === "Closing";
}

/** Whether a process in this state has ended. */
export function isGone(state: ProcessState): boolean {
  return state === "Stopped" || state === "Crashed";
}
