import fc from "fast-check";
import { expect, test } from "vitest";
import type { LinkTrouble } from "../../sim/trace/readings/links.ts";
import {
  Crowd,
  eachStretch,
  LaneBuilder,
  layered,
  lineAt,
  LineBuilder,
  NOTHING,
  stepAt,
  valueAt,
} from "../../viz/load/lanes.ts";
import { unreachable } from "../../viz/load/unreachable.ts";
import { moor, tellLife, type Life } from "../../viz/load/lives.ts";

test("lanes give back every stretch that was put in, whatever the order of rows", () => {
  const stretch = fc.record({
    row: fc.integer({ min: 0, max: 4 }),
    pause: fc.integer({ min: 0, max: 3 }),
    length: fc.integer({ min: 1, max: 5 }),
    value: fc.integer({ min: -1, max: 3 }),
  });
  fc.assert(
    fc.property(fc.array(stretch, { maxLength: 60 }), (stretches) => {
      const builder = new LaneBuilder();
      const model = Array.from({ length: 5 }, () => new Map<number, number>());
      const ends = [0, 0, 0, 0, 0];
      for (const { row, pause, length, value } of stretches) {
        const from = ends[row] + pause;
        ends[row] = from + length;
        builder.add(row, from, ends[row], value);
        for (let t = from; t < ends[row]; t++) model[row].set(t, value);
      }
      const lanes = builder.build(5, 1_000);
      for (let row = 0; row < 5; row++)
        for (let t = 0; t < ends[row] + 5; t++) expect(valueAt(lanes, row, t + 0.5)).toBe(model[row].get(t) ?? NOTHING);
    }),
    { seed: 20261121 },
  );
});

test("a crowd counts who is there at each instant", () => {
  const crowd = new Crowd();
  crowd.add(0, 10);
  crowd.add(5, 10);
  crowd.add(10, 20);
  const steps = crowd.build();
  expect([0, 4, 5, 9, 10, 19, 20].map((t) => stepAt(steps, t))).toEqual([1, 1, 2, 2, 1, 1, 0]);
});

test("a line is straight between its bends and may jump", () => {
  const builder = new LineBuilder();
  builder.add(0, 10, 0, 2);
  builder.add(10, 20, 20, -1);
  builder.add(20, 30, 0, 0);
  const line = builder.build();
  expect([0, 5, 10, 15, 20, 25].map((t) => lineAt(line, t))).toEqual([0, 10, 20, 15, 0, 0]);
});

const span = { client: "a", group: "g", reason: "", event: "x" };

test("a life is the membership while the process runs, and the crash until it is noticed", () => {
  const life: Life = {
    processes: [
      { ...span, process: "Starting", from: 0, to: 5 },
      { ...span, process: "Running", from: 5, to: 40 },
      { ...span, process: "Crashed", from: 40, to: 100 },
    ],
    memberships: [
      { ...span, state: "PREPARING_REBALANCE", from: 7, to: 10 },
      { ...span, state: "STABLE", from: 10, to: 40 },
    ],
    seats: [{ group: "g", client: "a", member: "a-1", event: "x", from: 8, to: 85 }],
  };
  const told: [string, number, number][] = [];
  tellLife(life, (state, from, to) => told.push([state, from, to]));
  expect(told).toEqual([
    ["Starting", 0, 5],
    ["UNJOINED", 5, 7],
    ["PREPARING_REBALANCE", 7, 10],
    ["STABLE", 10, 40],
    ["Crashed", 40, 85],
  ]);
});

test("a membership of the consumer protocol has its own words, and what it is left without is no membership", () => {
  const life: Life = {
    processes: [{ ...span, process: "Running", from: 5, to: 90 }],
    memberships: [
      { ...span, state: "UNSUBSCRIBED", from: 5, to: 6 },
      { ...span, state: "JOINING", from: 6, to: 8 },
      { ...span, state: "RECONCILING", from: 8, to: 9 },
      { ...span, state: "STABLE", from: 9, to: 60 },
      { ...span, state: "FENCED", from: 60, to: 70 },
      { ...span, state: "JOINING", from: 70, to: 71 },
      { ...span, state: "FATAL", from: 71, to: 90 },
    ],
    seats: [],
  };
  const told: [string, number, number][] = [];
  tellLife(life, (state, from, to) => told.push([state, from, to]));
  expect(told).toEqual([
    ["UNJOINED", 5, 6],
    ["JOINING", 6, 8],
    ["RECONCILING", 8, 9],
    ["STABLE", 9, 60],
    ["FENCED", 60, 70],
    ["JOINING", 70, 71],
    ["UNJOINED", 71, 90],
  ]);
});

test("a client takes the berth that became free last, and only a free one", () => {
  const life = (from: number, to: number): Life => ({
    processes: [{ ...span, process: "Running", from, to }],
    memberships: [],
    seats: [],
  });
  const { berthOf, berths } = moor([life(0, 10), life(0, 20), life(15, 30), life(20, 40), life(25, 50)]);
  expect([...berthOf]).toEqual([0, 1, 0, 1, 2]);
  expect(berths).toBe(3);
});

test("a partition is unreachable while a cut lies between who reads it and who leads it, and no longer", () => {
  const lanes = (...stretches: readonly (readonly [from: number, to: number, value: number])[]) => {
    const builder = new LaneBuilder();
    for (const [from, to, value] of stretches) builder.add(0, from, to, value);
    return builder.build(1, 100);
  };
  const cut: LinkTrouble = {
    state: "cut",
    from: "zone/a",
    to: null,
    oneWay: false,
    begin: 20,
    end: 60,
    mended: true,
    event: "network#1",
    brokers: { from: [1], to: [] },
    clients: [{ client: "a", group: "g", side: "from", from: 20, to: 60 }],
  };
  // Client a, in the zone, owns it until 50, and reads until 45; then b does. Broker 2 leads it until 30, then 1, then 2.
  const found = unreachable(
    {
      owners: lanes([0, 50, 0], [50, 100, 1]),
      readers: lanes([0, 45, 1], [45, 52, 0], [52, 100, 1]),
      leaders: lanes([0, 30, 2], [30, 40, 1], [40, 55, 2], [55, 100, 1]),
    },
    ["a", "b"],
    [cut, { ...cut, state: "slow" }],
    100,
    7,
  );
  const reach = layered(found, 1, 100);
  const told: (readonly [number, number, number])[] = [];
  eachStretch(reach, 100, (_row, from, to, value) => told.push([from, to, value]));
  expect(told).toEqual([
    [20, 30, 7],
    [40, 45, 7],
    [55, 60, 7],
  ]);
});

test("of stretches that overlap the greatest value counts, and what touches is one", () => {
  const lanes = layered(
    [
      { row: 1, from: 0, to: 30, value: 1 },
      { row: 1, from: 10, to: 20, value: 3 },
      { row: 1, from: 15, to: 40, value: 2 },
      { row: 0, from: 5, to: 10, value: 1 },
      { row: 0, from: 10, to: 12, value: 1 },
      { row: 0, from: 50, to: 50, value: 2 },
    ],
    2,
    100,
  );
  const told: (readonly [number, number, number, number])[] = [];
  eachStretch(lanes, 100, (row, from, to, value) => told.push([row, from, to, value]));
  expect(told).toEqual([
    [0, 5, 12, 1],
    [1, 0, 10, 1],
    [1, 10, 20, 3],
    [1, 20, 40, 2],
  ]);
});
