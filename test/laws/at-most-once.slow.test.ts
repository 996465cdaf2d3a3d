import { test } from "vitest";
import { expectNothingTwice, PROTOCOLS } from "./at-most-once.ts";

// The first of them are those of `at-most-once.test.ts`.

test.for(PROTOCOLS)("who commits before processing reads nothing twice in any of 60 storms: %s", (protocol) =>
  expectNothingTwice(protocol, "fluid", 60, 8),
);

test.for(PROTOCOLS)("… nor in any of 20, record by record, each counted by its offset: %s", (protocol) =>
  expectNothingTwice(protocol, "records", 20, 4),
);
