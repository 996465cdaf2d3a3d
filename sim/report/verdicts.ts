import type { Hope, Verdict } from "../metrics/expectations.ts";
import { aligned, type Cell } from "./columns.ts";
import { amount, length } from "./humane.ts";
import { paint } from "./paint.ts";

const IN_MICROSECONDS: ReadonlySet<string> = new Set([
  "timeLag",
  "rebalanceDuration",
  "coordinatorOutage",
  "memberOutage",
]);

/** What became of a scenario's expectations, one a line. */
export function verdictLines(verdicts: readonly Verdict[], { colour = false } = {}): string {
  const tones = paint(colour);
  const marks = { met: ["✓", tones.good], unmet: ["✗", tones.bad], unknown: ["?", tones.warn] } as const;
  const rows = verdicts.map((verdict): Cell[] => {
    const [mark, tone] = marks[verdict.outcome];
    return [{ text: mark, paint: tone }, { text: verdict.expectation.text }, { text: found(verdict) }];
  });
  return aligned(rows, [{ align: "left" }, { align: "left" }, { align: "left" }]).join("\n");
}

function found({ value, reason, expectation, group }: Verdict): string {
  if (value === null) return `unknown: ${reason}`;
  const { quantity } = expectation as Hope;
  const text = IN_MICROSECONDS.has(quantity) ? length(value) : amount(value);
  return group === null ? text : `${text} in ${group}`;
}
