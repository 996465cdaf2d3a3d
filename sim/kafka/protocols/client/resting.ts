import type { Duration, Instant } from "../../../engine/time.ts";
import type { GroupReply, OffsetCommit, Offsets } from "../../messages.ts";
import { type AnsweredCommits, together } from "./answered-commits.ts";
import type { Client } from "./client.ts";
import { setting } from "./client.ts";
import { identity } from "./requests.ts";

/** How a member keeps its place in the group while all is well. */
export interface Beating {
  /** What its heartbeats are. */
  readonly api: "Heartbeat" | "ConsumerGroupHeartbeat";
  /** From one to the next. */
  readonly interval: Duration;
  /** How long it goes without a healthy answer before it minds; absent: only its coordinator does. */
  readonly ownSession?: Duration;
  /** Whether its commits push its session at the coordinator on as well. */
  readonly commitsRenew: boolean;
  /** What a heartbeat of that number is answered. */
  answer(id: number): GroupReply;
}

/** When a member's timers are due that it puts away as it begins to rest. */
export interface RestDue {
  readonly heartbeat: Instant;
  /** Its own session timer, if that is running. */
  readonly session: Instant | undefined;
}

/** What a member leaves behind when its heartbeats, and perhaps its regular commits, are no longer simulated. */
export interface Rest {
  /** When the next heartbeat is due, and the id its request will have. */
  readonly next: Instant;
  readonly nextRequest: number;
  /** When its own session timer would end, if it has one. */
  readonly sessionEnds?: Instant;
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
  /** When its own session timer ends, if it has one. */
  readonly sessionEnds?: Instant;
  /** The last one, if it has not been answered yet. */
  readonly waiting?: Waiting;
}

/** What regular commits have come to since then. */
export interface RousedCommits {
  readonly sent: number;
  /** Those of them that have been answered. */
  readonly answered: AnsweredCommits;
  /** When the next one is due; `now`: it is, and the next poll() will send it. */
  readonly due: Instant | "now";
  readonly waiting?: Waiting & { readonly offsets: Offsets };
}

/** Regular commits are simulated again: everything is as those that were sent would have left it. Returns the one that waits. */
export function rouseCommits(on: Client, commits: RousedCommits): OffsetCommit | undefined {
  const { host, commitClock, membership, requests, options } = on;
  const { sent, answered, due, waiting } = commits;
  commitClock.count += sent;
  commitClock.answered = together(commitClock.answered, answered);
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
