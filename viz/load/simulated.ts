import { runCommand } from "../../sim/report/command-line.ts";
import { parseScenario } from "../../sim/scenario/parse.ts";
import { simulation } from "../../sim/simulation/simulate.ts";
import { fingerprinting } from "../../sim/trace/ndjson.ts";
import type { TraceHeader } from "../../sim/trace/event.ts";
import { pictureBuilder, type Built } from "./build.ts";

/** A run that nobody has kept: what it takes to simulate it again. */
export interface RunOrder {
  readonly scenario: { readonly file: string; readonly text: string; readonly files: Readonly<Record<string, string>> };
  /** Fields that are changed, as `--set` takes them. */
  readonly set: readonly string[];
  readonly seed: string;
  /** Where to stop, in microseconds; absent: at its end. */
  readonly until?: number;
}

/**
 * Simulates a run right here, into a picture: the same events as on the command line, byte for byte.
 *
 * @throws {Error} for a scenario that cannot be run, or not here, as with an assignor of the user's own.
 */
export function simulated(
  { scenario: { file, text, files }, set, seed, until }: RunOrder,
  progress: (share: number) => void,
): Built {
  const { scenario } = parseScenario(text, { file, set, read: (name) => files[name] });
  const own = scenario.groups.find(({ assignor }) => assignor !== undefined);
  if (own)
    throw new Error(`${own.id} has an assignor of its own (${own.assignor}), which only the command line can run`);
  const picture = pictureBuilder();
  const print = fingerprinting();
  let header: TraceHeader | undefined;
  let events = 0;
  const counter = {
    begin: (first: TraceHeader) => (header = first),
    see: () => events++,
    end: () => undefined,
  };
  const run = simulation(scenario, { seed, to: [picture, print, counter], ...(until !== undefined && { until }) });
  for (let step = run.next(); ; step = run.next()) {
    if (step.done) {
      const footer = print.footer();
      const outcome = { header: header!, footer, cutOff: null, events, end: step.value.end };
      return picture.build(outcome, `seed ${seed}`, runCommand(file, seed, set, until));
    }
    progress(step.value);
  }
}
