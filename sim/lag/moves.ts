import type { Ledger } from "./ledger.ts";

/** What a reader had in hand beyond its position when it read no more: handed out, and handed out again to the next. */
export interface InHand {
  readonly records: number;
  /** Whether it never came to process them: it crashed. Otherwise both will have. */
  readonly dropped: boolean;
}

export const NOTHING_IN_HAND: InHand = { records: 0, dropped: false };

/** What goes to the books with records that are read again, and with those that are lost. */
export interface Causes {
  readonly reread: string;
  readonly lost: string;
}

/** What became of the records between a position and the one it was set to. */
export interface Move {
  /** Read again, those in hand included. */
  readonly reread: number;
  readonly inHand: number;
  readonly lost: number;
}

/** Records that a position was set forward over. */
interface Skipped {
  readonly from: number;
  readonly to: number;
  readonly cause: string;
}

/** Enters in the books what it means that a position is set: back, and records are read again; forward, and they are lost. */
export class Moves {
  readonly #ledger: Ledger;
  /** What was skipped of a partition, ascending. Losses are rare, so most have no entry. */
  readonly #skipped = new Map<number, Skipped[]>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** `least`: positions that are nearer than this are the same, and the rest is the noise of floats. */
  set(
    partition: number,
    position: number,
    to: number,
    least: number,
    causes: Causes,
    { records, dropped }: InHand = NOTHING_IN_HAND,
  ): Move {
    const back = position - to;
    // Of what was in hand only that is read again which lies behind the starting point.
    const inHand = position + records - to < least ? 0 : Math.min(records, back + records);
    const unprocessed = dropped ? inHand : 0;
    if (back >= least) {
      const reread = back - this.#regain(partition, to);
      this.#ledger.rollBack(partition, reread, causes.reread, inHand, unprocessed);
      return { reread: reread + inHand, inHand, lost: 0 };
    }
    if (inHand > 0) this.#ledger.rollBack(partition, 0, causes.reread, inHand, unprocessed);
    if (back > -least) return { reread: inHand, inHand, lost: 0 };
    this.#ledger.lose(partition, -back, causes.lost);
    const skipped = this.#skipped.get(partition) ?? [];
    this.#skipped.set(partition, [...skipped, { from: position, to, cause: causes.lost }]);
    return { reread: inHand, inHand, lost: -back };
  }

  /** What had been skipped from this position on is read after all; returns how much that is. */
  #regain(partition: number, from: number): number {
    const skipped = this.#skipped.get(partition);
    if (!skipped) return 0;
    let regained = 0;
    const still: Skipped[] = [];
    for (const stretch of skipped) {
      const cut = Math.max(stretch.from, Math.min(stretch.to, from));
      if (cut > stretch.from) still.push({ ...stretch, to: cut });
      if (cut === stretch.to) continue;
      regained += stretch.to - cut;
      this.#ledger.regain(partition, stretch.to - cut, stretch.cause);
    }
    this.#skipped.set(partition, still);
    return regained;
  }
}
