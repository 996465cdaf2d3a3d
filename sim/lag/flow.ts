import type { Duration, Instant } from "../engine/time.ts";
import { type Aside, type Causes, type InHand, type Move, NO_MOVE, type Stretch } from "./moves.ts";
import type { Passage } from "./passages.ts";

/** Sums over all partitions. */
export interface Totals {
  readonly produced: number;
  readonly consumed: number;
  readonly lag: number;
  readonly reread: number;
  readonly lost: number;
}

/** What it comes to that a log was cut back. */
export interface Cut extends Move {
  /** So many records that could be read are gone. */
  readonly gone: number;
}

export const NO_CUT: Cut = { ...NO_MOVE, gone: 0 };

/** New lines of some partitions of one topic. A number in place of a list stands for all of them. */
export interface LagBatch {
  /** The topic's place in the list the model was made with. */
  readonly topic: number;
  readonly partitions: readonly number[];
  /** Records not yet read, to the sixth decimal. */
  readonly lag: number | readonly number[];
  /** Production, records per second, from now on. */
  readonly in: number | readonly number[];
  /** Consumption, records per second, from now on. */
  readonly out: number | readonly number[];
  /** Records that came in all at once, now; absent: none. */
  readonly arrived?: number | readonly number[];
  /** Records that could be read and are gone with their leader, now, before any came; absent: none. */
  readonly gone?: number | readonly number[];
  /** Records per second that come in and cannot be read yet, from now on; `null`: all can. Absent: of none is that so. */
  readonly above?: number | null | readonly (number | null)[];
  /** Whether their readers get at none of them, from now on; absent: as before, or a fluid's rates say so. */
  readonly held?: boolean | readonly boolean[];
  /** Whether their readers are at their limits, and get no more of them, from now on; absent: none is. */
  readonly spent?: boolean | readonly boolean[];
}

/**
 * What is written to the partitions of a group and read from them: as a fluid (`fluid.ts`), or record by record
 * (`records/record-flow.ts`). Partitions are numbered densely, topic after topic; clients from 0. A position is the offset
 * of the next record to be processed.
 */
export interface Flow {
  readonly partitions: number;
  /** The dense number of a topic's partition. */
  indexOf(topic: number, partition: number): number;

  /** Records per second come into this partition from now on. */
  setRate(partition: number, recordsPerSecond: number): void;
  /** So many records come into this partition at once. */
  arrive(partition: number, records: number): void;
  /**
   * The high watermark of this partition stands still: what comes in after `since` can be read only when it moves on, and
   * is in no lag before; `undefined`: it moves. Of what has come in so, `readable` records can be read from now on.
   */
  standStill(partition: number, since: Instant | undefined, readable: number): void;
  /** Nobody will ever read what is before this position, if that is ahead. */
  skip(partition: number, to: number, cause: string): Move;
  /**
   * What was written to this partition after `to` is gone; of what could be read so many records, as the log says. Whatever has
   * a position there has it at the new end from then on, and what is written next counts on from where the books are: positions
   * up to that end grow by as many records as are gone (`movedUp`).
   */
  cutBack(partition: number, to: Instant, gone: number, cause: string): Cut;
  /** Whoever has these records in hand processes them: those that were lost are not. Returns which were. */
  recover(partition: number, from: number, to: number): readonly Stretch[];
  /** Nothing of this partition can be had at present, or it can again; returns whether that is new. Its reader stays. */
  hold(partition: number, held: boolean): boolean;
  /** A client that can process so many records per second; returns its number. */
  addClient(recordsPerSecond: number): number;
  /** 0 while a client is stuck in a batch. */
  setCapacity(client: number, recordsPerSecond: number): void;
  /** These partitions are read by this client from now on, and by nobody else. */
  read(client: number, partitions: readonly number[]): void;
  /** Sets the position of a partition, whoever reads it. */
  seek(partition: number, to: number, causes: Causes, inHand: InHand): Move;
  /** This client reads these partitions no longer; those that another has taken over stay with that one. */
  stop(client: number, partitions: Iterable<number>): void;
  /** Whoever reads this partition processes what of it was handed to its application, and gets no more. */
  handOutNoMore(partition: number): void;
  /** Up to where that reader will have processed it when it is through with what it was handed. */
  endOfHandedOut(line: number): number;
  /**
   * Whoever reads this partition goes on with it on its own account, from where it is: nobody reads it for the group from
   * now on. Returns the number of a line of its own, which can be held and asked for its position as a partition can; it
   * is in no books, and told to nobody.
   */
  detach(partition: number): number;
  /** This client begins to read this partition on its own account, at this position: on a line as of `detach`. */
  readAside(client: number, partition: number, from: number): number;
  /** Who reads such a line has processed these records beside the group: that goes to the books of its partition. */
  enterAside(line: number, from: number, to: number, cause: string): Aside;
  /** What the reader of such a line has gone through since this was last asked, and when. */
  passages(line: number): readonly Passage[];
  /** Such a line is read no longer. Its number may be given to another. */
  discard(line: number): void;
  /** What the flow asked for is due for this client. */
  wake(client: number): void;
  /** The instant is over. */
  flush(): void;

  /** Does anything wait for this client, or more arrive than it can take? */
  backlogged(client: number): boolean;
  /** Does anything arrive at the partitions of this client, or wait in them? */
  hasWork(client: number): boolean;
  /** Records per second that come in and can be read. */
  inflowOf(partition: number): number;
  readerOf(partition: number): number | undefined;
  /** Records not yet processed, from the last change on, at any `t`. */
  lagAt(partition: number, t: Instant): number;
  /** Records produced since the run began that can be read. */
  produced(partition: number, t: Instant): number;
  position(partition: number, t: Instant): number;
  /** Where it stood at an instant that the host's `marks` named, or stands now. */
  positionAt(partition: number, t: Instant): number;
  /** The same, now. */
  positionNow(partition: number): number;
  /** Records that come to be processed of this partition within a time from now, if all goes on as it does. */
  within(partition: number, duration: Duration): number;
  totals(t: Instant): Totals;
  /** What was wrong with the books of anything touched up to the last flush, or nothing. */
  audit(): string | undefined;
}
