import { describe, expect, test } from "vitest";
import { type Stream, Streams } from "../../sim/engine/random.ts";
import { fullBatch, PollLoop, SlowBatches } from "../../sim/workload/service.ts";

const MS = 1000;
const BUSY = { arriving: true, backlogged: true };
const CAUGHT_UP = { arriving: true, backlogged: false };
const EMPTY = { arriving: false, backlogged: false };

/** A stream for `{ uniform: [0, 1000 ms] }` that gives batches of these lengths. */
function batches(...ms: number[]): Stream & { left(): number } {
  const uniform = () => ms.shift()! / 1000;
  return { uniform, uniform53: uniform, int32: () => 0, left: () => ms.length };
}

const nobody = () => new Streams("none").stream("none");
const constant = (ms: number, start = 0) => new PollLoop({ batch: { constant: ms * MS }, full: 1 }, nobody(), start);

describe("an application that rests", () => {
  test("is inside poll at any instant", () => {
    const loop = constant(250, 70 * MS);
    expect(loop.nextPoll(70 * MS)).toBe(70 * MS);
    expect(loop.nextPoll(123_456_789)).toBe(123_456_789);
  });

  test("cannot be inside poll before it has started", () => {
    expect(constant(250, 70 * MS).nextPoll(0)).toBe(70 * MS);
  });
});

describe("an application that works", () => {
  test("polls on a grid from the begin of its work", () => {
    const loop = constant(250);
    loop.supply(100 * MS, BUSY);
    expect([100, 101, 349, 350, 351].map((ms) => loop.nextPoll(ms * MS) / MS)).toEqual([100, 350, 350, 350, 600]);
    expect(loop.nextPoll(86_400_000 * MS) / MS).toBe(86_400_100); // a day later, by division
  });

  test("polled last when the batch in hand began, whatever holds that up, or now", () => {
    const loop = constant(250);
    expect(loop.lastPoll(70 * MS) / MS).toBe(70); // at rest
    loop.supply(100 * MS, BUSY);
    expect([100, 101, 350, 599].map((ms) => loop.lastPoll(ms * MS) / MS)).toEqual([100, 100, 350, 350]);
    loop.hold(700 * MS, 400 * MS); // in the batch that began at 600
    expect([700, 1099].map((ms) => loop.lastPoll(ms * MS) / MS)).toEqual([600, 600]);
    loop.hold(1099 * MS, 100 * MS); // in the same
    expect([1198, 1199, 1200].map((ms) => loop.lastPoll(ms * MS) / MS)).toEqual([600, 1199, 1199]);
  });

  test("… at each end of batches of chance, too; and held up at rest, when that began", () => {
    const loop = new PollLoop({ batch: { uniform: [0, 1000 * MS] }, full: 1 }, batches(300, 500, 100), 0);
    loop.supply(0, BUSY);
    expect([1, 299, 300, 301, 799].map((ms) => loop.lastPoll(ms * MS) / MS)).toEqual([0, 0, 300, 300, 300]);
    const resting = constant(250);
    resting.hold(50 * MS, 500 * MS);
    expect([50, 549, 550, 600].map((ms) => resting.lastPoll(ms * MS) / MS)).toEqual([50, 50, 550, 600]);
  });

  test("finishes the batch in hand before it rests", () => {
    const loop = constant(250);
    loop.supply(100 * MS, BUSY);
    loop.supply(400 * MS, EMPTY); // polls at 100, 350, 600
    expect([400, 599, 600, 601].map((ms) => loop.nextPoll(ms * MS) / MS)).toEqual([600, 600, 600, 601]);
  });

  test("goes on after the batch in hand if work comes back meanwhile", () => {
    const loop = constant(250);
    loop.supply(100 * MS, BUSY);
    loop.supply(400 * MS, EMPTY);
    loop.supply(500 * MS, BUSY);
    expect([500, 601].map((ms) => loop.nextPoll(ms * MS) / MS)).toEqual([600, 850]);
  });

  test("does so while records arrive or wait if its batches have a law of their own", () => {
    const loop = constant(250);
    loop.supply(0, CAUGHT_UP);
    expect(loop.nextPoll(1 * MS)).toBe(250 * MS);
    loop.supply(300 * MS, EMPTY);
    expect(loop.nextPoll(501 * MS)).toBe(501 * MS);
  });

  test("does so with full batches, and only while there is backlog, if they have none", () => {
    const loop = new PollLoop({ full: fullBatch(500, 1000) }, nobody(), 0);
    loop.supply(0, CAUGHT_UP);
    expect(loop.nextPoll(1 * MS)).toBe(1 * MS);
    loop.supply(100 * MS, BUSY);
    expect(loop.nextPoll(101 * MS)).toBe(600 * MS);
  });
});

test("however little an application reads, the end of its batch is an instant that there is", () => {
  expect(fullBatch(500, 0.0001 / 3_600)).toBe(100 * 365 * 24 * 3_600_000_000); // 571 years
  expect(fullBatch(2 ** 31 - 1, 1)).toBe((2 ** 31 - 1) * 1_000_000); // 68 years
  const loop = new PollLoop({ full: fullBatch(500, Number.MIN_VALUE) }, nobody(), 0);
  loop.supply(0, BUSY);
  expect(loop.nextPoll(366 * 24 * 3_600_000_000)).toBeLessThan(Number.MAX_SAFE_INTEGER);
});

describe("an application with full batches", () => {
  const backlogged = () => {
    const loop = new PollLoop({ full: fullBatch(500, 1000) }, nobody(), 0);
    loop.supply(100 * MS, BUSY);
    return loop;
  };

  test("is through with the last batch of a backlog when that is gone: there was not more in it", () => {
    const loop = backlogged();
    loop.supply(730 * MS, CAUGHT_UP); // in the batch that began at 600
    expect([730, 731].map((ms) => loop.nextPoll(ms * MS) / MS)).toEqual([730, 731]);
  });

  test("is not, if something holds it up in that", () => {
    const loop = backlogged();
    loop.hold(700 * MS, 1000 * MS);
    loop.supply(730 * MS, EMPTY);
    expect(loop.nextPoll(731 * MS)).toBe(1700 * MS);
  });
});

describe("batches of random length", () => {
  test("follow one another, each drawn when a question goes beyond it", () => {
    const stream = batches(400, 100, 700, 50, 900);
    const loop = new PollLoop({ batch: { uniform: [0, 1_000 * MS] }, full: 1 }, stream, 0);
    loop.supply(0, BUSY);
    expect(stream.left()).toBe(5);
    const at = (ms: number) => Math.round(loop.nextPoll(ms * MS) / MS);
    expect([0, 1, 400, 401, 500].map(at)).toEqual([0, 400, 400, 500, 500]);
    expect(stream.left()).toBe(3);
    expect([501, 1200, 1201, 1251].map(at)).toEqual([1200, 1200, 1250, 2150]);
  });

  test("take at least a microsecond, so that time goes on", () => {
    expect(constant(0).nextPoll(5)).toBe(5);
    const loop = new PollLoop({ batch: { uniform: [0, 0] }, full: 1 }, batches(0, 0, 0, 0), 0);
    loop.supply(0, BUSY);
    expect([0, 1, 2].map((t) => loop.nextPoll(t))).toEqual([0, 1, 2]);
  });
});

describe("a batch that takes long", () => {
  test("is the one in hand; polls go on from its end", () => {
    const loop = constant(250);
    loop.supply(0, BUSY);
    loop.hold(300 * MS, 10_000 * MS); // in the batch of 250 to 500
    expect([300, 500, 10_300, 10_301].map((ms) => loop.nextPoll(ms * MS) / MS)).toEqual([
      10_300, 10_300, 10_300, 10_550,
    ]);
  });

  test("ends no sooner than the batch in hand would have", () => {
    const loop = constant(250);
    loop.supply(0, BUSY);
    loop.hold(300 * MS, 100 * MS);
    expect(loop.nextPoll(301 * MS)).toBe(500 * MS);
  });

  test("keeps an idle application out of poll too", () => {
    const loop = constant(250);
    loop.hold(300 * MS, 1000 * MS);
    expect([301, 1300, 1301].map((ms) => loop.nextPoll(ms * MS) / MS)).toEqual([1300, 1300, 1301]);
  });

  test("comes `every` after the end of the last", () => {
    const slow = new SlowBatches({ every: { constant: 60_000 * MS }, lasts: { constant: 7_000 * MS } }, nobody());
    expect(slow.next(1_000 * MS)).toEqual({ at: 61_000 * MS, lasts: 7_000 * MS });
  });
});

describe("commits at polls that are worked out", () => {
  test("are an interval apart, counted from the poll of the one before, and rounded up to a poll (offsets, O3)", () => {
    // A poll every 2 s, T = 5 s: commits at 6, 12, 18 s, whether somebody asks in between or not
    const asked = (...seconds: number[]) => {
      const loop = constant(2000);
      loop.supply(0, BUSY);
      const commits = loop.commits!;
      commits.begin(5000 * MS, 5000 * MS);
      return seconds.map((at) => {
        const { count, last, previous, due } = commits.made(at * 1000 * MS)!;
        return [count, ...[last?.at, previous?.at, due].map((instant = 0) => instant / MS)];
      });
    };
    expect(asked(5)).toEqual([[0, 0, 0, 5000]]);
    expect(asked(7, 13, 19)).toEqual([
      [1, 6000, 0, 11_000],
      [2, 12_000, 6000, 17_000],
      [3, 18_000, 12_000, 23_000],
    ]);
    expect(asked(19)).toEqual([[3, 18_000, 12_000, 23_000]]);
  });
});
