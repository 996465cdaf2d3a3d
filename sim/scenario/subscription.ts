import type { Finding, Path } from "./document.ts";
import { finding, missing } from "./finding.ts";
import type { Scenario } from "./scenario.ts";

/** Whether there is each topic that a group subscribes to, and once. */
export function* subscription(
  id: string,
  subscribed: readonly string[],
  within: Path,
  { topics }: Scenario,
): Generator<Finding> {
  const names = topics.map(({ name }) => name);
  const known = new Set(names);
  const seen = new Set<string>();
  for (const [i, topic] of subscribed.entries()) {
    const path = [...within, i];
    if (!known.has(topic)) yield missing(path, "topic", topic, names);
    if (seen.has(topic)) yield finding(path, `${id} subscribes to ${topic} twice`, "once is enough");
    seen.add(topic);
  }
}
