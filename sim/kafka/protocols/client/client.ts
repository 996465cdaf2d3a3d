import type { Duration } from "../../../engine/time.ts";
import { MILLISECOND, SECOND } from "../../../engine/time.ts";
import type { BrokerId, ClientId, Generation, GroupId, InstanceId, MemberId, Partitions } from "../../../names.ts";
import type { Happening } from "../../../trace/event.ts";
import type { Topics } from "../../assignors/assignor.ts";
import type { ClientConfig } from "../../config.ts";
import type { Api, ErrorCode, GroupReply, GroupRequest, ListOffsets, OffsetCommit, Offsets } from "../../messages.ts";
import { exponentialBackoff, nextRound } from "../backoff.ts";
import type { Host } from "../host.ts";
import { isEmpty } from "../partitions.ts";
import type { Departure } from "./closing.ts";
import type { CommitClock, CommitPolicy, CommitResult } from "./commits.ts";
import type { Search } from "./coordinator-search.ts";
import type { Holdings } from "./holdings.ts";
import type { PositionLookup } from "./positions.ts";
import type { ClientTraits } from "./profiles.ts";
import type { CommitPurpose, InFlight, Requests } from "./requests.ts";
import type { Subscribed } from "./subscription.ts";
import type { WaitingCommit } from "./waiting-commit.ts";

/** What a consumer sends, and to whom. `any`: whichever broker the client likes best (Kafka: the least loaded node). */
export type MemberOutput =
  | { readonly to: "any"; readonly request: GroupRequest }
  /** To the leaders of the partitions it is about. */
  | { readonly to: "leaders"; readonly request: ListOffsets }
  | { readonly to: BrokerId; readonly request: GroupRequest }
  /** Opens the coordination connection; if that fails the world says `disconnected`. */
  | { readonly to: BrokerId; readonly open: true }
  /** Gives up a connection: that to a coordinator, or the one over which the coordinator was looked for. */
  | { readonly to: BrokerId | "any" | "leaders"; readonly close: true };

/**
 * The consumer's timers. `request` has the API as its subject, the others have none ("").
 * `heartbeat`: the next one is due. `poll`: no poll() for `max.poll.interval.ms`. `lookup`, `offsets`, `commit`: the wait
 * before the next attempt. `auto-commit`: the next poll() commits. `commit-again`: the wait before commitSync() sends again
 * is over. `commit-over`: commitSync() gives up. `close`: the close() of the application gives up waiting.
 *
 * Of the consumer protocol only: `reconciliation`: the wait before the commit of a reconciliation is sent again.
 * Of the classic protocol only: `session`: no good heartbeat reply for `session.timeout.ms`. `prepare`: the commit before a
 * rejoin has been tried for the rebalance timeout. `rejoin`: the wait before the next attempt. `assigned`: the leader has
 * finished computing.
 */
export type MemberTimer =
  | "heartbeat"
  | "session"
  | "poll"
  | "request"
  | "prepare"
  | "rejoin"
  | "lookup"
  | "offsets"
  | "commit"
  | "assigned"
  | "reconciliation"
  | "auto-commit"
  | "commit-again"
  | "commit-over"
  | "close";

/** Who a consumer is and what it was configured to do, whichever protocol it speaks. */
export interface ClientOptions {
  readonly client: ClientId;
  readonly group: GroupId;
  readonly instance?: InstanceId;
  readonly rack?: string;
  readonly subscribed: Subscribed;
  readonly config: ClientConfig;
  /** What this client's library does its own way. */
  readonly traits: ClientTraits;
  /** The client's picture of the topics. When it changes, `metadataChanged()` has to be called. */
  readonly metadata: () => Topics;
  /**
   * Whether the client has a coordination connection to this broker or may open one now: for a while after one failed it
   * may not (`reconnect.backoff.ms`). Kafka: `!isUnavailable(node)`.
   */
  readonly available: (broker: BrokerId) => boolean;
  /** Up to where these partitions were read: what a commit says of them. */
  readonly positions: (partitions: Partitions, purpose: CommitPurpose) => Offsets;
  readonly commits: CommitPolicy;
  /** Whether a commit that is sent now is likely to be answered as usual, so that waiting for it is not worth a word. */
  readonly answersAsUsual: () => boolean;
  /**
   * Whether the application stands still for commits that are answered as usual, too: else its capacity includes those.
   */
  readonly commitsTakeTime: () => boolean;
  /**
   * Of a commit before processing, where such commits take no time: if it would be answered as usual, and taken, the coordinator
   * has it from now on, and the application has begun. Its answer, which is yet to come, changes that no more.
   */
  readonly takesAtOnce: (commit: OffsetCommit) => boolean;
  /** A commit before processing that held the application up was taken: that is processed now. */
  readonly took: (offsets: Offsets) => void;
  /**
   * Reading of these partitions is about to begin at these offsets: committed ones, or what the reset policy led to, and
   * why it was asked. Returns those that cannot be had, because the log no longer reaches back so far.
   */
  readonly start: (offsets: Offsets, origin: "committed" | "reset" | "out-of-range") => Partitions;
}

export const NO_GENERATION: Generation = -1;

/** Who a consumer is to its group: with the consumer protocol `generation` is its epoch. */
export interface Identity {
  readonly generation: Generation;
  readonly member: MemberId;
}

/** What the parts of one consumer that know no protocol work with; each part's own state is described where the part is. */
export interface Client {
  readonly options: ClientOptions;
  readonly host: Host<MemberOutput, MemberTimer>;
  readonly membership: Identity;
  readonly requests: Requests;
  readonly search: Search;
  readonly holdings: Holdings;
  readonly lookup: PositionLookup;
  readonly commitClock: CommitClock;
  readonly waitingCommit: WaitingCommit;
  readonly departure: Departure;
  readonly ways: ProtocolWays;
  /** What the next poll() will throw; nothing is to be expected of this consumer but close(). */
  fatal: ErrorCode | undefined;
  /** A reply has come, or what the client's own network layer says in place of one. */
  receive(reply: GroupReply): void;
}

/** What those parts ask of the protocol that the consumer speaks. */
export interface ProtocolWays {
  /** Whether a coordinator that says that it is none is hung up on, so that all requests to it have failed. */
  readonly hangsUp: boolean;
  /** Whether between two searches for the coordinator there is a wait even if the first one succeeded. */
  readonly spacesSearches: boolean;
  /** How long `close()` waits. */
  readonly closesWithin: Duration;
  /** Some thread looks at what the network brings without the application's being inside poll(). */
  isAwake(): boolean;
  /** The group has other things to do: no positions are looked up. */
  looksUpLater(): boolean;
  /** Likewise: nothing is committed at a regular beat. */
  commitsLater(): boolean;
  /** What the coordinator says of positions counts as long as this stays the same. */
  spell(): Generation;
  /** How an OffsetFetch says who asks, if it has to. */
  fetchesAs(): { readonly member?: MemberId; readonly epoch?: Generation };
  /** How an OffsetCommit does. */
  commitsAs(): Identity;
  /** It has its place in the group, so the coordinator would take its commit. */
  mayCommit(): boolean;
  /** What a commit comes to without being sent; `undefined`: it is sent. */
  commitRefused(): CommitResult | undefined;
  /** What it means, to the one who waits for a commit and to the membership, that the coordinator has refused it. */
  commitFailed(error: ErrorCode, request: InFlight): CommitResult;
  /** The application closes the consumer, and has committed: gives up what it owns, and leaves. */
  leave(): void;
}

/** What a member writes down: everything that names a client. */
type MemberHappening = Extract<Happening, { readonly client: ClientId; readonly group: GroupId }>;

/** Whoever writes down what a client does. */
interface Recording {
  readonly host: Pick<Client["host"], "record">;
  readonly options: Pick<ClientOptions, "client" | "group">;
}

/** Writes down something that this client did or saw. */
export function record<T extends MemberHappening["type"]>(
  { host, options: { client, group } }: Recording,
  type: T,
  fields: Omit<Extract<MemberHappening, { readonly type: T }>, "type" | "client" | "group">,
): void {
  host.record({ type, client, group, ...fields } as unknown as Happening);
}

type DurationSetting = {
  [K in keyof ClientConfig]: K extends `${string}.ms` ? K : never;
}[keyof ClientConfig];

/** A setting of this client as a duration. */
export function setting({ options }: Pick<Client, "options">, key: DurationSetting): Duration {
  return options.config[key] * MILLISECOND;
}

/** How long to wait after so many failures in a row of requests of that kind; the classic join loop alone waits a constant time. */
export function backoff(on: Client, failures: number, api: Api): Duration {
  const { config } = on.options;
  const uniform = on.host.draw("backoff", { uniform: [0, SECOND] }) / SECOND;
  const wait = exponentialBackoff(failures, config["retry.backoff.ms"], config["retry.backoff.max.ms"], uniform);
  return untilNextRound(on, api, wait);
}

/** That wait, or, if that is longer, until the client's thread has come round to send a request of that kind again. */
export function untilNextRound({ requests, host }: Client, api: Api, wait: Duration): Duration {
  return Math.max(wait, nextRound(requests.lastSentAt(api)) - host.now());
}

/** Errors after which the client looks for its coordinator anew. */
export const COORDINATOR_LOST: ReadonlySet<ErrorCode> = new Set([
  "NOT_COORDINATOR",
  "COORDINATOR_NOT_AVAILABLE",
  "DISCONNECTED",
  "TIMED_OUT",
]);

/** It has its coordinator and its positions, waits for no answer, and neither ends nor stands still in a commit. */
export const isIdle = ({ search, departure, waitingCommit, fatal, requests, holdings }: Client): boolean =>
  search.coordinator !== undefined &&
  !departure.phase &&
  !waitingCommit.holdsUp &&
  !waitingCommit.refused &&
  fatal === undefined &&
  requests.size === 0 &&
  isEmpty(holdings.unpositioned);
