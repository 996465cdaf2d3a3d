import type { Duration, Instant } from "../../engine/time.ts";
import { MILLISECOND, SECOND } from "../../engine/time.ts";
import type { BrokerId } from "../../names.ts";
import type { EventId } from "../../trace/event.ts";
import type { GroupReply, GroupRequest } from "../messages.ts";
import { isHeartbeat } from "../messages.ts";

/**
 * What a client's connection to a broker is for. It has one for its coordinator, beside the one it fetches over, and
 * looks for the coordinator over the latter; so the same broker may be known to answer on one of them and not on the
 * other. Kafka: the coordinator's connection has the id 2³¹ − 1 − node.
 */
export const ROLES = ["lookup", "coordination"] as const;
export type Role = (typeof ROLES)[number];

/** Something on its way between a client and a broker, and the event it continues. */
export interface Letter {
  readonly connection: Connection;
  readonly cause: EventId | null;
  /** `open` asks for a connection, `closed` says there is none. */
  readonly body: { readonly request: GroupRequest } | { readonly reply: GroupReply } | "open" | "closed";
}

/** One direction of a connection. */
export interface Way {
  readonly towards: "broker" | "client";
  /** When the last letter arrives: no other overtakes it (TCP). */
  last: Instant;
  /** What could not be sent, in order: it is tried again, the first letter first. */
  readonly held: Letter[];
  /** How often in vain. */
  tries: number;
}

/** A connection as the client has it. */
export interface Connection {
  readonly client: number;
  readonly broker: BrokerId;
  readonly role: Role;
  /** Which life of the broker's process is at its other end. */
  readonly life: number;
  readonly openedAt: Instant;
  readonly toBroker: Way;
  readonly toClient: Way;
  /** The broker has accepted it. */
  accepted: boolean;
  /** Its setup is watched, because it did not succeed at once. */
  watched: boolean;
  /** Requests sent over it that are not answered, by `numberOf`. */
  readonly unanswered: Set<number>;
  /** The other end is gone, and the news of that is on its way. */
  broken: boolean;
  /** The client has given it up. */
  closed: boolean;
}

export const newConnection = (
  client: number,
  broker: BrokerId,
  role: Role,
  life: number,
  openedAt: Instant,
): Connection => ({
  client,
  broker,
  role,
  life,
  openedAt,
  toBroker: { towards: "broker", last: 0, held: [], tries: 0 },
  toClient: { towards: "client", last: 0, held: [], tries: 0 },
  accepted: false,
  watched: false,
  unanswered: new Set(),
  broken: false,
  closed: false,
});

/** Tells a client's requests apart; heartbeats and regular commits are numbered by themselves. */
export function numberOf({ api, id, regular }: Pick<GroupRequest, "api" | "id"> & { regular?: true }): number {
  if (isHeartbeat(api)) return -2 * id;
  return regular ? -2 * id - 1 : id;
}

/** RFC 6298 (2.1): the first wait for an answer to a SYN; then it doubles. */
const FIRST_WAIT_OF_SETUP: Duration = SECOND;

/** Linux's `TCP_RTO_MIN`, which is the first wait wherever a round trip is far shorter; it doubles up to `TCP_RTO_MAX`. */
const FIRST_WAIT: Duration = 200 * MILLISECOND;
const LONGEST_WAIT: Duration = 120 * SECOND;

/**
 * How long TCP waits after so many tries in vain until the next. So what is sent into a cut is not lost for good: a short
 * cut only delays it, and a long one ends with a timeout of the client.
 */
export function waitAfter(tries: number, { accepted }: Pick<Connection, "accepted">): Duration {
  let wait = accepted ? FIRST_WAIT : FIRST_WAIT_OF_SETUP;
  for (let n = 1; n < tries && wait < LONGEST_WAIT; n++) wait *= 2;
  return Math.min(wait, LONGEST_WAIT);
}
