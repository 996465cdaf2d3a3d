/**
 * V26, the long statistics: planners asked over and over with other seeds, where the right answer is known by formula.
 * They promise 90 %; held against them is the exact binomial test that they keep it: so many wrong answers, or more, have a
 * probability of at least 1 % if each is wrong with 10 %. The seeds are fixed and were chosen before any of it was run.
 */
import { describe, expect, test } from "vitest";
import { ln, normalQuantile } from "../../../sim/engine/math.ts";
import { binomialAtMost } from "../../../sim/experiment/distributions.ts";
import type { Plan } from "../../../sim/experiment/plan/plan.ts";
import { answerOf, ask, askScenario, type Asked, type Law } from "./world.ts";

const PROMISED = 0.9;

/** The most wrong answers of so many that are compatible with the promise, at 1 %. */
function mostWrong(answers: number): number {
  let wrong = 0;
  while (1 - binomialAtMost(wrong, answers, 1 - PROMISED) > 0.01) wrong++;
  return wrong;
}

interface Score {
  right: number;
  wrong: number;
  open: number;
}

/** Asks with as many seeds; an answer that is not called shown is neither right nor wrong. */
async function score(times: number, name: string, right: string, one: (seed: string) => Promise<Plan>): Promise<Score> {
  const result: Score = { right: 0, wrong: 0, open: 0 };
  for (let n = 0; n < times; n++) {
    const plan = await one(`V26/${name}/${n}`);
    const { answer } = plan;
    const isShown =
      answer.kind === "found"
        ? answer.isLast
        : answer.kind === "best"
          ? answer.isShown
          : answer.kind === "none" && answer.isShown;
    if (!isShown) result.open++;
    else if (String(answerOf(plan)) === right) result.right++;
    else result.wrong++;
  }
  return result;
}

const repeated = (times: number, name: string, right: string, law: Law, asked: Asked): Promise<Score> =>
  score(times, name, right, (seed) => ask(law, { ...asked, confidence: PROMISED, seed }));

describe("V26: with noise, answers are right at least as often as promised", () => {
  const TIMES = 400;

  test.each<[name: string, law: Law]>([
    ["normal", (members, uniform) => 1000 / members + 50 * normalQuantile(uniform())],
    ["exponential", (members, uniform) => (1000 / members) * -ln(uniform())],
    ["uniform", (members, uniform) => (2000 / members) * uniform()],
  ])("the least of 30, with %s noise", async (name, law) => {
    // 1000/5 = 200 and 1000/4 = 250
    const { right, wrong, open } = await repeated(TIMES, name, "5", law, {
      find: ["members in 1..30"],
      targets: ["mean(lag) < 225"],
      most: 5_000,
    });
    expect(wrong).toBeLessThanOrEqual(mostWrong(TIMES));
    expect(open).toBeLessThanOrEqual(TIMES / 20);
    expect(right).toBeGreaterThanOrEqual(PROMISED * TIMES);
  });

  test("the greatest for which a probability is small", async () => {
    const law: Law = (members, uniform) => (uniform() < members / 200 ? 1 : 0);
    // 20 members: 10 %, 40: 20 %
    const { right, wrong } = await repeated(TIMES, "chance", "20", law, {
      find: ["greatest members in 20..200 by 20"],
      targets: ["P(max(lag) > 0) < 15%"],
      most: 5_000,
    });
    expect(wrong).toBeLessThanOrEqual(mostWrong(TIMES));
    expect(right).toBeGreaterThanOrEqual(PROMISED * TIMES);
  });

  test("the cheapest on a grid", async () => {
    const law: Law = (members, uniform, capacity) => (1e5 / members / capacity) * (1 + 0.3 * normalQuantile(uniform()));
    // 8 × 300 at 8 × 5: 41.7. All that is cheaper has 47.6 or more.
    const { right, wrong } = await repeated(TIMES, "grid", "8,300/s", law, {
      find: ["members in 4..12", "capacity in 100/s..300/s by 100/s"],
      targets: ["mean(lag) < 45"],
      cost: "members * (2 + capacity / 100)",
      most: 5_000,
    });
    expect(wrong).toBeLessThanOrEqual(mostWrong(TIMES));
    expect(right).toBeGreaterThanOrEqual(PROMISED * TIMES);
  });

  test("the least of a valley, one value after the other", async () => {
    const law: Law = (members, uniform) => 100 + (members - 20) * (members - 20) + 20 * normalQuantile(uniform());
    const { right, wrong } = await repeated(TIMES, "valley", "16", law, {
      find: ["members in 2..40 by 2"],
      targets: ["mean(lag) < 125"],
      isMonotone: false,
      most: 5_000,
    });
    expect(wrong).toBeLessThanOrEqual(mostWrong(TIMES));
    expect(right).toBeGreaterThanOrEqual(PROMISED * TIMES);
  });

  test("the best by Kim and Nelson, in their slippage configuration: all others worse by what matters", async () => {
    const law: Law = (members, uniform) => {
      let own = 0;
      for (let draw = 0; draw < members; draw++) own = uniform();
      return (members === 5 ? 99 : 100) + 3 * normalQuantile(own);
    };
    const { right, wrong } = await repeated(TIMES, "best", "5", law, {
      find: ["members in 1..10"],
      minimise: { measure: "mean(lag)", within: 1 },
      most: 20_000,
    });
    expect(wrong).toBeLessThanOrEqual(mostWrong(TIMES));
    expect(right).toBeGreaterThanOrEqual(PROMISED * TIMES - 2 * Math.sqrt(TIMES * PROMISED * (1 - PROMISED)));
  });
});

describe("V26: of simulated runs", () => {
  test("the least rate of joins that keeps a group at its size, of an M/M/∞ queue", async () => {
    // Begun with nobody, G(t) is Poisson of the mean 6 s λ (1 − e^(−t/6s)) at t = 6 s (row V2), which is 3.793 s λ: 3.79 of
    // 60/m and 5.06 of 80/m. The law knows no unit of time, and in six seconds there is little to simulate but who comes and goes.
    const text = `
duration: 6s
topics: { orders: { partitions: 1, rate: 10/s } }
groups:
  g: { members: { initial: 0, startup: 0s, joins: 60/m, lifetime: { exponential: 6s }, crashShare: 1 } }
`;
    const times = 40;
    const { right, wrong } = await score(times, "joins", "80/m", (seed) =>
      askScenario(text, {
        find: ["groups.g.members.joins in 40/m, 60/m, 80/m, 100/m, 120/m"],
        targets: ["final(members) > 4.4"],
        confidence: PROMISED,
        seed,
      }),
    );
    expect(wrong).toBeLessThanOrEqual(mostWrong(times));
    expect(right).toBeGreaterThan(times / 2);
  });
});
