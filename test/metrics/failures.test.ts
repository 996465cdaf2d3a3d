import { expect, test } from "vitest";
import { summarise } from "../../sim/metrics/summarise.ts";
import { summaryTable } from "../../sim/report/summary-table.ts";
import { eventsOf } from "../support/runs.ts";
import { headerOf } from "../support/events.ts";

test("a member that its coordinator refuses for good ends by an exception, and the summary says so", () => {
  const summary = summarise();
  summary.begin!(headerOf());
  const events = eventsOf(`
duration: 60s
cluster: { brokers: 1, config: { group.max.size: 2 } }
topics: { orders: { partitions: 4, rate: 0/s } }
groups:
  g: { topics: [orders], members: { initial: 3, capacity: 1000/s } }
`);
  for (const event of events) summary.see(event);
  summary.end(60_000_000);
  const [{ failures, members }] = summary.result().groups;
  expect(failures).toEqual([
    { client: expect.stringMatching(/^g-[123]$/), error: "GROUP_MAX_SIZE_REACHED", at: expect.any(Number) },
  ]);
  expect(members.alive.final).toBe(2);
  expect(summaryTable(summary.result())).toMatch(
    /FAILED {2}1 member ended by an exception: {1,2}g-\d GROUP_MAX_SIZE_REACHED at/,
  );
});
