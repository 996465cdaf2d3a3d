import { describe, expect, test } from "vitest";
import { average, countTest, distributionTest } from "../support/statistics.ts";
import { Town } from "./town.ts";

const SECOND = 1_000_000;
const HOUR = 3600 * SECOND;
const numbers = (list: readonly { readonly member: { readonly number: number } }[]) =>
  list.map(({ member }) => member.number);
/** When each fate ended. */
const ends = (town: Town) => new Map(town.departed.map(({ member, t, how }) => [member.fate, `${how} ${t}`]));

describe("initial members", () => {
  test("are ready at once", () => {
    const town = new Town({ initial: 3, startup: { constant: 12 * SECOND } }, "initial").until(0);
    expect(numbers(town.ready)).toEqual([1, 2, 3]);
  });

  test("start up like all others if it is a cold start", () => {
    const town = new Town({ initial: 1, coldStart: true, startup: { constant: 12 * SECOND } }, "cold").until(HOUR);
    expect(town.ready).toMatchObject([{ t: 12 * SECOND, member: { number: 1 } }]);
  });
});

describe("a script", () => {
  test("lets members come, who start up first", () => {
    const town = new Town({ initial: 1, startup: { constant: 12 * SECOND } }, "join").until(60 * SECOND);
    town.population.join(2);
    expect(town.size).toBe(3);
    town.until(HOUR);
    expect(numbers(town.ready)).toEqual([1, 2, 3]);
    expect(town.ready[2].t).toBe(72 * SECOND);
  });

  test("ends members as it likes, once", () => {
    const town = new Town({ initial: 3, crashShare: 1 }, "depart").until(SECOND);
    town.population.depart(2, "close");
    town.population.depart(2, "crash");
    town.population.depart(1, "crash");
    expect(town.departed.map(({ member, how, reason }) => [member.number, how, reason])).toEqual([
      [2, "close", "scripted"],
      [1, "crash", "scripted"],
    ]);
    expect(town.population.living().map(({ number }) => number)).toEqual([3]);
  });

  test("may end one that is still starting, which then is never ready", () => {
    const town = new Town({ startup: { constant: 12 * SECOND } }, "early").until(SECOND);
    town.population.join();
    town.until(2 * SECOND).population.depart(1, "crash");
    town.until(HOUR);
    expect(town.ready).toEqual([]);
  });
});

describe("a lifetime", () => {
  test("of nothing is followed by the next one a millisecond later, whatever the waits are", () => {
    const nothing = { constant: 0 };
    const town = new Town({ initial: 1, lifetime: nothing, startup: nothing, replaceAfter: nothing }, "short");
    town.until(10_000);
    expect(town.started.map(({ t }) => t)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((ms) => ms * 1000));
  });

  test("is counted from the start of the process, start-up included", () => {
    const laws = {
      initial: 1,
      coldStart: true,
      startup: { constant: 12 * SECOND },
      lifetime: { constant: 60 * SECOND },
    };
    const town = new Town(laws, "lifetime").until(HOUR);
    expect(town.departed).toMatchObject([{ t: 60 * SECOND, reason: "end-of-life" }]);
  });

  test("is the same whoever else is there", () => {
    const laws = {
      initial: 10,
      joinsPerSecond: 0.1,
      lifetime: { exponential: 100 * SECOND },
      crashShare: 0.5,
      startup: { uniform: [SECOND, 9 * SECOND] as const },
      replaceAfter: { exponential: 10 * SECOND },
    };
    const plain = ends(new Town(laws, "fates").until(1200 * SECOND));
    const more = new Town({ ...laws, initial: 11 }, "fates").until(100 * SECOND);
    more.population.join(1);
    const also = ends(more.until(1200 * SECOND));
    expect(plain.size).toBeGreaterThan(400);
    expect([...also].filter(([fate]) => plain.has(fate))).toEqual([...plain]);
    expect(also.size).toBeGreaterThan(plain.size);
  });
});

describe("departures by chance", () => {
  test("crash in the stated share of cases (false alarm: 1e-4)", () => {
    const town = new Town({ joinsPerSecond: 1, lifetime: { constant: SECOND }, crashShare: 0.3 }, "share").until(
      4 * HOUR,
    );
    const crashes = town.departed.filter(({ how }) => how === "crash").length;
    const n = town.departed.length;
    expect(n).toBeGreaterThan(6_000);
    expect(Math.abs(crashes - 0.3 * n)).toBeLessThan(3.89 * Math.sqrt(n * 0.3 * 0.7));
  });

  test("of the group come at its rate and take anybody, each as likely (false alarm: 1e-4 each)", () => {
    const firsts = Array.from({ length: 1000 }, (_, run) => {
      const town = new Town({ initial: 5, leavesPerSecond: 0.1 }, `leaves/${run}`);
      return town.until(HOUR).departed;
    });
    expect(firsts.every((departed) => departed.length === 5)).toBe(true);
    for (const place of [0, 1]) {
      const who = firsts.map((departed) => departed[place].member.number - 1);
      expect(countTest(who, (n) => (n < 5 ? 0.2 : 0))).toBeGreaterThan(1e-4);
      const gaps = firsts.map((departed) => (departed[place].t - (departed[place - 1]?.t ?? 0)) / SECOND);
      expect(distributionTest(gaps, (x) => 1 - Math.exp(-0.1 * x))).toBeGreaterThan(1e-4);
    }
  });

  test("take nobody when nobody is there, and go on", () => {
    const town = new Town({ leavesPerSecond: 1 }, "empty").until(60 * SECOND);
    town.population.join(1);
    expect(town.until(HOUR).departed).toHaveLength(1);
  });
});

describe("steps", () => {
  test("take those who are there and then bring new ones, at whole steps only", () => {
    const town = new Town({ initial: 5, perStep: { every: 10 * SECOND, leave: 1, join: 3 } }, "steps").until(
      31 * SECOND,
    );
    expect(new Set(town.departed.map(({ t }) => t))).toEqual(new Set([10, 20, 30].map((t) => t * SECOND)));
    expect(numbers(town.departed)).toEqual(
      town.started.slice(0, town.departed.length).map(({ member }) => member.number),
    );
    expect(town.size).toBe(town.started.filter(({ t }) => t === 30 * SECOND).length);
  });
});

describe("replacements", () => {
  test("come after their time, whoever departed, and start up", () => {
    const laws = { initial: 2, replaceAfter: { constant: 30 * SECOND }, startup: { constant: 12 * SECOND } };
    const town = new Town(laws, "replace").until(60 * SECOND);
    town.population.depart(1, "crash");
    town.until(HOUR);
    expect(town.started.slice(2)).toMatchObject([
      { t: 90 * SECOND, origin: "replacement", member: { number: 3, seat: 3, fate: "initial/1/2" } },
    ]);
    expect(town.ready.at(-1)).toMatchObject({ t: 102 * SECOND, member: { number: 3 } });
  });

  test("take over the seat if members are static, for generations", () => {
    const laws = {
      initial: 2,
      static: true,
      lifetime: { exponential: 60 * SECOND },
      replaceAfter: { constant: SECOND },
    };
    const town = new Town(laws, "seats").until(HOUR);
    expect(new Set(town.started.map(({ member }) => member.seat))).toEqual(new Set([1, 2]));
    expect(town.population.size).toBeGreaterThan(0);
    expect(average(town.started.map(({ member }) => member.number))).toBeGreaterThan(20);
  });
});

describe("a rolling restart of the population", () => {
  const laws = { initial: 3, startup: { constant: 10 * SECOND } };
  const happened = (town: Town) =>
    [
      ...town.departed.map(({ t, member, reason }) => ({ t, what: `${member.number} departs: ${reason}` })),
      ...town.started.map(({ t, member, origin }) => ({ t, what: `${member.number} starts: ${origin}` })),
    ]
      .filter(({ t }) => t > 0)
      .sort((a, b) => a.t - b.t)
      .map(({ t, what }) => `${t / SECOND} ${what}`);

  test("goes from the longest-lived on, and nobody is replaced twice", () => {
    const town = new Town({ ...laws, replaceAfter: { constant: SECOND } }, "roll").until(60 * SECOND);
    town.population.roll({ maxUnavailable: 1, maxSurge: 0, pause: 5 * SECOND });
    town.until(HOUR);
    expect(happened(town)).toEqual([
      "60 1 departs: roll",
      "60 4 starts: roll",
      "75 2 departs: roll",
      "75 5 starts: roll",
      "90 3 departs: roll",
      "90 6 starts: roll",
    ]);
    expect(town.population.rolling).toBe(false);
    expect(town.population.size).toBe(3);
  });

  test("keeps seats, and waits for processes to stop, if members are static", () => {
    const town = new Town({ ...laws, static: true }, "static roll", 2 * SECOND).until(60 * SECOND);
    town.population.roll({ maxUnavailable: 1, maxSurge: 0, pause: 0 });
    town.until(HOUR);
    expect(happened(town)).toEqual([
      "60 1 departs: roll",
      "62 4 starts: roll",
      "72 2 departs: roll",
      "74 5 starts: roll",
      "84 3 departs: roll",
      "86 6 starts: roll",
    ]);
    expect(town.population.living().map(({ seat }) => seat)).toEqual([1, 2, 3]);
  });

  test.for(["close", "crash"] as const)("refills the seat of a static member that ends by %s meanwhile", (how) => {
    for (const closing of [0, 2 * SECOND]) {
      const town = new Town({ ...laws, static: true }, "static end", closing).until(60 * SECOND);
      town.population.roll({ maxUnavailable: 1, maxSurge: 0, pause: 0 });
      town.until(65 * SECOND).population.depart(3, how);
      town.until(HOUR);
      expect(town.population.rolling).toBe(false);
      expect(town.population.living().map(({ seat, number }) => [seat, number])).toEqual([
        [1, 4],
        [3, 5],
        [2, 6],
      ]);
    }
  });

  test("takes care of those who crash meanwhile; afterwards the laws do again", () => {
    const town = new Town({ ...laws, replaceAfter: { constant: 100 * SECOND } }, "crash").until(60 * SECOND);
    town.population.roll({ maxUnavailable: 1, maxSurge: 0, pause: 0 });
    town.until(65 * SECOND).population.depart(4, "crash");
    town.until(200 * SECOND).population.depart(5, "crash");
    town.until(HOUR);
    expect(happened(town)).toEqual([
      "60 1 departs: roll",
      "60 4 starts: roll",
      "65 4 departs: scripted",
      "65 5 starts: roll",
      "75 2 departs: roll",
      "75 6 starts: roll",
      "85 3 departs: roll",
      "85 7 starts: roll",
      "200 5 departs: scripted",
      "300 8 starts: replacement",
    ]);
  });

  test("waits for one that is under way", () => {
    const town = new Town({ ...laws, initial: 1 }, "twice").until(60 * SECOND);
    town.population.roll({ maxUnavailable: 1, maxSurge: 0, pause: 0 });
    town.population.roll({ maxUnavailable: 0, maxSurge: 1, pause: 0 });
    town.until(HOUR);
    expect(happened(town)).toEqual(
      ["60 1 departs: roll", "60 2 starts: roll", "70 3 starts: roll", "80 2 departs: roll"].toSorted(),
    );
  });
});
