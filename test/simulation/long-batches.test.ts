import { describe, expect, test } from "vitest";
import { SECOND, toSeconds } from "../../sim/engine/time.ts";
import type { TraceEvent } from "../../sim/trace/event.ts";
import { eventsOf, only } from "../support/runs.ts";

const run = (batch: string) =>
  eventsOf(`
duration: 20m
cluster: { brokers: 1, network: { delay: 1ms }, appendDelay: 0ms }
topics: { orders: { partitions: 4, rate: 100/s } }
groups:
  g:
    topics: [orders]
    members: { initial: 2, capacity: 1000/s, batch: ${batch} }
    config: { max.poll.interval.ms: 30000, partition.assignment.strategy: [range], enable.auto.commit: false }
`);

test("a consumer whose batches now and then outrun max.poll.interval.ms leaves exactly then, and comes back after the batch", () => {
  const events = run("{ uniform: [20s, 32s] }");
  const left = only(events, "client.state").filter(({ reason }) => reason === "poll-interval-exceeded");
  expect(left.length).toBeGreaterThan(5);
  for (const { client, t } of left) {
    const back = events.find((event) => event.t > t && event.type === "partition.owner" && event.client === client);
    if (!back) continue; // the run was over first
    expect(back).toMatchObject({ how: "lost" });
    const rest = toSeconds(back.t - t);
    expect(rest).toBeGreaterThan(0);
    expect(rest).toBeLessThanOrEqual(2); // of a batch of 32 s at most, 30 s are over
  }
});

test("one whose batches are long, but never that long, stays", () => {
  const events = run("{ uniform: [20s, 29s] }");
  expect(only(events, "client.state").filter(({ t, to }) => t > 60 * SECOND && to === "UNJOINED")).toEqual([]);
});

/*
 * A member that is behind works through 500 records in 50 s: its next poll() would have come 50 s after its last, and
 * max.poll.interval.ms is 60 s. It is paused 30 s after it polled. Kafka: `ConsumerCoordinator.poll` starts the interval.
 */
test.for([
  // the batch takes 70 s
  ["fluid", 40, 60],
  ["records", 40, 60],
  // 55 s
  ["fluid", 25, undefined],
  ["records", 25, undefined],
  // 50 s, as it would without
  ["fluid", 15, undefined],
  ["records", 15, undefined],
  // 45 s of the pause are over when the interval is
  ["fluid", 75, 60],
  ["records", 75, 60],
] as const)("a pause in the midst of a batch counts from the poll() before it: %s, %d s", ([flow, lasts, leaves]) => {
  const scenario = (events: string): string => `
duration: 3m
flow: ${flow}
cluster: { brokers: 1, network: { delay: 1ms }, appendDelay: 0ms }
topics: { orders: { partitions: 1, rate: 100/s, recordSize: 1KiB${flow === "records" ? ", arrivals: even" : ""} } }
groups:
  g:
    topics: [orders]
    members: { initial: 1, capacity: 10/s, startup: 20s, coldStart: true }
    config: { max.poll.interval.ms: 60000, max.partition.fetch.bytes: 512000 }
events: [${events}]
`;
  // When it polled: when it began to read, and with single records a round trip later, when it had fetched them.
  const reading = only(eventsOf(scenario("")), "partition.reading")[0].t + (flow === "records" ? 2000 : 0);
  const paused = reading + 50 * SECOND + 30 * SECOND; // in its second batch
  const events = eventsOf(scenario(`{ at: ${paused}us, pause: g-1, lasts: ${lasts}s }`));
  const left = only(events, "client.state").find(({ reason }) => reason === "poll-interval-exceeded");
  expect(left && toSeconds(left.t - paused + 30 * SECOND)).toBe(leaves);
});

test("a pause while nothing waits counts from its beginning: it was inside poll()", () => {
  const events = eventsOf(`
duration: 3m
cluster: { brokers: 1, network: { delay: 1ms }, appendDelay: 0ms }
topics: { orders: { partitions: 1, rate: 100/s } }
groups:
  g: { topics: [orders], members: { initial: 1, capacity: 1000/s }, config: { max.poll.interval.ms: 30000 } }
events: [{ at: 60s, pause: g-1, lasts: 31s }]
`);
  const left = only(events, "client.state").filter(({ reason }) => reason === "poll-interval-exceeded");
  expect(left.map(({ t }) => t)).toEqual([90 * SECOND]);
});

// offsets-and-lag O15; KafkaConsumer: "you can … reduce the maximum size of batches returned in poll() with max.poll.records".
describe("a full batch that outlasts max.poll.interval.ms", () => {
  const scenario = (more: string, members: string, interval: number): string => `
duration: 20m
${more}
cluster: { brokers: 1, network: { delay: 1ms }, appendDelay: 0ms }
groups:
  g: { topics: [orders], members: { initial: 1, startup: 0s, ${members} }, config: { max.poll.interval.ms: ${interval} } }
`;
  const exceeded = (events: readonly TraceEvent[]): number[] =>
    only(events, "client.state")
      .filter(({ reason }) => reason === "poll-interval-exceeded")
      .map(({ t }) => t);

  test("is never done in time, nor committed: what its reader does is in vain", () => {
    // 500 records in 500 s, from when it begins to read; it has left 60 s later, and begins anew 503 s later.
    const events = eventsOf(scenario("topics: { orders: { partitions: 1, rate: 10/s } }", "capacity: 1/s", 60_000));
    const begun = only(events, "partition.reading").filter(({ reading }) => reading);
    const left = exceeded(events);
    expect(left.length).toBeGreaterThanOrEqual(2);
    left.forEach((t, i) => expect(t - begun[i].t).toBe(60 * SECOND));
    expect(toSeconds(begun[1].t - begun[0].t)).toBeCloseTo(503, 0);
    for (const commit of only(events, "client.commit")) expect(commit.result).not.toBe("done");
    const again = only(events, "records.reread").map(({ from, records, reason }) => ({ from, records, reason }));
    expect(again[0]).toMatchObject({ from: 0, reason: "poll-interval-exceeded" });
  });

  test.each(["auto", "sync", "async", "never"])(
    "is told from a shorter one, record by record, commit: %s",
    (commit) => {
      const events = eventsOf(
        scenario(
          "flow: records\ntopics: { orders: { partitions: 2, rate: 60/s, arrivals: even } }",
          `service: 100ms, commit: ${commit}`,
          20_000,
        ),
      );
      const polls = new Map<number, number>();
      for (const { t, records } of only(events, "records.polled")) polls.set(t, (polls.get(t) ?? 0) + records);
      const late = 19 * 60 * SECOND;
      const long = [...polls].filter(([, records]) => records > 200).map(([t]) => t + 20 * SECOND);
      expect(long.length).toBeGreaterThan(5);
      expect([...polls].filter(([, records]) => records > 50 && records < 200).length).toBeGreaterThan(0);
      expect(exceeded(events).filter((t) => t < late)).toEqual(long.filter((t) => t < late));
    },
  );

  test("a consumer that keeps up has none", () => {
    const events = eventsOf(scenario("topics: { orders: { partitions: 1, rate: 10/s } }", "capacity: 12/s", 20_000));
    // It begins 3 s late: 30 records, done within its first batch.
    expect(exceeded(events)).toEqual([]);
  });
});
