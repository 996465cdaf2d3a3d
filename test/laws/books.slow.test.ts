import { test } from "vitest";
import { expectBooksToBalance } from "./books.ts";

// The first of them are those of `books.test.ts`.

test("V19: under any storm and any policy of commits each record is read once, waits, or is lost for a reason", () => {
  expectBooksToBalance(60, { after: 6 });
});

test("V19: so it is under any storm where one group speaks the consumer protocol", () => {
  expectBooksToBalance(60, { storms: "both", after: 4 });
});

test("V19: so it is under any storm where copies that fell behind are made leaders, and what they lack is gone", () => {
  expectBooksToBalance(60, { storms: "unclean", after: 4 });
});
