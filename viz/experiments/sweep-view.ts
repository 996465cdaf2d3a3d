import type { CellResult, OutputEstimate, SweepResults } from "../../sim/experiment/sweep/results.ts";
import { percentage } from "../../sim/report/humane.ts";
import { sweepSentences, sweepSurety } from "../../sim/report/sweep-sentences.ts";
import { MOST_SERIES } from "../colors.ts";
import { el } from "../dom.ts";
import { curveChart, type CurvePoint } from "./charts/curves.ts";
import { distributionChart } from "./charts/distribution.ts";
import { fanChart } from "./charts/fan.ts";
import { heatmap } from "./charts/heatmap.ts";
import { stripPlot, type StripRun } from "./charts/strips.ts";
import {
  answer,
  choice,
  figure,
  glossary,
  head,
  legend,
  resultsView,
  runDetail,
  table,
  uncertain,
  type ResultsHost,
  type ResultsView,
} from "./parts.ts";
import { runCommand } from "../../sim/report/command-line.ts";
import { counted, drawn, estimated, nameOf, parameterWriter, timeWriter, valueAxis, writer } from "./words.ts";

/** As many columns of dots have room beside each other. */
const MOST_COLUMNS = 12;

/** What the frame around the details takes, CSS pixels. */
const DETAIL_PADDING = 34;

const CLICK = "Every dot is a run; a click on it shows that run.";

/** A sweep: what it shows in sentences, each output over its parameters, any point of it down to the single run. */
export function sweepView(results: SweepResults, host: ResultsHost): ResultsView {
  const { name, description, parameters, outputs, cells, confidence, replications, seed, version } = results;
  const sentences = sweepSentences(results);
  let output = 0;
  let curve = 0;
  let chosen: number | null = null;
  /** The parameter along the horizontal axis: the first that has an order and several values. */
  let across = Math.max(
    0,
    parameters.findIndex(({ scale, points }) => scale !== "names" && points.length > 1),
  );

  return resultsView((draw) => {
    const shown = outputs[output];
    const axis = valueAxis(shown.name, shown.unit);
    const { write } = axis;
    const estimateOf = (cell: CellResult): OutputEstimate | null => cell.outputs[output];
    const titleOf = (cell: CellResult): string => {
      const estimate = estimateOf(cell);
      const what = nameOf(parameters, cell.at);
      if (!estimate) return `${what}\nno run has a ${shown.name}`;
      const { value, interval } = estimate.mean;
      const mean = estimated(value, interval.low, interval.high, write);
      return `${what}\n${shown.name}: ${mean}\n${counted(estimate.count, "run")}`;
    };
    const pick = (set: (index: number) => void) => (index: number) => {
      set(index);
      draw();
    };
    const choose = (place: number) => () => {
      chosen = chosen === place ? null : place;
      draw();
    };
    const runOf = (cell: CellResult, replication: number): void => {
      const run = `${seed}/${replication}`;
      host.openRun(
        { scenario: results.scenario, set: cell.set, seed: run },
        `${nameOf(parameters, cell.at)}, seed ${run}`,
      );
    };
    const runsOf = (cell: CellResult, { first }: OutputEstimate): StripRun[] =>
      first.flatMap((value, i) =>
        value === null
          ? []
          : [
              {
                value,
                title: `seed ${seed}/${i + 1}\n${shown.name}: ${write(value)}`,
                choose: () => runOf(cell, i + 1),
              },
            ],
      );
    const sure = percentage(confidence);

    function curves(): HTMLElement {
      const parameter = parameters[across];
      const others = parameters.map((_, i) => i).filter((i) => i !== across && parameters[i].points.length > 1);
      const groups = new Map<string, number[]>();
      cells.forEach(({ at }, place) => {
        const key = nameOf(
          others.map((i) => parameters[i]),
          others.map((i) => at[i]),
        );
        groups.set(key, [...(groups.get(key) ?? []), place]);
      });
      const series = [...groups].slice(0, MOST_SERIES).map(([label, places], i) => ({
        name: label,
        color: host.color(i),
        points: places
          .flatMap((place): CurvePoint[] => {
            const estimate = estimateOf(cells[place]);
            const x = parameter.points[cells[place].at[across]].number;
            if (!estimate || x === null) return [];
            const { mean, percentiles } = estimate;
            return [
              {
                x,
                y: mean.value,
                ...drawn(mean.interval),
                ...(percentiles && { spread: { low: percentiles.p5.value, high: percentiles.p95.value } }),
                title: titleOf(cells[place]),
                chosen: chosen === place,
                choose: choose(place),
              },
            ];
          })
          .toSorted((a, b) => a.x - b.x),
      }));
      const scale = parameter.scale === "logarithmic" ? "logarithmic" : "linear";
      const kind = parameter.unit === "duration" ? "duration" : "number";
      const x = { title: parameter.name, scale, kind, write: parameterWriter(parameter) } as const;
      const spread = shown.kind === "measure" ? "; lightly behind them, where nine of ten runs lie" : "";
      const what = shown.kind === "measure" ? "Means" : "Probabilities";
      const more = groups.size > MOST_SERIES ? ` The first ${MOST_SERIES} of ${groups.size} combinations.` : "";
      const caption = `${what} with their intervals (${sure} each)${spread}. A click on a point shows its runs.${more}`;
      return figure(
        `${shown.name} over ${parameter.name}`,
        caption,
        ...(series.length > 1 ? [legend(series.map(({ name, color }, i) => ({ name, color, series: i })))] : []),
        curveChart({ series, x, y: axis }, host.width()),
      );
    }

    function strips(): HTMLElement {
      const told = cells.flatMap((cell, place) => {
        const estimate = estimateOf(cell);
        return estimate ? [{ cell, place, estimate }] : [];
      });
      const columns = told.slice(0, MOST_COLUMNS).map(({ cell, place, estimate }, i) => ({
        name: parameters.map(({ points }, axis) => points[cell.at[axis]].label).join(", "),
        color: host.color(i),
        mean: { value: estimate.mean.value, ...drawn(estimate.mean.interval) },
        title: titleOf(cell),
        chosen: chosen === place,
        choose: choose(place),
        // A probability has no dots: its runs are ones and noughts.
        runs: shown.kind === "measure" ? runsOf(cell, estimate) : [],
      }));
      const names = parameters.map((parameter) => parameter.name).join(", ");
      const more = told.length > MOST_COLUMNS ? ` The first ${MOST_COLUMNS} of ${told.length} cells.` : "";
      const dots =
        shown.kind === "measure"
          ? `${CLICK} Beside them the mean and its interval (${sure})`
          : `The probability and its interval (${sure})`;
      return figure(`${shown.name} by ${names}`, `${dots}.${more}`, stripPlot(columns, axis, names, host.width()));
    }

    /** Two parameters at once; the others as in the chosen cell, or as they come first. */
    function heat(): HTMLElement[] {
      const wide = parameters.map((_, i) => i).filter((i) => parameters[i].points.length > 1);
      if (wide.length < 2) return [];
      const column = wide.includes(across) ? across : wide[0];
      const row = wide.find((i) => i !== column)!;
      const fixed = chosen === null ? undefined : cells[chosen].at;
      const others = wide.filter((i) => i !== row && i !== column);
      const inPicture = cells.flatMap((cell, place) => {
        const isHere = cell.at.every((point, i) => i === row || i === column || point === (fixed?.[i] ?? 0));
        if (!isHere) return [];
        const estimate = estimateOf(cell);
        return [
          {
            row: cell.at[row],
            column: cell.at[column],
            value: estimate?.mean.value ?? null,
            text: estimate ? write(estimate.mean.value) : "–",
            title: titleOf(cell),
            chosen: chosen === place,
            choose: choose(place),
          },
        ];
      });
      const side = (i: number) => ({
        title: parameters[i].name,
        labels: parameters[i].points.map(({ label }) => label),
      });
      const { element, isByFactors } = heatmap(inPicture, side(row), side(column), shown.name, host.width());
      const at = others.map((i) => `${parameters[i].name} = ${parameters[i].points[fixed?.[i] ?? 0].label}`);
      const shades = `Dark is least, light is most${isByFactors ? ", equal steps of shade are equal factors" : ""}.`;
      return [
        figure(
          `${shown.name} over ${parameters[column].name} and ${parameters[row].name}`,
          [...(at.length > 0 ? [`Here with ${at.join(", ")}.`] : []), shades].join(" "),
          element,
        ),
      ];
    }

    function detail(): HTMLElement[] {
      if (chosen === null) return [];
      const cell = cells[chosen];
      const estimate = estimateOf(cell);
      const file = results.scenario.file;
      const parts: HTMLElement[] = runDetail(
        nameOf(parameters, cell.at),
        runCommand(file, cell.seeds.first, cell.set),
        () => runOf(cell, 1),
      );
      if (estimate?.percentiles) {
        const { mean, percentiles } = estimate;
        const { p5, p25, p50, p75, p95 } = percentiles;
        const data = {
          runs: runsOf(cell, estimate),
          mean: { value: mean.value, ...drawn(mean.interval), title: titleOf(cell) },
          percentiles: { p5: p5.value, p25: p25.value, p50: p50.value, p75: p75.value, p95: p95.value },
        };
        const chart = distributionChart(data, axis, host.color(0), host.width() - DETAIL_PADDING);
        parts.push(figure(`${shown.name} in each run`, CLICK, chart));
      }
      if (cell.curves.length > 0) {
        const { group, quantity, unit } = results.curves[curve];
        const names = results.curves.map((one) => `${one.quantity} of ${one.group}`);
        const fan = fanChart(
          cell.curves[curve],
          { from: cell.from, to: cell.end, write: timeWriter },
          valueAxis(quantity, unit),
          host.width() - DETAIL_PADDING,
        );
        const pickers = choice(
          "Over time",
          names,
          curve,
          pick((index) => (curve = index)),
        );
        const caption = "The median run; around it half of all runs, and nine tenths of them.";
        parts.push(figure(`${quantity} of ${group} over time`, caption, ...pickers, fan));
      }
      return parts;
    }

    function all(): HTMLElement {
      const columns = [
        ...parameters.map((parameter) => ({ title: parameter.name, align: "left" as const })),
        ...outputs.map((one) => ({ title: one.name, align: "right" as const })),
        { title: "runs", align: "right" as const },
      ];
      const rows = cells.map((cell, place) => ({
        cells: [
          ...parameters.map(({ points }, i) => points[cell.at[i]].label),
          ...cell.outputs.map((estimate, i) =>
            estimate ? uncertain(estimate.mean.value, estimate.mean.interval, writer(outputs[i].unit)) : "–",
          ),
          String(cell.replications),
        ],
        chosen: chosen === place,
        choose: choose(place),
      }));
      return figure("All cells", `Means and their intervals (${sure} each).`, table(columns, rows));
    }

    const facts = [
      name,
      `${counted(cells.length, "cell")}, ${counted(replications, "run")} each${results.precision === null ? "" : ` at most (${results.precision})`}`,
      `seed ${seed}`,
      results.scenario.file,
      `regroup ${version}`,
    ];
    const isOrdered = parameters.map(({ scale }) => scale !== "names");
    const axes = parameters.flatMap((_, i) => (isOrdered[i] && parameters[i].points.length > 1 ? [i] : []));
    const pickers = [
      ...choice(
        "Show",
        outputs.map((one) => one.name),
        output,
        pick((index) => (output = index)),
      ),
      ...choice(
        "over",
        axes.map((i) => parameters[i].name),
        axes.indexOf(across),
        pick((index) => (across = axes[index])),
      ),
    ];
    return [
      head("Sweep", description ?? name, facts),
      ...sentences.map(({ output: of, text, isOpen }) => answer(text, isOpen, of)),
      el("p", { class: "note" }, sweepSurety(results)),
      el("div", { class: "choices" }, ...pickers),
      isOrdered[across] ? curves() : strips(),
      ...heat(),
      el("div", { class: "detail", "aria-live": "polite" }, ...detail()),
      all(),
      ...glossary(outputs.map((one) => one.name)),
    ];
  });
}
