import { expect, test } from "vitest";
import { OutOfRange } from "../../sim/simulation/out-of-range.ts";

test("a reader that has not noticed is where it was, though its log is cut back once more", () => {
  const at = { index: 0, place: 0, partition: 0 };
  const fate: string[] = [];
  const log = { position: 10_000, end: 0, fetches: false };
  const positions = new OutOfRange(
    { reset: "earliest", validates: false, byThemselves: false },
    {
      position: () => log.position,
      start: () => 0,
      end: () => log.end,
      resetTo: () => 0,
      readerOf: () => 1,
      fetches: () => log.fetches,
      skip: (_, to) => void fate.push(`goes on at ${to}`),
      refuse: () => void fate.push("is refused"),
    },
  );
  for (const end of [6000, 3000]) {
    positions.cutBack(at, log.position, end, 0);
    log.position = end;
    log.end = end + 5000;
  }
  positions.notice();
  log.fetches = true;
  positions.notice();
  expect(fate).toEqual(["is refused"]); // it is at 10,000, and the log ends at 8,000
});
