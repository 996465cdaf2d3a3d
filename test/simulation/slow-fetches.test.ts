import { describe, expect, test } from "vitest";
import { SECOND } from "../../sim/engine/time.ts";
import { parseScenario } from "../../sim/scenario/parse.ts";
import { GroupPopulation } from "../../sim/simulation/population.ts";
import { Script } from "../../sim/simulation/script.ts";
import { World } from "../../sim/simulation/world.ts";
import { eventsOf, only } from "../support/runs.ts";

/*
 * Single records, whose every fetch is simulated, and the fluid, which has a formula for their pace: both read a backlog
 * over a link of 200 ms each way. Records of 1 KiB, so chunks of 1,024; polls of 500; 2,000 records/s.
 */
interface Variant {
  readonly partitions: number;
  readonly rate: string;
  readonly shares?: string;
  readonly clientVersion?: string;
  readonly brokers?: number;
  readonly far?: string;
}

/** The lag of each partition, each half second from 70 s on. The member comes at 60 s. */
function lags(flow: string, variant: Variant, seconds: number): number[][] {
  const { partitions, rate, shares, clientVersion = "4.0", brokers = 1, far = "network: { delay: 200ms }" } = variant;
  const skew = shares ? `, skew: { shares: ${shares} }` : "";
  const text = `
duration: 10m
flow: ${flow}
cluster: { brokers: { count: ${brokers}, zones: [a, b, c] }, ${far}, config: { group.initial.rebalance.delay.ms: 0 } }
topics: { orders: { partitions: ${partitions}, rate: ${rate}${skew}${flow === "records" ? ", arrivals: even" : ""} } }
groups:
  g:
    topics: [orders]
    clientVersion: "${clientVersion}"
    assignmentCost: none
    members: { initial: 0, capacity: 2000/s, startup: 0s, zones: [c] }
events:
  - { at: 60s, join: g }
`;
  const world = new World(parseScenario(text, { file: "far.yaml" }).scenario, "far", "elided", () => undefined);
  const populations = new Map([...world.groups].map(([id, group]) => [id, new GroupPopulation(world, group)]));
  world.start();
  new Script(world, populations).start();
  const { consumption } = world.groups.get("g")!;
  return Array.from({ length: 2 * seconds }, (_, i) => {
    world.engine.runUntil((70 + i / 2) * SECOND);
    return [...consumption.picture("orders", partitions).lag];
  });
}

const CHUNK = 1024;
/** From fetch to fetch of one partition: 1,000 records in 500 ms, then 24 while the round trip of 400 ms is under way. */
const CYCLE = 0.9;
/** What a round trip delays where reading begins. */
const FIRST = 0.4 * (CHUNK / CYCLE);

/** Records a second that left a backlog, where so many came in. */
const pace = (curve: readonly number[][], inflow: number): number =>
  inflow + (curve[0][0] - curve.at(-1)![0]) / ((curve.length - 1) / 2);

describe("a backlog over a link of 200 ms each way: single records and the fluid", () => {
  // Within a chunk (`fetchCeilings`), and without a drift: of 40 s each second would count.
  test.for<[string, Variant, number]>([
    ["one partition", { partitions: 1, rate: "500/s" }, 40],
    ["two of a broker, with one fetch", { partitions: 2, rate: "500/s" }, 24],
    ["two of a broker, each by itself before 4.0", { partitions: 2, rate: "500/s", clientVersion: "3.9" }, 12],
    ["one beside another that is caught up", { partitions: 2, rate: "600/s", shares: "[5, 1]" }, 40],
  ])("%s: while there is a backlog, lag is never apart by more than a chunk", ([, variant, seconds]) => {
    const [fluid, records] = ["fluid", "records"].map((flow) => lags(flow, variant, seconds));
    expect(fluid.at(-1)![0]).toBeGreaterThan(0);
    fluid.forEach((at, i) =>
      at.forEach((lag, partition) => expect(Math.abs(records[i][partition] - lag)).toBeLessThan(CHUNK + FIRST)),
    );
  });

  test("one partition: at the pace of the rule", () => {
    const variant = { partitions: 1, rate: "500/s" };
    const [fluid, records] = ["fluid", "records"].map((flow) => pace(lags(flow, variant, 40), 500));
    expect(fluid).toBeCloseTo(CHUNK / CYCLE, 3);
    expect(Math.abs(records - fluid)).toBeLessThan(CHUNK / 39.5);
  });

  // 600 ms each way: a chunk in 500 ms + 1.2 s, or, waiting in turn behind a chunk of the other, up to 512 ms later.
  test("one far away beside one that is near: at most at the pace of the rule, at least a chunk of the other slower", () => {
    const far = "network: { delay: 1ms, between: [{ zones: [a, c], delay: 600ms }] }";
    const variant = { partitions: 2, rate: "900/s", brokers: 3, far };
    const [fluid, records] = ["fluid", "records"].map((flow) => pace(lags(flow, variant, 20), 450));
    expect(fluid).toBeCloseTo(CHUNK / 1.7, 3);
    expect(records).toBeLessThan(fluid);
    expect(records).toBeGreaterThan(CHUNK / (1.7 + 0.512) - CHUNK / 19.5);
  });

  // A fetch is always on its way, at the leader or on its way back: what comes in during that, and while it is worked on.
  test("caught up, single records stay behind by what comes in from fetch to fetch, and the fluid does not", () => {
    const variant = { partitions: 1, rate: "100/s" };
    const [fluid, records] = ["fluid", "records"].map((flow) => lags(flow, variant, 20).slice(20));
    expect(fluid.every(([lag]) => lag === 0)).toBe(true);
    expect(Math.min(...records.flat())).toBeGreaterThan(0);
    expect(Math.max(...records.flat())).toBeLessThanOrEqual(100 * (0.4 + 0.2) + 10);
  });
});

describe("a link that gets slow in the midst of a backlog", () => {
  // 300 ms each way from 80 s to 90 s: a chunk in 500 ms + 600 ms.
  test.for([
    ["as long for all", "300ms"],
    ["by chance, which counts by its mean", "{ uniform: [100ms, 500ms] }"],
  ])("bounds the fluid at once, and no longer than it lasts: %s", ([, delay]) => {
    const events = eventsOf(`
duration: 100s
cluster: { brokers: 1, network: { delay: 1ms }, config: { group.initial.rebalance.delay.ms: 0 } }
topics: { orders: { partitions: 1, rate: 1000/s } }
groups:
  g: { topics: [orders], assignmentCost: none, members: { initial: 0, capacity: 2000/s, startup: 0s } }
events:
  - { at: 60s, join: g }
  - { at: 80s, slow: { from: { group: g }, to: { broker: 1 } }, delay: ${delay}, for: 10s }
`);
    const paces = only(events, "lag")
      .filter(({ t }) => t > 70 * SECOND && t < 100 * SECOND)
      .map(({ t, out }) => [t / SECOND, out]);
    expect(paces).toEqual([
      [80, 1024 / 1.1],
      [90, 2000],
    ]);
  });
});

test("single records wait for answers that are slow, and hardly for requests that are: each way has its own delay", () => {
  // A record that comes while a fetch waits for it takes the way back; one that comes while there is none, a way to the
  // broker more at most, or two, if it just missed it.
  const ages = (from: string, to: string): readonly number[] => {
    const events = eventsOf(`
flow: records
duration: 3m
cluster: { brokers: 1, network: { delay: { constant: 1ms } } }
topics: { orders: { partitions: 1, rate: 2/s } }
groups: { g: { members: { initial: 1, capacity: 1000/s, service: { constant: 0ms }, startup: 0s } } }
events: [{ at: 30s, slow: { from: ${from}, to: ${to} }, oneWay: true, delay: 200ms }]`);
    const done = only(events, "record.done").filter(({ produced }) => produced > 60 * SECOND);
    return done.map(({ produced, started }) => (started - produced) / 1000);
  };
  const answers = ages("{ broker: 1 }", "{ group: g }");
  expect(answers.length).toBeGreaterThan(100);
  expect(Math.min(...answers)).toBeGreaterThanOrEqual(200);
  const requests = ages("{ group: g }", "{ broker: 1 }");
  expect(Math.min(...requests)).toBeLessThan(2);
  expect(Math.max(...requests)).toBeLessThan(203); // 1 ms back, 200 ms there, 1 ms back, and whoever is in front
});
