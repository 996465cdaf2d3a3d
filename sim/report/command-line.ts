/** Commands to copy: lines that repeat what was done. */
import type { Instant } from "../engine/time.ts";

/** A word as a shell wants it. */
export function quoted(word: string): string {
  return /^[\w./=:@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Long commands have an option a line. */
const LONG = 90;

/** The command that repeats one run of a scenario file; long ones in several lines, which a shell takes as one. */
export function runCommand(file: string, seed: string, set: readonly string[], until?: Instant): string {
  const options = set.map((field) => `--set ${quoted(field)}`);
  if (until !== undefined) options.push(`--until ${until}us`);
  const parts = [`regroup run ${quoted(file)} --seed ${quoted(seed)}`, ...options];
  const line = parts.join(" ");
  return line.length <= LONG ? line : parts.join(" \\\n  ");
}
