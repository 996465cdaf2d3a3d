/**
 * Rows of coloured stretches, as a strip wants to draw them: for each row (a member, a partition) a sequence of values
 * over time without gaps, all rows one after the other in typed arrays. So a row's share of any stretch of time is
 * found by bisection, drawing allocates nothing, and the whole moves out of the worker without being copied.
 */
export interface Lanes {
  readonly rows: number;
  /** Row r has the stretches offsets[r] … offsets[r + 1] − 1. */
  readonly offsets: Uint32Array;
  /** When each stretch begins (microseconds); it lasts until the next of its row, the last one until the end. */
  readonly starts: Float64Array;
  readonly values: Int32Array;
}

/** Where nothing is said of a row. */
export const NOTHING = -2;

/** Index of the stretch of this row that covers `t`; −1 before the first. */
export function stretchAt({ offsets, starts }: Lanes, row: number, t: number): number {
  let low = offsets[row];
  let high = offsets[row + 1];
  if (low === high || starts[low] > t) return -1;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (starts[middle] <= t) low = middle;
    else high = middle;
  }
  return low;
}

/** What this row is at `t`. */
export function valueAt(lanes: Lanes, row: number, t: number): number {
  const index = stretchAt(lanes, row, t);
  return index < 0 ? NOTHING : lanes.values[index];
}

/** Collects stretches in any order of rows, each row's in order of time. */
export class LaneBuilder {
  #rows = new Int32Array(1024);
  #starts = new Float64Array(1024);
  #values = new Int32Array(1024);
  #count = 0;
  readonly #ends: number[] = [];
  readonly #last: number[] = [];

  /** This row has this value from … to; what lies between two stretches is `NOTHING`. */
  add(row: number, from: number, to: number, value: number): void {
    if (to <= from) return;
    const end = this.#ends[row];
    if (end !== undefined && from > end) this.#put(row, end, NOTHING);
    this.#put(row, from, value);
    this.#ends[row] = to;
  }

  #put(row: number, start: number, value: number): void {
    if (this.#last[row] === value) return; // the same goes on
    this.#last[row] = value;
    if (this.#count === this.#rows.length) this.#grow();
    this.#rows[this.#count] = row;
    this.#starts[this.#count] = start;
    this.#values[this.#count++] = value;
  }

  #grow(): void {
    const size = this.#count * 2;
    const rows = new Int32Array(size);
    rows.set(this.#rows);
    this.#rows = rows;
    const starts = new Float64Array(size);
    starts.set(this.#starts);
    this.#starts = starts;
    const values = new Int32Array(size);
    values.set(this.#values);
    this.#values = values;
  }

  build(rows: number, end: number): Lanes {
    for (let row = 0; row < rows; row++) {
      const until = this.#ends[row];
      if (until !== undefined && until < end) this.#put(row, until, NOTHING);
    }
    const offsets = new Uint32Array(rows + 1);
    for (let i = 0; i < this.#count; i++) offsets[this.#rows[i] + 1]++;
    for (let row = 0; row < rows; row++) offsets[row + 1] += offsets[row];
    const place = offsets.slice();
    const starts = new Float64Array(this.#count);
    const values = new Int32Array(this.#count);
    for (let i = 0; i < this.#count; i++) {
      const to = place[this.#rows[i]]++;
      starts[to] = this.#starts[i];
      values[to] = this.#values[i];
    }
    return { rows, offsets, starts, values };
  }
}

/** A stretch that may overlap others of its row. */
export interface Layer {
  readonly row: number;
  readonly from: number;
  readonly to: number;
  /** A small whole number above 0. */
  readonly value: number;
}

/** Lanes of stretches in any order, of which the one with the greatest value counts where they overlap. */
export function layered(layers: readonly Layer[], rows: number, end: number): Lanes {
  const bounds = layers
    .filter(({ from, to }) => to > from)
    .flatMap(({ row, from, to, value }) => [
      { row, at: from, value, by: 1 },
      { row, at: to, value, by: -1 },
    ])
    .sort((a, b) => a.row - b.row || a.at - b.at);
  const lanes = new LaneBuilder();
  const active: number[] = [];
  bounds.forEach(({ row, at, value, by }, i) => {
    active[value] = (active[value] ?? 0) + by;
    const next = bounds[i + 1];
    const most = active.findLastIndex((count) => count > 0);
    if (most >= 0 && next && next.at > at) lanes.add(row, at, next.at, most);
  });
  return lanes.build(rows, end);
}

/** Tells every stretch of this row of which something is said. */
export function eachStretchOf(
  { offsets, starts, values }: Lanes,
  row: number,
  end: number,
  tell: (from: number, to: number, value: number) => void,
): void {
  for (let i = offsets[row]; i < offsets[row + 1]; i++)
    if (values[i] !== NOTHING) tell(starts[i], i + 1 < offsets[row + 1] ? starts[i + 1] : end, values[i]);
}

/** The same of all rows. */
export function eachStretch(
  lanes: Lanes,
  end: number,
  tell: (row: number, from: number, to: number, value: number) => void,
): void {
  for (let row = 0; row < lanes.rows; row++)
    eachStretchOf(lanes, row, end, (from, to, value) => tell(row, from, to, value));
}

/** A number that changes in steps. */
export interface Steps {
  readonly at: Float64Array;
  readonly values: Float64Array;
}

export class StepsBuilder {
  readonly #at: number[] = [];
  readonly #values: number[] = [];

  set(t: number, value: number): void {
    if (this.#at.at(-1) === t) this.#values[this.#values.length - 1] = value;
    else if (this.#values.at(-1) !== value) {
      this.#at.push(t);
      this.#values.push(value);
    }
  }

  build(): Steps {
    return { at: Float64Array.from(this.#at), values: Float64Array.from(this.#values) };
  }
}

export function stepAt({ at, values }: Steps, t: number): number {
  const i = pointAt(at, t);
  return i < 0 ? 0 : values[i];
}

/** How many stretches cover each instant. */
export class Crowd {
  readonly #changes = new Map<number, number>();

  add(from: number, to: number): void {
    this.#changes.set(from, (this.#changes.get(from) ?? 0) + 1);
    this.#changes.set(to, (this.#changes.get(to) ?? 0) - 1);
  }

  build(): Steps {
    const steps = new StepsBuilder();
    let here = 0;
    for (const [t, change] of [...this.#changes].sort(([a], [b]) => a - b)) steps.set(t, (here += change));
    return steps.build();
  }
}

/** A quantity that is straight between its points. */
export interface Line {
  readonly at: Float64Array;
  readonly values: Float64Array;
}

export class LineBuilder {
  readonly #at: number[] = [];
  readonly #values: number[] = [];

  /** From here to there, from this value on, by so much a microsecond. */
  add(from: number, to: number, value: number, slope: number): void {
    if (this.#at.at(-1) !== from || this.#values.at(-1) !== value) this.#point(from, value);
    this.#point(to, value + slope * (to - from));
  }

  #point(t: number, value: number): void {
    this.#at.push(t);
    this.#values.push(value);
  }

  build(): Line {
    return { at: Float64Array.from(this.#at), values: Float64Array.from(this.#values) };
  }
}

/** Index of the last point at or before `t`; −1 if there is none. */
export function pointAt(at: Float64Array, t: number): number {
  let low = 0;
  let high = at.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (at[middle] <= t) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

export function lineAt({ at, values }: Line, t: number): number {
  const i = pointAt(at, t);
  if (i < 0) return 0;
  if (i === at.length - 1 || at[i + 1] === at[i]) return values[i];
  return values[i] + ((values[i + 1] - values[i]) * (t - at[i])) / (at[i + 1] - at[i]);
}
