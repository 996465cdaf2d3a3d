import type { Instant } from "../../../../engine/time.ts";
import type { Heartbeat, OffsetCommit, Offsets } from "../../../messages.ts";
import { isEmpty } from "../partitions.ts";
import { heartbeat } from "./heartbeats.ts";
import { isRejoining } from "./join.ts";
import type { Participation } from "./participation.ts";
import { setting } from "./participation.ts";
import { identity } from "./requests.ts";
import { stopHeartbeats } from "./reset.ts";

/** What a member leaves behind when its heartbeats, and perhaps its regular commits, are no longer simulated. */
export interface Rest {
  /** When the next heartbeat is due, and the id its request will have. */
  readonly next: Instant;
  readonly nextRequest: number;
  /** When its own session timer would end. */
  readonly sessionEnds: Instant;
  /** The number of the next regular commit. */
  readonly nextCommit: number;
}

/** A request that was sent without being simulated, and has not been answered yet. */
interface Waiting {
  readonly id: number;
  readonly sentAt: Instant;
}

/** What the heartbeats since then have come to. */
export interface Roused {
  readonly sent: number;
  readonly heartbeatDue: Instant;
  readonly sessionEnds: Instant;
  /** The last one, if it has not been answered yet. */
  readonly waiting?: Waiting;
}

/** What regular commits have come to since then. */
export interface RousedCommits {
  readonly sent: number;
  /** When the next one is due; `now`: it is, and the next poll() will send it. */
  readonly due: Instant | "now";
  readonly waiting?: Waiting & { readonly offsets: Offsets };
}

/** Whether nothing can come of its next heartbeats but that they push its session on, until something touches it. */
export function canRest(on: Participation): boolean {
  const { membership, search, departure, beats, requests, holdings, waitingCommit } = on;
  return (
    membership.state === "STABLE" &&
    search.coordinator !== undefined &&
    !departure.phase &&
    !beats.stuck &&
    !waitingCommit.holdsUp &&
    on.fatal === undefined &&
    requests.size === 0 &&
    isEmpty(holdings.unpositioned) &&
    !isRejoining(on)
  );
}

/** Its heartbeats are not simulated from now on: puts its timers away. Told when they are due. */
export function rest(on: Participation, due: { readonly heartbeat: Instant; readonly session: Instant }): Rest {
  stopHeartbeats(on);
  const { beats, commitClock } = on;
  return {
    next: due.heartbeat,
    nextRequest: beats.count + 1,
    sessionEnds: due.session,
    nextCommit: commitClock.count + 1,
  };
}

/** They are again: everything is as `sent` heartbeats would have left it. Returns the one that still waits for its reply. */
export function rouse(on: Participation, { sent, heartbeatDue, sessionEnds, waiting }: Roused): Heartbeat | undefined {
  const { host, beats, membership, requests } = on;
  const now = host.now();
  beats.count += sent;
  host.after(heartbeatDue - now, "heartbeat", "");
  host.after(sessionEnds - now, "session", "");
  if (!waiting) return undefined;
  const { generation, member } = membership;
  const due = waiting.sentAt + setting(on, "request.timeout.ms");
  requests.add({ ...waiting, api: "Heartbeat", due, generation, member });
  const { client, group } = on.options;
  return { ...heartbeat(on, waiting.id), client, group };
}

/** The same for regular commits. */
export function rouseCommits(on: Participation, commits: RousedCommits): OffsetCommit | undefined {
  const { host, commitClock, membership, requests, options } = on;
  const { sent, due, waiting } = commits;
  commitClock.count += sent;
  commitClock.due = due === "now";
  if (due !== "now") host.after(due - host.now(), "auto-commit", "");
  if (!waiting) return undefined;
  const { generation, member } = membership;
  const { id, sentAt, offsets } = waiting;
  const over = sentAt + setting(on, "request.timeout.ms");
  requests.add({ id, sentAt, api: "OffsetCommit", due: over, generation, member, purpose: "interval" });
  const { client, group } = options;
  return { api: "OffsetCommit", id, client, group, ...identity(on), generation, offsets, regular: true };
}
