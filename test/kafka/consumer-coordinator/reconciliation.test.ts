import { describe, expect, test } from "vitest";
import type { Holdings } from "../../../sim/kafka/protocols/consumer/coordinator/holdings.ts";
import { granted, partitionsOf } from "../../../sim/kafka/protocols/consumer/coordinator/holdings.ts";
import type { ConsumerGroupMember, MemberState } from "../../../sim/kafka/protocols/consumer/coordinator/member.ts";
import { newMember } from "../../../sim/kafka/protocols/consumer/coordinator/member.ts";
import { reconcile } from "../../../sim/kafka/protocols/consumer/coordinator/reconciliation.ts";
import { consumerTraitsOf } from "../../../sim/kafka/protocols/consumer/coordinator/traits.ts";
import type { Partitions } from "../../../sim/names.ts";

/** Partitions of topics a and b: `a1 a2 b4`. */
const parse = (names: string): [string, number][] =>
  names
    .split(" ")
    .filter((name) => name !== "")
    .map((name) => [name[0], Number(name.slice(1))]);

const holdings = (names: string): Holdings => granted(parse(names), 10);
const partitions = (names: string): Partitions => partitionsOf(holdings(names));

interface Standing {
  readonly state: MemberState;
  readonly epoch: number;
  readonly previous: number;
  readonly assigned: string;
  readonly pending?: string;
}

const memberOf = ({ state, epoch, previous, assigned, pending = "" }: Standing): ConsumerGroupMember => ({
  ...newMember("member", { client: "c" } as Parameters<typeof newMember>[1]),
  topics: ["a", "b"],
  state,
  epoch,
  previousEpoch: previous,
  assigned: holdings(assigned),
  pending: holdings(pending),
});

const standingOf = ({ state, epoch, previousEpoch, assigned, pending }: ConsumerGroupMember): object => ({
  state,
  epoch,
  previous: previousEpoch,
  assigned: partitionsOf(assigned),
  pending: partitionsOf(pending),
});

interface Case {
  /** The test of Kafka's `CurrentAssignmentBuilderTest` that says so. */
  readonly kafka: string;
  readonly before: Standing;
  readonly target: readonly [epoch: number, partitions: string];
  /** Whose epoch is on partitions: nobody's (-1), or somebody's. Default: nobody's. */
  readonly taken?: boolean;
  readonly owned?: string;
  /** Absent: nothing changes. */
  readonly after?: Standing;
}

const stable = (epoch: number, previous: number, assigned: string): Standing => ({
  state: "STABLE",
  epoch,
  previous,
  assigned,
});
const unreleased = (epoch: number, previous: number, assigned: string): Standing => ({
  ...stable(epoch, previous, assigned),
  state: "UNRELEASED_PARTITIONS",
});
const unrevoked = (epoch: number, previous: number, assigned: string, pending: string): Standing => ({
  ...stable(epoch, previous, assigned),
  state: "UNREVOKED_PARTITIONS",
  pending,
});

const SIX = "a1 a2 a3 b4 b5 b6";
const FOUR = "a2 a3 b5 b6";
const REVOKING = unrevoked(10, 10, FOUR, "a1 b4");

// prettier-ignore
const CASES: readonly Case[] = [
  { kafka: "testStableToStable", before: stable(10, 10, SIX), target: [11, SIX], taken: true, after: stable(11, 10, SIX) },
  { kafka: "testStableToStableWithNewPartitions", before: stable(10, 10, SIX), target: [11, `${SIX} a4 b7`], after: stable(11, 10, `${SIX} a4 b7`) },
  { kafka: "testStableToUnrevokedPartitions", before: stable(10, 10, SIX), target: [11, "a2 a3 a4 b5 b6 b7"], after: unrevoked(10, 10, FOUR, "a1 b4") },
  { kafka: "testStableToUnreleasedPartitions", before: stable(10, 10, SIX), target: [11, `${SIX} a4 b7`], taken: true, after: unreleased(11, 10, SIX) },
  { kafka: "testStableToUnreleasedPartitionsWithOwnedPartitionsNotHavingRevokedPartitions", before: stable(10, 10, SIX), target: [11, "a1 a2 a3 b4 b5 b7"], taken: true, owned: "", after: unreleased(11, 10, "a1 a2 a3 b4 b5") },
  { kafka: "testUnrevokedPartitionsToStable", before: REVOKING, target: [11, FOUR], owned: FOUR, after: stable(11, 10, FOUR) },
  { kafka: "testRemainsInUnrevokedPartitions", before: REVOKING, target: [12, "a3 b6"] },
  { kafka: "testRemainsInUnrevokedPartitions", before: REVOKING, target: [12, "a3 b6"], owned: "a1 a2 a3 b5 b6" },
  { kafka: "testRemainsInUnrevokedPartitions", before: REVOKING, target: [12, "a3 b6"], owned: "a2 a3 b4 b5 b6" },
  { kafka: "testUnrevokedPartitionsToUnreleasedPartitions", before: unrevoked(11, 10, FOUR, ""), target: [11, `${FOUR} a4 b7`], taken: true, owned: FOUR, after: unreleased(11, 11, FOUR) },
  { kafka: "testUnreleasedPartitionsToStable", before: unreleased(11, 11, FOUR), target: [12, FOUR], taken: true, after: stable(12, 11, FOUR) },
  { kafka: "testUnreleasedPartitionsToStableWithNewPartitions", before: unreleased(11, 11, FOUR), target: [11, `${FOUR} a4 b7`], after: stable(11, 11, `${FOUR} a4 b7`) },
  { kafka: "testUnreleasedPartitionsToUnreleasedPartitions", before: unreleased(11, 11, FOUR), target: [11, `${FOUR} a4 b7`], taken: true },
  { kafka: "testUnreleasedPartitionsToUnrevokedPartitions", before: unreleased(11, 11, FOUR), target: [12, "a3 b6"], taken: true, after: unrevoked(11, 11, "a3 b6", "a2 b5") },
];

function next(
  { before, target: [epoch, target], taken, owned }: Case,
  release: string,
): [ConsumerGroupMember, ConsumerGroupMember] {
  const member = memberOf(before);
  const goal = {
    epoch,
    target: partitions(target),
    ...(owned !== undefined && { owned: partitions(owned) }),
    subscriptionChanged: false,
    ownerOf: () => (taken ? "another" : undefined),
  };
  return [member, reconcile(member, goal, consumerTraitsOf(release))];
}

describe.each(["3.9", "4.0", "4.1", "4.2", "4.3", "4.4"])(
  "in %s a member is reconciled as Kafka's tests say",
  (release) => {
    test.each(CASES)("$kafka, owning $owned", (one) => {
      const [before, after] = next(one, release);
      if (!one.after) return expect(after).toBe(before);
      expect(standingOf(after)).toEqual(standingOf(memberOf(one.after)));
    });
  },
);

test.each([
  ["3.9", 11],
  ["4.1", 11],
  ["4.2", 10],
])(
  "in %s who has given up, and has to give up more, is in epoch %i (testUnrevokedPartitionsToUnrevokedPartitions)",
  (release, epoch) => {
    const [, after] = next({ kafka: "", before: REVOKING, target: [12, "a3 b6"], owned: FOUR }, release);
    expect(standingOf(after)).toEqual(standingOf(memberOf(unrevoked(epoch, 10, "a3 b6", "a2 b5"))));
  },
);

test("remembers of each partition the epoch in which it was granted", () => {
  const [, after] = next({ kafka: "", before: stable(10, 10, SIX), target: [11, `${SIX} b7`] }, "4.3");
  expect(after.assigned.get("b")).toEqual(
    new Map([
      [4, 10],
      [5, 10],
      [6, 10],
      [7, 11],
    ]),
  );
});
