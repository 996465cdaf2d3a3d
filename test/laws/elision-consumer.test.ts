import { expect, test } from "vitest";
import { bothModes } from "../support/both-modes.ts";
import { STORMY } from "../support/stormy.ts";

/** The same storm, in a group that speaks the consumer protocol. */
const stormy = STORMY.replace(
  "{ session.timeout.ms: 10000, max.poll.interval.ms: 30000, partition.assignment.strategy: [roundrobin] }",
  "{ group.protocol: consumer, max.poll.interval.ms: 30000 }",
).replace("{ partition.assignment.strategy: [range] }", "{ group.protocol: consumer }");

const seeds = Array.from({ length: 4 }, (_, index) => `elision ${index}`);

test.for(seeds)("V28: a stormy run is the same with heartbeats worked out, seed %s", (seed) => {
  const { elided, explicit, heartbeats } = bothModes(stormy, seed);
  expect(heartbeats).toBeGreaterThan(0);
  expect(elided).toEqual(explicit);
});

test.for(["3.9", "4.0", "4.1", "4.2", "4.3"])("V28: … whatever the release: %s", (version) => {
  const config = "config: { group.coordinator.rebalance.protocols: [classic, consumer] }";
  const yaml = stormy
    .replace("  brokers: 3", `  brokers: 3\n  brokerVersion: "${version}"\n  ${config}`)
    .replace("  billing:\n", `  billing:\n    clientVersion: "${version}"\n`)
    .replace("  audit:\n", `  audit:\n    clientVersion: "${version}"\n`);
  const { elided, explicit } = bothModes(yaml, `releases ${version}`);
  expect(elided).toEqual(explicit);
});

test.for(["1ms", "{ uniform: [0ms, 900ms] }", "{ exponential: 20ms }"])(
  "V28: … whatever the network's delay: %s",
  (delay) => {
    const { elided, explicit } = bothModes(
      stormy.replace("{ lognormal: { median: 0.5ms, p99: 5ms } }", delay),
      "delays",
    );
    expect(elided).toEqual(explicit);
  },
);

test.for(["auto", "sync", "before-processing", "never"])(
  "V28: … however it commits: %s, and with processes that are stopped",
  (commit) => {
    const yaml = stormy
      .replace("capacity: 900/s", `capacity: 900/s\n      commit: ${commit}`)
      .replace("events:", "events:\n  - { at: 4m, freeze: billing, for: 20s }\n  - { at: 9m, freeze: audit, for: 2s }");
    const { elided, explicit } = bothModes(yaml, `commits ${commit}`);
    expect(explicit.some((line) => line.includes('"type":"client.frozen"'))).toBe(true);
    expect(elided).toEqual(explicit);
  },
);

test("V28: … where a topic grows: the first heartbeat after the brokers have heard of it raises the epoch", () => {
  // Two members beat in phase with the news, before it, with it and after it, to the microsecond; an answer may be on its
  // way when the topic grows, and then its member must not rest.
  const instants = [60_014, 60_015, 60_016, 60_017, 62_500, 65_015].map((ms) => `${ms}ms`);
  for (const at of instants) {
    const yaml = `
duration: 100s
cluster: { brokers: 1, network: { delay: 1ms }, appendDelay: 0ms }
topics: { orders: { partitions: 4, rate: 100/s } }
groups:
  g: { topics: [orders], members: { initial: 3, capacity: 1000/s, startup: 0s }, config: { group.protocol: consumer } }
events:
  - { at: ${at}, grow: orders, to: 6 }
`;
    const { elided, explicit } = bothModes(yaml, "grows");
    expect(elided).toEqual(explicit);
  }
});
