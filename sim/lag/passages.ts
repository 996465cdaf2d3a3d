import type { Duration, Instant } from "../engine/time.ts";
import { movedUp } from "./moves.ts";

/**
 * Somebody went through consecutive records of a partition at an even pace: he was at the first of these offsets and at the
 * second then. Not always whole.
 */
export interface Passage {
  readonly from: number;
  readonly to: number;
  readonly since: Instant;
  readonly until: Instant;
}

/** The part of it from one offset on. */
export function passageFrom(offset: number, passages: readonly Passage[]): readonly Passage[] {
  return passages.flatMap((passage) => {
    const { from, to, since, until } = passage;
    if (to <= offset) return [];
    if (from >= offset) return [passage];
    return [{ from: offset, to, since: since + ((until - since) * (offset - from)) / (to - from), until }];
  });
}

/** Where somebody is, and since when; and what he went through before that nobody has asked for. */
export class Trail {
  #at: Instant;
  #offset: number;
  #passages: Passage[] = [];

  constructor(at: Instant, offset: number) {
    this.#at = at;
    this.#offset = offset;
  }

  /** He has come to this offset at an even pace, or in the last so long of the time since. */
  reach(at: Instant, offset: number, took: Duration = at - this.#at): void {
    if (offset > this.#offset) {
      this.#passages.push({ from: this.#offset, to: offset, since: at - took, until: at });
    }
    this.#at = at;
    this.#offset = offset;
  }

  /** So many records before this offset are gone; all that he went through was asked for. */
  cutBack(records: number, end: number): void {
    this.#offset = movedUp(this.#offset, records, end);
  }

  /** What he went through since this was last asked, ascending. */
  take(): readonly Passage[] {
    const passages = this.#passages;
    this.#passages = [];
    return passages;
  }
}
