import { expect, test } from "vitest";
import { summarise } from "../../sim/metrics/summarise.ts";
import { simulate } from "../../sim/simulation/simulate.ts";
import { scenarioOf } from "../support/runs.ts";

/*
 * Where records are simulated one by one, each with its own service, `commitSync()` takes a round trip (2 · 20 ms), the
 * coordinator's linger (5 ms) and its append (10 ms) of the application's time: 55 ms, before a batch as after it.
 * `commitAsync()` takes none.
 */
function run(rate: number, members: string, config: string) {
  const summary = summarise();
  const scenario = scenarioOf(`
duration: 3m
warmUp: 30s
flow: records
cluster: { brokerVersion: "4.1", network: { delay: 20ms }, appendDelay: 10ms }
topics: { orders: { partitions: 1, rate: ${rate}/s, arrivals: even } }
groups: { g: { config: { ${config} }, members: { initial: 1, service: 4ms, ${members} } } }
`);
  simulate(scenario, { seed: "1", to: [summary] });
  const { consumed, clients, lag, unread } = summary.result().groups[0];
  return { consumed, commits: clients[0]["commit-total"], final: lag.final, unread };
}

const SYNC = ["sync", "before-processing"];

test.for(SYNC)("with one record a batch, one is done each 59 ms, however many come: %s", (commit) => {
  const { consumed, commits, final } = run(100, `commit: ${commit}`, "max.poll.records: 1");
  expect(Math.abs(consumed - 150_000 / 59)).toBeLessThan(1.5);
  expect(Math.abs(Number(commits) - 150_000 / 59)).toBeLessThan(1.5);
  expect(final).toBeGreaterThan(150 * 83);
});

/* A batch holds what came in a cycle of 55 ms and 4 ms a record: with 200/s a cycle is 55 / (1 − 0.8) = 275 ms. */
test.for(SYNC)("batches grow until they make up for it: %s", (commit) => {
  const { consumed, commits } = run(200, `commit: ${commit}`, "auto.offset.reset: earliest");
  expect(Math.abs(consumed - 30_000)).toBeLessThan(60);
  expect(Math.abs(Number(commits) - 150_000 / 275)).toBeLessThan(1.5);
});

test("who does not wait is not held up, and a wait as usual is no time without a reader", () => {
  const { consumed, commits } = run(200, "commit: async", "auto.offset.reset: earliest");
  expect(Math.abs(consumed - 30_000)).toBeLessThan(20);
  expect(Number(commits)).toBeGreaterThan(2000);
  for (const commit of SYNC)
    expect(run(200, `commit: ${commit}`, "auto.offset.reset: earliest").unread.partitionSeconds).toBe(0);
});
