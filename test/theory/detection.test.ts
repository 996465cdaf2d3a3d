import { expect, test } from "vitest";
import { Streams } from "../../sim/engine/random.ts";
import { MILLISECOND, SECOND, toSeconds } from "../../sim/engine/time.ts";
import { eventsOf, first, only } from "../support/runs.ts";
import { distributionTest, meanTest } from "../support/statistics.ts";

/**
 * How long a group takes to notice: V7, V8, V9 and V13 of the closed forms. Seeds were fixed before looking; each
 * statistical test raises a false alarm with probability 10⁻³. Nothing is committed by itself here: the closed forms know
 * heartbeats only, and a commit is a sign of life too.
 */
const ALARM = 1e-3;

/** The test's own chance, apart from the runs'. */
const chance = new Streams("detection").stream("phases");

const S = 10; // session.timeout.ms, in seconds
const h = 3; // heartbeat.interval.ms

/** Two members in a stable group; one of them crashes at a uniformly random phase of its heartbeats. */
function detection(delay: string, seed: number): number {
  const phase = chance.uniform() * h;
  const crash = Math.round((60 + phase) * SECOND);
  const events = eventsOf(
    `
duration: 90s
cluster: { brokers: 1, network: { delay: ${delay} } }
topics: { orders: 4 }
groups:
  g:
    topics: [orders]
    config: { session.timeout.ms: ${S * 1000}, heartbeat.interval.ms: ${h * 1000}, partition.assignment.strategy: [range], enable.auto.commit: false }
    members: 2
events:
  - { at: ${crash}us, crash: g-1 }
`,
    `detection ${seed}`,
  );
  const removed = first(events, "group.member", ({ change, client }) => change === "removed" && client === "g-1");
  expect(removed.reason).toBe("session-expired");
  return toSeconds(removed.t - crash);
}

const SEEDS = Array.from({ length: 300 }, (_, index) => index + 1);

test("V7: a crash under a constant delay is noticed after a time uniform on (S−h+d, S+d]", () => {
  const d = 0.05;
  const times = SEEDS.map((seed) => detection("50ms", seed));
  for (const time of times) {
    expect(time).toBeGreaterThan(S - h + d - 1e-9);
    expect(time).toBeLessThanOrEqual(S + d + 1e-9);
  }
  expect(distributionTest(times, (x) => (x - (S - h + d)) / h)).toBeGreaterThan(ALARM);
  expect(meanTest(times, S - h / 2 + d)).toBeGreaterThan(ALARM);
});

test("V8: a crash under a random delay is noticed after S − h/2 + E[d] on average", () => {
  const times = SEEDS.map((seed) => detection("{ exponential: 80ms }", seed));
  expect(meanTest(times, S - h / 2 + 0.08)).toBeGreaterThan(ALARM);
});

test("V13: a graceful leave is noticed within one delay of its LeaveGroup, no session is waited for", () => {
  const events = eventsOf(`
duration: 90s
cluster: { brokers: 1, network: { delay: 50ms } }
topics: { orders: 4 }
groups:
  g: { topics: [orders], members: 2, config: { session.timeout.ms: 10000, partition.assignment.strategy: [range], enable.auto.commit: false } }
events:
  - { at: 61s, leave: g-1 }
`);
  const sent = first(events, "request.sent", ({ api }) => api === "LeaveGroup");
  const removed = first(events, "group.member", ({ change }) => change === "removed");
  expect(removed.reason).toBe("leave");
  expect(removed.t - sent.t).toBe(50 * MILLISECOND);
  // Before it comes only the commit of what was read: a round trip and the coordinator's append.
  expect(sent.t - 61 * SECOND).toBeLessThan(150 * MILLISECOND);
});

/**
 * The phases are set by hand: each member is held up from before the join is complete until its own moment within one
 * interval afterwards, so it begins to send heartbeats then.
 */
function lastToLearn(members: number, seed: number): number {
  const delay = 0.001;
  const phases = Array.from({ length: members }, () => chance.uniform() * h);
  const holds = phases.map(
    (phase, i) => `  - { at: 4s, pause: g-${i + 1}, lasts: ${Math.round((4 + phase) * SECOND)}us }`,
  );
  const join = 60 + chance.uniform() * h;
  const events = eventsOf(
    `
duration: 80s
cluster: { brokers: 1, network: { delay: ${delay}s } }
topics: { orders: 12 }
groups:
  g: { topics: [orders], members: { initial: ${members}, startup: 0s }, config: { partition.assignment.strategy: [range], enable.auto.commit: false } }
events:
${holds.join("\n")}
  - { at: ${Math.round(join * SECOND)}us, join: g }
`,
    `${seed}`,
  );
  const began = first(events, "group.state", ({ to, t }) => to === "PreparingRebalance" && t > 20 * SECOND).t;
  const told = only(events, "client.rejoin").filter(({ t, reason }) => t > began && reason === "heartbeat-rebalance");
  expect(told).toHaveLength(members);
  return toSeconds(Math.max(...told.map(({ t }) => t)) - began) - delay;
}

test("V9: the last of n members with independent phases learns of a rebalance after the maximum of n U(0, h)", () => {
  const n = 4;
  const times = SEEDS.map((seed) => lastToLearn(n, seed));
  expect(meanTest(times, (h * n) / (n + 1))).toBeGreaterThan(ALARM);
  expect(distributionTest(times, (x) => (Math.min(Math.max(x, 0), h) / h) ** n)).toBeGreaterThan(ALARM);
});

test("members that left a join barrier together stay in phase and learn of the next rebalance together", () => {
  const events = eventsOf(`
duration: 80s
cluster: { brokers: 1, network: { delay: 1ms } }
topics: { orders: 12 }
groups:
  g: { topics: [orders], members: { initial: 6, startup: 0s }, config: { partition.assignment.strategy: [range], enable.auto.commit: false } }
events:
  - { at: 61s, join: g }
`);
  const told = only(events, "client.rejoin").filter(({ reason }) => reason === "heartbeat-rebalance");
  expect(told).toHaveLength(6);
  expect(Math.max(...told.map(({ t }) => t)) - Math.min(...told.map(({ t }) => t))).toBeLessThan(5 * MILLISECOND);
});
