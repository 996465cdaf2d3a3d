/**
 * What a plan comes to: the contract with every reader (the printed table, the page, reports). Plain data; printed by
 * `regroup plan --json`.
 *
 * It holds what pictures need: a curve of each target over the values of a setting with its intervals
 * (`candidates[].evidence` over `candidates[].at`), the bound to draw across it (`question.goals[].target.bound`), the order
 * in which the search went (`step`), the front of two goals (`front`), and what repeats any point (`set` and `seed`).
 *
 * Units: durations in microseconds, rates per second, shares and chances from 0 to 1, prices in whatever they were given.
 * JSON knows no infinity: an end of an interval that the data set no limit is `null`.
 */
import type { Estimated } from "../estimates.ts";
import type { Measure } from "../measures.ts";
import type { Interval } from "../statistics.ts";
import type { Axis } from "./axes.ts";
import type { Evidence, Goal } from "./goals.ts";

export interface Plan {
  /** The plan file's, or the scenario's. */
  readonly name: string;
  readonly question: Question;
  readonly answer: Answer;
  /** Those of which runs were made, the most wanted first. */
  readonly candidates: readonly CandidateResult[];
  /** Where easier values did worse: what speaks against the assumption that the search rests upon. */
  readonly surprises: readonly Surprise[];
  readonly method: Method;
  /** How many runs it took, all candidates together. */
  readonly runs: number;
}

export interface Question {
  /** What was looked for. */
  readonly find: readonly Axis[];
  /** What was asked of it: each target, of each group that it concerns. */
  readonly goals: readonly Goal[];
  readonly cost: { readonly text: string; readonly isPerHour: boolean } | null;
  /** What was to be least; or the two of which the front was wanted. */
  readonly objectives: readonly Objective[];
  /** How often such answers are right, at least. */
  readonly confidence: number;
  /** The master seed: replication n is the run of seed `<master>/n`, of every candidate. */
  readonly seed: string;
  /** How many candidates there are. */
  readonly possible: number;
}

/** Something of which less is better. */
export type Objective =
  | {
      readonly kind: "measure";
      readonly name: string;
      readonly measure: Measure;
      /** Differences below this do not matter. */ readonly within: number | null;
    }
  | { readonly kind: "cost"; readonly name: "cost" };

/** Places are places in `candidates`. */
export type Answer =
  /** The most wanted one that meets the targets. `isLast`: of every more wanted one it is shown that it does not. */
  | { readonly kind: "found"; readonly candidate: number; readonly isLast: boolean }
  /** None was shown to meet the targets; `isShown`: of every one it is shown that it does not. */
  | { readonly kind: "none"; readonly isShown: boolean }
  /** The one with the least of the objective; `isShown`: with the confidence that was asked for. */
  | { readonly kind: "best"; readonly candidate: number; readonly isShown: boolean }
  /** Those that no other beats in both objectives. `isShown`: of all others it is shown that some other does. */
  | { readonly kind: "front"; readonly candidates: readonly number[]; readonly isShown: boolean };

/** What became of a candidate. */
export interface CandidateResult {
  /** Of each setting, which of its points, counted from 0: the most wanted first. */
  readonly at: readonly number[];
  /** What makes it of the scenario, as `--set` takes it. */
  readonly set: readonly string[];
  readonly cost: number | null;
  /** How many runs it had. */
  readonly runs: number;
  /** When it was tested, counted from 1; `null`: it was not. */
  readonly step: number | null;
  /** Whether it meets all targets; `open`: neither is shown. `null`: there are none. */
  readonly verdict: "meets" | "fails" | "open" | null;
  /** Of each goal. */
  readonly evidence: readonly Evidence[];
  /** Of each objective that is a measure. */
  readonly objectives: readonly (Estimated | null)[];
  /** In the contest for the best or the front: still in it, or shown to be beaten, and by whom (a place in `candidates`). */
  readonly beatenBy: number | null;
}

/** An easier value did worse than a harder one. */
export interface Surprise {
  /** Place in `question.goals`. */
  readonly goal: number;
  /** Places in `candidates`: the harder one, and the easier one that did worse. */
  readonly harder: number;
  readonly easier: number;
  /** Easier minus harder, of pairs on common random numbers. */
  readonly difference: number;
  readonly interval: Interval;
  /** The easier one was not shown to meet its target, so the search may have gone the wrong way. */
  readonly matters: boolean;
}

/** How the answer was found, and how the risk of a mistake was spent. */
export interface Method {
  /**
   * `bisection`: of one setting; `elimination`: the same on a grid of several; `in-order`: one after the other;
   * `best` and `front`: all of them against each other.
   */
  readonly kind: "bisection" | "elimination" | "in-order" | "best" | "front";
  /** A monotone search was begun and given up, because what it rests upon turned out wrong. */
  readonly wasGivenUp: boolean;
  /** Numbers of runs at which a candidate is looked at. */
  readonly looks: readonly number[];
  /** For people: who gets how much of the risk. */
  readonly spending: string;
  readonly sources: readonly string[];
}
