import { expect, test } from "vitest";
import { meanInterval } from "../../sim/experiment/statistics.ts";
import { coverage, normal } from "./coverage.ts";
import { sequentially } from "./sequential.ts";

test("V23: intervals keep their coverage when replications go on until they are narrow enough", () => {
  const laws: readonly [string, number, string, (u: number) => number][] = [
    ["barely more than the first look", 10, "mean(lag) 5%", (u) => normal(10, 1.5, u)],
    ["several looks", 10, "mean(lag) 5%", (u) => normal(10, 4, u)],
    ["an amount", 10, "mean(lag) 0.5", (u) => normal(10, 2.5, u)],
    ["a skewed law", 1, "mean(lag) 10%", (u) => -Math.log(u)],
  ];
  for (const [name, truth, text, law] of laws) {
    const share = coverage(`V23/sequential/${name}`, truth, (draw) =>
      meanInterval(sequentially(text, () => law(draw()))),
    );
    expect(share, name).toBeGreaterThanOrEqual(0.935);
    expect(share, name).toBeLessThanOrEqual(0.965);
  }
});
