/** The inputs by formula on which Kafka's assignors were timed: no random numbers. */
import { createHash } from "node:crypto";
import type { Assignment } from "../../../sim/names.ts";
import type { Subscriber, TopicMetadata, Topics } from "../../../sim/kafka/assignors/assignor.ts";
import { assignorNamed } from "../../../sim/kafka/assignors/assignors.ts";
import { byCodeUnit } from "../../../sim/kafka/assignors/standing-order.ts";

export type Subscribed = "same" | "buckets" | "odd" | "overlap";
export type Event = "fresh" | "leave" | "join";

export interface Workload {
  readonly assignor: string;
  readonly members: number;
  readonly partitions: number;
  readonly topics: number;
  readonly subscribed: Subscribed;
  readonly event: Event;
}

/** What an assignor is called with. */
export interface Input {
  readonly subscribers: readonly Subscriber[];
  readonly topics: Topics;
}

/**
 * The input of a workload. `fresh`: nobody owns anything. `leave`: members own the result of `fresh`, and member M/2 is
 * gone. `join`: members 0 … M−2 own the result of a fresh assignment of them, and member M−1 is new.
 */
export function inputOf({ assignor, members, partitions, topics: count, subscribed, event }: Workload): Input {
  const topics = topicsOf(count, partitions / count);
  const fresh = freshMembers(members, [...topics.keys()], subscribed);
  if (event === "fresh") return { subscribers: fresh, topics };
  const before = event === "join" ? fresh.slice(0, -1) : fresh;
  const assignment = assignorNamed(assignor)!(before, topics);
  const owning = before.map(({ id, topics: list }) => ({
    id,
    topics: list,
    owned: assignment.get(id)!,
    generation: 1,
  }));
  if (event === "join") return { subscribers: [...owning, fresh[fresh.length - 1]], topics };
  return { subscribers: owning.filter((_, member) => member !== members / 2), topics };
}

/** The first 16 hex digits of the SHA-256 of the result's JSON text, members and topics ascending. */
export function fingerprint(assignment: Assignment): string {
  const sorted = [...assignment]
    .sort(([a], [b]) => byCodeUnit(a, b))
    .map(([member, hand]) => [member, Object.fromEntries(Object.entries(hand).sort(([a], [b]) => byCodeUnit(a, b)))]);
  return createHash("sha256")
    .update(JSON.stringify(Object.fromEntries(sorted)))
    .digest("hex")
    .slice(0, 16);
}

/** The workload as a question in the vectors' format, for Kafka's own classes. */
export function questionOf(id: string, assignor: string, { subscribers, topics }: Input): unknown {
  const lists = [...new Set(subscribers.map((member) => member.topics))];
  return {
    id,
    assignor,
    topics: Object.fromEntries(topics),
    subscriptions: lists,
    members: subscribers.map(({ topics: list, ...member }) => ({ ...member, sub: lists.indexOf(list) })),
  };
}

function topicsOf(count: number, partitions: number): Map<string, TopicMetadata> {
  const topics = new Map<string, TopicMetadata>();
  for (let topic = 0; topic < count; topic++) {
    const high = BigInt.asUintN(64, BigInt(topic + 1) * 0x9e3779b97f4a7c15n);
    const low = BigInt.asUintN(64, BigInt(topic + 1) * 0xc2b2ae3d27d4eb4fn);
    const bytes = Buffer.from(high.toString(16).padStart(16, "0") + low.toString(16).padStart(16, "0"), "hex");
    topics.set(`topic-${String(topic).padStart(3, "0")}`, { partitions, id: bytes.toString("base64url") });
  }
  return topics;
}

function freshMembers(count: number, topics: readonly string[], subscribed: Subscribed): Subscriber[] {
  const subscribes = {
    same: () => true,
    buckets: (topic: number, member: number) => topic % 5 === member % 5,
    odd: (topic: number, member: number) => topic !== 0 || member !== 0,
    overlap: (topic: number, member: number) => (topic + member) % 5 < 3,
  }[subscribed];
  // Members with equal subscriptions share one list, as they do when a group's members run the same program.
  const lists = new Map<string, string[]>();
  return Array.from({ length: count }, (_, member) => {
    const list = topics.filter((__, topic) => subscribes(topic, member));
    const key = list.join();
    if (!lists.has(key)) lists.set(key, list);
    return { id: `member-${String(member).padStart(5, "0")}`, topics: lists.get(key)! };
  });
}
