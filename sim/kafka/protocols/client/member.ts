import type { BrokerId, Generation, MemberId, Partitions } from "../../../names.ts";
import type { OffsetCommit } from "../../messages.ts";
import type { Client } from "./client.ts";
import { close } from "./closing.ts";
import type { CommitResult } from "./commits.ts";
import { commitBatch, positionsAsCommit, sendCommit, waitsForCommits } from "./commits.ts";
import { fellOutOfRange } from "./positions.ts";
import type { RousedCommits } from "./resting.ts";
import { rouseCommits } from "./resting.ts";
import { commitAndWait, commitsAgain, delayCommit } from "./waiting-commit.ts";

/** What members of all protocols do alike; each method is described where it is asked for, in `GroupMember`. */
export abstract class ClientMember {
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

  get soughtBack(): boolean {
    return this.client.waitingCommit.refused !== undefined;
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
}
