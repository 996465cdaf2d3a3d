import { give, type Hand, listOf } from "./hand.ts";
import type { Interest } from "./interest.ts";

/**
 * Deals a topic in runs of consecutive partitions to its subscribers in order. When the division leaves a remainder,
 * the first ones take one partition more.
 */
export function dealRuns({ topic, partitions, audience }: Interest, hands: readonly Hand[]): void {
  const each = Math.floor(partitions / audience.length);
  const extra = partitions % audience.length;
  let first = 0;
  for (let rank = 0; first < partitions; rank++) {
    const run = listOf(each + (rank < extra ? 1 : 0));
    for (let place = 0; place < run.length; place++) run[place] = first++;
    give(hands[audience[rank]], topic, run);
  }
}
