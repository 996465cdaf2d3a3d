import type { Happening } from "../../sim/trace/event.ts";

/** Where a timeline is played: it performs one step of a script after the other, and tells what happened. */
export interface Stage {
  /**
   * @param command The step's first line.
   * @param input The lines below it, up to `----`; each ends in a newline.
   * @returns The answer: lines that each end in a newline, or "".
   */
  perform(command: string, input: string): string;
  /** All that was written down so far, for those who ask what the timelines have shown. */
  readonly happened: readonly Happening[];
}

/** A stage by the first word of a timeline's first command. */
export type Stages = Readonly<Record<string, () => Stage>>;
