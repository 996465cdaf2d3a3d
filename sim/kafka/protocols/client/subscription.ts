import type { Partitions, TopicName } from "../../../names.ts";
import type { Topics } from "../../assignors/assignor.ts";
import { byCodeUnit } from "../../assignors/standing-order.ts";

/** What the application asked for: topics by name, or all that match a pattern. */
export type Subscribed = readonly TopicName[] | { readonly matching: RegExp };

/** What a client is subscribed to. A pattern is matched here, against the topics that the client knows. */
export interface Subscription {
  subscribed: Subscribed;
  /** The subscription as names, sorted by code unit. The very same list while nothing has changed in it. */
  topics: readonly TopicName[];
}

export const newSubscription = (subscribed: Subscribed, metadata: Topics): Subscription => ({
  subscribed,
  topics: namesOf(subscribed, metadata),
});

/** The application subscribes anew. */
export function subscribeTo(subscription: Subscription, subscribed: Subscribed, metadata: Topics): void {
  subscription.subscribed = subscribed;
  takeNames(subscription, metadata);
}

/** The client's metadata has been refreshed: a pattern may match others now. */
export function takeNames(subscription: Subscription, metadata: Topics): void {
  const topics = namesOf(subscription.subscribed, metadata);
  if (topics.join() !== subscription.topics.join()) subscription.topics = topics;
}

/** The part of `partitions` that belongs to these topics. */
export function ofTopics(partitions: Partitions, topics: readonly TopicName[]): Partitions {
  return Object.fromEntries(Object.entries(partitions).filter(([topic]) => topics.includes(topic)));
}

function namesOf(subscribed: Subscribed, metadata: Topics): readonly TopicName[] {
  const names =
    "matching" in subscribed
      ? [...metadata.keys()].filter((topic) => subscribed.matching.test(topic))
      : [...subscribed];
  return names.sort(byCodeUnit);
}
