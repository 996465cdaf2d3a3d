/**
 * How much time a quantity spends where, exactly for quantities that run in straight lines, in a histogram that keeps
 * its size whatever the run.
 *
 * Bins are 256 to a power of two, so no bin is wider than 1/256 (0.39 %) of its values, which bounds the error of every
 * quantile; and they are cut out of the bits of the floating-point number, so all runtimes agree on them. Weights are
 * whole microseconds when the histogram is taken, so that histograms add up exactly and in any order.
 */
import type { Duration } from "../engine/time.ts";

/** A quantity over time, as plain data. */
export interface Distribution {
  /** All the time there was: microseconds, times partitions where the quantity is one of partitions. */
  readonly weight: number;
  readonly min: number;
  readonly max: number;
  /** The integral over the weight. */
  readonly sum: number;
  /** Numbers of the bins that were visited, ascending. Bin 0 is for all that is below 1/1024. */
  readonly bins: readonly number[];
  /** How long, for each of them. */
  readonly weights: readonly number[];
}

const LEAST_EXPONENT = -10;
const OCTAVES = 64;
/** Of a number's 20 high mantissa bits, 8 belong to its bin. */
const SHIFT = 12;
const FIRST = (1023 + LEAST_EXPONENT) << 8;
const BINS = 1 + OCTAVES * 256;
/** The leaf of each bin in a tree over them has a number below twice theirs; halved so often, the greatest is the root's. */
const LEVELS = 31 - Math.clz32(2 * BINS - 1);

/** The least value of each bin, and of the one that would follow the last. */
const FLOORS: Readonly<Float64Array> = (() => {
  const floors = new Float64Array(BINS + 1);
  let octave = 1;
  for (let i = 0; i > LEAST_EXPONENT; i--) octave /= 2;
  for (let bin = 1; bin <= BINS; bin++) {
    floors[bin] = octave * (1 + ((bin - 1) % 256) / 256);
    if (bin % 256 === 0) octave *= 2;
  }
  return floors;
})();

export interface Occupancy {
  /** For `length` microseconds the quantity runs straight from one value to the other; neither is negative. */
  add(from: number, to: number, length: Duration): void;
  distribution(): Distribution;
}

export function occupancy(): Occupancy {
  const bits = new DataView(new ArrayBuffer(8));
  const binOf = (value: number): number => {
    bits.setFloat64(0, value);
    return Math.min(Math.max(0, (bits.getUint32(0) >>> SHIFT) - FIRST + 1), BINS - 1);
  };
  /** Microseconds in a bin. */
  const points = new Float64Array(BINS);
  /**
   * Microseconds a unit of the quantity, over ranges of bins: a line that crosses a thousand bins adds to a dozen
   * nodes of this tree. Only ever adding, it keeps its precision, as a table of differences would not.
   */
  const densities = new Float64Array(2 * BINS);
  // Bins from the first one visited to the last: a run visits few of them.
  let lowest = BINS;
  let highest = -1;
  let weight = 0;
  let sum = 0;
  let min = Infinity;
  let max = 0;

  /** Of each bin visited the microseconds a unit of the quantity: what its node and all those above it say. */
  const spread = (): Float64Array => {
    let above = new Float64Array(1); // over the root there is nothing
    let firstAbove = 0;
    for (let level = LEVELS; ; level--) {
      const first = (lowest + BINS) >> level;
      const own = new Float64Array(((highest + BINS) >> level) - first + 1);
      for (let i = 0; i < own.length; i++) {
        const node = first + i;
        own[i] = densities[node] + above[(node >> 1) - firstAbove];
      }
      if (level === 0) return own;
      above = own;
      firstAbove = first;
    }
  };

  return {
    add(from, to, length) {
      if (length <= 0) return;
      const low = Math.min(from, to);
      const high = Math.max(from, to);
      weight += length;
      sum += ((low + high) / 2) * length;
      if (low < min) min = low;
      if (high > max) max = high;
      const first = binOf(low);
      const last = binOf(high);
      if (first < lowest) lowest = first;
      if (last > highest) highest = last;
      if (first === last) {
        points[first] += length;
        return;
      }
      const density = length / (high - low);
      points[first] += density * (FLOORS[first + 1] - low);
      points[last] += density * (high - FLOORS[last]);
      for (let left = first + 1 + BINS, right = last + BINS; left < right; left >>= 1, right >>= 1) {
        if (left & 1) densities[left++] += density;
        if (right & 1) densities[--right] += density;
      }
    },

    distribution() {
      const bins: number[] = [];
      const weights: number[] = [];
      const dense = lowest <= highest ? spread() : [];
      let exact = 0;
      let told = 0;
      for (let bin = lowest; bin <= highest; bin++) {
        const density = dense[bin - lowest];
        exact += points[bin] + (density === 0 ? 0 : density * (FLOORS[bin + 1] - FLOORS[bin]));
        // The running total is rounded, not the bin: what a thousand narrow bins lack adds up to nothing.
        const micros = Math.round(exact) - told;
        if (micros === 0) continue;
        told += micros;
        bins.push(bin);
        weights.push(micros);
      }
      return { weight: Math.round(weight), min: weight > 0 ? min : 0, max, sum, bins, weights };
    },
  };
}

export function mean({ sum, weight }: Distribution): number {
  return weight > 0 ? sum / weight : 0;
}

/**
 * The value that the quantity does not exceed in this share of the time. Off by less than 0.4 %, and by nothing where
 * it runs in straight lines through its bin.
 */
export function quantile({ bins, weights, min, max }: Distribution, share: number): number {
  if (share <= 0) return min;
  if (share >= 1) return max;
  let rest = share * weights.reduce((all, weight) => all + weight, 0);
  for (let i = 0; i < bins.length; i++) {
    if (rest > weights[i]) {
      rest -= weights[i];
      continue;
    }
    const floor = Math.max(min, FLOORS[bins[i]]);
    const ceiling = Math.min(max, FLOORS[bins[i] + 1]);
    return bins[i] === 0 ? floor : floor + (ceiling - floor) * (rest / weights[i]);
  }
  return max;
}

/** Both together, as if one had watched them all. */
export function merge(a: Distribution, b: Distribution): Distribution {
  const weights = new Map(a.bins.map((bin, i) => [bin, a.weights[i]]));
  b.bins.forEach((bin, i) => weights.set(bin, (weights.get(bin) ?? 0) + b.weights[i]));
  const bins = [...weights.keys()].sort((x, y) => x - y);
  const least = [a, b].filter(({ weight }) => weight > 0).map(({ min }) => min);
  return {
    weight: a.weight + b.weight,
    min: least.length > 0 ? Math.min(...least) : 0,
    max: Math.max(a.max, b.max),
    sum: a.sum + b.sum,
    bins,
    weights: bins.map((bin) => weights.get(bin)!),
  };
}
