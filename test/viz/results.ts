import type { ReplicationsDocument } from "../../sim/experiment/replications.ts";
import type { SweepResults } from "../../sim/experiment/sweep/results.ts";

import type { ComparisonDocument, PlanDocument } from "../../viz/experiments/documents.ts";

/** A scenario that takes a moment: every run of it can be made in a test. */
export const SMALL = "duration: 60s\ntopics: { orders: 2 }\ngroups: { g: { members: 2 } }\n";

const scenario = { file: "s.yaml", text: SMALL, files: {}, set: [] };
const lag = { group: "g", quantity: "timeLag", statistic: "max", unit: "duration" } as const;

/** Three runs of 10 s, 20 s and 60 s, one of which had no rebalance to measure. */
export function replicationsOf(): ReplicationsDocument {
  const exact = (value: number) => ({ value, interval: { low: value, high: value } });
  const percentiles = { p5: exact(10e6), p25: exact(10e6), p50: exact(20e6), p75: exact(60e6), p95: exact(60e6) };
  return {
    regroup: "replications",
    schema: 1,
    version: "0.0.0",
    name: "small",
    scenario,
    until: null,
    replay: "regroup run s.yaml --seed 7/3",
    seed: "7",
    seeds: { first: "7/1", last: "7/3" },
    replications: 3,
    confidence: 0.95,
    measures: [
      {
        ...lag,
        name: "max(g.timeLag)",
        count: 3,
        mean: { value: 30e6, interval: { low: 20e6, high: 40e6 } },
        deviation: 1,
        min: 10e6,
        max: 60e6,
        percentiles,
        values: [10e6, 20e6, 60e6],
      },
      {
        ...lag,
        name: "max(g.rebalanceDuration)",
        quantity: "rebalanceDuration",
        count: 2,
        mean: { value: 30e6, interval: { low: 20e6, high: 40e6 } },
        deviation: 1,
        min: 10e6,
        max: 60e6,
        percentiles,
        values: [10e6, null, 60e6],
      },
    ],
    // Wilson's interval of 2 in 3, as tables have it.
    moot: { events: 0, replications: 0, first: null },
    transit: [],
    expectations: [
      {
        text: "max(timeLag) < 30s",
        met: 2,
        unmet: 1,
        unknown: 0,
        probability: { value: 2 / 3, interval: { low: 0.208, high: 0.939 } },
      },
    ],
  };
}

/** A variant that halves one measure and of which nothing is known in another. */
export function comparisonOf(): ComparisonDocument {
  const half = {
    ...lag,
    name: "max(g.timeLag)",
    count: 2,
    base: 40e6,
    variant: 20e6,
    difference: { value: -20e6, interval: { low: -22e6, high: -18e6 } },
    change: { value: -0.5, interval: { low: -0.55, high: -0.45 } },
    finding: "lower",
    values: { base: [39e6, 41e6], variant: [20e6, 20e6] },
  } as const;
  const unclear = {
    ...half,
    name: "g.rebalances",
    quantity: "rebalances",
    statistic: "value",
    unit: "rebalances",
    base: 4,
    variant: 5,
    difference: { value: 1, interval: { low: -1, high: 3 } },
    change: { value: 0.25, interval: { low: -0.25, high: 0.75 } },
    finding: "open",
    values: { base: [3, 5], variant: [5, 5] },
  } as const;
  const verdict = "quick lowers max(timeLag) by 50 % (45 % – 55 %); not established: rebalances.";
  const set = ["groups.g.members.startup=1s"];
  return {
    regroup: "comparison",
    version: "0.0.0",
    name: "small",
    scenario,
    seed: "7",
    replications: 2,
    confidence: 0.95,
    among: 2,
    variants: [{ name: "quick", set, verdict, measures: [half, unclear] }],
  };
}

/** How many members for a lag under 30 s: 2 fail with 50 s, 4 meet with 20 s, 8 meet with 10 s. */
export function planOf(): PlanDocument {
  const sizes = [2, 4, 8];
  const means = [50e6, 20e6, 10e6];
  const text = "max(timeLag) < 30s";
  const bound = { comparison: "<", bound: 30e6 } as const;
  const condition = { text, statistic: "max", quantity: "timeLag", ...bound };
  return {
    regroup: "plan",
    version: "0.0.0",
    sentence: "members = 4 is the least that meets max(timeLag) < 30s.",
    scenario,
    name: "small",
    question: {
      find: [
        {
          name: "members",
          wanted: "least",
          unit: "number",
          points: sizes.map((size) => ({ label: `${size}`, number: size, set: [`groups.g.members.initial=${size}`] })),
        },
      ],
      goals: [
        {
          target: { text, of: "mean", condition, ...bound },
          name: "max(timeLag)",
          unit: "duration",
          measure: lag,
          column: 0,
        },
      ],
      cost: null,
      objectives: [],
      confidence: 0.95,
      seed: "7",
      possible: 3,
    },
    answer: { kind: "found", candidate: 1, isLast: true },
    candidates: sizes.map((size, i) => ({
      at: [i],
      set: [`groups.g.members.initial=${size}`],
      cost: null,
      runs: 10,
      step: i + 1,
      verdict: i === 0 ? "fails" : "meets",
      evidence: [
        {
          count: 10,
          value: means[i],
          interval: { low: means[i] - 2e6, high: means[i] + 2e6 },
          verdict: i === 0 ? "unmet" : "met",
        },
      ],
      objectives: [],
      beatenBy: null,
    })),
    surprises: [],
    method: { kind: "bisection", wasGivenUp: false, looks: [10], spending: "All of it", sources: ["nobody"] },
    runs: 30,
  };
}

/** A sweep of three group sizes and two session timeouts, three runs each, as small as can be. */
export function sweepOf(): SweepResults {
  const sizes = [2, 4, 8];
  const sessions = [10, 45];
  const point = (label: string, number: number, set: string) => ({ label, number, set: [set] });
  const cells = sizes.flatMap((size, i) =>
    sessions.map((session, j) => {
      const mean = 30e6 - i * 10e6 - j * 5e6; // 30 s, 25 s, 20 s … 5 s
      const estimated = (value: number) => ({ value, interval: { low: value - 1e6, high: value + 1e6 } });
      return {
        at: [i, j],
        set: [`groups.g.members.initial=${size}`, `groups.g.config.session.timeout.ms=${session}s`],
        scenarioHash: "0123456789abcdef",
        from: 0,
        end: 60e6,
        replications: 3,
        seeds: { first: "7/1", last: "7/3" },
        replay: `regroup run s.yaml --seed 7/3 --set groups.g.members.initial=${size}`,
        outputs: [
          {
            count: 3,
            mean: estimated(mean),
            deviation: 1e6,
            min: mean - 1e6,
            max: mean + 1e6,
            percentiles: {
              p5: estimated(mean - 1e6),
              p25: estimated(mean - 1e6),
              p50: estimated(mean),
              p75: estimated(mean + 1e6),
              p95: estimated(mean + 1e6),
            },
            first: [mean - 1e6, mean, mean + 1e6],
          },
        ],
        curves: [{ p5: [0, 1], p25: [1, 2], p50: [2, 3], p75: [3, 4], p95: [4, 5] }],
      };
    }),
  );
  return {
    regroup: "sweep",
    schema: 1,
    version: "0.0.0",
    name: "sizes",
    hash: "fedcba9876543210",
    scenario: { file: "s.yaml", text: "topics: { orders: 4 }", files: {} },
    seed: "7",
    confidence: 0.95,
    replications: 3,
    precision: null,
    parameters: [
      {
        name: "members",
        scale: "linear",
        unit: "number",
        points: sizes.map((size) => point(`${size}`, size, `groups.g.members.initial=${size}`)),
      },
      {
        name: "session",
        scale: "linear",
        unit: "duration",
        points: sessions.map((one) => point(`${one}s`, one * 1e6, `groups.g.config.session.timeout.ms=${one}s`)),
      },
    ],
    outputs: [{ name: "p99(timeLag)", kind: "measure", unit: "duration", group: "g" }],
    curves: [{ group: "g", quantity: "lag", unit: "records" }],
    cells,
  };
}
