import { describe, expect, test } from "vitest";
import type { Happening, TraceEvent } from "../../sim/trace/event.ts";
import { eventLine, eventText, isMain, partitionNames, time } from "../../sim/trace/text.ts";
import {
  assignment,
  joinComplete,
  member,
  owner,
  process,
  reads,
  sends,
  state,
  stops,
  Story,
} from "../support/events.ts";

/** The story that the style of timelines was settled with, line by line. */
const CRASH = `
 20.000s  a      crashed
 28.007s  group  expired a                                     silent for 10 s
 28.007s  group  Stable → PreparingRebalance                   session expired
 30.008s  b      ← REBALANCE_IN_PROGRESS
 30.008s  b      revoked orders-2 orders-3
 30.008s  b      → JoinGroup
 30.009s  group  PreparingRebalance → CompletingRebalance      join complete
 30.011s  group  CompletingRebalance → Stable                  assigned
 30.012s  b      assigned orders-0 orders-1 orders-2 orders-3  generation 2
`;

test("a crash is told in the words and columns of the timelines", () => {
  const story = new Story();
  story.at(20, process("a", "Running", "Crashed"));
  story.at(20, stops("a", "crashed", 0, 1));
  story.at(28.007, { ...member("a", "removed", "session-expired"), silentFor: 10_000_000 } as Happening);
  story.at(28.007, state("Stable", "PreparingRebalance", "session-expired", 1, "a"));
  story.at(30.008, {
    type: "request.answered",
    client: "b",
    group: "g",
    api: "Heartbeat",
    request: 9,
    error: "REBALANCE_IN_PROGRESS",
    took: 2000,
  });
  story.at(30.008, owner("b", "revoked", 1, 2, 3));
  story.at(30.008, sends("b", "JoinGroup", 10));
  story.at(30.009, member("b", "rejoined", "same-metadata"));
  story.at(30.009, joinComplete(2, 1, 2.002, "b"));
  story.at(30.009, state("PreparingRebalance", "CompletingRebalance", "join-complete", 2));
  story.at(30.01, assignment("b", 2, 1, 4));
  story.at(30.01, sends("b", "SyncGroup", 11));
  story.at(30.011, state("CompletingRebalance", "Stable", "assigned", 2));
  story.at(30.012, owner("b", "assigned", 2, 0, 1, 2, 3));
  story.at(30.014, reads("b", 0, 1, 2, 3));
  const lines = story.events.filter(isMain).map((event) => eventLine(event));
  expect(`\n${lines.join("\n")}\n`).toBe(CRASH);
});

/** One event of each type, and more where a field changes the words: in short, and in full. */
const WORDS: readonly (readonly [
  Happening | Omit<Extract<TraceEvent, { type: "lag" }>, "t" | "cause">,
  string,
  string?,
])[] = [
  [
    { type: "scenario.event", what: "crash", origin: "chance", subject: "client/a", text: "a crashes" },
    "scenario  a crashes | by chance",
    "scenario  a crashes | by chance, client/a",
  ],
  [process("a", "Absent", "Starting"), "a  is starting", "a  is starting | starting"],
  [process("a", "Starting", "Running"), "a  is running", "a  is running | running"],
  [process("a", "Running", "Closing"), "a  is closing", "a  is closing | closing"],
  [process("a", "Closing", "Stopped"), "a  stopped", "a  stopped | stopped"],
  [
    {
      type: "client.state",
      client: "a",
      group: "g",
      from: "UNJOINED",
      to: "PREPARING_REBALANCE",
      reason: "join-sent",
      member: "",
      generation: -1,
    },
    "a  UNJOINED → PREPARING_REBALANCE | join sent",
  ],
  [
    { ...sends("a", "JoinGroup", 3), member: "a-1", generation: 4 } as Happening,
    "a  → JoinGroup",
    "a  → JoinGroup | as a-1, generation 4, to broker 1, request 3",
  ],
  [
    { type: "request.sent", client: "a", group: "g", api: "FindCoordinator", request: 1, broker: "any" },
    "a  → FindCoordinator",
    "a  → FindCoordinator | to any broker, request 1",
  ],
  [
    {
      type: "request.answered",
      client: "a",
      group: "g",
      api: "SyncGroup",
      request: 4,
      error: "NONE",
      took: 2500,
      generation: 2,
    },
    "a  ← NONE | SyncGroup",
    "a  ← NONE | SyncGroup, generation 2, request 4, after 2.5 ms",
  ],
  [
    { type: "request.dropped", client: "a", group: "g", api: "JoinGroup", request: 5, reason: "member-removed" },
    "a  JoinGroup will never be answered | member removed",
    "a  JoinGroup will never be answered | member removed, request 5",
  ],
  [
    { type: "client.failed", client: "a", group: "g", error: "GROUP_MAX_SIZE_REACHED" },
    "a  its application got an exception",
    "a  its application got an exception | GROUP_MAX_SIZE_REACHED",
  ],
  [
    { type: "client.commits", client: "a", group: "g", answered: 720, timed: 720, took: 1_440_000, longest: 2500 },
    "a  720 regular commits answered | 2 ms on average, 2.5 ms at most",
  ],
  [
    {
      type: "client.commits",
      client: "a",
      group: "g",
      answered: 17_278,
      timed: 17_280,
      took: 155_520_000,
      longest: 20_236,
    },
    "a  17278 regular commits answered | 9 ms on average, 20.236 ms at most",
  ],
  [
    { type: "client.commits", client: "a", group: "g", answered: 2, timed: 0, took: 0, longest: 0 },
    "a  2 regular commits answered",
  ],
  [
    { type: "client.rejoin", client: "a", group: "g", reason: "heartbeat-rebalance" },
    "a  is to join again | heartbeat rebalance",
  ],
  [
    { type: "client.coordinator", client: "a", group: "g", broker: 2, reason: "found" },
    "a  found its coordinator, broker 2",
    "a  found its coordinator, broker 2 | found",
  ],
  [
    { type: "client.coordinator", client: "a", group: "g", broker: null, reason: "not-coordinator" },
    "a  lost its coordinator | not coordinator",
  ],
  [
    { type: "client.busy", client: "a", group: "g", busy: true, lasts: 400_000_000 },
    "a  is stuck in a batch | for 6 m 40 s",
  ],
  [{ type: "client.busy", client: "a", group: "g", busy: false }, "a  is through with the batch"],
  [owner("a", "lost", 3, 1), "a  lost orders-1", "a  lost orders-1 | generation 3"],
  [owner("a", "assigned", 3), "a  assigned nothing | generation 3"],
  [reads("a", 0, 2), "a  reads orders-0 orders-2 | resumed"],
  [stops("a", "revocation-pending", 2), "a  stopped reading orders-2 | revocation pending"],
  [
    state("Stable", "PreparingRebalance", "leave", 3, "a"),
    "group  Stable → PreparingRebalance | leave",
    "group  Stable → PreparingRebalance | leave, by a, generation 3",
  ],
  [member("a", "pending", "member-id-required"), "group  gave a the id a-1 | member id required"],
  [member("a", "added"), "group  added a", "group  added a | new member, member a-1"],
  [
    member("a", "rejoined", "same-metadata"),
    "group  a joined again",
    "group  a joined again | same metadata, member a-1",
  ],
  [
    member("c", "replaced", "static-replaced", { member: "c-1", instance: "g-1" }),
    "group  gave c the seat of g-1 | static replaced",
    "group  gave c the seat of g-1 | static replaced, member c-1, instance g-1",
  ],
  [member("a", "restored", "loaded"), "group  restored a", "group  restored a | loaded, member a-1"],
  [
    member("a", "removed", "rebalance-timeout"),
    "group  removed a | rebalance timeout",
    "group  removed a | rebalance timeout, member a-1",
  ],
  [
    { ...state("PreparingRebalance", "Empty", "emptied", 2), deposed: 1 } as Happening,
    "group  PreparingRebalance → Empty | emptied",
    "group  PreparingRebalance → Empty | emptied, generation 2, only at broker 1, deposed",
  ],
  [
    { type: "group.window", group: "g", kind: "initial", delay: 3_000_000, remaining: 297_000_000 },
    "group  waits for first members for 3 s | 4 m 57 s left to extend it",
  ],
  [
    { type: "group.window", group: "g", kind: "barrier", delay: 300_000_000 },
    "group  waits for all to join, at most 5 m",
  ],
  [
    { ...joinComplete(3, 2, 10, "b", ["a-1"]), leader: "b-1", protocolName: "range" } as Happening,
    "group  generation 3 of 2 members | timer after 10 s, last b, evicted a-1",
    "group  generation 3 of 2 members | timer after 10 s, last b, evicted a-1, leader b-1, assignor range",
  ],
  [{ type: "group.leader", group: "g", from: "a-1", to: null, reason: "leave" }, "group  leader a-1 → nobody | leave"],
  [
    assignment("b", 3, 1, 4),
    "b  assigned 4 partitions to 1 member | range, generation 3",
    "b  assigned 4 partitions to 1 member | range, generation 3, in 0 s",
  ],
  [
    { type: "broker.state", broker: 2, from: "Running", to: "Crashed", reason: "crashed" },
    "broker 2  Running → Crashed | crashed",
  ],
  [
    {
      type: "coordinator.state",
      broker: 2,
      partition: 17,
      groups: ["billing"],
      from: "Initial",
      to: "Loading",
      reason: "elected",
    },
    "broker 2  coordinator of offsets 17: Initial → Loading | elected",
  ],
  [
    { type: "partition.leader", topic: "__consumer_offsets", partitions: [17], from: 1, to: null, reason: "fenced" },
    "cluster  leader of __consumer_offsets-17: broker 1 → nobody | fenced",
  ],
  [
    { type: "broker.served", broker: 1, requests: { SyncGroup: 4, Heartbeat: 1000, JoinGroup: 7 }, offsets: 0 },
    "broker 1  received 1011 requests | 1000 Heartbeat, 7 JoinGroup, 4 SyncGroup",
  ],
  [
    { type: "broker.served", broker: 1, requests: { OffsetCommit: 720 }, offsets: 14400 },
    "broker 1  received 720 requests | 720 OffsetCommit, 14400 offsets written",
  ],
  [
    { type: "lag", group: "g", topic: "orders", partitions: [0, 1], lag: 0, in: 10.5, out: [10.5, 0] },
    "lag  orders-0 orders-1 | 0 records, 10.5/s in, 10.5 0/s out",
  ],
];

test.for(WORDS)("%# says all it has to say", ([event, short, full]) => {
  const said = (verbose: boolean) => {
    const { who, what, detail } = eventText(event as TraceEvent, { verbose });
    return `${who}  ${what}${detail && ` | ${detail}`}`;
  };
  expect(said(false)).toBe(short);
  expect(said(true)).toBe(full ?? short);
});

describe("lists of partitions", () => {
  test("stand one by one up to a dozen, in order of topics", () => {
    expect(partitionNames({ returns: [1], orders: [0, 2] })).toBe("orders-0 orders-2 returns-1");
  });
  test("draw runs together beyond", () => {
    const orders = Array.from({ length: 100 }, (_, i) => i);
    expect(partitionNames({ returns: [4, 5, 7], orders })).toBe("orders-0…99 returns-4…5 returns-7");
  });
});

const at = (seconds: number) => {
  const story = new Story();
  story.at(seconds, process("a", "Running", "Crashed"));
  return eventLine(story.events[0]);
};

test("instants are in milliseconds unless that is not the whole truth", () => {
  expect(at(1.5)).toBe("  1.500s  a      crashed");
  expect(at(1.500001)).toBe("1.500001s  a      crashed");
});

test("durations stand as people write them", () => {
  expect([10_000_000, 300, 90_061_000_000].map(time)).toEqual(["10 s", "300 us", "1 d 1 h 1 m 1 s"]);
});

test("several groups are called by their names", () => {
  expect(eventText(state("Stable", "Dead", "unloaded", 1) as TraceEvent, { severalGroups: true }).who).toBe("g");
});
