import { expect, test } from "vitest";
import { Streams } from "../../sim/engine/random.ts";
import { HOUR, MILLISECOND, SECOND, toSeconds } from "../../sim/engine/time.ts";
import { eventsOf, first, only } from "../support/runs.ts";
import { distributionTest, meanTest } from "../support/statistics.ts";

/**
 * How long groups spend in rebalances: V10 and V12 of the closed forms. Seeds were fixed before looking; each
 * statistical test raises a false alarm with probability 10⁻³.
 */
const ALARM = 1e-3;
const h = 3; // heartbeat.interval.ms, in seconds

/** The test's own chance, apart from the runs'. */
const chance = new Streams("rebalance time").stream("phases");

test("V10: members that are busy with batches rejoin a heartbeat and the rest of a batch later; the slowest decides", () => {
  const n = 3;
  const [least, most] = [1.2, 1.8]; // a batch, uniform between these: after a minute its phase is anything
  const b = (least + most) / 2;
  const delay = 0.001;
  const rejoinOfLast = (seed: number): number => {
    const phases = Array.from({ length: n }, () => chance.uniform() * h);
    const holds = phases.map(
      (phase, i) => `  - { at: 4s, pause: g-${i + 1}, lasts: ${Math.round((4 + phase) * SECOND)}us }`,
    );
    const join = 120 + chance.uniform() * h;
    const events = eventsOf(
      `
duration: 150s
cluster: { brokers: 1, network: { delay: ${delay}s }, appendDelay: 0ms }
topics: { orders: { partitions: 12, rate: 100/s } }
groups:
  g:
    topics: [orders]
    assignmentCost: none
    members: { initial: ${n}, startup: 0s, capacity: 1000/s, batch: { uniform: [${least}s, ${most}s] } }
    config: { partition.assignment.strategy: [range], enable.auto.commit: false }
events:
${holds.join("\n")}
  - { at: ${Math.round(join * SECOND)}us, join: g }
`,
      `busy ${seed}`,
    );
    const began = first(events, "group.state", ({ to, t }) => to === "PreparingRebalance" && t > 60 * SECOND).t;
    const rejoined = only(events, "request.sent").filter(
      ({ api, t, client }) => api === "JoinGroup" && t > began && client !== `g-${n + 1}`,
    );
    expect(rejoined).toHaveLength(n);
    return toSeconds(Math.max(...rejoined.map(({ t }) => t)) - began) - delay;
  };

  /** P(rest of a batch ≤ x): a renewal process in equilibrium spends its time in batches by their length. */
  const rest = (x: number): number => {
    if (x <= 0) return 0;
    if (x <= least) return x / b;
    if (x >= most) return 1;
    return (least + (x - least) - (x - least) ** 2 / (2 * (most - least))) / b;
  };
  /** P(heartbeat and rest ≤ x): the convolution with U(0, h), by the midpoint rule. */
  const steps = 2_000;
  const both = (x: number): number => {
    let sum = 0;
    for (let i = 0; i < steps; i++) sum += rest(x - ((i + 0.5) / steps) * h);
    return sum / steps;
  };
  const times = Array.from({ length: 250 }, (_, index) => rejoinOfLast(index + 1));
  expect(distributionTest(times, (x) => both(x) ** n)).toBeGreaterThan(ALARM);
});

test("V12: membership changes at a small rate Λ leave a group in rebalance for the share Λ·R of the time", () => {
  const perHour = 4;
  const delay = MILLISECOND;
  const hours = 120;
  const events = eventsOf(
    `
duration: ${hours}h
cluster: { brokers: 1, network: { delay: 1ms }, appendDelay: 0ms, config: { group.coordinator.append.linger.ms: 0 } }
topics: { orders: 24 }
groups:
  g:
    topics: [orders]
    assignmentCost: none
    members: { initial: 40, startup: 0s, joins: { poisson: ${perHour}/h }, leaves: { poisson: ${perHour}/h }, crashShare: 0 }
    config: { partition.assignment.strategy: [range], enable.auto.commit: false }
`,
    "light traffic",
  );
  const changes = only(events, "group.state").filter(({ t }) => t > 60 * SECOND);
  const begins = changes.filter(({ from }) => from === "Stable").map(({ t }) => t);
  const ends = changes.filter(({ to }) => to === "Stable").map(({ t }) => t);
  const lengths = begins.slice(0, ends.length).map((begin, index) => toSeconds(ends[index] - begin));
  // The members beat in phase, at a phase that the change knows nothing of: U(0, h) until they ask; then the request and
  // its answer, JoinGroup and its answer, and the leader's SyncGroup.
  const R = h / 2 + 5 * toSeconds(delay);
  expect(meanTest(lengths, R)).toBeGreaterThan(ALARM);
  expect(distributionTest(lengths, (x) => (x - 5 * toSeconds(delay)) / h)).toBeGreaterThan(ALARM);
  const share = lengths.reduce((sum, length) => sum + length, 0) / (hours * toSeconds(HOUR));
  const expected = ((2 * perHour) / 3600) * R;
  // Poisson counts and the spread of R: the standard error of the sum, times 3.3.
  const tolerance = 3.3 * Math.sqrt((R * R + (h * h) / 12) / (2 * perHour * hours));
  expect(Math.abs(share / expected - 1)).toBeLessThan(tolerance / R);
});
