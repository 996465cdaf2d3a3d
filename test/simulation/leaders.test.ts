import { describe, expect, test } from "vitest";
import { SECOND } from "../../sim/engine/time.ts";
import type { LagSlopes, TraceEvent } from "../../sim/trace/event.ts";
import { eventsOf, first, only } from "../support/runs.ts";

/** Three partitions, led by brokers 1, 2, 3, each read by one of three members; who lost a leader asks every 100 ms. */
const scenario = (events: string): string => `
duration: 5m
cluster:
  network: { delay: { constant: 1ms } }
  metadataPropagation: { constant: 100ms }
  config: { auto.leader.rebalance.enable: false }
topics:
  orders:
    partitions: 3
    rate: 900/s
    producers: { burst: 3000/s, config: { retry.backoff.ms: 100, retry.backoff.max.ms: 100 } }
groups:
  billing:
    config: { retry.backoff.ms: 100, retry.backoff.max.ms: 100, auto.offset.reset: earliest }
    members: { initial: 3, capacity: 600/s }
events:
${events}`;

const at = (seconds: number): number => seconds * SECOND;

/** The lines of a partition after a minute. */
function lines(events: readonly TraceEvent[], partition = 0): { t: number; lag: number; in: number; out: number }[] {
  const of = (column: number | readonly number[], i: number): number =>
    typeof column === "number" ? column : column[i];
  return only(events, "lag")
    .filter(({ t, partitions }: LagSlopes) => t >= at(60) && partitions.includes(partition))
    .map(({ t, partitions, lag, in: inflow, out }) => {
      const i = partitions.indexOf(partition);
      return { t, lag: of(lag, i), in: of(inflow, i), out: of(out, i) };
    });
}

/** The first instant of a grid of 100 ms from `begin` on that is not before `t`. */
const nextAttempt = (begin: number, t: number): number => begin + Math.ceil((t - begin) / 100_000) * 100_000;

describe("a broker's process dies", () => {
  const events = eventsOf(scenario("  - { at: 60s, crash: { broker: 1 } }"));
  const { t: fenced } = first(events, "partition.leader", ({ t, from }) => t >= at(60) && from === 1);
  const back = nextAttempt(at(60), fenced + 100_000);
  const waited = (300 * (back - at(60))) / SECOND;

  test("what it led is neither written nor read, until clients hear of the next leader at their next attempt", () => {
    const [gone, again] = lines(events);
    expect(gone).toEqual({ t: at(60), lag: 0, in: 0, out: 0 });
    expect(again.t).toBe(back);
  });

  test("what the producers could not send comes in a burst then", () => {
    const [, burst, after, dry] = lines(events);
    const length = Math.ceil((waited / 3000) * SECOND);
    expect(burst.in).toBeCloseTo(3300, 6);
    expect(burst.out).toBe(600);
    expect(after.t).toBe(back + length);
    // What waited and what came in the burst, less what was read of it.
    expect(after.lag).toBeCloseTo(waited - (300 * length) / SECOND, 3);
    expect(after).toMatchObject({ in: 300, out: 600 });
    expect(dry.t).toBe(after.t + Math.ceil((after.lag / 300) * SECOND));
  });

  test("of partitions that others lead nothing new is read until they need not wait for its copies any more", () => {
    const [stands, moves] = lines(events, 1);
    const stood = (300 * (fenced + 100_000 - at(60))) / SECOND;
    expect(stands).toEqual({ t: at(60), lag: 0, in: 0, out: 0 });
    // What the producers were not answered and kept is sent then.
    expect(moves.t).toBe(fenced + 100_000);
    expect(moves.in).toBeCloseTo(300 + (stood * SECOND) / Math.ceil((stood / 3000) * SECOND), 6);
  });

  test("no record is lost on the way", () => {
    expect(first(events, "topic.produced")).toMatchObject({ written: 270_000, expired: 0, unsent: 0, repeated: 0 });
  });
});

test("a host that is gone in silence is noticed when a request has waited for request.timeout.ms", () => {
  const [gone, again] = lines(eventsOf(scenario("  - { at: 60s, crash: { broker: 1 }, silent: true }")));
  expect(gone).toEqual({ t: at(60), lag: 0, in: 0, out: 0 });
  expect(again).toMatchObject({ t: at(90), out: 600 });
});

test("a member that is cut off from a leader reads nothing from it, and goes on when what it sent gets through", () => {
  const script = "  - { at: 60s, cut: { from: { client: billing-1 }, to: { broker: 1 } }, for: 20s }";
  const events = eventsOf(scenario(script));
  const [gone, again] = lines(events);
  expect(gone).toEqual({ t: at(60), lag: 0, in: 300, out: 0 });
  // What it had sent TCP tries again after 0.2, 0.6, 1.4, 3, 6.2, 12.6 and 25.4 s.
  expect(again).toEqual({ t: at(85.4), lag: 7620, in: 300, out: 600 });
});

test("after a cut that outlasts request.timeout.ms it reads again with its next attempt to connect", () => {
  const script = "  - { at: 60s, cut: { from: { client: billing-1 }, to: { broker: 1 } }, for: 33s }";
  const [, again] = lines(eventsOf(scenario(script)));
  // It gives up at 90 s, and connects: a SYN then, one a second later, and two seconds after that.
  expect(again).toMatchObject({ t: at(93), lag: 9900 });
});

test("a member that was cut off from a leader before that died finds out when its request has waited for request.timeout.ms", () => {
  const script = `
  - { at: 58s, cut: { from: { client: billing-1 }, to: { broker: 1 } }, for: 60s }
  - { at: 60s, crash: { broker: 1 } }`;
  const reads = only(eventsOf(scenario(script)), "lag").filter(
    ({ t, partitions }) => t > at(58) && partitions.includes(0),
  );
  const again = reads.find(({ partitions, out }) => (typeof out === "number" ? out : out[partitions.indexOf(0)]) > 0)!;
  expect(again.t).toBe(at(88)); // it has heard of nothing until then, and the next leader is known by then
});

test("those who ask for the next leader do so each in its own time: waits are spread by a fifth", () => {
  const events = eventsOf(`
duration: 2m
cluster:
  brokers: 3
  network: { delay: { constant: 1ms } }
  metadataPropagation: { constant: 100ms }
topics: { orders: { partitions: 6, rate: 600/s, producers: { config: { acks: 1 } } } }
groups: { billing: { config: { auto.offset.reset: earliest }, members: { initial: 6, capacity: 600/s } } }
events: [{ at: 60s, crash: { broker: 1 } }]`);
  const known = first(events, "partition.leader", ({ t, from }) => t >= at(60) && from === 1).t + 100_000;
  const back = [0, 3].map(
    (partition) =>
      only(events, "lag").find(({ t, partitions, out }) => {
        const i = partitions.indexOf(partition);
        return t > at(60) && i >= 0 && (typeof out === "number" ? out : out[i]) > 0;
      })!.t,
  );
  // Each has waited for the full second for long, 0.8 to 1 s at a time.
  for (const t of back) expect(t - known).toBeLessThanOrEqual(SECOND);
  for (const t of back) expect(t - known).toBeGreaterThanOrEqual(0);
  expect(back[0]).not.toBe(back[1]);
});

test("a burst comes as fast as instances have requests answered: so many at a time, a batch in each", () => {
  // 2 instances · 5 requests · 16 records of 1 KiB in 16 KiB, in 1 + 1 ms of way and 2 ms until the copies have them.
  const events = eventsOf(`
duration: 2m
cluster: { brokers: 3, network: { delay: { constant: 1ms } }, appendDelay: { constant: 2ms } }
topics: { orders: { partitions: 1, rate: 100/s, producers: { instances: 2, config: { acks: 1 } } } }
groups: { billing: { members: { initial: 1, capacity: 100/s } } }
events: [{ at: 60s, crash: { broker: 1 } }]`);
  const [, burst] = lines(events).filter((line, i, all) => i === 0 || line.in !== all[i - 1].in);
  expect(burst.in / (100 + 160 / 0.004)).toBeCloseTo(1, 3);
});

test("an orderly restart moves leaders without a gap", () => {
  const events = eventsOf(scenario("  - { at: 60s, restart: { broker: 1 }, downtime: 20s }"));
  expect(lines(events)).toEqual([]);
});

test("the reset policy asks each partition's own leader: where that one is dead, once there is another", () => {
  const events = eventsOf(`
duration: 30s
cluster:
  brokerVersion: "3.9"
  network: { delay: 1ms }
  metadataPropagation: 100ms
  config: { offsets.topic.num.partitions: 1, offsets.topic.replication.factor: 1 } # on broker 1 alone
topics: { orders: { partitions: 3 } }
groups:
  billing:
    assignmentCost: none
    config: { retry.backoff.ms: 100, retry.backoff.max.ms: 100 }
    members: { initial: 1, capacity: 1000000/s }
    committed: none
events:
  - { at: 1s, crash: { broker: 2 } }`);
  const begins = (partition: number): number =>
    first(events, "partition.reading", ({ partitions: { orders } }) => orders?.includes(partition) ?? false).t;
  const assigned = first(events, "partition.owner", () => true).t;
  // Polls follow one another at once: what was committed is a round trip of 2 ms, and where the logs end another.
  expect([begins(0), begins(2)]).toEqual([assigned + 4_000, assigned + 4_000]);
  const moved = first(events, "partition.leader", ({ t, from }) => t > 0 && from === 2).t;
  // Everybody knows 0.1 s later; it asks every 0.1 s, which takes 2 ms.
  expect(begins(1)).toBeGreaterThanOrEqual(moved + 102_000);
  expect(begins(1)).toBeLessThanOrEqual(moved + 204_000);
});
