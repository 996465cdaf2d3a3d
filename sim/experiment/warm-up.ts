/** Values are put together by so many, which is what the 5 of MSER-5 means. */
const BATCH = 5;

/**
 * How many values at the beginning of a series to leave out, because they still tell how it began: MSER-5.
 *
 * Of all beginnings to cut off, the one after which the standard error of the mean of the rest is least: cutting more
 * removes bias, until it costs more in lost values than it wins. Computed over means of five values, which smooth what
 * would mislead it. The cut is looked for in the first half, since short ends look steady by accident; `undefined` if
 * the best is the last one there: then the series is too short to have settled.
 *
 * K. P. White, M. J. Cobb, S. C. Spratt: A comparison of five steady-state truncation heuristics for simulation,
 * Proceedings of the 2000 Winter Simulation Conference.
 */
export function warmUpLength(series: readonly number[]): number | undefined {
  const batches = Math.floor(series.length / BATCH);
  const latest = Math.floor(batches / 2);
  if (latest === 0) return undefined;
  const means: number[] = [];
  for (let batch = 0; batch < batches; batch++) {
    let sum = 0;
    for (let i = 0; i < BATCH; i++) sum += series[batch * BATCH + i];
    means.push(sum / BATCH);
  }
  // From the end, so that every tail's mean and squares follow from the shorter one's.
  let best = latest;
  let least = Infinity;
  let mean = 0;
  let squares = 0;
  for (let cut = batches - 1; cut >= 0; cut--) {
    const rest = batches - cut;
    const before = means[cut] - mean;
    mean += before / rest;
    squares += before * (means[cut] - mean);
    const error = squares / (rest * rest);
    if (cut <= latest && error <= least) {
      least = error;
      best = cut;
    }
  }
  return best < latest ? best * BATCH : undefined;
}
