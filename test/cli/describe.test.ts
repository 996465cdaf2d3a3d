import { writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { readDescribed } from "../../sim/kafka/assignors/described-group.ts";
import { shell } from "../support/cli.ts";

const STORY = `
name: told
duration: 2m
cluster:
  brokers: 1
  network: { delay: 1ms }
topics: { orders: { partitions: 4, rate: 400/s } }
groups:
  billing:
    topics: [orders]
    assignmentCost: none
    config: { partition.assignment.strategy: [range], auto.commit.interval.ms: 5000 }
    members: { initial: 2, capacity: 1000/s }
events:
  - { at: 60s, crash: billing-1 }
`;

/** A shell in a folder with that run's trace. */
async function told() {
  const sh = shell();
  writeFileSync(path.join(sh.folder, "told.yaml"), STORY);
  expect((await sh.run("regroup run told.yaml --trace told.ndjson.gz")).status).toBe(0);
  return sh;
}

test("what Kafka's tool would have printed, at any moment of a run", async () => {
  const sh = await told();
  const { stdout, stderr, status } = await sh.run("regroup describe told.ndjson.gz --at 58s");
  expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
  const rows = stdout
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => line.split(/ +/));
  // 100 records/s in each of four partitions for 58 s; two members with two each.
  expect(rows.map(([group, topic, partition, , end]) => [group, topic, partition, end])).toEqual(
    ["0", "1", "2", "3"].map((partition) => ["billing", "orders", partition, "5800"]),
  );
  // Caught up, so what is not committed is less than an interval's worth, and a commit's way: 5.01 s at 100/s.
  for (const [, , , current, end, lag] of rows) {
    expect(Number(end) - Number(current)).toBe(Number(lag));
    expect(Number(lag)).toBeGreaterThanOrEqual(0);
    expect(Number(lag)).toBeLessThanOrEqual(501);
  }
  const [group] = readDescribed(stdout); // the reader of the tool's output reads ours
  expect(group.members.map(({ owned }) => owned)).toEqual([{ orders: [0, 1] }, { orders: [2, 3] }]);
});

test("after a crash its member is still listed, and its partitions' lag grows; once expelled it is gone", async () => {
  const sh = await told();
  const before = await sh.run("regroup describe told.ndjson.gz --at 90s --members");
  expect(before.stdout).toContain("billing-1");
  const after = await sh.run("regroup describe told.ndjson.gz --members");
  expect(after.stdout).not.toContain("billing-1");
  expect(after.stdout).toMatch(/billing-2 +4/);
  expect((await sh.run("regroup describe told.ndjson.gz --state")).stdout).toMatch(
    /billing +broker-1:9092 {2}\(1\) +range +Stable +1\n/,
  );
});

test.each([
  ["--at 5", "a time is written"],
  ["--at 5h", "the trace ends before that"],
  ["--members --state", "one of --offsets, --members and --state"],
])("%s is a mistake", async (options, says) => {
  const sh = await told();
  const { status, stderr } = await sh.run(`regroup describe told.ndjson.gz ${options}`);
  expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining(says) });
});

test("a group that is not there", async () => {
  const sh = await told();
  const { stderr } = await sh.run("regroup describe told.ndjson.gz --group nobody");
  expect(stderr).toContain("Consumer group 'nobody' does not exist.");
});
