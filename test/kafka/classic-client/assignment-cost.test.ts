import { expect, test } from "vitest";
import { assignmentCost } from "../../../sim/kafka/assignors/cost.ts";
import type { TraceEvent } from "../../../sim/trace/event.ts";
import { parseScenario, simulate } from "../../../sim/index.ts";

const GROUP = `
duration: 30s
cluster: { brokers: 1, network: { delay: 1ms }, appendDelay: 0ms, config: { group.coordinator.append.linger.ms: 0 } }
topics: { orders: { partitions: 1000, rate: 100/s } }
groups:
  g:
    config: { partition.assignment.strategy: [sticky], enable.auto.commit: false }
    members: { initial: 100, capacity: 1000/s }
`;

function events(yaml: string): TraceEvent[] {
  const seen: TraceEvent[] = [];
  const { scenario } = parseScenario(yaml, { file: "scenario.yaml" });
  simulate(scenario, { seed: "1", to: [{ see: (event) => void seen.push(event), end: () => {} }] });
  return seen;
}

const firstAssigned = (seen: readonly TraceEvent[]): number =>
  seen.find((event) => event.type === "partition.owner" && event.how === "assigned")!.t;

test("a leader that takes time to compute holds the whole group up for just that time", () => {
  const at = firstAssigned(events(GROUP.replace("    config", "    assignmentCost: none\n    config")));
  const slow = events(GROUP);
  const computed = slow.find((event) => event.type === "group.assignment")!;
  const cost = assignmentCost("sticky", "java", { members: 100, partitions: 1000, topics: 1, fresh: true });
  expect(cost).toBeGreaterThan(0);
  expect(computed.type === "group.assignment" && computed.took).toBe(cost);
  expect(firstAssigned(slow) - at).toBe(cost);
});
