import fc from "fast-check";
import { expect, test } from "vitest";
import { stringify } from "yaml";
import { MINUTE } from "../../sim/engine/time.ts";
import { parseScenario } from "../../sim/index.ts";
import { summarise } from "../../sim/metrics/summarise.ts";
import { GroupPopulation } from "../../sim/simulation/population.ts";
import { Script } from "../../sim/simulation/script.ts";
import { traceHeader } from "../../sim/simulation/simulate.ts";
import { World } from "../../sim/simulation/world.ts";
import type { TraceEvent } from "../../sim/trace/event.ts";
import { expectFiguresToAddUp } from "./figures.ts";

/** Ten minutes of storm and eight of peace. */
const DURATION = 18 * MINUTE;

/** Worlds at random for consumers of the ZooKeeper era: what may happen to those of coordinators may happen to them. */
const seconds = (least: number, most: number) =>
  fc.integer({ min: least * 1000, max: most * 1000 }).map((ms) => `${ms}ms`);
const at = seconds(1, 600);
const member = fc.integer({ min: 1, max: 6 }).map((n) => `g-${n}`);
const someone = fc.oneof(
  member.map((client) => ({ client })),
  fc.constantFrom({ zone: "north" }, { group: "g" }),
);
const anyone = fc.constantFrom("controller", { broker: 1 }, { broker: 2 }, { zone: "south" });
const link = fc.record({ from: someone, to: anyone }, { requiredKeys: ["from"] });
const killed = fc.record({ broker: fc.constantFrom(1, 2) });

const event = fc.oneof(
  fc.record({ at, crash: member }),
  fc.record({ at, leave: member }),
  fc.record({ at, join: fc.integer({ min: 1, max: 3 }).map((count) => ({ group: "g", count })) }),
  fc.record({ at, freeze: member, for: seconds(1, 30) }),
  fc.record({ at, pause: member, lasts: seconds(1, 30) }),
  fc.record({ at, crash: killed }),
  fc.record({ at, crash: killed, silent: fc.constant(true) }),
  fc.record({ at, cut: link, for: seconds(0.1, 60) }),
  fc.record({ at, slow: link, delay: fc.constantFrom("1s", { exponential: "500ms" }), for: seconds(0.1, 60) }),
  fc.record({ at, roll: fc.constant("g") }),
  fc.record({ at, grow: fc.constant("orders"), to: fc.constant(0) }),
);

const anything = fc.record({
  duration: fc.constant("20m"),
  cluster: fc.record({
    brokers: fc.constant(3),
    brokerVersion: fc.constant("2.8"),
    controller: fc.constant("zookeeper"),
    config: fc.constant({ "unclean.leader.election.enable": true, "log.retention.check.interval.ms": 10000 }),
    network: fc.record({ delay: fc.constantFrom("1ms", "20ms", { exponential: "5ms" }) }),
  }),
  topics: fc.record({
    orders: fc.record({
      partitions: fc.integer({ min: 1, max: 12 }),
      rate: fc.constant("300/s"),
      config: fc.constantFrom({}, { "retention.bytes": 300000, "segment.bytes": 60000 }),
    }),
  }),
  groups: fc.record({
    g: fc.record({
      clientProfile: fc.constant("zookeeper"),
      committed: fc.constantFrom("start", "none"),
      config: fc.record({
        "auto.commit.enable": fc.boolean(),
        "auto.commit.interval.ms": fc.constantFrom(5000, 60000),
        "partition.assignment.strategy": fc.constantFrom("range", "roundrobin"),
        "auto.offset.reset": fc.constantFrom("largest", "smallest"),
      }),
      members: fc.record({
        initial: fc.integer({ min: 1, max: 6 }),
        zones: fc.constant(["north", "south"]),
        capacity: fc.constantFrom("100/s", "4000/s"),
        startup: seconds(0, 10),
      }),
    }),
  }),
  events: fc.array(event, { maxLength: 12 }),
});

/** A file may name only members that there will be; and of three brokers one has to live. */
const scenario = anything.map((file) => {
  const { initial } = file.groups.g.members;
  const named = (value: unknown): unknown => {
    if (typeof value === "string") {
      return value.startsWith("g-") ? `g-${((Number(value.slice(2)) - 1) % initial) + 1}` : value;
    }
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, named(inner)]));
  };
  const killsBroker = (one: object): boolean => "crash" in one && typeof one.crash === "object";
  const killers = file.events.filter(killsBroker).slice(0, 2);
  const events = file.events
    .filter((one) => !killsBroker(one) || killers.includes(one))
    .map((one) => named(one) as typeof one);
  const growth = events.filter((one) => "grow" in one).sort((a, b) => parseFloat(a.at) - parseFloat(b.at));
  growth.forEach((one, i) => Object.assign(one, { to: file.topics.orders.partitions + 5 * (i + 1) }));
  return { ...file, events };
});

/** What is wrong with the group after all that. The laws are looked at all the while. */
function unsettled(yaml: string): string[] {
  const { scenario } = parseScenario(yaml, { file: "storm.yaml" });
  const summary = summarise();
  summary.begin!(traceHeader(scenario, "storm", DURATION));
  const world = new World(scenario, "storm", "elided", (event: TraceEvent) => summary.see(event));
  const populations = new Map([...world.groups].map(([id, group]) => [id, new GroupPopulation(world, group)]));
  const script = new Script(world, populations);
  world.start();
  for (const population of populations.values()) population.start();
  script.start();
  world.engine.runUntil(DURATION);
  const living = world.consumers.all.filter(({ state }) => state === "Running");
  const complaints = living
    .filter(({ member }) => member.state !== "STABLE")
    .map(({ name, member }) => `${name} is ${member.state}`);
  const partitions = living.length > 0 ? world.production.partitionsOf("orders") : 0;
  for (let partition = 0; partition < partitions; partition++) {
    for (const what of ["owned", "reading"] as const) {
      const holders = living.filter(({ member }) => member[what].orders?.includes(partition));
      if (holders.length !== 1) complaints.push(`orders-${partition}, ${what} by ${holders.length}`);
    }
  }
  world.end();
  summary.end(DURATION);
  expectFiguresToAddUp(summary.result(), scenario.flow, yaml);
  return complaints;
}

test("after any storm the laws have held, and every partition is owned and read by one consumer that is at rest", () => {
  fc.assert(
    fc.property(scenario, (file) => {
      const yaml = stringify(file);
      expect(unsettled(yaml), yaml).toEqual([]);
    }),
    { seed: 20261121, numRuns: 40 },
  );
});
