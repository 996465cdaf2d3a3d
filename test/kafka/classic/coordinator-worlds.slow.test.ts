import { expect, test } from "vitest";
import { failuresOf } from "./coordinator-worlds.ts";

test.for(["java", "scala"] as const)(
  "every script of six steps keeps the laws and ends well, %s coordinator",
  (flavour) => {
    expect(failuresOf(flavour, 6).slice(0, 3)).toEqual([]);
  },
);
