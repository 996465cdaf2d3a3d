import { describe, expect, test } from "vitest";
import { normalQuantile } from "../../../sim/engine/math.ts";
import { answerOf, ask, type Law } from "./world.ts";

/** Lag that halves whenever members double, 12,000 records with one, and no chance in it. */
const certain: Law = (members) => 12_000 / members;

/** The same with a standard deviation of a tenth. */
const noisy: Law = (members, uniform) => (12_000 / members) * (1 + 0.1 * normalQuantile(uniform()));

describe("on one setting", () => {
  test.each([
    [12_001, "1"],
    [12_000, "2"],
    [6_000.1, "2"],
    [100, "121"],
    [60.1, "200"],
  ])("finds the least value exactly, with targets of %d: %s", async (bound, members) => {
    const plan = await ask(certain, { targets: [`mean(lag) < ${bound}`] });
    expect(answerOf(plan)).toEqual([members]);
    expect(plan.answer).toMatchObject({ kind: "found", isLast: true });
    expect(plan.runs).toBeLessThanOrEqual(6 * 20 + 2 * 102); // the answer and its neighbour, to be sure
    // The evidence: it meets the target, and the next smaller one does not.
    const place = plan.answer.kind === "found" ? plan.answer.candidate : -1;
    expect(plan.candidates[place].verdict).toBe("meets");
    if (members !== "1") {
      expect(plan.candidates[place - 1]).toMatchObject({ verdict: "fails", at: [Number(members) - 2] });
    }
  });

  test("every value of a small range is found", async () => {
    for (let members = 1; members <= 13; members++) {
      const plan = await ask(certain, { find: ["members in 1..13"], targets: [`mean(lag) <= ${12_000 / members}`] });
      expect(answerOf(plan)).toEqual([`${members}`]);
    }
  });

  test("finds the greatest value, too", async () => {
    const rising: Law = (members) => 10 * members;
    const plan = await ask(rising, { find: ["greatest members in 1..200"], targets: ["mean(lag) < 420"] });
    expect(answerOf(plan)).toEqual(["41"]);
  });

  test("says that no value meets the target, as the easiest one is shown not to", async () => {
    const plan = await ask(noisy, { targets: ["mean(lag) < 50"] });
    expect(plan.answer).toEqual({ kind: "none", isShown: true });
    expect(plan.candidates.at(-1)).toMatchObject({ at: [199], verdict: "fails" });
  });

  test("a target met by a hair's breadth stays open, and the answer is said not to be shown the last", async () => {
    const plan = await ask(noisy, { targets: ["mean(lag) < 1000"], most: 100 }); // of 12 members it is 1000
    expect(answerOf(plan)).toEqual(["13"]);
    expect(plan.answer).toMatchObject({ kind: "found", isLast: false });
    const twelve = plan.candidates.find(({ at: [place] }) => place === 11)!;
    expect(twelve).toMatchObject({ verdict: "open", runs: 100 });
    expect(twelve.evidence[0].interval.low).toBeLessThan(1000);
    expect(twelve.evidence[0].interval.high).toBeGreaterThan(1000);
  });

  test("all targets have to be met", async () => {
    const plan = await ask(certain, { targets: ["mean(lag) < 1000", "P(max(lag) > 500) < 5%"] });
    expect(answerOf(plan)).toEqual(["24"]);
  });

  test("runs no more than the evidence takes: far from the bound the first look, near it more", async () => {
    const plan = await ask(noisy, { targets: ["mean(lag) < 950"] }); // 12.6 members
    expect(answerOf(plan)).toEqual(["13"]);
    const runs = new Map(plan.candidates.map(({ at: [place], runs }) => [place + 1, runs]));
    expect(runs.get(100)).toBe(20);
    expect(runs.get(13)).toBeGreaterThan(20);
    expect([...runs.values()].reduce((sum, count) => sum + count, 0)).toBe(plan.runs);
  });
});

describe("a misfortune", () => {
  /** One run in ten takes 1000 instead of 10, if there are fewer than 30 members. */
  const unlucky: Law = (members, uniform) => (uniform() < 0.1 && members < 30 ? 1000 : 10);

  test("that the first runs happen not to have is not missed by the answer", async () => {
    for (const seed of ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"]) {
      const plan = await ask(unlucky, { find: ["members in 1..60"], targets: ["mean(lag) < 50"], seed });
      expect(answerOf(plan)).toEqual(["30"]);
    }
  });
});

test("what no run has a number for is refused", async () => {
  await expect(ask(() => null, { targets: ["mean(lag) < 50"] })).rejects.toThrow(
    "no run has a number for mean(lag) < 50",
  );
});

describe("of a probability", () => {
  const rare: Law = (members, uniform) => (uniform() < 0.4 / members ? 1 : 0);

  test("the runs that it takes are made, and no promise is given that they cannot keep", async () => {
    const asked = { find: ["members in 1, 2, 400"], targets: ["P(max(lag) > 0) < 1%"] };
    const plan = await ask(rare, asked);
    expect(answerOf(plan)).toEqual(["400"]);
    await expect(ask(rare, { ...asked, most: 200 })).rejects.toThrow(/can never show the targets met: it takes \d+/);
  });

  test("what is seen in no run is not taken to be impossible", async () => {
    const plan = await ask(rare, { find: ["members in 1, 400"], targets: ["P(max(lag) > 0) < 1%"] });
    const { evidence, runs } = plan.candidates.at(-1)!;
    expect(evidence[0].interval.high).toBeLessThan(0.01);
    expect(runs).toBeGreaterThan(299); // ln 0.05 / ln 0.99
  });
});

describe("on a grid of settings", () => {
  const law: Law = (members, _, capacity) => 12_000 / members / capacity;

  test("finds the cheapest, in fewer tests than there are candidates", async () => {
    const plan = await ask(law, {
      find: ["members in 1..30", "capacity in 100/s..1000/s by 100/s"],
      targets: ["mean(lag) < 4.1"],
      cost: "members * (3 + capacity / 100)",
    });
    // Exhaustively: the cheapest of all that meet it.
    let cheapest = { price: Infinity, at: ["", ""] };
    for (let members = 1; members <= 30; members++) {
      for (let capacity = 100; capacity <= 1000; capacity += 100) {
        const price = members * (3 + capacity / 100);
        if (12_000 / members / capacity < 4.1 && price < cheapest.price)
          cheapest = { price, at: [`${members}`, `${capacity}/s`] };
      }
    }
    expect(answerOf(plan)).toEqual(cheapest.at);
    expect(plan.answer).toMatchObject({ isLast: true });
    expect(plan.candidates.length).toBeLessThan(60);
  });

  test("without a price the first setting is saved first", async () => {
    const find = ["members in 1..30", "capacity in 100/s..1000/s by 100/s"];
    expect(answerOf(await ask(law, { find, targets: ["mean(lag) < 4.1"] }))).toEqual(["3", "1000/s"]);
    expect(answerOf(await ask(law, { find: find.toReversed(), targets: ["mean(lag) < 4.1"] }))).toEqual([
      "100/s",
      "30",
    ]);
  });
});

describe("where more does not help", () => {
  /** Least at 20. */
  const valley: Law = (members, uniform) => 100 + (members - 20) * (members - 20) + normalQuantile(uniform());

  test("evidence against monotonicity is noticed and said", async () => {
    const plan = await ask(valley, { targets: ["mean(lag) < 150"] });
    expect(plan.answer).toEqual({ kind: "none", isShown: false }); // not shown: the search had nothing to stand on
    const [surprise] = plan.surprises;
    expect(surprise).toMatchObject({ goal: 0, matters: true });
    const at = (place: number): number => plan.candidates[place].at[0] + 1;
    expect(at(surprise.easier)).toBeGreaterThan(at(surprise.harder));
    expect(surprise.interval.low).toBeGreaterThan(0);
  });

  test("of a few candidates all are examined then, and the least is found", async () => {
    const plan = await ask(valley, { find: ["members in 1..60"], targets: ["mean(lag) < 150"] });
    expect(plan.method).toMatchObject({ kind: "in-order", wasGivenUp: true });
    expect(answerOf(plan)).toEqual(["13"]); // 100 + 7² < 150
    expect(plan.answer).toMatchObject({ isLast: true });
  });

  test("told so, it never assumes it", async () => {
    const plan = await ask(valley, { find: ["members in 1..60"], targets: ["mean(lag) < 150"], isMonotone: false });
    expect(plan.method).toMatchObject({ kind: "in-order", wasGivenUp: false });
    expect(answerOf(plan)).toEqual(["13"]);
    expect(plan.candidates.slice(0, -1).every(({ verdict }) => verdict === "fails")).toBe(true);
  });
});
