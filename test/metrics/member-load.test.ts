import { describe, expect, test } from "vitest";
import { memberLoad } from "../../sim/metrics/member-load.ts";
import { summarise } from "../../sim/metrics/summarise.ts";
import type { Summary } from "../../sim/metrics/summary.ts";
import { parseScenario } from "../../sim/scenario/parse.ts";
import { simulate } from "../../sim/simulation/simulate.ts";
import { process, Story } from "../support/events.ts";

function summaryOf(yaml: string): Summary {
  const summary = summarise();
  simulate(parseScenario(yaml, { file: "test.yaml" }).scenario, { seed: "1", to: [summary] });
  return summary.result();
}

const owner = (client: string, how: "assigned" | "revoked", ...numbers: number[]) =>
  ({ type: "partition.owner", client, group: "g", how, partitions: { orders: numbers }, generation: 1 }) as const;

function story(): Story {
  const story = new Story();
  story.at(0, process("a", "Starting", "Running"));
  story.at(0, owner("a", "assigned", 0, 1, 2, 3));
  story.at(10, process("b", "Starting", "Running")); // idle until 20
  story.at(20, owner("a", "revoked", 2, 3));
  story.at(20, owner("b", "assigned", 2, 3));
  story.at(30, process("b", "Running", "Crashed"));
  return story;
}

test("partitions per member, and members without any, over time", () => {
  const load = memberLoad();
  story().tell(load, 40);
  // Members: 1 for 10 s, 2 for 20 s, 1 for 10 s. Partitions owned: 4 for 30 s, then 2.
  expect(load.of("g")).toEqual({ mean: 140 / 60, max: 4, idle: { mean: 10 / 40, max: 1 } });
});

test("what was before the warm-up's end is not measured", () => {
  const load = memberLoad();
  story().tell(load, 40, { warmUp: 25_000_000 });
  // From 25 s on: 2 members with 2 partitions each for 5 s, then one with 2 for 10 s.
  expect(load.of("g")).toEqual({ mean: 2, max: 2, idle: { mean: 0, max: 0 } });
});

test("what was read is held against what the members could have read", () => {
  const [{ utilisation, load }] = summaryOf(`
duration: 100s
warmUp: 20s
cluster: { brokers: 1, network: { delay: 1ms } }
topics: { orders: { partitions: 4, rate: 300/s } }
groups:
  g: { topics: [orders], assignmentCost: none, members: { initial: 2, capacity: 600/s } }
`).groups;
  expect(utilisation).toBeCloseTo(300 / (2 * 600), 6);
  expect(load).toMatchObject({ mean: 2, max: 2 });
});

test("nobody knows it without a scenario", () => {
  const summary = summarise();
  story().tell(summary, 40);
  expect(summary.result().groups[0].utilisation).toBeNull();
});

describe("record by record, a member is as fast as its service", () => {
  const queue = (rate: number, members = "initial: 1, service: { constant: 10ms }") => `
duration: 160s
warmUp: 60s
flow: records
cluster: { brokers: 1, network: { delay: 1ms } }
topics: { orders: { partitions: 1, rate: ${rate}/s, arrivals: even } }
groups:
  g: { topics: [orders], members: { ${members} } }
`;

  test("80 records/s of 10 ms each are 80 % of it, and no overload", () => {
    const [{ utilisation, overload }] = summaryOf(queue(80)).groups;
    expect(utilisation).toBeCloseTo(0.8, 2);
    expect(overload).toBeNull();
  });

  test("of 120 records/s it processes 100, all it can, and is 20/s behind", () => {
    const [{ utilisation, overload }] = summaryOf(queue(120)).groups;
    expect(utilisation).toBeCloseTo(1, 2);
    expect(overload?.clients).toEqual(["g-1"]);
    expect(overload?.growth).toBeCloseTo(20, 9);
  });

  test("without a service the capacity says it, and 120 of 100 records/s are too many there too", () => {
    const [{ utilisation, overload }] = summaryOf(queue(120, "initial: 1, capacity: 100/s")).groups;
    expect(utilisation).toBeCloseTo(1, 2);
    expect(overload?.growth).toBeCloseTo(20, 9);
  });

  test("a rate that fell below it overloads nobody, whatever still waits", () => {
    const fallen = `${queue(120)}events:\n  - { at: 159s, rate: orders, to: 90/s }\n`;
    const [{ lag, overload }] = summaryOf(fallen).groups;
    expect(lag.final).toBeGreaterThan(1000);
    expect(overload).toBeNull();
  });
});
