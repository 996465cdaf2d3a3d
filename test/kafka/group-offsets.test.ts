import { expect, test } from "vitest";
import type { OffsetCommit } from "../../sim/kafka/messages.ts";
import { GroupOffsets } from "../../sim/kafka/protocols/coordination/group-offsets.ts";
import type { OffsetsRecord } from "../../sim/kafka/protocols/coordination/committed-offsets.ts";
import type { CoordinatorOutput } from "../../sim/kafka/protocols/group-coordinator.ts";

/*
 * In Kafka the log of a group's partition of __consumer_offsets commits its records in order: a commit that was taken before a
 * partition became another member's is read by whoever asks for that partition's offset (spec/offsets-and-lag.md, 4 and 5). Regular
 * commits are written beside all else here, so who asks waits for those on which it hangs that no record is processed twice.
 */
function offsets() {
  const told: CoordinatorOutput[] = [];
  const of = new GroupOffsets({ now: () => 0, send: (output) => told.push(output) }, { append: () => {} });
  return { of, told };
}

const request = (id: number, more: Partial<OffsetCommit>): OffsetCommit => ({
  api: "OffsetCommit",
  id,
  client: "c",
  group: "g",
  member: "m",
  generation: 1,
  offsets: { orders: { 0: 100 * id } },
  regular: true,
  ...more,
});

const record = ({ offsets }: OffsetCommit): OffsetsRecord => ({ type: "offsets", at: 0, offsets });

/** Asks for the offset of orders-0; what it gets, when it does. */
function ask({ of }: ReturnType<typeof offsets>): (number | string)[] {
  const got: (number | string)[] = [];
  of.whenAheadIsWritten({ orders: [0] }, (error) =>
    got.push(error === "NONE" ? (of.of({ orders: [0] }).orders?.[0] ?? "nothing") : error),
  );
  return got;
}

test("who asks for an offset gets that of a commit before processing which was being written", () => {
  const group = offsets();
  const [first, second, third] = [1, 2, 3].map((id) => request(id, { ahead: true }));
  group.of.commit(first);
  group.of.commit(second);
  const got = ask(group);
  group.of.commit(third); // after it was asked
  group.of.regularCommitted(first, record(first));
  expect(got).toEqual([]);
  group.of.regularCommitted(second, record(second));
  expect(got).toEqual([200]);
});

test("… or that before, if its log does not take it", () => {
  const group = offsets();
  const commit = request(1, { ahead: true });
  group.of.commit(commit);
  const got = ask(group);
  group.of.regularFailed(commit, "REQUEST_TIMED_OUT");
  expect(got).toEqual(["nothing"]);
});

test("… or is sent elsewhere with it", () => {
  const group = offsets();
  group.of.commit(request(1, { ahead: true }));
  group.of.commit(request(2, { ahead: true }));
  const got = ask(group);
  group.of.abandon();
  expect(got).toEqual(["NOT_COORDINATOR"]);
});

test("it waits for no other commit", () => {
  const group = offsets();
  group.of.commit(request(1, {}));
  group.of.commit(request(2, { ahead: true, stored: true }));
  group.of.commit(request(3, { ahead: true, offsets: { orders: { 1: 100 }, returns: { 0: 100 } } }));
  expect(ask(group)).toEqual(["nothing"]);
});
