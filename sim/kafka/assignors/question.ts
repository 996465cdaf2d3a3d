import type { Assignment, MemberId, Partitions, TopicName } from "../../names.ts";
import { AssignorError, type Assignor, type Subscriber, type TopicMetadata, type Topics } from "./assignor.ts";
import { ASSIGNOR_NAMES, assignorNamed, type AssignorOptions } from "./assignors.ts";
import type { Explanation } from "./explain.ts";
import { give, type Hand, isAscending } from "./hand.ts";
import { takesPart } from "./interest.ts";
import { isUuid } from "./java/uuid.ts";
import { byCodeUnit } from "./standing-order.ts";

/** A question put to an assignor: who is in the group, and what there is to read. */
export interface Question {
  /** As it was written: a short name, or the name of a Java class. */
  readonly assignor: string;
  readonly subscribers: readonly Subscriber[];
  readonly topics: Topics;
}

/** A line that is not a question: what is wrong with it. */
export class QuestionError extends Error {
  override readonly name = "QuestionError";
}

/** What an assignor made of a question. Topics are in order of their names, topics without partitions left out. */
export interface Answer {
  readonly assignment?: Readonly<Record<MemberId, Partitions>>;
  /** `cooperative-sticky`: partitions of subscribed topics that nobody has in this round. */
  readonly withheld?: Partitions;
  /** The exception of Kafka's class, or `NonTermination`. */
  readonly error?: string;
  /** What the assignment is like, where that was asked for. */
  readonly explanation?: Explanation;
}

/**
 * Reads a question in the format of the golden vectors:
 *
 *     { "assignor": "sticky", "topics": { "orders": { "partitions": 4 } }, "subscriptions": [["orders"]],
 *       "members": [{ "id": "a", "sub": 0, "owned": { "orders": [0, 1] }, "generation": 3 }] }
 *
 * `sub` is an index into `subscriptions`; members stand in the order in which they are put into Kafka's map of members.
 *
 * @param assignor to ask another than the question names; then it need not name one.
 * @throws {QuestionError} saying what is wrong, and where.
 */
export function readQuestion(json: unknown, assignor?: string): Question {
  const question = object(json, "a question");
  const name = assignor ?? text(question.assignor, "assignor");
  if (assignorNamed(name) === undefined) {
    throw new QuestionError(`assignor: there is no ${JSON.stringify(name)}; there are ${ASSIGNOR_NAMES.join(", ")}`);
  }
  const topics = new Map<TopicName, TopicMetadata>();
  for (const [topic, metadata] of Object.entries(object(question.topics, "topics"))) {
    topics.set(topic, readTopic(metadata, `topics.${topic}`));
  }
  const subscriptions = list(question.subscriptions, "subscriptions").map((names, index) =>
    list(names, "subscriptions", index).map((topic, place) => text(topic, `subscriptions[${index}]`, place)),
  );
  const ids = new Set<MemberId>();
  const subscribers = list(question.members, "members").map((member, index) => {
    const subscriber = readMember(member, subscriptions, `members[${index}]`);
    if (ids.has(subscriber.id)) throw new QuestionError(`members[${index}].id: ${subscriber.id} is there twice`);
    ids.add(subscriber.id);
    return subscriber;
  });
  if (assignor === undefined && name === "uniform") requireIds(subscriptions, topics);
  return { assignor: name, subscribers, topics };
}

/** What the assignor answers: an assignment, or the exception that Kafka's class throws. */
export function answer({ assignor, subscribers, topics }: Question, options: AssignorOptions = {}): Answer {
  let assignment: Assignment;
  try {
    assignment = (assignorNamed(assignor, options) as Assignor)(subscribers, topics);
  } catch (error) {
    if (error instanceof AssignorError) return { error: error.kind };
    throw error;
  }
  const ordered: Record<MemberId, Partitions> = {};
  for (const { id } of subscribers) give(ordered, id, inOrder(assignment.get(id) ?? {}));
  const withheld = isCooperative(assignor) ? nobodys(subscribers, topics, assignment) : {};
  return Object.keys(withheld).length === 0 ? { assignment: ordered } : { assignment: ordered, withheld };
}

/** Answers one line's object: all its fields again, and what was found. Fields of an earlier answer are replaced. */
export function answered(json: unknown, found: Answer): Record<string, unknown> {
  const { assignment: _, withheld: __, error: ___, ...asked } = object(json, "a question");
  return { ...asked, ...found };
}

/** The same as text, given the line: what it says is repeated as it stands there, if no earlier answer is among it. */
export function answeredLine(line: string, json: unknown, found: Answer): string {
  const asked = object(json, "a question");
  if ("assignment" in asked || "withheld" in asked || "error" in asked) return JSON.stringify(answered(json, found));
  return `${line.slice(0, line.lastIndexOf("}"))},${JSON.stringify(found).slice(1)}`;
}

function readTopic(json: unknown, at: string): TopicMetadata {
  const topic = object(json, at);
  const partitions = topic.deleted === true ? 0 : count(topic.partitions, at, "partitions");
  const ofEach = <T>(field: string, read: Reader<T>): readonly T[] | undefined => {
    if (topic[field] === undefined) return undefined;
    const values = list(topic[field], at, field);
    if (values.length !== partitions) {
      throw new QuestionError(`${at}.${field}: must have one entry for each of the ${partitions} partitions`);
    }
    return values.map((value, partition) => read(value, `${at}.${field}`, partition));
  };
  if (topic.id !== undefined && !isUuid(text(topic.id, at, "id"))) {
    throw new QuestionError(
      `${at}.id: ${JSON.stringify(topic.id)} is not a topic id: 22 characters of URL-safe base64`,
    );
  }
  const racks = ofEach("racks", (value, place, partition) => {
    const racks = list(value, place, partition).filter((rack) => rack !== null); // a broker may have none
    return racks.map((rack) => text(rack, place, partition));
  });
  const lag = ofEach("lag", amount);
  const rate = ofEach("rate", amount);
  return {
    partitions,
    ...(racks && { racks }),
    ...(topic.id !== undefined && { id: topic.id as string }),
    ...(topic.deleted === true && { deleted: true }),
    ...(lag && { lag }),
    ...(rate && { rate }),
  };
}

function readMember(json: unknown, subscriptions: readonly string[][], at: string): Subscriber {
  const member = object(json, at);
  const sub = count(member.sub, at, "sub");
  if (sub >= subscriptions.length) throw new QuestionError(`${at}.sub: there is no subscription ${sub}`);
  const read: { -readonly [Field in keyof Subscriber]: Subscriber[Field] } = {
    id: text(member.id, at, "id"),
    topics: subscriptions[sub],
  };
  if (member.instanceId !== undefined) read.instanceId = text(member.instanceId, at, "instanceId");
  if (member.rack !== undefined) read.rack = text(member.rack, at, "rack");
  if (member.owned !== undefined) read.owned = readOwned(member.owned, `${at}.owned`);
  if (member.generation !== undefined) read.generation = whole(member.generation, at, "generation");
  if (member.subscriptionGeneration !== undefined) {
    read.subscriptionGeneration = whole(member.subscriptionGeneration, at, "subscriptionGeneration");
  }
  if (member.userDataGeneration !== undefined) {
    read.userDataGeneration = whole(member.userDataGeneration, at, "userDataGeneration");
  }
  if (member.capacity !== undefined) read.capacity = amount(member.capacity, at, "capacity");
  return read;
}

/** What stands there has the right form already, and is only looked through. */
function readOwned(json: unknown, at: string): Partitions {
  const owned = object(json, at);
  for (const topic of Object.keys(owned)) {
    for (const partition of list(owned[topic], at, topic)) count(partition, at, topic);
  }
  return owned as Partitions;
}

/** Without the ids of its topics Kafka's `uniform` has no answer. */
function requireIds(subscriptions: readonly (readonly string[])[], topics: Topics): void {
  for (const topic of subscriptions.flat()) {
    const metadata = topics.get(topic);
    if (takesPart(metadata) && metadata.id === undefined) {
      throw new QuestionError(`topics.${topic}.id: uniform goes by topic ids, and it has none`);
    }
  }
}

const isCooperative = (assignor: string): boolean => assignorNamed(assignor) === assignorNamed("cooperative-sticky");

function inOrder(hand: Partitions): Partitions {
  if (isInOrder(hand)) return hand;
  const topics = Object.keys(hand).filter((topic) => hand[topic].length > 0);
  const ordered: Hand = {};
  for (const topic of topics.sort(byCodeUnit)) give(ordered, topic, [...hand[topic]].sort((a, b) => a - b)); // prettier-ignore
  return ordered;
}

/** Whether topics ascend, each with partitions that ascend. */
function isInOrder(hand: Partitions): boolean {
  let last = "";
  for (const topic in hand) {
    if (topic < last || hand[topic].length === 0 || !isAscending(hand[topic])) return false;
    last = topic;
  }
  return true;
}

function nobodys(subscribers: readonly Subscriber[], topics: Topics, assignment: Assignment): Partitions {
  const taken = new Map<TopicName, Uint8Array>();
  for (const list of new Set(subscribers.map((subscriber) => subscriber.topics))) {
    for (const topic of list) {
      const metadata = topics.get(topic);
      if (takesPart(metadata) && !taken.has(topic)) taken.set(topic, new Uint8Array(metadata.partitions));
    }
  }
  for (const hand of assignment.values()) {
    for (const topic of Object.keys(hand)) {
      const marks = taken.get(topic);
      if (marks !== undefined) for (const partition of hand[topic]) marks[partition] = 1; // beyond the end: no effect
    }
  }
  const nobody: Hand = {};
  for (const topic of [...taken.keys()].sort(byCodeUnit)) {
    const free: number[] = [];
    taken.get(topic)!.forEach((mark, partition) => mark === 0 && free.push(partition));
    if (free.length > 0) give(nobody, topic, free);
  }
  return nobody;
}

/** Takes a value from its place: in a list, its number there; in an object, the field. */
type Reader<T> = (value: unknown, at: string, key?: string | number) => T;

/** A place in words. Not put together before something is wrong there. */
function placed(at: string, key?: string | number): string {
  if (key === undefined) return at;
  return typeof key === "number" ? `${at}[${key}]` : `${at}.${key}`;
}

function object(value: unknown, at: string, key?: string | number): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new QuestionError(`${placed(at, key)}: must be an object`);
}

function list(value: unknown, at: string, key?: string | number): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new QuestionError(`${placed(at, key)}: must be a list`);
}

function text(value: unknown, at: string, key?: string | number): string {
  if (typeof value === "string") return value;
  throw new QuestionError(`${placed(at, key)}: must be a text`);
}

function whole(value: unknown, at: string, key?: string | number): number {
  if (Number.isSafeInteger(value)) return value as number;
  throw new QuestionError(`${placed(at, key)}: must be a whole number`);
}

function count(value: unknown, at: string, key?: string | number): number {
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
  throw new QuestionError(`${placed(at, key)}: must be a whole number, not negative`);
}

function amount(value: unknown, at: string, key?: string | number): number {
  if (typeof value === "number" && value >= 0 && Number.isFinite(value)) return value;
  throw new QuestionError(`${placed(at, key)}: must be a number, not negative`);
}
