import { expect, test } from "vitest";
import { summarise } from "../../sim/metrics/summarise.ts";
import { summaryTable } from "../../sim/report/summary-table.ts";
import { type Instant, MINUTE, SECOND } from "../../sim/engine/time.ts";
import { moment } from "../../sim/report/humane.ts";
import { simulate } from "../../sim/simulation/simulate.ts";
import { eventsOf, scenarioOf } from "../support/runs.ts";
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
    /FAILED {2}1 member ended by an exception: GROUP_MAX_SIZE_REACHED, g-\d at/,
  );
});

test("members that found no committed offset, and no policy what then, are told in one sentence, in the warm-up too", () => {
  // The group begins with nothing committed. Who has been assigned its partition asks, a second or so after the start.
  const yaml = `
duration: 3m
warmUp: 1m
cluster: { brokers: 1 }
topics: { orders: { partitions: 4, rate: 100/s } }
groups: { g: { committed: none, members: { initial: 4 }, config: { auto.offset.reset: none } } }
`;
  const summary = (until: Instant) => {
    const fold = summarise();
    simulate(scenarioOf(yaml), { seed: "1", until, to: [fold] });
    return fold.result();
  };
  const long = summary(3 * MINUTE);
  const [{ failures, members, consumed, delivery }] = long.groups;
  expect(failures.map(({ error }) => error)).toEqual(Array.from({ length: 4 }, () => "NO_OFFSET_FOR_PARTITION"));
  expect([members.alive.final, consumed, delivery.exactlyOnce]).toEqual([0, 0, null]);
  const [{ client, at }] = failures;
  const told =
    "FAILED  4 members ended by an exception: NO_OFFSET_FOR_PARTITION (nothing was committed, and auto.offset.reset is " +
    `none), 4 of them, ${client} first at ${moment(at)}`;
  for (const run of [long, summary(50 * SECOND)])
    expect(summaryTable(run).replaceAll(/\n {4}(?=\S)/g, " ")).toContain(`  ${told}\n`);
});
