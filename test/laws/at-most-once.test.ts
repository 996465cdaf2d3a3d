import { test } from "vitest";
import { expectNothingTwice, PROTOCOLS } from "./at-most-once.ts";

test.for(PROTOCOLS)("who commits before processing reads nothing twice in any of 8 storms: %s", (protocol) =>
  expectNothingTwice(protocol, "fluid", 8),
);

test.for(PROTOCOLS)("… nor record by record, each counted by its offset: %s", (protocol) =>
  expectNothingTwice(protocol, "records", 4),
);
