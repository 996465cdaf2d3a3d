import { expect, test } from "vitest";
import { FINGERPRINT, fingerprint } from "./portable.ts";

test("streams, functions and durations have the same bits in Node as everywhere", () => {
  expect(fingerprint()).toBe(FINGERPRINT);
});
