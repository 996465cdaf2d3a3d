import { describe, expect, test, vi } from "vitest";
import { ClockStandsStill, Engine } from "../../sim/engine/engine.ts";
import { SECOND } from "../../sim/engine/time.ts";
import { LawBroken, laws } from "../../sim/simulation/laws.ts";
import type { Happening, TraceEvent } from "../../sim/trace/event.ts";
import { member, reconciled, state, Story } from "../support/events.ts";
import { eventsOf } from "../support/runs.ts";

/** What breaks a law must be noticed: each law is shown a trace that breaks it. */
let ordinal = 0;
const at = (t: number, happening: Happening): TraceEvent => ({
  t: t * SECOND,
  id: `x#${++ordinal}`,
  cause: null,
  ...happening,
});

const owner = (client: string, how: "assigned" | "revoked", generation: number): Happening => ({
  type: "partition.owner",
  client,
  group: "g",
  how,
  partitions: { orders: [0, 1] },
  generation,
});

const joined = (generation: number): Happening => ({
  type: "group.join-complete",
  group: "g",
  generation,
  how: "all-joined",
  waited: 0,
  members: 1,
  evicted: [],
  absent: [],
});

const sent = (request: number): Happening => ({
  type: "request.sent",
  client: "a",
  group: "g",
  api: "SyncGroup",
  request,
  broker: 1,
});

const answered = (request: number): Happening => ({
  type: "request.answered",
  client: "a",
  group: "g",
  api: "SyncGroup",
  request,
  error: "TIMED_OUT",
  took: 0,
});

const show = (events: readonly TraceEvent[], end = 1000): void => {
  const law = laws(() => 30 * SECOND);
  for (const event of events) law.see(event);
  law.end(end * SECOND);
};

test("two owners of a partition in one generation are noticed", () => {
  expect(() => show([at(1, owner("a", "assigned", 3)), at(2, owner("b", "assigned", 3))])).toThrow(LawBroken);
});

test("an owner that gave it up, or one of an older generation, is none", () => {
  show([at(1, owner("a", "assigned", 3)), at(2, owner("a", "revoked", 3)), at(3, owner("b", "assigned", 3))]);
  show([at(1, owner("a", "assigned", 3)), at(2, owner("b", "assigned", 4))]);
});

test("nor is one of a generation that the coordinator's log has lost, so that its number is given out again", () => {
  const [a, b] = [owner("a", "assigned", 3), owner("b", "assigned", 3)];
  show([at(1, joined(3)), at(2, a), at(3, joined(3)), at(4, b)]);
  expect(() => show([at(1, joined(2)), at(2, joined(3)), at(3, a), at(4, b)])).toThrow(LawBroken);
});

test("an owner whose process has ended is none: its static successor has the same generation", () => {
  const ended: Happening = {
    type: "client.process",
    client: "a",
    group: "g",
    from: "Running",
    to: "Crashed",
    reason: "crashes",
  };
  show([at(1, owner("a", "assigned", 3)), at(2, ended), at(3, owner("b", "assigned", 3))]);
});

test("nor is one of a group that was removed since: created again it counts its generations anew", () => {
  const [a, b] = [owner("a", "assigned", 1), owner("b", "assigned", 1)];
  show([at(1, joined(1)), at(2, a), at(899, joined(2)), at(900, joined(1)), at(901, b)]);
});

test("nor is one whose seat another process with its instance id has taken", () => {
  const seat = (client: string, change: "added" | "replaced"): Happening => ({
    type: "group.member",
    group: "g",
    member: `i1-${client}`,
    client,
    instance: "i1",
    change,
    reason: "",
  });
  show([
    at(1, seat("a", "added")),
    at(2, owner("a", "assigned", 3)),
    at(3, seat("b", "replaced")),
    at(4, owner("b", "assigned", 3)),
  ]);
});

test("a clock that goes back is noticed", () => {
  expect(() => show([at(2, owner("a", "assigned", 1)), at(1, owner("a", "revoked", 1))])).toThrow(
    /clocks never go back/,
  );
});

test("an instant that has no end is a defect of ours, told with the time to which a run has to come to see it again", () => {
  const run = vi.spyOn(Engine.prototype, "runUntil").mockImplementation(() => {
    throw new ClockStandsStill(7 * SECOND);
  });
  const scenario = "{ duration: 1m, topics: { orders: 1 }, groups: { g: { members: 1 } } }";
  const broken = expect.objectContaining({ law: "every instant ends", at: 7 * SECOND });
  try {
    expect(() => eventsOf(scenario)).toThrow(broken);
  } finally {
    run.mockRestore();
  }
});

test("a request that nobody answers, and that does not end otherwise, is noticed at the end", () => {
  expect(() => show([at(1, sent(7))])).toThrow(/every request ends: a still waits for its SyncGroup/);
});

test("what is noticed at the end names that as its time: a run as far as this notices it again", () => {
  const events = [at(1, sent(7))];
  const broken = expect.objectContaining({ at: 40 * SECOND, message: expect.stringContaining("sent at 1.000s") });
  expect(() => show(events, 40)).toThrow(broken);
  show(events, 1);
});

test("a process that is stopped notices no timeout before it goes on", () => {
  const stopped = (frozen: boolean): Happening => ({ type: "client.frozen", client: "a", group: "g", frozen });
  const [sends, stops, goesOn] = [at(1, sent(7)), at(20, stopped(true)), at(80, stopped(false))];
  show([sends, stops], 1000);
  show([sends, stops, goesOn], 81); // then it has a second for it, as it has otherwise
  expect(() => show([sends, stops, goesOn], 82)).toThrow(/every request ends/);
  // Its clock has gone on meanwhile: a request ends no later for that, unless it was due by then.
  expect(() => show([sends, stops, at(21, stopped(false))], 33)).toThrow(/every request ends/);
  // Nor is a request due sooner that is sent afterwards.
  show([sends, stops, goesOn, at(80, answered(7)), at(80, sent(8))], 111);
});

test("a request may still be under way when the run ends, and ends with its process", () => {
  show([at(990, sent(7))]);
  const crashed: Happening = {
    type: "client.process",
    client: "a",
    group: "g",
    from: "Running",
    to: "Crashed",
    reason: "crashes",
  };
  show([at(1, sent(7)), at(2, crashed)]);
});

describe("with the consumer protocol a partition is granted only when it has been released", () => {
  const s = 1_000_000;
  const told = (...happenings: readonly Happening[]): void => {
    const story = new Story();
    happenings.forEach((happening, i) => story.at(i + 1, happening));
    const fold = laws(() => s);
    for (const event of story.events) fold.see(event);
    fold.end(60 * s);
  };
  const has = reconciled("a", "STABLE", 1, { granted: [0, 1] });
  const takes = reconciled("b", "STABLE", 2, { granted: [1] });

  test("not while another member has it", () => {
    expect(() => told(has, takes)).toThrow("granted only when released");
  });

  test("nor while that is only told to give it up", () => {
    const asked = reconciled("a", "UNREVOKED_PARTITIONS", 1, { revoking: [1] });
    expect(() => told(has, asked, takes)).toThrow("orders-1 is granted to b-1 while a-1 has it");
  });

  test("but when that has said that it has given it up", () => {
    told(has, reconciled("a", "STABLE", 2, { released: [1] }), takes);
  });

  test("or has been removed", () => {
    told(has, member("a", "removed", "session-expired"), takes);
  });

  test("a static successor takes over what its seat has, and nobody else", () => {
    const first = member("a", "added", "member-joined", { instance: "seat" });
    const next = member("c", "replaced", "member-returned", { instance: "seat" });
    told(first, has, next, reconciled("c", "STABLE", 1, { granted: [0, 1] }));
    expect(() => told(first, has, next, takes)).toThrow("orders-1 is granted to b-1 while c-1 has it");
  });

  test("the next coordinator begins from what the log says", () => {
    told(has, state("Stable", "Dead", "unloaded", 1), takes);
  });
});
