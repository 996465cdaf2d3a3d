import { expect, test } from "vitest";
import { SECOND } from "../../../sim/engine/time.ts";
import type { Happening } from "../../../sim/trace/event.ts";
import { seats } from "../../../sim/trace/readings/seats.ts";
import { collect, Story } from "../../support/events.ts";

type Member = Extract<Happening, { type: "group.member" }>;
const member = (change: Member["change"], id: string, client: string, instance?: string): Happening => ({
  type: "group.member",
  group: "g",
  member: id,
  client,
  change,
  reason: "…",
  ...(instance !== undefined && { instance }),
});

test("a seat lasts from the coordinator's adding a member to its removing it, or to the end", () => {
  const story = new Story();
  story.at(1, member("pending", "a-1", "a"));
  story.at(2, member("added", "a-1", "a"));
  story.at(3, member("added", "b-1", "b"));
  story.at(4, member("rejoined", "a-1", "a"));
  story.at(30, member("removed", "b-1", "b"));
  expect(collect(seats, story, 60).map(({ client, from, to }) => [client, from / SECOND, to / SECOND])).toEqual([
    ["b", 3, 30],
    ["a", 2, 60],
  ]);
});

test("a static member's successor takes its seat", () => {
  const story = new Story();
  story.at(1, member("added", "a-1", "a", "seat"));
  story.at(20, member("replaced", "a-2", "a", "seat"));
  expect(collect(seats, story, 60).map(({ member, from, to }) => [member, from / SECOND, to / SECOND])).toEqual([
    ["a-1", 1, 20],
    ["a-2", 20, 60],
  ]);
});

test("nobody has a seat while the group is unloaded", () => {
  const story = new Story();
  story.at(1, member("added", "a-1", "a"));
  const unloaded = { type: "group.state", group: "g", from: "Stable", to: "Dead", generation: 1 } as const;
  story.at(10, { ...unloaded, reason: "unloaded" });
  story.at(15, member("restored", "a-1", "a"));
  expect(collect(seats, story, 60).map(({ from, to }) => [from / SECOND, to / SECOND])).toEqual([
    [1, 10],
    [15, 60],
  ]);
});
