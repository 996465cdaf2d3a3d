/**
 * Files that a scenario names (of durations: `{ empirical: startups.csv }`, of rates: `{ csv: traffic.csv }`) are put
 * into it before anything else, so that trace header, hash and browser have the whole scenario.
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
        if (key === "rate" && isRecord(item) && typeof item.csv === "string") {
          const steps = stepsOf(item.csv, read);
          if (Array.isArray(steps)) return [key, steps];
          findings.push({ paths: [[...here, "csv"]], message: `csv ${steps.message}`, advice: steps.advice });
          return [key, 0]; // something to go on with: its mistake is told already
        }
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
  const text = textOf(name, read);
  if (typeof text !== "string") return text;
  const cells = text.split(/\r\n|[\r\n]/).map(firstColumn);
  const hasHeading = parseDuration(cells[0]) === undefined;
  const unit = (hasHeading && unitOf(cells[0])) || "";
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

/**
 * The steps of a rate over time: two columns, when and how many a second. Times have units (`5m`), or the unit of the
 * heading (`t_s`, `minute_m`), or are seconds; they count from that of the first line. Rates are numbers a second, or
 * have a unit (`30/m`).
 */
function stepsOf(name: string, read: ReadFile): { at: string; rate: string }[] | Mistake {
  const text = textOf(name, read);
  if (typeof text !== "string") return text;
  const lines = text.split(/\r\n|[\r\n]/).map((line) => line.split(/[,;\t]/).map(unquoted));
  const hasHeading = !/^[\d.]+(?:[a-z].*)?$/.test(lines[0][0]);
  const unit = (hasHeading && unitOf(lines[0][0])) || "s";
  const steps: { at: string; rate: string }[] = [];
  let begin: number | undefined;
  for (const [i, [when, rate = ""]] of lines.entries()) {
    if (when === "" || (i === 0 && hasHeading)) continue;
    const at = parseDuration(/^[\d.]+$/.test(when) ? when + unit : when);
    if (at === undefined || !/^\d+(?:\.\d+)?(?:\/[a-z]+)?$/.test(rate)) {
      const message = `names ${shown(name)}, whose line ${i + 1} is no time and rate: ${shown(`${when},${rate}`)}`;
      return { message, advice: "5m,2000 or 300,2000/s" };
    }
    begin ??= at;
    steps.push({ at: `${Math.max(0, at - begin)}us`, rate: rate.includes("/") ? rate : `${rate}/s` });
  }
  return steps.length > 0 ? steps : { message: `names ${shown(name)}, which holds no rates`, advice: "one a line" };
}

function textOf(name: string, read: ReadFile): string | Mistake {
  try {
    return read(name);
  } catch (error) {
    const [reason] = (error as Error).message.split("\n");
    return { message: `cannot be read: ${reason}`, advice: "the name is relative to the scenario's folder" };
  }
}

/** The unit of time that a heading ends in. */
const unitOf = (heading: string): string | undefined =>
  /(?:^|[^a-z])(us|ms|s|m|h|d)\W*$/i.exec(heading)?.[1].toLowerCase();

const unquoted = (cell: string): string => cell.trim().replace(/^"(.*)"$/, "$1");

const firstColumn = (line: string): string => unquoted(line.split(/[,;\t]/)[0]);
