import { expect, test } from "vitest";
import type { HeartbeatMode } from "../../sim/simulation/heartbeats.ts";
import { simulate } from "../../sim/simulation/simulate.ts";
import type { TraceEvent } from "../../sim/trace/event.ts";
import { eventsOf, first, only, scenarioOf } from "../support/runs.ts";

/*
 * Regular commits are worked out along with heartbeats: what the last ones said is where reading stood when they were sent,
 * however often its line has bent since.
 */

/**
 * i-1 keeps up with 100/s, commits every 5 s, at 56.31 s and 61.31 s among others, and dies together with the coordinator at
 * 61.4 s; a commit takes 301 ms until it is in the log, so the last one never gets there. Production changes at these instants.
 */
function reread(changes: readonly string[], heartbeats: HeartbeatMode): readonly TraceEvent[] {
  const rates = changes.map((at, i) => `{ at: ${at}, rate: orders, to: ${i % 2 === 0 ? 10 : 100}/s }`);
  const scenario = scenarioOf(`
duration: 3m
cluster: { brokers: 3, network: { delay: 1ms }, appendDelay: 300ms, config: { group.coordinator.append.linger.ms: 0 } }
topics: { orders: { partitions: 1, rate: 100/s, replicationFactor: 1 } }
groups:
  i: { topics: [orders], members: { initial: 2, capacity: 200/s, startup: 0s, commit: auto } }
events: [${[...rates, "{ at: 61400ms, crash: { broker: coordinator of i } }", "{ at: 61400ms, crash: i-1 }"].join(", ")}]
`);
  const events: TraceEvent[] = [];
  simulate(scenario, { seed: "1", heartbeats, to: [{ see: (event) => void events.push(event), end: () => {} }] });
  return only(events, "records.reread");
}

test.each<[when: string, changes: string[], reached: number]>([
  ["nothing changes", [], 6140],
  ["production changes between the last two commits", ["58s"], 5800 + 3.4 * 10],
  ["after them", ["61350ms"], 6135 + 0.05 * 10],
  ["and both", ["58s", "61350ms"], 5800 + 3.35 * 10 + 0.05 * 100],
])("the last commit but one is where reading goes on, and it is known where that was: %s", (_, changes, reached) => {
  for (const heartbeats of ["elided", "explicit"] as const) {
    const [again, ...others] = reread(changes, heartbeats);
    expect(others).toEqual([]);
    if (again.type !== "records.reread") throw new Error("only records.reread were asked for");
    const { from, records, reason } = again;
    expect({ from: Math.round(Number(from)), reason }).toEqual({ from: 5631, reason: "crash" });
    expect(Number(from) + Number(records)).toBeCloseTo(reached, 5);
  }
});

test.each(["fluid", "records"])(
  "who stopped to commit, was not heard, and died is blamed for the commit: %s",
  (flow) => {
    // i-2 joins at 100 s; i-1 hears of it at its heartbeat, 102.008 s, commits, and stops reading. Within the 300 ms that it takes to
    // write that the coordinator dies, and i-1 itself before it finds another.
    const events = eventsOf(`
duration: 130s
flow: ${flow}
cluster: { brokers: 3, network: { delay: 1ms }, appendDelay: 300ms, config: { group.coordinator.append.linger.ms: 0 } }
topics: { orders: { partitions: 2, rate: 200/s, arrivals: even, replicationFactor: 1 } }
groups:
  i:
    topics: [orders]
    config: { session.timeout.ms: 10000, partition.assignment.strategy: [range] }
    members: { initial: 1, capacity: 1000/s, startup: 0s, commit: auto }
events:
  - { at: 100s, join: i }
  - { at: 102100ms, crash: { broker: coordinator of i } }
  - { at: 103s, crash: i-1 }
`);
    const stopped = first(events, "partition.reading", ({ reason }) => reason === "revocation-pending");
    expect(stopped.t).toBe(102_008_000);
    const [again, ...others] = only(events, "records.reread");
    expect(others).toEqual([]);
    expect(again).toMatchObject({ client: "i-2", partitions: [0, 1], inHand: 0, reason: "commit-refused" });
    const [from, to] = [Number(again.from), Number(again.from) + Number(again.records)];
    expect(Math.abs(to - 10_200.8)).toBeLessThanOrEqual(1); // 100/s of each, and it had kept up
    expect(to - from).toBeLessThanOrEqual(500); // since the last regular commit
  },
);
