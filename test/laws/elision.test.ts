import { expect, test } from "vitest";
import { bothModes } from "../support/both-modes.ts";
import { STORMY } from "../support/stormy.ts";

const seeds = Array.from({ length: 4 }, (_, index) => `elision ${index}`);

test.for(seeds)("V28: a stormy run is the same with heartbeats worked out, seed %s", (seed) => {
  const { elided, explicit, heartbeats } = bothModes(STORMY, seed);
  expect(heartbeats).toBeGreaterThan(1000);
  expect(elided).toEqual(explicit);
});

test.for([
  "1ms",
  "50ms",
  "{ uniform: [0ms, 900ms] }",
  "{ exponential: 20ms }",
  "{ lognormal: { median: 0.5ms, p99: 5ms } }",
])("V28: … whatever the network's delay: %s", (delay) => {
  const yaml = STORMY.replace("{ lognormal: { median: 0.5ms, p99: 5ms } }", delay);
  const { elided, explicit } = bothModes(yaml, "delays");
  expect(elided).toEqual(explicit);
});

test.for(["auto", "sync", "before-processing", "never"])(
  "V28: … however it commits: %s, and with processes that are stopped",
  (commit) => {
    const yaml = STORMY.replace("capacity: 900/s", `capacity: 900/s\n      commit: ${commit}`).replace(
      "events:",
      "events:\n  - { at: 4m, freeze: billing, for: 20s }\n  - { at: 9m, freeze: audit, for: 2s }",
    );
    const { elided, explicit } = bothModes(yaml, `commits ${commit}`);
    expect(explicit.some((line) => line.includes('"type":"client.frozen"'))).toBe(true);
    expect(elided).toEqual(explicit);
  },
);

test("V28: … where heartbeats and what touches them share an instant, to the microsecond", () => {
  // With a delay of 1 ms the members beat in phase, at 6.015, 9.015 … seconds of a run that begins at 0; everything
  // happens on the grid of their sending, arriving and being answered.
  const at = [60.015, 60.016, 60.017, 63.0145, 63.015, 75.015, 75.016, 75.017].map((t) => `${Math.round(t * 1e6)}us`);
  for (const what of ["crash: g-2", "leave: g-3", "join: g", "pause: g-1, lasts: 1s", "pause: g-4, lasts: 400s"]) {
    const yaml = `
duration: 12m
cluster: { brokers: 1, network: { delay: 1ms }, appendDelay: 0ms }
topics: { orders: { partitions: 8, rate: 100/s } }
groups:
  g: { topics: [orders], members: { initial: 5, capacity: 1000/s, startup: 0s }, config: { session.timeout.ms: 10000, partition.assignment.strategy: [range] } }
events:
${at.map((instant, index) => `  - { at: ${instant}, ${index < 5 ? what.replace(/g-\d/, `g-${index + 1}`) : what} }`).join("\n")}
`;
    const { elided, explicit } = bothModes(yaml, "ties");
    expect(elided).toEqual(explicit);
  }
});

test("V28: … where requests come late, over a connection that has been given up meanwhile", () => {
  // Heartbeats of the first 20 s arrive from 23 s on; at 34 s the client gives their connection up, while they still
  // come in. What the coordinator answers to those has nowhere to go.
  const yaml = `
duration: 70s
cluster: { brokers: 3, network: { delay: 1ms } }
topics: { orders: { partitions: 1, rate: 600/s } }
groups:
  g:
    topics: [orders]
    config: { session.timeout.ms: 45000, heartbeat.interval.ms: 1000, partition.assignment.strategy: [range] }
    members: { initial: 1, zones: [north], capacity: 400/s, startup: 0ms, batch: 200ms }
events:
  - { at: 3006ms, slow: { from: { zone: north } }, delay: 20s, for: 21s }
  - { at: 35007ms, crash: { broker: coordinator of g }, silent: true }
`;
  const { elided, explicit } = bothModes(yaml, "storm");
  expect(elided).toEqual(explicit);
});

test("V28: … where a process is stopped after its heartbeats have left and before they are answered", () => {
  // Requests take 12 s from 53.5 s on. What it sends until it is stopped, at 63.3 s, is answered at 65.5 s and later; it goes
  // on at 77.5 s, and looks at those answers before it sends the heartbeat that was due while it was stopped. Its session of
  // 45 s has not ended, so that nothing comes of all this.
  const yaml = `
duration: 100s
cluster: { network: { delay: 1ms } }
topics: { orders: { partitions: 2, rate: 100/s } }
groups:
  g: { topics: [orders], members: { initial: 1, capacity: 1000/s } }
events:
  - { at: 53.5s, slow: { from: { client: g-1 } }, delay: 12s, oneWay: true, for: 23s }
  - { at: 63.3s, freeze: g-1, for: 14.2s }
`;
  const { elided, explicit } = bothModes(yaml, "stopped");
  expect(elided).toEqual(explicit);
  expect(explicit.filter((line) => line.includes('"to":"PreparingRebalance"'))).toHaveLength(1);
});

test("V28: … where a heartbeat is answered while a commit that was refused waits to be repeated", () => {
  // The new coordinator refuses a commit at 22.497 s for the last time, has loaded at 22.987 s, and answers a heartbeat at
  // 23.008 s; by then the commit waits to be repeated, 0.8 to 1 s after it was refused.
  const yaml = `
duration: 40s
cluster: { brokers: 3, network: { delay: 1ms }, appendDelay: 0ms, loading: { base: 1900ms } }
topics: { orders: { partitions: 1, rate: 100/s } }
groups:
  g:
    topics: [orders]
    config: { heartbeat.interval.ms: 1000, partition.assignment.strategy: [range] }
    members: { initial: 1, capacity: 1000/s, startup: 0s, commit: sync, batch: 190ms }
events:
  - { at: 20s, restart: { broker: coordinator of g }, downtime: 5s }
`;
  const { elided, explicit } = bothModes(yaml, "1");
  expect(elided).toEqual(explicit);
});

test("V28: … where a copy that fell behind leads: it has what was committed until then, simulated or not", () => {
  // The member commits every 5 s, at 58.01 s for the last time before broker 1 stops, whose copy misses what comes then. The
  // other copy is gone for good at 83 s, the member at 90 s; broker 1 is back at 95 s and leads. Of each partition 50 records
  // are written a second, and read at once.
  const yaml = `
duration: 130s
cluster:
  brokers: 3
  brokerVersion: "3.9"
  network: { delay: 1ms }
  config: { unclean.leader.election.enable: true, offsets.topic.replication.factor: 2 }
topics: { orders: { partitions: 2, rate: 100/s } }
groups:
  g: { topics: [orders], members: { initial: 1, capacity: 1000/s, startup: 0s }, config: { session.timeout.ms: 10000, partition.assignment.strategy: [range] } }
events:
  - { at: 63s, restart: { broker: coordinator of g }, downtime: 30s }
  - { at: 83s, crash: { broker: coordinator of g } }
  - { at: 90s, crash: g-1 }
  - { at: 120s, join: g }
`;
  const { elided, explicit } = bothModes(yaml, "1");
  const [reread] = explicit.filter((line) => line.includes('"type":"records.reread"')).map((line) => JSON.parse(line));
  expect(reread.from / 50).toBeCloseTo(58.01, 1);
  expect(elided).toEqual(explicit);
});

test.for(["auto", "sync", "async", "before-processing", "never"])(
  "V28: … where a leader lacks what a group has read and committed, commit: %s",
  (commit) => {
    // Broker 2 gets nothing from broker 1 from 60 s on; that dies between two commits, and broker 2 leads half of the partitions.
    const yaml = `
duration: 6m
cluster:
  brokers: 3
  network: { delay: 1ms }
  config: { unclean.leader.election.enable: true }
topics: { orders: { partitions: 4, rate: 400/s, replicationFactor: 2 } }
groups:
  g: { topics: [orders], members: { initial: 3, capacity: 180/s, startup: 0s, commit: ${commit} } }
  h: { topics: [orders], members: { initial: 2, capacity: 90/s, startup: 0s, commit: ${commit} } }
events:
  - { at: 60s, cut: { from: { broker: 2 }, to: { broker: 1 } }, for: 3m }
  - { at: 122500ms, crash: { broker: 1 } }
  - { at: 132s, crash: g-1 }
  - { at: 200s, join: g }
`;
    const { elided, explicit } = bothModes(yaml, "1");
    expect(explicit.some((line) => line.includes('"gone":'))).toBe(true);
    expect(elided).toEqual(explicit);
  },
);

const CONTROLLERS = [
  ["4.0", "kraft"],
  ["3.9", "{ kind: kraft, inBrokers: true }"],
  ["3.9", "zookeeper"],
] as const;

test.for(CONTROLLERS)("V28: … whatever becomes of brokers and their controller: %s, %s", ([version, controller]) => {
  const yaml = `
duration: 12m
cluster:
  brokers: { count: 6, zones: [a, b, c] }
  brokerVersion: "${version}"
  controller: ${controller}
  config: { leader.imbalance.check.interval.seconds: 90 }
topics: { orders: { partitions: 12, rate: 600/s } }
groups:
  g: { topics: [orders], members: { initial: 6, zones: [b, c], capacity: 400/s, joins: 6/h, leaves: 6/h } }
  h: { topics: [orders], members: { initial: 3, capacity: 400/s, batch: 200ms }, config: { session.timeout.ms: 10000 } }
events:
  - { at: 1m, roll: brokers, downtime: 5s }
  - { at: 3m, cut: { from: { broker: coordinator of g }, to: controller }, for: 30s }
  - { at: 4m, cut: { from: { broker: coordinator of g }, to: { broker: 1 } }, for: 1m }
  - { at: 5m30s, crash: { controller: active } }
  - { at: 5m31s, restart: { broker: coordinator of h }, downtime: 10s }
  - { at: 7m, crash: { zone: a } }
  - { at: 8m, crash: { broker: coordinator of g } }
  - { at: 8m20s, restart: { broker: 1 }, downtime: 1s }
`;
  const { elided, explicit, heartbeats } = bothModes(yaml, `brokers of ${version}`);
  expect(heartbeats).toBeGreaterThan(500);
  expect(elided).toEqual(explicit);
});

/* Some 25,000 commits, 60 ms and more apart: less than a tenth is timed, many with a heartbeat close by. */
test.each(["group.protocol: classic, heartbeat.interval.ms: 100", "group.protocol: consumer"])(
  "V28: … where only some commits are timed: %s",
  (config) => {
    const yaml = `
duration: 30m
warmUp: 70s
cluster:
  brokers: 3
  network: { delay: { uniform: [1ms, 15ms] } }
  appendDelay: { uniform: [1ms, 20ms] }
  config: { group.coordinator.append.linger.ms: 0 }
topics: { orders: { partitions: 6, rate: 600/s } }
groups:
  g:
    members: { initial: 4, capacity: 400/s, batch: 10ms, joins: 20/h, leaves: 20/h }
    config: { auto.commit.interval.ms: 60, ${config} }
events: [{ at: 11m, crash: { broker: coordinator of g } }]
`;
    const { elided, explicit, heartbeats } = bothModes(yaml, `commits of ${config}`);
    expect(heartbeats).toBeGreaterThan(500);
    const commits = elided.filter((line) => line.includes('"client.commits"')).map((line) => JSON.parse(line).answered);
    expect(Math.max(...commits)).toBeGreaterThan(5000);
    expect(elided).toEqual(explicit);
  },
);
