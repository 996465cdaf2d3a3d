import type { TopicName } from "../../names.ts";
import type { Subscriber, TopicMetadata, Topics } from "./assignor.ts";

/** A topic that takes part: it exists, has partitions, and somebody subscribes to it. */
export interface Interest {
  readonly topic: TopicName;
  readonly partitions: number;
  /** Who subscribes to it: positions in the list of subscribers, ascending. Topics with the same audience share it. */
  readonly audience: readonly number[];
}

/**
 * The topics that take part, in the order in which the subscribers name them, each with its audience. Topics that
 * nobody subscribes to, that the metadata does not know, or that have no partitions are left out, as in Kafka's
 * `AbstractPartitionAssignor.assign`.
 *
 * In a large group many members hold one and the same list of topics, so the work is done once for each list, not once
 * for each member and topic.
 */
export function interests(subscribers: readonly Subscriber[], topics: Topics): Interest[] {
  const { lists, listOf } = subscriptionLists(subscribers);
  const listsWith = new Map<TopicName, number[]>();
  lists.forEach((list, index) => {
    for (const topic of list) {
      const known = listsWith.get(topic);
      if (known === undefined) {
        if (takesPart(topics.get(topic))) listsWith.set(topic, [index]);
      } else if (known[known.length - 1] !== index) known.push(index);
    }
  });

  const audiences = new Map<string, readonly number[]>();
  const taking: Interest[] = [];
  for (const [topic, having] of listsWith) {
    const key = having.join();
    let audience = audiences.get(key);
    if (audience === undefined) audiences.set(key, (audience = membersHaving(having, lists.length, listOf)));
    taking.push({ topic, partitions: topics.get(topic)!.partitions, audience });
  }
  return taking;
}

/** Whether somebody could be assigned anything of it. */
export function takesPart(topic: TopicMetadata | undefined): topic is TopicMetadata {
  return topic !== undefined && topic.partitions > 0 && topic.deleted !== true;
}

/** The set of topics each subscriber names; those with one and the same list share it. */
export function topicSets(subscribers: readonly Subscriber[]): ReadonlySet<TopicName>[] {
  const { lists, listOf } = subscriptionLists(subscribers);
  const sets = lists.map((list) => new Set(list));
  return listOf.map((list) => sets[list]);
}

/** The distinct lists of topics (told apart by identity alone), and the number of each subscriber's list. */
function subscriptionLists(subscribers: readonly Subscriber[]): {
  readonly lists: readonly (readonly TopicName[])[];
  readonly listOf: readonly number[];
} {
  const numbers = new Map<readonly TopicName[], number>();
  let last: readonly TopicName[] | undefined;
  let number = -1;
  const listOf = subscribers.map(({ topics }) => {
    if (topics === last) return number;
    last = topics;
    const known = numbers.get(topics);
    number = known ?? numbers.size;
    if (known === undefined) numbers.set(topics, number);
    return number;
  });
  return { lists: [...numbers.keys()], listOf };
}

function membersHaving(having: readonly number[], lists: number, listOf: readonly number[]): number[] {
  if (having.length === lists) return listOf.map((_, member) => member);
  const wanted = new Uint8Array(lists);
  for (const list of having) wanted[list] = 1;
  const members: number[] = [];
  for (let member = 0; member < listOf.length; member++) if (wanted[listOf[member]]) members.push(member);
  return members;
}
