/** What events do to topics, and what cannot be done to them. */
import { formatDuration } from "../engine/time.ts";
import type { Finding } from "./document.ts";
import { finding, missing } from "./finding.ts";
import type { TopicName } from "../names.ts";
import type { EventSpec, Scenario, TopicSpec } from "./scenario.ts";

type OnTopic = Extract<EventSpec, { what: "create" | "grow" | "delete" | "producers" | "rate" }>;

const isOnTopic = (event: EventSpec): event is OnTopic =>
  ["create", "grow", "delete", "producers", "rate"].includes(event.what);

/** Whether a topic is not there when all begins: the first that is done to it is that it is created. */
export function beginsLater(topic: TopicName, events: readonly EventSpec[]): boolean {
  const [first] = events
    .filter((event) => (event.what === "create" || event.what === "delete") && event.topic === topic)
    .sort((a, b) => a.at - b.at);
  return first?.what === "create";
}

/** Whether each topic is there when something is done to it, event after event in order of time. */
export function* topicLives({ topics, events }: Scenario): Generator<Finding> {
  const names = topics.map(({ name }) => name);
  const partitions = new Map(topics.map(({ name, partitions: all }) => [name, beginsLater(name, events) ? 0 : all]));
  const deleted = new Set<string>();
  const specs = new Map<string, TopicSpec>(topics.map((topic) => [topic.name, topic]));
  const inOrder = [...events.entries()].sort(([i, a], [j, b]) => a.at - b.at || i - j);
  for (const [i, event] of inOrder) {
    if (!isOnTopic(event)) continue;
    const { topic, what, at } = event;
    const path = ["events", i, what];
    const spec = specs.get(topic);
    const before = partitions.get(topic) ?? 0;
    if (!spec) yield missing(path, "topic", topic, names);
    else if (what === "create") {
      if (before > 0) yield finding(path, `${topic} is there already at ${formatDuration(at)}`, "delete it before");
      partitions.set(topic, spec.partitions);
      deleted.delete(topic);
    } else if (before === 0 && !(what === "rate" && !deleted.has(topic))) {
      const why = deleted.has(topic) ? "it has been deleted" : "it is created later";
      yield finding(path, `there is no topic ${topic} at ${formatDuration(at)}`, why);
    } else if (what === "producers" || what === "rate") {
      continue; // a rate can also be one that a topic will begin with
    } else if (what === "delete") {
      deleted.add(topic);
      partitions.set(topic, 0);
    } else {
      const to = event.shares.length;
      if (to <= before) {
        const advice =
          to === before
            ? "it has as many: Kafka refuses a change that is none"
            : "Kafka refuses fewer partitions than there are: their records would be gone";
        yield finding(
          ["events", i, "to"],
          `${topic} has ${before} partitions already, so it cannot grow to ${to}`,
          advice,
        );
      }
      partitions.set(topic, to);
    }
  }
}
