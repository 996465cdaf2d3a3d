import { test } from "vitest";
import { expectBooksToBalance } from "./books.ts";

test("V19: in the first storms each record is read once, waits, or is lost for a reason, and the trace says which", () => {
  expectBooksToBalance(6);
});

test("V19: so it is where one group speaks the consumer protocol", () => {
  expectBooksToBalance(4, { storms: "both" });
});

test("V19: so it is where copies that fell behind are made leaders, and what they lack is gone", () => {
  expectBooksToBalance(4, { storms: "unclean" });
});
