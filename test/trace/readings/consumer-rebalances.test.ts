import { describe, expect, test } from "vitest";
import type { Happening } from "../../../sim/trace/event.ts";
import { PHASES, phases, rebalances, type Rebalance } from "../../../sim/trace/readings/rebalances.ts";
import {
  collect,
  epoch,
  member,
  owner,
  process,
  reads,
  reconciled,
  state,
  stops,
  Story,
  target,
} from "../../support/events.ts";

const s = 1_000_000;

const read = (story: Story, end = 120) => collect<Rebalance>(rebalances, story, end);
const seconds = (rebalance: Rebalance) =>
  Object.fromEntries(Object.entries(phases(rebalance)).map(([name, length]) => [name, length / s]));

/** a is alone in its group and reads all four partitions from 1.2 s on: it has them with its first heartbeat. */
function alone(): Story {
  const story = new Story();
  const runs = story.at(0.5, process("a", "Starting", "Running"));
  story.at(1, member("a", "added", "member-joined"), runs);
  story.at(1, epoch(1, "member-joined", "a"), runs);
  story.at(1, state("Empty", "Assigning", "member-joined", 1, "a"), runs);
  story.at(1, target("a", 1, 1), runs);
  story.at(1, reconciled("a", "STABLE", 1, { granted: [0, 1, 2, 3] }), runs);
  story.at(1, state("Assigning", "Stable", "reconciled", 1, "a"), runs);
  story.at(1.1, owner("a", "assigned", 1, 0, 1, 2, 3));
  story.at(1.2, reads("a", 0, 1, 2, 3));
  return story;
}

/**
 * b's first heartbeat is at 20.1 s; a hears of it with its own at 23 s, gives two partitions up, and says so at 23.2 s; b
 * gets them with its second heartbeat, five seconds after its first.
 */
function joined(): Story {
  const story = alone();
  const runs = story.at(20, process("b", "Starting", "Running"));
  story.at(20.1, member("b", "added", "member-joined"), runs);
  story.at(20.1, epoch(2, "member-joined", "b"), runs);
  story.at(20.1, state("Stable", "Assigning", "member-joined", 2, "b"), runs);
  story.at(20.1, target("b", 2, 2), runs);
  story.at(20.1, state("Assigning", "Reconciling", "assigned", 2, "b"), runs);
  story.at(20.1, reconciled("b", "UNRELEASED_PARTITIONS", 2), runs);
  story.at(23, reconciled("a", "UNREVOKED_PARTITIONS", 1, { revoking: [2, 3] }));
  story.at(23.1, stops("a", "revoked", 2, 3));
  story.at(23.1, owner("a", "revoked", 1, 2, 3));
  story.at(23.2, reconciled("a", "STABLE", 2, { released: [2, 3] }));
  story.at(25.1, reconciled("b", "STABLE", 2, { granted: [2, 3] }));
  story.at(25.1, state("Reconciling", "Stable", "reconciled", 2, "b"));
  story.at(25.2, owner("b", "assigned", 2, 2, 3));
  story.at(25.3, reads("b", 2, 3));
  return story;
}

describe("the first member of a group", () => {
  const [first, ...rest] = read(alone());

  test("is a start, and has everything with its first heartbeat", () => {
    expect(rest).toEqual([]);
    expect(first.cause).toMatchObject({ kind: "start", client: "a", at: 0.5 * s });
    expect(first).toMatchObject({ protocol: "consumer", reason: "member-joined", client: "a", outcome: "stable" });
    expect(first).toMatchObject({ membersBefore: 0, membersAfter: 1, generationBefore: 0, generationAfter: 1 });
    expect(seconds(first)).toEqual({ detection: 0.5, assignment: 0, reconciliation: 0, resumption: 0.2 });
  });
});

describe("a join", () => {
  const [, second, ...rest] = read(joined());

  test("is over when the last partition that moves is read again", () => {
    expect(rest).toEqual([]);
    expect(second.cause).toMatchObject({ kind: "join", client: "b", at: 20 * s });
    expect(second).toMatchObject({ membersBefore: 1, membersAfter: 2, generationBefore: 1, generationAfter: 2 });
    expect(second.resumed).toBe(25.3 * s);
  });

  test("has a target at once, and waits for heartbeats", () => {
    expect(Object.keys(phases(second))).toEqual(PHASES.consumer);
    expect(seconds(second)).toEqual({ detection: 0.1, assignment: 0, reconciliation: 5, resumption: 0.2 });
  });

  test("waits for whoever gives up last, not for who takes last", () => {
    expect(second.waitedFor).toEqual({
      how: "released",
      member: "a-1",
      client: "a",
      removed: null,
      evicted: [],
      absent: [],
    });
  });

  test("leaves unread only what moves, from its revocation on", () => {
    expect(second.partitionSecondsUnread).toBeCloseTo(2 * (25.3 - 23.1), 9);
  });
});

describe("a member that only learns another epoch", () => {
  /** c has no partition: it comes with b, and hears of the target at its second heartbeat, after b reads. */
  const withIdle = (): Story => {
    const story = alone();
    story.at(20, member("c", "added", "member-joined"));
    story.at(20, epoch(2, "member-joined", "c"));
    story.at(20, state("Stable", "Assigning", "member-joined", 2, "c"));
    story.at(20, target("c", 2, 2, {}));
    story.at(20, reconciled("c", "STABLE", 2));
    story.at(20, state("Assigning", "Reconciling", "assigned", 2, "c"));
    story.at(24, reconciled("a", "STABLE", 2));
    story.at(24, state("Reconciling", "Stable", "reconciled", 2, "a"));
    story.at(30, process("b", "Starting", "Running"));
    story.at(30, member("b", "added", "member-joined"));
    story.at(30, epoch(3, "member-joined", "b"));
    story.at(30, state("Stable", "Assigning", "member-joined", 3, "b"));
    story.at(30, target("b", 3, 3, { gains: { "b-1": [3] }, losses: { "a-1": [3] } }));
    story.at(30, state("Assigning", "Reconciling", "assigned", 3, "b"));
    story.at(30.5, stops("a", "revoked", 3));
    story.at(31, reconciled("a", "STABLE", 3, { released: [3] }));
    story.at(32, reconciled("b", "STABLE", 3, { granted: [3] }));
    story.at(32.5, reads("b", 3));
    story.at(34, reconciled("c", "STABLE", 3));
    story.at(34, state("Reconciling", "Stable", "reconciled", 3, "c"));
    return story;
  };

  test("is not waited for by those who read on: it is over when the last partition is read again", () => {
    const last = read(withIdle()).at(-1)!;
    expect(last).toMatchObject({ to: 34 * s, resumed: 32.5 * s, waitedFor: { how: "released", client: "a" } });
    expect(seconds(last)).toMatchObject({ assignment: 0, reconciliation: 2.5, resumption: 0 });
  });

  test("ends a rebalance in which all is read throughout", () => {
    const [, join] = read(withIdle());
    expect(join).toMatchObject({ to: 24 * s, resumed: 24 * s });
    expect(seconds(join)).toMatchObject({ assignment: 0, reconciliation: 4, resumption: 0 });
  });

  test("is not the last to come to its target, if somebody gets something by coming", () => {
    const story = withIdle();
    const crashed = story.at(40, process("b", "Running", "Crashed"));
    story.at(80, member("b", "removed", "session-expired"), crashed);
    story.at(80, epoch(4, "session-expired", "b"), crashed);
    story.at(80, state("Stable", "Assigning", "session-expired", 4, "b"), crashed);
    story.at(81, target("a", 4, 2, { gains: { "a-1": [3] } }));
    story.at(81, state("Assigning", "Reconciling", "target-computed", 4, "a"));
    story.at(81, reconciled("a", "STABLE", 4, { granted: [3] }));
    story.at(81.5, reads("a", 3));
    story.at(84, reconciled("c", "STABLE", 4));
    story.at(84, state("Reconciling", "Stable", "reconciled", 4, "c"));
    const last = read(story).at(-1)!;
    expect(last).toMatchObject({ resumed: 81.5 * s, waitedFor: { how: "reconciled", client: "a" } });
    expect(seconds(last)).toEqual({ detection: 40, assignment: 1, reconciliation: 0.5, resumption: 0 });
  });
});

describe("a crash", () => {
  const story = joined();
  const crashed = story.at(40, process("a", "Running", "Crashed"));
  story.at(83, member("a", "removed", "session-expired"), crashed);
  story.at(83, epoch(3, "session-expired", "a"), crashed);
  story.at(83, state("Stable", "Assigning", "session-expired", 3, "a"), crashed);
  story.at(85.1, target("b", 3, 1));
  story.at(85.1, reconciled("b", "STABLE", 3, { granted: [0, 1] }));
  story.at(85.1, state("Assigning", "Stable", "reconciled", 3, "b"));
  story.at(85.2, owner("b", "assigned", 3, 0, 1));
  story.at(85.4, reads("b", 0, 1));
  const [, , third, ...rest] = read(story);

  test("is noticed when the session is over, and dealt with at the next heartbeat of any survivor", () => {
    expect(rest).toEqual([]);
    expect(third.cause).toMatchObject({ kind: "crash", client: "a", at: 40 * s });
    expect(seconds(third)).toEqual({ detection: 43, assignment: 2.1, reconciliation: 0, resumption: 0.3 });
    expect(third).toMatchObject({ membersBefore: 2, membersAfter: 1, generationBefore: 2, generationAfter: 3 });
  });

  test("waits for nobody to give up, only for who comes to its target last", () => {
    expect(third.waitedFor).toMatchObject({ how: "reconciled", client: "b", removed: null });
  });

  test("leaves only the dead member's partitions unread", () => {
    expect(third.partitionSecondsUnread).toBeCloseTo(2 * 45.4, 9);
  });
});

test("who come at the instant of the first member are told as those who joined it, without that one", () => {
  const story = new Story();
  const comes = (client: string, epochs: number, from: string, to: string): void => {
    const runs = story.at(0.9, process(client, "Starting", "Running"));
    story.at(1, member(client, "added", "member-joined"), runs);
    story.at(1, epoch(epochs, "member-joined", client), runs);
    story.at(1, target(client, epochs, epochs), runs);
    if (from !== to) story.at(1, state(from, to, "member-joined", epochs, client), runs);
  };
  comes("a", 1, "Empty", "Stable"); // all it needs is in its first heartbeat's answer
  comes("b", 2, "Stable", "Reconciling");
  comes("c", 3, "Reconciling", "Reconciling");
  comes("d", 4, "Reconciling", "Reconciling");
  story.at(6, state("Reconciling", "Stable", "reconciled", 4, "b"));
  const told = read(story).map(({ cause, others }) => [cause.kind, cause.client, others]);
  expect(told).toEqual([
    ["start", "a", []],
    ["join", "b", ["c", "d"]],
  ]);
});

describe("one attempt is one target", () => {
  /** b and then c come before a has heard of either. */
  const story = (targetBetween: boolean): Story => {
    const story = alone();
    story.at(20, member("b", "added"));
    story.at(20, epoch(2, "member-joined", "b"));
    story.at(20, state("Stable", "Assigning", "member-joined", 2, "b"));
    if (targetBetween) {
      story.at(20, target("b", 2, 2));
      story.at(20, state("Assigning", "Reconciling", "assigned", 2, "b"));
    }
    story.at(20.5, member("c", "added"));
    story.at(20.5, epoch(3, "member-joined", "c"));
    if (targetBetween) story.at(20.5, state("Reconciling", "Assigning", "member-joined", 3, "c"));
    story.at(21, target("c", 3, 3));
    story.at(21, state("Assigning", "Reconciling", "assigned", 3, "c"));
    story.at(26, state("Reconciling", "Stable", "reconciled", 3, "c"));
    return story;
  };

  test("a change that finds a target already computed asks for another", () => {
    const [, second] = read(story(true));
    expect(second.attempts).toEqual([
      { from: 20 * s, reason: "member-joined", client: "b", joined: 20 * s },
      { from: 20.5 * s, reason: "member-joined", client: "c", joined: 21 * s },
    ]);
    expect(second).toMatchObject({ generationBefore: 1, generationAfter: 3, membersBefore: 1, membersAfter: 3 });
    // The first target is there at once; what follows is waiting for members to come to the last.
    expect(seconds(second)).toMatchObject({ assignment: 0, reconciliation: 6 });
  });

  test("a change that finds none is answered by the same", () => {
    const [, second] = read(story(false));
    expect(second.attempts).toEqual([{ from: 20 * s, reason: "member-joined", client: "b", joined: 21 * s }]);
  });
});

test("a member that does not give up in time has been waited for until it was removed", () => {
  const story = alone();
  story.at(20, member("b", "added"));
  story.at(20, epoch(2, "member-joined", "b"));
  story.at(20, state("Stable", "Assigning", "member-joined", 2, "b"));
  story.at(20, target("b", 2, 2));
  story.at(20, state("Assigning", "Reconciling", "assigned", 2, "b"));
  story.at(23, reconciled("a", "UNREVOKED_PARTITIONS", 1, { revoking: [2, 3] }));
  story.at(33, member("a", "removed", "rebalance-timeout"));
  story.at(33, epoch(3, "rebalance-timeout", "a"));
  story.at(33, state("Reconciling", "Assigning", "rebalance-timeout", 3, "a"));
  expect(read(story, 34).at(-1)!.waitedFor).toMatchObject({
    how: "timer",
    client: "a",
    removed: "rebalance-timeout",
  });
});

describe("a member that others wait for, and that will not give up any more", () => {
  /** a holds all four partitions and dies at 40 s; b joins at 50 s, and is to have two of them. */
  const dead = (): Story => {
    const story = alone();
    story.at(40, process("a", "Running", "Crashed"));
    story.at(50, member("b", "added", "member-joined"));
    story.at(50, epoch(2, "member-joined", "b"));
    story.at(50, target("b", 2, 2, { gains: { "b-1": [2, 3] }, losses: { "a-1": [2, 3] } }));
    story.at(50, reconciled("b", "UNRELEASED_PARTITIONS", 2));
    story.at(50, state("Stable", "Reconciling", "member-joined", 2, "b"));
    return story;
  };

  test("is to blame until its session expires, and no target is computed meanwhile", () => {
    const story = dead();
    story.at(85, member("a", "removed", "session-expired"));
    story.at(85, epoch(3, "session-expired", "a"));
    story.at(85, state("Reconciling", "Assigning", "session-expired", 3, "a"));
    story.at(90, target("b", 3, 1, { gains: { "b-1": [0, 1] } }));
    story.at(90, reconciled("b", "STABLE", 3, { granted: [0, 1, 2, 3] }));
    story.at(90, state("Assigning", "Stable", "target-computed", 3, "b"));
    story.at(90.5, reads("b", 0, 1, 2, 3));
    const last = read(story).at(-1)!;
    expect(last.waitedFor).toMatchObject({ how: "expiry", client: "a", removed: "session-expired", absent: [] });
    expect(seconds(last)).toMatchObject({ assignment: 0, reconciliation: 40, resumption: 0.5 });
  });

  test("or until it leaves instead of giving up", () => {
    const story = dead();
    story.at(52, member("a", "removed", "member-left"));
    story.at(52, epoch(3, "member-left", "a"));
    story.at(52, state("Reconciling", "Assigning", "member-left", 3, "a"));
    story.at(55, target("b", 3, 1, { gains: { "b-1": [0, 1] } }));
    story.at(55, reconciled("b", "STABLE", 3, { granted: [0, 1, 2, 3] }));
    story.at(55, state("Assigning", "Stable", "target-computed", 3, "b"));
    expect(read(story).at(-1)!.waitedFor).toMatchObject({ how: "released", client: "a", removed: "member-left" });
  });

  test("or until the time to give up is over", () => {
    const story = dead();
    story.at(80, member("a", "removed", "rebalance-timeout"));
    story.at(80, epoch(3, "rebalance-timeout", "a"));
    story.at(80, state("Reconciling", "Assigning", "rebalance-timeout", 3, "a"));
    story.at(85, target("b", 3, 1, { gains: { "b-1": [0, 1] } }));
    story.at(85, reconciled("b", "STABLE", 3, { granted: [0, 1, 2, 3] }));
    story.at(85, state("Assigning", "Stable", "target-computed", 3, "b"));
    expect(read(story).at(-1)!.waitedFor).toMatchObject({ how: "timer", client: "a", removed: "rebalance-timeout" });
  });

  test("but nobody waits for who leaves and owes nothing", () => {
    const story = joined();
    story.at(40, member("c", "added", "member-joined"));
    story.at(40, epoch(3, "member-joined", "c"));
    story.at(40, target("c", 3, 3, { gains: { "c-1": [3] }, losses: { "b-1": [3] } }));
    story.at(40, state("Stable", "Reconciling", "member-joined", 3, "c"));
    story.at(41, reconciled("b", "STABLE", 3, { released: [3] }));
    story.at(42, member("a", "removed", "member-left")); // has two, and is to keep them
    story.at(42, epoch(4, "member-left", "a"));
    story.at(42, state("Reconciling", "Assigning", "member-left", 4, "a"));
    story.at(45, target("c", 4, 2, { gains: { "b-1": [0], "c-1": [1] } }));
    story.at(45, reconciled("c", "STABLE", 4, { granted: [1, 3] }));
    story.at(45, state("Assigning", "Reconciling", "target-computed", 4, "c"));
    story.at(46, reconciled("b", "STABLE", 4, { granted: [0] }));
    story.at(46, state("Reconciling", "Stable", "reconciled", 4, "b"));
    expect(read(story).at(-1)!.waitedFor).toMatchObject({ how: "reconciled", client: "b", removed: null });
  });
});

test("a static member that never comes back is waited for until its place expires, and only then a target is asked for", () => {
  const story = joined();
  const seat = { instance: "seat" };
  story.at(50.2, { ...member("b", "removed", "member-left", seat), change: "away" } as Happening);
  story.at(50.2, stops("b", "closed", 2, 3));
  story.at(50.2, state("Stable", "Reconciling", "member-away", 2, "b"));
  story.at(95, member("b", "removed", "session-expired", seat));
  story.at(95, epoch(3, "session-expired", "b"));
  story.at(95, state("Reconciling", "Assigning", "session-expired", 3, "b"));
  story.at(97, target("a", 3, 1, { gains: { "a-1": [2, 3] } }));
  story.at(97, reconciled("a", "STABLE", 3, { granted: [2, 3] }));
  story.at(97, state("Assigning", "Stable", "target-computed", 3, "a"));
  story.at(97.5, reads("a", 2, 3));
  const last = read(story).at(-1)!;
  expect(last.waitedFor).toMatchObject({ how: "expiry", client: "b", removed: "session-expired", absent: ["b-1"] });
  expect(seconds(last)).toMatchObject({ assignment: 0, reconciliation: 46.8, resumption: 0.5 });
  expect(last.attempts).toEqual([{ from: 95 * s, reason: "session-expired", client: "b", joined: 97 * s }]);
});

describe("what began it", () => {
  const DECIDED = (what: "grow" | "roll", text: string): Happening => ({
    type: "scenario.event",
    what,
    origin: "scripted",
    subject: what === "grow" ? "topic/orders" : "group/g",
    text,
  });

  test("a topic that grew is known at once, and acted upon at the next heartbeat, whoever's it is", () => {
    const story = joined();
    const decided = story.at(50, DECIDED("grow", "orders grows to 6 partitions"));
    story.at(50, { type: "topic.changed", topic: "orders", change: "grown", before: 4, partitions: 6 }, decided);
    story.at(52, epoch(3, "metadata-changed", "a"));
    story.at(52, state("Stable", "Assigning", "metadata-changed", 3, "a"));
    story.at(52, target("a", 3, 2));
    story.at(52, state("Assigning", "Reconciling", "assigned", 3, "a"));
    story.at(55.1, state("Reconciling", "Stable", "reconciled", 3, "b"));
    const last = read(story).at(-1)!;
    expect(last.cause).toMatchObject({ kind: "topics", client: "a", at: 50 * s, decision: { what: "grow" } });
    expect(seconds(last)).toMatchObject({ detection: 2, reconciliation: 3.1 });
  });

  test("a subscription that changes later than a topic came is what a member's next heartbeat is about", () => {
    const story = joined();
    const created = story.at(40, { ...DECIDED("grow", "returns is created"), what: "create" } as Happening);
    story.at(40, { type: "topic.changed", topic: "returns", change: "created", before: 0, partitions: 3 }, created);
    const decided = story.at(50, { ...DECIDED("grow", "g subscribes to more"), what: "subscribe" } as Happening);
    story.at(50, { type: "group.subscribed", group: "g", topics: ["orders", "returns"] }, decided);
    story.at(51, epoch(3, "subscription-changed", "a")); // by the heartbeat that was due
    story.at(51, state("Stable", "Assigning", "subscription-changed", 3, "a"));
    const last = read(story).at(-1)!;
    expect(last.cause).toMatchObject({ kind: "topics", client: "a", at: 50 * s, decision: { what: "subscribe" } });
    expect(seconds(last)).toMatchObject({ detection: 1 });
  });

  test("a static member that is away keeps its seat; the group reconciles until it is back", () => {
    const story = joined();
    const decided = story.at(50, DECIDED("roll", "rolling restart"));
    const closes = story.at(50, process("b", "Running", "Closing"), decided);
    story.at(50, stops("b", "closing", 2, 3), closes);
    const seat = { instance: "seat" };
    story.at(50.2, { ...member("b", "removed", "member-left", seat), change: "away" } as Happening, closes);
    story.at(50.2, state("Stable", "Reconciling", "member-left", 2, "b"), closes);
    story.at(50.3, process("b", "Closing", "Stopped"), closes);
    story.at(59, process("c", "Starting", "Running"));
    story.at(60, member("c", "replaced", "member-joined", seat));
    story.at(60, reconciled("c", "STABLE", 2, { granted: [2, 3] }));
    story.at(60, state("Reconciling", "Stable", "reconciled", 2, "c"));
    story.at(60.2, reads("c", 2, 3));
    const last = read(story).at(-1)!;
    expect(last.cause).toMatchObject({ kind: "roll", client: "b", at: 50 * s });
    expect(last).toMatchObject({ generationBefore: 2, generationAfter: 2, membersBefore: 2, membersAfter: 2 });
    expect(seconds(last)).toMatchObject({ detection: 0.2, assignment: 0, reconciliation: 9.8 }); // the old target serves
    expect(last.waitedFor).toMatchObject({ how: "returned", client: "c" });
    expect(last.resumed).toBe(60.2 * s);
  });

  test("a fenced member that comes back has been expelled before", () => {
    const story = joined();
    story.at(83, member("a", "removed", "session-expired"));
    story.at(83, epoch(3, "session-expired", "a"));
    story.at(83, state("Stable", "Assigning", "session-expired", 3, "a"));
    story.at(84, target("b", 3, 1));
    story.at(84, state("Assigning", "Stable", "reconciled", 3, "b"));
    const back = { type: "client.state", client: "a", group: "g", from: "FENCED", to: "JOINING" } as const;
    story.at(90, { ...back, reason: "partitions-lost" });
    story.at(90.1, member("a", "added", "member-joined"));
    story.at(90.1, epoch(4, "member-joined", "a"));
    story.at(90.1, state("Stable", "Assigning", "member-joined", 4, "a"));
    expect(read(story).at(-1)!.cause).toMatchObject({ kind: "rejoin", client: "a", at: 90 * s });
  });

  test("… and has nothing to do with a topic that grows later, though its heartbeat is the first to find that", () => {
    const story = joined();
    story.at(83, member("a", "removed", "session-expired"));
    story.at(83, epoch(3, "session-expired", "a"));
    story.at(83, state("Stable", "Assigning", "session-expired", 3, "a"));
    story.at(84, target("b", 3, 1));
    story.at(84, state("Assigning", "Stable", "reconciled", 3, "b"));
    story.at(90, member("a", "added", "member-joined"));
    story.at(90, epoch(4, "member-joined", "a"));
    story.at(90, state("Stable", "Assigning", "member-joined", 4, "a"));
    story.at(91, target("a", 4, 2));
    story.at(91, state("Assigning", "Stable", "reconciled", 4, "a"));
    const decided = story.at(120, DECIDED("grow", "orders grows to 6 partitions"));
    story.at(120, { type: "topic.changed", topic: "orders", change: "grown", before: 4, partitions: 6 }, decided);
    story.at(122, epoch(5, "metadata-changed", "a"));
    story.at(122, state("Stable", "Assigning", "metadata-changed", 5, "a"));
    expect(read(story).at(-1)!.cause).toMatchObject({ kind: "topics", client: "a", at: 120 * s });
  });
});

describe("a change whose only member is at its target in the same heartbeat", () => {
  test("leaves the group stable all the while, and is a rebalance all the same", () => {
    const story = alone();
    story.at(30, epoch(2, "metadata-changed", "a"));
    story.at(30, target("a", 2, 1));
    story.at(30, reconciled("a", "STABLE", 2));
    story.at(35, process("x", "Starting", "Running"));
    const [, second, ...rest] = read(story);
    expect(rest).toEqual([]);
    expect(second).toMatchObject({ reason: "metadata-changed", outcome: "stable", from: 30 * s, to: 30 * s });
    expect(seconds(second)).toEqual({ detection: 0, assignment: 0, reconciliation: 0, resumption: 0 });
  });

  test("takes the group from empty to stable in one step", () => {
    const story = new Story();
    story.at(1, member("a", "added", "member-joined"));
    story.at(1, epoch(1, "member-joined", "a"));
    story.at(1, target("a", 1, 1));
    story.at(1, reconciled("a", "STABLE", 1, { granted: [0, 1, 2, 3] }));
    story.at(1, state("Empty", "Stable", "reconciled", 1, "a"));
    story.at(1.2, reads("a", 0, 1, 2, 3));
    const [first, ...rest] = read(story);
    expect(rest).toEqual([]);
    expect(first).toMatchObject({ outcome: "stable", membersBefore: 0, membersAfter: 1 });
  });
});

test("the last member that leaves leaves the group empty", () => {
  const story = alone();
  const closes = story.at(30, process("a", "Running", "Closing"));
  story.at(30.1, member("a", "removed", "member-left"), closes);
  story.at(30.1, epoch(2, "member-left", "a"), closes);
  story.at(30.1, state("Stable", "Empty", "member-left", 2, "a"), closes);
  expect(read(story).at(-1)).toMatchObject({ outcome: "empty", membersBefore: 1, membersAfter: 0, waitedFor: null });
});
