import { expect, test } from "vitest";
import type { Happening } from "../../../sim/trace/event.ts";
import { outages } from "../../../sim/trace/readings/outages.ts";
import { collect, coordinator, process, Story } from "../../support/events.ts";

const s = 1_000_000;

const knows = (client: string, broker: number | null): Happening => ({
  type: "client.coordinator",
  client,
  group: "g",
  broker,
  reason: "x",
});

/** Broker 1 coordinates, and a and b know it. */
function settled(): Story {
  const story = new Story();
  story.at(0, coordinator(1, "Initial", "Loading"));
  story.at(0, coordinator(1, "Loading", "Active"));
  story.at(1, knows("a", 1));
  story.at(1, knows("b", 1));
  return story;
}

const told = (story: Story, end = 100) =>
  collect(outages, story, end).map(({ client = "group", from, to, over }) => [client, from / s, to / s, over]);

test("a group is without a coordinator from its death until the next one has loaded; its members until they know it too", () => {
  const story = settled();
  story.at(20, coordinator(1, "Active", "Closed"));
  story.at(29, coordinator(2, "Initial", "Loading"));
  story.at(31, coordinator(2, "Loading", "Active"));
  story.at(33, knows("a", 2));
  expect(told(story)).toEqual([
    ["group", 20, 31, true],
    ["a", 20, 33, true],
    ["b", 20, 100, false],
  ]);
});

test("a member that found the next one while it loaded has a coordinator when that is active", () => {
  const story = settled();
  story.at(20, coordinator(1, "Active", "Closed"));
  story.at(20, coordinator(2, "Initial", "Loading"));
  story.at(20.5, knows("a", null));
  story.at(20.6, knows("a", 2));
  story.at(21, coordinator(2, "Loading", "Active"));
  story.at(22, knows("b", 2));
  expect(told(story)).toEqual([
    ["group", 20, 21, true],
    ["a", 20, 21, true],
    ["b", 20, 22, true],
  ]);
});

test("a member whose connection breaks is alone in its outage", () => {
  const story = settled();
  story.at(20, knows("a", null));
  story.at(21, knows("a", 1));
  expect(told(story)).toEqual([["a", 20, 21, true]]);
});

test("who never had a coordinator is not without one, and who is gone needs none", () => {
  const story = settled();
  story.at(20, coordinator(1, "Active", "Closed"));
  story.at(21, knows("c", 1));
  story.at(25, process("a", "Running", "Crashed"));
  story.at(39, coordinator(2, "Initial", "Loading"));
  story.at(40, coordinator(2, "Loading", "Active"));
  story.at(41, knows("b", 2));
  expect(told(story)).toEqual([
    ["a", 20, 25, false],
    ["group", 20, 40, true],
    ["b", 20, 41, true],
  ]);
});

/** Broker 2 replaces broker 1, which is cut off and does not hear of that before 40 s. */
function deposed(): Story {
  const story = settled();
  story.at(20, coordinator(2, "Initial", "Loading"));
  story.at(21, coordinator(2, "Loading", "Active"));
  return story;
}

test("a coordinator that does not know it was replaced is one until the next has loaded, and none to its members after", () => {
  const story = deposed();
  story.at(30, knows("b", 2));
  story.at(40, coordinator(1, "Active", "Closed"));
  story.at(40.5, knows("a", 2));
  expect(told(story)).toEqual([
    ["b", 21, 30, true],
    ["a", 21, 40.5, true],
  ]);
});

test("when the next one dies, one that was replaced before is none for the group", () => {
  const story = deposed();
  story.at(22, knows("b", 2));
  story.at(25, coordinator(2, "Active", "Closed"));
  story.at(34, coordinator(3, "Initial", "Loading"));
  story.at(35, coordinator(3, "Loading", "Active"));
  story.at(36, knows("b", 3));
  story.at(40, coordinator(1, "Active", "Closed"));
  expect(told(story)).toEqual([
    ["b", 21, 22, true],
    ["group", 25, 35, true],
    ["b", 25, 36, true],
    ["a", 21, 100, false],
  ]);
});

test("one that was replaced before it had loaded, and loads late, takes nothing over", () => {
  const story = settled();
  story.at(20, coordinator(1, "Active", "Closed"));
  story.at(20, coordinator(2, "Initial", "Loading"));
  story.at(30, coordinator(3, "Initial", "Loading")); // broker 2 was cut off, and does not hear of it
  story.at(31, coordinator(2, "Loading", "Active"));
  story.at(32, coordinator(3, "Loading", "Active"));
  story.at(32, knows("a", 2));
  story.at(33, knows("b", 3));
  expect(told(story)).toEqual([
    ["group", 20, 32, true],
    ["b", 20, 33, true],
    ["a", 20, 100, false],
  ]);
});
