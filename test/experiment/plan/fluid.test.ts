/**
 * V26: plans of simulated runs whose answers are known by formula, found exactly. All runs of a candidate come to the same
 * here, but for milliseconds on the network, so a handful of runs says all there is to say; when it takes more, and that
 * answers rest on more, is told where chance has a part in it (`search.test.ts`).
 */
import { describe, expect, test } from "vitest";
import { answerOf, askScenario } from "./world.ts";

const most = 5;

describe("how many members", () => {
  // 60 partitions of 100/s. As many members as rate / capacity, rounded up; the capacities are such that partitions, which
  // are not divided, ask for no more: a member of capacity c takes the whole part of c/100 of them.
  test.each([
    [2100, 3],
    [1550, 4],
    [1250, 5],
    [950, 7],
    [610, 10],
  ])("of %d/s each, for 6000/s: %d", async (capacity, members) => {
    expect(members).toBe(Math.ceil(6000 / capacity));
    const plan = await askScenario(
      `
topics: { orders: { partitions: 60, rate: 6000/s } }
groups: { g: { members: { initial: 1, capacity: ${capacity}/s } } }
`,
      { find: ["members in 1..16"], targets: ["final(timeLag) < 1s"], most },
    );
    expect(answerOf(plan)).toEqual([`${members}`]);
    expect(plan.answer).toMatchObject({ kind: "found", isLast: true });
  });
});

describe("after an outage", () => {
  /** Nobody reads for 30 minutes; then there is an hour. The poll interval is longer, so nobody is expelled. */
  const outage = (minutes: number): string => `
duration: ${10 + minutes + 60}m
topics: { orders: { partitions: 12, rate: 1200/s } }
groups:
  g:
    config: { max.poll.interval.ms: 3h }
    members: { initial: 4, capacity: 400/s }
events: [{ at: 10m, pause: { group: g, count: 4 }, lasts: ${minutes}m }]
`;

  // V15: a·U records wait, and are gone after aU/(c − a), which is 1 h for c = a (1 + U/1 h).
  test.each([
    [15, "25%"],
    [30, "50%"],
    [45, "75%"],
  ])("of %d minutes, the headroom that drains it within an hour is %s", async (minutes, headroom) => {
    const plan = await askScenario(outage(minutes), {
      find: ["headroom in 10%..100% by 5%"],
      targets: ["final(lag) < 1"],
      most,
    });
    expect(answerOf(plan)).toEqual([headroom]);
    expect(plan.answer).toMatchObject({ isLast: true });
  });

  test("the time lag is as long as it lasted, so the longest that keeps it within 90 s is 90 s", async () => {
    const plan = await askScenario(outage(1), {
      find: ["greatest events.0.lasts in 30s..150s by 10s"],
      targets: ["max(timeLag) <= 90.1s"], // a cold start, and what is a poll away, are less than the step
      most,
    });
    expect(answerOf(plan)).toEqual(["90s"]);
  });

  test("the records that wait are the rate times its length", async () => {
    const plan = await askScenario(outage(1), {
      find: ["greatest events.0.lasts in 30s..150s by 10s"],
      targets: ["max(lag) < 84100"], // 1200/s × 70 s
      most,
    });
    expect(answerOf(plan)).toEqual(["70s"]);
  });
});

describe("how many partitions", () => {
  test("as many as members are needed: 700/s each, for 5000/s", async () => {
    const plan = await askScenario(
      `
topics: { orders: { partitions: 4, rate: 5000/s } }
groups: { g: { members: { initial: 20, capacity: 700/s } } }
`,
      { find: ["partitions in 1..40"], targets: ["final(timeLag) < 1s"], most },
    );
    expect(answerOf(plan)).toEqual(["8"]); // 5000/700 = 7.1
  });
});
