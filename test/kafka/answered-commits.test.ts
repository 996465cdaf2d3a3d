import { expect, test } from "vitest";
import { nextTimed, NO_COMMITS, withOne } from "../../sim/kafka/protocols/client/answered-commits.ts";

/* 200 of the first 200, 100 of the next 200, 100 of the next 400, 100 of the next 800, … */
test.each([
  [200, 200],
  [400, 300],
  [800, 400],
  [1600, 500],
  [17_280, 200 + 6 * 100 + 35], // each 128th of those beyond 12,800
])("of the first %i commits %i are timed, and stand for all", (count, timed) => {
  const numbers = new Set<number>();
  for (let number = 1; number <= count; number = nextTimed(number + 1)) numbers.add(number);
  expect(numbers.size).toBe(timed);
  let answered = NO_COMMITS;
  for (let number = 1; number <= count; number++) answered = withOne(answered, number, numbers.has(number) ? 2000 : 0);
  expect(answered).toEqual({ count, timed: count, took: 2000 * count, longest: 2000 });
});
