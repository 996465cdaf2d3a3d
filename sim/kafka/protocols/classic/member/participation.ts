import type { Duration } from "../../../../engine/time.ts";
import type { Assignor } from "../../../assignors/assignor.ts";
import type { AssignmentSize } from "../../../assignors/cost.ts";
import type { Client, ClientOptions } from "../../client/client.ts";
import type { AssignorMemory } from "./assignor-memory.ts";
import type { Beats } from "./heartbeats.ts";
import type { Rejoin } from "./join.ts";
import type { Membership } from "./membership.ts";
import type { RebalanceProtocol, RebalanceStyle } from "./rebalance-style.ts";
import type { MetadataWatch } from "./subscription.ts";

/** An assignor this consumer is configured with. */
export interface ConfiguredAssignor {
  /** Kafka's short name, as in `partition.assignment.strategy`. */
  readonly name: string;
  readonly assign: Assignor;
  /** The rebalance protocols it supports; absent: those of Kafka's assignor of that name. */
  readonly protocols?: readonly RebalanceProtocol[];
}

/** Who this consumer is and what it was configured to do. */
export interface MemberOptions extends ClientOptions {
  /** In order of preference (`partition.assignment.strategy`). */
  readonly assignors: readonly ConfiguredAssignor[];
  /** What computing an assignment costs the leader. */
  readonly assignmentCost: (assignor: string, size: AssignmentSize) => Duration;
}

/** What the parts of one consumer's membership work with; each part's own state is described where the part is. */
export interface Participation extends Client {
  readonly options: MemberOptions;
  readonly membership: Membership;
  readonly rejoin: Rejoin;
  readonly beats: Beats;
  readonly watch: MetadataWatch;
  readonly memory: AssignorMemory;
  readonly style: RebalanceStyle;
}
