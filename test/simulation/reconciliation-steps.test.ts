import { expect, test } from "vitest";
import { SECOND } from "../../sim/engine/time.ts";
import { eventsOf } from "../support/runs.ts";

/** One member with a backlog, in batches of a second; another one joins at 20 s. What the first does about it, and when. */
function steps(release: string, commit: string): ReadonlyMap<string, number> {
  const events = eventsOf(`
duration: 40s
cluster: { brokers: 1, brokerVersion: "4.0", network: { delay: 1ms }, appendDelay: 0ms }
topics: { orders: { partitions: 2, rate: 1000/s } }
groups:
  g:
    topics: [orders]
    clientVersion: "${release}"
    config: { group.protocol: consumer }
    members: { initial: 1, capacity: 500/s, startup: 0s, batch: 1s, commit: ${commit} }
events: [{ at: 20s, join: g }]
`);
  const found = new Map<string, number>();
  for (const event of events) {
    if (event.t < 20 * SECOND || !("client" in event) || event.client !== "g-1") continue;
    if (event.type === "client.state") found.set(event.to, event.t);
    if (event.type === "partition.reading" && !event.reading) found.set("reads it no more", event.t);
    if (event.type === "partition.owner") found.set(event.how, event.t);
  }
  return found;
}

test("under load each callback waits for the end of a batch: before 4.2 the first poll() gives up, the next one hears of the rest", () => {
  const found = steps("4.0", "async");
  expect(found.get("reads it no more")).toBe(found.get("RECONCILING")); // in the midst of a batch
  const wait = found.get("revoked")! - found.get("RECONCILING")!;
  expect(wait).toBeGreaterThan(0);
  expect(wait).toBeLessThanOrEqual(SECOND);
  expect(found.get("assigned")! - found.get("revoked")!).toBe(SECOND);
  expect(found.get("ACKNOWLEDGING")).toBe(found.get("assigned"));
});

test.for(["4.2", "4.3"])("from 4.2 on there is one poll() more, which begins: %s", (release) => {
  const found = steps(release, "async");
  const wait = found.get("reads it no more")! - found.get("RECONCILING")!;
  expect(wait).toBeGreaterThan(0);
  expect(wait).toBeLessThanOrEqual(SECOND);
  expect(found.get("revoked")! - found.get("reads it no more")!).toBe(SECOND);
  expect(found.get("assigned")! - found.get("revoked")!).toBe(SECOND);
});

test("without a listener only the beginning waits for poll(): the rest follows the commit", () => {
  const found = steps("4.0", "auto");
  const wait = found.get("reads it no more")! - found.get("RECONCILING")!;
  expect(wait).toBeGreaterThan(0);
  expect(wait).toBeLessThanOrEqual(SECOND);
  // a round trip of 2 ms, and group.coordinator.append.linger.ms: 5 in 4.0
  expect(found.get("revoked")! - found.get("reads it no more")!).toBe(7_000);
  expect(found.get("assigned")).toBe(found.get("revoked"));
});
