import type { Contrast } from "../../sim/experiment/compare.ts";
import { RESULTS_HEAD } from "../../sim/experiment/results-head.ts";
import type { Measure } from "../../sim/experiment/measures.ts";
import type { Plan } from "../../sim/experiment/plan/plan.ts";
import type { ReplicationsDocument } from "../../sim/experiment/replications.ts";
import type { SweepResults } from "../../sim/experiment/sweep/results.ts";
import type { Source } from "../load/open.ts";
import type { RunOrder } from "../load/simulated.ts";

/** What `regroup plan --json` prints. */
export interface PlanDocument extends Plan {
  readonly regroup: "plan";
  readonly version: string;
  readonly sentence: string;
  readonly scenario: RunOrder["scenario"] & { readonly set: readonly string[] };
}

/** What `regroup compare --json` prints. */
export interface ComparisonDocument {
  readonly regroup: "comparison";
  readonly version: string;
  readonly name: string;
  readonly scenario: RunOrder["scenario"] & { readonly set: readonly string[] };
  readonly seed: string;
  readonly replications: number;
  readonly confidence: number;
  /** How many intervals hold at once. */
  readonly among: number;
  readonly variants: readonly ComparedVariant[];
}

export interface ComparedVariant {
  readonly name: string;
  readonly set: readonly string[];
  /** In a sentence. */
  readonly verdict: string;
  readonly measures: readonly ComparedMeasure[];
}

/** A contrast with its name, and the values of the first replications of both. */
export interface ComparedMeasure extends Omit<Contrast, "measure">, Measure {
  readonly name: string;
  readonly values: { readonly base: readonly (number | null)[]; readonly variant: readonly (number | null)[] };
}

export type ResultsDocument = SweepResults | PlanDocument | ComparisonDocument | ReplicationsDocument;

/**
 * The results in a source; nothing if it is something else, a trace for instance, of which no more is read than it takes
 * to see that.
 *
 * @throws {SyntaxError} through its promise, for results that were cut off.
 */
export async function resultsIn({ from }: Source): Promise<ResultsDocument | undefined> {
  const blob = typeof from === "string" ? await fetched(from) : from;
  if (!(blob instanceof Blob)) return undefined;
  if (!RESULTS_HEAD.test(await blob.slice(0, 200).text())) return undefined;
  return JSON.parse(await blob.text()) as ResultsDocument;
}

/** What is at an address, unless its beginning shows that it is no text of ours. */
async function fetched(address: string): Promise<Blob | undefined> {
  const response = await fetch(address);
  if (!response.ok || !response.body) return undefined;
  const reader = response.body.getReader();
  const { value: first } = await reader.read();
  if (!first || !RESULTS_HEAD.test(new TextDecoder().decode(first.slice(0, 200)))) {
    await reader.cancel();
    return undefined;
  }
  const pieces = [first];
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) pieces.push(piece.value);
  return new Blob(pieces as BlobPart[]);
}
