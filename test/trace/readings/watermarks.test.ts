import { expect, test } from "vitest";
import type { Happening } from "../../../sim/trace/event.ts";
import { standingWatermarks } from "../../../sim/trace/readings/watermarks.ts";
import { collect, Story } from "../../support/events.ts";

const s = 1_000_000;

const watermark = (moves: boolean, partitions: number[], waitsFor: number[] = []): Happening => ({
  type: "partition.watermark",
  topic: "orders",
  partitions,
  moves,
  waitsFor,
});

const told = (story: Story, end: number) =>
  collect(standingWatermarks, story, end).map(({ partition, waitsFor, from, to }) => [
    partition,
    waitsFor,
    from / s,
    to / s,
  ]);

test("a watermark stands still until it moves, or to the end, each partition's for itself", () => {
  const story = new Story();
  story.at(0, watermark(true, [0, 1]));
  story.at(20, watermark(false, [0, 1], [3]));
  story.at(29, watermark(true, [0]));
  expect(told(story, 60)).toEqual([
    [0, [3], 20, 29],
    [1, [3], 20, 60],
  ]);
});

test("what it waits for may change while it stands, and a deleted topic waits for nothing", () => {
  const story = new Story();
  story.at(20, watermark(false, [0], [2, 3]));
  story.at(25, watermark(false, [0], []));
  story.at(30, { type: "topic.changed", topic: "orders", change: "deleted", before: 1, partitions: 0 });
  expect(told(story, 60)).toEqual([
    [0, [2, 3], 20, 25],
    [0, [], 25, 30],
  ]);
});
