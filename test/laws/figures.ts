import { expect } from "vitest";
import type { Summary } from "../../sim/metrics/summary.ts";
import { summaryJson } from "../../sim/report/summary-json.ts";

/** What somebody reads in the JSON of a run who adds it up. */
interface Figures {
  readonly group: string;
  readonly produced: number;
  readonly consumed: number;
  readonly lag: { readonly initial: number; readonly final: number };
  readonly delivery: Readonly<
    Record<"duplicates" | "aside" | "unprocessed" | "lost" | "settled", number> &
      Record<"duplicatesBy" | "lostBy", Record<string, number>>
  > & { readonly exactlyOnce: number | null };
}

/**
 * All that came to be read was read once, or is lost, or waits; and each sum is that of its parts. A record that is written
 * to the sixth decimal, and a rate that is, leave a billionth of what went through, and the little that positions are off.
 */
export function expectFiguresToAddUp(summary: Summary, where: string): void {
  const { groups } = JSON.parse(summaryJson(summary)) as { groups: readonly Figures[] };
  for (const { group, produced, consumed, lag, delivery } of groups) {
    const { duplicates, aside, unprocessed, lost, settled, duplicatesBy, lostBy, exactlyOnce } = delivery;
    const near = 1e-3 + 1e-9 * (produced + consumed);
    const once = consumed - duplicates;
    const sum = (by: Readonly<Record<string, number>>) => Object.values(by).reduce((all, records) => all + records, 0);
    const balance = lag.initial + produced - (once + lost + settled + lag.final);
    expect(Math.abs(balance), `${group} lacks ${balance} records: ${where}`).toBeLessThan(near);
    expect(Math.abs(duplicates - sum(duplicatesBy)), `duplicates of ${group}: ${where}`).toBeLessThan(near);
    expect(Math.abs(lost - sum(lostBy)), `losses of ${group}: ${where}`).toBeLessThan(near);
    expect(Math.min(consumed, unprocessed, aside, lag.initial, lag.final), where).toBeGreaterThan(-near);
    expect(aside + unprocessed, `of the duplicates of ${group}: ${where}`).toBeLessThan(duplicates + near);
    if (exactlyOnce !== null) expect(Math.abs(exactlyOnce - 0.5), where).toBeLessThanOrEqual(0.5);
    else expect(once + lost, `nothing processed or lost in ${group}: ${where}`).toBeLessThan(near);
  }
}
