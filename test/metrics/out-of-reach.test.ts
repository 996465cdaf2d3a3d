import { expect, test } from "vitest";
import { SECOND } from "../../sim/engine/time.ts";
import type { OutOfReach } from "../../sim/metrics/out-of-reach.ts";
import { summarise } from "../../sim/metrics/summarise.ts";
import type { Summary } from "../../sim/metrics/summary.ts";
import { summaryTable } from "../../sim/report/summary-table.ts";
import { parseScenario } from "../../sim/scenario/parse.ts";
import { simulate } from "../../sim/simulation/simulate.ts";

/** Broker 1 leads the even ones of four partitions, two of each member's; a member can process 1000/s. */
function run(events: string, { rate = "400/s", seed = "1", flow = "fluid" } = {}): Summary {
  const { scenario } = parseScenario(`
name: reach
flow: ${flow}
duration: 5m
warmUp: 1m
cluster: { brokers: 2, network: { delay: 1ms } }
topics: { orders: { partitions: 4, rate: ${rate} } }
groups: { billing: { members: 2, config: { partition.assignment.strategy: range } } }
events: [${events}]
`);
  const summary = summarise({ reach: true });
  simulate(scenario, { seed, to: [summary] });
  return summary.result();
}

const crash = "{ at: 3m, crash: { broker: 1 } }";

const reach = (summary: Summary): OutOfReach => summary.groups[0].outOfReach!;

test("without trouble nothing is out of reach, and nothing is said of it", () => {
  const summary = run("{ at: 2m, crash: billing-1 }"); // nobody reads what was its, which is another matter
  expect(reach(summary)).toEqual({ partitionSeconds: 0, worst: null });
  expect(summaryTable(summary)).not.toContain("got nothing");
});

test("a member that is cut off from a leader, and not from its coordinator, keeps its partition and gets nothing of it", () => {
  const summary = run("{ at: 2m, cut: { from: { client: billing-1 }, to: { broker: 1 } }, for: 40s }");
  const { partitionSeconds, worst } = reach(summary);
  expect(worst).toMatchObject({ topic: "orders", partition: 0, client: "billing-1", from: 120 * SECOND });
  expect(worst!.obstacle).toEqual({ kind: "cut", broker: 1 });
  // Of its two partitions broker 1 leads one; it is in touch again once TCP has tried again, at the latest after as long.
  expect(partitionSeconds).toBe((worst!.to - worst!.from) / SECOND);
  expect(partitionSeconds).toBeGreaterThanOrEqual(40);
  expect(partitionSeconds).toBeLessThanOrEqual(80);
  expect(summaryTable(summary).replaceAll(/\s+/g, " ")).toMatch(
    /partition-seconds with a reader that got nothing; orders-0 the longest: 4\d\.\d s from 2m00\.0s on \(billing-1 cut off from its leader, broker 1\)/,
  );
});

test("it is the same where records are simulated one by one, but for the wait for the first record", () => {
  const cut = "{ at: 2m, cut: { from: { client: billing-1 }, to: { broker: 1 } }, for: 40s }";
  const [fluid, records] = [reach(run(cut)), reach(run(cut, { flow: "records" }))];
  const { worst } = records;
  expect(worst).toMatchObject({ topic: "orders", partition: 0, client: "billing-1", obstacle: fluid.worst!.obstacle });
  expect(worst!.to).toBe(fluid.worst!.to); // TCP tries again at the same instant
  expect(worst!.from - 120 * SECOND).toBeGreaterThanOrEqual(0);
  expect(worst!.from - 120 * SECOND).toBeLessThanOrEqual(10_000); // a hundred records a second come to each partition
  expect(records.partitionSeconds).toBeCloseTo((worst!.to - worst!.from) / SECOND, 6);
});

test("without trouble single records are never out of reach, though each of them waits to be fetched", () => {
  expect(reach(run("", { flow: "records" }))).toEqual({ partitionSeconds: 0, worst: null });
});

test("of what is not read before the warm-up is over, only the rest counts", () => {
  const { partitionSeconds, worst } = reach(
    run("{ at: 30s, cut: { from: { client: billing-1 }, to: { broker: 1 } }, for: 4m }"),
  );
  expect(worst).toMatchObject({ from: 60 * SECOND, obstacle: { kind: "cut", broker: 1 } });
  expect(partitionSeconds).toBe((worst!.to - 60 * SECOND) / SECOND);
});

test("while a leader is dead, what waits in its partitions is out of reach, whatever producers do", () => {
  // 2400/s come for members of 1000/s: something waits everywhere when broker 1 dies.
  const { worst } = reach(run(crash, { rate: "2400/s" }));
  expect(worst).toMatchObject({ from: 180 * SECOND, obstacle: { kind: "leader-dead", broker: 1 } });
  // Fenced after 9 s of silence at the earliest, heard of a moment later.
  expect(worst!.to - worst!.from).toBeGreaterThan(7 * SECOND);
  expect(worst!.to - worst!.from).toBeLessThan(13 * SECOND);
});

test("where there is another leader that a member has not heard of, it looks for it", () => {
  // A caught-up member misses nothing until the producers have found the new leader, and what waited comes; most are sooner.
  const found = ["1", "2", "3", "4", "5", "6"].flatMap((seed) => reach(run(crash, { seed })).worst ?? []);
  expect(found.length).toBeGreaterThan(0);
  for (const { obstacle, from, to } of found) {
    expect(obstacle).toEqual({ kind: "unheard" });
    expect(to - from).toBeLessThan(2 * SECOND);
  }
});

/** What members cannot get at that commit before they process: batches of 5 s, and i's coordinator, broker 3, leads nothing. */
function ahead(members: number, events: string, protocol: string): Summary {
  const { scenario } = parseScenario(`
duration: 1m
cluster: { brokers: 3, brokerVersion: "4.2", network: { delay: 2ms }, appendDelay: 4ms }
topics: { orders: { partitions: 2, rate: 100/s, replicationFactor: 1 } }
groups:
  i:
    config: { group.protocol: ${protocol} }
    members: { initial: ${members}, startup: 0s, capacity: 400/s, batch: 5s, commit: before-processing }
events: [${events}]
`);
  const summary = summarise({ reach: true });
  simulate(scenario, { seed: "1", to: [summary] });
  return summary.result();
}

test.each([
  // The second member's coming has a commit of the first one refused: nothing is the matter with any leader.
  ["has to hear of its member epoch first", 2, "", "consumer"],
  // It stands still from the end of its batch on, and has done what it may of that before.
  [
    "cannot reach its coordinator",
    1,
    "{ at: 31s, cut: { from: { client: i-1 }, to: { broker: 3 } }, for: 7s }",
    "classic",
  ],
])("of who %s nothing is out of reach: it reads no further than it could commit", (_, members, events, protocol) => {
  const summary = ahead(members, events, protocol);
  expect(reach(summary)).toEqual({ partitionSeconds: 0, worst: null });
  expect(summaryTable(summary)).not.toContain("got nothing");
});

test("nobody finds out who is not asked to", () => {
  const summary = summarise();
  const { scenario } = parseScenario("duration: 10s\ntopics: { orders: 2 }\ngroups: { billing: { members: 1 } }\n");
  simulate(scenario, { seed: "1", to: [summary] });
  expect(summary.result().groups[0].outOfReach).toBeNull();
});
