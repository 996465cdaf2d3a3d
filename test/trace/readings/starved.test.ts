import { expect, test } from "vitest";
import { starved } from "../../../sim/trace/readings/starved.ts";
import { collect, process, reads, stops, Story } from "../../support/events.ts";

const s = 1_000_000;

const told = (story: Story, end: number) =>
  collect(starved, story, end).map(({ partition, client, from, to }) => [partition, client, from / s, to / s]);

/** `a` reads partition 0 of a topic to which ten records a second come, from 5 s on. */
function reading(): Story {
  const story = new Story();
  story.at(0, process("a", "Absent", "Running"));
  story.lag(0, { group: "g", topic: "orders", partitions: [0, 1], lag: 0, in: 10, out: 0 });
  story.at(5, reads("a", 0));
  story.lag(5, { group: "g", topic: "orders", partitions: [0], lag: 50, in: 10, out: 60 });
  story.lag(6, { group: "g", topic: "orders", partitions: [0], lag: 0, in: 10, out: 10 });
  return story;
}

test("a partition with a reader of which nothing is read is starved; one without a reader is not", () => {
  const story = reading();
  story.lag(20, { group: "g", topic: "orders", partitions: [0], lag: 0, in: 10, out: 0 });
  story.lag(29, { group: "g", topic: "orders", partitions: [0], lag: 90, in: 10, out: 100 });
  expect(told(story, 60)).toEqual([[0, "a", 20, 29]]);
});

test("nothing is starved where nothing is there to be read, and everything is that waits", () => {
  const story = reading();
  story.lag(20, { group: "g", topic: "orders", partitions: [0], lag: 0, in: 0, out: 0 });
  story.lag(30, { group: "g", topic: "orders", partitions: [0], lag: 0, in: 10, out: 0 });
  story.lag(40, { group: "g", topic: "orders", partitions: [0], lag: 100, in: 0, out: 0 });
  expect(told(story, 60)).toEqual([[0, "a", 30, 60]]);
});

test("it ends with its reader, goes on with the next, and is nobody's between; who is frozen is no reader", () => {
  const story = reading();
  story.lag(20, { group: "g", topic: "orders", partitions: [0], lag: 0, in: 10, out: 0 });
  story.at(25, stops("a", "revoked", 0));
  story.at(28, reads("b", 0));
  story.at(30, { type: "client.frozen", client: "b", group: "g", frozen: true });
  story.at(33, { type: "client.frozen", client: "b", group: "g", frozen: false });
  story.lag(40, { group: "g", topic: "orders", partitions: [0], lag: 200, in: 10, out: 300 });
  expect(told(story, 60)).toEqual([
    [0, "a", 20, 25],
    [0, "b", 28, 30],
    [0, "b", 33, 40],
  ]);
});

test("who is through with what it may process, and gets more with its next batch, does not starve", () => {
  const story = reading();
  story.lag(20, { group: "g", topic: "orders", partitions: [0], lag: 10, in: 10, out: 0, spent: true });
  story.lag(22, { group: "g", topic: "orders", partitions: [0], lag: 30, in: 5, out: 0, spent: true });
  story.lag(24, { group: "g", topic: "orders", partitions: [0], lag: 40, in: 10, out: 0 }); // now it may read on
  story.lag(29, { group: "g", topic: "orders", partitions: [0], lag: 90, in: 10, out: 100 });
  expect(told(story, 60)).toEqual([[0, "a", 24, 29]]);
});

/** The same where records are simulated one by one: steps, and whether the reader gets at them. */
function oneByOne(): Story {
  const story = new Story();
  story.at(0, process("a", "Absent", "Running"));
  story.at(5, reads("a", 0));
  story.lag(6, { group: "g", topic: "orders", partitions: [0], lag: 1, in: 0, out: 0, arrived: 1 });
  return story;
}

test("a single record that waits is not starved: it waits for its turn", () => {
  expect(told(oneByOne(), 60)).toEqual([]);
});

test("where its reader gets at none of a partition, single records that wait are starved until it does again", () => {
  const story = oneByOne();
  story.lag(7, { group: "g", topic: "orders", partitions: [0], lag: 0, in: 0, out: 0 });
  story.lag(10, { group: "g", topic: "orders", partitions: [0, 1], lag: 0, in: 0, out: 0, held: [true, false] });
  story.lag(12, { group: "g", topic: "orders", partitions: [0, 1], lag: [1, 1], in: 0, out: 0, arrived: 1 });
  story.lag(14, { group: "g", topic: "orders", partitions: [0], lag: 2, in: 0, out: 0, arrived: 1 });
  story.lag(30, { group: "g", topic: "orders", partitions: [0], lag: 2, in: 0, out: 0, held: false });
  story.lag(31, { group: "g", topic: "orders", partitions: [0], lag: 0, in: 0, out: 0 });
  expect(told(story, 60)).toEqual([[0, "a", 12, 30]]);
});
