import { expect, test } from "vitest";
import type { Happening } from "../../../sim/trace/event.ts";
import { brokerStates, controllers, coordinators } from "../../../sim/trace/readings/brokers.ts";
import { collect, Story } from "../../support/events.ts";

const s = 1_000_000;
const CLUSTER = {
  brokers: [
    { id: 1, zone: "a" },
    { id: 2, zone: "b" },
  ],
};

const broker = (id: number, from: string, to: string, reason: string): Happening => ({
  type: "broker.state",
  broker: id,
  from,
  to,
  reason,
});
const coordinator = (id: number, from: string, to: string, groups = ["g"]): Happening => ({
  type: "coordinator.state",
  broker: id,
  partition: 9,
  groups,
  from,
  to,
  reason: "x",
});

test("a broker runs until something is said of it, and each of its states lasts until the next", () => {
  const story = new Story();
  story.at(10, broker(1, "Running", "Crashed", "crashed"));
  story.at(19, broker(1, "Crashed", "Fenced", "fenced"));
  const told = collect(brokerStates, story, 30, CLUSTER);
  expect(told.map(({ broker: id, state, from, to, reason }) => [id, state, from / s, to / s, reason])).toEqual([
    [1, "Running", 0, 10, null],
    [1, "Crashed", 10, 19, "crashed"],
    [1, "Fenced", 19, 30, "fenced"],
    [2, "Running", 0, 30, null],
  ]);
});

test("a broker that no header names is there as soon as anything is said of it, in the state that it was in", () => {
  const story = new Story();
  story.at(0, { type: "partition.leader", topic: "orders", partitions: [0], from: null, to: 3, reason: "initial" });
  story.at(5, coordinator(4, "Initial", "Loading"));
  story.at(10, broker(5, "CatchingUp", "Running", "caught-up"));
  const told = collect(brokerStates, story, 30);
  expect(told.map(({ broker: id, state, from, to }) => [id, state, from / s, to / s])).toEqual([
    [5, "CatchingUp", 0, 10],
    [3, "Running", 0, 30],
    [4, "Running", 0, 30],
    [5, "Running", 10, 30],
  ]);
});

test("a coordinator is where it loads and then where it is active; a closed one is nowhere", () => {
  const story = new Story();
  story.at(0, coordinator(1, "Initial", "Loading"));
  story.at(0, coordinator(1, "Loading", "Active"));
  story.at(20, coordinator(1, "Active", "Closed"));
  story.at(29, coordinator(2, "Initial", "Loading"));
  story.at(31, coordinator(2, "Loading", "Active"));
  const told = collect(coordinators, story, 60);
  expect(told.map(({ broker: id, state, from, to }) => [id, state, from / s, to / s])).toEqual([
    [1, "Active", 0, 20],
    [2, "Loading", 29, 31],
    [2, "Active", 31, 60],
  ]);
});

test("one that was replaced and does not know it is told beside its successor, each group's apart", () => {
  const story = new Story();
  story.at(0, coordinator(1, "Loading", "Active", ["g", "h"]));
  story.at(10, coordinator(2, "Loading", "Active", ["g"]));
  story.at(15, coordinator(1, "Active", "Closed", ["g"]));
  const told = collect(coordinators, story, 20);
  expect(told.map(({ group, broker: id, from, to }) => [group, id, from / s, to / s])).toEqual([
    ["g", 1, 0, 15],
    ["g", 2, 10, 20],
    ["h", 1, 0, 20],
  ]);
});

test("a controller is told from the one it took over from; of a cluster that never speaks of one, nothing", () => {
  const story = new Story();
  expect(collect(controllers, story, 20)).toEqual([]);
  story.at(5, { type: "controller.changed", from: 3001, to: null, reason: "crashed" });
  story.at(7, { type: "controller.changed", from: null, to: 3002, reason: "elected" });
  expect(collect(controllers, story, 20).map(({ controller, from, to }) => [controller, from / s, to / s])).toEqual([
    [3001, 0, 5],
    [null, 5, 7],
    [3002, 7, 20],
  ]);
});
