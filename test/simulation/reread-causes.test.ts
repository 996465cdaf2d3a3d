import { expect, test } from "vitest";
import { SECOND } from "../../sim/engine/time.ts";
import { type Again, records } from "../../sim/trace/readings/records.ts";
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

test.for(["auto", "async"])(
  "in a group of the consumer protocol, too, whether its listener waits for poll() or not: %s",
  (commit) => {
    // 8 s after its last poll it leaves; g-2 computes the target by its next heartbeat, at most 5 s later, and is given all
    const events = eventsOf(`
duration: 3m
cluster: { brokers: 1, network: { delay: { constant: 1ms } } }
topics: { orders: { partitions: 2, rate: 200/s } }
groups:
  g:
    topics: [orders]
    config: { group.protocol: consumer, max.poll.interval.ms: 8000 }
    members: { initial: 2, capacity: 1000/s, batch: 1s, commit: ${commit} }
events: [{ at: 60s, pause: g-1, lasts: 20s }]
`);
    const [first] = only(events, "records.reread");
    expect(first).toMatchObject({ client: "g-2", reason: "poll-interval-exceeded" });
    expect(first.t).toBeGreaterThan(68 * SECOND);
    expect(first.t).toBeLessThan(74 * SECOND);
  },
);

test("one that was stopped for longer than its session is a zombie to whoever took its partitions meanwhile", () => {
  // When it goes on, it is handed 500 of the records that have come meanwhile, g-2's by now: it polls half a second later.
  expect(causes("freeze: g-1, for: 30s", { pollInterval: 300_000 })).toMatchObject([
    { client: "g-2", reason: "zombie" },
    { client: "g-1", reason: "zombie", after: 30.5 },
  ]);
});

test("and to itself, if nobody did: it polls once before it hears that it is out", () => {
  // its session ends after 7 to 10 s; at 30 s it goes on, is told UNKNOWN_MEMBER_ID, and joins as another member
  const told = causes("freeze: g-1, for: 30s", { members: 1, pollInterval: 300_000 });
  expect(told).toMatchObject([{ client: "g-1", reason: "zombie" }]);
  expect(told[0].after).toBeGreaterThan(30);
});

test("what a crashed reader had in hand is told as such, though it is for the reset policy that all is read again", () => {
  // Nothing is ever committed. It reads 100/s of a backlog in batches of 2 s, so at most 200 are in hand when it dies.
  const events = eventsOf(`
duration: 1m
cluster: { brokers: 1, network: { delay: { constant: 1ms } } }
topics: { orders: { partitions: 1, rate: 200/s } }
groups:
  g:
    committed: none
    config: { session.timeout.ms: 6000, auto.offset.reset: earliest }
    members: { initial: 1, capacity: 100/s, batch: 2s, commit: never, startup: 0s, replaceAfter: 1s }
events: [{ at: 30s, crash: g-1 }]
`);
  const again: Again[] = [];
  const fold = records({ reread: (one) => again.push(one) });
  for (const event of events) fold.see(event);
  expect(again).toMatchObject([{ from: 0, reason: "reset" }]);
  const [{ records: read, inHand, unprocessed }] = again;
  expect(inHand).toBeGreaterThan(0);
  expect(inHand).toBeLessThan(200);
  expect(unprocessed).toBe(inHand);
  // reading began within a quarter of a second after the 3 s that an empty group waits for others
  expect(read - inHand).toBeGreaterThan(100 * 26.75);
  expect(read - inHand).toBeLessThanOrEqual(100 * 27);
});

test.for([
  ["leave: g-1", 60, "closed"],
  ["crash: g-1", 70, "crash"],
] as const)("who never commits has all read again, and that it parted so is to blame: %s", ([event, at, reason]) => {
  // Each of the two has read 100/s from the beginning. What g-2 had itself is revoked, too, before it is shared out anew.
  const events = eventsOf(`
duration: 2m
cluster: { brokers: 1, network: { delay: { constant: 1ms } } }
topics: { orders: { partitions: 2, rate: 200/s } }
groups:
  g:
    topics: [orders]
    config: { session.timeout.ms: 10000, partition.assignment.strategy: [range] }
    members: { initial: 2, capacity: 1000/s, commit: never }
events: [{ at: 60s, ${event} }]
`);
  const again = only(events, "records.reread");
  expect(again).toMatchObject([
    { client: "g-2", partitions: [0], from: 0, records: 6000, reason },
    { client: "g-2", partitions: [1], from: 0, reason: "revoked" },
  ]);
  for (const { t } of again) expect(t / SECOND).toBeLessThan(at + 4); // g-2 hears of it by its next heartbeat
});

test("a refused commit is not to blame any more once another was taken, be it before the next assignment or after", () => {
  // While a copy of the log of commits is dead and not given up, commits are not answered in time. Long after that two join,
  // and each reads again what the former owner has read between its commit and the end of the rebalance (O17).
  const events = eventsOf(`
duration: 4m
cluster: { brokers: 3, network: { delay: { constant: 1ms } } }
topics: { orders: { partitions: 4, rate: 20000/s, replicationFactor: 1 } }
groups:
  g:
    config: { partition.assignment.strategy: [cooperative-sticky] }
    members: { initial: 1, capacity: 50000/s, startup: 0s }
events:
  - { at: 20s, crash: { broker: 3 } }
  - { at: 60s, restart: { broker: 3 }, downtime: 1s }
  - { at: 150s, join: g }
  - { at: 200s, join: g }
`);
  const refused = only(events, "client.commit");
  expect(refused.length).toBeGreaterThan(0);
  for (const { t, result } of refused) expect([t < 60 * SECOND, result]).toEqual([true, "retriable"]);
  const again = only(events, "records.reread");
  expect(again).toMatchObject([
    { client: "g-2", reason: "revoked" },
    { client: "g-3", reason: "revoked" },
  ]);
  expect(again[0].t).toBeGreaterThan(150 * SECOND);
  expect(again[1].t).toBeGreaterThan(200 * SECOND);
});

test("who closes has nothing in hand: what it could not commit before processing it is nobody's, and read once", () => {
  // g-2 waits for a commit that cannot be answered, is told to leave at 22 s, and its session ends while close() waits.
  const events = eventsOf(`
duration: 1m
flow: records
cluster: { brokers: 3, network: { delay: 1ms } }
topics: { orders: { partitions: 2, rate: 20/s } }
groups:
  g:
    config:
      { partition.assignment.strategy: [range], session.timeout.ms: 10000, heartbeat.interval.ms: 2000 }
    members: { initial: 2, capacity: 300/s, startup: 0s, static: true, commit: before-processing }
events:
  - { at: 20s, cut: { from: { client: g-2 }, to: { broker: coordinator of g } }, for: 60s }
  - { at: 22s, leave: g-2 }
`);
  expect(only(events, "records.reread")).toEqual([]);
  expect(only(events, "records.beside")).toEqual([]);
});
