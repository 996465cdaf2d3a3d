import { expect, test } from "vitest";
import { normalQuantile } from "../../sim/engine/math.ts";
import type { Plan } from "../../sim/experiment/plan/plan.ts";
import { planSentence, surpriseSentence } from "../../sim/report/plan-sentence.ts";
import { planTable } from "../../sim/report/plan-table.ts";
import { ask, type Law } from "../experiment/plan/world.ts";

const certain: Law = (members) => 1000 * members;
const sentence = async (plan: Promise<Plan>): Promise<string> => planSentence(await plan);

test("the greatest value, and what its neighbour misses", async () => {
  const plan = ask(certain, { find: ["greatest members in 1..9"], targets: ["mean(lag) <= 4000"] });
  expect(await sentence(plan)).toBe(
    "members = 4 is the greatest that meets mean(lag) <= 4000: mean(lag) is 4.00 k; with members = 5 mean(lag) is 5.00 k (95 %).",
  );
});

test("the most wanted of all has no neighbour", async () => {
  const plan = ask(certain, { find: ["members in 3..9"], targets: ["mean(lag) > 2000"] });
  expect(await sentence(plan)).toBe(
    "members = 3, the least of all, meets mean(lag) > 2000: mean(lag) is 3.00 k (95 %).",
  );
});

test("nothing meets the targets", async () => {
  const plan = ask(certain, { find: ["greatest members in 3..9"], targets: ["mean(lag) < 3000"] });
  expect(await sentence(plan)).toBe(
    "Nothing meets mean(lag) < 3000 from members = 9 to 3; with members = 3 mean(lag) is 3.00 k (95 %).",
  );
});

test("an answer of which it is open whether it is the last one says so", async () => {
  const law: Law = (members, uniform) => 100 * members + normalQuantile(uniform());
  const plan = ask(law, { find: ["greatest members in 1..9"], targets: ["mean(lag) < 500"], most: 20, seed: "5" });
  expect(await sentence(plan)).toMatch(
    /^members = 4 meets mean\(lag\) < 500: mean\(lag\) is \S+ – \S+ \(95 %\)\. Whether it is the greatest that does is not shown: members = 5 is open after 20 runs \(mean\(lag\) is \S+ – \S+\)\.$/,
  );
});

test("the best, the difference that matters, and what sent the others away", async () => {
  const law: Law = (members) => 10 + Math.abs(members - 4);
  const plan = await ask(law, { find: ["members in 2..6"], minimise: { measure: "mean(timeLag)", within: 1 } });
  expect(planSentence(plan)).toBe(
    "members = 4 has the least mean(timeLag): 10 µs (10 µs – 10 µs), or is not worse by 1 µs (95 %).",
  );
  const printed = planTable(plan);
  expect(printed).toMatch(/^ +4 +10 µs +10 µs – 10 µs +20 {2}← the best$/m);
  expect(printed).toMatch(/^ +2 +12 µs +12 µs – 12 µs +20 {2}beaten$/m);
});

test("the front of two", async () => {
  const law: Law = (members) => Math.max(3, 10 - members);
  const plan = await ask(law, { find: ["members in 6..8"], cost: "members * 2/h", pareto: ["max(lag)", "cost"] });
  expect(planSentence(plan)).toBe(
    "2 of 3 candidates are on the front of max(lag) and cost; every other is beaten in one and no better in the other (95 %).",
  );
  expect(planTable(plan)).toMatch(/^ +7 +14\/h +3 +3 – 3 +20 {2}on the front$/m);
});

test("an easier value that does worse is told of, with what follows from it", async () => {
  const valley: Law = (members) => 100 + (members - 20) * (members - 20);
  const many = await ask(valley, { targets: ["mean(lag) < 150"] });
  expect(surpriseSentence(many, many.surprises[0])).toMatch(
    /^Not monotone: mean\(lag\) is higher with members = \d+ than with members = \d+, by .*\. The search counts on the opposite: ask again with --not-monotone, of fewer values/,
  );
  const few = await ask(valley, { find: ["members in 1..60"], targets: ["mean(lag) < 150"] });
  expect(planTable(few).replaceAll(/\s+/g, " ")).toMatch(/; so the values were examined one after the other\./);
});
