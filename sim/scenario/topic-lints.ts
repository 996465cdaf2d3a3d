/** What a scenario may say of topics and their producers, and hardly anyone should mean. */
import { formatDuration, MILLISECOND } from "../engine/time.ts";
import type { Finding, Path } from "./document.ts";
import { finding } from "./finding.ts";
import type { Scenario, TopicSpec } from "./scenario.ts";

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

/** Records that come to new partitions before a group reads them, where its policy is to begin at the end. */
export function* skipped({ groups, events }: Scenario): Generator<Finding> {
  for (const [i, event] of events.entries()) {
    if (event.what !== "grow") continue;
    for (const { id, topics, config } of groups) {
      if (!topics.includes(event.topic) || config["auto.offset.reset"] !== "latest") continue;
      const age = formatDuration(config["metadata.max.age.ms"] * MILLISECOND);
      yield finding(
        ["events", i, "grow"],
        `${id} skips what comes to the new partitions of ${event.topic} before it reads them, for up to ${age} and a rebalance`,
        "auto.offset.reset: earliest reads it late instead of never; a shorter metadata.max.age.ms makes it less",
        ["groups", id, "config", "auto.offset.reset"],
      );
    }
  }
}
