import { describe, expect, test } from "vitest";
import { MILLISECOND, SECOND } from "../../../sim/engine/time.ts";
import { Queues, type QueueOptions } from "./world.ts";

const s = (seconds: number): number => Math.round(seconds * SECOND);

/** Records that were done, as "partition-offset at second"; and what polls handed out, as "second: records of partition". */
function told(options: Partial<QueueOptions> & Pick<QueueOptions, "partitions">) {
  const done: string[] = [];
  const polls: string[] = [];
  const queues = new Queues({
    seed: "1",
    arrivals: "even",
    service: { constant: 1 },
    processed: ({ partition, offset }, t) => done.push(`${partition}-${offset} at ${t / SECOND}`),
    polled: ({ partition, records }, t) => polls.push(`${t / SECOND}: ${records} of ${partition}`),
    ...options,
  });
  return { done, polls, queues };
}

describe("a fetch takes time", () => {
  test("a record that comes while the fetch waits for it takes the way back", () => {
    const { done, queues } = told({ partitions: 1, oneWay: { constant: s(0.1) }, service: { constant: s(0.01) } });
    queues.reader(0);
    queues.until(s(0.3));
    queues.flow.arrive(0, 1);
    queues.until(s(1));
    expect(done).toEqual(["0-0 at 0.41"]);
  });

  test("one that comes while the fetch is on its way there is found by it, and is no later", () => {
    const { polls, queues } = told({ partitions: 1, oneWay: { constant: s(0.1) } });
    queues.reader(0);
    queues.until(s(0.05));
    queues.flow.arrive(0, 1);
    queues.until(s(1));
    expect(polls).toEqual(["0.2: 1 of 0"]);
  });

  test("one that comes just after the answer has left waits for the next fetch: three ways", () => {
    const { polls, queues } = told({ partitions: 1, oneWay: { constant: s(0.1) } });
    queues.reader(0);
    queues.flow.arrive(0, 1); //    asked for at 0, answered at 0.1 s
    queues.until(s(0.1001));
    queues.flow.arrive(0, 1); //    asked for at 0.2 s
    queues.until(s(1));
    expect(polls).toEqual(["0.2: 1 of 0", "0.4: 1 of 0"]);
  });

  // A chunk is 4 records, a poll hands out 2, each takes 1 s; a round trip 3 s. The poll of 5 s takes the last of the first
  // chunk and asks for more, which comes at 8 s: of the 3 s it works through 2.
  test("the next one is under way while the last batch of a chunk is worked on", () => {
    const { done, queues } = told({
      partitions: 1,
      oneWay: { constant: s(1.5) },
      service: { constant: s(1) },
      limits: { records: 2, partitionBytes: 4 },
    });
    queues.flow.arrive(0, 100);
    queues.reader(0);
    queues.until(s(15));
    expect(done.map((record) => record.slice(record.indexOf("at ") + 3).trim())).toEqual(
      [4, 5, 6, 7, 9, 10, 11, 12, 14, 15].map(String),
    );
  });

  test("one member's fetches are drawn from a stream of its own", () => {
    const { done, queues } = told({ partitions: 2, oneWay: { uniform: [s(0.1), s(0.2)] } });
    queues.reader(0);
    queues.flow.arrive(0, 1);
    queues.until(s(2));
    const alone = [...done];
    const other = told({ partitions: 2, oneWay: { uniform: [s(0.1), s(0.2)] } });
    other.queues.reader(0);
    other.queues.reader(1);
    other.queues.flow.arrive(0, 1);
    other.queues.until(s(2));
    expect(other.done).toEqual(alone);
  });
});

describe("a broker has one fetch of a consumer at a time", () => {
  // O28 of spec/offsets-and-lag.md, 10 ms each way: p0 is asked for at 0, and waits at the broker from 0.01 to 0.51 s. p1 with
  // its backlog comes at 0.1 s.
  const o28 = (...options: [Partial<QueueOptions>?]) => {
    const { polls, queues } = told({ partitions: 2, oneWay: { constant: s(0.01) }, ...options[0] });
    const reader = queues.reader(0);
    queues.flow.arrive(1, 5);
    queues.until(s(0.1));
    queues.flow.read(reader, [1]);
    return { polls, queues };
  };

  test("O28: what is newly assigned waits until an idle one is answered, after fetch.max.wait.ms", () => {
    const { polls, queues } = o28();
    queues.until(s(2));
    expect(polls).toEqual(["0.54: 5 of 1"]); // answered at 0.51, back at 0.52; then there and back
  });

  test("O28: or sooner, if that brings something", () => {
    const { polls, queues } = o28();
    queues.until(s(0.2));
    queues.flow.arrive(0, 1);
    queues.until(s(2));
    expect(polls).toEqual(["0.21: 1 of 0", "0.23: 5 of 1"]);
  });

  test("O28: and not at all, if another broker leads it", () => {
    const { polls, queues } = told({ partitions: 2, oneWay: { constant: s(0.01) } });
    queues.leaders[1] = 2;
    const reader = queues.reader(0);
    queues.flow.arrive(1, 5);
    queues.until(s(0.1));
    queues.flow.read(reader, [1]);
    queues.until(s(2));
    expect(polls).toEqual(["0.12: 5 of 1"]);
  });

  // Two records of p0 and one of p1, a poll hands out one, which takes 1 s: p0, p0, p1. More of both comes at 0.5 s. Before 4.0
  // the poll of 1 s asks for p0, of which nothing is left, and that of 3 s for p1, whose turn did not come before; from 4.0 on
  // the poll of 2 s asks for both.
  test.for([
    ["before 4.0 whatever else it sent", false, ["0: 1 of 0", "1: 1 of 0", "2: 1 of 1", "3: 1 of 0", "4.5: 1 of 1"]],
    [
      "from 4.0 on only when all that it sent is handed out",
      true,
      ["0: 1 of 0", "1: 1 of 0", "2: 1 of 1", "3.5: 1 of 0", "4.5: 1 of 1"],
    ],
  ] as const)("it is asked for a partition %s", ([, drainsBrokers, expected]) => {
    const { polls, queues } = told({
      partitions: 2,
      service: { constant: s(1) },
      limits: { records: 1, drainsBrokers },
      oneWay: { constant: s(0.75) },
    });
    queues.flow.arrive(0, 2);
    queues.flow.arrive(1, 1);
    queues.reader(0, 1);
    queues.until(s(2));
    for (const partition of [0, 1]) queues.flow.arrive(partition, 1);
    queues.until(s(10));
    // counted from the first poll, a round trip after the first fetch
    expect(polls.map((poll) => `${parseFloat(poll) - 1.5}${poll.slice(poll.indexOf(":"))}`)).toEqual(expected);
  });
});

describe("how much a fetch brings", () => {
  test("it waits for fetch.min.bytes over all its partitions, or for fetch.max.wait.ms", () => {
    const { polls, queues } = told({ partitions: 2, limits: { minBytes: 4 } });
    queues.reader(0, 1);
    for (const [at, partition] of [
      [0.1, 0],
      [0.2, 1],
      [0.3, 0],
      [0.4, 0], //         the fourth
      [0.6, 1], //         the next one has waited from 0.4 s on
    ]) {
      queues.until(s(at));
      queues.flow.arrive(partition, 1);
    }
    queues.until(s(2));
    expect(polls).toEqual(["0.4: 3 of 0", "0.4: 1 of 1", "0.9: 1 of 1"]);
  });

  test("fetch.max.bytes bounds all of it; whose turn it was not is first the next time", () => {
    const { polls, queues } = told({ partitions: 3, limits: { bytes: 5, partitionBytes: 3 } });
    for (const partition of [0, 1, 2]) queues.flow.arrive(partition, 4);
    queues.reader(0, 1, 2);
    queues.until(1000);
    expect(polls.map((poll) => poll.slice(poll.indexOf(": ") + 2))).toEqual([
      ...["3 of 0", "2 of 1"],
      ...["3 of 2", "1 of 0", "1 of 1"], // p2 first now; then those that have brought something, in turn
      ...["1 of 2", "1 of 1"],
    ]);
  });

  test("a record larger than all limits is brought, alone", () => {
    const { polls, queues } = told({ partitions: 2, limits: { bytes: 0.5, partitionBytes: 0.5 } });
    for (const partition of [0, 1]) queues.flow.arrive(partition, 2);
    queues.reader(0, 1);
    queues.until(1000);
    expect(polls.map((poll) => poll.slice(poll.indexOf(": ") + 2))).toEqual(["1 of 0", "1 of 1", "1 of 0", "1 of 1"]);
  });
});

describe("a fetch that cannot be answered as it was meant", () => {
  test("is answered at once when its broker leads one of the partitions no longer; the next goes to the new leader", () => {
    const { polls, queues } = told({ partitions: 2, oneWay: { constant: s(0.01) } });
    queues.reader(0, 1);
    queues.until(s(0.1));
    queues.leaders[0] = 2;
    queues.flow.hold(0, false);
    queues.until(s(0.105));
    queues.flow.arrive(0, 1); // would have been answered until 0.51 s
    queues.until(s(1));
    expect(polls).toEqual(["0.13: 1 of 0"]); // the news at 0.11, there and back
  });

  test("is given up when its broker has died, and sent again when it can be", () => {
    const { polls, queues } = told({ partitions: 1, oneWay: { constant: s(0.01) } });
    queues.reader(0);
    queues.until(s(0.1));
    queues.silent.add(1);
    queues.flow.hold(0, true);
    queues.flow.arrive(0, 1);
    queues.until(s(0.2));
    queues.silent.delete(1);
    queues.flow.hold(0, false);
    queues.until(s(1));
    expect(polls).toEqual(["0.22: 1 of 0"]);
  });

  test("what is on its way back when a broker dies arrives", () => {
    const { polls, queues } = told({ partitions: 1, oneWay: { constant: s(0.01) } });
    queues.reader(0);
    queues.until(s(0.1));
    queues.flow.arrive(0, 1);
    queues.until(s(0.105));
    queues.silent.add(1);
    queues.flow.hold(0, true);
    queues.until(s(1));
    expect(polls).toEqual(["0.11: 1 of 0"]);
  });

  test("a fetch on its way to a broker that dies before it comes is sent again", () => {
    const { polls, queues } = told({ partitions: 1, oneWay: { constant: s(0.1) } });
    queues.flow.arrive(0, 1);
    queues.reader(0);
    queues.until(s(0.05));
    queues.silent.add(1);
    queues.flow.hold(0, true);
    queues.until(s(0.06));
    queues.silent.delete(1);
    queues.flow.hold(0, false);
    queues.until(s(1));
    expect(polls).toEqual(["0.26: 1 of 0"]);
  });

  test("what it brings of a partition that has gone, or is read from elsewhere, is dropped", () => {
    const { polls, queues } = told({ partitions: 3, oneWay: { constant: s(0.1) } });
    for (const partition of [0, 1, 2]) queues.flow.arrive(partition, 4);
    const reader = queues.reader(0, 1, 2);
    queues.until(s(0.15));
    queues.flow.stop(reader, [0]);
    queues.flow.seek(1, 3, { reread: "crash", lost: "reset" });
    queues.until(s(1));
    expect(polls).toEqual(["0.2: 4 of 2", "0.4: 1 of 1"]);
    expect(queues.flow.totals()).toEqual({ produced: 12, consumed: 5, lag: 4, reread: 0, lost: 3 });
  });

  test("what it brings of a partition that was given back meanwhile, at the same offset, is kept", () => {
    const { polls, queues } = told({ partitions: 1, oneWay: { constant: s(0.1) } });
    queues.flow.arrive(0, 4);
    const reader = queues.reader(0);
    queues.until(s(0.05));
    queues.flow.stop(reader, [0]);
    queues.flow.read(reader, [0]);
    queues.until(s(1));
    expect(polls).toEqual(["0.2: 4 of 0"]);
  });

  test("who is held up takes no records, though they come, and asks for none", () => {
    const { polls, queues } = told({ partitions: 1, oneWay: { constant: 100 * MILLISECOND } });
    queues.flow.arrive(0, 1);
    const reader = queues.reader(0);
    queues.until(s(0.05));
    queues.flow.setCapacity(reader, 0);
    queues.until(s(3));
    queues.flow.arrive(0, 1);
    queues.flow.setCapacity(reader, 1);
    queues.until(s(5));
    expect(polls).toEqual(["3: 1 of 0", "3.2: 1 of 0"]);
  });
});
