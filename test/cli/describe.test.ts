import { readFileSync, writeFileSync } from "node:fs";
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

// Kafka's offsets are whole numbers; the fluid's need not be: 27.5 records/s a partition, committed every 3.333 s.
test("JSON tells the same whole offsets as the table", async () => {
  const sh = shell();
  const odd = STORY.replace("rate: 400/s", "rate: 110/s").replace("interval.ms: 5000", "interval.ms: 3333");
  writeFileSync(path.join(sh.folder, "odd.yaml"), odd);
  expect((await perform(sh, "regroup run odd.yaml --trace odd.ndjson")).status).toBe(0);
  for (const at of ["21.001s", "37.7s", "58s"]) {
    const table = (await perform(sh, `regroup describe odd.ndjson --at ${at}`)).stdout.trim().split("\n").slice(1);
    const json = (await perform(sh, `regroup describe odd.ndjson --at ${at} --json`)).stdout;
    const [{ committed, ends }] = JSON.parse(json) as [
      { committed: { orders: Record<string, number> }; ends: { orders: number[] } },
    ];
    for (const line of table) {
      const [, , partition, current, end, lag] = line.split(/ +/);
      const told = [committed.orders[partition], ends.orders[Number(partition)]];
      expect(told).toEqual([Number(current), Number(end)]);
      expect(told[1] - told[0]).toBe(Number(lag));
    }
  }
});

/*
 * One way takes 2 s. The coordinator has the assignment with the group leader's SyncGroup, and tells it from then on
 * (`GroupMetadata.summary`); the members hear of it 2 s later, and g-2, which is cut off at that moment, never does.
 */
test("of a stable group it tells what the coordinator has assigned, whether or not members have heard of it", async () => {
  const sh = shell();
  const slow = `
name: slow
duration: 2m
cluster: { brokers: 1, network: { delay: 2s } }
topics: { orders: { partitions: 4, rate: 4/s } }
groups:
  g:
    assignmentCost: none
    config: { partition.assignment.strategy: [range] }
    members: 2
`;
  writeFileSync(path.join(sh.folder, "slow.yaml"), slow);
  const run = (rest: string) => perform(sh, `regroup run slow.yaml --trace slow.ndjson ${rest}`);
  const stableAt = (): number => {
    const lines = readFileSync(path.join(sh.folder, "slow.ndjson"), "utf8").split("\n");
    const line = lines.find((one) => one.includes('"group.state"') && one.includes('"to":"Stable"'))!;
    return (JSON.parse(line) as { t: number }).t;
  };
  expect(await run("")).toMatchObject({ status: 0 });
  const stable = stableAt();
  const cut = `--set 'events=[{ at: ${stable}us, cut: { from: { client: g-2 } } }]'`;
  expect(await run(cut)).toMatchObject({ status: 0 });
  expect(stableAt()).toBe(stable);
  for (const later of [1_000_000, 10_000_000]) {
    const { stdout } = await perform(sh, `regroup describe slow.ndjson --members --verbose --at ${stable + later}us`);
    expect(stdout).toMatch(/ g-1-\S+ .* 2 .* orders:0,1 /);
    expect(stdout).toMatch(/ g-2-\S+ .* 2 .* orders:2,3 /);
  }
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
  ["--at 5", "--at 5: a time needs its unit: 5s, 5m or 5h"],
  ["--at -5s", "--at -5s: a run begins at 0s; a time is written 28.007s, 5m, 1h30m"],
  ["--at soon", "--at soon: a time is written 28.007s, 5m, 1h30m"],
  ["--at ''", "--at '': a time is written"],
  ["--at 999999999d", "no run lasts that long"],
  ["--at", "Not enough arguments following: at"],
  ["--at 5h", "the trace ends before that, at 120.000s"],
  ["--group ''", "Consumer group '' does not exist."],
  ["--members --state", "one of --offsets, --members and --state"],
])("%s is a mistake", async (options, says) => {
  const sh = await told();
  const { status, stderr } = await perform(sh, `regroup describe told.ndjson.gz ${options}`);
  expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining(says) });
});

// Kafka's tool says so in these words, of each, and exits with 0: `shouldPrintMemberState`.
test("a group that the run never has is a mistake, told in the words of Kafka's tool behind the groups that it has", async () => {
  const sh = await told();
  const lost = await perform(sh, "regroup describe told.ndjson.gz --group nobody");
  const stderr = "Error: Consumer group 'nobody' does not exist.\nThe trace has billing\n";
  expect(lost).toMatchObject({ status: 2, stdout: "", stderr });
  for (const view of ["--offsets", "--members", "--json"]) {
    const alone = await perform(sh, `regroup describe told.ndjson.gz --at 58s ${view} --group billing`);
    const both = await perform(sh, `regroup describe told.ndjson.gz --at 58s ${view} --group nobody --group billing`);
    expect(alone.stdout).toContain("billing");
    expect(both).toMatchObject({ status: 2, stdout: alone.stdout, stderr: alone.stderr + stderr });
  }
  const some = await perform(sh, "regroup describe told.ndjson.gz --group b --group a --group b");
  expect(some.stderr).toBe(
    "Error: Consumer group 'a' does not exist.\nError: Consumer group 'b' does not exist.\nThe trace has billing\n",
  );
});

test("a group that the run has, but not yet at that moment, is told as Kafka's tool tells it, which is no mistake", async () => {
  const sh = await told();
  const early = await perform(sh, "regroup describe told.ndjson.gz --at 0 --group billing");
  expect(early.status).toBe(0);
  expect(early.stderr).toMatch(/Consumer group 'billing' (does not exist|has no active members)\./);
});

test("groups come once each, by name", async () => {
  const sh = shell();
  writeFileSync(
    path.join(sh.folder, "two.yaml"),
    "{ duration: 1m, topics: { orders: { partitions: 1, rate: 1/s } }, groups: { b: { members: 1 }, a: { members: 1 } } }",
  );
  expect((await perform(sh, "regroup run two.yaml --trace two.ndjson")).status).toBe(0);
  for (const asked of ["", "--group b --group a --group b"]) {
    const { stdout } = await perform(sh, `regroup describe two.ndjson --state ${asked}`);
    expect(stdout.match(/^[ab] /gm)).toEqual(["a ", "b "]);
  }
});

/*
 * `ConsumerGroup.asDescribedGroup`: what members prefer, or the first of `group.consumer.assignors`. Members prefer range; two
 * have one partition each, and nobody is left in the end.
 */
test("a group of the consumer protocol is always told to have an assignor: that which members prefer, or the brokers' first", async () => {
  const sh = shell();
  const left = `
duration: 2m
cluster: { brokers: 1 }
topics: { orders: { partitions: 2, rate: 10/s } }
groups:
  billing:
    config: { group.protocol: consumer, group.remote.assignor: range }
    members: 2
events: [{ at: 1m, leave: { group: billing, count: 2 } }]
`;
  writeFileSync(path.join(sh.folder, "left.yaml"), left);
  expect(await perform(sh, "regroup run left.yaml --trace left.ndjson")).toMatchObject({ status: 0 });
  expect((await perform(sh, "regroup describe left.ndjson --at 50s --state")).stdout).toMatch(/ range +Stable +2\n/);
  expect((await perform(sh, "regroup describe left.ndjson --state")).stdout).toMatch(/ uniform +Empty +0\n/);
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

/*
 * While a broker reads the group's log, every broker that has heard of it names that one, and it answers
 * COORDINATOR_LOAD_IN_PROGRESS (`GroupCoordinatorService`); whether the one before it has resigned or is dead makes no
 * difference. 60 s and 100 ms for the news; reading takes 5 s.
 */
test.each(["classic", "consumer"])(
  "while its coordinator is loading nothing can be told of a group, %s",
  async (protocol) => {
    const sh = shell();
    const yaml = (event: string) => `
duration: 2m
cluster: { brokers: 3, metadataPropagation: 100ms, loading: { base: 5s, size: 0KiB }, controller: { kind: kraft } }
topics: { orders: { partitions: 3, rate: 30/s } }
groups: { g: { members: 2, config: { group.protocol: ${protocol} } } }
events: [{ at: 60s, ${event} }]
`;
    for (const [event, at] of [
      ["restart: { broker: coordinator of g }, downtime: 30s", 62],
      ["crash: { broker: coordinator of g }", undefined],
    ] as const) {
      writeFileSync(path.join(sh.folder, "moves.yaml"), yaml(event));
      expect((await perform(sh, "regroup run moves.yaml --trace moves.ndjson")).status).toBe(0);
      const loads = readFileSync(path.join(sh.folder, "moves.ndjson"), "utf8")
        .split("\n")
        .filter((line) => line.includes('"coordinator.state"') && line.includes('"to":"Loading"'))
        .map((line) => JSON.parse(line) as { t: number; broker: number })
        .find(({ t }) => t > 60e6)!;
      const seconds = at ?? loads.t / 1e6 + 2;
      const describe = (more: string) => perform(sh, `regroup describe moves.ndjson --at ${seconds}s ${more}`);
      for (const view of ["", "--state", "--members --verbose"]) {
        const { stdout, stderr } = await describe(view);
        const why = `broker ${loads.broker} is loading the group (COORDINATOR_LOAD_IN_PROGRESS)`;
        expect(stderr).toBe(`\nError: the coordinator of group 'g' is not available: ${why}.\n`);
        expect(stdout).toBe("");
      }
      expect(JSON.parse((await describe("--json")).stdout)).toMatchObject([
        { group: "g", state: "Unknown", error: "COORDINATOR_LOAD_IN_PROGRESS", committed: null, members: [] },
      ]);
    }
  },
);
