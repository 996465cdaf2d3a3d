/** What a scenario may say of topics and their producers, and hardly anyone should mean. */
import { formatDuration, MILLISECOND } from "../engine/time.ts";
import type { Finding, Path } from "./document.ts";
import { finding } from "./finding.ts";
import type { GroupSpec, Scenario, TopicSpec } from "./scenario.ts";

/** A producer's share that nobody takes over once it has crashed. */
export function* unproduced({ name, producers }: TopicSpec, { events }: Scenario): Generator<Finding> {
  const { takeover, replaceAfter, joinsPerSecond, crashShare, lifetime, leavesPerSecond } = producers;
  if (takeover || replaceAfter || joinsPerSecond > 0) return;
  const byChance = crashShare > 0 && (lifetime !== undefined || leavesPerSecond > 0);
  const crash = events.findIndex((one) => one.what === "producers" && one.topic === name && one.how === "crash");
  const comes = events.some((one) => one.what === "producers" && one.topic === name && one.how === "join");
  if (comes || (!byChance && crash === -1)) return;
  const path: Path = crash === -1 ? ["topics", name, "producers"] : ["events", crash, "producers"];
  const advice = "write takeover, how long it takes the others, or replaceAfter";
  yield finding(path, `what a crashed producer of ${name} produced is never produced again`, advice);
}

/** From so many partitions on a run takes memory and time that somebody should have meant. */
const MANY = 100_000;

/** What a run holds of a partition in memory, roughly; measured with groups of 5 and 100,000 to 300,000 partitions. */
const BYTES_OF_PARTITION = 7_000;

/** So many partitions that one run is felt. */
export function* many({ topics, events }: Scenario): Generator<Finding> {
  const most = new Map(topics.map(({ name, partitions }) => [name, partitions]));
  for (const event of events) {
    if (event.what === "grow") most.set(event.topic, Math.max(event.shares.length, most.get(event.topic)!));
  }
  const total = [...most.values()].reduce((sum, count) => sum + count, 0);
  if (total < MANY) return;
  const gigabytes = ((total * BYTES_OF_PARTITION) / 1e9).toFixed(1);
  yield finding(
    ["topics"],
    `with ${total} partitions a run takes long, and about ${gigabytes} GB of memory`,
    "a tenth of the partitions and of the members, at a tenth of the rate, often shows the same",
  );
}

/** Records that come to new partitions before a group reads them, where its policy is to begin at the end. */
export function* skipped({ groups, events }: Scenario): Generator<Finding> {
  for (const [i, event] of events.entries()) {
    if (event.what !== "grow") continue;
    for (const group of groups) {
      if (!group.topics.includes(event.topic) || group.config["auto.offset.reset"] !== "latest") continue;
      const { lasts, earliest, less } = noticing(group);
      yield finding(
        ["events", i, "grow"],
        `${group.id} skips what comes to the new partitions of ${event.topic} before it reads them, for ${lasts}`,
        `auto.offset.reset: ${earliest} reads it late instead of never${less}`,
        ["groups", group.id, "config", "auto.offset.reset"],
      );
    }
  }
}

/**
 * How long it takes a group until it reads new partitions: its leader looks at the topics' metadata now and then, or the
 * coordinator does at any heartbeat (KIP-848), or ZooKeeper tells all its consumers at once.
 */
function noticing({ config, groupConfig, zookeeperConfig }: GroupSpec): {
  readonly lasts: string;
  readonly earliest: string;
  /** What makes it less. */
  readonly less: string;
} {
  if (zookeeperConfig) return { lasts: "as long as its rebalance takes", earliest: "smallest", less: "" };
  const key = groupConfig ? "consumer.heartbeat.interval.ms" : "metadata.max.age.ms";
  const ms = groupConfig?.["consumer.heartbeat.interval.ms"] ?? config["metadata.max.age.ms"];
  const then = groupConfig ? ", until its members' next heartbeats" : " and a rebalance";
  const lasts = `up to ${formatDuration(ms * MILLISECOND)}${then}`;
  return { lasts, earliest: "earliest", less: `; a shorter ${key} makes it less` };
}
