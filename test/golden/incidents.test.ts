import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parseScenario } from "../../sim/scenario/parse.ts";
import { simulate } from "../../sim/simulation/simulate.ts";
import type { TraceEvent } from "../../sim/trace/event.ts";
import { phases, rebalances, type Rebalance } from "../../sim/trace/readings/rebalances.ts";
import { evaluate } from "../../sim/metrics/expectations.ts";
import { summarise } from "../../sim/metrics/summarise.ts";
import { first, only } from "../support/runs.ts";

/*
 * The stories scenarios/incident-*.yaml, held against their own headers. Each figure here is derived there, from Kafka's
 * rules and the stated delays (1 ms each way, 7 ms for a record to be committed); none was taken from a run.
 */

const MS = 1_000;
const S = 1_000_000;
const MINUTE = 60 * S;

interface Told {
  readonly events: readonly TraceEvent[];
  /** Those that began after the warm-up. */
  readonly rebalances: readonly Rebalance[];
  readonly hopes: readonly string[];
}

function tell(name: string, { set = [], seed = "1" }: { set?: string[]; seed?: string } = {}): Told {
  const file = new URL(`../../scenarios/${name}.yaml`, import.meta.url);
  const { scenario } = parseScenario(readFileSync(file, "utf8"), { file: `${name}.yaml`, set });
  const events: TraceEvent[] = [];
  const found: Rebalance[] = [];
  const summary = summarise();
  const reading = rebalances((rebalance) => found.push(rebalance));
  simulate(scenario, { seed, to: [{ see: (event) => events.push(event), end: () => undefined }, reading, summary] });
  return {
    events,
    rebalances: found.filter(({ from }) => from >= scenario.warmUp),
    hopes: evaluate(scenario.expect, summary.result())
      .filter(({ met }) => !met)
      .map(({ expectation, value }) => `${expectation.text}, but it is ${value} with seed ${seed}`),
  };
}

/** When these partitions of the only topic were read again, after `from`. */
const readAgain = (events: readonly TraceEvent[], partition: number, from: number): number =>
  first(
    events,
    "partition.reading",
    ({ t, reading, partitions }) => t > from && reading && partitions.orders.includes(partition),
  ).t;

/** When this client was told of a rebalance, after `from`. */
const toldOf = (events: readonly TraceEvent[], client: string, from: number): number =>
  first(
    events,
    "request.answered",
    (event) => event.client === client && event.error === "REBALANCE_IN_PROGRESS" && event.t > from,
  ).t;

describe("a first join", () => {
  test("waits for one window of exactly 3000 ms", () => {
    const { events } = tell("incident-first-join");
    expect(only(events, "group.window").map(({ kind, delay }) => [kind, delay])).toEqual([["initial", 3000 * MS]]);
    expect(only(events, "group.join-complete").map(({ how, waited }) => [how, waited])).toEqual([["timer", 3000 * MS]]);
    expect(readAgain(events, 0, 0)).toBe(3017 * MS);
  });

  test("waits for nothing when the delay is 0", () => {
    const { events } = tell("incident-first-join", {
      set: ["cluster.config.group.initial.rebalance.delay.ms=0"],
    });
    expect(only(events, "group.join-complete").map(({ waited }) => waited)).toEqual([0]);
    expect(readAgain(events, 0, 0)).toBe(17 * MS);
  });
});

describe("a member that does not poll", () => {
  const began = 5 * MINUTE + 10 * MS;

  test("holds the others for 300 s, and they are told after 300.001 s", () => {
    const { events, rebalances } = tell("incident-stuck-member");
    const [barrier] = rebalances;
    expect(barrier.from).toBe(began);
    expect(phases(barrier).joining).toBe(300 * S);
    const { how, evicted, t } = first(events, "group.join-complete", (event) => event.t > began);
    expect({ how, evicted, t }).toEqual({ how: "timer", evicted: ["billing-1-1"], t: began + 300 * S });
    const answers = only(events, "request.answered").filter((event) => event.api === "JoinGroup" && event.t > began);
    expect(answers.slice(0, 2).map((event) => [event.client, event.t - began])).toEqual([
      ["billing-2", 300_001 * MS],
      ["billing-3", 300_001 * MS],
    ]);
  });

  test("leaves by itself, and sooner, if it was stuck before", () => {
    const { events, rebalances } = tell("incident-stuck-member", { set: ["events.1.at=4m"] });
    const left = first(events, "group.member", ({ client, change }) => client === "billing-1" && change === "removed");
    expect([left.reason, left.t]).toEqual(["leave", 9 * MINUTE + 1 * MS]);
    expect(phases(rebalances[0]).joining).toBe(9 * MINUTE + 1 * MS - began);
    expect(rebalances[0].waitedFor).toMatchObject({ how: "all-joined", client: "billing-1", removed: "leave" });
  });

  test("comes back as a new member when its batch is done, and has lost what it had", () => {
    const { events, rebalances } = tell("incident-stuck-member");
    const lost = first(events, "partition.owner", ({ how }) => how === "lost");
    expect([lost.client, lost.t, lost.partitions]).toEqual(["billing-1", 12 * MINUTE + 100 * MS, { orders: [0, 1, 2] }]);
    expect(rebalances.map(({ reason, client }) => [reason, client])).toEqual([
      ["leave", "billing-4"],
      ["new-member", "billing-1"],
    ]);
  });
});

describe("a member that is gone", () => {
  test("without LeaveGroup is noticed by its group 48 s after its last heartbeat", () => {
    const { events } = tell("incident-kill-9");
    const lastHeartbeat = 2 * MINUTE + 7 * MS;
    const expired = first(events, "group.member", ({ change }) => change === "removed");
    expect([expired.t, expired.silentFor]).toEqual([lastHeartbeat + 45 * S, 45 * S]);
    for (const client of ["billing-1", "billing-2", "billing-3"]) {
      expect(toldOf(events, client, lastHeartbeat)).toBe(lastHeartbeat + 48 * S + 1 * MS);
    }
    expect(readAgain(events, 9, lastHeartbeat + 3 * MS)).toBe(2 * MINUTE + 10 * MS + 48_020 * MS);
  });

  test("with LeaveGroup is noticed after 10 ms, and all is over within 100 ms", () => {
    const { events, rebalances } = tell("incident-clean-close");
    const closes = 2 * MINUTE - 10 * MS;
    expect(rebalances.map((rebalance) => phases(rebalance).detection)).toEqual([10 * MS]);
    expect(toldOf(events, "billing-1", closes) - closes).toBe(18 * MS);
    expect(readAgain(events, 9, closes) - closes).toBe(40 * MS);
  });

  test("with LeaveGroup is known to the others one heartbeat later at worst", () => {
    const { events, rebalances } = tell("incident-clean-close", { set: ["events.0.at=2m"] });
    expect(rebalances.map((rebalance) => phases(rebalance).detection)).toEqual([10 * MS]);
    expect(toldOf(events, "billing-1", 2 * MINUTE)).toBe(2 * MINUTE + 3008 * MS);
  });
});

describe("a static member", () => {
  test("that is back before its session ends is not noticed by anybody", () => {
    const { events, rebalances } = tell("incident-static-back-in-time");
    expect(rebalances).toEqual([]);
    const since = events.filter(({ t }) => t > MINUTE);
    expect(only(since, "group.state")).toEqual([]);
    expect(new Set(only(since, "partition.owner").map(({ generation }) => generation))).toEqual(new Set([1]));
    expect(new Set(only(since, "partition.reading").map(({ client }) => client))).toEqual(
      new Set(["billing-4", "billing-5"]),
    );
    const closed = first(since, "partition.reading", ({ reading }) => !reading).t;
    expect(closed).toBe(2 * MINUTE + 1009 * MS);
    expect(readAgain(events, 9, closed) - closed).toBe(30_006 * MS);
  });

  test("that is not back by then causes one rebalance when its session ends and another when it comes", () => {
    const { events, rebalances } = tell("incident-static-back-too-late");
    expect(rebalances.map(({ reason, from }) => [reason, from])).toEqual([
      ["session-expired", 2 * MINUTE + 46_001 * MS],
      ["new-member", 3 * MINUTE + 1003 * MS],
    ]);
    expect(toldOf(events, "billing-1", 2 * MINUTE)).toBe(2 * MINUTE + 48_006 * MS);
    expect(readAgain(events, 9, 2 * MINUTE)).toBe(2 * MINUTE + 48_028 * MS);
  });

  test("whose session outlasts its restart is not noticed either", () => {
    const set = ["groups.billing.config.session.timeout.ms=90s"];
    expect(tell("incident-static-back-too-late", { set }).rebalances).toEqual([]);
  });
});

describe("a roll of all brokers", () => {
  const { events, rebalances } = tell("incident-broker-roll");

  test("moves the coordinator, and no member loses its seat", () => {
    expect(rebalances).toEqual([]);
    const restored = only(events, "group.member").filter(({ change }) => change === "restored");
    expect(restored.length % 4).toBe(0);
    expect(restored.length).toBeGreaterThan(0);
    expect(only(events, "group.state").every(({ generation }) => generation <= 1)).toBe(true);
    expect(only(events, "group.member").filter(({ change }) => change === "removed")).toEqual([]);
  });

  test("leaves the group without a coordinator for 1.3 s at most", () => {
    const states = only(events, "coordinator.state").filter(({ t }) => t > MINUTE);
    const closed = states.filter(({ to }) => to === "Closed");
    expect(closed.length).toBeGreaterThan(0);
    for (const { t, partition } of closed) {
      const active = states.find((state) => state.t >= t && state.partition === partition && state.to === "Active")!;
      expect(active.t - t).toBeLessThanOrEqual(1300 * MS);
    }
  });

  test("stops nobody's reading", () => {
    expect(only(events, "partition.reading").filter(({ reading }) => !reading)).toEqual([]);
  });
});

test.for([
  "incident-first-join",
  "incident-stuck-member",
  "incident-kill-9",
  "incident-clean-close",
  "incident-static-back-in-time",
  "incident-static-back-too-late",
  "incident-broker-roll",
])("%s: its expectations hold with any of twenty seeds", (name) => {
  const unmet = Array.from({ length: 20 }, (_, i) => tell(name, { seed: String(i + 1) }).hopes);
  expect(unmet.flat()).toEqual([]);
});
