import { describe, expect, test } from "vitest";
import { summarise } from "../../sim/metrics/summarise.ts";
import { parseScenario } from "../../sim/scenario/parse.ts";
import { simulate } from "../../sim/simulation/simulate.ts";
import { clientMetrics, type ClientMetrics } from "../../sim/metrics/client-metrics.ts";
import { eventsOf } from "../support/runs.ts";
import { headerOf, process, Story } from "../support/events.ts";

/** What a minute comes to with one broker, 5 ms each way, and what `rest` adds, first of all to the cluster. */
function metricsIn(rest: string): readonly ClientMetrics[] {
  const metrics = clientMetrics();
  metrics.begin!(headerOf());
  const cluster = "{ delay: 5ms }\n  config: { group.coordinator.append.linger.ms: 0 }";
  const events = eventsOf(`\nduration: 60s\ncluster:\n  brokers: 1\n  network: ${cluster}${rest}`);
  for (const event of events) metrics.see(event);
  metrics.end(60_000_000);
  return metrics.result();
}

/** What a story of a minute comes to, by client. */
function metricsOf(story: Story): readonly ClientMetrics[] {
  const metrics = clientMetrics();
  story.tell(metrics, 60);
  return metrics.result();
}

const moves = (from: string, to: string) =>
  ({ type: "client.state", client: "b", group: "g", from, to, reason: "x" }) as const;

/*
 * O29 of spec/offsets-and-lag.md: one dynamic consumer joins an empty group; round trips take 10 ms and the initial delay
 * is 3 s. Its first JoinGroup is answered MEMBER_ID_REQUIRED after 10 ms; the second one waits for the initial delay;
 * then comes SyncGroup, whose record takes 2 ms to be committed.
 */
test("O29: a joiner's metrics: the barrier is join time, the id round trip is a failed rebalance", () => {
  const clients = metricsIn(`
  appendDelay: 2ms
topics: { orders: { partitions: 2, rate: 0/s } }
groups:
  g: { topics: [orders], assignmentCost: none, members: { initial: 1, capacity: 1000/s } }
`);
  const [client] = clients;
  expect(client).toMatchObject({
    client: "g-1",
    "assigned-partitions": 2,
    "join-total": 1,
    "join-time-avg": 3010,
    "join-time-max": 3010,
    "sync-total": 1,
    "sync-time-avg": 12,
    "rebalance-total": 1,
    "rebalance-latency-avg": 10 + 3010 + 12,
    "rebalance-rate-per-hour": 60,
    "failed-rebalance-total": 1,
    "last-rebalance-seconds-ago": 56,
  });
});

test("a commit takes its way there, the append to the log, and its way back", () => {
  const clients = metricsIn(`
  appendDelay: 2ms
topics: { orders: { partitions: 2, rate: 100/s } }
groups:
  g: { topics: [orders], assignmentCost: none, members: { initial: 1, capacity: 1000/s } }
events: [{ at: 30s, leave: g-1 }]
`);
  // The last one is made by close(), and so is told as an event of its own.
  expect(clients[0]).toMatchObject({ "commit-latency-avg": 12, "commit-latency-max": 12 });
});

/*
 * 1 ms there, 5 ms until the coordinator writes (`group.coordinator.append.linger.ms`), 5 ms of append, 1 ms back. The first
 * commit is 5 s after the first poll with partitions, in the fourth second of the run, and one every 5 s follows.
 */
test.each([
  ["classic", "fluid", "elided"],
  ["classic", "fluid", "explicit"],
  ["classic", "records", "elided"],
  ["consumer", "fluid", "elided"],
  ["consumer", "fluid", "explicit"],
  ["consumer", "records", "explicit"],
] as const)(
  "commits at a regular beat count like those that are events: %s, %s, heartbeats %s",
  (protocol, flow, heartbeats) => {
    const { scenario } = parseScenario(`
duration: 2m
warmUp: 1m
flow: ${flow}
cluster: { brokers: 1, network: { delay: 1ms }, appendDelay: 5ms }
topics: { orders: { partitions: 2, rate: 10/s } }
groups: { g: { members: 1, config: { group.protocol: ${protocol} } } }
`);
    const summary = summarise();
    simulate(scenario, { seed: "1", heartbeats, to: [summary] });
    expect(summary.result().groups[0].clients[0]).toMatchObject({
      "commit-latency-avg": 12,
      "commit-latency-max": 12,
      "commit-total": 12, // in the second minute
    });
  },
);

/*
 * Where delays are chance: with Kafka's linger of 5 ms, an append whose mean is 2 ms · e^(0.69183²/2) = 2.541 ms and ways of
 * 0.5 ms · e^(0.98978²/2) = 0.816 ms each, 9.173 ms on average. A commit's standard deviation is 2.49 ms (of a lognormal
 * law: mean · √(e^σ² − 1)), so that of the mean over ten clients, of each of which some 230 are timed and stand for two to
 * sixteen, is below 0.06 ms; allowed is some three times that.
 */
test.each(["elided", "explicit"] as const)(
  "commits at a regular beat take as long as their delays, on average, heartbeats %s",
  (heartbeats) => {
    const { scenario } = parseScenario(`
duration: 5h
warmUp: 1h
cluster: { brokers: 1 }
topics: { orders: { partitions: 10, rate: 100/s } }
groups: { g: { members: 10, config: { heartbeat.interval.ms: 30000, session.timeout.ms: 100000 } } }
`);
    const summary = summarise();
    simulate(scenario, { seed: "1", heartbeats, to: [summary] });
    const { clients } = summary.result().groups[0];
    expect(clients.map((client) => client["commit-total"])).toEqual(Array.from({ length: 10 }, () => 2880));
    const mean = clients.reduce((sum, client) => sum + client["commit-latency-avg"]!, 0) / clients.length;
    expect(Math.abs(mean - 9.173)).toBeLessThan(0.18);
    for (const client of clients) expect(client["commit-latency-max"]).toBeGreaterThan(client["commit-latency-avg"]!);
  },
);

test("a mean of commits that were timed counts for all of them", () => {
  const story = new Story();
  story.at(1, process("a", "Absent", "Running"));
  const answered = { type: "request.answered", client: "a", group: "g", api: "OffsetCommit" } as const;
  story.at(42, { ...answered, request: 3, error: "NONE", took: 40_000 });
  story.at(60, {
    type: "client.commits",
    client: "a",
    group: "g",
    answered: 9,
    timed: 2,
    took: 20_000,
    longest: 14_000,
  });
  const [client] = metricsOf(story);
  expect(client).toMatchObject({ "commit-total": 10, "commit-latency-avg": 13, "commit-latency-max": 40 });
});

test("commits of which none was timed are counted, and have no latency", () => {
  const story = new Story();
  story.at(1, process("a", "Absent", "Running"));
  story.at(60, { type: "client.commits", client: "a", group: "g", answered: 3, timed: 0, took: 0, longest: 0 });
  const [client] = metricsOf(story);
  expect(client).toMatchObject({ "commit-total": 3, "commit-latency-avg": null, "commit-latency-max": null });
});

test("a commit that nobody answered has no latency, one that was refused has", () => {
  const story = new Story();
  story.at(1, process("a", "Absent", "Running"));
  const answered = { type: "request.answered", client: "a", group: "g", api: "OffsetCommit" } as const;
  story.at(40, { ...answered, request: 1, error: "TIMED_OUT", took: 30_000_000 });
  story.at(41, { ...answered, request: 2, error: "DISCONNECTED", took: 500_000 });
  story.at(42, { ...answered, request: 3, error: "REBALANCE_IN_PROGRESS", took: 40_000 });
  story.at(60, {
    type: "client.commits",
    client: "a",
    group: "g",
    answered: 3,
    timed: 3,
    took: 36_000,
    longest: 14_000,
  });
  const [client] = metricsOf(story);
  expect(client).toMatchObject({ "commit-total": 4, "commit-latency-avg": 19, "commit-latency-max": 40 });
});

/* Two rebalances of a classic consumer that starts at 10 s, and two commits. The run ends at 60 s. */
test("averages, maxima and rates are over what was answered since the consumer started", () => {
  const story = new Story();
  const asks = (
    seconds: number,
    api: "JoinGroup" | "SyncGroup" | "OffsetCommit",
    took: number,
    error = "NONE",
  ): void => {
    const request = { client: "b", group: "g", api, request: 1 } as const;
    story.at(seconds, { type: "request.sent", broker: 1, generation: -1, ...request });
    story.at(seconds + took / 1000, { type: "request.answered", error, took: took * 1000, ...request });
  };
  story.at(0, process("a", "Starting", "Running"));
  story.at(10, process("b", "Starting", "Running"));
  asks(10, "JoinGroup", 10, "MEMBER_ID_REQUIRED");
  asks(10.01, "JoinGroup", 3000);
  asks(13.01, "SyncGroup", 12); // 3022 ms after the first JoinGroup
  asks(20, "OffsetCommit", 10);
  asks(25, "OffsetCommit", 30);
  asks(30, "JoinGroup", 1000);
  asks(31, "SyncGroup", 4);
  expect(metricsOf(story)[1]).toMatchObject({
    "join-total": 2,
    "join-time-avg": 2000,
    "join-time-max": 3000,
    "sync-total": 2,
    "sync-time-avg": 8,
    "sync-time-max": 12,
    "rebalance-total": 2,
    "rebalance-latency-avg": (3022 + 1004) / 2,
    "rebalance-latency-max": 3022,
    "rebalance-latency-total": 4026,
    "rebalance-rate-per-hour": 2 * 72, // in 50 s
    "failed-rebalance-total": 1,
    "failed-rebalance-rate-per-hour": 72,
    "last-rebalance-seconds-ago": 28, // 28.996 s
    "commit-total": 2,
    "commit-latency-avg": 20,
    "commit-latency-max": 30,
  });
});

/*
 * O30 of spec/offsets-and-lag.md: a second member of the consumer protocol joins, gets nothing first, and two partitions with
 * its next heartbeat. Round trips take 10 ms, and it commits automatically, which is awaited in each reconciliation; but it
 * has read nothing yet, so there is nothing to commit. The first member commits its four partitions before it gives two up.
 */
test("O30: with the consumer protocol a rebalance is what a member does with an assignment, and not the wait for it", () => {
  const clients = metricsIn(`
  appendDelay: 0ms
topics: { orders: { partitions: 4, rate: 100/s } }
groups:
  g:
    topics: [orders]
    config: { group.protocol: consumer }
    members: { initial: 1, capacity: 1000/s, startup: 0s }
events: [{ at: 22s, join: g }]
`);
  const [first, second] = clients;
  expect(second).toMatchObject({
    client: "g-2",
    "assigned-partitions": 2,
    "rebalance-total": 2, // one of nothing, one of two partitions
    "rebalance-latency-avg": 0, // no listener, nothing to commit: five seconds of waiting are in none of them
    "failed-rebalance-total": 0,
    "join-total": 0,
    "join-time-avg": null,
  });
  expect(first).toMatchObject({
    client: "g-1",
    "rebalance-total": 2,
    "rebalance-latency-max": 10, // the round trip of its commit
  });
});

/*
 * Kafka 0.8.2: `ZookeeperConsumerConnector` has a timer around all attempts of one rebalance, `RebalanceRateAndTime`, and
 * counts what it owns; it has never heard of a coordinator.
 */
test("a consumer of the ZooKeeper era measures its rebalances, over all attempts, and nothing of a coordinator", () => {
  const story = new Story();
  story.at(10, process("b", "Starting", "Running"));
  story.at(10, moves("UNJOINED", "REBALANCING"));
  story.at(10.05, moves("REBALANCING", "BACKING_OFF")); // somebody has not let go yet
  story.at(12.05, moves("BACKING_OFF", "REBALANCING"));
  story.at(12.1, moves("REBALANCING", "STABLE"));
  story.at(30, moves("STABLE", "REBALANCING"));
  story.at(30.1, moves("REBALANCING", "STABLE"));
  const [client] = metricsOf(story);
  expect(client).toMatchObject({
    "rebalance-total": 2,
    "rebalance-latency-avg": (2_100 + 100) / 2,
    "rebalance-latency-max": 2_100,
  });
  expect(Object.keys(client).filter((name) => /^(?:join|sync|failed|last|commit)-/.test(name))).toEqual([]);
});

/* Two reconciliations, the first of 1 ms, the second of 40 ms five seconds later. */
describe("reconciliations that take a while", () => {
  const refused = (error: string) =>
    ({
      type: "request.answered",
      client: "b",
      group: "g",
      api: "ConsumerGroupHeartbeat",
      request: 1,
      error,
      took: 0,
    }) as const;
  const joins = (): Story => {
    const story = new Story();
    story.at(10, process("b", "Starting", "Running"));
    story.at(10, moves("UNSUBSCRIBED", "JOINING"));
    story.at(10.01, moves("JOINING", "RECONCILING"));
    story.at(10.011, moves("RECONCILING", "ACKNOWLEDGING"));
    story.at(10.011, moves("ACKNOWLEDGING", "STABLE"));
    story.at(15.01, moves("STABLE", "RECONCILING"));
    story.at(15.05, moves("RECONCILING", "ACKNOWLEDGING"));
    story.at(15.05, moves("ACKNOWLEDGING", "STABLE"));
    return story;
  };

  test("the five seconds in between are in none of them", () => {
    expect(metricsOf(joins())[0]).toMatchObject({
      "rebalance-total": 2,
      "rebalance-latency-avg": (1 + 40) / 2,
      "rebalance-latency-max": 40,
      "rebalance-latency-total": 41,
      "failed-rebalance-total": 0,
      "last-rebalance-seconds-ago": 44,
      "join-total": 0,
      "join-time-avg": null,
    });
  });

  test("a heartbeat that is refused meanwhile is a failed one, one that nobody answers is not", () => {
    const story = joins();
    story.at(20, refused("NOT_COORDINATOR")); // no reconciliation is under way
    story.at(25, moves("STABLE", "RECONCILING"));
    story.at(25.1, refused("DISCONNECTED"));
    story.at(25.2, refused("NOT_COORDINATOR"));
    story.at(26, moves("RECONCILING", "ACKNOWLEDGING"));
    expect(metricsOf(story)[0]).toMatchObject({ "rebalance-total": 3, "failed-rebalance-total": 1 });
  });
});
