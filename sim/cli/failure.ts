import { ScenarioError } from "../scenario/problem.ts";
import { LawBroken } from "../simulation/laws.ts";

export { quoted } from "../report/command-line.ts";

/** What a finished command says to the shell. */
export const EXIT = {
  /** Done. */
  done: 0,
  /** An expectation or target was not met. */
  unmet: 1,
  /** The user's mistake: usage, file, scenario. */
  mistake: 2,
  /** A bug of ours. */
  bug: 3,
} as const;

/** A mistake of the user that is told in one line, without a stack. */
export class Mistake extends Error {}

/** How to see a failure again: the command that was running. */
export interface Replay {
  readonly command: string;
}

/** Tells a failure on stderr, as its kind deserves, and returns the exit status. */
export function tell(error: unknown, replay: Replay | undefined): number {
  if (error instanceof ScenarioError || error instanceof Mistake) {
    console.error(error.message);
    return EXIT.mistake;
  }
  if (error instanceof LawBroken) {
    console.error(`A law of the model is broken. This is a bug of regroup's, please report it.\n  ${error.message}`);
  } else {
    console.error(
      `This is a bug of regroup's, please report it.\n${error instanceof Error ? error.stack : String(error)}`,
    );
  }
  if (replay) console.error(`  replay: ${replay.command}`);
  return EXIT.bug;
}
