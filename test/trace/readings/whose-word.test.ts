/** A coordinator that was cut off and replaced, and has not heard of it, expires whom it does not hear of any more. */
import { expect, test } from "vitest";
import { SECOND } from "../../../sim/engine/time.ts";
import type { Happening } from "../../../sim/trace/event.ts";
import { groupsAt } from "../../../sim/trace/readings/group-at.ts";
import { rebalances } from "../../../sim/trace/readings/rebalances.ts";
import { seats } from "../../../sim/trace/readings/seats.ts";
import { groupStates, memberCounts } from "../../../sim/trace/readings/states.ts";
import { collect, coordinator, Story } from "../../support/events.ts";

const state = (from: string, to: string, more: object = {}): Happening => ({
  type: "group.state",
  group: "g",
  from,
  to,
  reason: "x",
  generation: 1,
  ...more,
});
const member = (change: "added" | "restored" | "removed", client: string, more: object = {}): Happening => ({
  type: "group.member",
  group: "g",
  member: `${client}-1`,
  client,
  change,
  reason: "x",
  ...more,
});

/** Broker 1 leads the group; broker 3 is elected at 20 s and has loaded it at 21 s; broker 1 hears of that at 40 s. */
function story(): Story {
  const story = new Story();
  story.at(0, coordinator(1, "Initial", "Loading"));
  story.at(0, coordinator(1, "Loading", "Active"));
  story.at(1, member("added", "a"));
  story.at(1, member("added", "late"));
  story.at(1, state("Empty", "PreparingRebalance"));
  story.at(4, state("PreparingRebalance", "CompletingRebalance"));
  story.at(4, state("CompletingRebalance", "Stable"));
  story.at(20, coordinator(3, "Initial", "Loading"));
  story.at(21, coordinator(3, "Loading", "Active"));
  story.at(21, member("restored", "a")); // `late` is in no log
  story.at(21, state("Absent", "Stable"));
  const deposed = { deposed: 1 };
  story.at(30, member("removed", "a", deposed));
  story.at(30, state("Stable", "PreparingRebalance", deposed));
  story.at(30, state("PreparingRebalance", "Empty", deposed));
  story.at(40, coordinator(1, "Active", "Closed"));
  story.at(40, state("Empty", "Dead", deposed));
  return story;
}

test("the group's states are those at the coordinator that speaks for it", () => {
  const spans = collect(groupStates, story(), 60).map(({ state, from, to }) => [state, from / SECOND, to / SECOND]);
  expect(spans.filter(([, from]) => Number(from) >= 4)).toEqual([
    ["Stable", 4, 21],
    ["Stable", 21, 60],
  ]);
});

test("what it expires is no end of a membership; what its successor has not found is", () => {
  const told = collect(seats, story(), 60).map(({ client, from, to }) => [client, from / SECOND, to / SECOND]);
  expect(told.toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1))).toEqual([
    ["a", 1, 60],
    ["late", 1, 21],
  ]);
  const counts = collect(memberCounts, story(), 60).map(({ known, to }) => [known, to / SECOND]);
  expect(counts.filter(([, to]) => to > 4)).toEqual([
    [2, 21],
    [1, 60],
  ]);
});

test("its rebalances are none of the group's", () => {
  expect(collect(rebalances, story(), 60)).toHaveLength(1);
});

test.each([
  { at: 10, says: { state: "Stable", coordinator: 1, members: ["a-1", "late-1"] } },
  // Kafka answers COORDINATOR_LOAD_IN_PROGRESS
  { at: 20.5, says: { state: "Unknown", coordinator: 3, members: [], error: "COORDINATOR_LOAD_IN_PROGRESS" } },
  { at: 25, says: { state: "Stable", coordinator: 3, members: ["a-1"] } },
  { at: 35, says: { state: "Stable", coordinator: 3, members: ["a-1"] } },
  { at: 50, says: { state: "Stable", coordinator: 3, members: ["a-1"] } },
])("at $at s an admin client hears what that coordinator has", ({ at, says }) => {
  const reading = groupsAt(at * SECOND);
  story().tell(reading, 60);
  const [{ state, coordinator, members, error }] = reading.groups();
  expect({ state, coordinator, members: members.map((one) => one.member), ...(error && { error }) }).toEqual(says);
});

test("without a coordinator nobody can tell how a group stands", () => {
  const dead = new Story();
  dead.at(0, coordinator(1, "Initial", "Loading"));
  dead.at(0, coordinator(1, "Loading", "Active"));
  dead.at(1, member("added", "a"));
  dead.at(1, state("Absent", "Stable"));
  dead.at(10, coordinator(1, "Active", "Closed"));
  const reading = groupsAt(15 * SECOND);
  dead.tell(reading, 60);
  expect(reading.groups()).toMatchObject([
    { state: "Unknown", coordinator: null, error: "COORDINATOR_NOT_AVAILABLE", members: [] },
  ]);
});
