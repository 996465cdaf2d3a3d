import { test } from "vitest";
import { expectPeace, expectSameTrace } from "./storms.ts";

// The first of the storms that `storms.slow.test.ts` goes on with.

test("after any storm the laws have held, and a group that is left in peace settles", () => expectPeace(15));

test("V28: in any storm heartbeats worked out and heartbeats simulated give the same trace", () => expectSameTrace(10));

test("after any storm over a group of the consumer protocol the laws have held, and it settles", () =>
  expectPeace(15, { protocol: "consumer" }));

test("V28: in any storm over such a group both give the same trace", () =>
  expectSameTrace(5, { protocol: "consumer" }));
