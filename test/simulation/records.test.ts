import { describe, expect, test } from "vitest";
import { summarise } from "../../sim/metrics/summarise.ts";
import type { Summary } from "../../sim/metrics/summary.ts";
import { parseScenario } from "../../sim/scenario/parse.ts";
import { simulate } from "../../sim/simulation/simulate.ts";
import { fingerprinting } from "../../sim/trace/ndjson.ts";
import type { TraceEvent } from "../../sim/trace/event.ts";
import { eventsOf, only } from "../support/runs.ts";

function run(yaml: string, seed: string): Summary {
  const summary = summarise();
  simulate(parseScenario(yaml, { file: "test.yaml" }).scenario, { seed, to: [summary] });
  return summary.result();
}

function fingerprint(yaml: string, seed: string, heartbeats: "elided" | "explicit"): string {
  const print = fingerprinting();
  simulate(parseScenario(yaml, { file: "test.yaml" }).scenario, { seed, heartbeats, to: [print] });
  return print.footer().fingerprint;
}

test("healthy heartbeats and commits may be left out record by record, too: the trace is the same", () => {
  const crash = `
duration: 200s
flow: records
cluster: { brokers: 1, network: { delay: 0ms } }
topics: { orders: { partitions: 4, rate: 80/s } }
groups:
  g: { topics: [orders], members: { initial: 2, capacity: 100/s, service: { exponential: 10ms } } }
events:
  - { at: 100s, crash: g-1 }
`;
  expect(fingerprint(crash, "1", "explicit")).toBe(fingerprint(crash, "1", "elided"));
});

/*
 * A member is killed at 100 s with batches of 1 s in hand: 100 even records/s, 200/s when there is backlog. As a fluid or
 * one by one, what is unread for 45 s, how long the backlog takes and what is read twice have to agree, but for a record
 * here and there.
 */
describe("V22: single records and the fluid tell one story", () => {
  const story = (flow: string): string => `
duration: 300s
flow: ${flow}
cluster: { brokers: 1, network: { delay: 1ms }, config: { group.initial.rebalance.delay.ms: 0 } }
topics: { orders: { partitions: 2, rate: 100/s${flow === "records" ? ", arrivals: even" : ""} } }
groups:
  g:
    topics: [orders]
    assignmentCost: none
    members: { initial: 1, capacity: 200/s, replaceAfter: 10s, startup: 1s }
events:
  - { at: 100s, crash: g-1 }
`;
  const [fluid, records] = ["fluid", "records"].map((flow) => run(story(flow), "1").groups[0]);

  test("the same is produced and read", () => {
    expect(Math.abs(records.produced - fluid.produced)).toBeLessThanOrEqual(2);
    expect(records.lag.final).toBeLessThanOrEqual(2);
    expect(records.delivery.lost).toBe(fluid.delivery.lost);
  });

  test("lag rises as high and is gone as soon", () => {
    expect(fluid.lag.peak.records).toBeGreaterThan(3000); // 100/s for the rest of a session and a rebalance
    expect(Math.abs(records.lag.peak.records / fluid.lag.peak.records - 1)).toBeLessThan(0.01);
    expect(Math.abs(records.lag.area / fluid.lag.area - 1)).toBeLessThan(0.02);
  });

  test("as much is read twice", () => {
    expect(fluid.delivery.duplicates).toBeGreaterThan(0);
    expect(Math.abs(records.delivery.duplicates - fluid.delivery.duplicates)).toBeLessThanOrEqual(2);
  });
});

// O5 of spec/offsets-and-lag.md: whatever a poll handed out is read again, processed or not.
test("O5: a crash hands the whole batch in hand out again", () => {
  const events = eventsOf(`
duration: 120s
flow: records
cluster: { brokers: 1, network: { delay: 1ms } }
topics: { orders: { partitions: 1, rate: 200/s, arrivals: even } }
groups:
  g:
    topics: [orders]
    config: { max.poll.records: 100 }
    members: { initial: 1, capacity: 100/s, replaceAfter: 1s, startup: 1s }
events:
  - { at: 59.5s, crash: g-1 }
`);
  // Overloaded, so each batch is 100 records and takes 1 s; commits come at polls, all 5 s.
  const crashed = 59_500_000;
  const reread = only(events, "records.reread");
  expect(reread).toHaveLength(1);
  const done = only(events, "record.done").filter(({ t }) => t <= crashed).length;
  const { from, records } = reread[0];
  const first = from as number;
  const handedOut = first + (records as number);
  expect(first % 100).toBe(0); // committed at a poll
  expect(handedOut % 100).toBe(0); // whole batches
  expect(handedOut - done).toBeGreaterThan(0);
  expect(handedOut - done).toBeLessThanOrEqual(100);
});

/*
 * Whatever becomes of a fetch that is under way, another follows: 40 s after nothing more comes in, all has been read.
 */
describe("a fetch that comes to nothing is followed by another", () => {
  const run = (event: string, clientVersion: string): readonly TraceEvent[] =>
    eventsOf(`
duration: 200s
flow: records
cluster: { brokers: 3, network: { delay: { uniform: [5ms, 50ms] } } }
topics:
  orders: { partitions: 6, rate: [{ at: 0s, rate: 120/s }, { at: 160s, rate: 0/s }], arrivals: even, replicationFactor: 3 }
groups:
  g:
    topics: [orders]
    clientVersion: "${clientVersion}"
    config: { session.timeout.ms: 6000, request.timeout.ms: 5000, max.poll.records: 20 }
    members: { initial: 2, capacity: 200/s, startup: 1s, replaceAfter: 2s }
events: [${event}]
`);

  test.for([
    "{ at: 60s, crash: { broker: 1 } }",
    "{ at: 60s, crash: { broker: 1 }, silent: true }",
    "{ at: 60s, restart: { broker: 1 }, downtime: 10s }",
    "{ at: 60s, roll: brokers, downtime: 10s, pause: 5s }",
    "{ at: 60s, cut: { from: { client: g-1 }, to: { broker: 1 } }, for: 300ms }",
    "{ at: 60s, cut: { from: { client: g-1 }, to: { broker: 1 } }, oneWay: true, for: 40s }",
    "{ at: 60s, cut: { from: { broker: 1 } }, for: 40s }",
    "{ at: 60s, slow: { from: { group: g }, to: { broker: 1 } }, delay: 2s, for: 40s }",
    "{ at: 60s, freeze: g-1, for: 20s }",
    "{ at: 60s, pause: g-1, lasts: 20s }",
    "{ at: 60s, crash: g-1 }",
    "{ at: 60s, roll: g }",
    "{ at: 60s, cut: { from: { client: g-1 }, to: { broker: coordinator of g } }, for: 30s }",
  ])("%s", (event) => {
    for (const version of ["3.9", "4.0"]) {
      const left = new Map<number, number>();
      for (const { partitions, lag } of only(run(event, version), "lag"))
        partitions.forEach((partition, i) => left.set(partition, typeof lag === "number" ? lag : lag[i]));
      expect([...left.values()]).toEqual([0, 0, 0, 0, 0, 0]);
    }
  });
});

test("who begins at a log's start begins with a record that has come, though fewer are kept than chance may hold back", () => {
  // After 240 s the log has 1,200 records in each of eight partitions, by the rate, of which 10 are kept; 1,200 ± 35 have come.
  const events = eventsOf(`
duration: 5m
flow: records
cluster: { brokers: 1, config: { log.retention.check.interval.ms: 10000, group.initial.rebalance.delay.ms: 0 } }
topics:
  orders: { partitions: 8, rate: 40/s, recordSize: 1KiB, config: { retention.bytes: 10240, segment.bytes: 5120 } }
groups:
  g:
    config: { auto.offset.reset: earliest }
    members: { initial: 1, capacity: 500/s, startup: 0s, commit: never }
events:
  - { at: 230s, leave: g-1 }
  - { at: 240s, join: { group: g } }
`); // in which no law is broken
  const lags = only(events, "lag").flatMap(({ lag }) => lag);
  expect(Math.min(...lags)).toBe(0);
  const begun = only(events, "partition.reading").findLast(({ reading }) => reading)!;
  expect(begun).toMatchObject({ client: "g-2", partitions: { orders: [0, 1, 2, 3, 4, 5, 6, 7] } });
  expect(begun.t).toBeLessThan(241e6);
});
