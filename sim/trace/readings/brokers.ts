/** Reads how brokers fared: which state each was in, and where a group's coordinator was. */
import type { Instant } from "../../engine/time.ts";
import type { BrokerId, GroupId } from "../../names.ts";
import type { EventId, Sink } from "../event.ts";

/** A stretch of time that a broker spent in one state. */
export interface BrokerSpan {
  readonly broker: BrokerId;
  readonly state: string;
  readonly from: Instant;
  readonly to: Instant;
  /** Why it came into this state; `null` for the state it began in. */
  readonly reason: string | null;
  /** The event that began it. */
  readonly event: EventId | null;
}

/** What a broker of whom nothing is heard does. */
const AT_REST = "Running";

/**
 * Tells every stretch of every broker's life, each when it is over. A broker without a word was `Running`. Brokers are
 * those that the header names, and those that anything is said of later.
 */
export function brokerStates(tell: (span: BrokerSpan) => void): Sink {
  const open = new Map<BrokerId, Omit<BrokerSpan, "to">>();
  const beginning = (broker: BrokerId, state: string) => ({ broker, state, from: 0, reason: null, event: null });
  return {
    begin(header) {
      for (const { id } of header.brokers ?? []) open.set(id, beginning(id, AT_REST));
    },
    see(event) {
      if (event.type === "coordinator.state" && !open.has(event.broker))
        open.set(event.broker, beginning(event.broker, AT_REST));
      if (event.type === "partition.leader")
        for (const id of [event.from, event.to]) if (id !== null && !open.has(id)) open.set(id, beginning(id, AT_REST));
      if (event.type !== "broker.state") return;
      const { broker, from, to: state, reason, t, id } = event;
      const before = open.get(broker);
      // The first event says which state the broker was in until then.
      const span = before?.event ? before : beginning(broker, from);
      if (t > span.from) tell({ ...span, to: t });
      open.set(broker, { broker, state, from: t, reason, event: id });
    },
    end(t) {
      for (const span of open.values()) if (t > span.from) tell({ ...span, to: t });
      open.clear();
    },
  };
}

/** Whether the process of a broker in this state runs, so that it answers whoever can reach it. */
export function brokerRuns(state: string): boolean {
  return state !== "Crashed" && state !== "Fenced";
}

/** A stretch of time in which a broker loaded a group's state, or coordinated the group. */
export interface CoordinatorSpan {
  readonly group: GroupId;
  readonly broker: BrokerId;
  readonly state: "Loading" | "Active";
  readonly from: Instant;
  readonly to: Instant;
  /** The event that began it. */
  readonly event: EventId;
}

/**
 * Tells where each group's coordinator was: every stretch in which a broker loaded it, or was it, when that is over. Two
 * brokers may be at once, while one of them is cut off from the others and does not know that it was replaced.
 */
export function coordinators(tell: (span: CoordinatorSpan) => void): Sink {
  const open = new Map<GroupId, Map<BrokerId, Omit<CoordinatorSpan, "to">>>();
  const close = (span: Omit<CoordinatorSpan, "to"> | undefined, t: Instant) => {
    if (span && t > span.from) tell({ ...span, to: t });
  };
  return {
    see(event) {
      if (event.type !== "coordinator.state") return;
      const { broker, to: state, t: from, id } = event;
      for (const group of event.groups) {
        let spans = open.get(group);
        if (!spans) open.set(group, (spans = new Map()));
        close(spans.get(broker), from);
        if (state === "Loading" || state === "Active") spans.set(broker, { group, broker, state, from, event: id });
        else spans.delete(broker);
      }
    },
    end(t) {
      for (const spans of open.values()) for (const span of spans.values()) close(span, t);
      open.clear();
    },
  };
}

/** A stretch of time with one active controller, or with none. */
export interface ControllerSpan {
  /** A node of the quorum, or a broker; `null`: nobody notices that brokers fail, and no partition gets another leader. */
  readonly controller: number | null;
  readonly from: Instant;
  readonly to: Instant;
  readonly reason: string | null;
  /** The event that began it. */
  readonly event: EventId | null;
}

/** Tells who the active controller was; nothing where the trace never speaks of it. */
export function controllers(tell: (span: ControllerSpan) => void): Sink {
  let open: Omit<ControllerSpan, "to"> | undefined;
  return {
    see(event) {
      if (event.type !== "controller.changed") return;
      const { from: before, to: controller, reason, t, id } = event;
      const span = open ?? { controller: before, from: 0, reason: null, event: null };
      if (t > span.from) tell({ ...span, to: t });
      open = { controller, from: t, reason, event: id };
    },
    end(t) {
      if (open && t > open.from) tell({ ...open, to: t });
      open = undefined;
    },
  };
}
