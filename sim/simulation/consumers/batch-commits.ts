import type { Cluster } from "../../kafka/cluster/cluster.ts";
import type { Network } from "../../kafka/network/network.ts";
import { isEmpty } from "../../kafka/protocols/partitions.ts";
import type { Consumer } from "./consumer.ts";
import { commitsEachBatch } from "./pace.ts";

export interface BatchCommitsHost {
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
    const { loop, state } = consumer;
    if (!commitsEachBatch(consumer) || !loop.continuous || (state !== "Running" && state !== "Closing")) return;
    this.#commitUnseen(consumer);
  }

  /**
   * The fluid also reads what comes in while a batch is worked on, of partitions that have caught up; in Kafka that waits for
   * the next batch. Who commits before processing has committed no more than was there, so that it would be read twice if the
   * partition were revoked before the next batch: it counts as part of the one that is through.
   */
  commitRead(consumer: Consumer): void {
    const { working, handsOutLast } = consumer.loop;
    if (working && !handsOutLast && this.answersAsUsual(consumer)) this.#commitUnseen(consumer);
  }

  #commitUnseen({ member, index }: Consumer): void {
    if (member.heldUp) return;
    const commit = member.positionsAsCommit();
    if (commit && this.#host.network().reachable(index, member.coordinator!)) {
      this.#host.cluster().commitUnseen(member.coordinator!, commit);
    }
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
    return mayCommit && !isEmpty(positioned) && !this.answersAsUsual(consumer);
  }
}
