import type { Partitions } from "../../names.ts";
import { byCodeUnit } from "../assignors/standing-order.ts";
import type { Offsets } from "../messages.ts";

/** The partitions that these offsets are of. */
export function partitionsOf(offsets: Offsets): Partitions {
  const topics = Object.keys(offsets).sort(byCodeUnit);
  return Object.fromEntries(
    topics.map((topic) => {
      const numbers = Object.keys(offsets[topic]).map(Number);
      return [topic, numbers.sort((a, b) => a - b)];
    }),
  );
}

/** Of these offsets those of some of the partitions. */
export function only(offsets: Offsets, partitions: Partitions): Offsets {
  return Object.fromEntries(
    Object.entries(partitions).map(([topic, numbers]) => [
      topic,
      Object.fromEntries(numbers.map((number) => [number, offsets[topic][number]])),
    ]),
  );
}

/** Of each partition of `offsets` the further of both. */
export function furthest(offsets: Offsets, others: Offsets): Offsets {
  return Object.fromEntries(
    Object.entries(offsets).map(([topic, of]) => [
      topic,
      Object.fromEntries(
        Object.entries(of).map(([partition, offset]) => [
          partition,
          Math.max(offset, others[topic]?.[Number(partition)] ?? offset),
        ]),
      ),
    ]),
  );
}
