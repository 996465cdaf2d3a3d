import type { PartitionTable } from "./partition-table.ts";

/**
 * The partitions that no list has, by topic in the given order, then by partition.
 *
 * Kafka walks two sorted sequences side by side: all partitions, and those that are assigned. An assigned one that
 * does not exist is never met, so the walk stops matching there, and every partition of the topics behind it counts
 * as unassigned, whoever has it. Kafka: `getUnassignedPartitions`, in both builders.
 */
export function unassigned(
  table: PartitionTable,
  lists: readonly (readonly number[])[],
  topicOrder: readonly number[],
): Int32Array {
  const assigned = new Uint8Array(table.size);
  for (const list of lists) for (const id of list) assigned[id] = 1;
  const shrunk = new Set<number>();
  for (let id = table.real; id < table.size; id++) if (assigned[id]) shrunk.add(table.topicOf(id));

  const open = new Int32Array(table.real);
  let count = 0;
  let matching = true;
  for (const topic of topicOrder) {
    const first = table.firstOf(topic);
    const end = first + table.topics[topic].partitions;
    for (let id = first; id < end; id++) if (!assigned[id] || !matching) open[count++] = id;
    if (shrunk.has(topic)) matching = false;
  }
  return open.subarray(0, count);
}
