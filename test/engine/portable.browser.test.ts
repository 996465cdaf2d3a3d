import { expect, test } from "vitest";
import { FINGERPRINT, fingerprint } from "./portable.ts";

test("streams, functions and durations have the same bits in a browser as everywhere", () => {
  expect(fingerprint()).toBe(FINGERPRINT);
});
