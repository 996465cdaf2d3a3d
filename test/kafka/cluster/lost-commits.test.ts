import { expect, test } from "vitest";
import { LostCommits } from "../../../sim/kafka/cluster/lost-commits.ts";
import type { CommittedOffsets } from "../../../sim/kafka/protocols/coordination/committed-offsets.ts";

/** Of one topic, partition by partition. */
const committed = (...offsets: readonly number[]): CommittedOffsets =>
  new Map([["orders", new Map(offsets.map((offset, partition) => [partition, { offset, at: 0 }]))]]);

test("a commit is lost where less is left, or nothing, and asked for once by whoever begins before it", () => {
  const commits = new LostCommits();
  commits.lose("g", committed(500, 500, 500), committed(500, 300));
  expect(commits.take("g", "orders", 0, 500)).toBeUndefined();
  expect(commits.take("g", "orders", 1, 300)).toBe(500);
  expect(commits.take("g", "orders", 1, 300)).toBeUndefined();
  expect(commits.take("g", "orders", 2, 0)).toBe(500);
  expect(commits.take("other", "orders", 2, 0)).toBeUndefined();
});

test("who begins where the lost commit would have led, or later, had it from elsewhere: it is still lost for the next", () => {
  const commits = new LostCommits();
  commits.lose("g", committed(500), undefined);
  expect(commits.take("g", "orders", 0, 500)).toBeUndefined();
  expect(commits.take("g", "orders", 0, 499)).toBe(500);
});

test("a commit as far as the lost one makes up for it, an earlier one does not", () => {
  const commits = new LostCommits();
  commits.lose("g", committed(500, 500), committed(100, 100));
  commits.committed("g", { orders: { 0: 499, 1: 500 }, returns: { 0: 900 } });
  expect(commits.take("g", "orders", 0, 499)).toBe(500);
  // It may expire later, and reading begin anew: no leader is to blame for that.
  expect(commits.take("g", "orders", 1, 0)).toBeUndefined();
});

test("of two losses the further one counts", () => {
  const commits = new LostCommits();
  commits.lose("g", committed(500, 200), committed(100, 100));
  commits.lose("g", committed(300, 900), committed(50, 100));
  expect(commits.take("g", "orders", 0, 50)).toBe(500);
  expect(commits.take("g", "orders", 1, 100)).toBe(900);
});
