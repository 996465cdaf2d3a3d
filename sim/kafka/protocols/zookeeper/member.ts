import type { BrokerId, Generation, MemberId, Partitions } from "../../../names.ts";
import type { GroupReply } from "../../messages.ts";
import { type AnsweredCommits, NO_COMMITS } from "../client/answered-commits.ts";
import type { GroupMember, PollWait } from "../group-member.ts";
import type { Host } from "../host.ts";
import {
  ZooKeeperConsumer,
  type ZooKeeperConsumerOptions,
  type ZooKeeperConsumerOutput,
  type ZooKeeperConsumerTimer,
} from "./consumer.ts";
import type { ZooKeeperNotice, ZooKeeperReply } from "./messages.ts";

/**
 * A consumer of the ZooKeeper era in the place of a member. Its application has no poll(): it creates its streams once, and
 * takes records out of them; whatever becomes of its partitions happens beside it. Nor is there a coordinator, so that all
 * that is about one is as of a member that has nothing to do with it.
 */
export class ZooKeeperMember implements GroupMember {
  readonly #consumer: ZooKeeperConsumer;
  #begun = false;

  constructor(options: ZooKeeperConsumerOptions, host: Host<ZooKeeperConsumerOutput, ZooKeeperConsumerTimer>) {
    this.#consumer = new ZooKeeperConsumer(options, host);
  }

  get state(): string {
    return this.#consumer.state;
  }

  /** ZooKeeper's transaction that claimed the last of what it owns. */
  get generation(): Generation {
    return this.#consumer.generation;
  }

  get memberId(): MemberId {
    return this.#consumer.memberId;
  }

  get owned(): Partitions {
    return this.#consumer.owned;
  }

  get reading(): Partitions {
    return this.#consumer.reading;
  }

  get positioned(): Partitions {
    return this.#consumer.reading;
  }

  get closed(): boolean {
    return this.#consumer.closed;
  }

  get failure(): "REBALANCE_FAILED" | undefined {
    return this.#consumer.failure;
  }

  /** Only to create the streams. */
  get wantsPoll(): boolean {
    return !this.#begun && !this.#consumer.closed;
  }

  poll(): void {
    if (this.#begun) return;
    this.#begun = true;
    this.#consumer.start();
  }

  fellOutOfRange(partitions: Partitions): void {
    this.#consumer.fellOutOfRange(partitions);
  }

  close(): void {
    this.#consumer.close();
  }

  commit(): "sent" {
    this.#consumer.commit();
    return "sent";
  }

  /** Something has come from ZooKeeper. */
  told(message: ZooKeeperReply | ZooKeeperNotice): void {
    this.#consumer.receive(message);
  }

  /** Leaders have answered where logs begin or end; nothing else is asked of brokers by requests. */
  receive(reply: GroupReply): void {
    if (reply.api === "ListOffsets") this.#consumer.listAnswered(reply);
  }

  fire(timer: string): void {
    this.#consumer.fire(timer as ZooKeeperConsumerTimer);
  }

  // ---------------------------------------------------------------- what it has no part in

  readonly coordinator: BrokerId | undefined = undefined;
  readonly pollWaitsFor: PollWait = "nothing";
  readonly pollsStepByStep = false;
  readonly hasYetToPoll = false;
  readonly joinsAgain = false;
  readonly heldUp = false;
  readonly heldUpAsUsual = false;
  readonly soughtBack = false;
  readonly mayCommit = false;
  readonly commitIsDue = false;
  readonly beating = undefined;
  readonly canRest = false;

  startBatch(): void {}
  worksOn(): void {}
  /** Changes of topics come from ZooKeeper. */
  metadataChanged(): void {}
  commitBatch(): void {}
  coordinatorDisturbed(): void {}
  disconnected(): void {}

  commitsAgain(): boolean {
    return false;
  }

  positionsAsCommit(): undefined {
    return undefined;
  }

  rouseCommits(): undefined {
    return undefined;
  }

  /** It commits to ZooKeeper. */
  takeAnsweredCommits(): AnsweredCommits {
    return NO_COMMITS;
  }

  subscribe(): never {
    throw new Error("a consumer of the ZooKeeper era creates its streams once");
  }

  rest(): never {
    throw new Error("a consumer of the ZooKeeper era sends no heartbeats");
  }

  rouse(): never {
    throw new Error("a consumer of the ZooKeeper era sends no heartbeats");
  }
}
