import { test } from "vitest";
import { expectBooksToBalance } from "./books.ts";

test("V19: under any storm and any policy of commits each record is read once, waits, or is lost for a reason", () => {
  expectBooksToBalance(60);
});

test("V19: so it is under any storm where one group speaks the consumer protocol", () => {
  expectBooksToBalance(60, { protocols: "both" });
});
