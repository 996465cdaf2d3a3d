import { expect, test } from "vitest";
import { MILLISECOND, SECOND } from "../../sim/engine/time.ts";
import { eventsOf, first, only } from "../support/runs.ts";

/**
 * V11: how long the first join phase of an empty group takes, exact to the microsecond. `join` arrives three delays
 * after the first poll: FindCoordinator there and back, JoinGroup there; then the member id travels back, and there.
 */
const DELAY = MILLISECOND;
const FIRST_JOIN = 5 * DELAY;

function joinPhase(
  starts: readonly string[],
  config = "",
  broker = "",
): { began: number; ended: number; members: number } {
  const events = eventsOf(`
duration: 200s
cluster: { brokers: 1, network: { delay: 1ms }, config: { ${broker} } }
topics: { orders: 4 }
groups:
  g:
    topics: [orders]
    members: { initial: 0, startup: 0s }
    config: { partition.assignment.strategy: [range], ${config} }
events:
${starts.map((at) => `  - { at: ${at}, join: g }`).join("\n")}
`);
  const began = first(events, "group.state", ({ from, to }) => from === "Empty" && to === "PreparingRebalance").t;
  const complete = first(events, "group.join-complete");
  return { began, ended: complete.t, members: complete.members };
}

test("V11: a single consumer waits for one window of group.initial.rebalance.delay.ms", () => {
  expect(joinPhase(["10s"])).toEqual({ began: 10 * SECOND + FIRST_JOIN, ended: 13 * SECOND + FIRST_JOIN, members: 1 });
});

test("V11: a second within the window makes it last two whole windows", () => {
  expect(joinPhase(["10s", "12900ms"]).ended).toBe(16 * SECOND + FIRST_JOIN);
});

test("V11: a steady trickle extends it window by window, until nobody came during one", () => {
  // Arrivals in windows 1, 2 and 3 (10–13, 13–16, 16–19), none in the fourth.
  const { ended, members } = joinPhase(["10s", "12s", "15s", "18s"]);
  expect({ ended, members }).toEqual({ ended: 22 * SECOND + FIRST_JOIN, members: 4 });
});

test("V11: the extension ends with the first member's rebalance timeout", () => {
  // R = 7 s: windows of 3, 3 and 1 seconds.
  const { ended } = joinPhase(["10s", "12s", "15s", "16500ms"], "max.poll.interval.ms: 7000");
  expect(ended).toBe(17 * SECOND + FIRST_JOIN);
});

test("V11: with a delay of 0 the first member has its generation at once", () => {
  const { began, ended } = joinPhase(["10s"], "", "group.initial.rebalance.delay.ms: 0");
  expect(ended).toBe(began);
});

test("V11: consumers that start further apart than the window cost one rebalance each", () => {
  const events = eventsOf(`
duration: 60s
cluster: { brokers: 1, network: { delay: 1ms } }
topics: { orders: 4 }
groups:
  g: { topics: [orders], members: { initial: 0, startup: 0s }, config: { partition.assignment.strategy: [range] } }
events:
  - { at: 10s, join: g }
  - { at: 14s, join: g }
`);
  expect(only(events, "group.join-complete").map(({ generation }) => generation)).toEqual([1, 2]);
});
