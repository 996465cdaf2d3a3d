import { afterAll, describe, expect, test } from "vitest";
import { estimatesOf } from "../../../sim/experiment/estimates.ts";
import {
  inProcess,
  perform,
  type Executor,
  type Job,
  type Outcome,
  type Task,
} from "../../../sim/experiment/executor.ts";
import { replicate } from "../../../sim/experiment/replicate.ts";
import { gapsOf, joined } from "../../../sim/experiment/sweep/join.ts";
import type { ParsedExperiment } from "../../../sim/experiment/sweep/parse.ts";
import { CellFailed, memoryStore, type Store } from "../../../sim/experiment/sweep/store.ts";
import { resultsOf, sweep, type Shard } from "../../../sim/experiment/sweep/sweep.ts";
import { threads } from "../../../sim/executors/threads.ts";
import { canonicalJson } from "../../../sim/scenario/canonical.ts";
import { parseScenario } from "../../../sim/scenario/parse.ts";
import { IN_HASTE, TRUE_CHANCE_OF_NOBODY, TRUE_SIZE } from "../population.ts";
import { builtWorker } from "../../support/cli.ts";
import { experiment, GRID } from "./support.ts";

const replay = (set: readonly string[], seed: string): string => JSON.stringify({ set, seed });
const told = (parsed: ParsedExperiment, store: Store): string => JSON.stringify(resultsOf(parsed, store, replay));

async function swept(parsed: ParsedExperiment, executor: Executor = remembering, shard?: Shard): Promise<Store> {
  const store = memoryStore();
  await sweep(parsed, { executor, store, ...(shard && { shard }) });
  return store;
}

/**
 * What became of each run that was ever made here, by all that it is a function of. Most of these tests are about which runs
 * a sweep asks for and what it does with them, over and over the same ones.
 */
const outcomes = new Map<string, Outcome>();
const names = new WeakMap<object, string>();

function remembered(job: Job, task: Task): Outcome {
  const { scenarios, ...rest } = job;
  const key = `${nameOf(scenarios[task.scenario])} ${nameOf(job, rest)} ${task.seed}`;
  let outcome = outcomes.get(key);
  if (!outcome) outcomes.set(key, (outcome = perform(job, task)));
  return outcome;
}

/** What there is of it as text, made once. */
function nameOf(object: object, says: object = object): string {
  let name = names.get(object);
  if (name === undefined) names.set(object, (name = canonicalJson(says)));
  return name;
}

const remembering: Executor = {
  async *run(job, tasks) {
    for (const task of tasks) yield remembered(job, task);
  },
  close: async () => {},
};

/** An executor that counts the runs it is asked for, and breaks off before it makes more than so many. */
function counting(most = Infinity): Executor & { readonly made: () => number } {
  let made = 0;
  return {
    async *run(job, tasks) {
      for (const task of tasks) {
        if (made === most) throw new Error("the machine is gone");
        made++;
        yield remembered(job, task);
      }
    },
    close: async () => {},
    made: () => made,
  };
}

const FIXED = experiment(GRID, "replications: 5", "curves: [members]");

/** Two cells that differ in churn, and so in how many runs it takes to know them. */
const CHURN = `
grid: { lifetime: { set: groups.g.members.lifetime.exponential, values: [10s, 40s] } }
outputs: [mean(members), rebalances]`;
const PRECISE = experiment(CHURN, "precision: mean(members) 11%", "replications: 60");
const AUTO = experiment(CHURN, "replications: 3", "warmUp: auto", "set: { duration: 6m, groups.g.members.initial: 0 }");

test("a cell's numbers are those of its replications", async () => {
  const results = resultsOf(FIXED, await swept(FIXED), replay);
  const { set, outputs, seeds, replications } = results.cells[3];
  const { scenario } = parseScenario(results.scenario.text, { file: results.scenario.file, set });
  const [found] = await replicate(
    { scenarios: [scenario], measures: FIXED.experiment.measures },
    { seed: "1", executor: inProcess, most: 5 },
  );
  const [estimate] = estimatesOf(found, { confidence: 0.95 });
  const { measure: _, ...rest } = estimate;
  expect(outputs[0]).toEqual({ ...rest, first: found.columns[0] });
  expect({ seeds, replications }).toEqual({ seeds: { first: "1/1", last: "1/5" }, replications: 5 });
});

test("means and probabilities are those of M/M/∞ (V2)", async () => {
  const parsed = experiment(
    "grid: { initial: { set: groups.g.members.initial, values: [5] } }",
    "outputs: [mean(members), P(final(members) == 0)]",
    `set: { ${IN_HASTE.map((setting) => setting.replace("=", ": ")).join(", ")} }`,
    "replications: 200",
    "seed: V2",
    "confidence: 0.999",
  );
  const [{ outputs }] = resultsOf(parsed, await swept(parsed), replay).cells;
  for (const [i, truth] of [TRUE_SIZE, TRUE_CHANCE_OF_NOBODY].entries()) {
    expect(outputs[i]!.mean.interval.low).toBeLessThan(truth);
    expect(outputs[i]!.mean.interval.high).toBeGreaterThan(truth);
  }
  expect(outputs[1]!.percentiles).toBeNull();
});

test("cells meet the same fate: what a parameter does not touch is exactly the same", async () => {
  const parsed = experiment(
    "grid: { session: { set: groups.g.config.session.timeout.ms, values: [10s, 45s] } }",
    "outputs: [mean(members)]",
    "replications: 4",
  );
  const [a, b] = resultsOf(parsed, await swept(parsed), replay).cells;
  expect(a.scenarioHash).not.toBe(b.scenarioHash);
  expect(a.outputs).toEqual(b.outputs);
});

test("fans have the percentiles of every stretch over the replications", async () => {
  const { cells, curves } = resultsOf(FIXED, await swept(FIXED), replay);
  expect(curves).toEqual([{ group: "g", quantity: "members", unit: "members" }]);
  const [{ p5, p50, p95 }] = cells[0].curves;
  expect([p5.length, p50.length, p95.length]).toEqual([60, 60, 60]);
  expect(p50.every((value, i) => p5[i] <= value && value <= p95[i])).toBe(true);
});

const pool = threads({ entry: builtWorker(), count: 2 });
afterAll(() => pool.close());

describe.each([
  ["a given number of replications", FIXED],
  ["a precision", PRECISE],
  ["a warm-up to be found", AUTO],
] as const)("with %s", (_, parsed) => {
  test("results are the same to the byte on threads as in this process", async () => {
    expect(told(parsed, await swept(parsed, pool))).toBe(told(parsed, await swept(parsed)));
  });

  test("shards, joined, are the same to the byte as one sweep; none makes what is another's", async () => {
    const whole = await swept(parsed);
    const all = counting();
    await swept(parsed, all);
    for (const of of [1, 3]) {
      const executor = counting();
      const parts = [];
      for (let index = 1; index <= of; index++)
        parts.push({ name: `${index}`, store: await swept(parsed, executor, { index, of }) });
      const source = joined(parts);
      expect(gapsOf(parsed, source)).toEqual([]);
      expect(JSON.stringify(resultsOf(parsed, source, replay))).toBe(told(parsed, whole));
      expect(executor.made()).toBe(all.made());
    }
  });

  test("stopped anywhere and started again, nothing is lost and nothing made twice", async () => {
    const all = counting();
    const whole = told(parsed, await swept(parsed, all));
    const runs = all.made();
    for (const most of [4, runs - 1]) {
      const store = memoryStore();
      const first = counting(most);
      await expect(sweep(parsed, { executor: first, store })).rejects.toThrow("the machine is gone");
      const second = counting();
      expect(await sweep(parsed, { executor: second, store })).toEqual(
        expect.objectContaining({ made: runs - most, kept: most }),
      );
      expect(first.made() + second.made()).toBe(runs);
      expect(told(parsed, store)).toBe(whole);
      const third = counting();
      await sweep(parsed, { executor: third, store });
      expect(third.made()).toBe(0);
    }
  });
});

test("a sweep that is made larger uses what is there", async () => {
  const store = await swept(FIXED);
  const larger = experiment(GRID.replace("[5, 8]", "[5, 6, 8]"), "replications: 7", "curves: [members]");
  const executor = counting();
  await sweep(larger, { executor, store });
  expect(executor.made()).toBe(4 * 2 + 2 * 7);
  expect(told(larger, store)).toBe(told(larger, await swept(larger)));
});

test("a precision is pursued in each cell by itself", async () => {
  const { cells } = resultsOf(PRECISE, await swept(PRECISE), replay);
  for (const { outputs } of cells) {
    const { value, interval } = outputs[0]!.mean;
    expect((interval.high - interval.low) / 2).toBeLessThanOrEqual(0.11 * value);
  }
  expect(new Set(cells.map(({ replications }) => replications)).size).toBeGreaterThan(1);
});

test("two cells that are the same scenario are made once", async () => {
  const parsed = experiment(
    "grid: { x: { variants: { as it is: {}, the same: { groups.g.members.initial: 5 } } } }",
    "outputs: [mean(members)]",
    "replications: 3",
  );
  const executor = counting();
  const [one, other] = resultsOf(parsed, await swept(parsed, executor), replay).cells;
  expect(executor.made()).toBe(3);
  expect(one.outputs).toEqual(other.outputs);
});

test("gaps between shards are named, and so are shards that contradict each other", async () => {
  const [first, second] = [
    await swept(FIXED, remembering, { index: 1, of: 2 }),
    await swept(FIXED, remembering, { index: 2, of: 2 }),
  ];
  const half = gapsOf(FIXED, joined([{ name: "a", store: first }]));
  expect(half.map(({ at }) => at)).toEqual([
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ]);
  for (const { what } of half) expect(what).toMatch(/^replications (1, 3, 5|2, 4) are missing$/);

  const forged: Store = {
    shelf: (key) => {
      const shelf = second.shelf(key);
      return { ...shelf, rows: () => [...shelf.rows()].map((row) => ({ ...row, values: [4, 0] })), add: () => {} };
    },
  };
  const parts = [
    { name: "a", store: first },
    { name: "b", store: second },
    { name: "c", store: forged },
  ];
  const [conflict] = gapsOf(FIXED, joined(parts));
  expect(conflict.what).toMatch(/^b and c tell different things of replication [12]$/);
});

test("a run that fails tells its settings and seed, and what was made before it is kept", async () => {
  const store = memoryStore();
  let runs = 0;
  const broken: Executor = {
    async *run(job, tasks) {
      for (const task of tasks) {
        if (++runs === 8) yield { values: [], verdicts: [], broken: { message: "clocks never go back", at: 28 } };
        else yield remembered(job, task);
      }
    },
    close: async () => {},
  };
  const failed = sweep(FIXED, { executor: broken, store });
  await expect(failed).rejects.toBeInstanceOf(CellFailed);
  await expect(failed).rejects.toMatchObject({
    message: "clocks never go back",
    seed: "1/3",
    at: 28,
    set: FIXED.cells[1].set,
  });
  expect(await sweep(FIXED, { executor: remembering, store })).toEqual(expect.objectContaining({ kept: 7, made: 13 }));
});

test("progress goes from what is there to all of it", async () => {
  const store = await swept(experiment(GRID, "replications: 3", "curves: [members]"));
  const shares: number[] = [];
  await sweep(FIXED, { executor: remembering, store, progress: (share) => shares.push(share) });
  expect(shares[0]).toBeCloseTo(3 / 5);
  expect(shares.at(-1)).toBe(1);
  expect(shares).toEqual(shares.toSorted((a, b) => a - b));
});
