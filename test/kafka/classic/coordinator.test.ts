import { describe, expect, test } from "vitest";
import type { JoinGroupReply, Protocol, Subscription } from "../../../sim/kafka/messages.ts";
import { ClassicGroupCoordinator } from "../../../sim/kafka/protocols/classic/coordinator.ts";
import { AssignorVote } from "../../../sim/kafka/protocols/classic/coordinator/assignor-vote.ts";
import { emptyImage, replay } from "../../../sim/kafka/protocols/group-log.ts";
import { sameProtocols } from "../../../sim/kafka/protocols/classic/coordinator/same-protocols.ts";
import { CoordinatorBench, joinGroup } from "./coordinator-bench.ts";

const SUBSCRIPTION: Subscription = { topics: ["orders"], owned: {}, generation: -1 };
const ballot = (...names: string[]): Protocol[] => names.map((name) => ({ name, metadata: SUBSCRIPTION }));

const voteOf = (ballots: Protocol[][]): string => {
  const vote = new AssignorVote();
  for (const protocols of ballots) vote.add(protocols);
  return vote.winner(ballots);
};

describe("the vote on the assignor", () => {
  // Kafka: ClassicGroupTest.testSelectProtocol
  test("takes the one that most members put first", () => {
    expect(voteOf([ballot("range", "roundrobin"), ballot("roundrobin", "range"), ballot("roundrobin", "range")])).toBe(
      "roundrobin",
    );
  });

  // Kafka: ClassicGroupTest.testSelectProtocolChoosesCompatibleProtocol
  test("counts for nobody what one of them does not support", () => {
    const choosy = [ballot("range", "roundrobin"), ballot("range", "roundrobin"), ballot("roundrobin", "blah")];
    expect(voteOf(choosy)).toBe("roundrobin");
  });

  test("prefers sticky, range, roundrobin, cooperative-sticky on a tie, whoever came first, and others by name", () => {
    expect(voteOf([ballot("range", "sticky"), ballot("sticky", "range")])).toBe("sticky");
    expect(voteOf([ballot("cooperative-sticky", "roundrobin"), ballot("roundrobin", "cooperative-sticky")])).toBe(
      "roundrobin",
    );
    expect(voteOf([ballot("zebra", "ant"), ballot("ant", "zebra")])).toBe("ant");
    expect(voteOf([ballot("ant", "cooperative-sticky"), ballot("cooperative-sticky", "ant")])).toBe(
      "cooperative-sticky",
    );
  });

  // Kafka: ClassicGroupTest.testSupportsProtocols
  test("accepts who shares an assignor with all the others, and forgets who has left", () => {
    const vote = new AssignorVote();
    expect(vote.accepts(ballot("anything"))).toBe(true);
    vote.add(ballot("range", "roundrobin"));
    expect(vote.accepts(ballot("roundrobin", "foo"))).toBe(true);
    expect(vote.accepts(ballot("bar", "foo"))).toBe(false);
    vote.add(ballot("roundrobin", "foo"));
    expect(vote.accepts(ballot("range", "foo"))).toBe(false);
    vote.remove(ballot("range", "roundrobin"));
    expect(vote.accepts(ballot("foo"))).toBe(true);
  });
});

const saying = (said: Partial<Subscription>): Protocol[] => [{ name: "range", metadata: { ...SUBSCRIPTION, ...said } }];

describe("two JoinGroups say the same", () => {
  test("if every field is equal, whoever built them", () => {
    expect(sameProtocols(saying({ owned: { orders: [1, 2] } }), saying({ owned: { orders: [1, 2] } }))).toBe(true);
  });

  test.for<[string, Partial<Subscription>]>([
    ["topics", { topics: ["orders", "returns"] }],
    ["topics of the same number", { topics: ["returns"] }],
    ["owned topics", { owned: { orders: [0] } }],
    ["generation", { generation: 3 }],
    ["rack", { rack: "a" }],
    ["user data", { userData: "x" }],
  ])("unless the %s differ", ([, said]) => {
    expect(sameProtocols(saying({}), saying(said))).toBe(false);
  });

  test("unless owned partitions differ", () => {
    expect(sameProtocols(saying({ owned: { orders: [1] } }), saying({ owned: { orders: [2] } }))).toBe(false);
    expect(sameProtocols(saying({ owned: { orders: [1] } }), saying({ owned: { returns: [1] } }))).toBe(false);
  });

  // Kafka: ClassicGroupMemberTest.testMatchesSupportedProtocols
  test("unless assignors differ, or their order", () => {
    expect(sameProtocols(ballot("range", "sticky"), ballot("sticky", "range"))).toBe(false);
    expect(sameProtocols(ballot("range"), ballot("range", "sticky"))).toBe(false);
  });
});

describe("the log", () => {
  test("keeps the last group record, and of each partition the last offset", () => {
    const image = emptyImage();
    replay(image, { type: "offsets", at: 1, offsets: { orders: { 0: 5, 1: 6 } } });
    replay(image, { type: "group", generation: 3, since: 2, members: [] });
    replay(image, { type: "offsets", at: 3, offsets: { orders: { 0: 7 } } });
    replay(image, { type: "group", generation: 4, since: 4, members: [] });
    expect(image.group).toMatchObject({ type: "group", generation: 4 });
    expect(image.offsets).toEqual(
      new Map([
        [
          "orders",
          new Map([
            [0, { offset: 7, at: 3 }],
            [1, { offset: 6, at: 1 }],
          ]),
        ],
      ]),
    );
    replay(image, { type: "offsets-expired", partitions: { orders: [0, 1] } });
    replay(image, { type: "tombstone" });
    expect(image).toEqual({ group: undefined, offsets: new Map() });
  });
});

describe("a coordinator", () => {
  test("wants a name for a group of members, but none for offsets", () => {
    const errors: string[] = [];
    const bench = new CoordinatorBench("java");
    const coordinator = new ClassicGroupCoordinator("", bench.options, {
      now: () => 0,
      send: (output) => void (output.to === "client" && errors.push(output.reply.error)),
      after: () => {},
      cancel: () => {},
      refusal: () => undefined,
      draw: () => 0,
      record: () => "",
    });
    const envelope = { id: 1, client: "a", group: "", member: "" };
    coordinator.handle({ ...joinGroup({}), ...envelope });
    coordinator.handle({ api: "SyncGroup", generation: 0, assignments: {}, ...envelope });
    coordinator.handle({ api: "Heartbeat", generation: 0, ...envelope });
    coordinator.handle({ api: "LeaveGroup", members: [], ...envelope });
    coordinator.handle({ api: "OffsetFetch", partitions: {}, ...envelope });
    expect(errors).toEqual([...Array<string>(4).fill("INVALID_GROUP_ID"), "NONE"]);
  });

  test("gives nobody an id that somebody has, even if it counts anew after a failover", () => {
    const bench = new CoordinatorBench("java", { "group.initial.rebalance.delay.ms": 0 });
    bench.send(joinGroup({ instance: "i" }), "a");
    bench.clock.runTo(0, true);
    bench.send({ api: "SyncGroup", member: "i-1", generation: 1, assignments: {} }, "a");
    const image = bench.image;
    const other = new CoordinatorBench("java");
    other.image = image;
    other.failOver();
    const reply = other.ask(joinGroup({ instance: "i" }), "a") as JoinGroupReply;
    expect([reply.error, reply.member]).toEqual(["NONE", "i-2"]);
  });

  test("answers each member of a barrier once and begins each session once, however large the group", () => {
    const bench = new CoordinatorBench("java");
    const size = 1_000;
    const clients = Array.from({ length: size }, (_, index) => `c${index}`);
    for (const client of clients) {
      bench.send(joinGroup({ instance: client }), client);
    }
    Object.assign(bench.calls, { reply: 0, append: 0, after: 0, cancel: 0 });
    bench.clock.runTo(6_000_000, true);
    expect(bench.coordinator.state).toBe("CompletingRebalance");
    // Beside the members: the second window of the initial delay, and the sync timer.
    expect(bench.calls).toMatchObject({ reply: size, append: 0, after: size + 2, cancel: 1 });
  });
});
