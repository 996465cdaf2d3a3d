import type { Duration, Instant } from "../../../../engine/time.ts";
import type { ClientId, Generation, InstanceId, MemberId, Partitions } from "../../../../names.ts";
import type { Protocol } from "../../../messages.ts";

/** One member in the group's record: of its assignors, only the one in use. */
interface RecordedMember {
  readonly id: MemberId;
  readonly instance?: InstanceId;
  readonly client: ClientId;
  readonly sessionTimeout: Duration;
  readonly rebalanceTimeout: Duration;
  readonly protocols: readonly Protocol[];
  /** `undefined`: empty bytes. */
  readonly assignment?: Partitions;
}

/** The whole group as it was persisted. Kafka: `GroupMetadataValue`. */
export interface GroupMetadataRecord {
  readonly type: "group";
  readonly generation: Generation;
  readonly protocolType?: string;
  readonly protocolName?: string;
  readonly leader?: MemberId;
  /** When the group entered its state; from there the offsets of an Empty group age. */
  readonly since: Instant;
  readonly members: readonly RecordedMember[];
}
