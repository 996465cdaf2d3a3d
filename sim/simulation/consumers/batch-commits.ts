import type { Engine } from "../../engine/engine.ts";
import type { Cluster } from "../../kafka/cluster/cluster.ts";
import type { Network } from "../../kafka/network/network.ts";
import type { OffsetCommit, Offsets } from "../../kafka/messages.ts";
import { furthest } from "../../kafka/protocols/offsets.ts";
import { isEmpty } from "../../kafka/protocols/partitions.ts";
import type { Consumer } from "./consumer.ts";
import { commitsAhead, commitsEachBatch } from "./pace.ts";

export interface BatchCommitsHost {
  readonly engine: Engine;
  cluster(): Cluster;
  network(): Network;
}

/** Commits of applications that commit each batch: those that are no events, and whether others would take their time. */
export class BatchCommits {
  readonly #host: BatchCommitsHost;

  constructor(host: BatchCommitsHost) {
    this.#host = host;
  }

  /** Whether a commit is sent, written and answered within the time that counts as part of the application's work. */
  answersAsUsual({ index, member, group }: Consumer): boolean {
    const { coordinator } = member;
    if (coordinator === undefined || !this.#host.network().healthy(index, coordinator)) return false;
    return this.#host.cluster().takesCommits(coordinator, group.spec.id);
  }

  /**
   * An application that commits after every batch, and whose batches are so short that any instant is a poll, has always
   * just committed. That is no event: it is done whenever something could ask what was committed.
   */
  commitContinuously(consumer: Consumer): void {
    const { loop, state, ahead } = consumer;
    if (!commitsEachBatch(consumer) || (state !== "Running" && state !== "Closing")) return;
    if (ahead && this.#isInside(consumer)) this.#commitRead(consumer, ahead);
    else if (loop.continuous) {
      if (!consumer.heldUp) consumer.ahead = undefined;
      this.#commitUnseen(consumer);
    }
  }

  /** Whether it is inside a batch, or about to be: the last one of a backlog has an end, too. */
  #isInside({ loop }: Consumer): boolean {
    const { now } = this.#host.engine;
    return !loop.continuous || loop.nextPoll(now) > now;
  }

  /**
   * The fluid also reads what comes in while a batch is worked on, of partitions that have caught up; in Kafka that waits for
   * the next batch. Who commits before processing has committed no more than was there, so that it would be read twice if the
   * partition were another's before the next batch: it counts as committed with the one in hand.
   */
  #commitRead(consumer: Consumer, ahead: Offsets): void {
    const read = this.#commitUnseen(consumer, (positions) => furthest(positions, ahead));
    if (read) consumer.ahead = read;
  }

  /** Returns what the coordinator has now, if it has taken it. */
  #commitUnseen({ member, index }: Consumer, of = (positions: Offsets): Offsets => positions): Offsets | undefined {
    if (member.heldUp || member.soughtBack) return undefined;
    const commit = member.positionsAsCommit();
    if (!commit || !this.#host.network().reachable(index, member.coordinator!)) return undefined;
    const offsets = of(commit.offsets);
    return this.#host.cluster().commitUnseen(member.coordinator!, { ...commit, offsets }) ? offsets : undefined;
  }

  /** A commit before processing, in the fluid, at its call: whether the coordinator has it from now on, so that the batch may begin. */
  takesAtOnce(consumer: Consumer, commit: OffsetCommit): boolean {
    if (!this.answersAsUsual(consumer)) return false;
    if (!this.#host.cluster().commitUnseen(consumer.member.coordinator!, commit)) return false;
    this.took(consumer, commit.offsets);
    return true;
  }

  /** A commit before processing was taken: the application reads on. */
  took(consumer: Consumer, offsets: Offsets): void {
    const { loop } = consumer;
    if (loop.handsOutLast) return; // what is in hand is known, record by record
    this.readOn(consumer);
    consumer.ahead = offsets;
    consumer.stuckBatch = undefined;
  }

  /** The application is through with its batch, and gets another one. */
  readOn({ group, lagClient }: Consumer): void {
    group.consumption.readOn(lagClient);
  }

  /**
   * It has heard what its commits are measured by, its member epoch: if they are taken again, what comes in is committed with the
   * batch in hand as before. (Kafka's application seeks back if the coordinator has refused that batch meanwhile, and has polled
   * by then.)
   */
  hearsEpoch(consumer: Consumer): void {
    const { group, lagClient, member } = consumer;
    if (member.heldUp || member.soughtBack || !this.takesMore(consumer)) return;
    group.consumption.readOn(lagClient, member.reading); // of what was taken from it, it gets done what it has in hand
  }

  /** Whether its next commit before processing would be taken as usual, as things are. */
  takesMore(consumer: Consumer): boolean {
    const { ahead = {}, loop } = consumer;
    if (!this.answersAsUsual(consumer)) return false;
    if (loop.handsOutLast) return true; // what is in hand is known, record by record
    return this.#commitUnseen(consumer, (positions) => furthest(positions, ahead)) !== undefined;
  }

  /**
   * The next commit before processing may not be taken: of the batch in hand is read what is committed, and none of what
   * comes in. Whose batches are too short to be events commits again at once.
   */
  readNoFurther(consumer: Consumer, partitions = consumer.member.reading): void {
    const { ahead, group, lagClient } = consumer;
    if (ahead && this.#isInside(consumer)) group.consumption.readTo(lagClient, ahead, partitions);
  }

  /** It may have no other batch: it is stopped, say, or its poll interval is over. */
  leaves(consumer: Consumer): void {
    this.commitContinuously(consumer);
    this.readNoFurther(consumer);
  }

  /**
   * Its next commit will be refused, since too few copies of the log are in sync, and that has consequences though nobody waits
   * for it: a consumer gives its coordinator up (COORDINATOR_NOT_AVAILABLE), and its connection, and poll() has to look for it.
   * Kafka: `OffsetCommitResponseHandler`, `markCoordinatorUnknown`.
   */
  isToBeRefused({ member, group }: Consumer): boolean {
    const { coordinator, mayCommit, positioned } = member;
    if (coordinator === undefined || !mayCommit || isEmpty(positioned)) return false;
    return this.#host.cluster().refusesCommits(coordinator, group.spec.id);
  }

  /** It has what it would commit, and somebody who would take it, but not as usual. */
  isCommittingInVain(consumer: Consumer): boolean {
    const { mayCommit, positioned } = consumer.member;
    if (isEmpty(positioned)) return false;
    if (!commitsAhead(consumer)) return mayCommit && !this.answersAsUsual(consumer);
    return !this.answersAsUsual(consumer) || this.#commitUnseen(consumer) === undefined;
  }
}
