import type { Assignment, MemberId, Partitions, TopicName } from "../../names.ts";
import { AssignorError, type Assignor, type Subscriber, type Topics } from "./assignor.ts";
import { give, type Hand } from "./hand.ts";
import { interests } from "./interest.ts";

/**
 * An assignor of a user's own, as it comes out of a file. It may return a `Map`, or a plain object: member id → topic →
 * list of partitions.
 */
export type ForeignAssignor = (subscribers: readonly Subscriber[], topics: Topics) => unknown;

/**
 * A user's assignor behind the type of ours. Every answer is checked: each partition of each subscribed topic exactly
 * once, to a member that subscribes to it, and nothing else. Lists come out ascending, and members that were left out
 * with nothing.
 *
 * @param name what to call it in an error: its file.
 * @throws {AssignorError} `InvalidAssignment`, naming member, topic and partition.
 */
export function checkedAssignor(name: string, assignor: ForeignAssignor): Assignor {
  return (subscribers, topics) => {
    const wrong = (what: string): AssignorError => new AssignorError("InvalidAssignment", `assignor ${name}: ${what}`);
    const given = entriesOf(assignor(subscribers, topics), wrong);
    const byId = new Map(subscribers.map((subscriber) => [subscriber.id, subscriber]));
    const assignment = new Map<MemberId, Partitions>(subscribers.map(({ id }) => [id, {}]));
    const owners = new Map<TopicName, (MemberId | undefined)[]>();
    for (const { topic, partitions } of interests(subscribers, topics)) {
      owners.set(
        topic,
        Array.from({ length: partitions }, () => undefined),
      );
    }

    for (const [id, hand] of given) {
      const member = byId.get(id);
      if (member === undefined) throw wrong(`it gave partitions to ${id}, who is not in the group`);
      if (typeof hand !== "object" || hand === null) throw wrong(`what it gave to ${id} is not an object of topics`);
      const checked: Hand = {};
      for (const [topic, list] of Object.entries<unknown>(hand as Record<string, unknown>)) {
        if (!Array.isArray(list)) throw wrong(`what it gave to ${id} of ${topic} is not a list of partitions`);
        if (list.length === 0) continue;
        give(checked, topic, takeAll(id, topic, list, owners, member, wrong));
      }
      assignment.set(id, checked);
    }
    for (const [topic, of] of owners) {
      const free = of.indexOf(undefined);
      if (free !== -1) throw wrong(`it gave ${topic}-${free} to nobody`);
    }
    return assignment as Assignment;
  };
}

function entriesOf(given: unknown, wrong: (what: string) => AssignorError): [string, unknown][] {
  if (given instanceof Map) return [...(given as Map<string, unknown>)];
  if (typeof given !== "object" || given === null) throw wrong("it returned neither a Map nor an object of members");
  if ("then" in given) throw wrong("it returned a promise; an assignor answers at once");
  return Object.entries(given);
}

/** Enters the owner of each partition, and returns the partitions in order. */
function takeAll(
  id: MemberId,
  topic: TopicName,
  list: readonly unknown[],
  owners: ReadonlyMap<TopicName, (MemberId | undefined)[]>,
  member: Subscriber,
  wrong: (what: string) => AssignorError,
): number[] {
  if (!member.topics.includes(topic)) throw wrong(`it gave ${topic}-${String(list[0])} to ${id}, who does not subscribe to ${topic}`); // prettier-ignore
  const of = owners.get(topic);
  if (of === undefined) throw wrong(`it gave ${topic}-${String(list[0])} to ${id}, but there is no topic ${topic}`);
  for (const partition of list as readonly number[]) {
    if (!Number.isInteger(partition) || partition < 0 || partition >= of.length) {
      throw wrong(
        `it gave ${topic}-${String(partition)} to ${id}, but ${topic} has the partitions 0 to ${of.length - 1}`,
      );
    }
    const other = of[partition];
    if (other !== undefined) {
      throw wrong(`it gave ${topic}-${partition} ${other === id ? `to ${id} twice` : `to ${other} and to ${id}`}`);
    }
    of[partition] = id;
  }
  return [...(list as readonly number[])].sort((a, b) => a - b);
}
