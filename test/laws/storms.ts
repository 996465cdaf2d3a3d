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
import type { TraceEvent } from "../../sim/trace/event.ts";
import { expectFiguresToAddUp } from "./figures.ts";
import { goingOn } from "./going-on.ts";
import { unsettled } from "./settled.ts";
import { bothModes } from "../support/both-modes.ts";

/**
 * Large worlds at random: scenario files made up by chance. What fails is shrunk to a smallest one and printed as YAML,
 * so that it can be saved and replayed with `regroup run`.
 */
const seconds = (least: number, most: number) =>
  fc.integer({ min: least * 1000, max: most * 1000 }).map((ms) => `${ms}ms`);

const member = fc.integer({ min: 1, max: 12 }).map((n) => `g-${n}`);
const someone = fc.oneof(
  member.map((client) => ({ client })),
  fc.constantFrom({ zone: "north" }, { zone: "south" }, { group: "g" }),
);
const anyone = fc.constantFrom(
  { zone: "south" },
  { broker: 1 },
  { broker: 2 },
  { broker: 3 },
  { broker: "coordinator of g" },
  "controller",
);

const event = fc.oneof(
  fc.record({ at: seconds(1, 600), crash: fc.integer({ min: 1, max: 12 }).map((n) => `g-${n}`) }),
  fc.record({ at: seconds(1, 600), leave: fc.integer({ min: 1, max: 12 }).map((n) => `g-${n}`) }),
  fc.record({ at: seconds(1, 600), join: fc.integer({ min: 1, max: 4 }).map((count) => ({ group: "g", count })) }),
  fc.record({
    at: seconds(1, 600),
    pause: fc.integer({ min: 1, max: 12 }).map((n) => `g-${n}`),
    lasts: seconds(1, 90),
  }),
  fc.record({ at: seconds(1, 600), crash: fc.record({ broker: fc.constant("coordinator of g") }) }),
  fc.record({
    at: seconds(1, 600),
    restart: fc.record({ broker: fc.constant("coordinator of g") }),
    downtime: seconds(1, 60),
  }),
  fc.record({
    at: seconds(1, 600),
    crash: fc.record({ broker: fc.constant("coordinator of g") }),
    silent: fc.constant(true),
  }),
  fc.record({
    at: seconds(1, 600),
    restart: fc.record({ controller: fc.constant("active") }),
    downtime: seconds(1, 60),
  }),
  fc.record({ at: seconds(1, 600), roll: fc.constant("brokers"), downtime: seconds(1, 20), pause: seconds(0, 20) }),
  fc.record({
    at: seconds(1, 600),
    cut: fc.record({
      from: fc.constantFrom({ broker: 1 }, { broker: 2 }, { broker: "coordinator of g" }),
      to: fc.constantFrom("controller", { broker: 3 }),
    }),
    oneWay: fc.boolean(),
    for: seconds(0.1, 100),
  }),
  fc.record({
    at: seconds(1, 600),
    cut: fc.record({ from: someone, to: anyone }, { requiredKeys: ["from"] }),
    oneWay: fc.boolean(),
    for: seconds(0.1, 100),
  }),
  fc.record({
    at: seconds(1, 600),
    slow: fc.record({ from: someone, to: anyone }, { requiredKeys: ["from"] }),
    delay: fc.constantFrom("3s", "20s", { exponential: "500ms" }),
    oneWay: fc.boolean(),
    for: seconds(0.1, 100),
  }),
  fc.record({ at: seconds(1, 600), roll: fc.constant("g"), maxUnavailable: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ at: seconds(1, 600), producers: fc.constant("orders"), crash: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ at: seconds(1, 600), producers: fc.constant("orders"), join: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ at: seconds(1, 600), grow: fc.constant("orders"), to: fc.constant(0) }),
  fc.record({
    at: seconds(1, 600),
    subscribe: fc.constant("g"),
    topics: fc.constantFrom(["orders"], ["orders", "returns"], ["orders", "returns", "refunds"]),
  }),
  fc.record({
    at: seconds(1, 600),
    rate: fc.constant("orders"),
    to: fc.integer({ min: 0, max: 5000 }).map((n) => `${n}/s`),
  }),
);

const anything = fc.record({
  duration: fc.constant("30m"),
  cluster: fc.record({
    brokers: fc.integer({ min: 3, max: 5 }),
    brokerVersion: fc.constantFrom("3.6", "3.9", "4.0", "4.1"),
    controller: fc.constantFrom("kraft", "zookeeper"),
    // or the only complete copy may die with its broker, and nobody coordinates any more
    config: fc.constant({ "unclean.leader.election.enable": true, "log.retention.check.interval.ms": 10000 }),
    network: fc.record({
      delay: fc.constantFrom("1ms", "20ms", { exponential: "5ms" }, { lognormal: { median: "1ms", p99: "20ms" } }),
    }),
  }),
  topics: fc.record({
    orders: fc.record({
      partitions: fc.integer({ min: 1, max: 30 }),
      rate: fc.constant("600/s"),
      producers: fc.record({
        instances: fc.integer({ min: 1, max: 4 }),
        takeover: fc.constantFrom("1s", { exponential: "10s" }),
        config: fc.constantFrom(
          {},
          { "buffer.memory": 200000, "delivery.timeout.ms": 5000, "request.timeout.ms": 4000 },
          { retries: 0 },
          { acks: "1" },
        ),
      }),
      config: fc.constantFrom({}, { "retention.bytes": 300000, "segment.bytes": 60000 }),
    }),
    returns: fc.record({ partitions: fc.integer({ min: 1, max: 9 }), rate: fc.constant("50/s") }),
    refunds: fc.record({ partitions: fc.integer({ min: 1, max: 9 }), rate: fc.constant("50/s") }),
  }),
  groups: fc.record({
    g: fc.record({
      topics: fc.constant(["orders"]),
      config: fc.record({
        "session.timeout.ms": fc.constantFrom(6000, 10000, 45000),
        "heartbeat.interval.ms": fc.constantFrom(1000, 3000),
        "max.poll.interval.ms": fc.constantFrom(20000, 60000, 300000),
        "enable.auto.commit": fc.boolean(),
        "partition.assignment.strategy": fc.constantFrom(["range"], ["roundrobin"], ["roundrobin", "range"]),
      }),
      members: fc.record({
        initial: fc.integer({ min: 1, max: 8 }),
        zones: fc.constant(["north", "south"]),
        capacity: fc.constantFrom("400/s", "4000/s"),
        startup: seconds(0, 10),
        static: fc.boolean(),
        batch: fc.constantFrom("200ms", { uniform: ["10ms", "3s"] }),
      }),
    }),
  }),
  events: fc.array(event, { maxLength: 12 }),
});

/** One topic comes late and goes early. */
const LIFE_OF_REFUNDS = [
  { at: "200s", create: "refunds" },
  { at: "450s", delete: "refunds" },
];

/** A file may name only members that there will be; and of three replicas one has to live, or nobody coordinates. */
const scenario = anything.map((file) => {
  const { initial } = file.groups.g.members;
  const there = (name: string): string => `g-${((Number(name.slice(2)) - 1) % initial) + 1}`;
  const killsBroker = (one: object): boolean => "crash" in one && typeof one.crash === "object";
  const killers = file.events.filter(killsBroker).slice(0, 2);
  const named = (value: unknown): unknown => {
    if (typeof value === "string") return value.startsWith("g-") ? there(value) : value;
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, named(inner)]));
  };
  const events = file.events
    .filter((one) => !killsBroker(one) || killers.includes(one))
    .map((one) => named(one) as typeof one);
  const growth = events.filter((one) => "grow" in one).sort((a, b) => parseFloat(a.at) - parseFloat(b.at));
  growth.forEach((one, i) => Object.assign(one, { to: file.topics.orders.partitions + 7 * (i + 1) }));
  const { brokerVersion, controller } = file.cluster;
  const known = brokerVersion.startsWith("3") ? controller : "kraft"; // ZooKeeper went with 4.0
  return { ...file, cluster: { ...file.cluster, controller: known }, events: [...events, ...LIFE_OF_REFUNDS] };
});

/** The same storms over a group of the consumer protocol, of brokers and consumers of every release that knows it. */
const consumerScenario = fc
  .record({
    file: scenario,
    release: fc.constantFrom("3.9", "4.0", "4.1", "4.2", "4.3", "4.4"),
    limits: fc.constantFrom([6, 1], [10, 3], [45, 5]),
    assignor: fc.constantFrom("uniform", "range"),
  })
  .map(({ file, release, limits: [session, heartbeat], assignor }) => {
    const { g } = file.groups;
    const config = {
      "group.protocol": "consumer",
      "group.remote.assignor": assignor,
      "max.poll.interval.ms": g.config["max.poll.interval.ms"],
      "enable.auto.commit": g.config["enable.auto.commit"],
    };
    const brokers = {
      ...file.cluster.config,
      "group.coordinator.rebalance.protocols": ["classic", "consumer"],
      "group.consumer.min.session.timeout.ms": 1000,
      "group.consumer.min.heartbeat.interval.ms": 1000,
      "group.consumer.session.timeout.ms": session * 1000,
      "group.consumer.heartbeat.interval.ms": heartbeat * 1000,
    };
    return {
      ...file,
      cluster: { ...file.cluster, brokerVersion: release, controller: "kraft", config: brokers },
      groups: { g: { ...g, config } },
    };
  });

/** Ten minutes of storm, the longest barrier and the slowest return of a broker after it, and some peace. */
const PEACE = 28 * MINUTE;

/** What a storm passes over. */
const STORMS = { classic: scenario, consumer: consumerScenario };
type Protocol = keyof typeof STORMS;

/** Plays the file as `simulate` does, and keeps the world to look at. */
function settle(yaml: string): string[] {
  const { scenario } = parseScenario(yaml, { file: "storm.yaml" });
  const summary = summarise();
  summary.begin!(traceHeader(scenario, "storm", PEACE));
  const world = new World(scenario, "storm", "elided", (event: TraceEvent) => summary.see(event));
  const populations = new Map([...world.groups].map(([id, group]) => [id, new GroupPopulation(world, group)]));
  const script = new Script(world, populations);
  world.start();
  for (const population of populations.values()) population.start();
  script.start();
  world.engine.runUntil(PEACE);
  const complaints = unsettled(world, "g");
  world.end();
  summary.end(PEACE);
  expectFiguresToAddUp(summary.result(), scenario.flow, yaml);
  return complaints;
}

const SEED = 20261121;

interface StormOptions {
  readonly protocol?: Protocol;
  /** So many of the storms, the first, are left out. */
  readonly after?: number;
}

/** After any of so many storms the laws have held, and a group that is left in peace settles. */
export function expectPeace(storms: number, options: StormOptions = {}): void {
  inStorms(storms, options, (yaml) => expect(settle(yaml), yaml).toEqual([]));
}

/** V28: in any of so many storms heartbeats worked out and heartbeats simulated give the same trace. */
export function expectSameTrace(storms: number, options: StormOptions = {}): void {
  inStorms(storms, options, (yaml) => {
    const { elided, explicit } = bothModes(yaml, "storm", 12 * MINUTE + SECOND);
    expect(elided, yaml).toEqual(explicit);
  });
}

function inStorms(
  storms: number,
  { protocol = "classic", after = 0 }: StormOptions,
  check: (yaml: string) => void,
): void {
  fc.assert(
    fc.property(
      STORMS[protocol] as fc.Arbitrary<object>,
      goingOn(after, (file) => check(stringify(file))),
    ),
    { seed: SEED, numRuns: storms },
  );
}
