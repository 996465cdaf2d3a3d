import fc from "fast-check";
import { expect, test } from "vitest";
import { Engine, type Handle, type Kind, type Lane, type Timers } from "../../sim/engine/engine.ts";
import { Heap } from "../../sim/engine/heap.ts";
import { Ladder } from "../../sim/engine/ladder.ts";
import { type EventListConstructor, Records, orderOf } from "../../sim/engine/records.ts";
import { Streams } from "../../sim/engine/random.ts";
import { cpuSeconds } from "../support/cpu.ts";
import { ln } from "../../sim/engine/math.ts";

/**
 * The reference for all of this file is a sorted array: the definition of the total order, and nothing else.
 */
interface Entry {
  readonly time: number;
  readonly orderClass: number;
  readonly subject: number;
  readonly sequence: number;
}

const byTotalOrder = (a: Entry, b: Entry): number =>
  a.time - b.time || a.orderClass - b.orderClass || a.subject - b.subject || a.sequence - b.sequence;

const LISTS: Record<string, EventListConstructor> = { Ladder, Heap };

/** How the delays of a mix are spread. `u` is uniform on (0, 1). */
const SPREADS: Record<string, (u: number, round: number) => number> = {
  exponential: (u) => Math.floor(-1e6 * ln(u)),
  ties: (u) => Math.ceil(3 * u),
  zero: (u) => (u < 0.5 ? 0 : Math.floor(10 * u)),
  bimodal: (u) => Math.floor(u < 0.9 ? 100 * u : 1e9 * u),
  bursts: (u, round) => (round % 50 < 40 ? Math.floor(20 * u) : Math.floor(1e7 * u)),
  oneInstant: () => 3_000,
  everEarlier: (_, round) => Math.max(0, 1e6 - 7 * round),
};

interface Mix {
  readonly seed: number;
  readonly spread: string;
  readonly start: number;
  readonly subjects: number;
  /** Inserted before anything is taken, and from then on held. */
  readonly size: number;
  readonly rounds: number;
}

const mixes = fc.record({
  seed: fc.nat(),
  spread: fc.constantFrom(...Object.keys(SPREADS)),
  start: fc.constantFrom(0, 1_000_000_000_000),
  subjects: fc.constantFrom(1, 4, 100_000),
  size: fc.constantFrom(0, 1, 10, 70, 300, 2_000),
  rounds: fc.integer({ min: 0, max: 3_000 }),
});

/** Inserts and removes by turns, of either kind several in a row, and returns the order in which slots came out. */
function hold(List: EventListConstructor, mix: Mix): Entry[] {
  const stream = new Streams(String(mix.seed)).stream("mix");
  const spread = SPREADS[mix.spread];
  const records = new Records();
  const list = new List(records);
  const out: Entry[] = [];
  let now = mix.start;
  let sequence = 0;
  let size = 0;
  const insert = (round: number): void => {
    const time = now + spread(stream.uniform() + 1e-10, round);
    const order = orderOf(Math.floor(3 * stream.uniform()), Math.floor(mix.subjects * stream.uniform()));
    const slot = records.add(order, sequence++, 0, 0);
    records.setTime(slot, time);
    list.insert(slot);
    size++;
  };
  const remove = (): void => {
    const due = list.nextTime();
    const slot = list.takeNext();
    now = due;
    const order = records.order(slot);
    out.push({
      time: now,
      orderClass: Math.floor(order / 2 ** 28),
      subject: order % 2 ** 28,
      sequence: records.sequence(slot),
    });
    records.release(slot);
    size--;
  };
  for (let round = 0; round < mix.size; round++) insert(round);
  for (let round = 0; round < mix.rounds; round++) {
    if (size === 0 || stream.uniform() < (round % 200 < 100 ? 0.6 : 0.4)) insert(round);
    else remove();
  }
  while (size > 0) remove();
  expect(list.nextTime()).toBe(Infinity);
  return out;
}

test("the ladder gives events in the very order that the heap does", () => {
  fc.assert(
    fc.property(mixes, (mix) => {
      expect(hold(Ladder, mix)).toEqual(hold(Heap, mix));
    }),
    { seed: 20261121, numRuns: 300 },
  );
});

for (const [name, List] of Object.entries(LISTS)) {
  test(`the ${name.toLowerCase()} gives what was inserted beforehand in the order of a sort`, () => {
    for (const spread of Object.keys(SPREADS)) {
      const mix = { seed: 1, spread, start: 1e12, subjects: 50, size: 5_000, rounds: 0 };
      const out = hold(List, mix);
      expect(out).toHaveLength(5_000);
      expect(out).toEqual(out.toSorted(byTotalOrder));
    }
  });
}

test("the ladder keeps order when a long instant gets late events, then a neighbour, then more late events", () => {
  const records = new Records();
  const ladder = new Ladder(records);
  let sequence = 0;
  const entries: Entry[] = [];
  const insert = (time: number, subject: number): void => {
    entries.push({ time, orderClass: 3, subject, sequence });
    const slot = records.add(orderOf(3, subject), sequence++, 0, 0);
    records.setTime(slot, time);
    ladder.insert(slot);
  };
  for (let far = 1; far <= 5; far++) insert(far * 1_000_000, 0);
  for (let subject = 0; subject < 1_000; subject += 10) insert(1_000, subject);
  ladder.nextTime(); // makes the hundred of one instant the bottom
  for (const [time, subject] of [
    [1_000, 705], // too far from both ends to be inserted
    [1_001, 0],
    [1_000, 805],
    [1_000, 3],
    [1_000, 805],
  ]) {
    insert(time, subject);
  }
  const out = entries.map(() => {
    ladder.nextTime();
    return records.sequence(ladder.takeNext());
  });
  expect(out).toEqual(entries.toSorted(byTotalOrder).map(({ sequence }) => sequence));
});

/**
 * A small random world that uses every way to schedule, driven by its own draws only: events beget events, arm and
 * cancel timers and cancel one another. Each list of events must tell the same story; and with `plain` so must a world
 * without lanes and timer sets, where the same is done by scheduling and cancelling alone.
 */
function story(List: EventListConstructor, seed: number, delays: readonly number[], plain: boolean): string[] {
  const subjects = 40;
  const engine = new Engine(List);
  const stream = new Streams(String(seed)).stream("story");
  const pick = (below: number): number => Math.floor(below * stream.uniform());
  const log: string[] = [];
  const handles: Handle[] = [];
  const lanes: Lane[] = [];
  const sets: Timers[] = [];

  const act = (): void => {
    if (log.length > 1_500) return;
    for (let times = pick(3); times >= 0; times--) {
      const subject = pick(subjects);
      switch (pick(6)) {
        case 0:
          handles.push(engine.schedule(delays[pick(delays.length)], kinds[pick(kinds.length)], subject, log.length));
          break;
        case 1:
          engine.cancel(handles[pick(handles.length)] ?? 0);
          break;
        case 2:
        case 3:
          lanes[pick(lanes.length)].push(subject, log.length);
          break;
        case 4:
          sets[pick(sets.length)].arm(subject, delays[pick(delays.length)]);
          break;
        default:
          sets[pick(sets.length)].cancel(subject);
      }
    }
  };
  const kinds: Kind[] = [2, 2, 0, 7].map((orderClass, index) =>
    engine.on(`kind ${index}`, orderClass, (subject, argument) => {
      log.push(`${engine.now} kind ${index} ${subject} ${argument}`);
      act();
    }),
  );
  for (const delay of delays) {
    for (const kind of kinds.slice(0, 3)) {
      lanes.push(plain ? { push: (s, a) => void engine.schedule(delay, kind, s, a) } : engine.lane(delay, kind));
    }
  }
  for (const orderClass of [0, 2, 5]) {
    const fire = (subject: number): void => {
      log.push(`${engine.now} timer ${orderClass} ${subject}`);
      act();
    };
    sets.push(plain ? plainTimers(engine, orderClass, fire) : engine.timers("set", orderClass, fire));
  }

  for (let subject = 0; subject < 20; subject++) engine.schedule(pick(100), kinds[0], subject, -1);
  let end = 0;
  while (engine.pending > 0 && log.length < 20_000) {
    end += 50;
    engine.runUntil(end);
    log.push(`at ${engine.now} pending ${engine.pending}`);
  }
  return log;
}

/** Timers made of scheduled events, the obvious way. */
function plainTimers(engine: Engine, orderClass: number, fire: (subject: number) => void): Timers {
  const running = new Map<number, { handle: Handle; due: number }>();
  const kind = engine.on("timer", orderClass, (subject) => {
    running.delete(subject);
    fire(subject);
  });
  const timers: Timers = {
    arm: (subject, delay) => timers.armAt(subject, engine.now + delay),
    armAt(subject, due) {
      timers.cancel(subject);
      running.set(subject, { handle: engine.scheduleAt(due, kind, subject), due });
    },
    cancel(subject) {
      const timer = running.get(subject);
      if (timer !== undefined) engine.cancel(timer.handle);
      running.delete(subject);
    },
    deadline: (subject) => running.get(subject)?.due,
  };
  return timers;
}

const delaySets = fc.constantFrom([0, 1, 2], [3_000, 45_000, 10], [5], [0, 7, 7_000_000], [1, 100, 101, 102, 103]);

test("lanes, timer sets and scheduled events interleave in one total order, the same as scheduling everything", () => {
  fc.assert(
    fc.property(fc.nat(), delaySets, (seed, delays) => {
      const told = story(Ladder, seed, delays, false);
      expect(told.length).toBeGreaterThan(0);
      expect(told).toEqual(story(Heap, seed, delays, true));
      expect(told).toEqual(story(Ladder, seed, delays, true));
    }),
    { seed: 20261121, numRuns: 150 },
  );
});

test("a hundred thousand events of one instant come out by subject, whichever way they were scheduled", () => {
  const count = 100_000;
  const seconds = cpuSeconds(() => {
    for (const way of ["schedule", "lane", "timers"]) {
      const engine = new Engine();
      let expected = 0;
      const see = (subject: number): void => {
        if (subject === expected) expected++;
      };
      const kind = engine.on("join", 3, see);
      const lane = engine.lane(7, kind);
      const timers = engine.timers("session", 3, see);
      for (let subject = count - 1; subject >= 0; subject--) {
        if (way === "schedule") engine.schedule(7, kind, subject);
        else if (way === "lane") lane.push(subject);
        else timers.arm(subject, 7);
      }
      engine.runUntil(7);
      expect(expected).toBe(count);
    }
  });
  expect(seconds).toBeLessThan(5); // far above what it takes, far below what anything quadratic would
});

test("events that beget others at the same instant, in descending order, stay in order and cheap", () => {
  const count = 50_000;
  const engine = new Engine();
  const seen: number[] = [];
  const second = engine.on("second", 4, (subject) => seen.push(subject));
  const first = engine.on("first", 3, (subject) => engine.schedule(0, second, count - subject));
  for (let subject = 0; subject < count; subject++) engine.scheduleAt(100, first, subject);
  for (let subject = 0; subject < count; subject++) engine.scheduleAt(100, second, subject);
  const seconds = cpuSeconds(() => engine.runUntil(100));
  expect(seen).toHaveLength(2 * count);
  expect(seen.every((subject, index) => index === 0 || seen[index - 1] <= subject)).toBe(true);
  expect(seconds).toBeLessThan(5);
});
