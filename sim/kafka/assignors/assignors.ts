import type { Assignor } from "./assignor.ts";
import { cooperativeSticky } from "./cooperative-sticky.ts";
import { range } from "./range.ts";
import { roundRobin } from "./round-robin.ts";
import { serverRange } from "./server-range.ts";
import { sticky } from "./sticky.ts";
import { uniform } from "./uniform.ts";

const BY_NAME: ReadonlyMap<string, Assignor> = new Map([
  ["range", range],
  ["roundrobin", roundRobin],
  ["sticky", sticky],
  ["cooperative-sticky", cooperativeSticky],
  ["uniform", uniform],
  ["server-range", serverRange],
]);

/** The class names that stand in a consumer's `partition.assignment.strategy`. */
const CLASS_NAMES: ReadonlyMap<string, string> = new Map([
  ["org.apache.kafka.clients.consumer.RangeAssignor", "range"],
  ["org.apache.kafka.clients.consumer.RoundRobinAssignor", "roundrobin"],
  ["org.apache.kafka.clients.consumer.StickyAssignor", "sticky"],
  ["org.apache.kafka.clients.consumer.CooperativeStickyAssignor", "cooperative-sticky"],
  ["org.apache.kafka.coordinator.group.assignor.UniformAssignor", "uniform"],
  ["org.apache.kafka.coordinator.group.assignor.RangeAssignor", "server-range"],
]);

/** The short names of all assignors. */
export const ASSIGNOR_NAMES: readonly string[] = [...BY_NAME.keys()];

/** The assignor of that name: Kafka's short name (`range`), or the name of its Java class. */
export function assignorNamed(name: string): Assignor | undefined {
  return BY_NAME.get(CLASS_NAMES.get(name) ?? name);
}
