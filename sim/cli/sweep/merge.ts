import { existsSync, readdirSync, statSync } from "node:fs";
import path from "node:path";
import { gapsOf, joined, type Gap } from "../../experiment/sweep/join.ts";
import type { ParsedExperiment } from "../../experiment/sweep/parse.ts";
import { copyOf, identityOf, Unsettled } from "../../experiment/sweep/sweep.ts";
import { EXIT, Mistake } from "../failure.ts";
import { isResultsFolder, openResults, readResults } from "./results-folder.ts";
import { unsettled } from "./sweep.ts";
import { resultsIn, resultsJson, tell, type TellOptions } from "./tell.ts";

export interface MergeOptions extends TellOptions {
  readonly parts: readonly string[];
  readonly results?: string;
}

/** Joins the shards of a sweep and tells what they come to, exactly as one sweep would have; returns the exit status. */
export async function mergeShards(options: MergeOptions): Promise<number> {
  const folders = [...new Set(options.parts.flatMap(foldersOf))].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const parts = folders.map((folder) => ({ name: folder, ...readResults(folder) }));
  const [{ parsed }] = parts;
  for (const part of parts.slice(1)) {
    if (identityOf(part.parsed) !== identityOf(parsed))
      throw new Mistake(
        `${parts[0].name} and ${part.name} are of different sweeps: ${difference(parsed, part.parsed)}\n` +
          " = join the shards of one experiment, with the same seed, replications and version of regroup",
      );
  }
  const source = joined(parts);
  try {
    const gaps = gapsOf(parsed, source);
    if (gaps.length > 0) throw incomplete(gaps, parsed, folders);
    const told = resultsIn(parsed, source);
    if (options.results !== undefined) {
      const results = openResults(options.results, parsed);
      try {
        copyOf(parsed, source, results);
        results.write("results.json", `${resultsJson(told)}\n`);
      } finally {
        results.close();
      }
    }
    await tell(parsed, source, told, options);
    return EXIT.done;
  } catch (error) {
    if (error instanceof Unsettled) throw unsettled(error, parsed);
    throw error;
  }
}

/** The results folders that a name means: itself, what is in it, or the one that a file of it is in. */
function foldersOf(name: string): string[] {
  if (!existsSync(name)) throw new Mistake(`there is no ${name}`);
  const folder = statSync(name).isDirectory() ? name : path.dirname(name);
  const inside = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => path.join(folder, entry.name));
  const found = [folder, ...inside].filter(isResultsFolder);
  if (found.length === 0) throw new Mistake(`there are no results of a sweep in ${name}`);
  return found;
}

/** In what two sweeps differ, as far as words go. */
function difference(one: ParsedExperiment, other: ParsedExperiment): string {
  const first = { ...one.experiment, cells: one.cells };
  const second = { ...other.experiment, cells: other.cells };
  const odd = (Object.keys({ ...first, ...second }) as (keyof typeof first)[]).filter(
    (key) => JSON.stringify(first[key]) !== JSON.stringify(second[key]),
  );
  const told = odd.map((key) => {
    const [a, b] = [first[key], second[key]];
    return typeof a === "object" || typeof b === "object" ? key : `${key} ${a} and ${b}`;
  });
  return told.join(", ");
}

/** Cells that are named; the others are counted. */
const MOST_GAPS = 20;

function incomplete(
  gaps: readonly Gap[],
  { experiment, cells }: ParsedExperiment,
  folders: readonly string[],
): Mistake {
  const lines = gaps.slice(0, MOST_GAPS).map(({ at, what }) => {
    const where = at.map(
      (point, axis) => `${experiment.parameters[axis].name} ${experiment.parameters[axis].points[point].label}`,
    );
    return `  ${where.join(", ")}: ${what}`;
  });
  if (gaps.length > MOST_GAPS) lines.push(`  … and ${gaps.length - MOST_GAPS} more`);
  const absent = absentShards(folders);
  const advice = absent === "" ? "make them with regroup sweep --shard, which goes on where it stopped" : absent;
  return new Mistake(`${gaps.length} of ${cells.length} cells cannot be told:\n${lines.join("\n")}\n = ${advice}`);
}

/** `shard 3 of 8 is not among these`, as far as the names of the folders tell. */
function absentShards(folders: readonly string[]): string {
  const shards = folders.map((folder) => /shard-(\d+)-of-(\d+)$/.exec(folder)?.slice(1).map(Number) ?? []);
  const all = new Set(shards.map(([, of]) => of));
  const [of] = all;
  if (all.size !== 1 || of === undefined) return "";
  const there = new Set(shards.map(([index]) => index));
  const absent = Array.from({ length: of }, (_, i) => i + 1).filter((index) => !there.has(index));
  if (absent.length === 0) return "";
  const [one, are] = absent.length === 1 ? ["shard", "is"] : ["shards", "are"];
  return `${one} ${absent.join(", ")} of ${of} ${are} not among these`;
}
