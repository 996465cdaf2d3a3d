import { describe, expect, test } from "vitest";
import { ClassicGroupCoordinator } from "../../../sim/kafka/protocols/classic/coordinator.ts";
import { defaultBrokerConfig } from "../../../sim/kafka/config.ts";
import type { GroupReply } from "../../../sim/kafka/messages.ts";
import { emptyImage, replay } from "../../../sim/kafka/protocols/group-log.ts";
import type { Partitions } from "../../../sim/names.ts";
import { ConsumerBench } from "./bench.ts";

const join = { api: "ConsumerGroupHeartbeat", version: 1, epoch: 0, topics: ["orders"], owned: {} } as const;

/** A group that has come to rest. */
function stableGroup(members: number, partitions: number): { bench: ConsumerBench; beat(member: number): void } {
  const bench = new ConsumerBench("4.0", { orders: partitions });
  const epochs: number[] = [];
  const owned: Partitions[] = [];
  bench.onReply = (client, reply) => {
    if (reply.api !== "ConsumerGroupHeartbeat") throw new Error(reply.api);
    epochs[Number(client)] = reply.epoch;
    if (reply.assignment) owned[Number(client)] = reply.assignment;
  };
  const beat = (member: number, more: object = {}): void =>
    bench.send(
      { ...join, topics: undefined, owned: undefined, member: `m${member}`, epoch: epochs[member], ...more },
      `${member}`,
    );
  for (let member = 0; member < members; member++)
    bench.send({ ...join, rebalanceTimeout: 1, member: `m${member}` }, `${member}`);
  for (let member = 0; member < members; member++) {
    beat(member);
    beat(member, { owned: owned[member] });
  }
  for (let member = 0; member < members; member++) beat(member);
  expect(bench.coordinator.state).toBe("Stable");
  return { bench, beat };
}

describe("costs", () => {
  test("a heartbeat that changes nothing is a reply and a session, however large the group", () => {
    for (const members of [1, 50]) {
      const { bench, beat } = stableGroup(members, 500);
      const before = { ...bench.calls };
      beat(0);
      expect(bench.calls).toEqual({ ...before, reply: before.reply + 1, after: before.after + 1 });
    }
  });

  test("a join is one record", () => {
    const { bench } = stableGroup(50, 500);
    const before = bench.calls.append;
    bench.send({ ...join, rebalanceTimeout: 1, member: "another" }, "50");
    expect(bench.calls.append).toBe(before + 1);
  });
});

describe("a group speaks one protocol", () => {
  const REQUESTS = {
    JoinGroup: {
      api: "JoinGroup",
      member: "x",
      version: 9,
      sessionTimeout: 1,
      rebalanceTimeout: 1,
      protocolType: "consumer",
      protocols: [],
    },
    SyncGroup: { api: "SyncGroup", member: "x", generation: 1, assignments: {} },
    Heartbeat: { api: "Heartbeat", member: "x", generation: 1 },
    LeaveGroup: { api: "LeaveGroup", members: [{ member: "x" }] },
  } as const;

  test("who speaks the classic one to a group of the consumer protocol is refused", () => {
    const bench = new ConsumerBench("4.0", { orders: 1 });
    const replies: GroupReply[] = [];
    bench.onReply = (_, reply) => replies.push(reply);
    for (const request of Object.values(REQUESTS)) bench.send(request, "x");
    expect(replies.map(({ api, error }) => [api, error])).toEqual([
      ["JoinGroup", "INCONSISTENT_GROUP_PROTOCOL"],
      ["SyncGroup", "UNKNOWN_MEMBER_ID"],
      ["Heartbeat", "UNKNOWN_MEMBER_ID"],
      ["LeaveGroup", "NONE"],
    ]);
    expect(replies.at(-1)).toMatchObject({ members: [{ member: "x", error: "UNKNOWN_MEMBER_ID" }] });
  });

  test("and who speaks the consumer protocol to a classic group", () => {
    const replies: GroupReply[] = [];
    const coordinator = new ClassicGroupCoordinator(
      "g",
      { flavour: "java", config: defaultBrokerConfig("4.0") },
      {
        now: () => 0,
        send: (output) => output.to === "client" && replies.push(output.reply),
        after: () => {},
        cancel: () => {},
        refusal: () => undefined,
        draw: () => 0,
        record: () => "",
      },
    );
    coordinator.handle({ ...join, rebalanceTimeout: 1, member: "m", id: 1, client: "m", group: "g" });
    expect(replies).toMatchObject([{ api: "ConsumerGroupHeartbeat", error: "GROUP_ID_NOT_FOUND" }]);
  });

  test("a log that says otherwise is nobody's", () => {
    const { image } = stableGroup(1, 1).bench;
    const bench = new ConsumerBench("4.0", { orders: 1 });
    bench.image = replay(emptyImage(), { type: "group", generation: 1, since: 0, members: [] });
    expect(() => bench.reloaded()).toThrow("consumer protocol");
    expect(image.group?.type).toBe("consumer-group");
  });
});

test("whoever lists an assignor that the brokers do not have is stopped at once", () => {
  const bench = new ConsumerBench("4.0", { orders: 4 });
  const listed = bench.options.config as { "group.consumer.assignors": readonly string[] };
  listed["group.consumer.assignors"] = ["sticky-ish"];
  expect(() => bench.failOver()).toThrow("sticky-ish");
});

test("an assignor that throws stops whoever needs a target, and nothing has happened", () => {
  const bench = new ConsumerBench("4.0", { orders: 3, returns: 1 });
  const errors: string[] = [];
  bench.onReply = (_, { error }) => errors.push(error);
  bench.send({ ...join, rebalanceTimeout: 1, member: "a" }, "a");
  bench.send({ ...join, rebalanceTimeout: 1, member: "b", topics: ["orders", "returns"] }, "b");
  bench.layOut("orders", 1); // no topic of Kafka's shrinks; its general `uniform` throws over claims on what is not there
  const before = bench.happened.length;
  for (const member of ["c", "c"]) bench.send({ ...join, rebalanceTimeout: 1, member }, member);
  expect(errors).toEqual(["NONE", "NONE", "UNKNOWN_SERVER_ERROR", "UNKNOWN_SERVER_ERROR"]);
  expect(bench.happened.slice(before)).toEqual([]);
  expect([bench.coordinator.generation, bench.coordinator.members.length]).toEqual([2, 2]);
});
