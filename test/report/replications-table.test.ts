import { expect, test } from "vitest";
import { estimatesOf } from "../../sim/experiment/estimates.ts";
import type { Measure } from "../../sim/experiment/measures.ts";
import { USUAL } from "../../sim/experiment/statistics.ts";
import { type Replicated, replicationsTable } from "../../sim/report/replications-table.ts";
import { NO_NOTES } from "../../sim/experiment/notes.ts";

const measure = (quantity: string, statistic: string, unit: Measure["unit"]): Measure => ({
  group: "billing",
  quantity,
  statistic,
  unit,
});

/** The table of some measures, of which the values in the replications are given. */
function tableOf(isAtFixedMoments: boolean, ...columns: (readonly [Measure, readonly (number | null)[]])[]): string {
  const count = columns[0][1].length;
  const measures = columns.map(([one]) => one);
  const values = columns.map(([, each]) => each);
  const estimates = estimatesOf({ count, measures, columns: values, expectations: [], notes: NO_NOTES }, USUAL);
  const replay = { replication: count, command: "regroup run x.yaml" };
  return tableWith({ count, estimates, atFixedMoments: isAtFixedMoments ? ["billing"] : [], replay });
}

const tableWith = (some: Partial<Replicated> & Pick<Replicated, "count" | "estimates" | "replay">): string =>
  replicationsTable({
    name: "x",
    confidence: 0.95,
    chances: [],
    atFixedMoments: [],
    notes: NO_NOTES,
    replayOf: (replication) => `regroup run x.yaml --seed 1/${replication}`,
    ...some,
  });

const table = (...columns: (readonly [Measure, readonly (number | null)[]])[]): string => tableOf(false, ...columns);

const duplicates = [measure("duplicates", "value", "records"), [10, 20, 30]] as const;

test("statistics of one quantity that do not differ are one row", () => {
  const outages = [8e6, 9e6, 10e6];
  const text = table(
    [measure("coordinatorOutage", "mean", "duration"), outages],
    [measure("coordinatorOutage", "max", "duration"), outages],
  );
  expect(text).toMatch(/^ {2}coordinatorOutage +9\.00 s /mu);
  expect(text).not.toContain("mean(coordinatorOutage)");
});

test("statistics that differ are a row each", () => {
  const text = table([measure("lag", "mean", "records"), [1, 2, 3]], [measure("lag", "max", "records"), [10, 20, 30]]);
  expect(text).toMatch(/^ {2}mean\(lag\) +2 /mu);
  expect(text).toMatch(/^ {2}max\(lag\) +20 /mu);
});

test("what is the same number in all replications is told once, by its value", () => {
  const text = table(
    duplicates,
    [measure("lost", "value", "records"), [0, 0, 0]],
    [measure("members", "mean", "members"), [4, 4, 4]],
    [measure("members", "max", "members"), [4, 4, 4]],
    [measure("longestUnread", "value", "duration"), [0, 0, 0]],
  );
  expect(text).toContain("\n  0 in each: lost, longestUnread\n  4 in each: members\n");
  expect(text).toMatch(/^ {2}duplicates +20 /mu);
});

test("what varies in one of its statistics, or is missing in a replication, stays in the table", () => {
  const text = table(
    duplicates,
    [measure("members", "mean", "members"), [4, 4, 3.9]],
    [measure("members", "max", "members"), [4, 4, 4]],
    [measure("memberOutage", "max", "duration"), [5e6, null, 5e6]],
  );
  expect(text).not.toContain("in each");
  expect(text).toMatch(/^ {2}max\(members\) +4 /mu);
  expect(text).toMatch(/^ {2}max\(memberOutage\) .*in 2 of them$/mu);
});

test("that all replications came out the same is said, and what that means", () => {
  const lag = [measure("lag", "max", "records"), [7, 7, 7]] as const;
  const said = "All 3 came out the same: nothing in this scenario is random that these figures depend on.";
  expect(table([measure("duplicates", "value", "records"), [5, 5, 5]], lag)).toContain(`\n\n${said}\n`);
  expect(table(duplicates, lag)).not.toContain("came out the same");
  expect(table([measure("lag", "max", "records"), [7]])).not.toContain("came out the same"); // one is like itself
});

test("duplicates that hardly differ are said to be those of one moment where commits are met at one, else to be alike", () => {
  const lag = [measure("lag", "max", "records"), [7, 8, 9]] as const;
  const alike = [measure("duplicates", "value", "records"), [1196, 1200, 1199]] as const;
  expect(tableOf(true, alike, lag)).toContain("Hardly any difference in duplicates: the events have fixed times");
  const alone = "\n\nHardly any difference in duplicates: all replications say much the same.\n";
  expect(tableOf(false, alike, lag)).toContain(alone);
  expect(tableOf(true, duplicates, lag)).not.toContain("Hardly any difference");
  const none = [measure("duplicates", "value", "records"), [0, 0, 0]] as const;
  expect(tableOf(true, none, lag)).not.toContain("Hardly any difference");
});

test("events that did nothing are counted over all replications, and the first of these is named", () => {
  const replay = { replication: 20, command: "regroup run x.yaml" };
  const notes = {
    moot: { events: 12, replications: 7, first: 3 },
    transit: [{ group: "billing", replications: 20, records: 1_500 }],
  };
  const lines = tableWith({ count: 20, estimates: [], replay, notes }).split("\n");
  expect(lines).toContain("events  of the scenario that did nothing, or less than was written");
  expect(lines).toContain("  12 altogether, in 7 of 20 replications; when and why: regroup run x.yaml --seed 1/3");
  expect(lines.join(" ").replace(/ +/g, " ")).toContain(
    "billing reads over slow links, which lag and ages above leave out, in 20 of 20 replications: up to 1.50 k records",
  );
  expect(tableWith({ count: 20, estimates: [], replay })).not.toContain("did nothing");
});
