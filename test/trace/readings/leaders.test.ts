import { expect, test } from "vitest";
import type { Happening } from "../../../sim/trace/event.ts";
import { leaderships } from "../../../sim/trace/readings/leaders.ts";
import { collect, Story } from "../../support/events.ts";

const s = 1_000_000;

const leads = (from: number | null, to: number | null, partitions: number[], reason = "x"): Happening => ({
  type: "partition.leader",
  topic: "orders",
  partitions,
  from,
  to,
  reason,
});
const broker = (id: number, from: string, to: string): Happening => ({
  type: "broker.state",
  broker: id,
  from,
  to,
  reason: "x",
});

const told = (story: Story, end: number) =>
  collect(leaderships, story, end)
    .map(({ partition, leader, answers, from, to }) => [partition, leader, answers, from / s, to / s] as const)
    .sort(([a, , , from], [b, , , since]) => a - b || from - since);

test("a leader that died answers nobody until the controller has chosen another", () => {
  const story = new Story();
  story.at(0, leads(null, 1, [0, 1]));
  story.at(20, broker(1, "Running", "Crashed"));
  story.at(29, broker(1, "Crashed", "Fenced"));
  story.at(29, leads(1, 2, [0]));
  story.at(29, leads(1, null, [1]));
  expect(told(story, 60)).toEqual([
    [0, 1, true, 0, 20],
    [0, 1, false, 20, 29],
    [0, 2, true, 29, 60],
    [1, 1, true, 0, 20],
    [1, 1, false, 20, 29],
    [1, null, false, 29, 60],
  ]);
});

test("one that is fenced but lives, or stops in order, answers; one that has exited does not until it is back", () => {
  const story = new Story();
  story.at(0, leads(null, 1, [0]));
  story.at(0, leads(null, 2, [1]));
  story.at(10, broker(1, "Running", "Isolated"));
  story.at(10, broker(2, "Running", "ShuttingDown"));
  story.at(15, broker(2, "ShuttingDown", "Fenced"));
  story.at(25, broker(2, "Fenced", "CatchingUp"));
  expect(told(story, 30)).toEqual([
    [0, 1, true, 0, 30],
    [1, 2, true, 0, 15],
    [1, 2, false, 15, 25],
    [1, 2, true, 25, 30],
  ]);
});

test("who led before and dies afterwards is nobody's concern, and a deleted topic has no leaders", () => {
  const story = new Story();
  story.at(0, leads(null, 1, [0]));
  story.at(5, leads(1, 2, [0], "preferred"));
  story.at(8, broker(1, "Running", "Crashed"));
  story.at(12, { type: "topic.changed", topic: "orders", change: "deleted", before: 1, partitions: 0 });
  story.at(14, broker(2, "Running", "Crashed"));
  expect(told(story, 30)).toEqual([
    [0, 1, true, 0, 5],
    [0, 2, true, 5, 12],
  ]);
});
