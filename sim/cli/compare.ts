import { contrastsOf } from "../experiment/compare.ts";
import { measuresOf, nameOf, type Measure } from "../experiment/measures.ts";
import { RunFailed, seedOf, type Replications } from "../experiment/replicate.ts";
import { fits, parseWanted } from "../experiment/wanted.ts";
import { comparisonTable, verdict, type Comparison } from "../report/comparison-table.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { VERSION } from "../version.ts";
import {
  checkManyRuns,
  looks,
  type ManyRuns,
  replayLine,
  replicateHere,
  tellFailed,
  understood,
} from "./experiments.ts";
import { EXIT, Mistake } from "./failure.ts";
import { loadScenario, loadWay, type LoadedScenario } from "./files.ts";
import { oneRunAtATime } from "./own-assignors.ts";

export interface CompareOptions extends ManyRuns {
  readonly scenario: string;
  readonly variant: readonly string[];
  readonly set?: readonly string[];
  readonly measure?: readonly string[];
  readonly json: boolean;
}

/** What a deploy or a setting is judged by, if nobody says. More would widen every interval. */
const USUAL_MEASURES = [
  "p99(timeLag)",
  "max(timeLag)",
  "max(lag)",
  "rebalances",
  "mean(rebalanceDuration)",
  "partitionSecondsUnread",
];

/** Enough for Student's intervals to forgive laws that are not normal. */
const USUAL_REPLICATIONS = 30;

/** A way the scenario could be, under a name. */
interface Variant {
  readonly name: string;
  /** What is different, as `--set` takes it. */
  readonly set: readonly string[];
}

/** Compares variants of a scenario with it as it is, prints what differs, and returns the exit status. */
export async function compareVariants(options: CompareOptions): Promise<number> {
  const { seed, set = [], confidence, replications: most = USUAL_REPLICATIONS } = options;
  checkManyRuns(options);
  if (most < 2) throw new Mistake("--replications 1: a comparison takes at least 2");
  const variants = variantsOf(options.variant);
  const { scenario, file, text, files } = await loadScenario(options.scenario, set);
  oneRunAtATime(scenario);
  const scenarios = [scenario];
  for (const { name, set: more } of variants) {
    const written = (setting: string): string => `--variant ${name}:${setting}`;
    const way = { name: `variant ${name}`, set: more, written };
    scenarios.push((await loadWay(options.scenario, set, way)).scenario);
  }
  const measures = wantedMeasures(options.measure ?? USUAL_MEASURES, scenario);

  let found;
  try {
    found = await replicateHere({ scenarios, measures }, options, { what: scenario.name, most });
  } catch (error) {
    if (!(error instanceof RunFailed)) throw error;
    const { task, at } = error;
    const settings = [...set, ...(variants[task.scenario - 1]?.set ?? [])];
    return tellFailed(
      error,
      replayLine(options.scenario, task.seed, settings, at === undefined ? undefined : `${at}us`),
    );
  }

  const [base, ...others] = found;
  const among = variants.length * measures.length;
  const comparison: Comparison = {
    name: scenario.name,
    replications: most,
    confidence,
    among,
    variants: others.map((other, i) => ({
      name: variants[i].name,
      contrasts: contrastsOf(base, other, { confidence, among }),
    })),
    replay: { replication: most, command: replayLine(options.scenario, seedOf(seed, most), set) },
  };
  const repeats: Repeats = { scenario: { file, text, files, set }, seed, variants, found };
  console.log(options.json ? comparisonJson(comparison, repeats) : comparisonTable(comparison, looks()));
  return EXIT.done;
}

/** `name:path=value`; one name may come several times, each time with another setting. */
function variantsOf(texts: readonly string[]): readonly Variant[] {
  const variants = new Map<string, string[]>();
  for (const text of texts) {
    const match = /^([\w.-]+):(.*)$/s.exec(text);
    if (!match)
      throw new Mistake(
        `--variant ${text}: write name:path=value, for instance slow:groups.billing.members.startup=1m`,
      );
    const [, name, setting] = match;
    variants.set(name, [...(variants.get(name) ?? []), ...(setting === "" ? [] : [setting])]);
  }
  return [...variants].map(([name, set]) => ({ name, set }));
}

function wantedMeasures(texts: readonly string[], scenario: Scenario): readonly Measure[] {
  const wanted = texts.map((text) => understood("--measure", parseWanted(text, scenario)));
  const all = measuresOf(scenario, wanted);
  const chosen = wanted.flatMap((one) => all.filter((measure) => fits(measure, one)));
  return [...new Set(chosen)];
}

/** What repeats the runs of a comparison, and what they came to. */
interface Repeats {
  readonly scenario: Pick<LoadedScenario, "file" | "text" | "files"> & { readonly set: readonly string[] };
  readonly seed: string;
  readonly variants: readonly Variant[];
  /** The base, then the variants. */
  readonly found: readonly Replications[];
}

/** As many values of single replications are told. */
const MOST_VALUES = 500;

/** For machines and for the page: durations in microseconds, changes as shares. */
function comparisonJson(
  { name, replications, confidence, among, variants }: Comparison,
  { scenario, seed, variants: settings, found: [base, ...others] }: Repeats,
): string {
  const told = variants.map(({ name, contrasts }, i) => ({
    name,
    set: settings[i].set,
    verdict: verdict(name, contrasts),
    measures: contrasts.map(({ measure, ...rest }) => {
      const column = base.measures.indexOf(measure);
      const values = {
        base: base.columns[column].slice(0, MOST_VALUES),
        variant: others[i].columns[column].slice(0, MOST_VALUES),
      };
      return { name: nameOf(measure, true), ...measure, ...rest, values };
    }),
  }));
  const seeds = { first: seedOf(seed, 1), last: seedOf(seed, replications) };
  const head = { regroup: "comparison", schema: 1, version: VERSION };
  return JSON.stringify(
    { ...head, name, scenario, seed, seeds, replications, confidence, among, variants: told },
    null,
    2,
  );
}
