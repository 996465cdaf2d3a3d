import type { Sampler } from "./sampler.ts";
import { meanBounds } from "./bounds.ts";

export interface FrontOptions {
  /** What each of the two objectives is of a candidate: its values over the runs so far, or one number that is certain. */
  readonly objectives: readonly ((candidate: number) => readonly number[] | number)[];
  readonly among: readonly number[];
  /** The probability that any of all comparisons is wrong, at most. */
  readonly risk: number;
  /** Numbers of runs at which the candidates are compared. */
  readonly looks: readonly number[];
  readonly progress: (share: number) => void;
}

export interface Front {
  /** Those not shown to be beaten. */
  readonly members: readonly number[];
  /** Every one of them is shown not to be beaten by any other. */
  readonly isShown: boolean;
  readonly beatenBy: ReadonlyMap<number, number>;
}

/** What is known of a candidate in one objective, against another. */
type Finding = "better" | "same" | "worse" | "open";

/**
 * The candidates that no other beats in both objectives (less is better): the Pareto front. One is beaten if another is
 * shown to be better in one and not worse in the other. All pairs are compared on common random numbers, by Student's
 * intervals that hold all at once (Bonferroni, over pairs, objectives and looks). Runs go to those of which it is not yet
 * known, which is the idea of L. H. Lee, E. P. Chew, S. Teng, D. Goldsman (Finding the non-dominated Pareto set for
 * multi-objective simulation models, IIE Transactions 42, 2010) with sequential tests in place of their allocation.
 */
export async function frontOf(sampler: Sampler, options: FrontOptions): Promise<Front> {
  const { objectives, among, risk, looks, progress } = options;
  const beatenBy = new Map<number, number>();
  const pairs = (among.length * (among.length - 1)) / 2;
  const each = risk / (Math.max(1, pairs) * objectives.length * looks.length) / 2;
  const compare = (a: number, b: number): readonly Finding[] =>
    objectives.map((objective) => findingOf(objective(a), objective(b), each));

  let open = [...among];
  for (const [i, look] of looks.entries()) {
    progress(i / looks.length);
    await sampler.extend(open, look);
    const members = among.filter((candidate) => !beatenBy.has(candidate));
    const undecided = new Set<number>();
    for (const a of members) {
      for (const b of members) {
        if (a === b || beatenBy.has(a)) continue;
        const findings = compare(a, b);
        const isBeaten =
          findings.every((finding) => finding === "worse" || finding === "same") && findings.includes("worse");
        if (isBeaten) beatenBy.set(a, b);
        else if (!findings.includes("better") && !findings.every((finding) => finding === "same")) {
          undecided.add(a);
          undecided.add(b);
        }
      }
    }
    open = [...undecided].filter((candidate) => !beatenBy.has(candidate)).sort((a, b) => a - b);
    if (open.length < 2) {
      open = [];
      break;
    }
  }
  return { members: among.filter((candidate) => !beatenBy.has(candidate)), isShown: open.length === 0, beatenBy };
}

function findingOf(a: readonly number[] | number, b: readonly number[] | number, risk: number): Finding {
  if (typeof a === "number" || typeof b === "number") return a === b ? "same" : a < b ? "better" : "worse";
  const count = Math.min(a.length, b.length);
  const differences = Array.from({ length: count }, (_, n) => a[n] - b[n]);
  const { low, high } = meanBounds(differences, { low: risk, high: risk });
  if (low === 0 && high === 0) return "same";
  if (high < 0) return "better";
  return low > 0 ? "worse" : "open";
}
