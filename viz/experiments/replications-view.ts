import { nameOf } from "../../sim/experiment/measures.ts";
import type { ReplicatedMeasure, ReplicationsDocument } from "../../sim/experiment/replications.ts";
import { percentage } from "../../sim/report/humane.ts";
import { MOOT, mootNote, transitNote } from "../../sim/report/notes.ts";
import { button, el } from "../dom.ts";
import { distributionChart, smallDistribution, type DistributionData } from "./charts/distribution.ts";
import {
  answer,
  choice,
  command,
  figure,
  glossary,
  head,
  resultsView,
  table,
  uncertain,
  type Column,
  type ResultsHost,
  type ResultsView,
} from "./parts.ts";
import { counted, drawn, estimated, interval, valueAxis, writer } from "./words.ts";

/** What is shown first, if it is there: what a reader of the group's results would notice. */
const FIRST = "p99(timeLag)";

/** Replications of one scenario: how probable its expectations are, and how its numbers are spread. */
export function replicationsView(found: ReplicationsDocument, host: ResultsHost): ResultsView {
  const { name, measures, expectations, replications, confidence, scenario, until, seed, version, moot, transit } =
    found;
  const severalGroups = new Set(measures.map(({ group }) => group)).size > 1;
  const called = (measure: ReplicatedMeasure): string => nameOf(measure, severalGroups);
  const sure = percentage(confidence);
  let shown = Math.max(
    0,
    measures.findIndex((measure) => nameOf(measure, false) === FIRST),
  );

  return resultsView((draw) => {
    const choose = (place: number) => () => {
      shown = place;
      draw();
    };
    const show = (run: string): void =>
      host.openRun({ scenario, set: scenario.set, seed: run, ...(until !== null && { until }) }, `seed ${run}`);
    const dataOf = (measure: ReplicatedMeasure): DistributionData => {
      const { values, mean, percentiles, unit } = measure;
      const write = writer(unit);
      const { p5, p25, p50, p75, p95 } = percentiles;
      return {
        runs: values.flatMap((value, i) => {
          const run = `${seed}/${i + 1}`;
          return value === null
            ? []
            : [{ value, title: `seed ${run}\n${called(measure)}: ${write(value)}`, choose: () => show(run) }];
        }),
        mean: {
          value: mean.value,
          ...drawn(mean.interval),
          title: `mean: ${estimated(mean.value, mean.interval.low, mean.interval.high, write)}\n${sure}`,
        },
        percentiles: { p5: p5.value, p25: p25.value, p50: p50.value, p75: p75.value, p95: p95.value },
      };
    };

    function hopes(): HTMLElement[] {
      if (expectations.length === 0) return [];
      const columns: Column[] = [
        { title: "", align: "left" },
        { title: "expectation", align: "left" },
        { title: "met in", align: "right" },
        { title: "probability", align: "right" },
      ];
      const rows = expectations.map(({ text, met, unmet, unknown, probability }) => {
        const isAlways = unmet + unknown === 0;
        return {
          cells: [
            probability === null ? "?" : isAlways ? "✓" : "✗",
            text,
            `${met} of ${counted(met + unmet, "run")}${unknown > 0 ? `, ${unknown} cannot tell` : ""}`,
            probability === null ? "unknown" : uncertain(probability.value, probability.interval, percentage),
          ],
          mark: probability === null ? "open" : isAlways ? "meets" : "fails",
        };
      });
      return [
        figure("What the scenario expects", `Probabilities and their intervals (${sure} each).`, table(columns, rows)),
      ];
    }

    function distribution(): HTMLElement {
      const measure = measures[shown];
      const pickers = choice("Show", measures.map(called), shown, (index) => choose(index)());
      const few =
        measure.count < replications ? ` Only ${measure.count} of ${replications} runs have such a number.` : "";
      return figure(
        `${called(measure)} in each run`,
        `Every dot is a run; a click on it shows that run.${few}`,
        el("div", { class: "choices" }, ...pickers),
        distributionChart(dataOf(measure), valueAxis(called(measure), measure.unit), host.color(0), host.width()),
      );
    }

    function all(): HTMLElement {
      const right = (title: string): Column => ({ title, align: "right" });
      const columns: Column[] = [
        { title: "measure", align: "left" },
        { title: "runs, and their mean", align: "left" },
        right("mean"),
        right("p5"),
        right("p50"),
        right("p95"),
      ];
      const rows = measures.map((measure, place) => {
        const { mean, percentiles, unit } = measure;
        const write = writer(unit);
        return {
          cells: [
            named(called(measure)),
            smallDistribution(dataOf(measure), host.color(0)),
            uncertain(mean.value, mean.interval, write),
            ...[percentiles.p5, percentiles.p50, percentiles.p95].map(({ value }) => write(value)),
          ],
          chosen: place === shown,
          choose: choose(place),
        };
      });
      return figure(
        "All numbers",
        `The mean over the runs and its interval (${sure} each); so many percent of the runs have no more than p5, p50, p95.`,
        table(columns, rows),
      );
    }

    function notes(): HTMLElement[] {
      const told = transit.map((one) => el("p", { class: "note" }, `${transitNote(one, replications)}.`));
      const { first } = moot;
      if (first === null) return told;
      const words = `Events ${MOOT}: ${mootNote(moot, replications)}. `;
      const look = button("Show the first such run", `Simulate the run of seed ${first}: it tells when and why`, () =>
        show(first),
      );
      return [...told, el("p", { class: "note" }, words, look)];
    }

    const facts = [
      name,
      counted(replications, "run"),
      `seeds ${found.seeds.first} … ${found.seeds.last}`,
      scenario.file,
      `regroup ${version}`,
    ];
    return [
      head("Replications", `What is typical of ${name}, and how sure is that?`, facts),
      ...summary(found, measures[shown], called(measures[shown])),
      ...hopes(),
      distribution(),
      all(),
      ...notes(),
      command(found.replay),
      ...glossary(measures.map(called)),
    ];
  });
}

function named(name: string): HTMLElement {
  return el("span", { class: "name" }, name);
}

/** How the expectations do, and the measure that is shown, in a sentence each. */
function summary(
  { expectations, replications, confidence }: ReplicationsDocument,
  measure: ReplicatedMeasure,
  name: string,
): HTMLElement[] {
  const sure = percentage(confidence);
  const parts: HTMLElement[] = [];
  if (expectations.length > 0) {
    const missed = expectations.filter(({ unmet, unknown }) => unmet + unknown > 0);
    const [least] = expectations.toSorted((a, b) => (a.probability?.value ?? 0) - (b.probability?.value ?? 0));
    const chance = (one: typeof least): string =>
      one.probability === null
        ? "unknown"
        : `${percentage(one.probability.value)} (${interval(one.probability.interval.low, one.probability.interval.high, percentage)}, ${sure})`;
    const all = expectations.length === 1 ? "The expectation was" : `All ${expectations.length} expectations were`;
    const text =
      missed.length === 0
        ? `${all} met in every one of ${counted(replications, "run")}: the probability of each is ${chance(least)}.`
        : `${missed.length} of ${counted(expectations.length, "expectation")} ${missed.length === 1 ? "was" : "were"} not met in every run; least often ${least.text}: ${chance(least)}.`;
    parts.push(answer(text, missed.length > 0));
  }
  const { mean, percentiles, unit } = measure;
  const write = writer(unit);
  const { low, high } = mean.interval;
  const typical = `is ${write(mean.value)} on average (${interval(low, high, write)}, ${sure}); nine of ten runs have ${interval(percentiles.p5.value, percentiles.p95.value, write)}.`;
  parts.push(answer(typical, false, name));
  return parts;
}
