import { AWAY } from "../../../../names.ts";
import type { ConsumerGroupHeartbeat, ErrorCode } from "../../../messages.ts";
import { JOIN, LEAVE } from "../member-epochs.ts";
import type { Coordination } from "./coordination.ts";

/** From this version of the request on the client makes its member id (KIP-1082). */
const CLIENT_MAKES_ID = 1;

/**
 * Whether a heartbeat makes sense in itself; the first thing wrong with it counts. Kafka:
 * `throwIfConsumerGroupHeartbeatRequestIsInvalid`.
 */
export function requestError({ assignors, traits }: Coordination, request: ConsumerGroupHeartbeat): ErrorCode {
  const { group, member, instance, rack, epoch, version, assignor } = request;
  if (isBlank(group) || isBlank(instance) || isBlank(rack)) return "INVALID_REQUEST";
  const mayHaveNoId = epoch === JOIN && version < CLIENT_MAKES_ID;
  if (isBlank(member) && !mayHaveNoId) return "INVALID_REQUEST";
  if (epoch === JOIN) {
    const { rebalanceTimeout, owned, topics } = request;
    if (rebalanceTimeout === undefined) return "INVALID_REQUEST";
    if (owned === undefined || Object.keys(owned).length > 0) return "INVALID_REQUEST";
    if (topics === undefined || (topics.length === 0 && !traits.takesEmptySubscriptions)) return "INVALID_REQUEST";
  }
  if (epoch === AWAY && instance === undefined) return "INVALID_REQUEST";
  if (epoch < 0 && epoch !== AWAY && epoch !== LEAVE) return "INVALID_REQUEST";
  return assignor === undefined || assignors.has(assignor) ? "NONE" : "UNSUPPORTED_ASSIGNOR";
}

const isBlank = (name: string | undefined): boolean => name !== undefined && name.trim() === "";
