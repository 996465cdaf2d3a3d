import type { Engine, Kind } from "../../engine/engine.ts";
import { type Duration, type Instant, MICROSECOND } from "../../engine/time.ts";
import { ORDER } from "../../kafka/order.ts";
import type { ErrorCode, Offsets } from "../../kafka/messages.ts";
import { furthest } from "../../kafka/protocols/offsets.ts";
import type { CommitPurpose } from "../../kafka/protocols/client/requests.ts";
import type { Partitions } from "../../names.ts";
import type { EventId, Happening } from "../../trace/event.ts";
import type { Recorder } from "../../trace/recorder.ts";
import type { BatchCommits } from "./batch-commits.ts";
import type { Consumer } from "./consumer.ts";
import { awaitsCommits, commitsAhead, commitsEachBatch, paceOf, searchInPoll } from "./pace.ts";

/** What applications need of the world, and of the processes that they run in. */
export interface ApplicationsHost {
  readonly engine: Engine;
  readonly recorder: Recorder;
  consumer(index: number): Consumer;
  record(consumer: Consumer, happening: Happening): EventId;
  /** Something touches this consumer: its heartbeats matter again. */
  touched(consumer: Consumer): void;
  /** An exception that no retry mends has come out of poll(). */
  failed(consumer: Consumer, error: ErrorCode): void;
  /** `close()` has returned. */
  closed(consumer: Consumer): void;
}

/**
 * What the application of each consumer does: its thread goes round poll, batch, commit, poll again. How fast it reads by
 * that, and when it is inside poll next.
 */
export class Applications {
  readonly #host: ApplicationsHost;
  readonly #commits: BatchCommits;
  readonly #polls: Kind;
  readonly #batchEnds: Kind;
  readonly #worksAgain: Kind;

  constructor(host: ApplicationsHost, commits: BatchCommits) {
    const { engine, recorder } = host;
    this.#host = host;
    this.#commits = commits;
    this.#polls = engine.on("poll", ORDER.application, (index) => {
      const consumer = host.consumer(index);
      consumer.poll = undefined;
      recorder.cause = consumer.causes.poll;
      this.poll(consumer);
    });
    this.#batchEnds = engine.on("batch ends", ORDER.application, (index) => this.#batchEnded(host.consumer(index)));
    this.#worksAgain = engine.on("works again", ORDER.application, (index) => this.#worksOn(host.consumer(index)));
  }

  /**
   * Between two batches: the application commits the one it is through with, polls, and perhaps commits the next. Where a
   * commit holds it up, what follows comes when that is over.
   */
  poll(consumer: Consumer): void {
    const { member } = consumer;
    if (consumer.state !== "Running" || member.heldUp) return;
    this.#host.touched(consumer);
    const { commit } = consumer.group.spec.members;
    if (commit === "sync" || commit === "async") member.commitBatch();
    if (commit === "before-processing") this.#commits.commitContinuously(consumer);
    if (!member.heldUp) {
      this.#callPoll(consumer);
      if (commitsAhead(consumer) && !member.soughtBack) this.#commitAhead(consumer);
    }
    this.settle(consumer);
  }

  /** It has come out of poll(), with a batch or to have one, and commits it. */
  #commitAhead(consumer: Consumer): void {
    const { loop, member } = consumer;
    this.#commits.readOn(consumer);
    if (loop.working || !loop.handsOutLast) member.commitBatch();
  }

  /** The application is stuck in one batch: it does not poll, and reads nothing more, while heartbeats go on. */
  pause(consumer: Consumer, lasts: Duration): void {
    this.#host.touched(consumer);
    this.#commits.commitContinuously(consumer);
    const { engine } = this.#host;
    const { loop, traits } = consumer;
    const isRecordByRecord = traits.reacts === "between-records";
    const rest = this.restOfBatch(consumer);
    if (!consumer.heldUp && !isRecordByRecord) consumer.polledAt = loop.lastPoll(engine.now);
    else if (!consumer.heldUp && engine.now >= consumer.busyUntil) consumer.polledAt = engine.now;
    consumer.busyUntil = Math.max(consumer.busyUntil, engine.now + lasts); // the batch in hand may only get longer
    const ends = Math.max(loop.nextPoll(engine.now), engine.now + lasts);
    const stands = loop.hold(engine.now, lasts);
    consumer.standsUntil = Math.max(consumer.standsUntil, isRecordByRecord ? consumer.busyUntil : stands);
    const until = consumer.standsUntil;
    const takes = Math.max(0, ends - until);
    if (consumer.ahead) consumer.stuckBatch = { ends, committed: consumer.ahead };
    consumer.group.consumption.stick(consumer.lagClient, consumer.member.reading, rest, until, takes);
    consumer.busy = true;
    this.adaptPace(consumer);
    this.#host.record(consumer, {
      type: "client.busy",
      client: consumer.name,
      group: consumer.group.spec.id,
      busy: true,
      lasts,
    });
    consumer.causes.batch = this.#host.recorder.cause;
    const { busyUntil, polledAt } = consumer;
    const next = isRecordByRecord ? busyUntil : loop.nextPoll(engine.now);
    // Who stands still in a commit has not polled for longer than that, and does so after both.
    if (!consumer.heldUp) consumer.member.startBatch(next - polledAt, engine.now - polledAt);
    if (consumer.poll !== undefined) engine.cancel(consumer.poll);
    consumer.poll = undefined;
    engine.schedule(lasts, this.#batchEnds, consumer.index);
    if (until > engine.now && until < busyUntil) engine.scheduleAt(until, this.#worksAgain, consumer.index);
  }

  /** It does what is left of a batch that takes longer. */
  #worksOn(consumer: Consumer): void {
    const { engine, recorder } = this.#host;
    if (consumer.state !== "Running" || !consumer.busy) return;
    if (engine.now < consumer.standsUntil)
      return void engine.scheduleAt(consumer.standsUntil, this.#worksAgain, consumer.index); // it was stopped, or paused again
    recorder.cause = consumer.causes.batch;
    this.adaptPace(consumer);
  }

  /** After anything that touched a member: let it poll as soon as its application does, if it wants to. */
  settle(consumer: Consumer): void {
    const { member } = consumer;
    this.#watchCommit(consumer);
    this.adaptPace(consumer);
    if (member.closed) {
      if (consumer.state === "Closing") this.#host.closed(consumer);
      return;
    }
    const { engine } = this.#host;
    if (consumer.state !== "Running" || consumer.frozen || consumer.heldUp) return;
    if (awaitsCommits(consumer)) this.loadChanged(consumer);
    if (consumer.poll !== undefined) return;
    if (engine.now < consumer.busyUntil && consumer.traits.reacts === "between-batches") return; // polls when that is over
    while (member.wantsPoll) {
      const at = this.#hasBatchToDo(consumer)
        ? consumer.loop.nextPoll(engine.now + MICROSECOND)
        : this.#nextPoll(consumer);
      if (at > engine.now) {
        consumer.causes.poll = this.#host.recorder.cause;
        consumer.poll = engine.scheduleAt(at, this.#polls, consumer.index);
        return;
      }
      this.#callPoll(consumer);
    }
    if (member.failure) this.#host.failed(consumer, member.failure);
    else if (member.soughtBack) this.#commitAgain(consumer);
    else if (consumer.mayOutrunPollInterval || commitsEachBatch(consumer)) this.#watchBatch(consumer);
  }

  /** Something is the matter between these consumers and their coordinator, or with that: commits may take their time. */
  coordinatorDisturbed(consumers: readonly Consumer[]): void {
    const { recorder } = this.#host;
    const { cause } = recorder;
    for (const consumer of consumers) {
      if (!commitsEachBatch(consumer) || consumer.state !== "Running" || consumer.frozen) continue;
      recorder.cause = cause;
      if (awaitsCommits(consumer)) {
        this.expectDelay(consumer);
        this.settle(consumer);
      } else if (this.#commits.isToBeRefused(consumer)) this.loadChanged(consumer);
    }
    recorder.cause = cause;
  }

  /** A commit that is under way takes its time, if it would when sent now. */
  expectDelay(consumer: Consumer): void {
    if (!this.#commits.answersAsUsual(consumer)) consumer.member.coordinatorDisturbed();
    this.#expectRefusal(consumer);
  }

  /** Its coordinator does not know this consumer any more. */
  removed(consumer: Consumer): void {
    if (!commitsAhead(consumer) || consumer.state !== "Running" || consumer.frozen) return;
    this.#commits.readNoFurther(consumer);
    this.loadChanged(consumer);
  }

  /** A heartbeat of this consumer may give it another epoch, and until it hears of that its commits may be refused. */
  heartbeatArrives(consumer: Consumer, handle: () => void): void {
    if (!commitsAhead(consumer)) return handle();
    this.#commits.commitContinuously(consumer);
    handle();
    if (consumer.heldUp || consumer.soughtBack || this.#commits.takesMore(consumer)) return;
    this.removed(consumer);
  }

  /** It has heard of its member epoch. Who is stuck in a batch reads on after that. */
  hearsEpoch(consumer: Consumer): void {
    if (!commitsAhead(consumer) || consumer.state !== "Running" || consumer.frozen) return;
    if (this.#host.engine.now >= consumer.busyUntil) this.#commits.hearsEpoch(consumer);
  }

  /** Its next commit before processing would not be taken as usual: the batch in hand is the last one. */
  #expectRefusal(consumer: Consumer): void {
    if (commitsAhead(consumer) && !this.#commits.takesMore(consumer)) this.#commits.readNoFurther(consumer);
  }

  /** It could not commit what it was to process, and has polled: commits again, if that may help. */
  #commitAgain(consumer: Consumer): void {
    if (!consumer.member.commitsAgain()) return;
    this.#watchCommit(consumer);
    this.adaptPace(consumer);
    this.pollWhenDone(consumer); // what it gets then it commits
  }

  /** The batch in hand is done first. */
  pollWhenDone(consumer: Consumer): void {
    if (consumer.state !== "Running" || consumer.poll !== undefined) return;
    const { engine, recorder } = this.#host;
    consumer.causes.poll = recorder.cause;
    consumer.poll = engine.scheduleAt(this.#nextPoll(consumer), this.#polls, consumer.index);
  }

  /** What this consumer has to do may have changed: it fell behind, say, or caught up. */
  loadChanged(consumer: Consumer): void {
    const { group, lagClient, loop } = consumer;
    const { commit } = group.spec.members;
    const { engine, recorder } = this.#host;
    const arriving = group.consumption.hasWork(lagClient);
    const backlogged = group.consumption.backlogged(lagClient);
    const worked = loop.working;
    this.#commits.commitContinuously(consumer);
    const first = loop.supply(engine.now, { arriving, backlogged });
    if (first !== undefined && !consumer.heldUp) consumer.polledAt = engine.now; // until now it was inside poll
    if (worked && !loop.working) return this.#pollSooner(consumer);
    const isWatched = consumer.mayOutrunPollInterval || commitsEachBatch(consumer);
    if (!isWatched || consumer.heldUp || consumer.soughtBack || consumer.frozen) return;
    // Its batches matter from now on; or the next commit does, which is due as soon as there is something to commit.
    const commitsNow = commitsEachBatch(consumer) && arriving && loop.continuous && this.#hasToCommit(consumer);
    const commitsInHand = first !== undefined && loop.handsOutLast && commit === "before-processing";
    const at = commitsInHand ? engine.now : (first ?? (commitsNow ? engine.now : undefined));
    if (at === undefined) return;
    if (consumer.state !== "Running" || consumer.poll !== undefined || engine.now < consumer.busyUntil) return;
    if (consumer.mayOutrunPollInterval && at > engine.now) consumer.member.startBatch(at - engine.now);
    consumer.causes.poll = recorder.cause;
    consumer.poll = engine.scheduleAt(at, this.#polls, consumer.index);
  }

  /** Its next commit has consequences, though its batches are too short to be events. */
  #hasToCommit(consumer: Consumer): boolean {
    if (awaitsCommits(consumer)) return this.#commits.isCommittingInVain(consumer);
    return consumer.polledAt < this.#host.engine.now && this.#commits.isToBeRefused(consumer);
  }

  /** How fast it can read at present. */
  adaptPace(consumer: Consumer): void {
    // Inside commitSync() and close() nothing is processed, nor while the process is stopped.
    const { standsUntil, frozen, group, heldUp, lagClient, soughtBack, state } = consumer;
    const idle = this.#host.engine.now < standsUntil || frozen || heldUp || soughtBack || state === "Closing";
    const search = searchInPoll(consumer);
    if (search !== consumer.search) {
      consumer.search = search;
      group.consumption.searchInPoll(lagClient, search, group.spec.members.pollTimeout);
    }
    const pace = idle ? 0 : paceOf(consumer);
    if (pace === consumer.pace) return;
    consumer.pace = pace;
    group.consumption.setCapacity(lagClient, pace);
  }

  /**
   * How long the application would still process the batch in its hands. `stopped before`: it is stuck in that batch, and has in
   * hand what it had when that began.
   */
  restOfBatch(consumer: Consumer): Duration | "stopped before" {
    const { now } = this.#host.engine;
    // Through with one batch, and has not begun the next; or closing: nothing is processed then.
    if (consumer.heldUp || consumer.soughtBack || consumer.state === "Closing") return 0;
    if (now < consumer.busyUntil && !consumer.loop.handsOutLast) return "stopped before";
    return this.#nextPoll(consumer) - now;
  }

  /**
   * Whether it is through with a batch that it was stuck in, and has not got the next one. The fluid has lost the time for which
   * it was stuck, and is behind: what was committed ahead has been processed all the same.
   */
  isThroughWithStuckBatch({ stuckBatch }: Consumer): boolean {
    return stuckBatch !== undefined && this.#host.engine.now >= stuckBatch.ends;
  }

  /**
   * It closes, and leaves its batch where it is: it commits what it has done of that, and the rest is not in its hands any more.
   * What it could not commit, since that was taken from it, it gets done before.
   */
  stopInBatch(consumer: Consumer): void {
    if (consumer.heldUp) this.#finishNothing(consumer);
    this.#finish(consumer);
    if (!this.isThroughWithStuckBatch(consumer)) consumer.ahead = consumer.stuckBatch = undefined;
  }

  /** These are taken from it in the midst of its batch: when it is through with that, it is with them. */
  finishes(consumer: Consumer, partitions: Partitions): void {
    consumer.group.consumption.finish(consumer.lagClient, partitions);
    if (consumer.heldUp || this.#host.engine.now < consumer.busyUntil) return; // it polls when that is over
    this.pollWhenDone(consumer);
  }

  /** Of what was taken from it in the midst of its batch it has done what was in its hands. */
  #finish({ group, lagClient }: Consumer): void {
    group.consumption.finished(lagClient, { reason: "revoked", holder: "working" });
  }

  /**
   * Of what was taken from it while it waited for the commit of its batch it does nothing: it closes; or that commit may be sent
   * again, when somebody else may have begun before it.
   */
  #finishNothing({ group, lagClient }: Consumer): void {
    group.consumption.neverFinishes(lagClient, { reason: "revoked", holder: "gone" });
  }

  /**
   * Whether it is inside a batch that it has committed: what of that is in its hands it processes, whosever it becomes. One that
   * waits for the answer does so if that is as usual.
   */
  hasCommittedInHand(consumer: Consumer): boolean {
    const { ahead, heldUp, loop, member, state } = consumer;
    if (!commitsAhead(consumer) || state !== "Running" || (!ahead && !loop.handsOutLast)) return false;
    if (heldUp) return member.heldUpAsUsual && loop.working;
    if (this.isThroughWithStuckBatch(consumer)) return false;
    const rest = this.restOfBatch(consumer);
    return rest === "stopped before" || rest > 0;
  }

  /** Where this consumer has got to, or, of a commit before processing, will have when the batch that begins is done. */
  positions(consumer: Consumer, partitions: Partitions, purpose: CommitPurpose): Offsets {
    const { group, loop, lagClient } = consumer;
    if (group.spec.zookeeperConfig) return group.consumption.positionsOf(lagClient, partitions); // nobody refuses its commits
    const { now } = this.#host.engine;
    const ahead = purpose === "batch" && group.spec.members.commit === "before-processing" && loop.working;
    const positions = group.consumption.positions(partitions, ahead ? loop.nextPoll(now + MICROSECOND) - now : 0);
    return this.isThroughWithStuckBatch(consumer) ? furthest(positions, consumer.stuckBatch!.committed) : positions;
  }

  /** When this consumer committed last, and before that, if its commits are worked out. */
  commitsOf({ loop }: Consumer): readonly [last: Instant, previous: Instant | undefined] | undefined {
    const made = loop.commits?.made(this.#host.engine.now);
    return made?.last && [made.last.at, made.previous?.at];
  }

  /** It was time to commit, and the next poll will: the one that its application comes to. */
  commitAtNextPoll(consumer: Consumer, cause: EventId | null): void {
    const { engine } = this.#host;
    if (consumer.poll !== undefined || engine.now <= consumer.busyUntil) return; // it polls when that is over
    consumer.causes.poll = cause;
    consumer.poll = engine.scheduleAt(consumer.loop.nextPoll(engine.now), this.#polls, consumer.index);
  }

  #batchEnded(consumer: Consumer): void {
    const { engine, recorder } = this.#host;
    if (consumer.state !== "Running" || !consumer.busy) return;
    if (engine.now < consumer.busyUntil) {
      // It was stopped in the midst of it, or got another; one event for each end is enough.
      if (consumer.wasFrozen) engine.scheduleAt(consumer.busyUntil, this.#batchEnds, consumer.index);
      return;
    }
    recorder.cause = consumer.causes.batch;
    const { spec } = consumer.group;
    consumer.busy = false;
    this.#host.record(consumer, { type: "client.busy", client: consumer.name, group: spec.id, busy: false });
    this.adaptPace(consumer); // what was left of the batch when it got stuck is still to be done, or the next one begins
    if (this.#nextPoll(consumer) === engine.now) return this.poll(consumer);
    this.pollWhenDone(consumer);
  }

  #callPoll(consumer: Consumer): void {
    const { causes, member } = consumer;
    if (causes.news !== null) this.#host.recorder.cause = causes.news;
    causes.news = null;
    this.#finish(consumer);
    member.poll();
    consumer.polledAt = this.#host.engine.now;
    consumer.wasFrozen = false;
  }

  /** The application has come to stand still inside a `commitSync()`, or seeks back and polls, or goes on. */
  #watchCommit(consumer: Consumer): void {
    const { member, loop } = consumer;
    const { heldUp, soughtBack } = member;
    if (heldUp && !member.heldUpAsUsual) this.#finishNothing(consumer);
    if (heldUp === consumer.heldUp && soughtBack === consumer.soughtBack) return;
    const { engine } = this.#host;
    const inside = consumer.heldUp;
    // Nobody knows for how long; its time between two polls runs on.
    if (heldUp) consumer.polledAt = this.#lastPoll(consumer);
    consumer.heldUp = heldUp;
    consumer.soughtBack = soughtBack;
    if (heldUp) member.startBatch(Infinity, engine.now - consumer.polledAt);
    else if (engine.now >= consumer.busyUntil) member.worksOn();
    if (soughtBack) consumer.group.consumption.handBack(consumer.lagClient);
    if (!heldUp && !soughtBack) {
      const from = Math.max(engine.now, consumer.busyUntil);
      loop.resume(from);
      if (inside && commitsAhead(consumer)) consumer.worksFrom = from;
      return this.#expectRefusal(consumer);
    }
    if (consumer.poll !== undefined) engine.cancel(consumer.poll);
    consumer.poll = undefined;
  }

  /**
   * Where a batch can take longer than `max.poll.interval.ms`, every batch is looked at: the consumer has to know of
   * those that do. So it is where the application commits each. (Of the others nothing comes, so elsewhere polls are no
   * events.)
   */
  #watchBatch(consumer: Consumer): void {
    const { engine } = this.#host;
    this.loadChanged(consumer);
    if (consumer.poll !== undefined) return; // its first batch begins now
    const soonest = engine.now + MICROSECOND;
    let next = consumer.loop.nextPoll(soonest);
    const { member, polledAt } = consumer;
    // Who comes out of a commit to process what it committed has not polled since.
    const since = member.hasYetToPoll ? polledAt : engine.now;
    if (next === soonest) {
      if (member.hasYetToPoll) this.#callPoll(consumer);
      return; // inside poll, with nothing to do
    }
    const search = awaitsCommits(consumer) && !consumer.loop.handsOutLast ? searchInPoll(consumer) : undefined;
    if (search !== undefined) {
      consumer.loop.hold(engine.now, search + next - engine.now);
      next = consumer.loop.nextPoll(soonest);
    }
    if (consumer.mayOutrunPollInterval) member.startBatch(next - since, engine.now - since);
    consumer.causes.poll = this.#host.recorder.cause;
    consumer.poll = engine.scheduleAt(next, this.#polls, consumer.index);
  }

  /** When it polled last: now, if it is inside poll, or comes out of it at this instant; but not at the end of a long batch. */
  #lastPoll({ loop, busyUntil, polledAt }: Consumer): Instant {
    const { now } = this.#host.engine;
    return loop.continuous && now > busyUntil ? now : polledAt;
  }

  /**
   * A batch lies between this instant and the next poll(): it has called poll(), which did one step of several, and has
   * returned records; or it has come out of the commit of what it processes now.
   */
  #hasBatchToDo({ member, loop, polledAt, soughtBack, worksFrom }: Consumer): boolean {
    const { now } = this.#host.engine;
    if (soughtBack || !loop.working) return false;
    return worksFrom === now || (member.pollsStepByStep && polledAt === now);
  }

  /** When the application's thread is inside poll() next: now, unless it is busy with a batch. */
  #nextPoll(consumer: Consumer): Instant {
    this.loadChanged(consumer);
    const { now } = this.#host.engine;
    if (consumer.soughtBack || consumer.traits.reacts === "between-records") return Math.max(now, consumer.busyUntil);
    return consumer.loop.nextPoll(now);
  }

  /** The batch in hand turns out to be the last of a backlog, and shorter than it seemed. */
  #pollSooner(consumer: Consumer): void {
    const { engine } = this.#host;
    if (consumer.poll === undefined) return;
    engine.cancel(consumer.poll);
    consumer.poll = engine.scheduleAt(consumer.loop.nextPoll(engine.now), this.#polls, consumer.index);
  }
}
