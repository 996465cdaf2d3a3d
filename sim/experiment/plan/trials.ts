/** Tests of candidates: run after run until it is shown that they meet the targets, or that they do not. */
import { lookAt, type Evidence, type Goal } from "./goals.ts";
import type { Sampler } from "./sampler.ts";

/** A question to which runs have no answer. Told to whoever asked it. */
export class Unanswerable extends Error {}

/** What became of a test. */
export interface Trial {
  readonly verdict: "meets" | "fails" | "open";
  readonly evidence: readonly Evidence[];
  /** When it was made, counted from 1. */
  readonly step: number;
}

export interface TrialsOptions {
  readonly sampler: Sampler;
  readonly goals: readonly Goal[];
  readonly looks: readonly number[];
  /** Called with the share of a test that is behind us, before each look. */
  readonly progress: (share: number) => void;
}

/** The first look. Fewer runs too often look alike by accident. */
const FIRST_LOOK = 20;

/**
 * What the answer itself rests upon. A misfortune that one run in twenty has is not among 20 runs in a third of the cases,
 * but among 100 almost surely.
 */
const DECISIVE = 100;

/** From one look to the next. */
const GROWTH = 1.5;

/** Numbers of runs at which a candidate is looked at, up to the most that it may have. */
export function looksUpTo(most: number): readonly number[] {
  const looks: number[] = [];
  for (let look = FIRST_LOOK; look < most; look = Math.ceil(look * GROWTH)) looks.push(look);
  return [...looks, most];
}

/** Every test that is made, by candidate. */
export class Trials {
  readonly made = new Map<number, Trial>();
  readonly #options: TrialsOptions;
  #step = 0;

  constructor(options: TrialsOptions) {
    this.#options = options;
  }

  /**
   * Tests a candidate: it is looked at after 20 runs, then 30, 45 …, until every target is shown to be met, or one not to
   * be, or there are as many runs as there may be. With `least`, no look at fewer runs counts; one that was tested before
   * is tested on.
   *
   * `risk` is the probability that the verdict is wrong, at most. Each look gets an equal part of it (Bonferroni), so
   * looking again costs nothing that was not paid for. To be found to meet them while it misses one, a candidate has to
   * deceive in that one, so there every target may have the whole part (R. L. Berger, Technometrics 24, 1982:
   * intersection–union tests); to be found to miss one while it meets all, deceiving in any is enough, so there they
   * share it.
   */
  async test(candidate: number, risk: number, least = FIRST_LOOK): Promise<Trial> {
    const { sampler, goals, looks, progress } = this.#options;
    const before = this.made.get(candidate);
    const most = looks.at(-1)!;
    if (before && sampler.count(candidate) >= Math.min(least, most)) return before;
    const each = risk / looks.length;
    const step = before?.step ?? ++this.#step;
    let trial: Trial = { verdict: "open", evidence: [], step };
    for (const [i, look] of looks.entries()) {
      if (look < least && look < most) continue;
      progress(i / looks.length);
      await sampler.extend([candidate], look);
      const columns = sampler.columns(candidate);
      const evidence = goals.map((goal) => lookAt(goal, columns, { met: each, unmet: each / goals.length }));
      const silent = evidence.findIndex(({ count }) => count === 0);
      if (silent >= 0) throw new Unanswerable(`no run has a number for ${goals[silent].target.text}`);
      trial = { verdict: verdictOf(evidence), evidence, step };
      if (trial.verdict !== "open") break;
    }
    this.made.set(candidate, trial);
    return trial;
  }

  /** How many runs the last test of a candidate rests upon. */
  countOf(candidate: number): number {
    return this.#options.sampler.count(candidate);
  }

  /** As many runs as may be had, up to the number that an answer rests upon. */
  get decisive(): number {
    return Math.min(DECISIVE, this.#options.looks.at(-1)!);
  }
}

function verdictOf(evidence: readonly Evidence[]): Trial["verdict"] {
  if (evidence.every(({ verdict }) => verdict === "met")) return "meets";
  return evidence.some(({ verdict }) => verdict === "unmet") ? "fails" : "open";
}
