import { describe as suite, expect, test } from "vitest";
import { describe } from "../../sim/report/describe.ts";
import type { DescribeView, GroupOffsets } from "../../sim/report/describe-table.ts";
import { groupsAt, type GroupAt } from "../../sim/trace/readings/group-at.ts";
import type { Happening } from "../../sim/trace/event.ts";
import { process, Story } from "../support/events.ts";

/*
 * The expected texts are what the format strings of Kafka's ConsumerGroupCommand (4.1) make of these values: columns of
 * at least 15 characters (`%-15s`), PARTITION of 10, the last one not padded, a line feed before every line.
 */

const member = (client: string, instance?: string) =>
  ({
    type: "group.member",
    group: "g",
    member: `${client}-0001`,
    client,
    change: "added",
    reason: "join",
    ...(instance !== undefined && { instance }),
  }) as const;
const state = (from: string, to: string) =>
  ({ type: "group.state", group: "g", from, to, reason: "x", generation: 1 }) as const;
const coordinated = (broker: number, from: string, to: string) =>
  ({ type: "coordinator.state", broker, partition: 9, groups: ["g"], from, to, reason: "x" }) as const;
const owns = (client: string, ...numbers: number[]) =>
  ({
    type: "partition.owner",
    client,
    group: "g",
    how: "assigned",
    partitions: { orders: numbers },
    generation: 1,
  }) as const;

function story(instance?: string): Story {
  const story = new Story();
  story.at(0, process("g-1", "Absent", "Running"));
  story.lag(0, { group: "g", topic: "orders", partitions: [0, 1, 2, 3], lag: 0, in: [10, 10, 10, 0], out: 0 });
  story.at(0, coordinated(3, "Initial", "Loading"));
  story.at(0, coordinated(3, "Loading", "Active"));
  story.at(1, state("Empty", "PreparingRebalance"));
  story.at(1, member("g-1", instance));
  story.at(1, member("g-2"));
  story.at(3, state("PreparingRebalance", "CompletingRebalance"));
  story.at(3, {
    type: "group.join-complete",
    group: "g",
    generation: 1,
    how: "timer",
    waited: 2_000_000,
    members: 2,
    protocolName: "range",
    evicted: [],
    absent: [],
  });
  story.at(4, state("CompletingRebalance", "Stable"));
  story.at(4, owns("g-1", 0));
  story.at(4, owns("g-2", 1, 2));
  story.lag(10, { group: "g", topic: "orders", partitions: [1], lag: 0, in: 25, out: 25 });
  return story;
}

function at(seconds: number, from = story()): GroupAt {
  const fold = groupsAt(seconds * 1_000_000);
  from.tell(fold, 60);
  return fold.groups()[0];
}

const OFFSETS: GroupOffsets = {
  committed: { orders: { 0: 100, 1: 95, 3: 7 } },
  ends: { orders: [120, 150, 120, 0] },
};
const print = (group: GroupAt, view: DescribeView, verbose = false, offsets = OFFSETS) =>
  describe(group, offsets, view, verbose);

suite("regroup describe", () => {
  test("offsets: members with many partitions first, what nobody owns last, no lag where nothing was committed", () => {
    expect(print(at(12), "offsets")).toEqual({
      err: "",
      out: `
GROUP           TOPIC           PARTITION  CURRENT-OFFSET  LOG-END-OFFSET  LAG             CONSUMER-ID     HOST            CLIENT-ID
g               orders          1          95              150             55              g-2-0001        /g-2            g-2
g               orders          2          -               120             -               g-2-0001        /g-2            g-2
g               orders          0          100             120             20              g-1-0001        /g-1            g-1
g               orders          3          7               0               -7              -               -               -
`,
    });
  });

  // Kafka 4.0 and later: `printOffsetFormat`, whose verbose form has one column more, before CURRENT-OFFSET.
  test("offsets, verbose: a column for the leader epochs of what is committed, which nobody knows", () => {
    const [, head, first] = print(at(12), "offsets", true).out.split("\n");
    expect(head).toMatch(/^GROUP {11}TOPIC {11}PARTITION {2}LEADER-EPOCH {4}CURRENT-OFFSET {2}LOG-END-OFFSET {2}LAG /);
    expect(first).toMatch(/^g {15}orders {10}1 {10}- {15}95 {14}150 {13}55 {14}g-2-0001 {8}\/g-2 {12}g-2$/);
  });

  test("members, with an instance id if any has one; each line ends with a space", () => {
    expect(print(at(12), "members").out).toBe(
      "\nGROUP           CONSUMER-ID     HOST            CLIENT-ID       #PARTITIONS     \n" +
        "g               g-1-0001        /g-1            g-1             1               \n" +
        "g               g-2-0001        /g-2            g-2             2               \n",
    );
    expect(print(at(12, story("seat-1")), "members").out).toBe(
      "\nGROUP           CONSUMER-ID     GROUP-INSTANCE-ID HOST            CLIENT-ID       #PARTITIONS     \n" +
        "g               g-1-0001        seat-1            /g-1            g-1             1               \n" +
        "g               g-2-0001                          /g-2            g-2             2               \n",
    );
  });

  test("members, verbose: what each owns", () => {
    const [, head, first, second] = print(at(12), "members", true).out.split("\n");
    expect(head).toMatch(
      /#PARTITIONS {5}CURRENT-EPOCH {3}CURRENT-ASSIGNMENT {3}TARGET-EPOCH {4}TARGET-ASSIGNMENT {3}$/,
    );
    expect(first).toMatch(/ 1 {15}- {15}orders:0 {13}- {15}- {19}$/);
    expect(second).toMatch(/ 2 {15}- {15}orders:1,2 {11}- {15}- {19}$/);
  });

  test("state", () => {
    expect(print(at(12), "state").out).toBe(`
GROUP           COORDINATOR (ID)          ASSIGNMENT-STRATEGY  STATE                #MEMBERS
g               broker-3:9092  (3)        range                Stable               2
`);
  });

  test("in a rebalance assignments are not told, and the tool warns", () => {
    const { out, err } = print(at(3.5), "offsets");
    expect(err).toBe("\nWarning: Consumer group 'g' is rebalancing.\n");
    expect(out.split("\n").slice(2, -1)).toEqual([
      "g               orders          0          100             120             20              -               -               -",
      "g               orders          1          95              150             55              -               -               -",
      "g               orders          3          7               0               -7              -               -               -",
    ]);
  });

  test("nor are those of the last generation, whatever members still own", () => {
    const again = story();
    again.at(20, state("Stable", "PreparingRebalance"));
    expect(print(at(19, again), "offsets").out.split("\n")[2]).toMatch(/ g-2-0001 /);
    const { out, err } = print(at(20, again), "offsets"); // what happens at an instant has happened then
    expect(err).toBe("\nWarning: Consumer group 'g' is rebalancing.\n");
    expect(out).not.toMatch(/-0001/);
    expect(print(at(20, again), "members").out).toBe(
      "\nGROUP           CONSUMER-ID     HOST            CLIENT-ID       #PARTITIONS     \n" +
        "g               g-1-0001        /g-1            g-1             0               \n" +
        "g               g-2-0001        /g-2            g-2             0               \n",
    );
  });

  // GroupMetadata.summary: `NoProtocol`, an empty string, unless Stable; printStates: `-` for an empty one.
  test("nor is the assignor, until the group is stable again", () => {
    const again = story();
    again.at(20, state("Stable", "PreparingRebalance"));
    again.at(22, state("PreparingRebalance", "CompletingRebalance"));
    again.at(23, state("CompletingRebalance", "Stable"));
    const told = (seconds: number) => print(at(seconds, again), "state").out.split("\n")[2].split(/ {2,}/).slice(3);
    expect(told(3.5)).toEqual(["-", "CompletingRebalance", "2"]);
    expect(told(19)).toEqual(["range", "Stable", "2"]);
    expect(told(21)).toEqual(["-", "PreparingRebalance", "2"]);
    expect(told(22)).toEqual(["-", "CompletingRebalance", "2"]);
    expect(told(23)).toEqual(["range", "Stable", "2"]);
    const [, , first] = print(at(21, again), "members", true).out.split("\n");
    expect(first).toMatch(/ 0 {15}- {15}- {20}- {15}- {19}$/);
  });

  test("a group that is not there yet", () => {
    expect(print(at(0.5), "state")).toEqual({ out: "", err: "\nError: Consumer group 'g' does not exist.\n" });
  });

  test("what was committed of a topic that the group has left is shown last, as nobody's; without an end it has no lag", () => {
    const left = {
      committed: { refunds: { 10: 4, 2: 30 }, orders: { 0: 100 } },
      ends: { orders: [120, 150, 120, 0], refunds: [7, 8, 42] },
    };
    expect(print(at(12), "offsets", false, left).out.split("\n").slice(5, -1)).toEqual([
      "g               refunds         2          30              42              12              -               -               -",
      "g               refunds         10         4               -               -               -               -               -",
    ]);
  });

  test("a partition without a leader has no log end, and so no lag", () => {
    const leaderless = { ...OFFSETS, ends: { orders: [120, null, 120, 0] } };
    expect(print(at(12), "offsets", false, leaderless).out.split("\n")[2]).toBe(
      "g               orders          1          95              -               -               g-2-0001        /g-2            g-2",
    );
  });

  test("a group without members still has its committed offsets, which nobody reads on from", () => {
    const empty = story();
    empty.at(20, {
      type: "group.member",
      group: "g",
      member: "g-1-0001",
      client: "g-1",
      change: "removed",
      reason: "leave",
    });
    empty.at(20, {
      type: "group.member",
      group: "g",
      member: "g-2-0001",
      client: "g-2",
      change: "removed",
      reason: "leave",
    });
    empty.at(20, state("Stable", "PreparingRebalance"));
    empty.at(20, state("PreparingRebalance", "Empty"));
    const { out, err } = print(at(21, empty), "offsets");
    expect(err).toBe("\nConsumer group 'g' has no active members.\n");
    expect(
      out
        .split("\n")
        .slice(2, -1)
        .map((line) => line.split(/ +/).slice(2)),
    ).toEqual([
      ["0", "100", "120", "20", "-", "-", "-"],
      ["1", "95", "150", "55", "-", "-", "-"],
      ["3", "7", "0", "-7", "-", "-", "-"],
    ]);
  });
});

/*
 * A group of the consumer protocol of which g-1 has been told to give partition 2 up, for g-2, which has just joined.
 * Source: `printMembers` and `printStates` with `--verbose`, the same in 4.0 and 4.1; epochs are those that
 * `ConsumerGroupDescribe` answers.
 */
suite("regroup describe, of a group of the consumer protocol", () => {
  const joining = (): Story => {
    const story = new Story();
    const name = (client: string) => ({ group: "g", client, member: `${client}-0001` }) as const;
    const epoch = (generation: number) =>
      ({ type: "group.epoch", group: "g", generation, reason: "member-joined" }) as const;
    const target = (client: string, generation: number, gains: object, losses: object = {}) =>
      ({
        type: "group.assignment",
        group: "g",
        client,
        assignor: "uniform",
        generation,
        members: 1,
        partitions: 3,
        took: 0,
        gains,
        losses,
      }) as Happening;
    story.at(0, coordinated(3, "Initial", "Loading"));
    story.at(0, coordinated(3, "Loading", "Active"));
    story.at(1, member("g-1"));
    story.at(1, epoch(1));
    story.at(1, target("g-1", 1, { "g-1-0001": { orders: [0, 1, 2] } }));
    story.at(1, { ...state("Absent", "Stable"), generation: 1 });
    story.at(1, {
      type: "group.reconciled",
      ...name("g-1"),
      state: "STABLE",
      generation: 1,
      granted: { orders: [0, 1, 2] },
      revoking: {},
      released: {},
    });
    story.at(5, member("g-2"));
    story.at(5, epoch(2));
    story.at(5, target("g-2", 2, { "g-2-0001": { orders: [2] } }, { "g-1-0001": { orders: [2] } }));
    story.at(5, { ...state("Stable", "Reconciling"), generation: 2 });
    const nothing = { granted: {}, revoking: {}, released: {} };
    story.at(5, {
      type: "group.reconciled",
      ...name("g-2"),
      state: "UNRELEASED_PARTITIONS",
      generation: 2,
      ...nothing,
    });
    story.at(8, {
      type: "group.reconciled",
      ...name("g-1"),
      state: "UNREVOKED_PARTITIONS",
      generation: 1,
      granted: {},
      revoking: { orders: [2] },
      released: {},
    });
    return story;
  };

  test("state, verbose: the group's epoch and its target's", () => {
    expect(print(at(9, joining()), "state", true)).toEqual({
      err: "\nWarning: Consumer group 'g' is rebalancing.\n",
      out: `
GROUP           COORDINATOR (ID)          ASSIGNMENT-STRATEGY  STATE                GROUP-EPOCH     TARGET-ASSIGNMENT-EPOCH   #MEMBERS
g               broker-3:9092  (3)        uniform              Reconciling          2               2                         2
`,
    });
  });

  test("members, verbose: at which epoch each is and what it may use, be the group stable or not, and what it is to have", () => {
    const [, , first, second] = print(at(9, joining()), "members", true).out.split("\n");
    expect(first).toMatch(/ 2 {15}1 {15}orders:0,1 {11}2 {15}orders:0,1 {10}$/);
    expect(second).toMatch(/ 0 {15}2 {15}- {20}2 {15}orders:2 {12}$/);
  });

  // `printMembers`: `%-15s %-<current>s %-15s %-<target>s`, each as wide as its longest, and at least 20.
  test("members, verbose: both assignments are as wide as the longest of any member", () => {
    const wide = joining();
    const more = { orders: [10, 11, 12, 13, 14, 15] };
    wide.at(20, {
      type: "group.reconciled",
      group: "g",
      client: "g-1",
      member: "g-1-0001",
      state: "STABLE",
      generation: 3,
      granted: more,
      revoking: {},
      released: {},
    });
    wide.at(20, {
      type: "group.assignment",
      group: "g",
      client: "g-1",
      assignor: "uniform",
      generation: 3,
      members: 2,
      partitions: 9,
      took: 0,
      gains: { "g-1-0001": more },
    } as Happening);
    const [, head, first, second] = print(at(21, wide), "members", true).out.split("\n");
    const all = "orders:0,1,10,11,12,13,14,15"; // 28
    expect(first.endsWith(` 8               3               ${all} 3               ${all}`)).toBe(true);
    expect(
      second.endsWith(` 0               2               ${"-".padEnd(28)} 3               ${"orders:2".padEnd(28)}`),
    ).toBe(true);
    const titles = `${"CURRENT-ASSIGNMENT".padEnd(28)} TARGET-EPOCH    ${"TARGET-ASSIGNMENT".padEnd(28)}`;
    expect(head.endsWith(` CURRENT-EPOCH   ${titles}`)).toBe(true);
  });

  test("between a new epoch and the target for it, the one is told beside the other", () => {
    const assigning = joining();
    assigning.at(20, { type: "group.epoch", group: "g", generation: 3, reason: "member-joined" });
    assigning.at(20, { ...state("Reconciling", "Assigning"), generation: 3 });
    const [, , row] = print(at(21, assigning), "state", true).out.split("\n");
    expect(row).toMatch(/ Assigning {12}3 {15}2 {25}2$/);
    const [, , first] = print(at(21, assigning), "members", true).out.split("\n");
    expect(first).toMatch(/ 2 {15}1 {15}orders:0,1 {11}2 {15}orders:0,1 {10}$/);
  });

  test("offsets: who may use what is told while it reconciles", () => {
    const rows = print(at(9, joining()), "offsets").out.split("\n").slice(2, -1);
    expect(rows.map((row) => row.split(/ +/).slice(2, 7).join(" "))).toEqual([
      "0 100 120 20 g-1-0001",
      "1 95 150 55 g-1-0001",
      "3 7 0 -7 -",
    ]);
  });
});

/*
 * Kafka 1.1, `ConsumerGroupCommand.ZkConsumerGroupService`: titles and rows by `%-15s %-10s %-15s %-15s %-15s %-15s `, the first
 * and the last column as wide as what is in them, and each line ends with a space.
 */
suite("regroup describe, of consumers that register in ZooKeeper", () => {
  const registers = (client: string, change: "added" | "removed", reason: string) =>
    ({ type: "group.member", group: "g", member: `g_${client}`, client, change, reason }) as const;
  const herd = (): Story => {
    const told = new Story();
    told.at(1, registers("g-1", "added", "registered"));
    told.at(1, registers("g-2", "added", "registered"));
    told.at(2, owns("g-1", 0, 1));
    told.at(3, registers("g-3", "added", "registered"));
    told.at(30, registers("g-1", "removed", "session-expired"));
    return told;
  };
  const NOTE =
    "Note: This will only show information about consumers that use ZooKeeper (not those using the Java consumer API).\n";
  const known: GroupOffsets = { committed: { orders: { 0: 100, 1: 95 } }, ends: { orders: [120, null, 7] } };
  const MISSING =
    "Error: Could not fetch offset from zookeeper for group 'g' partition 'orders-2' due to missing offset data in zookeeper.\n";

  test("each partition with its owner, then those who have none", () => {
    expect(print(at(12, herd()), "offsets", true, known)).toEqual({
      err: NOTE,
      out: [
        MISSING,
        "TOPIC           PARTITION  CURRENT-OFFSET  LOG-END-OFFSET  LAG             CONSUMER-ID     ",
        "orders          0          100             120             20              g_g-1           ",
        "orders          1          95              -               -               g_g-1           ",
        "orders          2          -               7               -               -               ",
        "-               -          -               -               -               g_g-2           ",
        "-               -          -               -               -               g_g-3           ",
        "",
      ].join("\n"),
    });
  });

  test("who is not heard of owns what it claimed until its session is over", () => {
    const owners = (seconds: number) =>
      print(at(seconds, herd()), "offsets", false, known)
        .out.split("\n")
        .filter((line) => line.startsWith("orders "))
        .map((line) => line.trimEnd().split(/ +/).at(-1));
    expect(owners(29)).toEqual(["g_g-1", "g_g-1", "-"]);
    expect(owners(31)).toEqual(["-", "-", "-"]);
  });

  test("before anybody has registered there is no such group", () => {
    expect(print(at(0.5, herd()), "offsets").err).toContain("does not exist");
  });

  test.each(["members", "state"] as const)(
    "there is no view of its %s: the tool failed, and did not say why",
    (view) => {
      expect(print(at(12, herd()), view).out).toMatch(/^Error: Executing consumer group command failed due to null\n/);
    },
  );
});
