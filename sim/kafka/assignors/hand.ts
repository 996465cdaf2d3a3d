import type { Assignment, MemberId, Partitions, TopicName } from "../../names.ts";
import type { Subscriber } from "./assignor.ts";

/** A member's partitions while they are being dealt. */
export type Hand = Record<TopicName, number[]>;

/**
 * Gives `hand` a topic's list of partitions, in place of any it has. `__proto__` is a legal topic name, and a plain
 * assignment to that key would be lost.
 */
export function give<List>(hand: Record<TopicName, List>, topic: TopicName, partitions: List): void {
  if (topic === "__proto__") {
    Object.defineProperty(hand, topic, { value: partitions, writable: true, enumerable: true, configurable: true });
  } else hand[topic] = partitions;
}

/** What `hand` has of a topic. (`hand.constructor` is not a topic that somebody owns.) */
export function of(hand: Partitions, topic: TopicName): readonly number[] | undefined {
  return Object.hasOwn(hand, topic) ? hand[topic] : undefined;
}

/** A list of so many numbers, to be set, without the room to spare that lists grown by pushes have. */
// oxlint-disable-next-line no-new-array -- Array.from goes through every place, and is ten times slower
export const listOf = (length: number): number[] => new Array<number>(length);

/** Whether each number is larger than the one before. */
export function isAscending(list: readonly number[]): boolean {
  for (let place = 1; place < list.length; place++) if (list[place] <= list[place - 1]) return false;
  return true;
}

/** Adds one partition at the end of the topic's list. */
export function add(hand: Hand, topic: TopicName, partition: number): void {
  const list = of(hand, topic) as number[] | undefined;
  if (list === undefined) give(hand, topic, [partition]);
  else list.push(partition);
}

/** An assignment with an empty hand for each subscriber, in their order; and the same hands in the order of `seats`. */
export function emptyHands(
  subscribers: readonly Subscriber[],
  seats: readonly Subscriber[],
): { assignment: Map<MemberId, Hand>; hands: Hand[] } {
  const assignment = new Map<MemberId, Hand>();
  const hands: Hand[] = [];
  for (const { id } of subscribers) {
    const hand: Hand = {};
    hands.push(hand);
    assignment.set(id, hand);
  }
  return { assignment, hands: seats === subscribers ? hands : seats.map(({ id }) => assignment.get(id)!) };
}

/** Deals partitions topic by topic; within a topic a member's list grows at the end. */
export class Dealer {
  readonly #hands: readonly Hand[];
  readonly #lists: number[][] = [];
  /** The last topic each member got something of, so that its list need not be looked up. */
  readonly #lastTopic: Int32Array;
  #topic: TopicName = "";
  #number = -1;

  constructor(hands: readonly Hand[]) {
    this.#hands = hands;
    this.#lastTopic = new Int32Array(hands.length).fill(-1);
  }

  /** Goes on to a topic of which nothing was dealt yet. */
  begin(topic: TopicName): void {
    this.#topic = topic;
    this.#number += 1;
  }

  deal(member: number, partition: number): void {
    if (this.#lastTopic[member] === this.#number) this.#lists[member].push(partition);
    else {
      this.#lastTopic[member] = this.#number;
      this.#lists[member] = [partition];
      give(this.#hands[member], this.#topic, this.#lists[member]);
    }
  }
}

/** Hands in some other order of the members as an assignment: `places[i]` is whose the i-th hand is. */
export function inGivenOrder(
  subscribers: readonly Subscriber[],
  places: readonly number[],
  hands: readonly Partitions[],
): Assignment {
  const byPlace = [...hands];
  for (let index = 0; index < places.length; index++) byPlace[places[index]] = hands[index];
  const assignment = new Map<MemberId, Partitions>();
  for (let place = 0; place < subscribers.length; place++) assignment.set(subscribers[place].id, byPlace[place]);
  return assignment;
}
