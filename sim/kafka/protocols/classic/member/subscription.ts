import type { TopicName } from "../../../../names.ts";
import type { Topics } from "../../../assignors/assignor.ts";
import type { Subscribed, Subscription } from "../../client/subscription.ts";
import { newSubscription, takeNames } from "../../client/subscription.ts";
import type { Participation } from "./participation.ts";
import { askRejoin } from "./reset.ts";

/** What this client has seen of the topics, and what it acted on. Kafka: `metadataSnapshot`, `joinedSubscription`. */
export interface MetadataWatch extends Subscription {
  /** The subscription of the last JoinGroup. */
  joined: readonly TopicName[] | undefined;
  /** Whether this client computed the last assignment. */
  leads: boolean;
  /** Topics of the whole group, which the leader watches. */
  groupTopics: readonly TopicName[];
  /** The partition counts of those topics, and as they were when this client, as leader, last computed an assignment. */
  picture: string;
  assigned: string | undefined;
}

export function newWatch(subscribed: Subscribed, metadata: Topics): MetadataWatch {
  return {
    ...newSubscription(subscribed, metadata),
    joined: undefined,
    leads: false,
    groupTopics: [],
    picture: "",
    assigned: undefined,
  };
}

/** The client's metadata has been refreshed: topics may have grown, and a pattern may match others now. */
export function metadataRefreshed({ watch, options }: Participation): void {
  takeNames(watch, options.metadata());
  watch.picture = pictureOf(options.metadata(), watch.groupTopics);
}

/** This client is leader and has looked at the topics: it goes by this picture until the next assignment. */
export function watchAsLeader({ watch, options }: Participation, groupTopics: readonly TopicName[]): void {
  watch.leads = true;
  watch.groupTopics = groupTopics;
  watch.picture = pictureOf(options.metadata(), groupTopics);
  watch.assigned = watch.picture;
}

/** A new attempt to join begins: whoever leads will be decided. The last picture counts until the join is over. */
export function stopLeading({ watch }: Participation): void {
  watch.leads = false;
}

/** Only the leader watches partition counts. */
export function followerForgets({ watch }: Participation): void {
  if (!watch.leads) watch.assigned = undefined;
}

/** Whether what it last joined for is not what there is now; then it asks to join again. */
export function noticeChanges(on: Participation): boolean {
  const changed = changeToNotice(on);
  if (changed && on.rejoin.why === undefined) askRejoin(on, changed);
  return changed !== undefined;
}

/** What poll() would notice now: as long as nobody polls, it can change back. */
export function changeToNotice({ watch }: Participation): "metadata-changed" | "subscription-changed" | undefined {
  if (watch.assigned !== undefined && watch.assigned !== watch.picture) return "metadata-changed";
  return watch.joined !== undefined && watch.joined !== watch.topics ? "subscription-changed" : undefined;
}

/** The partition counts of these topics, as something to compare. Kafka: `MetadataSnapshot`. */
function pictureOf(metadata: Topics, topics: readonly TopicName[]): string {
  return topics.map((topic) => `${topic}:${metadata.get(topic)?.partitions ?? "none"}`).join();
}
