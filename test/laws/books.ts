import fc from "fast-check";
import { expect } from "vitest";
import { stringify } from "yaml";
import { parseScenario } from "../../sim/index.ts";
import { MINUTE, SECOND } from "../../sim/engine/time.ts";
import { summarise } from "../../sim/metrics/summarise.ts";
import { GroupPopulation } from "../../sim/simulation/population.ts";
import { Script } from "../../sim/simulation/script.ts";
import { traceHeader } from "../../sim/simulation/simulate.ts";
import { World } from "../../sim/simulation/world.ts";
import type { LossReason, RereadReason, TraceEvent } from "../../sim/trace/event.ts";
import { records } from "../../sim/trace/readings/records.ts";
import { expectFiguresToAddUp } from "./figures.ts";
import { goingOn } from "./going-on.ts";
import { Reckoning } from "./reckoning.ts";

/**
 * Every record is accounted for, whatever becomes of consumers, brokers, producers and topics, and however they commit:
 * the conservation law of spec/offsets-and-lag.md (6, V19), of the books themselves and of what the trace tells.
 */
const DURATION = 8 * MINUTE;
/** The same run is measured from its begin, and from the middle of its storms. */
const WARM_UP = 3 * MINUTE;
/** Now and then somebody looks at the books; the last look is the end. */
const AUDIT_EVERY = 10 * SECOND;

const at = fc.integer({ min: 5, max: 420 }).map((seconds) => `${seconds}s`);
const short = fc.integer({ min: 500, max: 90_000 }).map((ms) => `${ms}ms`);
const name = fc.constantFrom("g-1", "g-2", "h-1");
const member = name.map((client) => ({ client }));
const everybody = fc.constantFrom({ group: "g" }, { group: "h" }, { zone: "north" });
const broker = fc.constantFrom<object>({ broker: 1 }, { broker: 2 }, { broker: "coordinator of g" });

const event = fc.oneof(
  fc.record({ at, freeze: fc.oneof(name, fc.constant({ group: "g" })), for: short }),
  fc.record({ at, crash: name }),
  fc.record({ at, leave: name }),
  fc.record({ at, pause: name, lasts: short }),
  fc.record({ at, join: fc.constantFrom({ group: "g", count: 1 }, { group: "h", count: 2 }) }),
  fc.record({ at, roll: fc.constantFrom("g", "h", "brokers") }),
  fc.record({ at, crash: broker }),
  fc.record({ at, restart: broker, downtime: short }),
  fc.record({
    at,
    cut: fc.record({ from: fc.oneof(member, everybody), to: broker }),
    oneWay: fc.boolean(),
    for: short,
  }),
  fc.record({ at, cut: fc.record({ from: everybody }), for: short }),
  fc.record({
    at,
    cut: fc.constantFrom({ from: { broker: 1 }, to: { broker: 2 } }, { from: { broker: 3 } }),
    for: short,
  }),
  fc.record({ at, slow: fc.record({ from: everybody, to: broker }), delay: fc.constant("2s"), for: short }),
  fc.record({ at, rate: fc.constant("orders"), to: fc.constantFrom("0/s", "40/s", "500/s") }),
  fc.record({ at, producers: fc.constant("orders"), crash: fc.constantFrom(1, 2) }),
  fc.record({ at, producers: fc.constant("orders"), join: fc.constant(1) }),
  fc.record({ at, subscribe: fc.constant("g"), topics: fc.constantFrom(["orders"], ["orders", "returns"]) }),
  fc.record({ at, grow: fc.constant("orders"), to: fc.constantFrom(8, 9) }),
  fc.record({ at, delete: fc.constant("returns") }),
);

const group = (topics: readonly string[]) =>
  fc.record({
    topics: fc.constant(topics),
    committed: fc.constantFrom("start", "none"),
    config: fc.record({
      "session.timeout.ms": fc.constantFrom(6000, 45000),
      "max.poll.interval.ms": fc.constantFrom(20000, 300000),
      "auto.commit.interval.ms": fc.constantFrom(1000, 5000, 60000),
      "auto.offset.reset": fc.constantFrom("earliest", "latest", "by_duration:PT20S"),
      "metadata.max.age.ms": fc.constantFrom(10000, 300000),
      "partition.assignment.strategy": fc.constantFrom(["range"], ["cooperative-sticky"]),
    }),
    members: fc.record({
      initial: fc.constant(2),
      zones: fc.constant(["north", "south"]),
      capacity: fc.constantFrom("150/s", "900/s"),
      startup: fc.constant("2s"),
      replaceAfter: fc.constant("10s"),
      static: fc.boolean(),
      batch: fc.constantFrom("100ms", "2s"),
      commit: fc.constantFrom("auto", "sync", "async", "before-processing", "never"),
    }),
  });

const anything = fc.record({
  duration: fc.constant(`${DURATION / SECOND}s`),
  flow: fc.constantFrom("fluid", "fluid", "records"),
  cluster: fc.record({
    brokers: fc.constant(3),
    brokerVersion: fc.constantFrom("3.9", "4.0"),
    config: fc.constantFrom(
      { "log.retention.check.interval.ms": 10000 },
      { "log.retention.check.interval.ms": 10000, "min.insync.replicas": 2 },
      {
        "log.retention.check.interval.ms": 10000,
        "offsets.retention.minutes": 1,
        "offsets.retention.check.interval.ms": 20000,
      },
    ),
  }),
  topics: fc.record({
    orders: fc.record({
      partitions: fc.integer({ min: 1, max: 6 }),
      rate: fc.constant("200/s"),
      producers: fc.record({
        instances: fc.constant(3),
        takeover: fc.constant("5s"),
        config: fc.constantFrom(
          {},
          { acks: "1" },
          { acks: "0", retries: 0 },
          { "enable.idempotence": false, "delivery.timeout.ms": 5000, "request.timeout.ms": 4000 },
        ),
      }),
      config: fc.constantFrom({}, { "retention.bytes": 300000, "segment.bytes": 60000 }),
    }),
    returns: fc.record({ partitions: fc.constant(2), rate: fc.constant("30/s") }),
  }),
  groups: fc.record({ g: group(["orders"]), h: group(["orders", "returns"]) }),
  events: fc.array(event, { minLength: 2, maxLength: 10 }),
});

const TOPICS_CHANGE = ["grow", "delete", "subscribe"];

/** The same storm in a quarter of the records, each four times as large: what is simulated one by one costs by the record. */
const quarter = (rate: string): string => `${Number.parseFloat(rate) / 4}/s`;
const QUARTERS = { recordSize: "4KiB" };

/** A topic grows once and goes once. Where records are simulated one by one, some things cannot be. */
export const scenario = anything.map((file) => {
  const single = file.flow === "records";
  const seen = new Set<string>();
  const events = file.events.filter((one) => {
    const what = Object.keys(one).find((key) => TOPICS_CHANGE.includes(key));
    if (what === undefined) return true;
    if (single || (what !== "subscribe" && seen.has(what))) return false;
    seen.add(what);
    return true;
  });
  if (!single) return { ...file, events };
  const without = ({ members, config, ...rest }: typeof file.groups.g): object => {
    const { batch: _, capacity, ...others } = members;
    const reset = config["auto.offset.reset"] === "latest" ? "latest" : "earliest";
    return {
      ...rest,
      config: { ...config, "auto.offset.reset": reset, "max.poll.records": 500 / 4 },
      members: { ...others, capacity: quarter(capacity) },
    };
  };
  const { orders, returns } = file.topics;
  return {
    ...file,
    topics: {
      orders: { ...orders, ...QUARTERS, rate: quarter(orders.rate) },
      returns: { ...returns, ...QUARTERS, rate: quarter(returns.rate) },
    },
    events: events.map((one) => ("rate" in one ? { ...one, to: quarter(one.to) } : one)),
    groups: { g: without(file.groups.g), h: without(file.groups.h) },
  };
});

/** The same, and one of the two groups speaks the consumer protocol, in any release that knows it. */
const mixed = fc
  .record({ file: scenario, release: fc.constantFrom("3.9", "4.0", "4.1", "4.2", "4.3", "4.4") })
  .map(({ file, release }) => {
    const g = file.groups.g as { config: Record<string, unknown> };
    const { "session.timeout.ms": session, "partition.assignment.strategy": _, ...config } = g.config;
    const brokers = {
      ...file.cluster.config,
      "group.coordinator.rebalance.protocols": ["classic", "consumer"],
      "group.consumer.min.session.timeout.ms": 1000,
      "group.consumer.session.timeout.ms": session,
    };
    return {
      ...file,
      cluster: { ...file.cluster, brokerVersion: release, config: brokers },
      groups: { ...file.groups, g: { ...g, config: { ...config, "group.protocol": "consumer" } } },
    };
  });

const one = fc.constantFrom({ broker: 1 }, { broker: 2 }, { broker: 3 });
const two = fc
  .constantFrom([1, 2], [2, 3], [3, 1])
  .map(([from, to]) => ({ from: { broker: from }, to: { broker: to } }));

/** The same where copies fall behind, and are made leaders all the same; and a topic may be created again. */
const unclean = fc
  .record({
    file: scenario,
    falling: fc.array(
      fc.oneof(
        fc.record({ at, cut: two, for: fc.constantFrom("50s", "100s", "200s") }),
        fc.record({ at, restart: one, downtime: fc.constantFrom("20s", "60s", "150s") }),
      ),
      { minLength: 3, maxLength: 7 },
    ),
    reset: fc.constantFrom("earliest", "latest", "none"),
    client: fc.constantFrom("2.2", "3.9"),
    deleted: fc.integer({ min: 60, max: 240 }),
    created: fc.option(fc.constantFrom(0.02, 1, 30, 120)),
  })
  .map(({ file, falling, reset, client, deleted, created }) => {
    const again =
      created === null || file.flow === "records"
        ? []
        : [
            { at: `${deleted}s`, delete: "returns" },
            { at: `${1000 * (deleted + created)}ms`, create: "returns" },
          ];
    const events = file.events.filter((one) => again.length === 0 || !("delete" in one));
    const g = file.groups.g as { config: Record<string, unknown> };
    const { orders, returns } = file.topics;
    return {
      ...file,
      cluster: {
        ...file.cluster,
        brokerVersion: "3.9",
        config: { ...file.cluster.config, "unclean.leader.election.enable": true },
      },
      topics: { orders: { ...orders, replicationFactor: 2 }, returns: { ...returns, replicationFactor: 2 } },
      groups: {
        ...file.groups,
        g: {
          ...g,
          clientVersion: client,
          config: { ...g.config, "partition.assignment.strategy": ["range"], "auto.offset.reset": reset },
        },
      },
      events: [...events, ...falling, ...again],
    };
  });

/** The closed lists of what can be to blame. */
const REREAD: Readonly<Record<RereadReason, true>> = {
  crash: true,
  "poll-interval-exceeded": true,
  zombie: true,
  expelled: true,
  "commit-refused": true,
  "commit-lost": true,
  revoked: true,
  closed: true,
  reset: true,
  "out-of-range": true,
};
const LOST: Readonly<Record<LossReason, true>> = {
  reset: true,
  "out-of-range": true,
  truncated: true,
  "committed-ahead": true,
  "topic-deleted": true,
};

/** What the trace has told of one group so far. */
class Told {
  reread = 0;
  lost = 0;
  /** Numbers that were added up. */
  numbers = 0;
  readonly wrong: string[] = [];

  see(what: "reread" | "lost", records: number, sign: 1 | -1, reason: string): void {
    this[what] += sign * records;
    this.numbers++;
    if (!(records > 0) || !(reason in (what === "reread" ? REREAD : LOST))) {
      this.wrong.push(`${sign * records} ${what}, ${reason}`);
    }
  }

  /** Each number is rounded to the sixth decimal, and a position that moves by less than two of those has not moved. */
  get near(): number {
    return 3e-6 * (this.numbers + 1);
  }
}

/** Plays a storm, and holds the books against what is told. */
export function playStorm(yaml: string): void {
  const { scenario } = parseScenario(yaml, { file: "storm.yaml" });
  const told = new Map(scenario.groups.map(({ id }) => [id, new Told()]));
  const summary = summarise();
  const warm = summarise();
  const reckoning = new Reckoning(scenario.flow === "records" ? 0.5 : undefined);
  const fold = records({
    reread: ({ group, records, reason }) => told.get(group)!.see("reread", records, 1, reason),
    spared: ({ group, records, reason }) => told.get(group)!.see("reread", records, -1, reason),
    lost: ({ group, records, reason }) => told.get(group)!.see("lost", records, 1, reason),
    found: ({ group, records, reason }) => told.get(group)!.see("lost", records, -1, reason),
  });
  const header = traceHeader(scenario, "books", DURATION);
  summary.begin?.(header);
  warm.begin?.({ ...header, warmUp: WARM_UP });
  const world = new World(scenario, "books", "elided", (event: TraceEvent) => {
    fold.see(event);
    summary.see(event);
    warm.see(event);
    reckoning.see(event);
  });
  const populations = new Map([...world.groups].map(([id, group]) => [id, new GroupPopulation(world, group)]));
  const script = new Script(world, populations);
  world.start();
  for (const population of populations.values()) population.start();
  script.start();
  for (let now = AUDIT_EVERY; now <= DURATION; now += AUDIT_EVERY) {
    world.engine.runUntil(now);
    reckoning.check(now);
    expect(reckoning.wrong, yaml).toBeUndefined();
    for (const [id, { consumption }] of world.groups) {
      const where = `${id} at ${now / SECOND} s of\n${yaml}`;
      const { produced, consumed, lag, reread, lost } = consumption.totals(now);
      const { reread: saidReread, lost: saidLost, wrong, near } = told.get(id)!;
      expect(consumption.audit(), where).toBeUndefined();
      expect(wrong, where).toEqual([]);
      expect(Math.min(produced, consumed + near, lag, reread + near, lost + near), where).toBeGreaterThanOrEqual(0);
      expect(Math.abs(produced - (consumed + lag + lost)), where).toBeLessThan(1e-9 * produced + near);
      expect(Math.abs(reread - saidReread), `read again: ${reread}, told ${saidReread}: ${where}`).toBeLessThan(near);
      expect(Math.abs(lost - saidLost), `lost: ${lost}, told ${saidLost}: ${where}`).toBeLessThan(near);
    }
  }
  world.end();
  summary.end(DURATION);
  warm.end(DURATION);
  expectFiguresToAddUp(summary.result(), scenario.flow, yaml);
  expectFiguresToAddUp(warm.result(), scenario.flow, `measured from ${WARM_UP / SECOND} s on:\n${yaml}`);
  for (const { group, delivery, endToEnd } of summary.result().groups) {
    const { reread, lost, near, numbers } = told.get(group)!;
    // Whoever has read it, each record that has been read has been read for the first time once, and is told with its age.
    // Some of what waits may have been read before. A jump over less than a record is none to the reading of the ages.
    const totals = world.groups.get(group)!.consumption.totals(DURATION);
    const read = totals.produced - totals.lost - totals.lag;
    expect(endToEnd?.weight ?? 0, `ages of ${group} in\n${yaml}`).toBeGreaterThan(read - numbers - 1);
    expect(endToEnd?.weight ?? 0, `ages of ${group} in\n${yaml}`).toBeLessThan(read + reread + numbers + 1);
    expect(Math.abs(delivery.duplicates - reread), yaml).toBeLessThan(near);
    expect(Math.abs(delivery.lost - lost), yaml).toBeLessThan(near);
  }
}

const STORMS = { classic: scenario, both: mixed, unclean };

interface BooksOptions {
  readonly seed?: number;
  readonly storms?: "classic" | "both" | "unclean";
  readonly after?: number;
}

/** V19, in so many storms, but for the first `after` of them. */
export function expectBooksToBalance(
  storms: number,
  { seed = 20261121, storms: kind = "classic", after = 0 }: BooksOptions = {},
): void {
  fc.assert(
    fc.property(
      STORMS[kind] as fc.Arbitrary<object>,
      goingOn(after, (file) => playStorm(stringify(file))),
    ),
    { seed, numRuns: storms, endOnFailure: true },
  );
}
