import { expect, test } from "vitest";
import type { Happening } from "../../../sim/trace/event.ts";
import { liesBetween, linkTroubles, type LinkTrouble } from "../../../sim/trace/readings/links.ts";
import { collect, Story } from "../../support/events.ts";

const s = 1_000_000;
const CLUSTER = {
  brokers: [
    { id: 1, zone: "a" },
    { id: 2, zone: "b" },
    { id: 3, zone: "a" },
  ],
};

const client = (name: string, zone?: string): Happening => ({
  type: "client.process",
  client: name,
  group: "g",
  from: "Absent",
  to: "Starting",
  reason: "starts",
  ...(zone !== undefined && { zone }),
});
const dies = (name: string): Happening => ({
  type: "client.process",
  client: name,
  group: "g",
  from: "Running",
  to: "Crashed",
  reason: "crashes",
});
const link = (state: "cut" | "slow" | "mended", from: string, to: string | null = null): Happening => ({
  type: "network.link",
  state,
  from,
  to,
  oneWay: false,
});

const told = (story: Story, end: number) =>
  collect(linkTroubles, story, end, CLUSTER).map(({ state, from, to, begin, end: over, mended, brokers, clients }) => ({
    what: [state, from, to],
    when: [begin / s, over / s, mended],
    brokers,
    clients: clients.map((one) => [one.client, one.from / s, one.to / s]),
  }));

test("a zone that is cut off takes its brokers and members with it, those that come meanwhile too, until they die", () => {
  const story = new Story();
  story.at(0, client("a-1", "a"));
  story.at(0, client("b-1", "b"));
  const cut = story.at(10, link("cut", "zone/a"));
  story.at(12, client("a-2", "a"));
  story.at(12, client("nowhere-1"));
  story.at(15, dies("a-1"));
  story.at(20, link("mended", "zone/a"), cut);
  expect(told(story, 60)).toEqual([
    {
      what: ["cut", "zone/a", null],
      when: [10, 20, true],
      brokers: { from: [1, 3], to: [] },
      clients: [
        ["a-1", 10, 15],
        ["a-2", 12, 20],
      ],
    },
  ]);
});

test("between two sides that are named both are concerned; a coordinator is the broker that it was when it began", () => {
  const story = new Story();
  const elected = (id: number): Happening => ({
    type: "coordinator.state",
    broker: id,
    partition: 9,
    groups: ["g"],
    from: "Initial",
    to: "Loading",
    reason: "elected",
  });
  story.at(0, elected(2));
  story.at(0, client("a-1", "a"));
  story.at(5, link("slow", "client/a-1", "coordinator/g"));
  story.at(8, elected(3));
  expect(told(story, 30)).toEqual([
    {
      what: ["slow", "client/a-1", "coordinator/g"],
      when: [5, 30, false],
      brokers: { from: [], to: [2] },
      clients: [["a-1", 5, 30]],
    },
  ]);
});

test("what is mended is what its cause began, though another looks the same; the controller is no broker", () => {
  const story = new Story();
  story.at(0, client("a-1", "a"));
  const first = story.at(5, link("cut", "group/g", "controller"));
  story.at(6, link("cut", "group/g", "controller"));
  story.at(9, link("mended", "group/g", "controller"), first);
  expect(told(story, 30).map(({ when, brokers, clients }) => [when, brokers, clients])).toEqual([
    [[5, 9, true], { from: [], to: [] }, [["a-1", 5, 9]]],
    [[6, 30, false], { from: [], to: [] }, [["a-1", 6, 30]]],
  ]);
});

test("a cut lies between those on its two sides; of one side alone, between it and everybody else", () => {
  const story = new Story();
  story.at(0, client("a-1", "a"));
  story.at(0, client("b-1", "b"));
  story.at(5, link("cut", "zone/a"));
  story.at(6, link("cut", "client/b-1", "zone/a"));
  const [alone, between] = collect(linkTroubles, story, 30, CLUSTER);
  const pairs = (trouble: LinkTrouble) =>
    ["a-1", "b-1", "later"].map((name) => [1, 2].map((broker) => liesBetween(trouble, name, broker)));
  expect(pairs(alone)).toEqual([
    [false, true],
    [true, false],
    [true, false],
  ]);
  expect(pairs(between)).toEqual([
    [false, false],
    [true, false],
    [false, false],
  ]);
});
