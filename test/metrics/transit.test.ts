import { expect, test } from "vitest";
import { MILLISECOND, SECOND } from "../../sim/engine/time.ts";
import { quantile } from "../../sim/metrics/occupancy.ts";
import { summarise } from "../../sim/metrics/summarise.ts";
import type { GroupSummary, Summary } from "../../sim/metrics/summary.ts";
import { summaryJson } from "../../sim/report/summary-json.ts";
import { summaryTable } from "../../sim/report/summary-table.ts";
import { parseScenario } from "../../sim/scenario/parse.ts";
import { simulate } from "../../sim/simulation/simulate.ts";

interface Told {
  readonly events?: string;
  readonly network?: string;
  readonly flow?: "fluid" | "records";
}

/**
 * 10/s come into each of four partitions; broker 1 leads the even ones. Of two members billing-1 reads 0 and 1, billing-2
 * reads 2 and 3. Brokers stand in a and b in turn, so do members.
 */
function run({ events = "", network = "delay: 1ms", flow = "fluid" }: Told): Summary {
  const { scenario } = parseScenario(`
name: transit
duration: 5m
warmUp: 1m
flow: ${flow}
cluster: { brokers: { count: 2, zones: [a, b] }, network: { ${network} } }
topics: { orders: { partitions: 4, rate: 40/s, arrivals: even } }
groups:
  billing:
    members: { initial: 2, zones: [a, b], capacity: 1000/s }
    config: { partition.assignment.strategy: range }
events: [${events}]
`);
  const summary = summarise({ reach: true });
  simulate(scenario, { seed: "1", to: [summary] });
  return summary.result();
}

const group = (told: Told): GroupSummary => run(told).groups[0];
const slow = (rest: string): string => `{ at: 2m, slow: ${rest}, delay: 2s, for: 1m }`;
const ONE = slow("{ from: { client: billing-1 }, to: { broker: 1 } }");
const oneLine = (text: string): string => text.replaceAll(/\s+/g, " ");

test("a reader that keeps up over a slow link has no lag in the fluid, and the summary says what that leaves out", () => {
  const summary = run({ events: ONE });
  expect(summary.groups[0].lag.peak.records).toBe(0);
  // 2 s each way: 2 s for what finds a fetch waiting, 6 s for what just missed one, and 6 s × 10/s of them.
  const transit = { readers: 1, client: "billing-1", broker: 1, topic: "orders", partition: 0 };
  const times = { from: 120 * SECOND, to: 180 * SECOND, least: 2 * SECOND, most: 6 * SECOND };
  expect(summary.groups[0].transit).toEqual({ ...transit, ...times, records: 60 });
  expect(oneLine(summaryTable(summary))).toContain(
    "billing-1 reads over slow links, which lag and ages above leave out; billing-1 has orders-0 from broker 1, from " +
      "2m00.0s on; a record is under way for 2.00 s to 6.00 s, and up to 60 of a partition at once; with flow: records they count",
  );
  const json = JSON.parse(summaryJson(summary)) as Summary;
  expect(json.groups[0].transit).toEqual(summary.groups[0].transit);
});

test("with single records it is in the figures, as much as the fluid's note says, and there is no note", () => {
  const { transit, latency, lag } = group({ events: ONE, flow: "records" });
  expect(transit).toBeNull();
  // One takes a millisecond to be processed, and those of 6 s go before it.
  const most = quantile(latency!.inSystem, 1);
  expect(most).toBeGreaterThan(5.9 * SECOND);
  expect(most).toBeLessThan(6.1 * SECOND);
  expect(lag.worst!.partition).toBe(0);
  expect(lag.worst!.records).toBeGreaterThan(55);
  expect(lag.worst!.records).toBeLessThanOrEqual(61);
});

test.each<[claim: string, event: string, least: number, most: number]>([
  ["only fetches are slow", slow("{ from: { client: billing-1 }, to: { broker: 1 } }, oneWay: true"), 1, 2002],
  ["only their answers are", slow("{ from: { broker: 1 }, to: { client: billing-1 } }, oneWay: true"), 2000, 4001],
  ["only what leaves a broker is", slow("{ from: { broker: 1 } }, oneWay: true"), 2000, 4001],
  ["only what leaves a member is", slow("{ from: { group: billing } }, oneWay: true"), 1, 2002],
  ["zones are far apart", slow("{ from: { zone: a }, to: { zone: b } }"), 2000, 6000],
])("%s", (_, events, least, most) => {
  expect(group({ events }).transit).toMatchObject({ least: least * MILLISECOND, most: most * MILLISECOND });
});

test("of several slow links between two the last one that began counts, while it lasts", () => {
  const later = "{ at: 2m30s, slow: { from: { group: billing } }, delay: 3s, for: 10s }";
  const { transit } = group({ events: `${ONE}, ${later}` });
  expect(transit).toMatchObject({ from: 150 * SECOND, to: 160 * SECOND, least: 3 * SECOND, most: 9 * SECOND });
  expect(transit).toMatchObject({ readers: 2, records: 90 });
});

test("as many are under way as come in at the highest rate while the link is slow, and not before or after", () => {
  const records = (...steps: readonly (readonly [at: string, to: string])[]): unknown => {
    const rates = steps.map(([at, to]) => `{ at: ${at}, rate: orders, to: ${to} }`);
    return group({ events: [ONE, ...rates].join(", ") }).transit?.records;
  };
  expect(records(["80s", "400/s"], ["100s", "40/s"], ["190s", "400/s"])).toBe(60);
  expect(records(["80s", "400/s"], ["130s", "40/s"])).toBe(600);
  expect(records(["150s", "80/s"], ["160s", "20/s"])).toBe(120);
  expect(records(["100s", "0/s"], ["190s", "400/s"])).toBeUndefined();
});

test("a slow link between those who do not read from one another, or in the warm-up, is none", () => {
  expect(group({ events: slow("{ from: controller }") }).transit).toBeNull();
  expect(group({ events: slow("{ from: { broker: 1 }, to: { broker: 2 } }") }).transit).toBeNull();
  const early = "{ at: 30s, slow: { from: { broker: 1 } }, delay: 2s, for: 20s }";
  expect(group({ events: early }).transit).toBeNull();
});

test("distances that stand are told from that on which makes a record wait for a retry.backoff.ms of 100 ms", () => {
  const apart = (delay: string): string => `delay: 1ms, between: [{ zones: [a, b], delay: ${delay} }]`;
  expect(group({ network: apart("33ms") }).transit).toBeNull();
  const { transit } = group({ network: apart("34ms") });
  // Of billing-1 in a it is orders-1, which broker 2 in b leads.
  expect(transit).toMatchObject({ client: "billing-1", broker: 2, partition: 1, from: 60 * SECOND, to: 300 * SECOND });
  expect(transit).toMatchObject({ readers: 2, least: 34 * MILLISECOND, most: 102 * MILLISECOND });
  expect(group({ network: "delay: 5ms" }).transit).toBeNull();
  expect(group({ network: "delay: 50ms" }).transit).toMatchObject({ readers: 2, most: 150 * MILLISECOND });
});
