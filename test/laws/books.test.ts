import { test } from "vitest";
import { expectBooksToBalance } from "./books.ts";

test("V19: in the first storms each record is read once, waits, or is lost for a reason, and the trace says which", () => {
  expectBooksToBalance(6);
});
