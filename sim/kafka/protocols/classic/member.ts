import type { Duration } from "../../../engine/time.ts";
import type { BrokerId } from "../../../names.ts";
import type { GroupReply, Heartbeat } from "../../messages.ts";
import type { MemberOutput, MemberTimer } from "../client/client.ts";
import { commitIfDue, wantsCommit } from "../client/commits.ts";
import { canSearch, lookForCoordinator, loseCoordinator } from "../client/coordinator-search.ts";
import type { OwnTimer } from "../client/member.ts";
import { ClientMember } from "../client/member.ts";
import { newParts } from "../client/parts.ts";
import { advancePositions, committedAnswered, listAnswered, wantsPositions } from "../client/positions.ts";
import type { InFlight } from "../client/requests.ts";
import type { Beating, Rest, RestDue, Roused } from "../client/resting.ts";
import type { Subscribed } from "../client/subscription.ts";
import { subscribeTo } from "../client/subscription.ts";
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
import { changeToNotice, metadataRefreshed, newWatch } from "./member/subscription.ts";
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

  get hasYetToPoll(): boolean {
    return this.#on.beats.stuck;
  }

  get joinsAgain(): boolean {
    return this.#on.rejoin.why !== undefined || changeToNotice(this.#on) !== undefined;
  }

  protected get hasToDo(): boolean {
    const on = this.#on;
    if (this.#unread.length > 0) return true;
    if (on.search.coordinator === undefined) return joinHasFailed(on) || (!on.ways.isAwake() && canSearch(on));
    return canAdvance(on) || wantsPositions(on) || wantsCommit(on);
  }

  // ---------------------------------------------------------------- the application's thread

  protected polled(): void {
    const on = this.#on;
    polled(on);
    for (let next = this.#unread.shift(); next; next = this.#unread.shift()) this.#handle(next.reply, next.request);
    if (joinHasFailed(on)) noticeFailedJoin(on);
    if (on.fatal === undefined && on.search.coordinator === undefined) return lookForCoordinator(on);
    advanceJoin(on);
    if (this.throws()) return;
    commitIfDue(on);
    advancePositions(on);
    this.throws();
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

  protected hear(reply: GroupReply, request: InFlight): void {
    const on = this.#on;
    if (on.ways.isAwake()) this.#handle(reply, request);
    else this.#unread.push({ reply, request });
    advanceInBackground(on);
  }

  disconnected(broker: BrokerId): void {
    if (broker === this.#on.search.coordinator) loseCoordinator(this.#on, "DISCONNECTED");
  }

  #handle(reply: GroupReply, request: InFlight): void {
    const on = this.#on;
    switch (reply.api) {
      case "FindCoordinator":
        return this.coordinatorIs(reply, () => resumeHeartbeats(on));
      case "JoinGroup":
        return joinAnswered(on, reply, request);
      case "SyncGroup":
        return syncAnswered(on, reply, request);
      case "Heartbeat":
        return heartbeatAnswered(on, reply.error, request);
      case "OffsetCommit":
        return this.commitAnswered(reply.error, request, (result, purpose) => {
          const { rejoin } = on;
          if (purpose !== "before-rebalance" || rejoin.commit !== "under-way") return;
          rejoin.commit = result === "retriable" ? "to-be-repeated" : "settled";
        });
      case "OffsetFetch":
        return committedAnswered(on, reply);
      case "ListOffsets":
        return listAnswered(on, reply);
      case "LeaveGroup": // nobody waits for it but close(), whatever it says
    }
  }

  protected ended(timer: OwnTimer): void {
    const on = this.#on;
    switch (timer) {
      case "heartbeat":
        return heartbeatDue(on);
      case "session":
        return sessionOver(on);
      case "poll":
        return pollIntervalOver(on);
      case "prepare": // wantsPoll is true from now on
        return;
      case "rejoin":
        on.rejoin.waiting = false;
        return advanceInBackground(on);
      case "offsets":
        on.lookup.waiting = false;
        return;
      case "assigned":
        return assignmentComputed(on);
    }
  }
}
