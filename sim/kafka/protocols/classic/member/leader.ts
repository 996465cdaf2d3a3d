import type { Duration } from "../../../../engine/time.ts";
import type { JoinGroupReply } from "../../../messages.ts";
import type { MemberId, Partitions } from "../../../../names.ts";
import { countOf } from "../partitions.ts";
import { subscriberOf } from "./assignor-memory.ts";
import type { Participation } from "./participation.ts";
import { record } from "./participation.ts";
import { byCodeUnit, watchAsLeader } from "./subscription.ts";

export interface Computed {
  readonly assignments: Readonly<Record<MemberId, Partitions>>;
  readonly took: Duration;
}

/**
 * The group leader's work. One that has only restarted is told to leave the assignment as it is; the coordinator still
 * has it. Kafka: `ConsumerCoordinator.onLeaderElected`.
 */
export function computeAssignment(on: Participation, reply: JoinGroupReply): Computed {
  const { options, membership } = on;
  const { members, protocolName, skipAssignment } = reply;
  const groupTopics = [...new Set(members.flatMap(({ metadata }) => metadata.topics))].sort(byCodeUnit);
  watchAsLeader(on, groupTopics);
  if (skipAssignment) return { assignments: {}, took: 0 };
  const { name, assign } = options.assignors.find(({ name }) => name === protocolName)!;
  const topics = options.metadata();
  const subscribers = members.map((member) => subscriberOf(name, member));
  const assignment = assign(subscribers, topics);
  const took = options.assignmentCost(name, subscribers.length, topics);
  let partitions = 0;
  for (const owned of assignment.values()) partitions += countOf(owned);
  record(on, "group.assignment", {
    assignor: name,
    generation: membership.generation,
    members: subscribers.length,
    partitions,
    took,
  });
  return { assignments: Object.fromEntries(assignment), took };
}
