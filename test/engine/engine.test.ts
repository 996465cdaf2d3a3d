import { expect, test } from "vitest";
import { ClockStandsStill, Engine, MOST_AT_AN_INSTANT } from "../../sim/engine/engine.ts";
import { HOUR, SECOND } from "../../sim/engine/time.ts";

/** An engine whose events of one kind are written down as `time:subject`. */
function recorder(orderClass = 3): { engine: Engine; kind: number; log: string[] } {
  const engine = new Engine();
  const log: string[] = [];
  const kind = engine.on("note", orderClass, (subject) => log.push(`${engine.now}:${subject}`));
  return { engine, kind, log };
}

test("runs events up to and including the end, no further, and leaves the clock there", () => {
  const { engine, kind, log } = recorder();
  for (const time of [11, 10, 9]) engine.scheduleAt(time, kind, time);
  engine.runUntil(10);
  expect(log).toEqual(["9:9", "10:10"]);
  expect(engine.now).toBe(10);
  expect(engine.pending).toBe(1);
  engine.runUntil(10);
  expect(log).toHaveLength(2);
  engine.runUntil(11);
  expect(log).toEqual(["9:9", "10:10", "11:11"]);
  expect(engine.executed).toBe(3);
});

test("an empty calendar lets the clock go to the end", () => {
  const { engine } = recorder();
  engine.runUntil(24 * HOUR);
  expect(engine.now).toBe(86_400_000_000);
});

test("looking ahead at a distant event does not delay a nearer one that is scheduled afterwards", () => {
  const { engine, kind, log } = recorder();
  engine.scheduleAt(45 * SECOND, kind, 1);
  engine.runUntil(1);
  engine.scheduleAt(2, kind, 2);
  engine.schedule(1, kind, 0);
  engine.runUntil(HOUR);
  expect(log).toEqual(["2:0", "2:2", "45000000:1"]);
});

test("an event at the present instant runs before the clock moves on, behind those that precede it", () => {
  const engine = new Engine();
  const log: string[] = [];
  const late = engine.on("late", 4, (subject) => log.push(`late ${subject}`));
  const early = engine.on("early", 2, (subject) => {
    log.push(`early ${subject}`);
    if (subject < 3) engine.schedule(0, early, subject + 1);
    engine.schedule(0, late, 10 - subject);
  });
  engine.scheduleAt(5, late, 20);
  engine.scheduleAt(5, early, 1);
  engine.scheduleAt(6, early, 9);
  engine.runUntil(5);
  expect(log).toEqual(["early 1", "early 2", "early 3", "late 7", "late 8", "late 9", "late 20"]);
});

test("simultaneous events run by class, then subject, then in the order they were scheduled", () => {
  const engine = new Engine();
  const log: string[] = [];
  const kinds = [7, 0, 3].map((orderClass) =>
    engine.on(`class ${orderClass}`, orderClass, (subject, argument) =>
      log.push(`${orderClass} ${subject} ${argument}`),
    ),
  );
  let argument = 0;
  for (const subject of [5, 268_435_455, 0, 5]) for (const kind of kinds) engine.schedule(1, kind, subject, argument++);
  engine.runUntil(1);
  expect(log).toEqual([
    ...["0 0 7", "0 5 1", "0 5 10", "0 268435455 4"],
    ...["3 0 8", "3 5 2", "3 5 11", "3 268435455 5"],
    ...["7 0 6", "7 5 0", "7 5 9", "7 268435455 3"],
  ]);
});

test("an argument keeps its value up to 2^53, below zero and as a fraction", () => {
  const engine = new Engine();
  const seen: number[] = [];
  const kind = engine.on("argument", 0, (_, argument) => seen.push(argument));
  const lane = engine.lane(1, kind);
  const given = [Number.MAX_SAFE_INTEGER, -1, 0.5, 86_400_000_000];
  given.forEach((argument, subject) => engine.schedule(1, kind, subject, argument));
  given.forEach((argument, subject) => lane.push(subject + 10, argument));
  engine.runUntil(1);
  expect(seen).toEqual([...given, ...given]);
});

test("a cancelled event does not run, and is no longer pending", () => {
  const { engine, kind, log } = recorder();
  const handles = [1, 2, 3].map((time) => engine.scheduleAt(time, kind, time));
  engine.cancel(handles[1]);
  engine.cancel(handles[1]);
  expect(engine.pending).toBe(2);
  engine.runUntil(10);
  expect(log).toEqual(["1:1", "3:3"]);
  expect(engine.pending).toBe(0);
});

test("a handle whose event has run cancels nothing, though its place is taken by another event", () => {
  const { engine, kind, log } = recorder();
  const stale = engine.schedule(1, kind, 1);
  engine.runUntil(1);
  engine.cancel(stale);
  engine.schedule(1, kind, 2);
  engine.cancel(stale);
  const cancelled = engine.schedule(2, kind, 3);
  engine.cancel(cancelled);
  engine.runUntil(5);
  engine.schedule(1, kind, 4);
  engine.cancel(cancelled);
  engine.runUntil(10);
  expect(log).toEqual(["1:1", "2:2", "6:4"]);
});

test("any number of cancelled events in a row, and of timers pushed back, are passed over", () => {
  const { engine, kind, log } = recorder();
  const handles = Array.from({ length: 200_000 }, (_, i) => engine.scheduleAt(1 + (i % 100), kind, i));
  for (const handle of handles) engine.cancel(handle);
  for (let set = 0; set < 2_000; set++) {
    const timers = engine.timers("set", 0, () => log.push("fired"));
    timers.arm(0, 50);
    if (set % 2 === 0) timers.cancel(0);
    else timers.arm(0, 2_000);
  }
  engine.scheduleAt(1_000, kind, 7);
  engine.runUntil(1_500);
  expect(log).toEqual(["1000:7"]);
  expect(engine.pending).toBe(1_000);
});

test("an event may cancel another of its own instant", () => {
  const engine = new Engine();
  let ran = false;
  const victim = engine.on("victim", 5, () => (ran = true));
  const killer = engine.on("killer", 4, () => engine.cancel(handle));
  const handle = engine.schedule(7, victim, 0);
  engine.schedule(7, killer, 0);
  engine.runUntil(10);
  expect(ran).toBe(false);
});

test("a timer acts once, at its last deadline", () => {
  const engine = new Engine();
  const fired: string[] = [];
  const timers = engine.timers("session", 0, (subject) => fired.push(`${engine.now}:${subject}`));
  timers.arm(1, 10);
  timers.arm(2, 10);
  timers.arm(3, 10);
  expect(engine.pending).toBe(3);
  timers.arm(1, 20); // later
  timers.armAt(2, 5); // earlier
  timers.cancel(3);
  timers.cancel(4); // never armed
  expect(timers.deadline(1)).toBe(20);
  expect(timers.deadline(2)).toBe(5);
  expect(timers.deadline(3)).toBeUndefined();
  expect(timers.deadline(1_000_000)).toBeUndefined();
  expect(engine.pending).toBe(2);
  engine.runUntil(100);
  expect(fired).toEqual(["5:2", "20:1"]);
  expect(timers.deadline(1)).toBeUndefined();
  expect(engine.pending).toBe(0);
});

test("a timer may be armed again, or another cancelled, while it fires", () => {
  const engine = new Engine();
  const fired: string[] = [];
  const timers = engine.timers("session", 0, (subject) => {
    fired.push(`${engine.now}:${subject}`);
    expect(timers.deadline(subject)).toBeUndefined();
    if (subject === 0 && engine.now < 30) timers.arm(0, 10);
    timers.cancel(1);
  });
  timers.arm(0, 10);
  timers.arm(1, 10);
  engine.runUntil(100);
  expect(fired).toEqual(["10:0", "20:0", "30:0"]);
});

test("timers with all sorts of deadlines fire in order of deadline, then subject", () => {
  const engine = new Engine();
  const fired: (readonly [number, number])[] = [];
  const timers = engine.timers("timer", 0, (subject) => fired.push([engine.now, subject]));
  const count = 1_000;
  const dues = Array.from({ length: count }, (_, subject) => 1 + ((subject * 7_919) % 97));
  for (const round of [3, 2, 1]) dues.forEach((due, subject) => timers.arm(subject, due * round));
  dues.forEach((_, subject) => subject % 5 === 0 && timers.cancel(subject));
  engine.runUntil(1_000);
  const expected = dues
    .map((due, subject) => [due, subject] as const)
    .filter(([, subject]) => subject % 5 !== 0)
    .toSorted(([due, subject], [otherDue, other]) => due - otherDue || subject - other);
  expect(fired).toEqual(expected);
});

test("the same delay and kind share a lane, and a lane without delay keeps the order of subjects", () => {
  const { engine, kind, log } = recorder();
  expect(engine.lane(3, kind)).toBe(engine.lane(3, kind));
  const now = engine.lane(0, kind);
  for (const subject of [3, 1, 2]) now.push(subject);
  engine.runUntil(0);
  expect(log).toEqual(["0:1", "0:2", "0:3"]);
});

test("a lane whose ring grows while one instant's events are out of order still goes by subject", () => {
  const engine = new Engine();
  const seen: number[] = [];
  const kind = engine.on("beat", 3, (subject) => seen.push(subject));
  const lane = engine.lane(7, kind);
  for (let subject = 0; subject < 10; subject++) lane.push(subject);
  engine.runUntil(7); // so the ring of 16 no longer begins at its first place
  const last = [];
  for (let subject = 116; subject > 100; subject--) last.push(subject);
  for (const subject of [...last, 120, 119]) lane.push(subject); // grows here
  for (const subject of [103, 101, 118]) engine.schedule(7, kind, subject);
  engine.runUntil(14);
  const expected = [...last, 120, 119, 103, 101, 118].toSorted((a, b) => a - b);
  expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, ...expected]);
});

test("more sources than anybody counted still merge into one order", () => {
  const { engine, kind, log } = recorder();
  const delays = Array.from({ length: 37 }, (_, index) => 1 + ((index * 11) % 37));
  for (const delay of delays) engine.lane(delay, kind).push(delay);
  const sets = delays.map((delay) => {
    const set = engine.timers("set", 3, (subject) => log.push(`${engine.now}:${subject}`));
    set.arm(1_000, delay);
    return set;
  });
  sets[0].cancel(1_000);
  engine.runUntil(100);
  const expected = delays
    .toSorted((a, b) => a - b)
    .flatMap((delay) => (delay === delays[0] ? [`${delay}:${delay}`] : [`${delay}:${delay}`, `${delay}:1000`]));
  expect(log).toEqual(expected);
});

test("stops after the event that asks for it, and goes on from there", () => {
  const engine = new Engine();
  const seen: number[] = [];
  const kind = engine.on("event", 0, (subject) => {
    seen.push(subject);
    if (subject === 2) engine.stop();
  });
  for (const time of [1, 2, 3]) engine.scheduleAt(time, kind, time);
  engine.runUntil(10);
  expect([seen, engine.now]).toEqual([[1, 2], 2]);
  engine.runUntil(10);
  expect([seen, engine.now]).toEqual([[1, 2, 3], 10]);
});

test("an instant whose events go on making others of that instant ends with an error", () => {
  const engine = new Engine();
  const again = engine.on("again", 3, () => lane.push(0));
  const lane = engine.lane(0, again);
  engine.schedule(7 * SECOND, again, 0);
  expect(() => engine.runUntil(HOUR)).toThrow(ClockStandsStill);
  expect(engine.now).toBe(7 * SECOND);
  expect(engine.executed).toBeGreaterThanOrEqual(MOST_AT_AN_INSTANT);
  expect(engine.executed).toBeLessThan(1.01 * MOST_AT_AN_INSTANT);
});

test("instants that have an end may be as many and, together, as full as they like", () => {
  const engine = new Engine();
  const most = 0.4 * MOST_AT_AN_INSTANT;
  let left = most;
  const again = engine.on("again", 3, () => {
    if (--left > 0) return lane.push(0);
    left = most;
    engine.post(1, again, 0);
  });
  const lane = engine.lane(0, again);
  engine.schedule(1, again, 0);
  engine.runUntil(3);
  expect(engine.executed).toBe(3 * most);
});

test("steps from event to event", () => {
  const { engine, kind, log } = recorder();
  engine.schedule(5, kind, 1);
  engine.schedule(45 * SECOND, kind, 2);
  expect([engine.step(), engine.now]).toEqual([true, 5]);
  expect([engine.step(), engine.now]).toEqual([true, 45 * SECOND]);
  expect([engine.step(), engine.now]).toEqual([false, 45 * SECOND]);
  expect(log).toHaveLength(2);
});

test("observers see every event after it ran, timers and lanes included, in the order they were registered", () => {
  const engine = new Engine();
  const log: string[] = [];
  const kind = engine.on("heartbeat", 3, () => log.push("ran"));
  engine.afterEach((kind, subject) => log.push(`first ${engine.nameOf(kind)} ${subject}`));
  engine.afterEach((kind) => log.push(`second ${engine.nameOf(kind)}`));
  engine.schedule(1, kind, 7);
  engine.lane(2, kind).push(8);
  engine.timers("session", 0, () => log.push("fired")).arm(9, 3);
  engine.runUntil(5);
  expect(log).toEqual([
    ...["ran", "first heartbeat 7", "second heartbeat"],
    ...["ran", "first heartbeat 8", "second heartbeat"],
    ...["fired", "first session 9", "second session"],
  ]);
});

test("refuses what is no instant, no subject, no class, and running inside an event", () => {
  const { engine, kind } = recorder();
  engine.runUntil(100);
  for (const delay of [-1, 0.5, NaN, Infinity, Number.MAX_SAFE_INTEGER]) {
    expect(() => engine.schedule(delay, kind, 0)).toThrow("whole number of microseconds");
    expect(() => engine.timers("t", 0, () => {}).arm(0, delay)).toThrow("whole number of microseconds");
  }
  for (const delay of [-1, 0.5, NaN]) expect(() => engine.lane(delay, kind)).toThrow("whole number of microseconds");
  expect(() => engine.scheduleAt(99, kind, 0)).toThrow("not before 100");
  expect(() => engine.runUntil(99)).toThrow("not before 100");
  for (const subject of [-1, 0.5, 2 ** 28, NaN]) {
    expect(() => engine.schedule(1, kind, subject)).toThrow("subject");
    expect(() => engine.lane(1, kind).push(subject)).toThrow("subject");
    expect(() => engine.timers("t", 0, () => {}).arm(subject, 1)).toThrow("subject");
  }
  for (const orderClass of [-1, 8, 1.5]) expect(() => engine.on("x", orderClass, () => {})).toThrow("order class");
  const nested = engine.on("nested", 0, () => engine.runUntil(1_000));
  engine.schedule(1, nested, 0);
  expect(() => engine.runUntil(200)).toThrow("must not run the engine");
});

test("an event that throws is done with, and the run can go on", () => {
  const { engine, kind, log } = recorder();
  const faulty = engine.on("faulty", 0, () => {
    throw new Error("broken invariant");
  });
  engine.schedule(1, faulty, 0);
  engine.schedule(2, kind, 1);
  expect(() => engine.runUntil(5)).toThrow("broken invariant");
  expect(engine.now).toBe(1);
  engine.runUntil(5);
  expect(log).toEqual(["2:1"]);
});
