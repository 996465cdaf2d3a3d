import { exp, ln } from "../engine/math.ts";
import { quantileRanks, type Interval, type Surety } from "./statistics.ts";
import type { Estimated } from "./estimates.ts";

export interface SpreadOptions {
  /** Up to so many values are kept as they are. */
  readonly exact?: number;
  /** Beyond that, values that differ by less than this share of themselves may count as equal. */
  readonly grain?: number;
}

/**
 * How values are spread, in a memory that does not grow with them: quantiles, and where those of the law behind them lie.
 *
 * The first values are kept as they are. When there are more, all of them are counted in bins as wide as a share of
 * themselves, so that a quantile is right to half of that share; there are so many bins as the values have orders of
 * magnitude, whatever their number. Bins are whole counts: the order in which values come does not matter.
 */
export class Spread {
  readonly #most: number;
  readonly #width: number;
  #values: number[] | undefined = [];
  #sorted = true;
  readonly #bins = new Map<number, number>();
  #min = Infinity;
  #max = -Infinity;
  count = 0;

  constructor({ exact = 4_096, grain = 0.001 }: SpreadOptions = {}) {
    this.#most = exact;
    this.#width = ln(1 + grain);
  }

  get min(): number {
    return this.#min;
  }

  get max(): number {
    return this.#max;
  }

  add(value: number): void {
    this.count++;
    if (value < this.#min) this.#min = value;
    if (value > this.#max) this.#max = value;
    if (this.#values === undefined) return this.#put(value);
    this.#values.push(value);
    this.#sorted = false;
    if (this.#values.length <= this.#most) return;
    for (const one of this.#values) this.#put(one);
    this.#values = undefined;
  }

  /** The least value that a share of them does not exceed, and where the law's quantile lies (order statistics). */
  quantile(share: number, surety: Surety): Estimated {
    const { lower, upper } = quantileRanks(this.count, share, surety);
    const rank = Math.max(1, Math.ceil(share * this.count - 1e-9)); // the product may miss a whole number by its last bit
    const interval: Interval = {
      low: lower === 0 ? -Infinity : this.#at(lower),
      high: upper > this.count ? Infinity : this.#at(upper),
    };
    return { value: this.#at(rank), interval };
  }

  /** The value of a rank, counted from 1. */
  #at(rank: number): number {
    if (this.#values) {
      if (!this.#sorted) this.#values.sort((a, b) => a - b);
      this.#sorted = true;
      return this.#values[rank - 1];
    }
    if (rank <= 1) return this.#min;
    if (rank >= this.count) return this.#max;
    let seen = 0;
    for (const bin of [...this.#bins.keys()].sort((a, b) => a - b)) {
      seen += this.#bins.get(bin)!;
      if (seen >= rank) return Math.min(this.#max, Math.max(this.#min, this.#middleOf(bin)));
    }
    return this.#max;
  }

  #put(value: number): void {
    const bin = this.#binOf(value);
    this.#bins.set(bin, (this.#bins.get(bin) ?? 0) + 1);
  }

  /** In order of the values: those below zero from −OFFSET downwards, zero itself, those above around +OFFSET. */
  #binOf(value: number): number {
    if (value === 0) return 0;
    const size = OFFSET + Math.round(ln(Math.abs(value)) / this.#width);
    return value > 0 ? size : -size;
  }

  #middleOf(bin: number): number {
    if (bin === 0) return 0;
    const size = exp((Math.abs(bin) - OFFSET) * this.#width);
    return bin > 0 ? size : -size;
  }
}

/** Farther from 0 than any logarithm of a number, in bins. */
const OFFSET = 100_000_000;
