/** What `regroup report` does: the page and what it is to show, in one file that can be mailed. */
import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { gzipSync } from "node:zlib";
import type { Sink, TraceHeader } from "../trace/event.ts";
import { TraceError } from "../trace/ndjson.ts";
import { pageWith } from "./built-page.ts";
import { EXIT, Mistake } from "./failure.ts";
import { readTrace } from "./trace-files.ts";

/** Browsers open files of this size without trouble; more is possible, and slow. */
const LARGE = 60_000_000;

/** Writes the report and says where it is; returns the exit status. */
export async function writeReport(files: readonly string[], output: string): Promise<number> {
  const names: string[] = [];
  for (const file of files) names.push(await nameOf(file));
  const enclosures = files.map((file) => ({ name: path.basename(file), bytes: packed(readFileSync(file)) }));
  const page = pageWith(enclosures, `${[...new Set(names)].join(" and ")} · regroup`);
  const beside = path.join(path.dirname(output), `.${path.basename(output)}.${process.pid}.part`);
  try {
    writeFileSync(beside, page);
    renameSync(beside, output);
  } catch (error) {
    rmSync(beside, { force: true });
    throw new Mistake(`the report cannot be written to ${output}: ${(error as Error).message}`);
  }
  console.error(`The report is in ${output} (${(page.length / 1e6).toFixed(1)} MB, needs nothing else)`);
  if (page.length > LARGE)
    console.error("That is large for a browser: a shorter run, or fewer partitions, are lighter");
  return EXIT.done;
}

/** The name of the run in a trace, which is read to its end to be sure that the page can. */
async function nameOf(file: string): Promise<string> {
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) throw new Mistake(`there is no file ${file}`);
  let name = path.basename(file);
  const sink: Sink = {
    begin: ({ scenario }: TraceHeader) => {
      const found = (scenario as { readonly name?: unknown }).name;
      if (typeof found === "string" && found !== "") name = found;
    },
    see: () => undefined,
    end: () => undefined,
  };
  try {
    const { cutOff } = await readTrace(file, sink, { tolerate: "cut-off" });
    if (cutOff !== null) console.error(`${file} is not whole: ${cutOff}`);
  } catch (error) {
    if (error instanceof TraceError) throw new Mistake(`${file} is not a trace: ${error.message}`);
    throw error;
  }
  return name;
}

/** Compressed, if it is not yet. */
function packed(bytes: Buffer): Uint8Array {
  const isGzip = bytes.length > 1 && bytes[0] === 0x1f && bytes[1] === 0x8b;
  return isGzip ? bytes : gzipSync(bytes);
}
