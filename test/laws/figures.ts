import { expect } from "vitest";
import type { Summary } from "../../sim/metrics/summary.ts";
import { summaryJson } from "../../sim/report/summary-json.ts";

/** What somebody reads in the JSON of a run who adds it up. */
interface Figures {
  readonly group: string;
  readonly clients: readonly { readonly "records-consumed-total": number }[];
  readonly produced: number;
  readonly consumed: number;
  readonly lag: { readonly initial: number; readonly final: number };
  readonly delivery: Readonly<
    Record<"duplicates" | "aside" | "unprocessed" | "lost" | "settled", number> &
      Record<"duplicatesBy" | "lostBy", Record<string, number>>
  > & { readonly exactlyOnce: number | null };
}

/**
 * All that came to be read was read once, or is lost, or waits; and each sum is that of its parts. Records are written to the
 * sixth decimal at each move of a position.
 */
export function expectFiguresToAddUp(summary: Summary, flow: "fluid" | "records", where: string): void {
  const { groups } = JSON.parse(summaryJson(summary)) as { groups: readonly Figures[] };
  const near = 1e-3;
  for (const { group, clients, produced, consumed, lag, delivery } of groups) {
    const { duplicates, aside, unprocessed, lost, settled, duplicatesBy, lostBy, exactlyOnce } = delivery;
    const once = consumed - duplicates;
    const sum = (by: Readonly<Record<string, number>>) => Object.values(by).reduce((all, records) => all + records, 0);
    const balance = lag.initial + produced - (once + lost + settled + lag.final);
    expect(Math.abs(balance), `${group} lacks ${balance} records: ${where}`).toBeLessThan(near);
    expect(Math.abs(duplicates - sum(duplicatesBy)), `duplicates of ${group}: ${where}`).toBeLessThan(near);
    expect(Math.abs(lost - sum(lostBy)), `losses of ${group}: ${where}`).toBeLessThan(near);
    expect(Math.min(consumed, unprocessed, aside, lag.initial, lag.final), where).toBeGreaterThan(-near);
    expect(aside + unprocessed, `of the duplicates of ${group}: ${where}`).toBeLessThan(duplicates + near);
    // Single records are handed out in batches, which somebody may be in the midst of as the measured time begins or ends.
    const handedOut = clients.reduce((all, one) => all + one["records-consumed-total"], 0);
    if (flow === "fluid")
      expect(Math.abs(handedOut - consumed), `what clients of ${group} were handed: ${where}`).toBeLessThan(near);
    else if (summary.from === 0) expect(handedOut, `the same: ${where}`).toBeGreaterThan(consumed - near);
    if (exactlyOnce !== null) expect(Math.abs(exactlyOnce - 0.5), where).toBeLessThanOrEqual(0.5);
    else expect(once + lost, `nothing processed or lost in ${group}: ${where}`).toBeLessThan(near);
  }
}
