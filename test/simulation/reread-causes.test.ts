import { expect, test } from "vitest";
import { SECOND } from "../../sim/engine/time.ts";
import { eventsOf, only } from "../support/runs.ts";

/** Who is told to be to blame that records are read again, after what happens to g-1 at 60 s. */
const causes = (event: string, { members = 2, pollInterval = 8000, fixed = false } = {}) => {
  const events = eventsOf(`
duration: 3m
cluster: { brokers: 1, network: { delay: { constant: 1ms } } }
topics: { orders: { partitions: 2, rate: 200/s } }
groups:
  g:
    topics: [orders]
    config:
      { session.timeout.ms: 10000, heartbeat.interval.ms: 3000, max.poll.interval.ms: ${pollInterval}, partition.assignment.strategy: [range] }
    members: { initial: ${members}, capacity: 1000/s, static: ${fixed} }
events: [{ at: 60s, ${event} }]
`);
  return only(events, "records.reread").map(({ t, client, reason }) => ({ after: t / SECOND - 60, client, reason }));
};

test("one that is stuck in a batch is to blame for that, though others take its partitions before it polls again", () => {
  // 8 s after its last poll it leaves; g-2 hears of it by its next heartbeat, at most 3 s later; g-1 polls after 20 s
  const [first] = causes("pause: g-1, lasts: 20s");
  expect(first).toMatchObject({ client: "g-2", reason: "poll-interval-exceeded" });
  expect(first.after).toBeGreaterThan(8);
  expect(first.after).toBeLessThan(12);
});

test("and a static one likewise, whose seat is kept until its session ends", () => {
  // it sends no heartbeat any more after 8 s, so its session ends 15 to 18 s after its last poll
  const [first] = causes("pause: g-1, lasts: 40s", { fixed: true });
  expect(first).toMatchObject({ client: "g-2", reason: "poll-interval-exceeded" });
  expect(first.after).toBeGreaterThan(15);
  expect(first.after).toBeLessThan(22);
});

test("one that was stopped for longer than its session is a zombie to whoever took its partitions meanwhile", () => {
  expect(causes("freeze: g-1, for: 30s", { pollInterval: 300_000 })).toMatchObject([
    { client: "g-2", reason: "zombie" },
  ]);
});

test("and to itself, if nobody did: it polls once before it hears that it is out", () => {
  // its session ends after 7 to 10 s; at 30 s it goes on, is told UNKNOWN_MEMBER_ID, and joins as another member
  const told = causes("freeze: g-1, for: 30s", { members: 1, pollInterval: 300_000 });
  expect(told).toMatchObject([{ client: "g-1", reason: "zombie" }]);
  expect(told[0].after).toBeGreaterThan(30);
});
