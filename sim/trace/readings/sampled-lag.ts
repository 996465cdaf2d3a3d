import type { Duration, Instant } from "../../engine/time.ts";
import type { GroupId, TopicName } from "../../names.ts";
import type { Sink } from "../event.ts";
import { lagLines, type GroupLines } from "./lag.ts";

/** The lag of a group at one instant, exact. */
export interface LagSample {
  readonly group: GroupId;
  readonly t: Instant;
  /** Records not yet read, of all partitions. */
  readonly total: number;
  /** The partition with the most. */
  readonly worst: { readonly topic: TopicName; readonly partition: number; readonly lag: number } | null;
  /** Over partitions, records. */
  readonly lag: Spread;
  /** Over partitions, microseconds; not always whole. */
  readonly timeLag: Spread;
}

/** The least value that is not exceeded in half, nine tenths … of the partitions; and the greatest. */
export interface Spread {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/**
 * Tells the lag of every group at `first`, `first` + `step`, `first` + 2 · `step` …, after all that happened at that
 * instant. Costs one look at every partition a sample, whatever the trace.
 */
export function sampledLag(step: Duration, tell: (sample: LagSample) => void, first: Instant = 0): Sink {
  let next = first;
  const lines = lagLines({
    before(t) {
      for (; next < t; next += step) for (const group of lines.groups()) tell(sample(group, next));
    },
  });
  return {
    ...lines,
    end(t) {
      for (; next <= t; next += step) for (const group of lines.groups()) tell(sample(group, next));
      lines.end(t);
    },
  };
}

function sample(group: GroupLines, t: Instant): LagSample {
  const { lines, partitions } = group;
  const lags = new Float64Array(lines.length);
  const timeLags = new Float64Array(lines.length);
  let count = 0;
  let worst = -1;
  let most = 0;
  for (let i = 0; i < lines.length; i++) {
    const lag = lines[i].lagAt(t);
    if (lag === 0) continue;
    if (lag > most) {
      most = lag;
      worst = i;
    }
    lags[count] = lag;
    timeLags[count++] = lines[i].timeLagAt(t);
  }
  return {
    group: group.group,
    t,
    total: group.totalAt(t),
    worst: worst < 0 ? null : { topic: lines[worst].topic, partition: lines[worst].partition, lag: most },
    lag: spread(lags.subarray(0, count), partitions),
    timeLag: spread(timeLags.subarray(0, count), partitions),
  };
}

/** Of `count` values: these, and zeros for the rest. Reorders them. */
function spread(values: Float64Array, count: number): Spread {
  const zeros = count - values.length;
  let from = 0;
  const quantile = (share: number) => {
    const rank = Math.ceil(share * count) - 1 - zeros;
    if (rank < 0 || values.length === 0) return 0;
    select(values, from, rank);
    from = rank; // the higher ranks lie above
    return values[rank];
  };
  return { p50: quantile(0.5), p90: quantile(0.9), p99: quantile(0.99), max: quantile(1) };
}

/** Puts the value of this rank in its place, lower ones before it and higher ones behind. Hoare's quickselect. */
function select(values: Float64Array, from: number, rank: number): void {
  let low = from;
  let high = values.length - 1;
  while (low < high) {
    const pivot = values[(low + high) >>> 1];
    let i = low;
    let j = high;
    while (i <= j) {
      while (values[i] < pivot) i++;
      while (values[j] > pivot) j--;
      if (i <= j) {
        const swap = values[i];
        values[i++] = values[j];
        values[j--] = swap;
      }
    }
    if (rank <= j) high = j;
    else if (rank >= i) low = i;
    else return;
  }
}
