import type { Happening } from "../../sim/trace/event.ts";
import type { Stage, Stages } from "./stage.ts";

/** A step is a command, its input if any, `----`, and what was answered. */
const STEP = /^(?<command>[a-z].*)\n(?<input>(?:(?!----).+\n)*)----\n(?:.+\n)*/gm;

export interface Replayed {
  /** The script with today's answers in place of the written ones. */
  readonly text: string;
  readonly happened: readonly Happening[];
}

/** Plays a script. Its first word chooses the stage. */
export function replay(script: string, stages: Stages): Replayed {
  let stage: Stage | undefined;
  const text = script.replace(STEP, (_, command: string, input: string) => {
    stage ??= open(command, stages);
    return `${command}\n${input}----\n${stage.perform(command, input)}`;
  });
  if (!stage) throw new Error("a timeline has at least one step: a command, its input, and a line of four dashes");
  return { text, happened: stage.happened };
}

function open(command: string, stages: Stages): Stage {
  const [word] = command.split(" ");
  const stage = stages[word];
  if (!stage)
    throw new Error(`a timeline begins with one of: ${Object.keys(stages).join(", ")}; not with "${command}"`);
  return stage();
}
