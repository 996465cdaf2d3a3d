/** What `regroup report` does: the page and what it is to show, in one file that can be mailed. */
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { gzipSync } from "node:zlib";
import { pageWith, type Enclosure } from "./built-page.ts";
import { EXIT, Mistake } from "./failure.ts";
import { viewable } from "./viewable.ts";

/** Browsers open files of this size without trouble; more is possible, and slow. */
const LARGE = 60_000_000;

/** Writes the report and says where it is; returns the exit status. */
export async function writeReport(files: readonly string[], output: string): Promise<number> {
  const names: string[] = [];
  const enclosures: Enclosure[] = [];
  for (const file of files) {
    const { kind, name } = await viewable(file);
    const bytes = readFileSync(file);
    names.push(name === "" ? path.basename(file) : name);
    enclosures.push({ name: path.basename(file), bytes: kind === "trace" ? packed(bytes) : bytes });
  }
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

/** Compressed, if it is not yet. */
function packed(bytes: Buffer): Uint8Array {
  const isGzip = bytes.length > 1 && bytes[0] === 0x1f && bytes[1] === 0x8b;
  return isGzip ? bytes : gzipSync(bytes);
}
