/** All candidates that meet the targets against each other: for the least of a measure, or for the front of two. */
import { percent, valuesOf, type Bench, type Outcome } from "./bench.ts";
import { contestOf } from "./best.ts";
import { frontOf } from "./front.ts";

/** Finds the candidate with the least of the one objective; differences below `within` do not matter. */
export async function byContest(bench: Bench, within: number): Promise<Outcome> {
  const { sampler, columns, looks, enter } = bench;
  const { among, risk, spending } = await admitted(bench);
  const method = {
    kind: "best",
    wasGivenUp: false,
    spending: spending("spent on the contest, as Kim and Nelson do"),
  } as const;
  if (among.length === 0) return nobody(bench, method);
  await sampler.extend(among, looks[0]);
  for (const candidate of among) valuesOf(bench, 0, candidate); // is there something to compare?
  const { winner, isShown, beatenBy } = await contestOf(sampler, {
    column: columns[0],
    among,
    within,
    risk,
    most: looks.at(-1)!,
    progress: (share) => enter((1 + share) / 2, 1),
  });
  const answer = { kind: "best", candidate: winner, isShown: isShown && isNoneOpen(bench) } as const;
  return { answer, method, surprises: [], beatenBy };
}

/** Finds those that no other beats in both objectives. */
export async function byFront(bench: Bench): Promise<Outcome> {
  const { sampler, objectives, looks, enter } = bench;
  const { among, risk, spending } = await admitted(bench);
  const method = {
    kind: "front",
    wasGivenUp: false,
    spending: spending("spent in equal parts on all comparisons of two"),
  } as const;
  if (among.length === 0) return nobody(bench, method);
  const { members, isShown, beatenBy } = await frontOf(sampler, {
    objectives: objectives.map((_, place) => (candidate: number) => valuesOf(bench, place, candidate)),
    among,
    risk,
    looks,
    progress: (share) => enter((1 + share) / 2, 1),
  });
  const answer = { kind: "front", candidates: members, isShown: isShown && isNoneOpen(bench) } as const;
  return { answer, method, surprises: [], beatenBy };
}

interface Admitted {
  readonly among: readonly number[];
  /** What is left of the risk for the contest. */
  readonly risk: number;
  /** All of how the risk is spent, if the contest spends its part like that. */
  readonly spending: (contest: string) => string;
}

/** Those that are shown to meet the targets; all, if there are none. */
async function admitted({ candidates, goals, trials, risk, enter }: Bench): Promise<Admitted> {
  const all = candidates.map((_, candidate) => candidate);
  if (goals.length === 0)
    return { among: all, risk, spending: (contest) => `The risk of ${percent(risk)} is ${contest}.` };
  const among: number[] = [];
  for (const candidate of all) {
    enter(candidate / all.length / 2, (candidate + 1) / all.length / 2);
    if ((await trials.test(candidate, risk / 2 / all.length)).verdict === "meets") among.push(candidate);
  }
  const onTests = `half is spent in equal parts on the tests of ${all.length} candidates`;
  return {
    among,
    risk: risk / 2,
    spending: (contest) => `Of the risk of ${percent(risk)}, ${onTests}, half is ${contest}.`,
  };
}

const isNoneOpen = ({ trials }: Bench): boolean => [...trials.made.values()].every(({ verdict }) => verdict !== "open");

const nobody = (bench: Bench, method: Outcome["method"]): Outcome => ({
  answer: { kind: "none", isShown: isNoneOpen(bench) },
  method,
  surprises: [],
  beatenBy: new Map(),
});
