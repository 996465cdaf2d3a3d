import { expect, test } from "vitest";
import { passageFrom, Trail } from "../../sim/lag/passages.ts";

test("a trail has each stretch at an even pace, not the pauses between, and is told once", () => {
  const trail = new Trail(1000, 10);
  trail.reach(2000, 30);
  trail.reach(5000, 30); // a pause
  trail.reach(6000, 40);
  expect(trail.take()).toEqual([
    { from: 10, to: 30, since: 1000, until: 2000 },
    { from: 30, to: 40, since: 5000, until: 6000 },
  ]);
  trail.reach(7000, 45);
  trail.reach(9000, 46, 0); // one by itself, at an instant
  expect(trail.take()).toEqual([
    { from: 40, to: 45, since: 6000, until: 7000 },
    { from: 45, to: 46, since: 9000, until: 9000 },
  ]);
  expect(trail.take()).toEqual([]);
});

test("of a passage the part from some offset on begins when that was reached", () => {
  const passages = [
    { from: 0, to: 100, since: 0, until: 1000 },
    { from: 100, to: 200, since: 5000, until: 6000 },
  ];
  expect(passageFrom(0, passages)).toEqual(passages);
  expect(passageFrom(40, passages)).toEqual([{ from: 40, to: 100, since: 400, until: 1000 }, passages[1]]);
  expect(passageFrom(100, passages)).toEqual([passages[1]]);
  expect(passageFrom(200, passages)).toEqual([]);
});
