import type { Partitions } from "../../../../names.ts";
import { cooperative } from "./cooperative.ts";
import { eager } from "./eager.ts";
import type { ConfiguredAssignor, Participation } from "./participation.ts";

/** Kafka: `ConsumerPartitionAssignor.RebalanceProtocol`. */
export type RebalanceProtocol = "EAGER" | "COOPERATIVE";

/** What differs between the two ways to rebalance: when partitions are given up, and what is read meanwhile. */
export interface RebalanceStyle {
  readonly protocol: RebalanceProtocol;
  /** The commit before a rejoin is on its way. */
  afterCommit(on: Participation): void;
  /** The callbacks of a member that rejoins and is still in the group. Kafka: `onJoinPrepare`. */
  prepare(on: Participation): void;
  /** The callbacks of a member that got its assignment. Kafka: `onJoinComplete`. */
  complete(on: Participation, assignment: Partitions): void;
}

/** From the least to the most advanced. */
const STYLES: readonly RebalanceStyle[] = [eager, cooperative];

/** What Kafka's assignors support (`supportedProtocols`); all that are not listed are eager. */
const SUPPORTED: ReadonlyMap<string, readonly RebalanceProtocol[]> = new Map([
  ["cooperative-sticky", ["COOPERATIVE", "EAGER"]],
]);

/**
 * The most advanced protocol that all of a consumer's assignors support. So Kafka's default list, `range` before
 * `cooperative-sticky`, makes an eager consumer. Kafka: the constructor of `ConsumerCoordinator`.
 *
 * @throws if they have none in common, as the consumer's constructor does.
 */
export function styleOf(assignors: readonly Pick<ConfiguredAssignor, "name" | "protocols">[]): RebalanceStyle {
  const style = STYLES.findLast(({ protocol }) =>
    assignors.every(({ name, protocols = SUPPORTED.get(name) ?? ["EAGER"] }) => protocols.includes(protocol)),
  );
  const names = assignors.map(({ name }) => name).join(", ");
  if (!style) throw new Error(`no rebalance protocol is supported by all of these assignors: ${names}`);
  return style;
}
