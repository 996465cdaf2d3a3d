import type { CandidateResult, Plan } from "../experiment/plan/plan.ts";
import { aligned, wrapped, type Cell, type Column } from "./columns.ts";
import { counted, percentage } from "./humane.ts";
import { intervalText, valueText } from "./measures.ts";
import { paint, type Paint } from "./paint.ts";
import { costText, goalText, planSentence, surpriseSentence } from "./plan-sentence.ts";

export interface PlanTableOptions {
  /** The command that repeats a run of the answer. */
  readonly replay?: string;
  readonly colour?: boolean;
  readonly width?: number;
}

/** What `regroup plan` prints: the answer, what speaks against it, and the evidence. */
export function planTable(plan: Plan, { replay, colour = false, width = 96 }: PlanTableOptions = {}): string {
  const tones = paint(colour);
  const { strong, faint, warn } = tones;
  const { name, question, surprises, method, candidates, runs } = plan;
  const say = (text: string): string[] => wrapped(text.split(" "), width, 2, 1);
  const looked = `${candidates.length} of ${counted(question.possible, "candidate")} examined, ${counted(runs, "run")}`;
  const lines = [`${strong(name)}${faint(`  ${looked}`)}`, "", ...say(planSentence(plan)).map(strong)];
  for (const surprise of surprises) lines.push("", ...say(surpriseSentence(plan, surprise)).map(warn));
  lines.push("", ...evidenceLines(plan, tones));
  lines.push(
    "",
    ...say(
      `${WORDS[method.kind]}. ${method.spending}${question.goals.length > 0 ? " An interval is what its verdict rests upon." : ""}`,
    ).map(faint),
  );
  if (replay !== undefined) lines.push("", `${faint("a run of it:")} ${replay}`);
  return lines.join("\n");
}

const WORDS: Readonly<Record<Plan["method"]["kind"], string>> = {
  bisection: "Searched by bisection, run after run until each test was decided",
  elimination: "Searched by elimination, each test settling all that is harder or more costly",
  "in-order": "Examined one after the other, the most wanted first",
  best: "Selected by the procedure of Kim and Nelson",
  front: "Compared two by two until decided",
};

function evidenceLines(plan: Plan, tones: Paint): string[] {
  const { question, candidates } = plan;
  const { faint } = tones;
  const hasCost = question.cost !== null;
  const measured = question.objectives.flatMap((objective, place) =>
    objective.kind === "measure" ? [{ objective, place }] : [],
  );
  const head = [
    ...question.find.map(({ name }) => name),
    ...(hasCost ? ["cost"] : []),
    ...question.goals.flatMap(({ name }) => [name, "interval"]),
    ...measured.flatMap(({ objective }) => [objective.name, percentage(question.confidence)]),
    "runs",
    "",
  ];
  const rows = candidates.map((candidate, place): Cell[] => [
    ...candidate.at.map((point, axis) => ({ text: question.find[axis].points[point].label })),
    ...(hasCost ? [{ text: costText(plan, candidate.cost!) }] : []),
    ...question.goals.flatMap((goal, i) => {
      const evidence = candidate.evidence[i];
      if (evidence === undefined || evidence.value === null) return [{ text: "" }, { text: "" }];
      const { value, interval } = evidence;
      return [
        { text: goalText(goal, value) },
        { text: intervalText(interval, (end) => goalText(goal, end)), paint: faint },
      ];
    }),
    ...measured.flatMap(({ objective, place }) => {
      const estimate = candidate.objectives[place]!;
      const write = (value: number): string => valueText(value, objective.measure.unit);
      return [{ text: write(estimate.value) }, { text: intervalText(estimate.interval, write), paint: faint }];
    }),
    { text: `${candidate.runs}` },
    standing(plan, candidate, place, tones),
  ]);
  const columns = head.map((_, i): Column => ({ align: i === head.length - 1 ? "left" : "right" }));
  return aligned([head.map((text): Cell => ({ text, paint: faint })), ...rows], columns);
}

/** What became of a candidate, in a word. */
function standing(
  { answer, question }: Plan,
  { verdict, beatenBy }: CandidateResult,
  place: number,
  tones: Paint,
): Cell {
  const isAnswer =
    (answer.kind === "found" || answer.kind === "best" ? answer.candidate === place : false) ||
    (answer.kind === "front" && answer.candidates.includes(place));
  if (isAnswer) {
    const words = { found: "meets  ← the answer", best: "← the best", front: "on the front" };
    return { text: words[answer.kind as keyof typeof words], paint: tones.good };
  }
  if (verdict !== null && verdict !== "meets")
    return verdict === "open" ? { text: "open", paint: tones.warn } : { text: "fails", paint: tones.bad };
  if (question.objectives.length > 0)
    return beatenBy === null ? { text: "not beaten", paint: tones.warn } : { text: "beaten", paint: tones.faint };
  return { text: "meets" };
}
