import { expect, test, vi } from "vitest";
import { chancesOf, estimatesOf } from "../../sim/experiment/estimates.ts";
import { inProcess, perform, type Executor } from "../../sim/experiment/executor.ts";
import { measuresOf, nameOf, valuesOf } from "../../sim/experiment/measures.ts";
import { replicate, RunFailed } from "../../sim/experiment/replicate.ts";
import { replicationsDocument } from "../../sim/experiment/replications.ts";
import { threads } from "../../sim/executors/threads.ts";
import { summarise } from "../../sim/metrics/summarise.ts";
import { parseScenario } from "../../sim/scenario/parse.ts";
import { simulate } from "../../sim/simulation/simulate.ts";
import { builtWorker } from "../support/cli.ts";
import { hastyPopulation, population, TRUE_CHANCE_OF_NOBODY, TRUE_SIZE } from "./population.ts";

const entry = builtWorker();
const scenario = population();
const measures = measuresOf(scenario);
const job = { scenarios: [scenario], measures };
const column = (name: string): number => measures.findIndex((measure) => nameOf(measure, false) === name);

test("replication n is the run of seed <master>/n, so one line replays any of them", async () => {
  const [{ columns }] = await replicate(job, { seed: "7", executor: inProcess, most: 3 });
  const summary = summarise();
  simulate(scenario, { seed: "7/3", to: [summary] });
  const [group] = summary.result().groups;
  expect(columns[column("mean(members)")][2]).toBe(group.members.alive.mean);
  expect(columns[column("partitionSecondsUnread")][2]).toBe(group.unread.partitionSeconds);
  expect(columns.map((values) => values[2])).toEqual(valuesOf(summary.result(), measures));
});

test("replications differ from each other and from those of another master seed", async () => {
  const sizes = async (seed: string) => {
    const [{ columns }] = await replicate(job, { seed, executor: inProcess, most: 10 });
    return columns[column("mean(members)")];
  };
  expect(new Set([...(await sizes("7")), ...(await sizes("8"))]).size).toBe(20);
});

test("results are the same to the byte on one, two and three threads, and in this process", async () => {
  const variants = { ...job, scenarios: [scenario, { ...scenario, duration: scenario.duration / 2 }] };
  const results = async (executor: Executor): Promise<string> => {
    try {
      return JSON.stringify(await replicate(variants, { seed: "11", executor, most: 5 }));
    } finally {
      await executor.close();
    }
  };
  const here = await results(inProcess);
  expect(JSON.parse(here)[1].count).toBe(5);
  for (const count of [1, 2, 3]) expect(await results(threads({ entry, count }))).toBe(here);
});

test("threads take the next job after a caller stopped asking, and give each caller his own", async () => {
  const pool = threads({ entry, count: 2 });
  try {
    const options = { executor: pool, most: 40 };
    const [few] = await replicate(job, { ...options, seed: "1", need: () => 2 });
    expect(few.count).toBe(2);
    const [other] = await replicate(job, { ...options, seed: "2", most: 4 });
    expect(other.columns).toEqual((await replicate(job, { seed: "2", executor: inProcess, most: 4 }))[0].columns);
  } finally {
    await pool.close();
  }
});

test("threads look no further ahead than they must", async () => {
  const pool = threads({ entry, count: 1 });
  let taken = 0;
  function* endless() {
    for (;;) yield { scenario: 0, seed: `1/${++taken}` };
  }
  try {
    for await (const outcome of pool.run({ ...job, until: 1 }, endless())) {
      expect(outcome.verdicts).toHaveLength(2);
      break;
    }
    expect(taken).toBeLessThan(70);
  } finally {
    await pool.close();
  }
});

test("a thread that cannot even start is told of", async () => {
  const pool = threads({ entry: new URL("data:text/javascript,throw new Error('out of order')"), count: 1 });
  await expect(replicate(job, { seed: "1", executor: pool, most: 1 })).rejects.toThrow("out of order");
  await pool.close();
});

test("a run that fails names its task, on threads as in this process", async () => {
  const impossible = { ...job, scenarios: [{ ...scenario, topics: [] }] };
  const pool = threads({ entry, count: 2 });
  for (const executor of [inProcess, pool]) {
    const failed = replicate(impossible, { seed: "5", executor, most: 3 });
    await expect(failed).rejects.toBeInstanceOf(RunFailed);
    await expect(failed).rejects.toMatchObject({ task: { scenario: 0, seed: "5/1" } });
  }
  await pool.close();
});

test("stops as soon as there is enough, and says how much is done", async () => {
  const progress = vi.fn<(share: number) => void>();
  const need = vi.fn(() => 4);
  const [{ count }] = await replicate(job, { seed: "1", executor: inProcess, most: 100, need, progress });
  expect(count).toBe(4);
  expect(progress.mock.calls.map(([share]) => share)).toEqual([0.25, 0.5, 0.75]);
});

test("every replication has the measures of its group, and none that regroup does not measure yet", () => {
  const { values } = perform(job, { scenario: 0, seed: "1" });
  const known = measures.filter((_, i) => values[i] !== null).map((measure) => nameOf(measure, true));
  expect(known).toContain("p99(g.timeLag)");
  expect(known).toContain("g.unreadPerRebalance");
  expect(values).toHaveLength(measures.length);
  expect(values[column("partitionSecondsUnread")]! / values[column("unreadPerRebalance")]!).toBeGreaterThanOrEqual(
    values[column("rebalances")]!,
  );
});

test("means and probabilities are those of M/M/∞ (V2)", async () => {
  const hasty = { scenarios: [hastyPopulation()], measures };
  const [found] = await replicate(hasty, { seed: "V2", executor: inProcess, most: 100 });
  const surety = { confidence: 0.999 };
  const size = estimatesOf(found, surety).find(({ measure }) => nameOf(measure, false) === "mean(members)")!;
  expect(size.count).toBe(100);
  expect(size.mean.interval.low).toBeLessThan(TRUE_SIZE);
  expect(size.mean.interval.high).toBeGreaterThan(TRUE_SIZE);
  expect(size.percentiles.p5.value).toBeLessThan(size.percentiles.p95.value);
  const [nobody, always] = chancesOf(found, surety);
  expect(nobody.probability!.interval.low).toBeLessThan(TRUE_CHANCE_OF_NOBODY);
  expect(nobody.probability!.interval.high).toBeGreaterThan(TRUE_CHANCE_OF_NOBODY);
  expect(always).toMatchObject({ met: 100, unmet: 0, unknown: 0, probability: { value: 1 } });
});

test("what has to be known beside the figures is gathered over the replications: events that did nothing, slow links", async () => {
  const { scenario } = parseScenario(`
duration: 3m
cluster: { brokers: { count: 3, zones: [a, b] }, network: { between: [{ zones: [b, c], delay: 200ms }] } }
topics: { orders: { partitions: 4, rate: 400/s } }
groups:
  billing: { members: { initial: 3, lifetime: { exponential: 2m } } }
  audit: { members: { initial: 2, zones: [c] } }
events:
  - { at: 1m, crash: billing-1 }
  - { at: 2m, crash: billing-2 }
`);
  const [found] = await replicate({ scenarios: [scenario], measures: [] }, { seed: "5", executor: inProcess, most: 6 });
  const runs = [1, 2, 3, 4, 5, 6].map((replication) => {
    const summary = summarise({ reach: true });
    simulate(scenario, { seed: `5/${replication}`, to: [summary] });
    return summary.result();
  });
  const moot = runs.map((run) => run.moot.length);
  const events = moot.reduce((sum, count) => sum + count, 0);
  expect(events).toBeGreaterThan(0);
  expect(moot).toContain(0);
  const first = moot.findIndex((count) => count > 0) + 1;
  const most = Math.max(...runs.map(({ groups }) => groups.find(({ group }) => group === "audit")!.transit!.records));
  const transit = [{ group: "audit", replications: 6, records: most }];
  const replications = moot.filter((count) => count > 0).length;
  expect(found.notes).toEqual({ moot: { events, replications, first }, transit });
  const head = { version: "1", name: "x", scenario: { file: "", text: "", files: {}, set: [] }, until: null };
  const document = replicationsDocument({ ...head, replay: "", seed: "5", confidence: 0.95 }, found, [], []);
  expect(document).toMatchObject({ moot: { events, replications, first: `5/${first}` }, transit });
});
