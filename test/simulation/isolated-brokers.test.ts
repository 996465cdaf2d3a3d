import { expect, test } from "vitest";
import { SECOND } from "../../sim/engine/time.ts";
import { eventsOf, only } from "../support/runs.ts";

/*
 * A broker that the controller has given up is cut off again at the very instant at which the first cut ends, before it was
 * heard of: it stays given up, and the end of another session says nothing new. It is heard of with its first heartbeat (each
 * 2 s) after 109 s.
 */
test.each(["3.9", "4.0"])(
  "who is fenced and cut off once more stays fenced until it is heard of: Kafka %s",
  (version) => {
    const events = eventsOf(`
duration: 4m
cluster: { brokerVersion: "${version}", brokers: 3, network: { delay: 0ms } }
topics: { orders: { partitions: 6, rate: 500/s } }
groups: { g: { members: 2 } }
events:
  - { at: 49s, cut: { from: { broker: 1 }, to: controller }, for: 30s }
  - { at: 79s, cut: { from: { broker: 1 } }, for: 30s }
`);
    const lived = only(events, "broker.state").filter(({ broker, t }) => broker === 1 && t > 40 * SECOND);
    expect(lived.map(({ to }) => to)).toEqual(["Isolated", "CatchingUp", "Running"]);
    expect(lived[1].t).toBeGreaterThan(109 * SECOND);
    expect(lived[1].t).toBeLessThanOrEqual(111 * SECOND);
  },
);

/*
 * A follower copies from whom it believes to lead: its copies cannot be complete before it has heard of who leads by now, a
 * propagation after it can again. With KRaft it reads that in the log from the end of the cut on, with ZooKeeper it is told when
 * it is heard of.
 */
test.each(["kraft", "zookeeper"])("who comes back is in sync when it knows who leads, not before: %s", (controller) => {
  const events = eventsOf(`
duration: 4m
cluster:
  brokerVersion: "3.9"
  controller: ${controller}
  brokers: 3
  metadataPropagation: 20s
  catchUp: 1s
topics: { orders: { partitions: 6, rate: 500/s } }
groups: { g: { members: 2 } }
events:
  - { at: 50s, cut: { from: { broker: 2 } }, for: 60s }
`);
  const lived = only(events, "broker.state").filter(({ broker, t }) => broker === 2 && t > 50 * SECOND);
  expect(lived.map(({ to }) => to)).toEqual(["Isolated", "CatchingUp", "Running"]);
  const told = controller === "kraft" ? 110 * SECOND : lived[1].t;
  expect(lived[2].t).toBe(told + 20 * SECOND);
  // and only then does it get back what it led before
  const gotBack = only(events, "partition.leader").filter(({ to, t }) => to === 2 && t > 50 * SECOND);
  for (const { t } of gotBack) expect(t).toBeGreaterThanOrEqual(lived[2].t);
});
