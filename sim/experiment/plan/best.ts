import { pow } from "../../engine/math.ts";
import { moments } from "../statistics.ts";
import type { Sampler } from "./sampler.ts";

/** Runs of every candidate before any is sent away; variances come from these. */
const FIRST_STAGE = 20;

/** From one look at those that are left to the next: looking at every single run would cost more than it saves. */
const GROWTH = 1.05;

export interface Contest {
  /** Place of the measure among those that are kept of each run. */
  readonly column: number;
  /** The candidates, the most wanted first: it wins if two are exactly alike. */
  readonly among: readonly number[];
  /** Differences below this do not matter. */
  readonly within: number;
  /** The probability that the winner is none that is within reach of the best, at most. */
  readonly risk: number;
  /** Runs that a candidate may have. */
  readonly most: number;
  readonly progress: (share: number) => void;
}

export interface Won {
  readonly winner: number;
  /** The winner is the best, or not worse than it by what matters, with the confidence asked for. */
  readonly isShown: boolean;
  /** Who sent whom away. */
  readonly beatenBy: ReadonlyMap<number, number>;
}

/**
 * Which candidate has the least mean: the fully sequential procedure of S.-H. Kim and B. L. Nelson (ACM Transactions on
 * Modeling and Computer Simulation 11, 2001), on common random numbers, with c = 1.
 *
 * Every candidate gets a first stage of runs, from which the variances S² of all differences of two come. Then whoever is
 * behind another by more than W(r) = max(0, δ/2r · (h² S²/δ² − r)) after r runs is sent away, with
 * h² = (n₀ − 1) · ((2α/(k − 1))^(−2/(n₀ − 1)) − 1), until one is left, or r exceeds every h² S²/δ². If the best is ahead of
 * the next by δ or more, it is found with probability 1 − α. W is looked at now and then only, which sends nobody away that
 * would have stayed.
 */
export async function contestOf(sampler: Sampler, contest: Contest): Promise<Won> {
  const { column, among, within, risk, most, progress } = contest;
  const k = among.length;
  const beatenBy = new Map<number, number>();
  if (k === 1) {
    await sampler.extend(among, Math.min(FIRST_STAGE, most));
    return { winner: among[0], isShown: true, beatenBy };
  }
  const first = Math.min(FIRST_STAGE, most);
  await sampler.extend(among, first);
  const h2 = (first - 1) * (pow((2 * risk) / (k - 1), -2 / (first - 1)) - 1);
  const valuesOf = (candidate: number, count: number): readonly number[] => {
    const values = sampler.columns(candidate)[column];
    return values.slice(0, count).map((value) => value!);
  };
  const firsts = new Map(among.map((candidate) => [candidate, valuesOf(candidate, first)]));
  const reach = (a: number, b: number): number => {
    const others = firsts.get(b)!;
    const { variance } = moments(firsts.get(a)!.map((value, n) => value - others[n]));
    return (h2 * variance) / (within * within);
  };

  let left = [...among];
  for (let runs = first; ;) {
    const means = new Map(left.map((candidate) => [candidate, moments(valuesOf(candidate, runs)).mean]));
    const byMean = left.toSorted((a, b) => means.get(a)! - means.get(b)! || a - b);
    const staying = left.filter((candidate) => {
      const better = byMean.find((other) => {
        const slack = Math.max(0, (within / (2 * runs)) * (reach(candidate, other) - runs));
        return means.get(candidate)! > means.get(other)! + slack;
      });
      if (better !== undefined) beatenBy.set(candidate, better);
      return better === undefined;
    });
    left = staying;
    const last = Math.max(0, ...left.flatMap((a) => left.filter((b) => b > a).map((b) => Math.floor(reach(a, b)))));
    const [winner] = byMean; // nobody is ahead of it, so it stays
    if (left.length === 1 || runs > last || runs >= most) {
      const isShown = left.length === 1 || runs > last;
      if (isShown) for (const other of left) if (other !== winner) beatenBy.set(other, winner);
      return { winner, isShown, beatenBy };
    }
    progress(1 - left.length / k + (left.length / k) * (runs / Math.min(most, last + 1)) * 0.99);
    runs = Math.min(most, last + 1, Math.ceil(runs * GROWTH));
    await sampler.extend(left, runs);
  }
}
