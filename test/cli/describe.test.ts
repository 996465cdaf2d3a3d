import { writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { readDescribed } from "../../sim/kafka/assignors/described-group.ts";
import { shell } from "../support/cli.ts";
import { perform } from "../support/here.ts";

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
  expect((await perform(sh, "regroup run told.yaml --trace told.ndjson.gz")).status).toBe(0);
  return sh;
}

test("what Kafka's tool would have printed, at any moment of a run", async () => {
  const sh = await told();
  const { stdout, stderr, status } = await perform(sh, "regroup describe told.ndjson.gz --at 58s");
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
  const before = await perform(sh, "regroup describe told.ndjson.gz --at 90s --members");
  expect(before.stdout).toContain("billing-1");
  const after = await perform(sh, "regroup describe told.ndjson.gz --members");
  expect(after.stdout).not.toContain("billing-1");
  expect(after.stdout).toMatch(/billing-2 +4/);
  expect((await perform(sh, "regroup describe told.ndjson.gz --state")).stdout).toMatch(
    /billing +broker-1:9092 {2}\(1\) +range +Stable +1\n/,
  );
});

test.each([
  ["--at 5", "a time is written"],
  ["--at 5h", "the trace ends before that"],
  ["--members --state", "one of --offsets, --members and --state"],
])("%s is a mistake", async (options, says) => {
  const sh = await told();
  const { status, stderr } = await perform(sh, `regroup describe told.ndjson.gz ${options}`);
  expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining(says) });
});

test("a group that is not there", async () => {
  const sh = await told();
  const { stderr } = await perform(sh, "regroup describe told.ndjson.gz --group nobody");
  expect(stderr).toContain("Consumer group 'nobody' does not exist.");
});

/** Topics that are left and subscribed to, created, grown and deleted; nothing waits for long where somebody reads. */
const changing = (reset: "earliest" | "latest" | "none") => `
name: changing
duration: 4m
cluster: { brokers: 1, network: { delay: 1ms } }
topics:
  orders: { partitions: 1, rate: 100/s }
  spare: { partitions: 1, rate: 50/s }
  late: { partitions: 1, rate: 60/s }
groups:
  billing:
    topics: [orders]
    committed: start
    config: { auto.offset.reset: ${reset}, auto.commit.interval.ms: 5000 }
    members: { initial: 1, capacity: 10000/s }
  audit:
    topics: [late]
    config: { auto.offset.reset: earliest, auto.commit.interval.ms: 5000, metadata.max.age.ms: 5000 }
    members: { initial: 1, capacity: 10000/s }
events:
  - { at: 30s, create: late }
  - { at: 1m, grow: late, to: 2 }
  - { at: 2m, subscribe: billing, topics: [spare] }
  - { at: 3m, delete: late }
`;

async function changed(reset: "earliest" | "latest" | "none") {
  const sh = shell();
  writeFileSync(path.join(sh.folder, "changing.yaml"), changing(reset));
  expect((await perform(sh, "regroup run changing.yaml --trace changing.ndjson")).status).toBe(0);
  return async (rest: string) => {
    const { stdout, stderr } = await perform(sh, `regroup describe changing.ndjson ${rest}`);
    const lines = stdout.split("\n").filter((line) => line !== "");
    return { stdout, stderr, rows: lines.slice(1).map((line) => line.split(/ +/).slice(1)) };
  };
}

test.each(["earliest", "latest"] as const)(
  "with %s, the log of a topic ends where all that was ever produced to it ends, whenever the group came to it",
  async (reset) => {
    const describe = await changed(reset);
    const { rows } = await describe("--group billing --at 210s");
    const [spare, orders] = rows;
    // 50 records/s for 210 s; committed within the last 5 s and a commit's way.
    expect(spare.slice(0, 2)).toEqual(["spare", "0"]);
    expect(spare[3]).toBe("10500");
    expect(Number(spare[4])).toBe(10500 - Number(spare[2]));
    expect(Number(spare[4])).toBeGreaterThanOrEqual(0);
    expect(Number(spare[4])).toBeLessThanOrEqual(251);
    // 100 records/s: read and committed up to 120 s, when it left; 210 s have been written.
    expect(orders).toEqual(["orders", "0", "12000", "21000", "9000", "-", "-", "-"]);
    expect(rows).toHaveLength(2);
    const [json] = JSON.parse((await describe("--group billing --at 210s --json")).stdout);
    expect(json.ends).toEqual({ spare: [10500], orders: [21000] });
  },
);

test("partitions that came later are counted from when they came; a deleted topic has neither logs nor offsets", async () => {
  const describe = await changed("latest");
  // 60 records/s in one partition from 30 s on, 30/s in each of two from 60 s on: 1,800 + 3,000, and 3,000, at 160 s.
  const { rows } = await describe("--group audit --at 160s");
  expect(rows.map(([, partition, , end]) => [partition, end])).toEqual([
    ["0", "4800"],
    ["1", "3000"],
  ]);
  // Kafka deletes the offsets of a deleted topic with it: onPartitionsDeleted.
  expect((await describe("--group audit --at 230s")).rows).toEqual([]);
  const [json] = JSON.parse((await describe("--group audit --at 230s --json")).stdout);
  expect([json.ends, json.committed]).toEqual([{}, {}]);
});

test("a group whose members failed for want of an offset is empty, and what it had committed is still shown", async () => {
  const describe = await changed("none");
  const { rows, stderr } = await describe("--group billing --at 210s");
  expect(stderr).toBe("\nConsumer group 'billing' has no active members.\n");
  expect(rows).toEqual([["orders", "0", "12000", "21000", "9000", "-", "-", "-"]]);
});

/*
 * orders-1 is led by broker 2 alone, which dies at 30 s. It is given up when its session of 9 s is over, 7 s to 9 s later.
 */
const DEAD = `
name: dead
duration: 2m
cluster: { brokers: 3, network: { delay: 1ms } }
topics: { orders: { partitions: 3, replicationFactor: 1, rate: 30/s } }
groups: { billing: { members: 1 } }
events:
  - { at: 30s, crash: { broker: 2 } }
`;

async function dead() {
  const sh = shell();
  writeFileSync(path.join(sh.folder, "dead.yaml"), DEAD);
  expect((await perform(sh, "regroup run dead.yaml --trace dead.ndjson.gz")).status).toBe(0);
  return sh;
}

// ConsumerGroupCommand.getLogOffsets: listOffsets(…).all().get(), with a timeout of 5 s
test("while a dead broker is named as a leader the tool gets no answer, and prints nothing", async () => {
  const sh = await dead();
  const { stdout, stderr } = await perform(sh, "regroup describe dead.ndjson.gz --at 31s");
  expect(stdout).toBe("");
  expect(stderr).toContain("Error: Executing consumer group command failed due to");
  expect(stderr).toContain("orders-1");
  expect(stderr).not.toContain("orders-0");
  const { stdout: members } = await perform(sh, "regroup describe dead.ndjson.gz --at 31s --members");
  expect(members).toMatch(/billing-1 +3/); // who is in the group the coordinator says, not they
});

test.each([
  ["29s", "290"],
  ["36s", "360"], // the tool waits until 41 s: by then it is given up, and nobody leads
  ["60s", "600"],
])("at %s it has its answers", async (at, end) => {
  const sh = await dead();
  const { stdout, stderr } = await perform(sh, `regroup describe dead.ndjson.gz --at ${at}`);
  expect(stderr).toBe("");
  const [first] = stdout.trim().split("\n").slice(1);
  expect(first.split(/ +/).slice(1, 5)).toEqual(["orders", "0", expect.anything(), end]);
});

test("consumers that register in ZooKeeper: what Kafka 1.1 would have printed, and as JSON neither state nor coordinator", async () => {
  const sh = shell();
  const old = `
name: old
duration: 2m
cluster: { brokerVersion: "2.8", controller: zookeeper, brokers: 1, network: { delay: 1ms } }
topics: { orders: { partitions: 2, rate: 200/s } }
groups:
  old:
    clientProfile: zookeeper
    config: { auto.commit.interval.ms: 5000 }
    members: { initial: 2, capacity: 1000/s }
events: [{ at: 90s, crash: { broker: 1 } }]
`;
  writeFileSync(path.join(sh.folder, "old.yaml"), old);
  expect((await perform(sh, "regroup run old.yaml --trace old.ndjson")).status).toBe(0);
  const { stdout, stderr } = await perform(sh, "regroup describe old.ndjson --at 58s");
  expect(stderr).toMatch(/^Note: This will only show information about consumers that use ZooKeeper/);
  const [titles, ...rows] = stdout.trim().split("\n");
  expect(titles.split(/ +/).slice(0, 6)).toEqual([
    "TOPIC",
    "PARTITION",
    "CURRENT-OFFSET",
    "LOG-END-OFFSET",
    "LAG",
    "CONSUMER-ID",
  ]);
  const cells = rows.map((row) => row.trimEnd().split(/ +/));
  // 100 records/s in each of two partitions for 58 s.
  expect(cells.map(([topic, partition, , end, , consumer]) => [topic, partition, end, consumer])).toEqual([
    ["orders", "0", "5800", "old_old-1"],
    ["orders", "1", "5800", "old_old-2"],
  ]);
  const [json] = JSON.parse((await perform(sh, "regroup describe old.ndjson --at 58s --json")).stdout);
  expect(json).toMatchObject({ group: "old", state: null, coordinator: null, ends: { orders: [5800, 5800] } });
  expect(json.members).toHaveLength(2);

  // It asked the leader, which is dead, and ended there.
  const dead = await perform(sh, "regroup describe old.ndjson --at 91s");
  expect(dead.stdout).toContain("Error: Executing consumer group command failed due to null");
  expect(dead.stdout).toContain("orders-0 orders-1 end: their leaders are dead");
});
