/**
 * How a client shares its capacity among the partitions it reads: max–min fairness ("water-filling").
 *
 * A caught-up partition wants what arrives, a backlogged one wants all it can get, and nobody gets more than the
 * level of the water unless nobody wants more:
 *
 *     capacity 100, caught-up inflows 10 and 60, one backlogged partition
 *       level 45: the first takes its 10; the second gets 45 of its 60 and falls behind; the backlog drains at 45
 *
 * It is the fluid limit of a consumer that goes round its partitions and takes from each what is there. A real one
 * goes round in fetched chunks of up to 1 MiB, so the picture is good wherever a chunk is worked off quickly.
 */

/**
 * Rates are sums and quotients of floats, so a client whose capacity equals its inflow to the last digit may come out
 * a hair short. Short by less than this part of the level is not short.
 */
const NOISE = 1e-12;

/**
 * The level at which capacity runs out, records per second; `Infinity` when everybody has what they want.
 *
 * `order` lists the client's partitions by ascending inflow, so that one pass settles who is below the water.
 */
export function fairLevel(
  capacity: number,
  order: readonly number[],
  inflow: ArrayLike<number>,
  lag: ArrayLike<number>,
): number {
  let left = capacity;
  let sharers = order.length;
  for (const partition of order) {
    if (lag[partition] > 0) continue;
    if (!isWithin(inflow[partition], left / sharers)) break; // nor is any later one: they want more still
    left -= inflow[partition];
    sharers--;
  }
  return sharers === 0 ? Infinity : Math.max(0, left) / sharers;
}

/** The same, where what each wants is known: records per second, ascending. */
export function fairLevelOf(capacity: number, wants: readonly number[]): number {
  let left = capacity;
  let sharers = wants.length;
  for (const want of wants) {
    if (!isWithin(want, left / sharers)) break;
    left -= want;
    sharers--;
  }
  return sharers === 0 ? Infinity : Math.max(0, left) / sharers;
}

/** What one partition gets of it, records per second. */
export function fairShare(level: number, inflow: number, lag: number): number {
  return lag === 0 && isWithin(inflow, level) ? inflow : level;
}

/** Is so much inflow no more than that rate, but for the noise of floats? */
export function isWithin(inflow: number, rate: number): boolean {
  return inflow <= rate * (1 + NOISE);
}
