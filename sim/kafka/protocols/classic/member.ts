import type { Duration } from "../../../engine/time.ts";
import type { BrokerId } from "../../../names.ts";
import type { Api, ErrorCode, GroupReply, Heartbeat } from "../../messages.ts";
import type { MemberOutput, MemberTimer } from "../client/client.ts";
import { closeTimeOver, closingCommitAnswered, commitBeforeClose, endIfSettled } from "../client/closing.ts";
import { commitAnswered, commitIfDue, wantsCommit } from "../client/commits.ts";
import {
  canSearch,
  coordinatorAnswered,
  coordinatorFound,
  lookForCoordinator,
  loseCoordinator,
  searchAgain,
} from "../client/coordinator-search.ts";
import { ClientMember } from "../client/member.ts";
import { newParts } from "../client/parts.ts";
import { advancePositions, committedAnswered, listAnswered, wantsPositions } from "../client/positions.ts";
import type { InFlight } from "../client/requests.ts";
import { isElsewhere, recordAnswer, requestOver } from "../client/requests.ts";
import type { Beating, Rest, RestDue, Roused } from "../client/resting.ts";
import type { Subscribed } from "../client/subscription.ts";
import { subscribeTo } from "../client/subscription.ts";
import { commitAgain, commitTimeOver, waitingCommitAnswered } from "../client/waiting-commit.ts";
import type { GroupMember, PollWait } from "../group-member.ts";
import type { Host } from "../host.ts";
import { AssignorMemory } from "./member/assignor-memory.ts";
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
import { Membership } from "./member/membership.ts";
import type { MemberOptions, Participation } from "./member/participation.ts";
import { pollWaitsFor } from "./member/poll-wait.ts";
import { styleOf } from "./member/rebalance-style.ts";
import { beatingOf, canRest, rest, rouse } from "./member/resting.ts";
import { metadataRefreshed, newWatch } from "./member/subscription.ts";
import { classicWays } from "./member/ways.ts";
import type { ClassicMemberState } from "./member-states.ts";

export type { ConfiguredAssignor, MemberOptions } from "./member/participation.ts";

/**
 * A consumer of the classic protocol: what the application's thread does inside poll(), and what the heartbeat thread
 * does beside it. The parts are in `member/`, one for each concern, and in `../client/` what clients of all protocols have
 * in common. Kafka: `AbstractCoordinator`, `ConsumerCoordinator`, `ClassicKafkaConsumer`.
 *
 * While the member is in a generation its heartbeat thread takes replies as they come; otherwise they wait for poll().
 */
export class ClassicMember extends ClientMember implements GroupMember {
  readonly #on: Participation;
  /** Replies that came while no thread looked at the network. */
  readonly #unread: { readonly reply: GroupReply; readonly request: InFlight }[] = [];
  #failure: ErrorCode | undefined;

  constructor(options: MemberOptions, host: Host<MemberOutput, MemberTimer>) {
    super();
    const hands = { options, host };
    const membership = new Membership(hands);
    this.#on = {
      ...hands,
      membership,
      ...newParts({ ...hands, membership }),
      rejoin: newRejoin(),
      beats: newBeats(),
      watch: newWatch(options.subscribed, options.metadata()),
      ways: classicWays(options, () => this.#on),
      memory: new AssignorMemory(),
      style: styleOf(options.assignors),
      receive: (reply) => this.receive(reply),
    };
  }

  protected get client(): Participation {
    return this.#on;
  }

  get state(): ClassicMemberState {
    return this.#on.membership.state;
  }

  /** Which way this consumer rebalances. */
  get protocol(): "EAGER" | "COOPERATIVE" {
    return this.#on.style.protocol;
  }

  readonly pollsStepByStep = false;

  get pollWaitsFor(): PollWait {
    return pollWaitsFor(this.#on);
  }

  get failure(): ErrorCode | undefined {
    return this.#failure;
  }

  get hasYetToPoll(): boolean {
    return this.#on.beats.stuck;
  }

  get wantsPoll(): boolean {
    const on = this.#on;
    if (on.departure.phase || this.#failure || this.heldUp) return false;
    if (this.#unread.length > 0 || on.fatal || on.waitingCommit.returned) return true;
    if (on.search.coordinator === undefined) return joinHasFailed(on) || (!on.ways.isAwake() && canSearch(on));
    return canAdvance(on) || wantsPositions(on) || wantsCommit(on);
  }

  // ---------------------------------------------------------------- the application's thread

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

  startBatch(lasts: Duration, over: Duration = 0): void {
    batchStarted(this.#on, lasts, over);
  }

  worksOn(): void {
    worksOn(this.#on);
  }

  subscribe(subscribed: Subscribed): void {
    subscribeTo(this.#on.watch, subscribed, this.#on.options.metadata());
  }

  metadataChanged(): void {
    metadataRefreshed(this.#on);
  }

  // ---------------------------------------------------------------- heartbeats that are worked out, not simulated

  get beating(): Beating {
    return beatingOf(this.#on);
  }

  get canRest(): boolean {
    return this.#unread.length === 0 && canRest(this.#on);
  }

  rest(due: RestDue): Rest {
    return rest(this.#on, due);
  }

  rouse(roused: Roused): Heartbeat | undefined {
    return rouse(this.#on, roused);
  }

  // ---------------------------------------------------------------- the network, and the heartbeat thread

  receive(reply: GroupReply): void {
    const on = this.#on;
    const request = on.requests.take(reply);
    if (!request) return; // of a connection that was given up
    const lost = reply.error === "DISCONNECTED" || reply.error === "TIMED_OUT";
    if (!lost && !isElsewhere(reply.api)) coordinatorAnswered(on);
    recordAnswer(on, request, reply);
    if (on.ways.isAwake()) this.#handle(reply, request);
    else this.#unread.push({ reply, request });
    advanceInBackground(on);
    endIfSettled(on);
  }

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
        if (!isElsewhere(subject as Api) && !on.departure.phase) loseCoordinator(on, "TIMED_OUT");
        return;
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
