import { describe, expect, test } from "vitest";
import type { Happening } from "../../../sim/trace/event.ts";
import { phases, rebalances, type Rebalance } from "../../../sim/trace/readings/rebalances.ts";
import {
  assignment,
  collect,
  headerOf,
  joinComplete,
  member,
  owner,
  process,
  reads,
  sends,
  state,
  stops,
  Story,
} from "../../support/events.ts";

const s = 1_000_000;

/** a and b form a group in the first five seconds; each reads two of four partitions from 5 s on. */
function group(): Story {
  const story = new Story();
  const a = story.at(0.5, process("a", "Starting", "Running"));
  const b = story.at(0.6, process("b", "Starting", "Running"));
  const join = story.at(0.7, sends("a", "JoinGroup"), a);
  story.at(1, member("a", "added"), join);
  story.at(1, state("Empty", "PreparingRebalance", "first-member", 0, "a"), join);
  story.at(1.1, member("b", "added"), b);
  story.at(4, joinComplete(1, 2, 3, "b"));
  story.at(4, state("PreparingRebalance", "CompletingRebalance", "join-complete", 1));
  story.at(4.2, assignment("a", 1, 2, 4));
  story.at(4.5, sends("a", "SyncGroup", 2));
  story.at(4.5, sends("b", "SyncGroup", 2));
  story.at(4.75, state("CompletingRebalance", "Stable", "assigned", 1));
  story.at(4.9, owner("a", "assigned", 1, 0, 1));
  story.at(4.9, owner("b", "assigned", 1, 2, 3));
  story.at(5, reads("a", 0, 1));
  story.at(5, reads("b", 2, 3));
  return story;
}

const SCRIPTED = (what: "crash" | "cut" | "freeze" | "roll" | "join", text: string): Happening => ({
  type: "scenario.event",
  what,
  origin: "scripted",
  subject: "client/a",
  text,
});

/** a crashes at 20 s; its session ends at 28 s; b reads all four from 31 s on. */
function crash(): Story {
  const story = group();
  const decided = story.at(20, SCRIPTED("crash", "a crashes"));
  const crashed = story.at(20, process("a", "Running", "Crashed"), decided);
  story.at(28, member("a", "removed", "session-expired"), crashed);
  const left = story.at(28, state("Stable", "PreparingRebalance", "session-expired", 1, "a"), crashed);
  story.at(30, stops("b", "revoked", 2, 3), left);
  story.at(30, owner("b", "revoked", 1, 2, 3), left);
  story.at(30.1, joinComplete(2, 1, 2.1, "b"));
  story.at(30.1, state("PreparingRebalance", "CompletingRebalance", "join-complete", 2));
  story.at(30.3, assignment("b", 2, 1, 4));
  story.at(30.4, sends("b", "SyncGroup", 3));
  story.at(30.5, state("CompletingRebalance", "Stable", "assigned", 2));
  story.at(30.9, owner("b", "assigned", 2, 0, 1, 2, 3));
  story.at(31, reads("b", 0, 1, 2, 3));
  return story;
}

const read = (story: Story, end = 60) => collect<Rebalance>(rebalances, story, end);
const seconds = (lengths: ReturnType<typeof phases>) =>
  Object.fromEntries(Object.entries(lengths).map(([name, length]) => [name, length / s]));

describe("the first rebalance of a group", () => {
  const [first] = read(group());

  test("is a start, by the first member that came", () => {
    expect(first.cause).toMatchObject({ kind: "start", client: "a", at: 0.5 * s, event: "client/a#1", decision: null });
    expect(first).toMatchObject({ ordinal: 1, reason: "first-member", client: "a", outcome: "stable" });
    expect(first).toMatchObject({ membersBefore: 0, membersAfter: 2, generationBefore: 0, generationAfter: 1 });
  });

  test("has the phases the events tell", () => {
    expect(seconds(phases(first))).toEqual({
      detection: 0.5,
      joining: 3,
      assignment: 0.5,
      sync: 0.25,
      resumption: 0.25,
    });
  });

  test("costs the time its partitions were unread since its cause, not since the world began", () => {
    expect(first.partitionSecondsUnread).toBe(4 * (5 - 0.5));
  });
});

describe("a crash", () => {
  const [, second, ...rest] = read(crash());

  test("is one rebalance, told of as soon as everything is read again", () => {
    expect(rest).toEqual([]);
    const told: [Rebalance, number][] = [];
    let now = 0;
    const reading = rebalances((rebalance) => told.push([rebalance, now]));
    reading.begin!(headerOf());
    for (const event of crash().events) {
      now = event.t;
      reading.see(event);
    }
    expect(told.map(([, at]) => at / s)).toEqual([5, 31]);
  });

  test("is followed back to the process that crashed and the decision behind it", () => {
    expect(second.cause).toEqual({
      kind: "crash",
      client: "a",
      at: 20 * s,
      event: "client/a#6",
      decision: { event: "scenario#1", what: "crash", origin: "scripted", text: "a crashes" },
    });
  });

  test("took as long to detect as the session lasted", () => {
    expect(seconds(phases(second))).toEqual({
      detection: 8,
      joining: 2.1,
      assignment: 0.3,
      sync: 0.1,
      resumption: 0.5,
    });
  });

  test("leaves the dead one's partitions unread from the crash on, the others' from their revocation", () => {
    expect(second.partitionSecondsUnread).toBe(2 * 11 + 2 * 1);
  });

  test("names whom the join phase waited for, and who is left", () => {
    expect(second.waitedFor).toEqual({
      how: "all-joined",
      member: "b-1",
      client: "b",
      removed: null,
      evicted: [],
      absent: [],
    });
    expect(second).toMatchObject({ membersBefore: 2, membersAfter: 1, generationBefore: 1, generationAfter: 2 });
  });
});

describe("a rebalance overtaken by the next", () => {
  const story = group();
  const joins = story.at(20, process("c", "Starting", "Running"));
  story.at(21, state("Stable", "PreparingRebalance", "new-member", 1, "c"), joins);
  story.at(23, joinComplete(2, 3, 2, "b"));
  story.at(23, state("PreparingRebalance", "CompletingRebalance", "join-complete", 2));
  const closes = story.at(23.5, process("b", "Running", "Closing"));
  story.at(24, state("CompletingRebalance", "PreparingRebalance", "leave", 2, "b"), closes);
  story.at(26, joinComplete(3, 2, 2, "a"));
  story.at(26, state("PreparingRebalance", "CompletingRebalance", "join-complete", 3));
  story.at(26.5, state("CompletingRebalance", "Stable", "assigned", 3));
  const [, second, ...rest] = read(story);

  test("is one with its attempts, caused by what began the first", () => {
    expect(rest).toEqual([]);
    expect(second.cause).toMatchObject({ kind: "join", client: "c", at: 20 * s });
    expect(second.attempts).toEqual([
      { from: 21 * s, reason: "new-member", client: "c", joined: 23 * s },
      { from: 24 * s, reason: "leave", client: "b", joined: 26 * s },
    ]);
    expect(second).toMatchObject({ generationBefore: 1, generationAfter: 3 });
  });

  test("joins until its last join phase is over", () => {
    expect(seconds(phases(second))).toMatchObject({ detection: 1, joining: 5 });
  });
});

describe("the phases of whatever rebalance add up and are none of them negative", () => {
  const check = (rebalance: Rebalance, expected: Partial<Record<keyof ReturnType<typeof phases>, number>>) => {
    const lengths = phases(rebalance);
    for (const length of Object.values(lengths)) expect(length).toBeGreaterThanOrEqual(0);
    const whole = (rebalance.resumed ?? rebalance.to) - rebalance.cause.at;
    expect(Object.values(lengths).reduce((sum, length) => sum + length, 0)).toBe(whole);
    expect(seconds(lengths)).toMatchObject(expected);
  };
  /** All have joined generation 2 at 22 s, and nobody has computed an assignment yet. */
  const overtaken = () => {
    const story = group();
    story.at(20, state("Stable", "PreparingRebalance", "leader-rejoin", 1, "a"));
    story.at(22, joinComplete(2, 2, 2, "b"));
    story.at(22, state("PreparingRebalance", "CompletingRebalance", "join-complete", 2));
    return story;
  };

  test("the group leader sends its SyncGroup of an attempt that was overtaken", () => {
    const story = overtaken();
    story.at(22.1, assignment("a", 2, 2, 4));
    story.at(22.5, state("CompletingRebalance", "PreparingRebalance", "new-member", 2, "c"));
    story.at(23, sends("a", "SyncGroup"));
    story.at(26, joinComplete(3, 3, 3.5, "a"));
    story.at(26, state("PreparingRebalance", "CompletingRebalance", "join-complete", 3));
    story.at(26.5, assignment("b", 3, 3, 4));
    story.at(27, sends("b", "SyncGroup"));
    story.at(28, state("CompletingRebalance", "Stable", "assigned", 3));
    check(read(story).at(-1)!, { joining: 6, assignment: 1, sync: 1 });
  });

  test("it ends in that next attempt, before anybody has joined", () => {
    const story = overtaken();
    story.at(22.1, assignment("a", 2, 2, 4));
    story.at(22.5, state("CompletingRebalance", "PreparingRebalance", "new-member", 2, "c"));
    story.at(23, sends("a", "SyncGroup"));
    story.at(26, state("PreparingRebalance", "Dead", "unloaded", 2));
    check(read(story).at(-1)!, { joining: 6, assignment: 0, sync: 0 });
  });

  test("the answer to its join reaches the group leader when the next attempt has begun, or is through", () => {
    const story = overtaken();
    story.at(22.5, state("CompletingRebalance", "PreparingRebalance", "new-member", 2, "c"));
    story.at(22.6, assignment("a", 2, 2, 4));
    story.at(22.6, sends("a", "SyncGroup"));
    story.at(26, joinComplete(3, 3, 3.5, "c"));
    story.at(26, state("PreparingRebalance", "CompletingRebalance", "join-complete", 3));
    story.at(26.1, assignment("a", 2, 2, 4));
    story.at(26.1, sends("a", "SyncGroup"));
    story.at(30, state("CompletingRebalance", "Dead", "unloaded", 3));
    check(read(story).at(-1)!, { joining: 6, assignment: 4, sync: 0 });
  });

  test("the run is over while the group leader computes", () => {
    const story = overtaken();
    story.at(22, { ...assignment("a", 2, 2, 4), took: 60 * s } as Happening);
    const last = read(story, 40).at(-1)!;
    expect(last.assigned).toBeNull();
    check(last, { joining: 2, assignment: 18, sync: 0 });
  });
});

test("a join phase that ends by a session's end has waited for the dead one, not for the last that came", () => {
  const story = group();
  story.at(20, state("Stable", "PreparingRebalance", "new-member", 1, "c"));
  story.at(21, member("b", "rejoined", "metadata-changed"));
  story.at(40, member("a", "removed", "session-expired"));
  story.at(40, { ...joinComplete(2, 2, 20, "b"), how: "expiry" } as Happening);
  story.at(40, state("PreparingRebalance", "CompletingRebalance", "join-complete", 2));
  expect(read(story).at(-1)!.waitedFor).toMatchObject({ how: "expiry", client: "a", removed: "session-expired" });
});

function kindOf(tell: (story: Story) => void): Rebalance {
  const story = group();
  tell(story);
  return read(story).at(-1)!;
}
const leaves = (story: Story, reason: string, client: string, cause: string | null = null) =>
  story.at(30, state("Stable", "PreparingRebalance", reason, 1, client), cause);

describe("what began it", () => {
  test("a member that closes leaves", () => {
    const { cause } = kindOf((story) => leaves(story, "leave", "b", story.at(29, process("b", "Running", "Closing"))));
    expect(cause).toMatchObject({ kind: "leave", client: "b", at: 29 * s });
  });

  test("a batch longer than the poll interval makes its member leave; it began with the batch", () => {
    const { cause } = kindOf((story) => {
      story.at(10, { type: "client.busy", client: "b", group: "g", busy: true, lasts: 100 * s });
      leaves(story, "leave", "b");
    });
    expect(cause).toMatchObject({ kind: "slow-batch", client: "b", at: 10 * s });
  });

  const overdue = (story: Story, at: number, cause: string | null = null) =>
    story.at(
      at,
      {
        type: "client.state",
        client: "b",
        group: "g",
        from: "STABLE",
        to: "UNJOINED",
        reason: "poll-interval-exceeded",
      },
      cause,
    );

  test("so does a batch of the usual kind, although nothing told of its beginning, and whatever came before", () => {
    const { cause } = kindOf((story) => {
      // Expelled and back once, and up by a rolling restart: neither has to do with it.
      const roll = story.at(6, SCRIPTED("roll", "a rolling restart of g begins"));
      story.at(7, member("b", "removed", "session-expired"));
      story.at(8, { type: "client.rejoin", client: "b", group: "g", reason: "unknown-member" });
      story.at(9, member("b", "added"));
      const left = story.at(29.5, sends("b", "LeaveGroup"), roll);
      overdue(story, 29.5, left);
      story.at(30, member("b", "removed", "leave"), left);
      leaves(story, "leave", "b", left);
    });
    expect(cause).toMatchObject({ kind: "slow-batch", client: "b", at: 29.5 * s, decision: null });
  });

  test("a commit that outlasts the poll interval is the fault of what keeps it from being answered", () => {
    const { cause } = kindOf((story) => {
      const cut = story.at(10, SCRIPTED("cut", "nothing gets through between b and the coordinator of g for 15s"));
      story.at(10.5, { type: "client.committing", client: "b", group: "g", committing: true }, cut);
      overdue(story, 29.8);
      story.at(29.9, { type: "client.committing", client: "b", group: "g", committing: false });
      leaves(story, "leave", "b");
    });
    expect(cause).toMatchObject({ kind: "slow-commit", client: "b", at: 10.5 * s, decision: { what: "cut" } });
  });

  test("a batch that is over when the LeaveGroup arrives was one all the same", () => {
    const { cause } = kindOf((story) => {
      story.at(10, { type: "client.busy", client: "b", group: "g", busy: true, lasts: 19.9 * s });
      overdue(story, 29.8);
      story.at(29.9, { type: "client.busy", client: "b", group: "g", busy: false });
      leaves(story, "leave", "b");
    });
    expect(cause).toMatchObject({ kind: "slow-batch", client: "b", at: 10 * s });
  });

  test("a member that came back from such a batch is silent like any other", () => {
    const { cause } = kindOf((story) => {
      overdue(story, 10);
      story.at(15, member("b", "added"));
      leaves(story, "session-expired", "b");
    });
    expect(cause).toMatchObject({ kind: "silence" });
  });

  test("a member that lives and is not heard of is silent", () => {
    expect(kindOf((story) => leaves(story, "session-expired", "b")).cause).toMatchObject({
      kind: "silence",
      at: 30 * s,
    });
  });

  test("… and since it was cut off, if it was", () => {
    const { cause } = kindOf((story) => {
      const cut = story.at(12, SCRIPTED("cut", "nothing gets through between b and everybody else"));
      const link = story.at(12, { type: "network.link", state: "cut", from: "client/b", to: null, oneWay: false }, cut);
      leaves(story, "session-expired", "b", link);
    });
    expect(cause).toMatchObject({ kind: "silence", client: "b", at: 12 * s, decision: { what: "cut" } });
  });

  test("… but is heard of after that, where only answers to it are cut: silent for as long as its coordinator says", () => {
    const { cause } = kindOf((story) => {
      const cut = story.at(12, SCRIPTED("cut", "nothing gets through from the coordinator of g to b"));
      const more = { from: "coordinator/g", to: "client/b", oneWay: true } as const;
      const link = story.at(12, { type: "network.link", state: "cut", ...more }, cut);
      story.at(30, member("b", "removed", "session-expired", { silentFor: 10 * s }), link);
      leaves(story, "session-expired", "b", link);
    });
    expect(cause).toMatchObject({ kind: "silence", client: "b", at: 12 * s, silentFor: 10 * s });
  });

  test("is the doing of all whose sessions end at the same instant, for the same reason", () => {
    const { cause, others } = kindOf((story) => {
      for (const client of ["c", "d", "e"]) story.at(6, process(client, "Starting", "Running"));
      const cut = story.at(12, SCRIPTED("cut", "nothing gets through between zone z and everybody else"));
      const link = story.at(12, { type: "network.link", state: "cut", from: "zone/z", to: null, oneWay: false }, cut);
      const crashed = story.at(13, process("d", "Running", "Crashed"));
      story.at(30, member("b", "removed", "session-expired"), link);
      leaves(story, "session-expired", "b", link);
      story.at(30, member("c", "removed", "session-expired"), link);
      story.at(30, member("d", "removed", "session-expired"), crashed); // another story
      story.at(30.1, member("e", "removed", "session-expired"), link); // later
    });
    expect(cause).toMatchObject({ kind: "silence", client: "b" });
    expect(others).toEqual(["c"]);
  });

  test("… or who join at it, but not who come back meanwhile, or have only got an id yet", () => {
    const { others } = kindOf((story) => {
      const up = new Map(
        ["c", "d", "e"].map((client) => [client, story.at(10, process(client, "Starting", "Running"))]),
      );
      story.at(29, member("c", "pending", "member-id-required"));
      story.at(30, member("c", "added", "dynamic"), up.get("c"));
      leaves(story, "new-member", "c", up.get("c"));
      story.at(30, member("d", "added", "dynamic"), up.get("d"));
      story.at(30, member("e", "pending", "member-id-required"), up.get("e"));
      story.at(30, member("a", "rejoined", "metadata-changed"));
    });
    expect(others).toEqual(["d"]);
  });

  test("a crashed member was silent since its last heartbeat; one that is a member again is not silent", () => {
    const expire = (story: Story) => {
      const crashed = story.at(25, process("b", "Running", "Crashed"));
      story.at(30, member("b", "removed", "session-expired", { silentFor: 7 * s }), crashed);
      leaves(story, "session-expired", "b", crashed);
    };
    expect(kindOf(expire).cause).toMatchObject({ kind: "crash", client: "b", at: 25 * s, silentFor: 7 * s });
    const { cause } = kindOf((story) => {
      story.at(20, member("b", "removed", "session-expired", { silentFor: 7 * s }));
      story.at(22, member("b", "added"));
      leaves(story, "metadata-changed", "b", story.at(25, process("b", "Running", "Crashed")));
    });
    expect(cause).toMatchObject({ kind: "crash" });
    expect(cause).not.toHaveProperty("silentFor");
  });

  test("… and since its process was stopped, if it was", () => {
    const { cause } = kindOf((story) => {
      const freeze = story.at(12, SCRIPTED("freeze", "b is stopped for 60 s"));
      const frozen = story.at(12, { type: "client.frozen", client: "b", group: "g", frozen: true }, freeze);
      leaves(story, "session-expired", "b", frozen);
    });
    expect(cause).toMatchObject({ kind: "silence", client: "b", at: 12 * s, decision: { what: "freeze" } });
  });

  test("a step of a rolling restart is a roll, however many steps lie between", () => {
    const { cause } = kindOf((story) => {
      let event = story.at(6, SCRIPTED("roll", "a rolling restart of g begins"));
      for (let i = 0; i < 50; i++) event = story.at(7 + i / 10, sends("b", "OffsetCommit", i), event);
      leaves(story, "leave", "b", story.at(29, process("b", "Running", "Closing"), event));
    });
    expect(cause).toMatchObject({
      kind: "roll",
      client: "b",
      at: 29 * s,
      decision: { text: "a rolling restart of g begins" },
    });
  });

  test("a replacement joins; the crash it replaces is another story", () => {
    const { cause } = kindOf((story) => {
      const crashed = story.at(10, process("a", "Running", "Crashed"));
      const decided = story.at(
        20,
        { ...SCRIPTED("join", "c replaces one that is gone"), origin: "chance" } as Happening,
        crashed,
      );
      leaves(story, "new-member", "c", story.at(29, process("c", "Starting", "Running"), decided));
    });
    expect(cause).toMatchObject({
      kind: "join",
      client: "c",
      at: 29 * s,
      decision: { what: "join", origin: "chance" },
    });
  });

  test("an expelled member that lives comes back; it began with its decision to rejoin", () => {
    const { cause } = kindOf((story) => {
      story.at(20, member("b", "removed", "session-expired"));
      const back = story.at(29, { type: "client.rejoin", client: "b", group: "g", reason: "unknown-member" });
      leaves(story, "new-member", "b", back);
    });
    expect(cause).toMatchObject({ kind: "rejoin", client: "b", at: 29 * s });
  });

  test("so does one whose application's next poll hangs on a broker that crashed before; not if that crashed since", () => {
    const after = (expelled: number) =>
      kindOf((story) => {
        const crash = { type: "broker.state", broker: 1, from: "Running", to: "Crashed", reason: "crashed" } as const;
        const down = story.at(20, crash);
        story.at(expelled, member("b", "removed", "session-expired"));
        const back = story.at(29, { type: "client.rejoin", client: "b", group: "g", reason: "unknown-member" }, down);
        leaves(story, "new-member", "b", back);
      }).cause;
    expect(after(25)).toMatchObject({ kind: "rejoin", client: "b", at: 29 * s });
    expect(after(15)).toMatchObject({ kind: "failover", at: 20 * s });
  });

  test("a broker that crashed is a failover", () => {
    const { cause } = kindOf((story) => {
      const down = story.at(20, { type: "broker.state", broker: 1, from: "Running", to: "Crashed", reason: "crashed" });
      leaves(story, "new-member", "z", story.at(25, sends("z", "JoinGroup"), down));
    });
    expect(cause).toMatchObject({ kind: "failover", at: 20 * s });
  });

  test("the rest is the group's own, with the coordinator's reason", () => {
    const rebalance = kindOf((story) => leaves(story, "leader-rejoin", "a"));
    expect(rebalance).toMatchObject({ cause: { kind: "group", at: 30 * s }, reason: "leader-rejoin" });
  });
});

describe("how it ends", () => {
  test("unfinished, with the run", () => {
    const story = group();
    story.at(30, state("Stable", "PreparingRebalance", "leave", 1, "b"));
    expect(read(story, 40).at(-1)).toMatchObject({
      outcome: "unfinished",
      from: 30 * s,
      to: 40 * s,
      joined: null,
      resumed: null,
    });
  });

  test("empty, at once, when the last member leaves", () => {
    const story = group();
    story.at(30, state("Stable", "PreparingRebalance", "leave", 1, "b"));
    story.at(30, state("PreparingRebalance", "Empty", "emptied", 2));
    expect(read(story).at(-1)).toMatchObject({ outcome: "empty", from: 30 * s, to: 30 * s, membersAfter: 0 });
  });

  test("gone, with its coordinator; being loaded by the next one is no rebalance", () => {
    const story = group();
    story.at(30, state("Stable", "PreparingRebalance", "leave", 1, "b"));
    story.at(31, state("PreparingRebalance", "Dead", "unloaded", 1));
    story.at(35, state("Absent", "Stable", "loaded", 1));
    const all = read(story);
    expect(all).toHaveLength(2);
    expect(all[1]).toMatchObject({ outcome: "gone", to: 31 * s });
  });

  test("with the next one's beginning, if that comes before everything is read again", () => {
    const story = crash();
    const early = story.events.findIndex(({ t }) => t === 31 * s);
    story.events.splice(early, 1);
    story.at(31, reads("b", 0, 1));
    story.at(32, state("Stable", "PreparingRebalance", "leader-rejoin", 2, "b"));
    const [, second, third] = read(story, 40);
    expect(second).toMatchObject({ outcome: "stable", resumed: 31 * s });
    expect(second.partitionSecondsUnread).toBe(2 * 11 + 2 * 2); // until 32 s
    expect(third.partitionSecondsUnread).toBe(2 * 8);
  });

  test("pauses of a busy application cost a rebalance nothing", () => {
    const story = crash();
    const busy = (is: boolean): Happening => ({ type: "client.busy", client: "b", group: "g", busy: is });
    story.at(33, busy(true));
    story.at(36, busy(false));
    expect(read(story)[1].partitionSecondsUnread).toBe(24);
    const during = crash();
    during.events.splice(during.events.length - 1); // b gets all four at 31 s, in the middle of a batch
    during.at(30.95, busy(true));
    during.at(31, reads("b", 0, 1, 2, 3));
    during.at(36, busy(false));
    // Nobody reads a's from 20 to 31 s, and b's from 30 to 31 s.
    expect(read(during)[1].partitionSecondsUnread).toBe(2 * 11 + 2 * 1);
  });

  test("but the pause of a member that loses its partitions by it counts from its begin", () => {
    const story = group();
    const busy = story.at(10, { type: "client.busy", client: "b", group: "g", busy: true, lasts: 30 * s });
    const why = { from: "STABLE", to: "UNJOINED", reason: "poll-interval-exceeded" };
    story.at(20, { type: "client.state", client: "b", group: "g", ...why }, busy);
    const left = story.at(20, state("Stable", "PreparingRebalance", "leave", 1, "b"), busy);
    story.at(21, joinComplete(2, 1, 1, "a"), left);
    story.at(21, state("PreparingRebalance", "CompletingRebalance", "join-complete", 2));
    story.at(22, state("CompletingRebalance", "Stable", "assigned", 2));
    story.at(23, reads("a", 0, 1, 2, 3));
    story.at(40, { type: "client.busy", client: "b", group: "g", busy: false });
    story.at(40, stops("b", "lost", 2, 3));
    const [, rebalance] = read(story);
    expect(rebalance).toMatchObject({ cause: { kind: "slow-batch", at: 10 * s }, resumed: 23 * s });
    expect(rebalance.partitionSecondsUnread).toBe(2 * 13);
  });

  test("the time of a stopped member's partitions, from its stop until another reads them", () => {
    const story = group();
    const frozen = story.at(10, { type: "client.frozen", client: "b", group: "g", frozen: true, lasts: 60 * s });
    const expired = story.at(28, state("Stable", "PreparingRebalance", "session-expired", 1, "b"), frozen);
    story.at(29, joinComplete(2, 1, 1, "a"), expired);
    story.at(29, state("PreparingRebalance", "CompletingRebalance", "join-complete", 2));
    story.at(30, state("CompletingRebalance", "Stable", "assigned", 2));
    story.at(31, reads("a", 0, 1, 2, 3));
    expect(read(story)[1].partitionSecondsUnread).toBe(2 * 21);
  });
});
