import { expect, test } from "vitest";
import { paint } from "../../sim/report/paint.ts";
import { rebalanceList, why } from "../../sim/report/rebalance-list.ts";
import type { CauseKind, Decision } from "../../sim/trace/readings/causes.ts";
import type { Rebalance } from "../../sim/trace/readings/rebalances.ts";

const s = 1_000_000;

/** A rebalance at 400 s whose cause was g-3's doing, 300 s before. */
function rebalance(kind: CauseKind, reason: string, decision: Decision | null = null): Rebalance {
  return {
    group: "g",
    ordinal: 2,
    protocol: "classic",
    cause: { kind, client: "g-3", at: 100 * s, event: "client/g-3#1", decision },
    reason,
    member: "g-3-1",
    client: "g-3",
    others: [],
    event: "group/g#9",
    ended: null,
    from: 400 * s,
    joined: null,
    assigned: null,
    to: 402 * s,
    resumed: null,
    outcome: "stable",
    attempts: [{ from: 400 * s, reason, client: "g-3", joined: null }],
    generationBefore: 1,
    generationAfter: 2,
    membersBefore: 2,
    membersAfter: 2,
    waitedFor: null,
    partitionSecondsUnread: 0,
  };
}

test.for([
  ["new-member", "joined"],
  ["first-member", "joined"],
  ["static-protocol-changed", "joined"],
  ["leave", "left"],
  ["session-expired", "left"],
] as const)("a step of a rolling restart that the coordinator calls %s is a member that %s", ([reason, verb]) => {
  expect(why(rebalance("roll", reason))).toBe(`g-3 ${verb} (rolling restart)`);
});

test("a slow batch says how long it lasted, if anything tells of its beginning", () => {
  const decision: Decision = { event: "scenario#1", what: "pause", origin: "chance", text: "g-3 is stuck" };
  expect(why(rebalance("slow-batch", "leave", decision))).toBe("g-3 was stuck in a batch (5 m 00 s)");
  expect(why(rebalance("slow-batch", "leave"))).toBe("g-3 exceeded its poll interval");
});

/** … of which its coordinator had heard nothing for 45 s then. */
const unheard = (one: Rebalance): Rebalance => ({ ...one, cause: { ...one.cause, silentFor: 45 * s } });

test("silent is for how long nothing was heard of it, whatever silenced it; the time since then is called that", () => {
  const crash = rebalance("crash", "session-expired");
  expect(why(unheard(crash))).toBe("g-3 crashed (silent 45.0 s)");
  expect(why(crash)).toBe("g-3 crashed (5 m 00 s before)");
});

test("who is not heard of is said to be cut off, or stopped, if it is", () => {
  expect(why(rebalance("silence", "session-expired"))).toBe("g-3 was not heard of");
  const text = "nothing gets through between g-3 and everybody else";
  const cut: Decision = { event: "scenario#1", what: "cut", origin: "scripted", text };
  expect(why(rebalance("silence", "session-expired", cut))).toBe("g-3 was cut off (5 m 00 s before)");
  // Its requests still came through: the trace says for how long nothing was heard.
  expect(why(unheard(rebalance("silence", "session-expired", cut)))).toBe("g-3 was cut off (silent 45.0 s)");
  const freeze: Decision = { ...cut, what: "freeze", text: "g-3 is stopped for 60 s" };
  expect(why(rebalance("silence", "session-expired", freeze))).toBe("g-3 was stopped (5 m 00 s before)");
  expect(why(unheard(rebalance("silence", "session-expired", freeze)))).toBe("g-3 was stopped (silent 45.0 s)");
});

test.for([
  ["join", "new-member", "g-3 and 2 more joined"],
  ["leave", "leave", "g-3 and 2 more left"],
  ["crash", "session-expired", "g-3 and 2 more crashed (5 m 00 s before)"],
  ["roll", "leave", "g-3 and 2 more left (rolling restart)"],
  ["slow-batch", "leave", "g-3 and 2 more exceeded their poll intervals"],
  ["slow-commit", "leave", "g-3 and 2 more waited for a commit (5 m 00 s)"],
  ["rejoin", "new-member", "g-3 and 2 more came back, expelled before"],
  ["silence", "session-expired", "g-3 and 2 more were not heard of"],
  ["start", "first-member", "the first members came"],
] as const)("of several that do the same at once all are told, in a few words: %s", ([kind, reason, said]) => {
  expect(why({ ...rebalance(kind, reason), others: ["g-4", "g-7"] })).toBe(said);
});

test("several that are cut off, stopped or stuck at once are many", () => {
  const cut: Decision = { event: "scenario#1", what: "cut", origin: "scripted", text: "nothing gets through" };
  const others = ["g-4"];
  const silence = { ...rebalance("silence", "session-expired", cut), others };
  expect(why(silence)).toBe("g-3 and 1 more were cut off (5 m 00 s before)");
  const batch = { ...rebalance("slow-batch", "leave", { ...cut, what: "pause" }), others };
  expect(why(batch)).toBe("g-3 and 1 more were stuck in a batch (5 m 00 s)");
});

test("with the consumer protocol nobody has to learn that topics changed: a heartbeat of anybody has the coordinator act", () => {
  const grown: Decision = {
    event: "scenario#1",
    what: "grow",
    origin: "scripted",
    text: "orders gets more partitions",
  };
  const change = rebalance("topics", "metadata-changed", grown);
  expect(why(change)).toBe("orders gets more partitions (g-3 learned of it 5 m 00 s later)");
  expect(why({ ...change, protocol: "consumer" })).toBe(
    "orders gets more partitions (at the heartbeat of g-3, 5 m 00 s later)",
  );
});

test("with the consumer protocol nothing fails: each further change makes another target", () => {
  const attempts = [400, 401].map((at) => ({ from: at * s, reason: "x", client: "g-3", joined: null }));
  const twice = { ...rebalance("join", "new-member"), attempts };
  expect(why(twice)).toBe("g-3 joined, 2 attempts");
  expect(why({ ...twice, protocol: "consumer" })).toBe("g-3 joined, 2 targets");
});

test("of two that begin at one instant the first of them comes first, whichever cost more", () => {
  const start = { ...rebalance("start", "member-joined"), ordinal: 1 };
  const join = { ...rebalance("join", "member-joined"), ordinal: 2, partitionSecondsUnread: 45 };
  const [, one, two] = rebalanceList([join, start], 0, paint(false), 100);
  expect([one, two]).toEqual([
    expect.stringContaining("the first members came"),
    expect.stringContaining("g-3 joined"),
  ]);
});

test.for([
  ["session-expired", [], "g-1, expired"],
  ["session-expired", ["g-1-1"], "g-1, its place expired"],
  ["leave", [], "g-1, left"],
  ["member-left", [], "g-1, left"],
  ["rebalance-timeout", [], "g-1, in vain"],
] as const)("whoever was waited for and removed for %s, absent: %s, is told as %s", ([removed, absent, told]) => {
  const waitedFor = { how: "expiry", member: "g-1-1", client: "g-1", removed, evicted: [], absent } as const;
  const [, row] = rebalanceList([{ ...rebalance("join", "member-joined"), waitedFor }], 0, paint(false), 100);
  expect(row).toContain(`  ${told}  `);
});

test("a cause that is longer than the line has room for goes on beneath it, word for word", () => {
  const text = "orders gets more partitions";
  const long = rebalance("topics", "join", { event: "scenario#1", what: "grow", origin: "scripted", text });
  const lines = rebalanceList([long, rebalance("join", "new-member")], 0, paint(false), 80);
  // Of 80 characters the other columns take 7 + 6 + 12 + 10 + 6, and the gaps 5 × 2.
  expect(lines.slice(0, 5)).toEqual([
    "   when  why                            lasted  phases        waited for  unread",
    "6m40.0s  orders gets more partitions    2.00 s  ············               0 p·s",
    "           (g-3 learned of it 5 m 00 s",
    "           later)",
    "6m40.0s  g-3 joined                     2.00 s  ············               0 p·s",
  ]);
});
