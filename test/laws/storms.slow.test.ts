import { test } from "vitest";
import { expectPeace, expectSameTrace } from "./storms.ts";

// The first of them are those of `storms.test.ts`.

test("after any of 60 storms the laws have held, and a group that is left in peace settles", () =>
  expectPeace(60, { after: 15 }));

test("V28: in any of 30 storms heartbeats worked out and heartbeats simulated give the same trace", () =>
  expectSameTrace(30, { after: 10 }));

test("after any of 60 storms over a group of the consumer protocol the laws have held, and it settles", () =>
  expectPeace(60, { protocol: "consumer", after: 15 }));

test("V28: in any of 15 storms over such a group both give the same trace", () =>
  expectSameTrace(15, { protocol: "consumer", after: 5 }));
