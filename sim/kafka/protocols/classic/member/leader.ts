import type { Duration } from "../../../../engine/time.ts";
import type { JoinGroupReply } from "../../../messages.ts";
import type { MemberId, Partitions, TopicName } from "../../../../names.ts";
import type { Subscriber, Topics } from "../../../assignors/assignor.ts";
import type { AssignmentSize } from "../../../assignors/cost.ts";
import { byCodeUnit } from "../../../assignors/standing-order.ts";
import { countOf, isEmpty, NO_PARTITIONS } from "../../partitions.ts";
import { subscriberOf } from "./assignor-memory.ts";
import type { Participation } from "./participation.ts";
import { record } from "../../client/client.ts";
import { watchAsLeader } from "./subscription.ts";

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
  const took = options.assignmentCost(name, sizeOf(subscribers, topics, groupTopics));
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

/** What makes this computation dear. */
function sizeOf(subscribers: readonly Subscriber[], topics: Topics, groupTopics: readonly TopicName[]): AssignmentSize {
  const owners = subscribers.filter(({ owned = NO_PARTITIONS }) => !isEmpty(owned)).length;
  return {
    members: subscribers.length,
    partitions: groupTopics.reduce((sum, topic) => sum + (topics.get(topic)?.partitions ?? 0), 0),
    topics: groupTopics.length,
    fresh: owners === 0,
    sameTopics: subscribers.every((subscriber) => subscriber.topics.length === groupTopics.length),
    newcomer: owners < subscribers.length,
  };
}
