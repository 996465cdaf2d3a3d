/** Evidence against the assumption of a monotone search: an easier value that does worse than a harder one. */
import { meanBounds } from "./bounds.ts";
import { isHarder, type Candidate } from "./candidates.ts";
import { valuesFor, type Goal } from "./goals.ts";
import type { Surprise } from "./plan.ts";
import type { Sampler } from "./sampler.ts";
import type { Trials } from "./trials.ts";

/**
 * Of each goal the pair that speaks most clearly, if one does: on common random numbers, at a risk shared among all pairs,
 * goals and looks. It matters if the easier one was not shown to meet the target: then the search turned away from harder
 * values that may have been better. Candidates by their places among all that are given here.
 */
export function surprisesOf(
  candidates: readonly Candidate[],
  goals: readonly Goal[],
  trials: Trials,
  sampler: Sampler,
  risk: number,
): readonly Surprise[] {
  const tested = [...trials.made.keys()].sort((a, b) => a - b);
  const pairs = tested.flatMap((harder) =>
    tested
      .filter((easier) => easier !== harder && isHarder(candidates[harder], candidates[easier]))
      .map((easier) => ({ harder, easier })),
  );
  const each = risk / Math.max(1, pairs.length * goals.length);
  return goals.flatMap((goal, place) => {
    const found = pairs.flatMap(({ harder, easier }) => {
      const first = valuesFor(goal, sampler.columns(harder));
      const second = valuesFor(goal, sampler.columns(easier));
      const differences = second.flatMap((value, n) =>
        value === null || first[n] === null || first[n] === undefined ? [] : [value - first[n]],
      );
      const interval = meanBounds(differences, { low: each, high: each });
      const wantsLess = goal.target.comparison.startsWith("<");
      const isAdverse = wantsLess ? interval.low > 0 : interval.high < 0;
      const surely = Math.min(Math.abs(interval.low), Math.abs(interval.high));
      if (!isAdverse || !Number.isFinite(surely)) return [];
      const matters = trials.made.get(easier)!.evidence[place]?.verdict !== "met";
      const difference = differences.reduce((sum, value) => sum + value, 0) / differences.length;
      return [{ surely, surprise: { goal: place, harder, easier, difference, interval, matters } }];
    });
    const rank = ({ surely, surprise }: (typeof found)[number]): readonly number[] => [
      Number(surprise.matters),
      surely,
    ];
    const [clearest] = found.sort((a, b) => rank(b)[0] - rank(a)[0] || rank(b)[1] - rank(a)[1]);
    return clearest ? [clearest.surprise] : [];
  });
}
