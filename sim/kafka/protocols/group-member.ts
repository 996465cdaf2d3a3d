import type { Duration } from "../../engine/time.ts";
import type { BrokerId, Generation, MemberId, Partitions } from "../../names.ts";
import type { ConsumerGroupHeartbeat, ErrorCode, GroupReply, Heartbeat, OffsetCommit } from "../messages.ts";
import type { MemberTimer } from "./client/client.ts";
import type { AnsweredCommits } from "./client/answered-commits.ts";
import type { CommitResult } from "./client/commits.ts";
import type { Beating, Rest, RestDue, Roused, RousedCommits } from "./client/resting.ts";
import type { Subscribed } from "./client/subscription.ts";
import type { ZooKeeperConsumerTimer } from "./zookeeper/consumer.ts";

/** What every poll() waits for, at most its timeout, before it returns what has been fetched. */
export type PollWait = "nothing" | "coordinator" | "reconnection";

/**
 * A consumer, as the world around it sees it: an application that polls, closes and is stuck at times, a network that
 * brings replies, and timers. Which protocol it speaks to its group is its own affair.
 *
 * The world calls `poll()` when the application does, and after anything else only if `wantsPoll` says that the
 * application's thread has something to do (a healthy consumer polls all the time and nothing comes of it, so those
 * polls need not be events). What needs no poll() happens at once.
 */
export interface GroupMember {
  /** Its own view of its membership, in the words of its protocol. */
  readonly state: string;
  /** The generation it is in, or with the consumer protocol its epoch; −1 where there is none. */
  readonly generation: Generation;
  /** What its coordinator knows it by; "" while it does not. */
  readonly memberId: MemberId;
  readonly owned: Partitions;
  /** What it reads: owned, and the place to start is known. */
  readonly reading: Partitions;
  /** Owned, and the application has got records of it: what a commit is about. */
  readonly positioned: Partitions;
  /** Where it takes its coordinator to be. */
  readonly coordinator: BrokerId | undefined;
  /** close() is through. */
  readonly closed: boolean;
  /** What poll() has thrown, which no further poll() would mend: the application is expected to close. */
  readonly failure: ErrorCode | undefined;

  // ---------------------------------------------------------------- the application's thread

  /** Whether the application's thread, once inside poll(), has anything to do for the group. */
  readonly wantsPoll: boolean;
  /** The application calls poll(): everything that waited for its thread happens now, or one step of that. */
  poll(): void;
  /** poll() has a rejoin to begin, or to go on with; never where members join beside it. */
  readonly joinsAgain: boolean;
  /** One poll() does one step, and what follows from it waits for the next one, even if that is at the same instant. */
  readonly pollsStepByStep: boolean;
  /** What holds every poll() up, and so what the application gets to read. */
  readonly pollWaitsFor: PollWait;
  /** The application was stuck, in a batch or in a `commitSync()`, and has not called poll() since. */
  readonly hasYetToPoll: boolean;
  /**
   * The application polls only after a batch of that length, of which some may be `over` already. Only batches longer
   * than `max.poll.interval.ms` matter to the consumer, so the world may leave the others out.
   */
  startBatch(lasts: Duration, over?: Duration): void;
  /** Nothing holds the application up any more: it is through with some record every now and then. */
  worksOn(): void;
  /** The application subscribes to something else; acted upon in its next poll(). */
  subscribe(subscribed: Subscribed): void;
  /** The client's picture of the topics has changed; acted upon in the next poll(). */
  metadataChanged(): void;
  /** Retention has taken what was to be read next of these partitions. */
  fellOutOfRange(partitions: Partitions): void;
  /** The application closes the consumer. `unsaved`: it has done something that it would have committed by itself. */
  close(unsaved?: boolean): void;

  // ---------------------------------------------------------------- commits

  /** The application commits what it has read. `sent`: the trace will tell what came of it. */
  commit(): "sent" | CommitResult;
  /** The application, which commits by itself, is through with a batch, or about to begin one. May hold it up. */
  commitBatch(): void;
  /** The application stands still inside a `commitSync()`: it does not poll, and nothing is read. */
  readonly heldUp: boolean;
  /** The same, for an answer that comes as usual, as far as is known: what it has asked for is on its way. */
  readonly heldUpAsUsual: boolean;
  /**
   * What it was about to process could not be committed before: the application has sought back to it, and polls, and nothing is
   * read until a commit is taken.
   */
  readonly soughtBack: boolean;
  /** It is through with polling: lets it commit again, if that may help. Returns whether it does. */
  commitsAgain(): boolean;
  /** The coordinator does not answer as usual any more: an application that waits for a commit is held up. */
  coordinatorDisturbed(): void;
  /** Whether a commit would be sent now, if there is anything to commit and a coordinator: it has its place in the group. */
  readonly mayCommit: boolean;
  /** A commit as it would be sent now, if there is anything to commit and anybody to send it to. */
  positionsAsCommit(): OffsetCommit | undefined;

  /** Commits at a regular beat, or of a batch, that a coordinator has answered as usual since this was last asked. */
  takeAnsweredCommits(): AnsweredCommits;

  // ---------------------------------------------------------------- the network, and timers

  /** A reply arrives, or the client's network layer gives a request up (`DISCONNECTED`, `TIMED_OUT`). */
  receive(reply: GroupReply): void;
  /** The coordination connection to this broker broke, or could not be opened: every request on it has failed. */
  disconnected(broker: BrokerId): void;
  /** One of its timers has ended. */
  fire(timer: MemberTimer | ZooKeeperConsumerTimer, subject: string): void;

  // ---------------------------------------------------------------- heartbeats that are worked out, not simulated

  /** How it keeps its place; `undefined`: it sends no heartbeats. */
  readonly beating: Beating | undefined;
  /** Whether nothing can come of its next heartbeats but that they push its session on, until something touches it. */
  readonly canRest: boolean;
  /** Its heartbeats are not simulated from now on: puts its timers away. Told when they are due. */
  rest(due: RestDue): Rest;
  /** They are again: everything is as `sent` heartbeats would have left it. Returns the one that waits for its reply. */
  rouse(roused: Roused): Heartbeat | ConsumerGroupHeartbeat | undefined;
  /** Likewise regular commits. */
  rouseCommits(commits: RousedCommits): OffsetCommit | undefined;
  /** The next poll() commits, since it is time. */
  readonly commitIsDue: boolean;
}
