import type { CandidateResult } from "../../sim/experiment/plan/plan.ts";
import { button, el } from "../dom.ts";
import { curveChart } from "./charts/curves.ts";
import { frontChart } from "./charts/front.ts";
import type { PlanDocument } from "./documents.ts";
import { answer, command, figure, head, table, type ResultsHost } from "./parts.ts";
import { estimated, nameOf, parameterWriter, writer } from "./words.ts";

/** A plan: its answer first, then the evidence, candidate by candidate. */
export function planView(plan: PlanDocument, host: ResultsHost): HTMLElement {
  const { question, candidates, surprises, method, runs } = plan;
  const root = el("section", { class: "results" });
  let chosen: number | null = "candidate" in plan.answer ? plan.answer.candidate : null;
  const onFront = new Set<number>(plan.answer.kind === "front" ? plan.answer.candidates : []);

  const titleOf = (candidate: CandidateResult): string =>
    `${nameOf(question.find, candidate.at)}: ${wordOf(candidate)}`;
  const choose = (place: number): void => {
    chosen = place;
    draw();
  };

  /** Each target over the one setting that was looked for, with the bound across it. */
  function curves(): HTMLElement[] {
    if (question.find.length !== 1) return [];
    const [axis] = question.find;
    return question.goals.map((goal, i) => {
      const write = writer(goal.unit);
      const points = candidates.flatMap((candidate, place) => {
        const evidence = candidate.evidence[i];
        const x = axis.points[candidate.at[0]].number;
        if (!evidence || evidence.value === null || x === null) return [];
        const { low, high } = evidence.interval;
        return [
          {
            x,
            y: evidence.value,
            low: low ?? evidence.value,
            high: high ?? evidence.value,
            title: titleOf(candidate),
            chosen: place === chosen,
            choose: () => choose(place),
          },
        ];
      });
      const bound = goal.target.bound;
      const chart = curveChart({
        series: [{ name: goal.name, color: host.color(i), points: points.toSorted((a, b) => a.x - b.x) }],
        x: { title: axis.name, scale: "linear", write: parameterWriter(axis) },
        y: { title: goal.name, write },
        bound: { at: bound, text: goal.target.text },
      });
      return figure("The candidates that were examined, each with the interval its verdict rests upon", chart);
    });
  }

  function front(): HTMLElement[] {
    if (question.objectives.length < 2) return [];
    const [x, y] = question.objectives.map((objective, i) => ({
      title: objective.name,
      write:
        objective.kind === "cost"
          ? (value: number) => String(Number(value.toPrecision(4)))
          : writer(objective.measure.unit),
      of: (candidate: CandidateResult) =>
        objective.kind === "cost"
          ? { value: candidate.cost ?? 0, interval: undefined }
          : { value: candidate.objectives[i]?.value ?? 0, interval: candidate.objectives[i]?.interval },
    }));
    const points = candidates.map((candidate, place) => {
      const [a, b] = [x.of(candidate), y.of(candidate)];
      return {
        x: a.value,
        y: b.value,
        ...(a.interval && { xInterval: [a.interval.low, a.interval.high] as const }),
        ...(b.interval && { yInterval: [b.interval.low, b.interval.high] as const }),
        onFront: onFront.has(place),
        label: question.find.map(({ points }, i) => points[candidate.at[i]].label).join(", "),
        title: titleOf(candidate),
        choose: () => choose(place),
      };
    });
    return [figure("Joined by a line: those that no other beats in both", frontChart(points, x, y))];
  }

  function wordOf({ verdict, beatenBy }: CandidateResult): string {
    if (beatenBy !== null) return `beaten by ${nameOf(question.find, candidates[beatenBy].at)}`;
    if (verdict === null) return "in the contest to the end";
    return verdict === "open" ? "not decided" : `${verdict} the targets`;
  }

  function evidence(): HTMLElement {
    const titles = [
      ...question.find.map(({ name }) => name),
      ...(question.cost ? ["cost"] : []),
      ...question.goals.map(({ name }) => name),
      ...question.objectives.flatMap((objective) => (objective.kind === "measure" ? [objective.name] : [])),
      "runs",
      "",
    ];
    const rows = candidates.map((candidate, place) => ({
      cells: [
        ...question.find.map(({ points }, i) => points[candidate.at[i]].label),
        ...(question.cost ? [String(Number((candidate.cost ?? 0).toPrecision(4)))] : []),
        ...question.goals.map((goal, i) => {
          const found = candidate.evidence[i];
          if (!found || found.value === null) return "–";
          return estimated(found.value, found.interval.low, found.interval.high, writer(goal.unit));
        }),
        ...question.objectives.flatMap((objective, i) => {
          if (objective.kind !== "measure") return [];
          const found = candidate.objectives[i];
          if (!found) return ["–"];
          return [estimated(found.value, found.interval.low, found.interval.high, writer(objective.measure.unit))];
        }),
        String(candidate.runs),
        wordOf(candidate),
      ],
      chosen: chosen === place,
      choose: () => choose(place),
      mark: onFront.has(place) ? "meets" : (candidate.verdict ?? ""),
    }));
    return figure("The evidence, the most wanted candidate first", table(titles, rows));
  }

  function detail(): HTMLElement[] {
    if (chosen === null) return [];
    const candidate = candidates[chosen];
    const { file } = plan.scenario;
    const seed = `${question.seed}/1`;
    const set = [...plan.scenario.set, ...candidate.set];
    const show = (): void =>
      host.openRun({ scenario: plan.scenario, set, seed }, `${nameOf(question.find, candidate.at)}, seed ${seed}`);
    return [
      el("h2", {}, nameOf(question.find, candidate.at)),
      command(["regroup run", file, ...set.map((one) => `--set '${one}'`), "--seed", seed].join(" ")),
      el("p", {}, button("Show its first run", "Simulate this run here and look at it", show, { class: "primary" })),
    ];
  }

  function draw(): void {
    const isOpen = plan.answer.kind === "none" || ("isShown" in plan.answer && !plan.answer.isShown);
    const facts = [
      `${candidates.length} of ${question.possible} candidates examined`,
      `${runs} runs`,
      `seed ${question.seed}`,
      plan.scenario.file,
      `regroup ${plan.version}`,
    ];
    const targets = question.goals.map(({ target }) => target.text);
    const asked =
      targets.length > 0
        ? `Which ${question.find.map(({ name }) => name).join(" and ")} for ${[...new Set(targets)].join(" and ")}?`
        : undefined;
    root.replaceChildren(
      head(plan.name, asked, facts),
      answer(plan.sentence, isOpen),
      ...surprises
        .filter(({ matters }) => matters)
        .map(({ easier, harder, goal }) =>
          answer(
            `${nameOf(question.find, candidates[easier].at)} did worse than ${nameOf(question.find, candidates[harder].at)} in ${question.goals[goal].name}: the search rests upon the opposite.`,
            true,
          ),
        ),
      ...curves(),
      ...front(),
      evidence(),
      el("div", { class: "detail", "aria-live": "polite" }, ...detail()),
      el("p", { class: "note" }, `${method.spending}. ${method.sources.join("; ")}`),
    );
  }
  draw();
  return root;
}
