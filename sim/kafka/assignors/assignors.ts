import type { Generation } from "../../names.ts";
import type { Assignor } from "./assignor.ts";
import { binPacking } from "./bin-packing.ts";
import { cooperativeSticky, cooperativeStickyWith } from "./cooperative-sticky.ts";
import { lagAware } from "./lag-aware.ts";
import { range } from "./range.ts";
import { roundRobin } from "./round-robin.ts";
import { serverRange } from "./server-range.ts";
import { stableSet } from "./stable-set.ts";
import { sticky, stickyWith } from "./sticky.ts";
import { uniform, uniformWith } from "./uniform.ts";
import { weighted } from "./weighted.ts";

/** Choices that Kafka does not give; assignors that they do not concern take no notice. */
export interface AssignorOptions {
  /** Whether the defects of Kafka's classes are reproduced; default true. See `StickyOptions` and `UniformOptions`. */
  readonly faithful?: boolean;
  /** The sticky pair: the highest generation that the leader's assignor object has seen; default none. */
  readonly knownGeneration?: Generation;
}

const BY_NAME: ReadonlyMap<string, Assignor> = new Map([
  ["range", range],
  ["roundrobin", roundRobin],
  ["sticky", sticky],
  ["cooperative-sticky", cooperativeSticky],
  ["uniform", uniform],
  ["server-range", serverRange],
  // Beyond Kafka:
  ["weighted", weighted],
  ["lag-aware", lagAware],
  ["bin-packing", binPacking],
  ["stable-set", stableSet],
]);

/** Those that have a choice. */
const WITH_OPTIONS: ReadonlyMap<string, (options: AssignorOptions) => Assignor> = new Map([
  ["sticky", stickyWith],
  ["cooperative-sticky", cooperativeStickyWith],
  ["uniform", uniformWith],
]);

/** The class names that stand in a consumer's `partition.assignment.strategy` and a broker's `group.consumer.assignors`. */
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

/**
 * The assignor of that name: Kafka's short name (`range`), or the name of its Java class. Kafka calls both its range
 * assignors `range`; the coordinator's is `server-range` here.
 */
export function assignorNamed(name: string, options?: AssignorOptions): Assignor | undefined {
  const short = CLASS_NAMES.get(name) ?? name;
  const chosen = options && WITH_OPTIONS.get(short);
  return chosen ? chosen(options) : BY_NAME.get(short);
}
