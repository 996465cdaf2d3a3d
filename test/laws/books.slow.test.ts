import { test } from "vitest";
import { expectBooksToBalance } from "./books.ts";

test("V19: under any storm and any policy of commits each record is read once, waits, or is lost for a reason", () => {
  expectBooksToBalance(60);
});
