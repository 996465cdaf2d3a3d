import type { SweepResults } from "../../sim/experiment/sweep/results.ts";

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
