import type { Duration } from "../../../engine/time.ts";
import type { BrokerId } from "../../../names.ts";
import type { ConsumerGroupHeartbeat, GroupReply } from "../../messages.ts";
import type { MemberOutput, MemberTimer } from "../client/client.ts";
import { commitIfDue, wantsCommit } from "../client/commits.ts";
import { lookForCoordinator, loseCoordinator } from "../client/coordinator-search.ts";
import type { OwnTimer } from "../client/member.ts";
import { ClientMember } from "../client/member.ts";
import { newParts } from "../client/parts.ts";
import {
  advancePositions,
  advancePositionsInBackground,
  committedAnswered,
  listAnswered,
  wantsPositions,
} from "../client/positions.ts";
import type { InFlight } from "../client/requests.ts";
import type { Beating, Rest, RestDue, Roused } from "../client/resting.ts";
import type { Subscribed } from "../client/subscription.ts";
import { newSubscription, subscribeTo, takeNames } from "../client/subscription.ts";
import type { GroupMember, PollWait } from "../group-member.ts";
import type { Host } from "../host.ts";
import { finishLosing, join, newLosses } from "./member/fencing.ts";
import { newBeats } from "./member/beats.ts";
import { advanceHeartbeats, heartbeatAnswered } from "./member/heartbeats.ts";
import { Membership } from "./member/membership.ts";
import type { MemberOptions, Participation } from "./member/participation.ts";
import { batchStarted, polled, rejoinIfStale } from "./member/poll-interval.ts";
import {
  newReconciliation,
  reconcile,
  reconcileInPoll,
  reconciliationCommitAnswered,
  resendCommit,
  runCallback,
  waitedToCommit,
  waitsForCallback,
  wantsToReconcile,
} from "./member/reconciliation.ts";
import { releaseTraits } from "./member/releases.ts";
import { newSentFields } from "./member/request.ts";
import { beatingOf, canRest, rest, rouse } from "./member/resting.ts";
import { consumerWays } from "./member/ways.ts";
import type { ConsumerMemberState } from "./member-states.ts";

export type { MemberOptions } from "./member/participation.ts";

/**
 * A consumer of the consumer protocol (KIP-848): a background thread that sends and hears everything, at once, and an
 * application's thread whose poll() runs callbacks. The parts are in `member/`, one for each concern, and in `../client/`
 * what clients of all protocols have in common. Kafka: `AsyncKafkaConsumer`, `ConsumerNetworkThread`,
 * `ConsumerMembershipManager`, `ConsumerHeartbeatRequestManager`.
 *
 * One poll() runs one callback: the next one needs the background thread in between.
 */
export class ConsumerMember extends ClientMember implements GroupMember {
  readonly #on: Participation;

  constructor(options: MemberOptions, host: Host<MemberOutput, MemberTimer>) {
    super();
    const hands = { options, host };
    const release = releaseTraits(options.traits.version);
    const membership = new Membership(hands, release.makesItsId ? `${options.client}-1` : "");
    this.#on = {
      ...hands,
      membership,
      ...newParts({ ...hands, membership }),
      release,
      subscription: newSubscription(options.subscribed, options.metadata()),
      beats: newBeats(),
      sent: newSentFields(),
      reconciliation: newReconciliation(),
      losses: newLosses(),
      ways: consumerWays(() => this.#on),
      receive: (reply) => this.receive(reply),
    };
  }

  protected get client(): Participation {
    return this.#on;
  }

  get state(): ConsumerMemberState {
    return this.#on.membership.state;
  }

  /** Between two callbacks the background thread has its turn. */
  readonly pollsStepByStep = true;

  readonly joinsAgain = false;

  /** The search for the coordinator is the background thread's. */
  get pollWaitsFor(): PollWait {
    return "nothing";
  }

  get hasYetToPoll(): boolean {
    return this.#on.beats.stuck;
  }

  protected get hasToDo(): boolean {
    const on = this.#on;
    if (on.losses.pending || this.state === "UNSUBSCRIBED" || this.state === "STALE") return true;
    if (wantsToReconcile(on)) return true;
    return wantsPositions(on) || wantsCommit(on); // leaders are asked whether there is a coordinator or not
  }

  // ---------------------------------------------------------------- the application's thread

  protected polled(): void {
    const on = this.#on;
    const calledBack = waitsForCallback(on);
    polled(on);
    reconcileInPoll(on);
    commitIfDue(on);
    if (this.state === "UNSUBSCRIBED") {
      lookForCoordinator(on);
      join(on, "polled");
    }
    if (calledBack) runCallback(on);
    if (on.losses.pending) finishLosing(on);
    rejoinIfStale(on);
    if (this.throws()) return;
    advancePositions(on);
    this.throws();
    this.#advance();
  }

  startBatch(lasts: Duration, over: Duration = 0): void {
    batchStarted(this.#on, lasts, over);
  }

  /** Its heartbeats never waited for that. */
  worksOn(): void {}

  subscribe(subscribed: Subscribed): void {
    subscribeTo(this.#on.subscription, subscribed, this.#on.options.metadata());
  }

  metadataChanged(): void {
    takeNames(this.#on.subscription, this.#on.options.metadata());
  }

  // ---------------------------------------------------------------- the background thread

  protected hear(reply: GroupReply, request: InFlight): void {
    this.#handle(reply, request);
    this.#advance();
  }

  /** A connection that breaks while nothing is on its way over it is not missed before the next request. */
  disconnected(broker: BrokerId): void {
    const on = this.#on;
    if (broker === on.search.coordinator && on.requests.toCoordinator().length > 0) loseCoordinator(on, "DISCONNECTED");
  }

  #handle(reply: GroupReply, request: InFlight): void {
    const on = this.#on;
    switch (reply.api) {
      case "FindCoordinator":
        return this.coordinatorIs(reply, () => resendCommit(on));
      case "ConsumerGroupHeartbeat":
        return heartbeatAnswered(on, reply, request);
      case "OffsetCommit":
        return this.commitAnswered(reply.error, request, (result, purpose) => {
          if (purpose === "before-rebalance") reconciliationCommitAnswered(on, result);
        });
      case "OffsetFetch":
        committedAnswered(on, reply);
        return advancePositionsInBackground(on);
      case "ListOffsets":
        listAnswered(on, reply);
        return advancePositionsInBackground(on);
    }
  }

  override fire(timer: MemberTimer, subject: string): void {
    super.fire(timer, subject);
    this.#advance();
  }

  protected ended(timer: OwnTimer): void {
    const on = this.#on;
    switch (timer) {
      case "heartbeat":
        on.beats.timer = undefined;
        return;
      case "poll":
        on.beats.pollOver = true;
        return;
      case "offsets":
        on.lookup.waiting = false;
        return advancePositions(on);
      case "reconciliation":
        return waitedToCommit(on);
    }
  }

  /** What the background thread does whenever something has changed. */
  #advance(): void {
    const on = this.#on;
    reconcile(on);
    advanceHeartbeats(on);
    reconcile(on); // a newer target, if the last one was just acknowledged
  }

  // ---------------------------------------------------------------- heartbeats that are worked out, not simulated

  get beating(): Beating {
    return beatingOf(this.#on);
  }

  get canRest(): boolean {
    return canRest(this.#on);
  }

  rest(due: RestDue): Rest {
    return rest(this.#on, due);
  }

  rouse(roused: Roused): ConsumerGroupHeartbeat | undefined {
    return rouse(this.#on, roused);
  }
}
