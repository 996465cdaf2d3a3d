import type { Duration, Instant } from "../../../engine/time.ts";
import type { BrokerId, Generation, MemberId, Partitions } from "../../../names.ts";
import type { Api, ErrorCode, GroupReply, Heartbeat, OffsetCommit } from "../../messages.ts";
import type { Host } from "../host.ts";
import { AssignorMemory } from "./member/assignor-memory.ts";
import { commitIfDue, wantsCommit } from "./member/commit-clock.ts";
import type { CommitResult } from "./member/commits.ts";
import type { PollWait } from "./member/coordinator-search.ts";
import {
  commitAnswered,
  commitBatch,
  newCommitClock,
  positionsAsCommit,
  sendCommit,
  waitsForCommits,
} from "./member/commits.ts";
import {
  canSearch,
  coordinatorAnswered,
  coordinatorFound,
  isAwake,
  lookForCoordinator,
  loseCoordinator,
  newSearch,
  pollWaitsFor,
  searchAgain,
} from "./member/coordinator-search.ts";
import {
  batchStarted,
  heartbeatAnswered,
  heartbeatDue,
  newBeats,
  polled,
  pollIntervalOver,
  resumeHeartbeats,
  sessionOver,
  worksOn,
} from "./member/heartbeats.ts";
import { Holdings } from "./member/holdings.ts";
import {
  advanceInBackground,
  advanceJoin,
  assignmentComputed,
  canAdvance,
  joinAnswered,
  joinHasFailed,
  newRejoin,
  noticeFailedJoin,
  syncAnswered,
} from "./member/join.ts";
import {
  close,
  closeTimeOver,
  closingCommitAnswered,
  commitBeforeClose,
  endIfSettled,
  newDeparture,
} from "./member/leaving.ts";
import { Membership } from "./member/membership.ts";
import type { MemberOptions, MemberOutput, MemberTimer, Participation } from "./member/participation.ts";
import {
  advancePositions,
  committedAnswered,
  fellOutOfRange,
  listAnswered,
  newLookup,
  wantsPositions,
} from "./member/positions.ts";
import { styleOf } from "./member/rebalance-style.ts";
import type { InFlight } from "./member/requests.ts";
import { recordAnswer, requestOver, Requests } from "./member/requests.ts";
import type { Rest, Roused, RousedCommits } from "./member/resting.ts";
import { canRest, rest, rouse, rouseCommits } from "./member/resting.ts";
import type { Subscribed } from "./member/subscription.ts";
import { metadataRefreshed, newWatch, subscribe } from "./member/subscription.ts";
import {
  commitAgain,
  commitAndWait,
  commitTimeOver,
  delayCommit,
  newWaitingCommit,
  waitingCommitAnswered,
} from "./member/waiting-commit.ts";
import type { ClassicMemberState } from "./member-states.ts";

export type { CommitPolicy } from "./member/commits.ts";
export { waitsForCommits } from "./member/commits.ts";
export type { CommitPurpose } from "./member/requests.ts";
export type { ConfiguredAssignor, MemberOptions, MemberOutput, MemberTimer } from "./member/participation.ts";
export type { ClientProfile, ClientTraits } from "./member/profiles.ts";
export { CLIENT_PROFILES, clientTraits, isClientProfile, PROFILE_DEFAULTS } from "./member/profiles.ts";

/**
 * A consumer of the classic protocol: what the application's thread does inside poll(), and what the heartbeat thread
 * does beside it. The parts are in `member/`, one for each concern. Kafka: `AbstractCoordinator`,
 * `ConsumerCoordinator`, `ClassicKafkaConsumer`.
 *
 * The world calls `poll()` when the application does, and after anything else only if `wantsPoll` says that the
 * application's thread has something to do (a healthy consumer polls all the time and nothing comes of it, so those
 * polls need not be events). While the member is in a generation its heartbeat thread takes replies as they come;
 * otherwise they wait for poll().
 */
export class ClassicMember {
  readonly #on: Participation;
  /** Replies that came while no thread looked at the network. */
  readonly #unread: { readonly reply: GroupReply; readonly request: InFlight }[] = [];
  #failure: ErrorCode | undefined;

  constructor(options: MemberOptions, host: Host<MemberOutput, MemberTimer>) {
    const hands = { options, host };
    const membership = new Membership(hands);
    this.#on = {
      ...hands,
      membership,
      requests: new Requests(host),
      search: newSearch(),
      rejoin: newRejoin(),
      holdings: new Holdings({ ...hands, membership }),
      lookup: newLookup(),
      beats: newBeats(),
      commitClock: newCommitClock(),
      waitingCommit: newWaitingCommit(),
      departure: newDeparture(),
      watch: newWatch(options.subscribed, options.metadata()),
      memory: new AssignorMemory(),
      style: styleOf(options.assignors),
      fatal: undefined,
      receive: (reply) => this.receive(reply),
    };
  }

  get state(): ClassicMemberState {
    return this.#on.membership.state;
  }

  get generation(): Generation {
    return this.#on.membership.generation;
  }

  get memberId(): MemberId {
    return this.#on.membership.member;
  }

  get owned(): Partitions {
    return this.#on.holdings.owned;
  }

  /** What it reads: owned, and the place to start is known. */
  get reading(): Partitions {
    return this.#on.holdings.reading;
  }

  get coordinator(): BrokerId | undefined {
    return this.#on.search.coordinator;
  }

  /** Which way this consumer rebalances. */
  get protocol(): "EAGER" | "COOPERATIVE" {
    return this.#on.style.protocol;
  }

  get closed(): boolean {
    return this.#on.departure.phase === "closed";
  }

  /** What holds every poll() up, and so what the application gets to read. */
  get pollWaitsFor(): PollWait {
    return pollWaitsFor(this.#on);
  }

  /** What poll() has thrown, which no further poll() would mend: the application is expected to close. */
  get failure(): ErrorCode | undefined {
    return this.#failure;
  }

  /** Requests sent and neither answered, nor timed out, nor failed with their connection. */
  get requestsInFlight(): number {
    return this.#on.requests.size;
  }

  /** The application stands still inside a `commitSync()`: it does not poll, and nothing is read. */
  get heldUp(): boolean {
    return this.#on.waitingCommit.holdsUp;
  }

  /** The application has come out of a `commitSync()` that had held it up, and calls poll() next. */
  get pollsNext(): boolean {
    return this.#on.waitingCommit.returned;
  }

  /** The application was stuck, in a batch or in a `commitSync()`, and has not called poll() since. */
  get hasYetToPoll(): boolean {
    return this.#on.beats.stuck;
  }

  /** Whether the application's thread, once inside poll(), has anything to do for the group. */
  get wantsPoll(): boolean {
    const on = this.#on;
    if (on.departure.phase || this.#failure || this.heldUp) return false;
    if (this.#unread.length > 0 || on.fatal || on.waitingCommit.returned) return true;
    if (on.search.coordinator === undefined) return joinHasFailed(on) || (!isAwake(on) && canSearch(on));
    return canAdvance(on) || wantsPositions(on) || wantsCommit(on);
  }

  // ---------------------------------------------------------------- the application's thread

  /** The application calls poll(): everything that waited for its thread happens now. */
  poll(): void {
    const on = this.#on;
    if (on.departure.phase || this.#failure || this.heldUp) return;
    on.waitingCommit.returned = false;
    polled(on);
    for (let next = this.#unread.shift(); next; next = this.#unread.shift()) this.#handle(next.reply, next.request);
    if (joinHasFailed(on)) noticeFailedJoin(on);
    if (on.fatal === undefined && on.search.coordinator === undefined) return lookForCoordinator(on);
    advanceJoin(on);
    this.#failure = on.fatal;
    if (this.#failure) return;
    commitIfDue(on);
    advancePositions(on);
    this.#failure = on.fatal;
  }

  /**
   * The application polls only after a batch of that length, of which some may be `over` already. Only batches longer
   * than `max.poll.interval.ms` matter to the consumer, so the world may leave the others out.
   */
  startBatch(lasts: Duration, over: Duration = 0): void {
    batchStarted(this.#on, lasts, over);
  }

  /** Nothing holds the application up any more: it is through with some record every now and then. */
  worksOn(): void {
    worksOn(this.#on);
  }

  /** The application commits what it has read. `sent`: the trace will tell what came of it. */
  commit(): "sent" | CommitResult {
    return sendCommit(this.#on, "application");
  }

  /** The application, which commits by itself, is through with a batch, or about to begin one. May hold it up. */
  commitBatch(): void {
    if (waitsForCommits(this.#on.options.commits)) commitAndWait(this.#on);
    else commitBatch(this.#on);
  }

  /** The coordinator does not answer as usual any more: an application that waits for a commit is held up. */
  coordinatorDisturbed(): void {
    delayCommit(this.#on);
  }

  /** A commit as it would be sent now, if there is anything to commit and anybody to send it to. */
  positionsAsCommit(): OffsetCommit | undefined {
    return positionsAsCommit(this.#on);
  }

  /** The application subscribes to something else; acted upon in its next poll(). */
  subscribe(subscribed: Subscribed): void {
    subscribe(this.#on, subscribed);
  }

  /** The client's picture of the topics has changed; acted upon in the next poll(). */
  metadataChanged(): void {
    metadataRefreshed(this.#on);
  }

  /** Retention has taken what was to be read next of these partitions. */
  fellOutOfRange(partitions: Partitions): void {
    fellOutOfRange(this.#on, partitions);
  }

  /** The application closes the consumer. `unsaved`: it has done something that it would have committed by itself. */
  close(unsaved = false): void {
    close(this.#on, unsaved);
  }

  // ---------------------------------------------------------------- heartbeats that are worked out, not simulated

  /** Whether nothing can come of its next heartbeats but that they push its session on, until something touches it. */
  get canRest(): boolean {
    return this.#unread.length === 0 && canRest(this.#on);
  }

  /** Its heartbeats are not simulated from now on: puts its timers away. Told when they are due. */
  rest(due: { readonly heartbeat: Instant; readonly session: Instant }): Rest {
    return rest(this.#on, due);
  }

  /** They are again: everything is as `sent` heartbeats would have left it. Returns the one that waits for its reply. */
  rouse(roused: Roused): Heartbeat | undefined {
    return rouse(this.#on, roused);
  }

  /** Likewise regular commits. */
  rouseCommits(commits: RousedCommits): OffsetCommit | undefined {
    return rouseCommits(this.#on, commits);
  }

  /** The next poll() commits, since it is time. */
  get commitIsDue(): boolean {
    return this.#on.commitClock.due;
  }

  /** What a commit would be about. */
  get positioned(): Partitions {
    return this.#on.holdings.positioned;
  }

  // ---------------------------------------------------------------- the network, and the heartbeat thread

  /** A reply arrives, or the client's network layer gives a request up (`DISCONNECTED`, `TIMED_OUT`). */
  receive(reply: GroupReply): void {
    const on = this.#on;
    const request = on.requests.take(reply);
    if (!request) return; // of a connection that was given up
    const lost = reply.error === "DISCONNECTED" || reply.error === "TIMED_OUT";
    if (!lost && reply.api !== "FindCoordinator" && reply.api !== "ListOffsets") coordinatorAnswered(on);
    recordAnswer(on, request, reply);
    if (isAwake(on)) this.#handle(reply, request);
    else this.#unread.push({ reply, request });
    advanceInBackground(on);
    endIfSettled(on);
  }

  /** The connection to this broker broke, or could not be opened: every request on it has failed. */
  disconnected(broker: BrokerId): void {
    if (broker === this.#on.search.coordinator) loseCoordinator(this.#on, "DISCONNECTED");
  }

  #handle(reply: GroupReply, request: InFlight): void {
    const on = this.#on;
    switch (reply.api) {
      case "FindCoordinator":
        if (!coordinatorFound(on, reply)) return;
        resumeHeartbeats(on);
        commitAgain(on);
        return commitBeforeClose(on);
      case "JoinGroup":
        return joinAnswered(on, reply, request);
      case "SyncGroup":
        return syncAnswered(on, reply, request);
      case "Heartbeat":
        return heartbeatAnswered(on, reply.error, request);
      case "OffsetCommit":
        return this.#commitAnswered(reply.error, request);
      case "OffsetFetch":
        return committedAnswered(on, reply);
      case "ListOffsets":
        return listAnswered(on, reply);
      case "LeaveGroup": // nobody waits for it but close(), whatever it says
    }
  }

  #commitAnswered(error: ErrorCode, request: InFlight): void {
    const on = this.#on;
    const result = commitAnswered(on, error, request);
    if (request.purpose === "closing") return closingCommitAnswered(on, result);
    if (request.purpose === "batch") return waitingCommitAnswered(on, result, request);
    const { rejoin } = on;
    const awaited = request.purpose === "before-rebalance" && rejoin.commit === "under-way";
    if (awaited) rejoin.commit = result === "retriable" ? "to-be-repeated" : "settled";
  }

  fire(timer: MemberTimer, subject: string): void {
    const on = this.#on;
    switch (timer) {
      case "heartbeat":
        return heartbeatDue(on);
      case "session":
        return sessionOver(on);
      case "poll":
        return pollIntervalOver(on);
      case "request": // Kafka gives up the whole connection with it
        requestOver(on, subject as Api);
        return on.departure.phase || subject === "FindCoordinator" ? undefined : loseCoordinator(on, "TIMED_OUT");
      case "prepare": // wantsPoll is true from now on
        return;
      case "rejoin":
        on.rejoin.waiting = false;
        return advanceInBackground(on);
      case "lookup":
        return searchAgain(on);
      case "offsets":
        on.lookup.waiting = false;
        return;
      case "commit":
        on.departure.waiting = false;
        return commitBeforeClose(on);
      case "commit-again":
        on.waitingCommit.waiting = false;
        return commitAgain(on);
      case "commit-over":
        return commitTimeOver(on);
      case "auto-commit": // the next poll() will
        on.commitClock.due = true;
        return;
      case "assigned":
        return assignmentComputed(on);
      case "close":
        return closeTimeOver(on);
    }
  }
}
