import type { TopicName } from "../../../../names.ts";
import type { ConsumerGroupHeartbeat } from "../../../messages.ts";
import { setting } from "../../client/client.ts";
import { identity } from "../../client/requests.ts";
import type { LocalAssignment } from "./membership.ts";
import type { Participation } from "./participation.ts";

/** What the coordinator was told, and has not to be told again. Kafka: `HeartbeatState.SentFields`. */
export interface SentFields {
  /** What never changes: rebalance timeout, assignor, rack. */
  settings: boolean;
  topics: readonly TopicName[] | undefined;
  /** `nothing`: it was not told anything. */
  assignment: LocalAssignment | undefined | "nothing";
}

export const newSentFields = (): SentFields => ({ settings: false, topics: undefined, assignment: "nothing" });

/** A heartbeat failed, and nobody knows what of it was heard: the next one says everything. */
export function forgetSent({ sent }: Participation): void {
  Object.assign(sent, newSentFields());
}

/**
 * The next heartbeat's fields: what has changed since the last one, or, of a member that joins, everything. What it owns is
 * told when it has reconciled another assignment. Kafka: `HeartbeatState.buildRequestData`.
 */
export function heartbeatFields(on: Participation): Omit<ConsumerGroupHeartbeat, "id" | "client" | "group"> {
  const { membership, sent, subscription, release, options } = on;
  const joins = membership.state === "JOINING";
  const assignor = options.config["group.remote.assignor"];
  const { rack } = options;
  return {
    api: "ConsumerGroupHeartbeat",
    version: release.makesItsId ? 1 : 0,
    ...identity(on),
    epoch: membership.generation,
    ...((joins || !sent.settings) && {
      rebalanceTimeout: setting(on, "max.poll.interval.ms"),
      ...(assignor !== "" && { assignor }),
      ...(rack !== undefined && release.sendsRack && { rack }),
    }),
    ...((joins || sent.topics !== subscription.topics) && { topics: subscription.topics }),
    ...((joins || sent.assignment !== membership.current) && { owned: membership.current?.partitions ?? {} }),
  };
}

/** It is on its way. */
export function rememberSent({ sent, subscription, membership }: Participation): void {
  sent.settings = true;
  sent.topics = subscription.topics;
  sent.assignment = membership.current;
}
