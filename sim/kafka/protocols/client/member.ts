import type { BrokerId, Generation, MemberId, Partitions } from "../../../names.ts";
import type { Api, ErrorCode, FindCoordinatorReply, GroupReply, OffsetCommit } from "../../messages.ts";
import type { Client, MemberTimer } from "./client.ts";
import { close, closeTimeOver, closingCommitAnswered, commitBeforeClose, endIfSettled } from "./closing.ts";
import type { CommitResult } from "./commits.ts";
import type { AnsweredCommits } from "./answered-commits.ts";
import {
  commitAnswered,
  commitBatch,
  positionsAsCommit,
  sendCommit,
  takeAnswered,
  waitsForCommits,
} from "./commits.ts";
import { coordinatorAnswered, coordinatorFound, loseCoordinator, searchAgain } from "./coordinator-search.ts";
import { fellOutOfRange } from "./positions.ts";
import type { CommitPurpose, InFlight } from "./requests.ts";
import { isElsewhere, recordAnswer, requestOver } from "./requests.ts";
import type { RousedCommits } from "./resting.ts";
import { rouseCommits } from "./resting.ts";
import {
  commitAgain,
  commitAndWait,
  commitsAgain,
  commitTimeOver,
  delayCommit,
  waitingCommitAnswered,
} from "./waiting-commit.ts";

/** The timers that are a protocol's own affair. */
export type OwnTimer = Exclude<
  MemberTimer,
  "request" | "lookup" | "commit" | "commit-again" | "commit-over" | "auto-commit" | "close"
>;

/** What members of all protocols do alike; each method is described where it is asked for, in `GroupMember`. */
export abstract class ClientMember {
  #failure: ErrorCode | undefined;

  protected abstract get client(): Client;

  get generation(): Generation {
    return this.client.membership.generation;
  }

  get memberId(): MemberId {
    return this.client.membership.member;
  }

  get owned(): Partitions {
    return this.client.holdings.owned;
  }

  get reading(): Partitions {
    return this.client.holdings.reading;
  }

  get positioned(): Partitions {
    return this.client.holdings.positioned;
  }

  get coordinator(): BrokerId | undefined {
    return this.client.search.coordinator;
  }

  get closed(): boolean {
    return this.client.departure.phase === "closed";
  }

  get heldUp(): boolean {
    return this.client.waitingCommit.holdsUp;
  }

  get heldUpAsUsual(): boolean {
    return this.heldUp && this.client.waitingCommit.asUsual;
  }

  get soughtBack(): boolean {
    return this.client.waitingCommit.refused !== undefined;
  }

  get failure(): ErrorCode | undefined {
    return this.#failure;
  }

  get mayCommit(): boolean {
    return this.client.ways.mayCommit();
  }

  get commitIsDue(): boolean {
    return this.client.commitClock.due;
  }

  commit(): "sent" | CommitResult {
    return sendCommit(this.client, "application");
  }

  commitBatch(): void {
    if (waitsForCommits(this.client.options.commits)) commitAndWait(this.client);
    else commitBatch(this.client);
  }

  commitsAgain(): boolean {
    return commitsAgain(this.client);
  }

  coordinatorDisturbed(): void {
    delayCommit(this.client);
  }

  positionsAsCommit(): OffsetCommit | undefined {
    return positionsAsCommit(this.client);
  }

  fellOutOfRange(partitions: Partitions): void {
    fellOutOfRange(this.client, partitions);
  }

  close(unsaved = false): void {
    close(this.client, unsaved);
  }

  rouseCommits(commits: RousedCommits): OffsetCommit | undefined {
    return rouseCommits(this.client, commits);
  }

  takeAnsweredCommits(): AnsweredCommits {
    return takeAnswered(this.client);
  }

  // ---------------------------------------------------------------- the application's thread

  get wantsPoll(): boolean {
    const { fatal, waitingCommit } = this.client;
    return this.#polls && (fatal !== undefined || waitingCommit.returned || this.hasToDo);
  }

  /** Whether the protocol has anything to do in the next poll(). */
  protected abstract get hasToDo(): boolean;

  poll(): void {
    if (!this.#polls) return;
    this.client.waitingCommit.returned = false;
    this.polled();
  }

  /** The application is inside poll(). */
  protected abstract polled(): void;

  /** poll() throws what no further one would mend, if there is anything. Returns whether it does. */
  protected throws(): boolean {
    this.#failure = this.client.fatal;
    return this.#failure !== undefined;
  }

  /** Its application calls poll() as ever: it is not inside another call, nor expects anything but to close. */
  get #polls(): boolean {
    return !this.client.departure.phase && this.#failure === undefined && !this.heldUp;
  }

  // ---------------------------------------------------------------- the network, and timers

  receive(reply: GroupReply): void {
    const on = this.client;
    const request = on.requests.take(reply);
    if (!request) return; // of a connection that was given up
    const lost = reply.error === "DISCONNECTED" || reply.error === "TIMED_OUT";
    if (!lost && !isElsewhere(reply.api)) coordinatorAnswered(on);
    recordAnswer(on, request, reply);
    this.hear(reply, request);
    endIfSettled(on);
  }

  /** What a reply means, as soon as some thread looks at it. */
  protected abstract hear(reply: GroupReply, request: InFlight): void;

  /** Whoever waited for a coordinator goes on, the protocol first. */
  protected coordinatorIs(reply: FindCoordinatorReply, resume: () => void): void {
    const on = this.client;
    if (!coordinatorFound(on, reply)) return;
    resume();
    commitAgain(on);
    commitBeforeClose(on);
  }

  /** A commit's answer goes to the one who waits for it; `waits`: the protocol, for those of its own. */
  protected commitAnswered(
    error: ErrorCode,
    request: InFlight,
    waits: (result: CommitResult, purpose: CommitPurpose | undefined) => void,
  ): void {
    const on = this.client;
    const result = commitAnswered(on, error, request);
    if (request.purpose === "closing") closingCommitAnswered(on, result);
    else if (request.purpose === "batch") waitingCommitAnswered(on, result, request);
    else waits(result, request.purpose);
  }

  fire(timer: MemberTimer, subject: string): void {
    const on = this.client;
    switch (timer) {
      case "request": // Kafka gives up the whole connection with it
        requestOver(on, subject as Api);
        if (!isElsewhere(subject as Api) && !on.departure.phase) loseCoordinator(on, "TIMED_OUT");
        return;
      case "lookup":
        return searchAgain(on);
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
      case "close":
        return closeTimeOver(on);
      default:
        return this.ended(timer);
    }
  }

  /** One of the protocol's own timers has ended. */
  protected abstract ended(timer: OwnTimer): void;
}
