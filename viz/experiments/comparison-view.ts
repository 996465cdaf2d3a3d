import { percentage } from "../../sim/report/humane.ts";
import { el } from "../dom.ts";
import { differenceChart } from "./charts/differences.ts";
import { stripPlot } from "./charts/strips.ts";
import type { ComparedMeasure, ComparisonDocument } from "./documents.ts";
import { answer, choice, figure, head, table, type ResultsHost } from "./parts.ts";
import { estimated, writer } from "./words.ts";

const FINDINGS = { lower: "lower", higher: "higher", same: "exactly the same", open: "not established" } as const;

/** A comparison: the verdicts in sentences, how much each measure changes, and every run beside its twin. */
export function comparisonView(comparison: ComparisonDocument, host: ResultsHost): HTMLElement {
  const { name, variants, replications, confidence, among, seed, scenario, version } = comparison;
  const root = el("section", { class: "results" });
  const measures = variants[0].measures;
  let measure = 0;

  const share = (value: number): string => `${value > 0 ? "+" : ""}${percentage(value).replace("-", "−")}`;
  const openRun = (variant: string, set: readonly string[], replication: number): void =>
    host.openRun(
      { scenario, set: [...scenario.set, ...set], seed: `${seed}/${replication}` },
      `${variant}, seed ${seed}/${replication}`,
    );

  function runs(): HTMLElement {
    const write = writer(measures[measure].unit);
    const column = (
      label: string,
      color: number,
      mean: number,
      values: readonly (number | null)[],
      set: readonly string[],
    ) => ({
      name: label,
      color: host.color(color),
      mean: { value: mean, low: mean, high: mean },
      title: `${label}: ${write(mean)} on average`,
      runs: values.flatMap((value, i) =>
        value === null
          ? []
          : [{ value, title: `seed ${seed}/${i + 1}: ${write(value)}`, choose: () => openRun(label, set, i + 1) }],
      ),
    });
    const first = variants[0].measures[measure];
    const columns = [
      column("as it is", 0, first.base, first.values.base, []),
      ...variants.map((variant, i) => {
        const found = variant.measures[measure];
        return column(variant.name, i + 1, found.variant, found.values.variant, variant.set);
      }),
    ];
    const pickers = choice(
      "Show",
      measures.map((one) => one.name),
      measure,
      (index) => {
        measure = index;
        draw();
      },
    );
    const chart = stripPlot(columns, { title: measures[measure].name, write }, "");
    return figure("Every dot is a run: click it to see it", el("div", { class: "choices" }, ...pickers), chart);
  }

  function contrasts(found: readonly ComparedMeasure[]): Node[] {
    const rows = found.flatMap(({ name: label, change, finding, difference, unit }) =>
      change === null
        ? []
        : [
            {
              name: label,
              value: change.value,
              low: change.interval.low,
              high: change.interval.high,
              finding,
              title: `${label}: ${estimated(difference.value, difference.interval.low, difference.interval.high, writer(unit))}`,
            },
          ],
    );
    const cells = found.map((one) => {
      const write = writer(one.unit);
      const { low, high } = one.difference.interval;
      const changed = one.change === null ? "" : share(one.change.value);
      return {
        cells: [
          one.name,
          write(one.base),
          write(one.variant),
          estimated(one.difference.value, low, high, write),
          changed,
          FINDINGS[one.finding],
        ],
      };
    });
    const titles = ["", "as it is", "variant", "difference", "change", ""];
    return [...(rows.length > 0 ? [differenceChart(rows, share)] : []), table(titles, cells)];
  }

  function draw(): void {
    const facts = [
      `${replications} runs of each, on common random numbers`,
      `${among > 1 ? `${among} intervals, all true at once with` : "intervals of"} ${percentage(confidence)}`,
      scenario.file,
      `regroup ${version}`,
    ];
    root.replaceChildren(
      head(name, undefined, facts),
      ...variants.map((variant) =>
        answer(
          variant.verdict,
          variant.measures.every(({ finding }) => finding === "open"),
        ),
      ),
      runs(),
      ...variants.map((variant) => figure(`${variant.name} against as it is`, ...contrasts(variant.measures))),
    );
  }
  draw();
  return root;
}
