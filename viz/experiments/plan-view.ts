import type { CandidateResult } from "../../sim/experiment/plan/plan.ts";
import { runCommand } from "../../sim/report/command-line.ts";
import { percentage } from "../../sim/report/humane.ts";
import { costText, goalText, surpriseSentence } from "../../sim/report/plan-sentence.ts";
import { el } from "../dom.ts";
import { curveChart, type CurvePoint } from "./charts/curves.ts";
import { frontChart } from "./charts/front.ts";
import { heatmap } from "./charts/heatmap.ts";
import type { PlanDocument } from "./documents.ts";
import {
  answer,
  figure,
  glossary,
  head,
  resultsView,
  runDetail,
  table,
  uncertain,
  type Column,
  type ResultsHost,
  type ResultsView,
} from "./parts.ts";
import { counted, drawn, estimated, listed, nameOf, parameterWriter, valueAxis, writer } from "./words.ts";

/** A plan: its answer first, then the picture of it, then the evidence, candidate by candidate. */
export function planView(plan: PlanDocument, host: ResultsHost): ResultsView {
  const { question, candidates, surprises, method, runs } = plan;
  const { find, goals, objectives, cost, seed } = question;
  let chosen: number | null = "candidate" in plan.answer ? plan.answer.candidate : null;
  const answers = new Set<number>(
    plan.answer.kind === "front" ? plan.answer.candidates : "candidate" in plan.answer ? [plan.answer.candidate] : [],
  );
  const sure = percentage(question.confidence);

  const called = (candidate: CandidateResult): string => nameOf(find, candidate.at);
  const labelOf = ({ at }: CandidateResult): string => find.map(({ points }, i) => points[at[i]].label).join(", ");

  /** What became of a candidate. */
  function wordOf(place: number): string {
    const { verdict, beatenBy } = candidates[place];
    if (answers.has(place)) {
      if (plan.answer.kind === "front") return "on the front";
      return plan.answer.kind === "best" ? "the best" : "meets: the answer";
    }
    if (beatenBy !== null) return `beaten by ${labelOf(candidates[beatenBy])}`;
    if (verdict === null) return "not beaten";
    return { meets: "meets", fails: "fails", open: "not decided" }[verdict];
  }

  function titleOf(place: number): string {
    const candidate = candidates[place];
    const told = goals.flatMap((goal, i) => {
      const found = candidate.evidence[i];
      if (!found || found.value === null) return [];
      const { low, high } = found.interval;
      return [`${goal.name}: ${estimated(found.value, low, high, (value) => goalText(goal, value))}`];
    });
    const measured = objectives.flatMap((objective, i) => {
      const found = candidate.objectives[i];
      if (objective.kind !== "measure" || !found) return [];
      const { low, high } = found.interval;
      return [`${objective.name}: ${estimated(found.value, low, high, writer(objective.measure.unit))}`];
    });
    const price = candidate.cost === null ? [] : [`cost ${costText(plan, candidate.cost)}`];
    return [called(candidate), wordOf(place), ...told, ...measured, ...price, counted(candidate.runs, "run")].join(
      "\n",
    );
  }

  return resultsView((draw) => {
    const choose = (place: number) => () => {
      chosen = place;
      draw();
    };

    /** Each target over the one setting that was looked for, with the bound across it. */
    function curves(): HTMLElement[] {
      if (find.length !== 1) return [];
      const [axis] = find;
      // Values that grow by factors (1m, 2m, 5m, 10m) are looked at as such.
      const numbers = axis.points.map(({ number }) => number ?? 0);
      const scale =
        Math.min(...numbers) > 0 && Math.max(...numbers) / Math.min(...numbers) > 50 ? "logarithmic" : "linear";
      const kind = axis.unit === "duration" ? "duration" : "number";
      const x = { title: axis.name, scale, kind, write: parameterWriter(axis) } as const;
      return goals.map((goal, i) => {
        const points = candidates.flatMap((candidate, place): CurvePoint[] => {
          const evidence = candidate.evidence[i];
          const at = axis.points[candidate.at[0]].number;
          if (!evidence || evidence.value === null || at === null) return [];
          const isChosen = place === chosen;
          const title = titleOf(place);
          return [
            { x: at, y: evidence.value, ...drawn(evidence.interval), title, chosen: isChosen, choose: choose(place) },
          ];
        });
        const chart = curveChart(
          {
            series: [{ name: goal.name, color: host.color(0), points: points.toSorted((a, b) => a.x - b.x) }],
            x,
            y: valueAxis(goal.name, goal.unit),
            bound: { at: goal.target.bound, text: `wanted: ${goal.target.text}` },
          },
          host.width(),
        );
        const caption = "The candidates that were examined, each with the interval that its verdict rests upon.";
        return figure(`${goal.name} over ${axis.name}`, caption, chart);
      });
    }

    /** Of two settings: who meets the targets, who does not, and who never had to be examined. */
    function grid(): HTMLElement[] {
      if (find.length !== 2 || goals.length === 0) return [];
      const [row, column] = [1, 0];
      const ascending = (i: number): number[] =>
        find[i].points
          .map((_, point) => point)
          .toSorted((a, b) => (find[i].points[a].number ?? a) - (find[i].points[b].number ?? b));
      const [rows, columns] = [ascending(row), ascending(column)];
      const shades = { meets: 1, open: 0.6, fails: 0 } as const;
      const examined = candidates.map((candidate, place) => ({
        row: rows.indexOf(candidate.at[row]),
        column: columns.indexOf(candidate.at[column]),
        value: candidate.verdict === null ? null : shades[candidate.verdict],
        text: answers.has(place)
          ? "answer"
          : { meets: "meets", fails: "fails", open: "?" }[candidate.verdict ?? "open"],
        title: titleOf(place),
        chosen: place === chosen,
        choose: choose(place),
      }));
      const side = (i: number, order: readonly number[]) => ({
        title: find[i].name,
        labels: order.map((point) => find[i].points[point].label),
      });
      const { element } = heatmap(examined, side(row, rows), side(column, columns), "verdicts", host.width());
      const caption =
        "What is empty was settled by its neighbours: harder than one that fails, or dearer than the answer.";
      return [figure(`Verdicts over ${find[column].name} and ${find[row].name}`, caption, element)];
    }

    function front(): HTMLElement[] {
      if (objectives.length < 2) return [];
      const sides = objectives.map((objective, i) => ({
        axis:
          objective.kind === "cost"
            ? {
                title: `cost${cost ? `: ${cost.text}` : ""}`,
                kind: "number" as const,
                write: (value: number) => costText(plan, value),
              }
            : valueAxis(objective.name, objective.measure.unit),
        of: (candidate: CandidateResult) =>
          objective.kind === "cost" ? { value: candidate.cost ?? 0 } : candidate.objectives[i],
      }));
      const points = candidates.flatMap((candidate, place) => {
        const [a, b] = sides.map(({ of }) => of(candidate));
        if (!a || !b) return [];
        const ends = (one: typeof a): readonly [number, number] | undefined => {
          if (!("interval" in one)) return undefined;
          const { low, high } = drawn(one.interval);
          return [low, high];
        };
        const [xInterval, yInterval] = [ends(a), ends(b)];
        return [
          {
            x: a.value,
            y: b.value,
            ...(xInterval && { xInterval }),
            ...(yInterval && { yInterval }),
            onFront: answers.has(place),
            label: labelOf(candidate),
            title: titleOf(place),
            chosen: place === chosen,
            choose: choose(place),
          },
        ];
      });
      const caption = `Less of both is better. Joined by a line: those that no other beats in both; diamonds are beaten. The names are ${find.map(({ name }) => name).join(", ")}.`;
      const chart = frontChart(points, sides[0].axis, sides[1].axis, host.width());
      return [figure(objectives.map(({ name }) => name).join(" against "), caption, chart)];
    }

    function evidence(): HTMLElement {
      const right = (title: string): Column => ({ title, align: "right" });
      const columns = [
        ...find.map(({ name }): Column => ({ title: name, align: "left" })),
        ...(cost ? [right("cost")] : []),
        ...goals.map(({ name }) => right(name)),
        ...objectives.flatMap((objective) => (objective.kind === "measure" ? [right(objective.name)] : [])),
        right("runs"),
        { title: "", align: "left" as const },
      ];
      const rows = candidates.map((candidate, place) => ({
        cells: [
          ...find.map(({ points }, i) => points[candidate.at[i]].label),
          ...(cost ? [costText(plan, candidate.cost ?? 0)] : []),
          ...goals.map((goal, i) => {
            const found = candidate.evidence[i];
            if (!found || found.value === null) return "–";
            return uncertain(found.value, found.interval, (value) => goalText(goal, value));
          }),
          ...objectives.flatMap((objective, i) => {
            if (objective.kind !== "measure") return [];
            const found = candidate.objectives[i];
            return [found ? uncertain(found.value, found.interval, writer(objective.measure.unit)) : "–"];
          }),
          String(candidate.runs),
          wordOf(place),
        ],
        chosen: chosen === place,
        choose: choose(place),
        mark: answers.has(place) ? "meets" : (candidate.verdict ?? ""),
      }));
      return figure(
        "The evidence",
        "The most wanted candidate first; a click on one shows how to repeat its runs.",
        table(columns, rows),
      );
    }

    function detail(): HTMLElement[] {
      if (chosen === null) return [];
      const candidate = candidates[chosen];
      const set = [...plan.scenario.set, ...candidate.set];
      const run = `${seed}/1`;
      return runDetail(called(candidate), runCommand(plan.scenario.file, run, set), () =>
        host.openRun({ scenario: plan.scenario, set, seed: run }, `${called(candidate)}, seed ${run}`),
      );
    }

    const isOpen =
      plan.answer.kind === "none" ||
      ("isShown" in plan.answer && !plan.answer.isShown) ||
      ("isLast" in plan.answer && !plan.answer.isLast);
    const facts = [
      plan.name,
      `${candidates.length} of ${counted(question.possible, "candidate")} examined`,
      counted(runs, "run"),
      `seed ${seed}`,
      plan.scenario.file,
      `regroup ${plan.version}`,
    ];
    const names = [...goals.map(({ name }) => name), ...objectives.map(({ name }) => name)];
    return [
      head("Plan", questionOf(plan), facts),
      answer(plan.sentence, isOpen),
      ...surprises.map((surprise) => answer(surpriseSentence(plan, surprise), surprise.matters)),
      ...curves(),
      ...grid(),
      ...front(),
      evidence(),
      el("div", { class: "detail", "aria-live": "polite" }, ...detail()),
      el(
        "p",
        { class: "note" },
        `With ${sure} confidence: ${method.spending.replace(/\.$/, "")}. Sources: ${method.sources.join("; ")}.`,
      ),
      ...glossary(names),
    ];
  });
}

function questionOf({ question: { find, goals, objectives, cost } }: PlanDocument): string {
  const what = listed(find.map(({ name }) => name));
  const targets = listed([...new Set(goals.map(({ target }) => target.text))]);
  const within = targets === "" ? "" : ` among those with ${targets}`;
  if (objectives.length === 2)
    return `Which ${what} for little ${objectives.map(({ name }) => name).join(" and little ")}${within}?`;
  if (objectives.length === 1) return `Which ${what} for the least ${objectives[0].name}${within}?`;
  return `Which ${what} for ${targets}${cost ? `, at what cost` : ""}?`;
}
