/** Files that the page can show: traces, and the results of many runs. */
import { closeSync, openSync, readSync, statSync } from "node:fs";
import { RESULTS_HEAD } from "../experiment/results-head.ts";
import { TraceError } from "../trace/ndjson.ts";
import type { TraceHeader } from "../trace/event.ts";
import { Mistake } from "./failure.ts";
import { readText } from "./files.ts";
import { readTrace } from "./trace-files.ts";

export interface Viewable {
  readonly kind: "trace" | "results";
  /** What it calls itself; empty if it has no name. */
  readonly name: string;
}

/**
 * Looks a file over, traces to their end: nobody will see the page's own complaints, so they are made here.
 *
 * @throws {Mistake} if the page could not show it.
 */
export async function viewable(file: string): Promise<Viewable> {
  const about = statSync(file, { throwIfNoEntry: false });
  if (!about) throw new Mistake(`there is no file ${file}`);
  if (!about.isFile())
    throw new Mistake(
      `${file} is not a file; a trace is one (regroup run … --trace FILE), results are (--json > FILE)`,
    );
  return RESULTS_HEAD.test(beginning(file)) ? results(file) : trace(file);
}

function results(file: string): Viewable {
  try {
    const { name } = JSON.parse(readText(file)) as { readonly name: string };
    return { kind: "results", name };
  } catch (error) {
    if (error instanceof Mistake) throw error;
    throw new Mistake(`${file} has been cut off or changed: ${(error as Error).message}`);
  }
}

async function trace(file: string): Promise<Viewable> {
  let name = "";
  const begin = ({ scenario }: TraceHeader): void => {
    const found = (scenario as { readonly name?: unknown }).name;
    if (typeof found === "string") name = found;
  };
  try {
    const { cutOff } = await readTrace(file, { begin, see: () => {}, end: () => {} }, { tolerate: "cut-off" });
    if (cutOff !== null) console.error(`${file} is not whole: ${cutOff}`);
    return { kind: "trace", name };
  } catch (error) {
    if (error instanceof TraceError) throw new Mistake(`${file} is nothing to look at: ${error.message}`);
    throw error;
  }
}

function beginning(file: string): string {
  const bytes = Buffer.alloc(200);
  const open = openSync(file, "r");
  try {
    return bytes.toString("utf8", 0, readSync(open, bytes, 0, bytes.length, 0));
  } finally {
    closeSync(open);
  }
}
