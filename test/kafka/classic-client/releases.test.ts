import { expect, test } from "vitest";
import { SECOND } from "../../../sim/engine/time.ts";
import { offsetExpiryOf } from "../../../sim/kafka/protocols/classic/coordinator.ts";
import type { Client } from "../../../sim/kafka/protocols/client/client.ts";
import { commitTimeout } from "../../../sim/kafka/protocols/client/waiting-commit.ts";
import { replay } from "../../timelines/replay.ts";
import { STAGES } from "../../timelines/stages.ts";

/* In which release something began: the last one without it, and the first one with it. */

// KAFKA-14639, `ConsumerPartitionAssignor.Subscription.generationId`
test.for([
  ["3.3", false],
  ["3.4", true],
] as const)(
  "a subscription says since which generation its partitions are owned from 3.4 on: %s",
  ([release, says]) => {
    const { text } = replay(
      `client a
version ${release}
given a member a-1 in generation 7 with orders-0
----

always answer Heartbeat REBALANCE_IN_PROGRESS
polls
run until 3010ms
----
`,
      STAGES,
    );
    const [join] = text.split("\n").filter((line) => line.includes("→ JoinGroup"));
    expect(join.includes("generation 7")).toBe(says);
  },
);

// KIP-496
test("a living group's offsets of topics that nobody subscribes to expire from 2.4 on", () => {
  expect(["2.1", "2.3", "2.4", "3.0"].map(offsetExpiryOf)).toEqual([
    "abandoned",
    "abandoned",
    "unsubscribed",
    "unsubscribed",
  ]);
});

// KIP-266
test("commitSync() gives up from 2.0 on", () => {
  const of = (version: string) =>
    commitTimeout({
      options: { traits: { version }, config: { "default.api.timeout.ms": 60_000 } },
    } as unknown as Client);
  expect(["1.1", "2.0", "4.0"].map(of)).toEqual([undefined, 60 * SECOND, 60 * SECOND]);
});
