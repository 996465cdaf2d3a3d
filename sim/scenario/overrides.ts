/**
 * `--set groups.billing.config.session.timeout.ms=10s`: one value of a scenario, replaced.
 *
 * Kafka's keys have dots of their own, so the path is read from left to right, each time the longest key that the
 * scenario or its schema knows there.
 */
import { isRecord, ScenarioDocument, valueAt } from "./document.ts";
import type { Path } from "./document.ts";
import type { KnownKeys } from "./keys.ts";
import type { Problem } from "./problem.ts";
import { closest } from "./suggest.ts";

/** Where a short form (`members: 5`) puts its number when the long form is wanted. */
const SHORT_FORMS: readonly (readonly [pattern: RegExp, key: string])[] = [
  [/^topics\/[^/]+$/, "partitions"],
  [/^groups\/[^/]+\/members$/, "initial"],
];

/** Puts the value of one option into the document; says why if that cannot be done. */
export function override(document: ScenarioDocument, text: string, keys: KnownKeys): Problem[] {
  const option = `--set ${text}`;
  const problem = (message: string, advice: string): Problem[] => [{ message, at: null, option, advice }];
  const sign = text.indexOf("=");
  if (sign < 1) return problem("is no setting", "write path=value: --set duration=1h");
  const given = new ScenarioDocument(text.slice(sign + 1));
  if (given.problems.length > 0)
    return problem(`has a value that is not YAML: ${given.problems[0].message}`, "quote it");

  let path: Path = [];
  let rest = text.slice(0, sign).trim();
  while (rest !== "") {
    const here = spelledOut(valueAt(document.value, path), path);
    const step = Array.isArray(here) ? listStep(rest, here.length) : mapStep(rest, here, path, keys);
    if (step === undefined) return problem(noSuchPath(path, rest), suggestion(rest, here, path, keys));
    if (here !== valueAt(document.value, path)) document.override(path, here, option);
    path = [...path, Array.isArray(here) ? Number(step) : step];
    rest = rest.slice(step.length + 1);
  }
  document.override(path, given.value, option);
  return [];
}

/** The value at `path`, a short form made long. */
function spelledOut(value: unknown, path: Path): unknown {
  if (isRecord(value) || Array.isArray(value)) return value;
  const form = SHORT_FORMS.find(([pattern]) => pattern.test(path.join("/")));
  return form && typeof value === "number" ? { [form[1]]: value } : {};
}

/** The beginning of `rest` that is a place in the list; one past its end appends. */
function listStep(rest: string, length: number): string | undefined {
  const [step] = rest.split(".");
  return /^\d{1,6}$/.test(step) && Number(step) <= length ? step : undefined;
}

/** The longest beginning of `rest` that is a key there, up to a dot or the end. */
function mapStep(rest: string, here: unknown, path: Path, keys: KnownKeys): string | undefined {
  let best: string | undefined;
  for (const key of candidates(here, path, keys)) {
    const fits = rest === key || rest.startsWith(`${key}.`);
    if (fits && key.length > (best?.length ?? 0)) best = key;
  }
  return best;
}

const candidates = (here: unknown, path: Path, keys: KnownKeys): string[] => [
  ...(isRecord(here) ? Object.keys(here) : []),
  ...keys.at(path),
];

const noSuchPath = (path: Path, rest: string): string =>
  `leads nowhere: ${path.length > 0 ? `${path.join(".")} has no ${rest}` : `there is no ${rest}`}`;

function suggestion(rest: string, here: unknown, path: Path, keys: KnownKeys): string {
  if (Array.isArray(here)) {
    return here.length > 0 ? `its entries are numbered from 0 to ${here.length - 1}` : "it is empty: 0 adds the first";
  }
  const known = candidates(here, path, keys);
  const [first] = rest.split(".");
  const near = closest(rest, known) ?? closest(first, known);
  if (near !== undefined) return `did you mean ${[...path, near].join(".")}?`;
  if (keys.at(path).size > 0) return keys.advice(rest, path);
  return known.length > 0 ? `there are: ${known.slice(0, 10).join(", ")}` : `${path.join(".")} has nothing inside`;
}
