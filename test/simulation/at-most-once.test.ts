import { describe, expect, test } from "vitest";
import { type Duration, MILLISECOND, SECOND } from "../../sim/engine/time.ts";
import type { TraceEvent } from "../../sim/trace/event.ts";
import { eventsOf, first, only } from "../support/runs.ts";

/*
 * Who commits before processing (spec/offsets-and-lag.md, 3) never reads a record twice, and loses what it had not come to of
 * the batch in its hands. The member begins after 10 s, when 2000 records wait, and gets less than comes in: each batch is
 * 100 records, which take it 1 s, and each fetch brings just those. Record by record the commit before that takes its time, too:
 * a round trip of 2 ms, as the append takes none. The coordinator of i is broker 3, which leads no partition.
 */
const scenario = (flow: string, events: string, more = ""): string => `
duration: 60s
flow: ${flow}
cluster:
  brokers: 3
  network: { delay: 1ms }
  appendDelay: 0ms
  config: { group.initial.rebalance.delay.ms: 0, group.coordinator.append.linger.ms: 0 }
topics: { orders: { partitions: 1, rate: 200/s, recordSize: 1KiB, replicationFactor: 1${flow === "records" ? ", arrivals: even" : ""} } }
groups:
  i:
    topics: [orders]
    assignmentCost: none
    config: { max.poll.records: 100, max.partition.fetch.bytes: 102400, session.timeout.ms: 6000${more} }
    members: { initial: 1, capacity: 100/s, replaceAfter: 1s, startup: 10s, coldStart: true, commit: before-processing }
events: [${events}]
`;

/** When the first batch was handed out; where records are fetched, a round trip after reading began. */
const begun = (events: readonly TraceEvent[], flow: string): number =>
  first(events, "partition.reading", ({ reading }) => reading).t + (flow === "records" ? 2000 : 0);

/** How long the commit of a batch takes, of which nothing is processed before. */
const commits = (flow: string): Duration => (flow === "records" ? 2 * MILLISECOND : 0);

/** From one batch to the next. */
const cycle = (flow: string): Duration => SECOND + commits(flow);

const numbers = (events: readonly TraceEvent[], type: "records.lost" | "records.reread") =>
  only(events, type).map(({ from, records, reason }) => ({ from, records, reason }));

describe.for(["fluid", "records"])("at most once: %s", (flow) => {
  test.for([30.25, 31.5, 33.875])("a crash at %d s loses the rest of the batch in hand, and that only", (at) => {
    const events = eventsOf(scenario(flow, `{ at: ${at * 1000}ms, crash: i-1 }`));
    const since = at * SECOND - begun(events, flow);
    const batches = Math.floor(since / cycle(flow));
    const inBatch = (since - batches * cycle(flow) - commits(flow)) / 10_000; // a record each 10 ms
    const done = batches * 100 + (flow === "records" ? Math.floor(inBatch) : inBatch);
    const [lost] = numbers(events, "records.lost");
    expect(lost.reason).toBe("committed-ahead");
    expect(lost.from).toBeCloseTo(done, 4);
    expect(Number(lost.from) + Number(lost.records)).toBeCloseTo((batches + 1) * 100, 4);
    expect(numbers(events, "records.lost")).toHaveLength(1);
    expect(numbers(events, "records.reread")).toEqual([]);
  });

  test("a crash inside the commit loses nothing: of that batch nothing has been processed, and its commit never came", () => {
    // From 30 s on it cannot reach its coordinator. The batch in its hands then it gets done, and not the next.
    const events = eventsOf(
      scenario(
        flow,
        "{ at: 30s, cut: { from: { client: i-1 }, to: { broker: coordinator of i } }, for: 20s }, { at: 33s, crash: i-1 }",
      ),
    );
    const batches = Math.ceil((30 * SECOND - begun(events, flow)) / cycle(flow));
    const stops = first(events, "client.committing");
    expect(stops.t).toBe(begun(events, flow) + batches * cycle(flow));
    const next = first(events, "partition.reading", ({ client, reading }) => client === "i-2" && reading);
    expect(next.t).toBeGreaterThan(33 * SECOND);
    expect(numbers(events, "records.lost")).toEqual([]);
    expect(numbers(events, "records.reread")).toEqual([]);
    if (flow !== "records") return;
    const done = only(events, "record.done");
    expect(done.findLast(({ client }) => client === "i-1")!.offset).toBe(batches * 100 - 1);
    expect(done.find(({ client }) => client === "i-2")!.offset).toBe(batches * 100);
  });

  test("who is out of the group when its commit is answered leaves that batch to the next, whole", () => {
    // Stopped for longer than its session, and then inside a batch: what it does of that it does alone. The commit of the
    // next is refused; its records are its successor's.
    const events = eventsOf(scenario(flow, "{ at: 30.5s, freeze: i-1, for: 12s }, { at: 27s, join: i }"));
    const next = first(events, "partition.reading", ({ client, reading }) => client === "i-2" && reading);
    const batch = Math.ceil((30.5 * SECOND - begun(events, flow)) / cycle(flow)) * 100;
    const [lost] = numbers(events, "records.lost");
    expect(Number(lost.from) + Number(lost.records)).toBeCloseTo(batch, 4);
    // It goes on with that batch when it goes on: nothing of it was lost after all.
    const found = only(events, "records.found");
    expect(found.reduce((sum, { records }) => sum + Number(records), 0)).toBeCloseTo(Number(lost.records), 4);
    expect(found[0].t).toBeGreaterThan(next.t);
    expect(numbers(events, "records.reread")).toEqual([]);
  });
});

/*
 * One that had caught up is stuck in its batch from 30 s to 40 s. 2000 records wait then: it gets full batches of 500, each of which
 * takes it 1 s, and commits each when it gets it, the first at 40 s.
 */
test.for([
  [40.3, 350],
  [40.9, 50],
  [41.1, 450],
])("a crash at %d s, soon after a pause, loses %d records", ([at, records]) => {
  const events = eventsOf(`
duration: 60s
cluster: { brokers: 3, network: { delay: 1ms } }
topics: { orders: { partitions: 1, rate: 200/s } }
groups:
  i:
    config: { session.timeout.ms: 6000 }
    members: { initial: 2, capacity: 500/s, commit: before-processing }
events: [{ at: 30s, pause: i-1, lasts: 10s }, { at: ${at * 1000}ms, crash: i-1 }]
`);
  const lost = numbers(events, "records.lost");
  expect(lost).toHaveLength(1);
  expect(lost[0]).toMatchObject({ reason: "committed-ahead", records: expect.closeTo(records, 4) });
  expect(numbers(events, "records.reread")).toEqual([]);
});

test.for(["fluid", "records"])("what is given up in order between two batches is read once: %s", (flow) => {
  // orders brings as much as the first member can take, so it always has a batch to work on; of returns there is never more than
  // what has just come in. Each batch is committed before it is begun, and a revocation comes when it is through: the
  // second member begins where the first one was, in both topics.
  const even = flow === "records" ? ", arrivals: even" : "";
  const events = eventsOf(`
duration: 60s
flow: ${flow}
cluster: { brokers: 3, brokerVersion: "4.2", network: { delay: 1ms } }
topics:
  orders: { partitions: 2, rate: 120/s${even} }
  returns: { partitions: 2, rate: 20/s${even} }
groups:
  i:
    config: { group.protocol: consumer, max.poll.records: 50 }
    members: { initial: 1, capacity: 100/s, commit: before-processing }
events: [{ at: 20.3s, join: i }, { at: 30.7s, join: i }]
`);
  const revoked = only(events, "partition.owner").filter(({ how }) => how === "revoked");
  expect(revoked.flatMap(({ partitions }) => Object.keys(partitions))).toContain("returns");
  expect(numbers(events, "records.reread")).toEqual([]);
  expect(numbers(events, "records.lost")).toEqual([]);
});

test("record by record, a batch that could not be committed is handed out again, and none of it is worked on before", () => {
  // Requests to the coordinator take 8 s from 20 s on: the session of 6 s is over, and the commit is refused when it comes.
  const slow = "{ at: 20s, slow: { from: { client: i-1 }, to: { broker: coordinator of i } }, delay: 8s, for: 10s }";
  const events = eventsOf(scenario("records", slow));
  const refused = first(events, "client.commit", ({ result }) => result !== "done");
  const held = only(events, "client.committing");
  expect(held[0].committing).toBe(true);
  const done = only(events, "record.done");
  const last = done.findLast(({ t }) => t <= held[0].t)!;
  const again = done.find(({ t }) => t > held[0].t)!;
  expect(again.offset).toBe(last.offset + 1);
  expect(again.t).toBeGreaterThan(refused.t);
  expect(numbers(events, "records.lost")).toEqual([]);
  expect(numbers(events, "records.reread")).toEqual([]);
});

test("record by record, work on a batch begins when its commit is answered, not when it is handed out", () => {
  // From 20 s to 30 s a request takes 1 s there and 1 s back: batches of 1 s, and 2 s between them.
  const slow = "{ at: 20s, slow: { from: { client: i-1 }, to: { broker: coordinator of i } }, delay: 1s, for: 10s }";
  const events = eventsOf(scenario("records", slow));
  const held = only(events, "client.committing");
  expect(held.length).toBeGreaterThan(4);
  const done = only(events, "record.done");
  for (const { committing, t } of held) {
    if (committing) expect(done.find((record) => record.t > t)!.started).toBeGreaterThan(t);
    else expect(done.find((record) => record.t > t)!.started).toBe(t);
  }
});

/*
 * Two members with more than they can read, of batches that take 1 s each; a third joins. Both hear of that at a heartbeat, and
 * send their JoinGroup when they poll next. The batch which that poll() returns they cannot commit: commitSync() throws
 * RebalanceInProgressException, without a request, until the join is through. So nothing is processed in between.
 */
describe.for(["fluid", "records"])(
  "a commit that is refused in no time, while a cooperative member rejoins: %s",
  (flow) => {
    const events = eventsOf(`
duration: 60s
flow: ${flow}
cluster:
  brokers: 3
  network: { delay: 1ms }
  appendDelay: 0ms
  config: { group.initial.rebalance.delay.ms: 0, group.coordinator.append.linger.ms: 0 }
topics: { orders: { partitions: 6, rate: 360/s, recordSize: 100B${flow === "records" ? ", arrivals: even" : ""} } }
groups:
  i:
    assignmentCost: none
    config: { max.poll.records: 100, partition.assignment.strategy: [cooperative-sticky] }
    members: { initial: 2, capacity: 100/s, commit: before-processing }
events: [{ at: 30.25s, join: i }]
`);
    const of = (client: string) =>
      only(events, "client.commit").filter((commit) => commit.client === client && commit.t > 30 * SECOND);
    const rejoins = (client: string) =>
      only(events, "client.rejoin").filter((rejoin) => rejoin.client === client && rejoin.t > 30 * SECOND);
    const stable = (client: string) =>
      only(events, "client.state").filter(
        (state) => state.client === client && state.to === "STABLE" && state.t > 30 * SECOND,
      );

    test.for(["i-1", "i-2"])(
      "comes once a rejoin of %s, with its poll(), and not again before that is through",
      (client) => {
        const refused = of(client);
        expect(refused.map(({ result }) => result)).toEqual(refused.map(() => "rebalance-in-progress"));
        // The first rejoin is for the newcomer, the second gives it what was revoked. Who revokes in the first joins the second one at
        // once, without a batch between them: its commit has not been taken yet.
        expect(rejoins(client)).toHaveLength(2);
        const [join] = rejoins(client);
        expect(refused[0].t).toBe(join.t);
        expect(refused.length).toBeLessThanOrEqual(2);
      },
    );

    test.for(["i-1", "i-2"])(
      "keeps %s from processing anything from then until it is STABLE with nothing to revoke",
      (client) => {
        const held = only(events, "client.committing").filter((one) => one.client === client && one.t > 30 * SECOND);
        expect(held.length).toBeGreaterThanOrEqual(2);
        for (const [i, { committing, t }] of held.entries()) {
          expect(committing).toBe(i % 2 === 0);
          if (committing) expect(rejoins(client).map((rejoin) => rejoin.t)).toContain(t);
          else expect(stable(client).map((state) => state.t)).toContain(t);
        }
        if (flow !== "records") return;
        const done = only(events, "record.done").filter((record) => record.client === client);
        for (let i = 0; i < held.length; i += 2) {
          // What was done up to then was the end of the batch before.
          expect(done.filter(({ t }) => t > held[i].t && t < held[i + 1].t)).toEqual([]);
          expect(done.find(({ t }) => t > held[i].t)!.started).toBeGreaterThanOrEqual(held[i + 1].t);
        }
      },
    );

    test("leaves nothing to be read twice or lost", () => {
      const owners = only(events, "partition.owner").filter(({ t, how }) => t > 30 * SECOND && how === "revoked");
      expect(owners).not.toEqual([]);
      expect(numbers(events, "records.reread")).toEqual([]);
      expect(numbers(events, "records.lost")).toEqual([]);
      const done = only(events, "record.done").map(({ partition, offset }) => `${partition} ${offset}`);
      expect(new Set(done).size).toBe(done.length);
    });
  },
);

/*
 * A member of the consumer protocol is taken into the next epoch when it has given up what others were to have, and its commits are
 * refused from then on until it has heard of that (STALE_MEMBER_EPOCH). It seeks back, polls at once, and commits what it gets
 * then: a batch takes it 5 s, but it was not to begin one.
 */
test("who has been taken into another epoch reads on when it hears of that, not a batch later", () => {
  const events = eventsOf(`
duration: 30s
cluster: { brokerVersion: "4.2", network: { delay: 2ms }, appendDelay: 4ms }
topics: { orders: { partitions: 4, rate: 200/s } }
groups:
  b:
    config: { group.protocol: consumer, max.poll.records: 100 }
    members: { initial: 2, startup: 0s, capacity: 400/s, batch: 5s, commit: before-processing }
`);
  const refused = first(events, "client.commit", ({ client, result }) => client === "b-1" && result !== "done");
  const hears = first(
    events,
    "request.answered",
    ({ client, api, t }) => client === "b-1" && api === "ConsumerGroupHeartbeat" && t > refused.t,
  );
  expect(hears.t - refused.t).toBeLessThan(10_000); // a round trip is 4 ms, and 4 ms are for the log
  const [reads] = only(events, "partition.reading").filter(({ client, reading }) => client === "b-1" && reading);
  expect(reads.partitions).toEqual({ orders: [0, 1] });
  const slopes = only(events, "lag").filter(({ t, partitions }) => t >= hears.t && partitions.includes(0));
  expect(slopes[0].t).toBe(hears.t);
  for (const { out } of slopes) expect(out).not.toBe(0);
  expect(numbers(events, "records.lost")).toEqual([]);
  expect(numbers(events, "records.reread")).toEqual([]);
});
