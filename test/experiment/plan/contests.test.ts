import { describe, expect, test } from "vitest";
import { normalQuantile } from "../../../sim/engine/math.ts";
import { chanceBounds, meanBounds, runsToExclude } from "../../../sim/experiment/plan/bounds.ts";
import { answerOf, ask, type Law } from "./world.ts";

/** Least at 20 members: 100. All candidates share most of their chance; the rest is each one's own. */
const valley: Law = (members, uniform) => {
  const shared = normalQuantile(uniform());
  let own = 0;
  for (let draw = 0; draw < members; draw++) own = uniform();
  return 100 + Math.abs(members - 20) + 3 * shared + normalQuantile(own);
};

describe("the least of all", () => {
  test("is found where it lies between", async () => {
    const plan = await ask(valley, {
      find: ["members in 2..40 by 2"],
      minimise: { measure: "mean(lag)", within: 1.5 },
    });
    expect(answerOf(plan)).toEqual(["20"]);
    expect(plan.answer).toMatchObject({ kind: "best", isShown: true });
    expect(plan.method.kind).toBe("best");
  });

  test("candidates far behind are sent away early, and everybody knows by whom", async () => {
    const plan = await ask(valley, {
      find: ["members in 2..40 by 2"],
      minimise: { measure: "mean(lag)", within: 0.1 },
    });
    const runs = new Map(plan.candidates.map(({ at: [place], runs }) => [2 * place + 2, runs]));
    expect(runs.get(40)).toBe(20);
    expect(runs.get(22)).toBeGreaterThan(20);
    const beaten = plan.candidates.filter(({ beatenBy }) => beatenBy !== null);
    expect(beaten).toHaveLength(plan.candidates.length - 1);
  });

  test("among those only that meet the targets", async () => {
    const plan = await ask(valley, {
      find: ["members in 2..40 by 2"],
      targets: ["mean(members) > 103", "mean(lag) < 200"],
      minimise: { measure: "mean(lag)", within: 0.5 },
    });
    expect(["16", "24"]).toContain(answerOf(plan)[0]); // 104 each, and of 18 to 22 at most 102
  });

  test("is not called shown when the runs were too few", async () => {
    const plan = await ask(valley, {
      find: ["members in 19..21"],
      minimise: { measure: "mean(lag)", within: 0.001 },
      most: 25,
    });
    expect(plan.answer).toMatchObject({ kind: "best", isShown: false });
  });

  test("with no chance in it the least is the least, and of equals the most wanted", async () => {
    const flat: Law = (members) => Math.abs(members - 20) + Math.abs(members - 21);
    const plan = await ask(flat, { find: ["members in 10..30"], minimise: { measure: "max(lag)", within: 0.1 } });
    expect(answerOf(plan)).toEqual(["20"]);
    expect(plan.runs).toBe(21 * 20);
  });
});

describe("the front of two", () => {
  const falling: Law = (members, uniform, capacity) =>
    1000 / members + (capacity > 100 ? 50 : 0) + 0.5 * normalQuantile(uniform());
  const frontOf = (plan: Awaited<ReturnType<typeof ask>>): readonly string[] => {
    if (plan.answer.kind !== "front") throw new Error("is no front");
    return plan.answer.candidates.map((place) =>
      plan.candidates[place].at.map((point, axis) => plan.question.find[axis].points[point].label).join(" "),
    );
  };

  test("holds what nothing beats in both, and nothing else", async () => {
    const plan = await ask(falling, {
      find: ["members in 5, 10, 20, 40", "capacity in 100/s, 200/s"],
      cost: "members * 0.10/h",
      pareto: ["mean(lag)", "cost"],
    });
    expect(frontOf(plan)).toEqual(["5 100/s", "10 100/s", "20 100/s", "40 100/s"]);
    expect(plan.answer).toMatchObject({ isShown: true });
    expect(plan.candidates[0].objectives[1]).toBeNull(); // a cost has no interval
  });

  test("who pays more for the same is not on it", async () => {
    const flat: Law = (members) => Math.max(10, 100 / members);
    const plan = await ask(flat, { find: ["members in 5..20 by 5"], cost: "members", pareto: ["max(lag)", "cost"] });
    expect(frontOf(plan)).toEqual(["5", "10"]);
  });

  test("is of those that meet the targets", async () => {
    const plan = await ask(falling, {
      find: ["members in 5, 10, 20, 40"],
      targets: ["mean(lag) < 70"],
      cost: "members",
      pareto: ["cost", "mean(lag)"],
    });
    expect(frontOf(plan)).toEqual(["20", "40"]);
  });

  test("nothing is on it if nothing meets them", async () => {
    const plan = await ask(falling, {
      find: ["members in 5, 10"],
      targets: ["mean(lag) < 7"],
      cost: "members",
      pareto: ["cost", "mean(lag)"],
    });
    expect(plan.answer).toEqual({ kind: "none", isShown: true });
  });
});

describe("bounds", () => {
  test("of a mean: Student's, each side at its risk, where nothing is slanted", () => {
    // t with 9 degrees of freedom: 1.833 at 5 %, 2.821 at 1 % (tables)
    const values = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
    const { low, high } = meanBounds(values, { low: 0.05, high: 0.01 });
    const error = Math.sqrt(82.5 / 9 / 10);
    expect(low).toBeCloseTo(5.5 - 1.8331 * error, 3);
    expect(high).toBeCloseTo(5.5 + 2.8214 * error, 3);
  });

  test("of a mean: further out on the side of the long tail, by Hall's transformation", () => {
    const values = [...Array<number>(9).fill(0), 10]; // mean 1, variance 10, skewness 8/3
    const { low, high } = meanBounds(values, { low: 0.05, high: 0.05 });
    expect(low).toBeCloseTo(1 - 1.8331, 3);
    // What g of it is, is −t: g(x) = x + s x²/3 + s² x³/27 + s/6 with s = skewness / √10
    const x = 1 - high;
    const s = 8 / 3 / Math.sqrt(10);
    expect(x + (s * x * x) / 3 + (s * s * x * x * x) / 27 + s / 6).toBeCloseTo(-1.8331, 3);
    expect(high).toBeGreaterThan(1 + 1.8331);
    const mirrored = meanBounds(
      values.map((value) => -value),
      { low: 0.05, high: 0.05 },
    );
    expect(mirrored).toEqual({ low: expect.closeTo(-high, 9), high: expect.closeTo(-low, 9) });
  });

  test("equal values are taken at their word", () => {
    expect(meanBounds([3, 3, 3], { low: 0.05, high: 0.05 })).toEqual({ low: 3, high: 3 });
  });

  test("of a probability: Clopper and Pearson's", () => {
    // 2 of 10 at 2.5 % a side: 0.02521 to 0.55610 (their tables)
    const { low, high } = chanceBounds(2, 10, { low: 0.025, high: 0.025 });
    expect(low).toBeCloseTo(0.02521, 5);
    expect(high).toBeCloseTo(0.5561, 4);
    expect(chanceBounds(0, 10, { low: 0.05, high: 0.05 }).low).toBe(0);
    expect(chanceBounds(0, 10, { low: 0.05, high: 0.05 }).high).toBeCloseTo(1 - 0.05 ** 0.1, 12);
    expect(chanceBounds(10, 10, { low: 0.05, high: 0.05 })).toEqual({ low: expect.closeTo(0.05 ** 0.1, 12), high: 1 });
  });

  test("the rule of three: none of 299 shows that less than 1 % have it, at 5 %", () => {
    expect(runsToExclude(0.01, 0.05)).toBe(299);
    expect(chanceBounds(0, 299, { low: 0.05, high: 0.05 }).high).toBeLessThan(0.01);
    expect(chanceBounds(0, 298, { low: 0.05, high: 0.05 }).high).toBeGreaterThan(0.01);
  });
});
