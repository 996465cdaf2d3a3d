import type { Engine } from "../engine/engine.ts";
import type { Duration, Instant } from "../engine/time.ts";
import { MILLISECOND } from "../engine/time.ts";
import type { Law } from "../engine/variates.ts";
import { reachOf } from "../engine/variates.ts";
import type { Cluster } from "../kafka/cluster/cluster.ts";
import type { GroupReply, GroupRequest, OffsetCommit, Offsets } from "../kafka/messages.ts";
import type { Network } from "../kafka/network/network.ts";
import { ORDER } from "../kafka/order.ts";
import type { OffsetsRecord } from "../kafka/protocols/coordination/committed-offsets.ts";
import { countOf, isEmpty } from "../kafka/protocols/partitions.ts";
import type { Beating } from "../kafka/protocols/client/resting.ts";
import type { BrokerId, GroupId } from "../names.ts";
import type { EventId } from "../trace/event.ts";
import type { Recorder } from "../trace/recorder.ts";
import type { CommitMade, CommitsMade } from "../workload/service.ts";
import { type BeatDelays, type Sent, type Worked, nthBeat, workedOut } from "./beats.ts";
import type { Consumer } from "./consumers/consumer.ts";
import { answeredCommits } from "./timed-commits.ts";

/** Whether healthy heartbeats are worked out when something needs them, or every one is simulated. */
export type HeartbeatMode = "elided" | "explicit";

export interface HeartbeatsHost {
  readonly engine: Engine;
  readonly recorder: Recorder;
  cluster(): Cluster;
  network(): Network;
  /** Where a consumer's reading stood at an instant at which it committed. */
  positionsAt(consumer: Consumer, instant: Instant): Offsets;
  /** It was time for this consumer to commit: its next poll will. */
  commitAtNextPoll(consumer: Consumer, cause: EventId | null): void;
}

/** A consumer whose heartbeats are not simulated at present. */
interface Resting {
  readonly broker: BrokerId;
  readonly beating: Beating;
  /** When the next heartbeat is due, and every interval after it. */
  readonly next: Instant;
  /** The id its request will have. */
  readonly nextRequest: number;
  /** What every one of these heartbeats continues. */
  readonly cause: EventId | null;
  /** The session at the coordinator: how long, and until when without any of these heartbeats. */
  readonly session: Duration;
  readonly sessionEnds: Instant;
  /** Until when the client's own would be, if it has one. */
  readonly clientSessionEnds: Instant | undefined;
  /** What the session's end would continue, without any of these heartbeats. */
  readonly sessionCause: EventId | null;
  /** If its regular commits are not simulated either: the number of the next one, and what every one continues. */
  readonly commits?: {
    readonly next: number;
    readonly cause: EventId | null;
    /** It has nothing to commit: its clock goes on, and nothing is sent. */
    readonly silent: boolean;
  };
}

const NOTHING_SENT = { commits: 0, last: undefined, previous: undefined };

/** Whatever was sent before so many heartbeats is through, and holds nothing up any more. */
const LAST_BEATS = 4;

/**
 * Healthy heartbeats cost nothing. While a member sits in a stable group and nothing happens to it, its heartbeats
 * only push two deadlines on. So they are not simulated: the member *rests*, its timers and its session at the
 * coordinator are put away, and when anything touches it (it crashes, closes, is paused, its group leaves Stable, its
 * coordinator moves, a link is cut or slow or mended, the run ends) it is *roused*: what the heartbeats since then would
 * have left behind is worked out by division, the one that is on its way is put there, and the run goes on as if each had
 * been simulated. The trace is the same, byte for byte (V28).
 *
 * That is exact because
 * - no healthy heartbeat can come too late: an interval and the widest spread of delays fit into a session (E1), and a
 *   round trip into an interval (E2). Even a law without bounds has a widest draw (`reachOf`); where it is too wide, every
 *   heartbeat is simulated;
 * - a heartbeat's delays are chance by number, not by sequence (E4);
 * - at one instant order is by class and subject, so what is left out reorders nothing (E5);
 * - times are whole microseconds, so `next + n · interval` is what n additions give (E7);
 * - what counts heartbeats (the requests a broker served, a client's request ids) is counted on when roused (E8).
 *
 * **Regular commits** of automatic committers are worked out along with them. They come at polls, which lie on a grid or
 * are any instant (`PollLoop`); what one says is where reading stood then, which the fluid keeps of the last two; and in
 * the classic protocol it renews the session at the coordinator as a heartbeat does. In addition that is exact because
 * - a commit's way there, into the log and back is shorter than the time to the next one and to the next heartbeat, so
 *   at most one of each is on its way;
 * - nothing waits for a regular commit's append, and its delays are chance by number;
 * - one connection keeps the order of what was sent over it, so the last few of both are worked out together.
 *
 * How long each took, which the client's own metrics tell of, costs draws for each one, so in a long run it is worked out
 * of some of them (`AnsweredCommits`).
 */
export class Heartbeats {
  readonly #host: HeartbeatsHost;
  readonly #mode: HeartbeatMode;
  readonly #resting = new Map<GroupId, Map<Consumer, Resting>>();
  #append: ReturnType<typeof reachOf> | undefined;
  /** How long each law's draws can be at least and at most. */
  readonly #reaches = new Map<Law, ReturnType<typeof reachOf>>();

  constructor(mode: HeartbeatMode, host: HeartbeatsHost) {
    this.#host = host;
    this.#mode = mode;
  }

  get mode(): HeartbeatMode {
    return this.#mode;
  }

  /**
   * A heartbeat has just been answered NONE, or a regular commit: from now on this member's are worked out, if that is exact.
   * (Who sends both at the same beat has one of them under way when the other is answered.)
   */
  answered(consumer: Consumer): void {
    if (this.#mode === "explicit" || !consumer.member.canRest || !this.#isExactFor(consumer)) return;
    const { member, group, timers } = consumer;
    const broker = member.coordinator!;
    const beating = member.beating!;
    const heartbeat = timers.deadline("heartbeat", "");
    if (heartbeat === undefined) return; // it was stopped, and is yet to see that its next heartbeat was due meanwhile
    const session = this.#host.cluster().rest(broker, group.spec.id, member.memberId, member.generation);
    if (!session) return;
    const cause = timers.causeOf("heartbeat", "");
    const { next, nextRequest, sessionEnds, nextCommit } = member.rest({
      heartbeat,
      session: timers.deadline("session", ""),
    });
    let resting = this.#resting.get(group.spec.id);
    if (!resting) this.#resting.set(group.spec.id, (resting = new Map()));
    const commits = this.#restCommits(consumer) && {
      next: nextCommit,
      cause: timers.causeOf("auto-commit", ""),
      silent: isEmpty(member.positioned),
    };
    resting.set(consumer, {
      broker,
      beating,
      next,
      nextRequest,
      cause,
      session: session.timeout,
      sessionEnds: session.ends,
      sessionCause: session.cause,
      clientSessionEnds: sessionEnds,
      ...(commits && { commits }),
    });
  }

  /** Puts the clock of its commits away too, if they can be worked out. */
  #restCommits(consumer: Consumer): boolean {
    const { member, group, timers, loop, traits } = consumer;
    const due = timers.deadline("auto-commit", "");
    if (due === undefined || member.commitIsDue || !loop.commits || traits.reacts !== "between-batches") return false;
    const interval = group.spec.config["auto.commit.interval.ms"] * MILLISECOND;
    const heartbeat = member.beating!.interval;
    const [there, back] = this.#waysOf(consumer);
    const wholeWay = there.most + this.#appendReach.most + back.most;
    if (wholeWay >= Math.min(interval, heartbeat)) return false;
    timers.cancel("auto-commit", "");
    loop.commits.begin(due, interval);
    return true;
  }

  /** E1 and E2 on this member's own way to its coordinator, with room for both session timers: there and its own. */
  #isExactFor(consumer: Consumer): boolean {
    const { group, index, member } = consumer;
    if (!this.#host.network().reachable(index, member.coordinator!)) return false;
    const [there, back] = this.#waysOf(consumer);
    const spread = there.most - there.least + back.most - back.least;
    const { config, groupConfig } = group.spec;
    const { interval } = member.beating!;
    const session = (groupConfig?.["consumer.session.timeout.ms"] ?? config["session.timeout.ms"]) * MILLISECOND;
    return there.most + back.most < interval && interval + spread < session;
  }

  /** How long a request of this member and its reply can be on their way. */
  #waysOf({ index, member }: Consumer): readonly ReturnType<typeof reachOf>[] {
    return this.#host
      .network()
      .delays(index, member.coordinator!)
      .map((law) => this.#reachOf(law));
  }

  get #appendReach(): ReturnType<typeof reachOf> {
    return (this.#append ??= this.#host.cluster().coordination.regularAppendReach());
  }

  #reachOf(law: Law): ReturnType<typeof reachOf> {
    let reach = this.#reaches.get(law);
    if (!reach) this.#reaches.set(law, (reach = reachOf(law)));
    return reach;
  }

  /** Something touches this consumer: from here on it is as if every heartbeat had been simulated. */
  rouse(consumer: Consumer): void {
    const resting = this.#resting.get(consumer.group.spec.id);
    const rest = resting?.get(consumer);
    if (!rest) return;
    resting!.delete(consumer);
    const { recorder } = this.#host;
    const { cause } = recorder;
    this.#resume(consumer, rest);
    recorder.cause = cause;
  }

  /** Something touches this group at its coordinator. */
  rouseGroup(group: GroupId): void {
    const resting = this.#resting.get(group);
    if (!resting || resting.size === 0) return;
    for (const consumer of [...resting.keys()].sort((a, b) => a.index - b.index)) this.rouse(consumer);
  }

  /** The run is over, or looked at. */
  rouseAll(): void {
    for (const group of this.#resting.keys()) this.rouseGroup(group);
  }

  #resume(consumer: Consumer, rest: Resting): void {
    const { engine, recorder } = this.#host;
    const cluster = this.#host.cluster();
    const { member, index, group } = consumer;
    const { next, nextRequest, broker, beating } = rest;
    const { interval } = beating;
    const made = consumer.loop.commits?.made(engine.now);
    consumer.loop.commits?.end();

    // How many heartbeats and commits were sent; the last ones of them, in the order in which they were.
    const subject = consumer.timers.subjectOf("heartbeat", "")!;
    const heartbeat: Sent = {
      kind: "heartbeat",
      id: nextRequest,
      sentAt: next,
      orderClass: ORDER.clientTimer,
      subject,
    };
    let beats = engine.now < next ? 0 : Math.floor((engine.now - next) / interval) + 1;
    if (beats > 0 && !this.#isPast(next + (beats - 1) * interval, ORDER.clientTimer, subject)) beats--;
    const { due, ...inAll } = this.#commitsSent(consumer, made);
    const { commits, last, previous } = rest.commits?.silent ? NOTHING_SENT : inAll;
    const sent: Sent[] = [];
    for (let n = Math.max(0, beats - LAST_BEATS); n < beats; n++) sent.push(nthBeat({ heartbeat, interval }, n));
    [previous, last].forEach((commit, place) => {
      if (commit) sent.push({ kind: "commit", id: rest.commits!.next + commits - 2 + place, ...commit });
    });
    const delays = this.#delays(consumer, broker);
    const worked = workedOut(sent, delays);

    const arrived = worked.filter(({ arrives }) => this.#isPast(arrives, ORDER.arrivalAtBroker, index));
    const underWay = worked.length - arrived.length;
    const commitUnderWay = worked.slice(arrived.length).filter(({ kind }) => kind === "commit").length;
    const latest = arrived.findLast(({ kind }) => kind === "heartbeat" || beating.commitsRenew);
    recorder.cause = latest === undefined ? rest.sessionCause : this.#causeOf(latest, rest);
    cluster.rouse(
      broker,
      group.spec.id,
      member.memberId,
      latest === undefined ? rest.sessionEnds : latest.arrives + rest.session,
      {
        heartbeat: beating.api,
        heartbeats: beats - (underWay - commitUnderWay),
        commits: commits - commitUnderWay,
        partitions: countOf(member.positioned),
      },
    );

    recorder.cause = rest.cause;
    const isReplied = ({ replied }: Worked): boolean => this.#isPast(replied, ORDER.arrivalAtClient, index);
    const answers = worked.filter(({ kind }) => kind === "heartbeat").filter(isReplied);
    const heard = answers.at(-1);
    const waiting = worked.filter((one) => !isReplied(one));
    const beat = waiting.find(({ kind }) => kind === "heartbeat");
    const waitingBeat = member.rouse({
      sent: beats,
      heartbeatDue: next + beats * interval,
      ...(beating.ownSession !== undefined && {
        sessionEnds: heard === undefined ? rest.clientSessionEnds! : heard.replied + beating.ownSession,
      }),
      ...(beat && { waiting: beat }),
    });

    let commit: OffsetCommit | undefined;
    if (rest.commits) {
      recorder.cause = rest.commits.cause;
      const pending = waiting.find(({ kind }) => kind === "commit");
      const timerSubject = consumer.timers.subjectOf("auto-commit", "")!;
      const isDue = this.#isPast(due!, ORDER.clientTimer, timerSubject);
      commit = member.rouseCommits({
        sent: commits,
        answered: answeredCommits(
          {
            commits: { rows: made!.rows, first: rest.commits.next, sent: (commit) => this.#sentBy(consumer, commit) },
            heartbeats: { heartbeat, interval, count: beats },
            delays,
            roundTrip: this.#roundTrip(consumer),
          },
          commits - (pending ? 1 : 0),
        ),
        due: isDue ? "now" : due!,
        ...(pending && { waiting: { ...pending, offsets: this.#host.positionsAt(consumer, pending.sentAt) } }),
      });
      this.#keepLastWritten(consumer, rest, worked);
      if (isDue) this.#host.commitAtNextPoll(consumer, rest.commits.cause);
    }
    this.#resumeWaiting(consumer, rest, waiting, { heartbeat: waitingBeat, commit });
  }

  /** Commits that were sent: how many, the last two, and when the next one is due, or was. */
  #commitsSent(consumer: Consumer, made: CommitsMade | undefined) {
    if (!made) return { ...NOTHING_SENT, due: undefined };
    const [last, previous] = [made.last, made.previous].map((commit) => commit && this.#sentBy(consumer, commit));
    if (!last || this.#isPast(last.sentAt, last.orderClass, last.subject)) {
      return { commits: made.count, last, previous, due: made.due };
    }
    return { commits: made.count - 1, last: previous, previous: undefined, due: made.last!.due };
  }

  /** What decides when it was sent. */
  #sentBy({ timers, index }: Consumer, { at, due }: CommitMade): Pick<Sent, "sentAt" | "orderClass" | "subject"> {
    // A poll that comes just when the timer ends is that of a thread that waits inside poll.
    if (at !== due) return { sentAt: at, orderClass: ORDER.application, subject: index };
    return { sentAt: at, orderClass: ORDER.clientTimer, subject: timers.subjectOf("auto-commit", "")! };
  }

  /** How long a heartbeat of this member can be on its way, there and back. */
  #roundTrip(consumer: Consumer): Duration {
    const [there, back] = this.#waysOf(consumer);
    return there.most + back.most;
  }

  #delays({ index, name }: Consumer, broker: BrokerId): BeatDelays {
    const network = this.#host.network();
    const { coordination } = this.#host.cluster();
    return {
      there: (kind, id) => network.beatDelay(index, broker, "broker", kind, id),
      append: (id) => coordination.regularAppendDuration(name, id),
      back: (kind, id) => network.beatDelay(index, broker, "client", kind, id),
    };
  }

  /** The last commit that is in the log by now. */
  #keepLastWritten(consumer: Consumer, { broker }: Resting, worked: readonly Worked[]): void {
    const written = worked.findLast(({ kind, answered }) => kind === "commit" && this.#isWritten(consumer, answered));
    if (!written) return;
    const offsets = this.#host.positionsAt(consumer, written.sentAt);
    const record: OffsetsRecord = { type: "offsets", at: written.arrives, offsets };
    this.#host.cluster().coordination.keepRegular(broker, consumer.group.spec.id, record);
  }

  #isWritten({ index }: Consumer, instant: Instant): boolean {
    return this.#isPast(instant, ORDER.cluster, 1 + index);
  }

  /** Puts everything that is on its way where it is. */
  #resumeWaiting(
    consumer: Consumer,
    rest: Resting,
    waiting: readonly Worked[],
    requests: { readonly heartbeat?: GroupRequest | undefined; readonly commit?: OffsetCommit | undefined },
  ): void {
    const { engine, recorder } = this.#host;
    const network = this.#host.network();
    const { index } = consumer;
    const { broker, beating } = rest;
    const replies: { readonly at: Instant; readonly reply: GroupReply; readonly cause: EventId | null }[] = [];
    for (const one of waiting) {
      const request = requests[one.kind]!;
      recorder.cause = this.#causeOf(one, rest);
      if (!this.#isPast(one.arrives, ORDER.arrivalAtBroker, index)) {
        network.resumeRequest(index, broker, request, one.arrives);
      } else if (one.kind === "commit" && !this.#isWritten(consumer, one.answered)) {
        network.resumeAnswer(index, broker, request);
        const regular = requests.commit!;
        const record: OffsetsRecord = { type: "offsets", at: one.arrives, offsets: regular.offsets };
        const { coordination } = this.#host.cluster();
        coordination.resumeRegular(broker, { to: "log", record, regular }, one.answered - engine.now);
      } else {
        const reply: GroupReply =
          one.kind === "heartbeat"
            ? beating.answer(one.id)
            : { api: "OffsetCommit", id: one.id, error: "NONE", regular: true };
        replies.push({ at: one.replied, reply, cause: recorder.cause });
      }
    }
    replies.sort((a, b) => a.at - b.at);
    for (const { at, reply, cause } of replies) {
      recorder.cause = cause;
      network.resumeReply(index, broker, reply, at);
    }
  }

  #causeOf({ kind }: Worked, rest: Resting): EventId | null {
    return kind === "heartbeat" ? rest.cause : rest.commits!.cause;
  }

  /** Whether an event of that instant, class and subject would have run before the one that runs now. */
  #isPast(instant: Instant, orderClass: number, subject: number): boolean {
    const { now, place } = this.#host.engine;
    if (instant !== now) return instant < now;
    return orderClass !== place.orderClass ? orderClass < place.orderClass : subject < place.subject;
  }
}
