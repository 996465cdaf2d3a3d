import { nameOf, type Measure } from "../../sim/experiment/measures.ts";
import { runCommand } from "../../sim/report/command-line.ts";
import { percentage } from "../../sim/report/humane.ts";
import { el } from "../dom.ts";
import { differenceChart } from "./charts/differences.ts";
import { stripPlot } from "./charts/strips.ts";
import type { ComparedMeasure, ComparedVariant, ComparisonDocument } from "./documents.ts";
import {
  answer,
  choice,
  command,
  figure,
  glossary,
  head,
  legend,
  resultsView,
  table,
  uncertain,
  type ResultsHost,
  type ResultsView,
} from "./parts.ts";
import { counted, drawn, estimated, interval, listed, valueAxis, writer } from "./words.ts";

const FINDINGS = { lower: "lower", higher: "higher", same: "exactly the same", open: "not established" } as const;

const BASE = "as it is";

/** `+12 %`, `−3.5 %`. */
const share = (value: number): string => `${value > 0 ? "+" : ""}${percentage(value).replace("-", "−")}`;

/** A comparison: the verdicts in sentences, how much each measure changes, and every run beside its twin. */
export function comparisonView(comparison: ComparisonDocument, host: ResultsHost): ResultsView {
  const { name, variants, replications, confidence, among, seed, scenario, version } = comparison;
  const measures = mostMeasures(variants);
  const severalGroups = new Set(measures.map(({ group }) => group)).size > 1;
  const called = (measure: Measure): string => nameOf(measure, severalGroups);
  let shown = 0;

  return resultsView((draw) => {
    const choose = (place: number) => () => {
      shown = place;
      draw();
    };
    const show = (variant: string, set: readonly string[], replication: number): void =>
      host.openRun(
        { scenario, set: [...scenario.set, ...set], seed: `${seed}/${replication}` },
        `${variant}, seed ${seed}/${replication}`,
      );
    const found = ({ measures: own }: ComparedVariant, of: ComparedMeasure): ComparedMeasure | undefined =>
      own.find((one) => one.name === of.name);
    const telling = ({ base, variant, difference, finding, unit }: ComparedMeasure): string => {
      const write = writer(unit);
      const { low, high } = difference.interval;
      return `${write(base)} → ${write(variant)}: ${FINDINGS[finding]}\ndifference ${estimated(difference.value, low, high, write)}`;
    };

    function changes(): HTMLElement {
      const rows = measures.map((measure, place) => ({
        name: called(measure),
        about: "",
        marks: variants.flatMap((variant, series) => {
          const one = found(variant, measure);
          if (!one?.change) return [];
          const { value, interval: ends } = one.change;
          const changed = `${share(value)} (${interval(ends.low, ends.high, share)})`;
          const title = `${variant.name}: ${called(measure)} ${changed}\n${telling(one)}`;
          const color = host.color(series + 1);
          return [
            { series: series + 1, color, value, ...drawn(ends), finding: one.finding, title, choose: choose(place) },
          ];
        }),
      }));
      const together =
        among > 1
          ? `all ${among} intervals hold at once with ${percentage(confidence)}`
          : `intervals of ${percentage(confidence)}`;
      const entries = variants.map((variant, i) => ({ name: variant.name, color: host.color(i + 1), series: i + 1 }));
      return figure(
        `What changes, as a share of what is ${BASE}`,
        `${together[0].toUpperCase()}${together.slice(1)}; hollow where no difference is established.`,
        legend(entries),
        differenceChart(
          rows.filter(({ marks }) => marks.length > 0),
          variants.length,
          share,
          host.width(),
        ),
      );
    }

    function runs(): HTMLElement {
      const measure = measures[shown];
      const axis = valueAxis(called(measure), measure.unit);
      const column = (
        label: string,
        place: number,
        mean: number,
        values: readonly (number | null)[],
        set: readonly string[],
      ) => ({
        name: label,
        color: host.color(place),
        mean: { value: mean, low: mean, high: mean },
        title: `${label}\n${axis.write(mean)} on average`,
        runs: values.flatMap((value, i) =>
          value === null
            ? []
            : [
                {
                  value,
                  title: `seed ${seed}/${i + 1}\n${called(measure)}: ${axis.write(value)}`,
                  choose: () => show(label, set, i + 1),
                },
              ],
        ),
      });
      const columns = [
        column(BASE, 0, measure.base, measure.values.base, []),
        ...variants.flatMap((variant, i) => {
          const one = found(variant, measure);
          return one ? [column(variant.name, i + 1, one.variant, one.values.variant, variant.set)] : [];
        }),
      ];
      const pickers = choice("Show", measures.map(called), shown, (index) => choose(index)());
      return figure(
        `${called(measure)} in each run`,
        "Every dot is a run; a click on it shows that run. Beside them the mean.",
        el("div", { class: "choices" }, ...pickers),
        stripPlot(columns, axis, "", host.width()),
      );
    }

    function evidence(variant: ComparedVariant): HTMLElement {
      const right = (title: string) => ({ title, align: "right" as const });
      const left = (title: string) => ({ title, align: "left" as const });
      const columns = [
        left("measure"),
        right(BASE),
        right(variant.name),
        right("difference"),
        right("change"),
        left(""),
      ];
      const rows = variant.measures.map((one) => {
        const write = writer(one.unit);
        const { change, difference, finding } = one;
        return {
          cells: [
            called(one),
            write(one.base),
            write(one.variant),
            uncertain(difference.value, difference.interval, write),
            change === null ? "" : uncertain(change.value, change.interval, share),
            FINDINGS[finding],
          ],
          mark: finding === "open" ? "undecided" : "",
        };
      });
      return figure(
        `${variant.name} against ${BASE}`,
        variant.set.join("  "),
        table(columns, rows),
        command(runCommand(scenario.file, `${seed}/1`, [...scenario.set, ...variant.set])),
      );
    }

    const facts = [
      name,
      `${counted(replications, "run")} of each, on common random numbers`,
      `seed ${seed}`,
      scenario.file,
      `regroup ${version}`,
    ];
    return [
      head("Comparison", `What changes with ${listed(variants.map((variant) => variant.name))}?`, facts),
      ...variants.map(({ verdict, name: variant, measures: own }) =>
        answer(
          verdict.startsWith(`${variant} `) ? verdict.slice(variant.length + 1) : verdict,
          own.every(({ finding }) => finding === "open"),
          variant,
        ),
      ),
      el("p", { class: "note" }, suretyOf(among, confidence)),
      changes(),
      runs(),
      ...variants.map(evidence),
      ...glossary(measures.map(called)),
    ];
  });
}

function suretyOf(among: number, confidence: number): string {
  const sure = percentage(confidence);
  const which = among > 1 ? `all ${among} intervals hold at once with ${sure}` : `the interval holds with ${sure}`;
  return `Differences of runs that met the same fate, replication by replication; ${which}. What is not established may be there all the same.`;
}

/** The measures of the variant that has most of them: one without a rebalance has no length of one. */
function mostMeasures(variants: readonly ComparedVariant[]): readonly ComparedMeasure[] {
  return variants.reduce(
    (most, { measures }) => (measures.length > most.length ? measures : most),
    variants[0].measures,
  );
}
