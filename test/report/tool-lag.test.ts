import { describe as suite, expect, test } from "vitest";
import { MILLISECOND, SECOND } from "../../sim/engine/time.ts";
import { describe } from "../../sim/report/describe.ts";
import type { GroupOffsets } from "../../sim/report/describe-table.ts";
import { parseScenario } from "../../sim/scenario/parse.ts";
import { simulate } from "../../sim/simulation/simulate.ts";
import { groupsAt, type GroupAt } from "../../sim/trace/readings/group-at.ts";
import { totalLag } from "../../sim/trace/readings/lag.ts";

/** What Kafka's tool calls lag, HW − committed, against the records that truly wait (spec/offsets-and-lag.md 10, 12). */

/** CURRENT-OFFSET, LOG-END-OFFSET and LAG of the only partition. */
function toolSays(group: GroupAt, end: number, committed: number | undefined): string[] {
  const known: GroupOffsets = {
    committed: committed === undefined ? {} : { orders: { 0: committed } },
    ends: { orders: [end] },
  };
  const { out } = describe(group, known, "offsets", false);
  return out.trim().split("\n")[1].split(/ +/).slice(3, 6);
}

const GROUP_OF_ONE: GroupAt = {
  group: "g",
  state: "Stable",
  coordinator: 1,
  assignor: "range",
  members: [{ member: "g-1-0001", client: "g-1", assigned: { orders: [0] } }],
};

suite("the tool's lag", () => {
  test("O21: committed 100, the end sampled earlier at 95: −5 is shown", () => {
    expect(toolSays(GROUP_OF_ONE, 95, 100)).toEqual(["100", "95", "-5"]);
  });

  test("O22: a fresh group without a commit has neither offset nor lag", () => {
    expect(toolSays(GROUP_OF_ONE, 95, undefined)).toEqual(["-", "95", "-"]);
  });

  // 1,000 records/s, read as they come; a commit every 5 s, 1 ms on its way. Looked at every 100 ms for two intervals.
  test("O20: who keeps up and commits every 5 s shows a saw-tooth from 0 to 5,000, though nothing waits", () => {
    const { scenario } = parseScenario(
      `
duration: 60s
cluster: { brokers: 1, network: { delay: 1ms }, appendDelay: 0s }
topics: { orders: { partitions: 1, rate: 1000/s } }
groups:
  g: { topics: [orders], assignmentCost: none, members: { initial: 1, capacity: 4000/s, startup: 0s } }
`,
      { file: "test.yaml" },
    );
    const lags: number[] = [];
    for (let t = 40 * SECOND; t < 50 * SECOND; t += 100 * MILLISECOND) {
      const groups = groupsAt(t);
      let waits = Infinity;
      const truth = totalLag(({ lag, slope, from }) => (waits = lag + (slope * (t - from)) / SECOND));
      const run = simulate(scenario, { seed: "1", until: t, to: [groups, truth] });
      expect(waits).toBeCloseTo(0, 6);
      const whole = (records: number) => Math.floor(records + 1e-6);
      const end = whole(run.ends("g").orders[0]!);
      const [, , lag] = toolSays(groups.groups()[0], end, whole(run.committed("g")!.orders[0]));
      expect(end).toBe(t / MILLISECOND);
      lags.push(Number(lag));
    }
    // The looks are 100 ms apart, so the teeth's points are seen to within 100 records; a commit's way and its rounding
    // to whole records add up to some.
    const most = Math.max(...lags);
    const least = Math.min(...lags);
    const mean = lags.reduce((sum, lag) => sum + lag, 0) / lags.length;
    expect(least).toBeGreaterThanOrEqual(0);
    expect(least).toBeLessThan(110);
    expect(most).toBeGreaterThan(4890);
    expect(most).toBeLessThanOrEqual(5010);
    expect(Math.abs(mean - 2500)).toBeLessThan(60);
    const falls = lags.filter((lag, i) => i > 0 && lag < lags[i - 1]).length;
    const rises = lags.filter((lag, i) => i > 0 && lag === lags[i - 1] + 100).length;
    expect([falls, rises]).toEqual([2, 97]);
  });
});
