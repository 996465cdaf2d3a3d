import { expect, test } from "vitest";
import { SECOND } from "../../sim/engine/time.ts";
import { parseScenario } from "../../sim/scenario/parse.ts";
import { eventsOf, first, only } from "../support/runs.ts";
import { distributionTest } from "../support/statistics.ts";

/** Each statistical test raises a false alarm with probability 10⁻³; seeds were fixed before looking. */
const ALARM = 1e-3;

const SEEDS = Array.from({ length: 300 }, (_, index) => `plus ${index}`);

/** Two members that share 400/s; a commit each 5 s. */
const crashing = (when: string) => `
duration: 90s
cluster: { brokers: 1, network: { delay: 1ms } }
topics: { orders: { partitions: 4, rate: 400/s } }
groups:
  billing: { members: 2, config: { session.timeout.ms: 6000, auto.commit.interval.ms: 5000 } }
events:
  - { at: 60s, ${when} crash: billing-1 }
`;

test("an event with plus comes so much later, drawn anew in each run", () => {
  const times = SEEDS.map((seed) => {
    const { t } = first(eventsOf(crashing("plus: { uniform: [0s, 5s] },"), seed), "scenario.event");
    return t / SECOND;
  });
  expect(distributionTest(times, (t) => Math.min(Math.max((t - 60) / 5, 0), 1))).toBeGreaterThan(ALARM);
});

test("a crash at any moment between two commits costs what was read since the last one: uniform from 0 to r·T", () => {
  const costs = SEEDS.map((seed) =>
    only(eventsOf(crashing("plus: { uniform: [0s, 5s] },"), seed), "records.reread")
      .flatMap(({ records, partitions }) => (typeof records === "number" ? partitions.map(() => records) : records))
      .reduce((sum, records) => sum + records, 0),
  );
  const r = 200;
  const T = 5;
  expect(distributionTest(costs, (x) => Math.min(Math.max(x / (r * T), 0), 1))).toBeGreaterThan(ALARM);
});

test("a constant plus is added, and one that always goes beyond the end is refused", () => {
  expect(first(eventsOf(crashing("plus: 7s,")), "scenario.event").t).toBe(67 * SECOND);
  expect(() => eventsOf(crashing("plus: 31s,"))).toThrow(/this event never comes before the run's end/);
});

test("an event that chance puts after the end does not come, and the trace says so at its time, with how much it is too late", () => {
  const [told, ...others] = only(eventsOf(crashing("plus: { empirical: [30s, 40s] },")), "scenario.event");
  expect(others).toEqual([]);
  expect([told.t, told.what]).toEqual([60 * SECOND, "nothing"]);
  const [, late] = /^crash does not come: by chance it would be (.*)s after the end of the run$/.exec(told.text)!;
  expect(Number(late)).toBeGreaterThan(0);
  expect(Number(late)).toBeLessThanOrEqual(10);
});

test("topics change at fixed times: plus is refused there, and said so", () => {
  const growing = `
topics: { orders: 4 }
groups: { billing: { members: 2 } }
events:
  - { at: 60s, plus: 5s, grow: orders, to: 8 }
`;
  expect(() => parseScenario(growing, { file: "growing.yaml" })).toThrow(
    /growing\.yaml:5:16 plus .*\n.*\n.*\n.*it does not go with the others here/u,
  );
});

test("who is told to leave while its process is stopped has no slow batch any more, and leaves when it goes on", () => {
  const events = eventsOf(`
duration: 90s
cluster: { network: { delay: 1ms } }
topics: { orders: 2 }
groups:
  billing: { members: { initial: 1, slowBatches: { every: 20s, lasts: 1s } } }
events:
  - { at: 15s, freeze: billing-1, for: 30s }
  - { at: 16s, leave: billing-1 }
`);
  const told = only(events, "scenario.event").map(({ t, what }) => [t / SECOND, what]);
  expect(told).toEqual([
    [15, "freeze"],
    [16, "leave"],
  ]);
  expect(first(events, "client.process", ({ to }) => to === "Closing").t).toBe(45 * SECOND);
});
