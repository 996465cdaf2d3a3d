import type { Assignment, MemberId, Partitions } from "../../../../names.ts";
import type { Subscriber } from "../../../assignors/assignor.ts";
import { AssignorError } from "../../../assignors/assignor.ts";
import { countOf, isEmpty, without } from "../../partitions.ts";
import type { Coordination } from "./coordination.ts";
import { assignmentIntervalOf } from "./coordination.ts";
import type { SubscribedTopics } from "./group.ts";
import type { ConsumerGroupMember } from "./member.ts";

/** For whom a target is computed. */
interface Question {
  readonly topics: SubscribedTopics;
  /** Who has just been heard of, as it is from now on. */
  readonly heard: ConsumerGroupMember;
  /** Whose seat that one has taken. */
  readonly replaced: ConsumerGroupMember | undefined;
}

/** What every member is to have. */
export interface Target {
  readonly assignor: string;
  readonly assignment: Assignment;
  readonly members: number;
  readonly partitions: number;
}

/** By which the targets of members differ from those before; of whoever has taken a seat, from that of its predecessor. */
export function changesIn(
  { group }: Coordination,
  { assignment }: Target,
  { heard, replaced }: Pick<Question, "heard" | "replaced">,
): { readonly gains: Record<MemberId, Partitions>; readonly losses: Record<MemberId, Partitions> } {
  const gains: Record<MemberId, Partitions> = {};
  const losses: Record<MemberId, Partitions> = {};
  for (const [id, after] of assignment) {
    const before = group.targetOf(id === heard.id ? (replaced?.id ?? id) : id);
    if (isSame(before, after)) continue; // as of most in a large group
    const [gained, lost] = [without(after, before), without(before, after)];
    if (!isEmpty(gained)) gains[id] = ascending(gained);
    if (!isEmpty(lost)) losses[id] = ascending(lost);
  }
  return { gains, losses };
}

/** Whether both are the same lists. */
function isSame(one: Partitions, other: Partitions): boolean {
  const topics = Object.keys(one);
  if (topics.length !== Object.keys(other).length) return false;
  return topics.every((topic) => {
    const [numbers, others] = [one[topic], other[topic]];
    if (numbers === others) return true;
    if (numbers.length !== others?.length) return false;
    for (let place = 0; place < numbers.length; place++) if (numbers[place] !== others[place]) return false;
    return true;
  });
}

const ascending = (partitions: Partitions): Partitions =>
  Object.fromEntries(Object.entries(partitions).map(([topic, numbers]) => [topic, numbers.toSorted((a, b) => a - b)]));

/** Targets may have a distance (KIP-1263): a heartbeat before that goes by the old one. Kafka: `canComputeNextTargetAssignment`. */
export function mayCompute({ group, host, options }: Coordination): boolean {
  return group.targetAt === undefined || host.now() >= group.targetAt + assignmentIntervalOf(options);
}

/**
 * Computes it for all members, each with what it was to have before: not with what it has got of that. Nothing comes of it
 * if the assignor throws. Kafka: `TargetAssignmentBuilder`.
 */
export function computeTarget({ group, assignors }: Coordination, question: Question): Target | undefined {
  const { topics, heard, replaced } = question;
  const assignor = assignors.preferred(group.preferencesWith(replaced ?? group.member(heard.id), heard));
  const subscribers: Subscriber[] = [];
  for (const member of group.members()) {
    if (member.id === replaced?.id) continue;
    subscribers.push(subscriberOf(member.id === heard.id ? heard : member, group.targetOf(member.id)));
  }
  if (!group.member(heard.id)) subscribers.push(subscriberOf(heard, replaced ? group.targetOf(replaced.id) : {}));
  const metadata = new Map([...topics].map(([topic, partitions]) => [topic, { partitions }]));
  try {
    const assignment = assignors.get(assignor)(subscribers, metadata);
    let partitions = 0;
    for (const hand of assignment.values()) partitions += countOf(hand);
    return { assignor, assignment, members: subscribers.length, partitions };
  } catch (error) {
    if (error instanceof AssignorError) return undefined;
    throw error;
  }
}

function subscriberOf({ id, instance, rack, topics }: ConsumerGroupMember, owned: Subscriber["owned"]): Subscriber {
  return {
    id,
    ...(instance !== undefined && { instanceId: instance }),
    ...(rack !== undefined && { rack }),
    topics,
    owned,
  };
}
