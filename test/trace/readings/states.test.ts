import { expect, test } from "vitest";
import type { Happening } from "../../../sim/trace/event.ts";
import { clientStates, groupStates, memberCounts, processes } from "../../../sim/trace/readings/states.ts";
import { collect, headerOf, member, process, state, Story } from "../../support/events.ts";

const s = 1_000_000;

test("a group's states follow each other without gap, from the state its first event tells to the end", () => {
  const story = new Story();
  story.at(1, state("Empty", "PreparingRebalance", "first-member", 0, "a"));
  story.at(4, state("PreparingRebalance", "CompletingRebalance", "join-complete", 1));
  story.at(4, state("CompletingRebalance", "Stable", "assigned", 1));
  const spans = collect(groupStates, story, 10);
  expect(spans.map(({ state, from, to, reason }) => [state, from, to, reason])).toEqual([
    ["Empty", 0, 1 * s, null],
    ["PreparingRebalance", 1 * s, 4 * s, "first-member"],
    ["Stable", 4 * s, 10 * s, "assigned"],
  ]);
  expect(spans[1]).toMatchObject({ client: "a", event: "group/g#1", generation: 0 });
});

test("a group without a word was Empty", () => {
  expect(collect(groupStates, new Story(), 10)).toMatchObject([{ group: "g", state: "Empty", from: 0, to: 10 * s }]);
});

test("a process is told of from its start to the end of the run", () => {
  const story = new Story();
  story.at(1, process("a", "Absent", "Starting"));
  story.at(3, process("a", "Starting", "Running"));
  story.at(7, process("a", "Running", "Crashed"));
  expect(collect(processes, story, 10).map(({ process, from, to }) => [process, from, to])).toEqual([
    ["Starting", 1 * s, 3 * s],
    ["Running", 3 * s, 7 * s],
    ["Crashed", 7 * s, 10 * s],
  ]);
});

const moves = (from: string, to: string): Happening => ({
  type: "client.state",
  client: "a",
  group: "g",
  from,
  to,
  reason: "x",
});

test("a consumer's view of its membership ends with its process", () => {
  const story = new Story();
  story.at(1, moves("UNJOINED", "PREPARING_REBALANCE"));
  story.at(2, moves("PREPARING_REBALANCE", "STABLE"));
  story.at(5, process("a", "Running", "Crashed"));
  expect(collect(clientStates, story, 10).map(({ state, from, to }) => [state, from, to])).toEqual([
    ["PREPARING_REBALANCE", 1 * s, 2 * s],
    ["STABLE", 2 * s, 5 * s],
  ]);
});

test("processes count while they run, members while the coordinator knows them", () => {
  const story = new Story();
  story.at(1, process("a", "Starting", "Running"));
  story.at(2, member("a", "pending"));
  story.at(2, member("a", "added"));
  story.at(3, process("b", "Starting", "Running"));
  story.at(4, process("b", "Running", "Closing"));
  story.at(5, process("b", "Closing", "Stopped"));
  story.at(6, process("a", "Running", "Crashed"));
  story.at(8, member("a", "removed", "session-expired"));
  expect(
    collect(memberCounts, story, 10).map(({ from, to, alive, known }) => [from / s, to / s, alive, known]),
  ).toEqual([
    [0, 1, 0, 0],
    [1, 2, 1, 0],
    [2, 3, 1, 1],
    [3, 5, 2, 1],
    [5, 6, 1, 1],
    [6, 8, 0, 1],
    [8, 10, 0, 0],
  ]);
});

test("a static member's successor takes its seat, so the group has no member more", () => {
  const story = new Story();
  story.at(1, member("a", "added", "new-member", { member: "a-1", instance: "i" }));
  story.at(5, member("c", "replaced", "static-replaced", { member: "c-2", instance: "i" }));
  const spans = collect(memberCounts, story, 10);
  expect(spans.map(({ known }) => known)).toEqual([0, 1, 1]);
});

test("nobody is known between one coordinator and the next", () => {
  const story = new Story();
  story.at(1, member("a", "added"));
  story.at(1, member("b", "added"));
  story.at(5, state("Stable", "Dead", "unloaded", 1));
  story.at(6, member("a", "restored", "loaded"));
  story.at(6, member("b", "restored", "loaded"));
  expect(collect(memberCounts, story, 10).map(({ from, known }) => [from / s, known])).toEqual([
    [0, 0],
    [1, 2],
    [5, 0],
    [6, 2],
  ]);
});

test("no group is made up", () => {
  expect(collect(memberCounts, new Story(), 10, headerOf({ groups: [] }))).toEqual([]);
});
