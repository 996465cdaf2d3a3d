import type { GroupId } from "../../names.ts";

/**
 * The `__consumer_offsets` partition a group lives on: Java's `String.hashCode`, absolute value, modulo. The absolute
 * value of −2³¹ counts as 0. Kafka: `GroupCoordinatorService.partitionFor`, `Utils.abs`.
 *
 *     "my-group" of 50: hash −1906497762, partition 12
 */
export function coordinatorPartition(group: GroupId, partitions: number): number {
  let hash = 0;
  for (let index = 0; index < group.length; index++) hash = (Math.imul(31, hash) + group.charCodeAt(index)) | 0;
  return hash === -2147483648 ? 0 : Math.abs(hash) % partitions;
}
