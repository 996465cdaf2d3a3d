import { describe, expect, test } from "vitest";
import { SECOND, toSeconds } from "../../sim/engine/time.ts";
import { eventsOf, first, only } from "../support/runs.ts";
import { average, distributionTest, meanTest } from "../support/statistics.ts";

/**
 * How long a cluster takes to notice that a broker, or its controller, is gone, and how long a group is without a
 * coordinator then. The laws follow from Kafka's timers alone. Seeds were fixed before looking; each statistical test
 * raises a false alarm with probability 10⁻³.
 */
const ALARM = 1e-3;

const SEEDS = Array.from({ length: 300 }, (_, index) => index + 1);

/** A run of brokers that are bothered 20 s after its beginning. */
function run({ version = "4.0", controller = "kraft", event = "crash: { broker: 1 }" }, seed: number) {
  return eventsOf(
    `
duration: 45s
cluster:
  brokers: 3
  brokerVersion: "${version}"
  controller: ${controller}
  metadataPropagation: 100ms
  loading: { base: 400ms, size: 100MiB, throughput: 50MiB/s }
  config: { offsets.topic.num.partitions: 1 }
topics: { orders: 1 }
groups: { g: { members: 1 } }
events:
  - { at: 20s, ${event} }
`,
    `broker detection ${seed}`,
  );
}

const CRASH = 20 * SECOND;

const fencedAfter = (events: ReturnType<typeof run>, broker = 1): number =>
  toSeconds(first(events, "broker.state", (event) => event.broker === broker && event.to === "Fenced").t - CRASH);

/** Of the sum of a uniform variate on [a, a + w] and another on [0, v], with v < w. */
const trapezoid = (a: number, w: number, v: number) => (x: number) => {
  const area = (y: number): number => (y <= 0 ? 0 : (y * y) / 2);
  const y = x - a;
  return (area(y) - area(y - v) - area(y - w) + area(y - w - v)) / (v * w);
};

describe("a broker's crash", () => {
  test("before 4.0 is noticed after 9 s, less the age of its last heartbeat: uniform on [7, 9]", () => {
    const times = SEEDS.map((seed) => fencedAfter(run({ version: "3.9" }, seed)));
    for (const time of times) expect(time >= 7 && time <= 9).toBe(true);
    expect(distributionTest(times, (x) => (x - 7) / 2)).toBeGreaterThan(ALARM);
  });

  test("from 4.0 on is noticed at the next look after that: up to an eighth of the session later", () => {
    const times = SEEDS.map((seed) => fencedAfter(run({}, seed)));
    for (const time of times) expect(time >= 7 && time <= 10.125).toBe(true);
    expect(distributionTest(times, trapezoid(7, 2, 1.125))).toBeGreaterThan(ALARM);
    expect(meanTest(times, 8.5625)).toBeGreaterThan(ALARM);
  });

  test("with ZooKeeper is noticed when the session ends at a tick: 18 s, less the age of the last ping, up to 2 s more", () => {
    const times = SEEDS.map((seed) =>
      // the first broker is the controller at the beginning, and another matter
      fencedAfter(run({ version: "3.9", controller: "zookeeper", event: "crash: { broker: 2 }" }, seed), 2),
    );
    for (const time of times) expect(time >= 12 && time <= 20).toBe(true);
    expect(distributionTest(times, trapezoid(12, 6, 2))).toBeGreaterThan(ALARM);
  });

  test("leaves the group without a coordinator until it is noticed, the brokers know, and the log has been read", () => {
    for (const seed of SEEDS.slice(0, 50)) {
      const events = run({}, seed);
      const loaded = first(events, "coordinator.state", ({ t, to }) => t > CRASH && to === "Active");
      expect(toSeconds(loaded.t - CRASH)).toBeCloseTo(fencedAfter(events) + 0.1 + 2.4, 6);
    }
  });
});

test("two brokers that are lost together are noticed one look apart, from 4.0 on", () => {
  for (const seed of SEEDS.slice(0, 50)) {
    const events = eventsOf(
      `
duration: 30s
cluster: { brokers: { count: 4, zones: [a, b] } }
topics: { orders: 4 }
groups: { g: { members: 1 } }
events: [{ at: 10s, crash: { zone: a } }]
`,
      `two brokers ${seed}`,
    );
    const fenced = only(events, "broker.state").filter(({ to }) => to === "Fenced");
    expect(fenced.map(({ broker }) => broker).toSorted((a, b) => a - b)).toEqual([1, 3]);
    const apart = toSeconds(fenced[1].t - fenced[0].t);
    expect(apart / 1.125).toBeCloseTo(Math.max(1, Math.round(apart / 1.125)), 9);
  }
});

describe("the active controller's crash", () => {
  const elected = (seed: number, version: string): number =>
    toSeconds(
      first(
        run({ version, event: "crash: { controller: active }" }, seed),
        "controller.changed",
        ({ reason }) => reason === "elected",
      ).t - CRASH,
    );

  test.each(["3.9", "4.0"])("in %s is over 2 s after the others last heard of it, and a round of votes", (version) => {
    const times = SEEDS.map((seed) => elected(seed, version));
    // the earlier of two patiences of 1.5 to 2 s ends, and 10 to 50 ms of votes follow; split votes cost 1 to 2 s more
    const whole = times.filter((time) => time < 2.1);
    for (const time of whole) expect(time).toBeGreaterThan(1.5);
    expect(average(whole)).toBeCloseTo(1.5 + 0.5 / 3 + 0.03, 1);
    expect(whole.length / times.length).toBeGreaterThan(0.7);
    if (version === "4.0") expect(whole.length).toBe(times.length); // nobody stands without asking
  });

  test("begins the sessions of brokers anew: one that died with it is noticed a whole session after the election", () => {
    for (const seed of SEEDS.slice(0, 50)) {
      const controller = "{ kind: kraft, inBrokers: true }";
      const events = run({ version: "3.9", controller }, seed);
      const election = first(events, "controller.changed", ({ reason }) => reason === "elected");
      expect(fencedAfter(events)).toBeCloseTo(toSeconds(election.t - CRASH) + 9, 6);
    }
  });
});
