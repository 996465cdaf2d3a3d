import type { CellResult, OutputEstimate, SweepResults } from "../../sim/experiment/sweep/results.ts";
import { clock } from "../time-axis.ts";
import { button, el } from "../dom.ts";
import { curveChart, type CurvePoint } from "./charts/curves.ts";
import { fanChart } from "./charts/fan.ts";
import { heatmap } from "./charts/heatmap.ts";
import { stripPlot } from "./charts/strips.ts";
import { choice, command, figure, head, legend, table, type ResultsHost } from "./parts.ts";
import { estimated, nameOf, parameterWriter, writer } from "./words.ts";

/** As many curves can be told apart. */
const MOST_SERIES = 8;

/** A sweep: each output over its parameters, any point of it down to the single run. */
export function sweepView(results: SweepResults, host: ResultsHost): HTMLElement {
  const { name, description, parameters, outputs, cells, confidence, replications, seed, version } = results;
  const root = el("section", { class: "results" });
  let output = 0;
  let curve = 0;
  let chosen: number | null = null;
  /** The parameter along the horizontal axis: the first that has an order and several values. */
  let across = Math.max(
    0,
    parameters.findIndex(({ scale, points }) => scale !== "names" && points.length > 1),
  );

  const estimateOf = (cell: CellResult): OutputEstimate | null => cell.outputs[output];
  const write = (): ((value: number) => string) => writer(outputs[output].unit);
  const titleOf = (cell: CellResult): string => {
    const estimate = estimateOf(cell);
    const what = nameOf(parameters, cell.at);
    if (!estimate) return `${what}: no run has a ${outputs[output].name}`;
    const { value, interval } = estimate.mean;
    return `${what}\n${outputs[output].name}: ${estimated(value, interval.low, interval.high, write())}\n${cell.replications} runs`;
  };
  const choose = (place: number): void => {
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

  function main(): HTMLElement {
    const parameter = parameters[across];
    if (parameter.scale === "names") return strips();
    const others = parameters.map((_, i) => i).filter((i) => i !== across);
    const groups = new Map<string, number[]>();
    cells.forEach(({ at }, place) => {
      const key = others.map((i) => parameters[i].points[at[i]].label).join(", ");
      groups.set(key, [...(groups.get(key) ?? []), place]);
    });
    const series = [...groups].slice(0, MOST_SERIES).map(([label, places], i) => ({
      name: label,
      color: host.color(i),
      points: places.flatMap((place): CurvePoint[] => {
        const estimate = estimateOf(cells[place]);
        const x = parameter.points[cells[place].at[across]].number;
        if (!estimate || x === null) return [];
        const { value, interval } = estimate.mean;
        const { percentiles } = estimate;
        return [
          {
            x,
            y: value,
            low: interval.low ?? value,
            high: interval.high ?? value,
            ...(percentiles && { spread: { low: percentiles.p5.value, high: percentiles.p95.value } }),
            title: titleOf(cells[place]),
            chosen: chosen === place,
            choose: () => choose(place),
          },
        ];
      }),
    }));
    const chart = curveChart({
      series,
      x: {
        title: parameter.name,
        scale: parameter.scale === "logarithmic" ? "logarithmic" : "linear",
        write: parameterWriter(parameter),
      },
      y: { title: outputs[output].name, write: write() },
    });
    const more = groups.size > MOST_SERIES ? [`; the first ${MOST_SERIES} of ${groups.size} combinations`] : [];
    const spread = outputs[output].kind === "measure" ? ", and lightly where nine of ten runs lie" : "";
    const caption = `Means with their ${Math.round(confidence * 1000) / 10} % intervals${spread}${more.join("")}`;
    return figure(caption, ...(series.length > 1 ? [legend(series)] : []), chart);
  }

  function strips(): HTMLElement {
    const columns = cells.slice(0, 12).flatMap((cell, place) => {
      const estimate = estimateOf(cell);
      if (!estimate) return [];
      const { value, interval } = estimate.mean;
      return [
        {
          name: parameters.map(({ points }, i) => points[cell.at[i]].label).join(", "),
          color: host.color(place),
          mean: { value, low: interval.low ?? value, high: interval.high ?? value },
          title: titleOf(cell),
          choose: () => choose(place),
          runs: runsOf(cell, estimate),
        },
      ];
    });
    const names = parameters.map((parameter) => parameter.name).join(", ");
    return figure(
      "Every dot is a run: click it to see it",
      stripPlot(columns, { title: outputs[output].name, write: write() }, names),
    );
  }

  function runsOf(cell: CellResult, { first }: OutputEstimate) {
    return first.flatMap((value, i) =>
      value === null
        ? []
        : [{ value, title: `seed ${seed}/${i + 1}: ${write()(value)}`, choose: () => runOf(cell, i + 1) }],
    );
  }

  /** Two parameters at once; the others as in the chosen cell, or as they come first. */
  function heat(): HTMLElement[] {
    const wide = parameters.map((_, i) => i).filter((i) => parameters[i].points.length > 1);
    if (wide.length < 2) return [];
    const column = wide.includes(across) ? across : wide[0];
    const row = wide.find((i) => i !== column)!;
    const fixed = chosen === null ? undefined : cells[chosen].at;
    const shown = cells.flatMap((cell, place) => {
      const isHere = cell.at.every((point, i) => i === row || i === column || point === (fixed?.[i] ?? 0));
      if (!isHere) return [];
      const estimate = estimateOf(cell);
      return [
        {
          row: cell.at[row],
          column: cell.at[column],
          value: estimate?.mean.value ?? null,
          text: estimate ? write()(estimate.mean.value) : "–",
          title: titleOf(cell),
          chosen: chosen === place,
          choose: () => choose(place),
        },
      ];
    });
    const labels = (i: number) => ({
      title: parameters[i].name,
      labels: parameters[i].points.map(({ label }) => label),
    });
    return [figure("The same over two parameters", heatmap(shown, labels(row), labels(column), outputs[output].name))];
  }

  function detail(): HTMLElement[] {
    if (chosen === null)
      return [el("p", { class: "note" }, "Click a point to see its runs, and how they go over time.")];
    const cell = cells[chosen];
    const estimate = estimateOf(cell);
    const parts: HTMLElement[] = [
      el("h2", {}, nameOf(parameters, cell.at)),
      command(cell.replay),
      el(
        "p",
        {},
        button("Show its first run", "Simulate this run here and look at it", () => runOf(cell, 1), {
          class: "primary",
        }),
      ),
    ];
    if (estimate && outputs[output].kind === "measure") {
      const { value, interval } = estimate.mean;
      const column = {
        name: `${estimate.first.length} runs`,
        color: host.color(0),
        mean: { value, low: interval.low ?? value, high: interval.high ?? value },
        title: titleOf(cell),
        runs: runsOf(cell, estimate),
      };
      const chart = stripPlot([column], { title: outputs[output].name, write: write() }, "", 760, 260);
      parts.push(figure("Every dot is a run: click it to see it", chart));
    }
    if (cell.curves.length > 0) {
      const { group, quantity } = results.curves[curve];
      const names = results.curves.map((one) => `${one.group}.${one.quantity}`);
      const fan = fanChart(
        cell.curves[curve],
        { from: cell.from, to: cell.end, write: (t) => clock(t) },
        { title: quantity, write: writer(quantity === "timeLag" ? "duration" : "records") },
      );
      const caption = `${quantity} of ${group} over time: the median run, half of all runs, nine tenths of them`;
      const pickers = choice("Over time", names, curve, (index) => {
        curve = index;
        draw();
      });
      parts.push(figure(caption, ...pickers, fan));
    }
    return parts;
  }

  function all(): HTMLElement {
    const titles = [...parameters.map((parameter) => parameter.name), ...outputs.map((one) => one.name), "runs"];
    const rows = cells.map((cell, place) => ({
      cells: [
        ...parameters.map(({ points }, i) => points[cell.at[i]].label),
        ...cell.outputs.map((estimate, i) => {
          if (!estimate) return "–";
          const { value, interval } = estimate.mean;
          return estimated(value, interval.low, interval.high, writer(outputs[i].unit));
        }),
        String(cell.replications),
      ],
      chosen: chosen === place,
      choose: () => choose(place),
    }));
    return figure("All cells: means and their intervals", table(titles, rows));
  }

  function draw(): void {
    const pick = (set: (index: number) => void) => (index: number) => {
      set(index);
      draw();
    };
    const facts = [
      `${cells.length} cells`,
      `${replications} runs each${results.precision === null ? "" : ` at most (${results.precision})`}`,
      `seed ${seed}`,
      results.scenario.file,
      `regroup ${version}`,
    ];
    const pickers = [
      ...choice(
        "Show",
        outputs.map((one) => one.name),
        output,
        pick((index) => (output = index)),
      ),
      ...choice(
        "over",
        parameters.map((one) => one.name),
        across,
        pick((index) => (across = index)),
      ),
    ];
    root.replaceChildren(
      head(name, description, facts),
      el("div", { class: "choices" }, ...pickers),
      main(),
      ...heat(),
      el("div", { class: "detail", "aria-live": "polite" }, ...detail()),
      all(),
    );
  }
  draw();
  return root;
}
