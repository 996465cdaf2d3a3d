/**
 * Files of durations that a scenario names (`{ empirical: startups.csv }`) are put into it before anything else, so
 * that trace header, hash and browser have the whole scenario.
 */
import { parseDuration } from "../engine/time.ts";
import type { Duration } from "../engine/time.ts";
import { isRecord } from "./document.ts";
import type { Finding, Path } from "./document.ts";
import { MAX_DURATION, MAX_SAMPLE, shown } from "./units.ts";

/** Reads a file that a scenario names; given by whoever may touch files. Throws with a reason for people. */
export type ReadFile = (name: string) => string;

/** A scenario's data with the samples in it, and what is wrong with their files. */
export function withSamples(value: unknown, read: ReadFile): { value: unknown; findings: Finding[] } {
  const findings: Finding[] = [];
  const visit = (inner: unknown, path: Path): unknown => {
    if (Array.isArray(inner)) return inner.map((item, i) => visit(item, [...path, i]));
    if (!isRecord(inner)) return inner;
    return Object.fromEntries(
      Object.entries(inner).map(([key, item]) => {
        const here = [...path, key];
        if (key !== "empirical" || typeof item !== "string") return [key, visit(item, here)];
        const sample = sampleOf(item, read);
        if (Array.isArray(sample)) return [key, sample.map((duration) => `${duration}us`)];
        findings.push({ paths: [here], message: `empirical ${sample.message}`, advice: sample.advice });
        return [key, ["0s"]]; // something to go on with: its mistake is told already
      }),
    );
  };
  return { value: visit(value, []), findings };
}

interface Mistake {
  readonly message: string;
  readonly advice: string;
}

/** The durations of a file: the first column, with units (`12.5ms`) or with the unit in the heading (`startup_ms`). */
function sampleOf(name: string, read: ReadFile): Duration[] | Mistake {
  let text: string;
  try {
    text = read(name);
  } catch (error) {
    const [reason] = (error as Error).message.split("\n");
    return { message: `cannot be read: ${reason}`, advice: "the name is relative to the scenario's folder" };
  }
  const cells = text.split(/\r\n|[\r\n]/).map(firstColumn);
  const hasHeading = parseDuration(cells[0]) === undefined;
  const unit = (hasHeading && /(?:^|[^a-z])(us|ms|s|m|h|d)\W*$/i.exec(cells[0])?.[1].toLowerCase()) || "";
  const sample: Duration[] = [];
  for (const [i, cell] of cells.entries()) {
    if (cell === "" || (i === 0 && hasHeading && !/^[\d.]+$/.test(cell))) continue;
    const duration = parseDuration(/^[\d.]+$/.test(cell) ? cell + unit : cell);
    if (duration === undefined || duration > MAX_DURATION) {
      return {
        message: `names ${shown(name)}, whose line ${i + 1} is no duration: ${shown(cell)}`,
        advice: "12.5ms, or bare numbers under a heading that ends in _ms or _s",
      };
    }
    sample.push(duration);
  }
  if (sample.length > MAX_SAMPLE) {
    return {
      message: `names ${shown(name)}, which holds ${sample.length} durations`,
      advice: `${MAX_SAMPLE} are the limit`,
    };
  }
  return sample.length > 0
    ? sample
    : { message: `names ${shown(name)}, which holds no durations`, advice: "one a line" };
}

const firstColumn = (line: string): string =>
  line
    .split(/[,;\t]/)[0]
    .trim()
    .replace(/^"(.*)"$/, "$1");
