import { expect, test } from "vitest";
import { eventsOf, only } from "../../support/runs.ts";

// Broker 2 is out of ZooKeeper's reach from 64 s to 84.5 s. Its session of 18 s ends within 2 s after 76 s to 82 s, when
// broker 1, the controller, has just died; the next controller is elected when the dead one's session ends, at 88 s or later.
const yaml = `
duration: 4m
cluster:
  brokers: 3
  brokerVersion: "3.6"
  controller: zookeeper
  network: { delay: 1ms }
topics: { orders: { partitions: 3, rate: 300/s, replicationFactor: 1 } }
groups: { g: { topics: [orders], members: 1 } }
events:
  - { at: 64s, cut: { from: { broker: 2 }, to: controller }, for: 20500ms }
  - { at: 75999ms, crash: { broker: 1 } }`;

const SEEDS = ["1", "2", "3", "4", "5"];

test.for(SEEDS)(
  "a broker whose session ended while there was no controller leads on once it has another, seed %s",
  (seed) => {
    const events = eventsOf(yaml, seed);
    const states = only(events, "broker.state").filter(({ broker }) => broker === 2);
    expect(states.at(-1)?.to ?? "Running").toBe("Running");
    const leads = only(events, "partition.leader").filter(
      ({ topic, partitions }) => topic === "orders" && partitions.includes(1),
    );
    expect(leads.at(-1)!.to).toBe(2);
  },
);
