import { expect, test } from "vitest";
import { meanInterval } from "../../sim/experiment/statistics.ts";
import { mean } from "../../sim/metrics/occupancy.ts";
import { summarise } from "../../sim/metrics/summarise.ts";
import { parseScenario } from "../../sim/scenario/parse.ts";
import { simulate } from "../../sim/simulation/simulate.ts";

const { scenario } = parseScenario(
  `
duration: 400s
warmUp: 50s
flow: records
cluster: { brokers: 1, network: { delay: 0ms } } # in that queue nothing is fetched from anywhere
topics: { orders: { partitions: 1, rate: 80/s } }
groups:
  g: { topics: [orders], members: { initial: 1, capacity: 100/s, service: { exponential: 10ms } } }
`,
  { file: "queue.yaml" },
);

test("V21: a consumer is an M/M/1 queue: 50 ms in the system, 40 ms of them waiting, 4 records on average", () => {
  // λ = 80/s, μ = 100/s. Fourteen runs; the intervals hold the truth for 99.9 % of all choices of seeds.
  const runs = Array.from({ length: 14 }, (_, i) => {
    const summary = summarise();
    simulate(scenario, { seed: `queue/${i}`, to: [summary] });
    return summary.result().groups[0];
  });
  for (const [values, truth] of [
    [runs.map(({ latency }) => mean(latency!.inSystem) / 1e6), 1 / (100 - 80)],
    [runs.map(({ latency }) => mean(latency!.waiting) / 1e6), 0.8 / (100 - 80)],
    [runs.map(({ lag }) => mean(lag.distribution)), 0.8 / 0.2],
  ] as const) {
    const { low, high } = meanInterval(values, { confidence: 0.999 });
    expect(low).toBeLessThan(truth);
    expect(high).toBeGreaterThan(truth);
    expect(high - low).toBeLessThan(0.5 * truth);
  }
});
