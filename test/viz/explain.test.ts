import { expect, test } from "vitest";
import { rebalances, type Rebalance } from "../../sim/trace/readings/rebalances.ts";
import { headline, labels, story } from "../../viz/explain.ts";
import { headerOf } from "../support/events.ts";
import { eventsOf } from "../support/runs.ts";

/** The last rebalance of a group of the consumer protocol, with 1 ms each way and a log that takes no time. */
function last(members: string, events: string): Rebalance {
  const told: Rebalance[] = [];
  const reading = rebalances((rebalance) => told.push(rebalance));
  reading.begin!(headerOf());
  const run = eventsOf(`
duration: 60s
cluster:
  brokers: 1
  network: { delay: 1ms }
  appendDelay: 0ms
  config: { group.coordinator.append.linger.ms: 0 }
topics: { orders: { partitions: 4, rate: 0/s } }
groups:
  g: { topics: [orders], config: { group.protocol: consumer }, members: { startup: 0s, commit: never, ${members} } }
events: [${events}]
`);
  for (const event of run) reading.see(event);
  reading.end(60_000_000);
  return told.at(-1)!;
}

// As in test/timelines/stories/consumer-join-and-crash.txt: g-2's first heartbeat arrives at 22.003 s, its second one at
// 27.005 s, and it reads at 27.008 s, when it knows where to.
test("a join of the consumer protocol is told with whom it waited for, and what by", () => {
  const rebalance = last("initial: 1", "{ at: 22s, join: g }");
  expect(headline(rebalance)).toBe("g-2 joined");
  expect(story(rebalance)).toEqual([
    "At 22s g-2 was up and polled for the first time (the scenario's script).",
    "Its first heartbeat began this rebalance 3.00 ms later.",
    "The coordinator computed the next target in the same heartbeat.",
    "g-1 was the last to give up what others were to have.",
    "All members had reached it 5.00 s later, each by its own heartbeats, and epoch 2 was stable.",
    "The last partition was read again 3.00 ms after that.",
    "The group went from 1 to 2 members.",
  ]);
});

// As in c14-consumer-static-bounce.txt: away from 30.001 s to 40.003 s.
test("a static member that is away for a while is told as that", () => {
  const rebalance = last("initial: 1, static: true, replaceAfter: 9998ms", "{ at: 30s, leave: g-1 }");
  expect(story(rebalance).slice(1)).toEqual([
    "Its last heartbeat reached the coordinator 1.00 ms later.",
    "What it had stayed reserved, and nobody read it, until g-2 took its seat.",
    "The group was stable again after 10.0 s, still in epoch 1: nobody else noticed.",
    "The last partition was read again 3.00 ms after that.",
  ]);
});

// A session of 45 s from its first heartbeat, at 0.003 s; g-2's next heartbeat after that has the target computed.
test.each([
  [
    "initial: 1",
    "{ at: 3s, crash: g-1 }, { at: 22s, join: g }",
    "What g-1 had nobody else could have until its session expired.",
  ],
  [
    "initial: 2, static: true",
    "{ at: 9s, leave: g-1 }",
    "What g-1 had stayed reserved, and nobody read it, until its place expired.",
  ],
])("who is dead, or away for good, is told as that: %s", (members, events, said) => {
  expect(story(last(members, events))).toContain(said);
});

test.each([
  ["freeze: g-2, for: 60s", "g-2 was stopped"],
  ["cut: { from: { client: g-2 } }, for: 60s", "g-2 was cut off"],
])("who is not heard of is called what it is: %s", (what, said) => {
  expect(headline(last("initial: 2", `{ at: 7s, ${what} }`))).toBe(said);
});

// All three join at the same instant, and beat each 5 s from then on: so both sessions end together.
test("of those who are cut off at once the page tells them all", () => {
  const rebalance = last(
    "initial: 3",
    "{ at: 7s, cut: { from: { client: g-2 } } }, { at: 7s, cut: { from: { client: g-3 } } }",
  );
  expect(headline(rebalance)).toBe("g-2 and 1 more were cut off");
  expect(story(rebalance)).toContain("g-3 did the same at the same instant.");
});

// A second member joins while the first join is being settled.
test("one more target is one", () => {
  const rebalance = last("initial: 1", "{ at: 22s, join: g }, { at: 24s, join: g }");
  expect(rebalance.attempts).toHaveLength(2);
  expect(story(rebalance)).toContain("One more target followed before all had come to theirs (member joined, g-3).");
});

test("a bracket is called by its cause, and by whom it waited for, with what became of them", () => {
  const joined = last("initial: 1", "{ at: 22s, join: g }");
  expect(labels(joined, 4)).toEqual(["g-2 joined, waited for g-1", "g-2 joined", "g-2", "5"]);
  const whoDied = { how: "expiry", member: "g-1-1", client: "g-1", removed: "session-expired" } as const;
  const dead = { ...joined, waitedFor: { ...whoDied, evicted: ["g-1-1", "g-3-1", "g-4-1"], absent: [] } };
  expect(labels(dead, 4)[0]).toBe("g-2 joined, waited for g-1 and 2 more, expired");
  const away = {
    ...joined,
    waitedFor: { ...whoDied, client: null, member: null, removed: null, evicted: [], absent: ["a", "b"] },
  };
  expect(labels(away, 4)[0]).toBe("g-2 joined, waited for 2 absent members");
  expect(labels({ ...joined, waitedFor: null }, 4)[0]).toBe("g-2 joined");
});

// A static member sends no LeaveGroup when it gives up, and a kafkajs consumer does not give up: their sessions end.
test("of whom a batch has silenced nobody says that it left", () => {
  const joined = last("initial: 1", "{ at: 22s, join: g }");
  const stuck = { event: "scenario#1", what: "pause", origin: "scripted", text: "g-1 is stuck" } as const;
  const cause = { ...joined.cause, kind: "slow-batch", client: "g-1", at: joined.from - 45_000_000 } as const;
  const expired = { ...joined, reason: "session-expired", cause: { ...cause, decision: stuck } };
  const expelled = "It was expelled when its session was over, 45.0 s later.";
  expect(story(expired)[1]).toBe(expelled);
  expect(story({ ...expired, cause: { ...cause, decision: null } })[1]).toBe(expelled);
  expect(story({ ...expired, cause: { ...cause, kind: "slow-commit", decision: null } })[1]).toBe(expelled);
});
