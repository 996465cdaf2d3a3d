import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parseScenario } from "../../sim/scenario/parse.ts";
import { simulate } from "../../sim/simulation/simulate.ts";
import { SECOND } from "../../sim/engine/time.ts";
import { evaluate } from "../../sim/metrics/expectations.ts";
import { summarise } from "../../sim/metrics/summarise.ts";
import type { TraceEvent } from "../../sim/trace/event.ts";
import { first, only } from "../support/runs.ts";

/*
 * The stories of brokers that fail, held against their own headers, which were derived from Kafka's rules.
 */

const SEEDS = ["1", "2", "3", "4", "5"];

function tell(name: string, seed: string) {
  const file = new URL(`../../scenarios/${name}.yaml`, import.meta.url);
  const { scenario } = parseScenario(readFileSync(file, "utf8"), { file: `${name}.yaml` });
  const events: TraceEvent[] = [];
  const summary = summarise();
  simulate(scenario, { seed, to: [{ see: (event) => events.push(event), end: () => undefined }, summary] });
  const result = summary.result();
  const verdicts = evaluate(scenario.expect, result);
  return { events, group: result.groups[0], unmet: verdicts.filter(({ met }) => !met).map(({ expectation }) => expectation.text) };
}

describe.each(["broker-crash", "follower-crash", "rolling-brokers", "coordinator-moves-back", "zone-power-down"])("%s", (name) => {
  test.each(SEEDS)("comes out as its header says, with seed %s", (seed) => expect(tell(name, seed).unmet).toEqual([]));
});

/** When the group's coordinator went to another broker, after the beginning. */
const moves = (events: readonly TraceEvent[]) =>
  only(events, "coordinator.state").filter(({ t, to }) => to === "Active" && t > 0);

test.each(SEEDS)("a rolling restart of three brokers moves the coordinator twice, and it ends where it was", (seed) => {
  const { events, group } = tell("rolling-brokers", seed);
  expect(moves(events).map(({ broker }) => broker)).toEqual([3, 1]);
  expect(group.outages.coordinator.length).toBe(2);
  const away = only(events, "broker.state").filter(({ to }) => to === "Fenced");
  expect(away.map(({ broker }) => broker)).toEqual([1, 2, 3]); // in turn
});

test.each(SEEDS)("before 4.0 leadership goes back 300 s after it went away, to the microsecond", (seed) => {
  const { events } = tell("coordinator-moves-back", seed);
  const leaders = only(events, "partition.leader").filter(
    ({ topic, partitions }) => topic === "__consumer_offsets" && partitions.includes(9),
  );
  expect(leaders.map(({ t, from, to, reason }) => [t / SECOND, from, to, reason])).toEqual([
    [0, null, 1, "initial"],
    [120, 1, 3, "controlled-shutdown"],
    [420, 3, 1, "preferred"],
  ]);
});

test.each(SEEDS)("a broker that is lost takes its partitions' leaders along, told as one event a topic and successor", (seed) => {
  const { events } = tell("broker-crash", seed);
  const fenced = first(events, "broker.state", ({ to }) => to === "Fenced");
  const moved = only(events, "partition.leader").filter(({ t }) => t === fenced.t);
  expect(moved.filter(({ topic }) => topic === "orders").map(({ partitions, from, to }) => ({ partitions, from, to }))).toEqual([
    { partitions: [0, 6], from: 1, to: 2 },
    { partitions: [3, 9], from: 1, to: 3 },
  ]);
  for (const move of moved) expect(move.cause).toBe(fenced.id);
});
