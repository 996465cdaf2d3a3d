/** What zod found, in words for people: the part of a union that was meant, unknown keys one by one, advice. */
import type { z } from "zod";
import { isRecord, valueAt } from "./document.ts";
import type { Finding, Path } from "./document.ts";
import type { KnownKeys } from "./keys.ts";
import { shown } from "./units.ts";

type Issue = z.core.$ZodIssue;

/** What is said of a file as a whole: what kind it is, and what the smallest one holds. */
export interface FileKind {
  readonly article: "a" | "an";
  readonly noun: string;
  readonly smallest: string;
  /** What to write for a key that is missing, if this kind knows; else its name is all there is to say. */
  missing(path: Path): string | undefined;
}

/** Complaints about the whole value: in a union they say "this variant is not meant". */
const MISMATCH: ReadonlySet<string> = new Set(["invalid_type", "invalid_value", "invalid_format"]);

/** The findings for all issues of one validation. `input` is what was validated. */
export function schemaFindings(
  issues: readonly Issue[],
  input: unknown,
  keys: KnownKeys,
  kind: FileKind = SCENARIO,
): Finding[] {
  return issues.flatMap((issue) => findings(issue, [], input, keys, kind));
}

function findings(issue: Issue, above: Path, input: unknown, keys: KnownKeys, kind: FileKind): Finding[] {
  const path: Path = [...above, ...(issue.path as (string | number)[])];
  if (path.length === 0 && issue.code === "invalid_type") {
    const { noun, smallest } = kind;
    const message =
      input === null ? `there is no ${noun} in this file` : `${kind.article} ${noun} is a map, not ${shown(input)}`;
    return [{ paths: [path], message, advice: smallest }];
  }
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => unknownKey(key, path, input, keys));
  }
  if (issue.code === "invalid_union") {
    const value = valueAt(input, path);
    const meant = variantMeant(issue.errors as Issue[][], value, keys.kindsAt(path));
    if (meant) return certain(meant, value).flatMap((inner) => findings(inner, path, input, keys, kind));
    const unknown = isRecord(value) ? unknownEverywhere(issue.errors as Issue[][]) : [];
    if (unknown.length > 0) return unknown.map((key) => unknownKey(key, path, input, keys));
  }
  if (issue.code === "invalid_key") return issue.issues.map((inner) => finding(inner.message, path, true));
  if (valueAt(input, path) === undefined && path.length > 0) {
    return [
      { paths: [path], message: `${name(path)} is missing`, advice: kind.missing(path) ?? `write ${path.at(-1)}: …` },
    ];
  }
  return [finding(words(issue, valueAt(input, path)), path)];
}

const unknownKey = (key: string, path: Path, input: unknown, keys: KnownKeys): Finding => ({
  paths: [[...path, key]],
  key: true,
  message: `${key} is not known ${path.length === 0 ? "here" : `in ${name(path)}`}`,
  advice: keys.advice(key, path, besides(key, valueAt(input, path)), valueAt(input, [...path, key])),
});

const besides = (key: string, map: unknown): string[] =>
  isRecord(map) ? Object.keys(map).filter((other) => other !== key) : [];

/** A message of the schema's is a predicate and an advice; the subject is the value's name. */
function finding(text: string, path: Path, key?: true): Finding {
  const [predicate, advice] = text.split("\n");
  const message = key ? predicate : `${name(path)} ${predicate}`;
  return { paths: [path], ...(key && { key }), message, ...(advice && { advice }) };
}

/**
 * The variant of a union that the author had in mind: the one whose keys fit best, that is with the fewest that are
 * unknown or missing; of equals, the one with the fewest other complaints, then the one that knows the most of the keys
 * that are there, and of those the first. None if all know as few of them. `kinds`: keys that name a variant, which weigh
 * more than any other.
 */
function variantMeant(
  variants: readonly (readonly Issue[])[],
  value: unknown,
  kinds: ReadonlySet<string>,
): readonly Issue[] | undefined {
  const counted = variants
    .filter((issues) => !issues.some(isMismatch))
    .map((issues) => ({
      issues,
      misfit: weightOf(
        issues.filter((issue) => isOfKeys(issue, value)),
        value,
        kinds,
      ),
      size: weightOf(issues, value, kinds),
      unknown: unknownKeys(issues).length,
    }))
    .sort((a, b) => a.misfit - b.misfit || a.size - b.size || a.unknown - b.unknown);
  const [first, second] = counted;
  const isTied = second?.size === first?.size && second?.unknown === first?.unknown;
  return isTied && counted.every(({ unknown }) => unknown === first.unknown) ? undefined : first?.issues;
}

const weightOf = (issues: readonly Issue[], value: unknown, kinds: ReadonlySet<string>): number =>
  issues.reduce((sum, issue) => sum + weight(issue, value, kinds), 0);

/** Whether a complaint is about which keys a map has, rather than about what one of them says. */
const isOfKeys = ({ code, path }: Issue, value: unknown): boolean =>
  path.length === 0
    ? code === "unrecognized_keys"
    : path.length === 1 && isRecord(value) && !Object.hasOwn(value, path[0]);

/**
 * How much a complaint about a value speaks against a variant: what is missing a little more than what is wrong, and keys
 * that name a variant twice as much as others.
 */
function weight(issue: Issue, value: unknown, kinds: ReadonlySet<string>): number {
  const { code, path } = issue;
  const isKind = (key: PropertyKey | undefined): boolean => typeof key === "string" && kinds.has(key);
  if (code === "unrecognized_keys")
    return issue.keys.length + (path.length === 0 ? issue.keys.filter(isKind).length : 0);
  if (valueAt(value, path as Path) !== undefined) return 1;
  return path.length === 1 && isKind(path[0]) ? 2.01 : 1.01;
}

/**
 * Of the complaints of a variant: while a key of a map is unknown, probably mistyped, another one may have been meant,
 * and then nothing is missing there.
 */
function certain(issues: readonly Issue[], value: unknown): readonly Issue[] {
  const places = issues.flatMap(({ code, path }) => (code === "unrecognized_keys" ? [path.join("/")] : []));
  return issues.filter(({ path }) => {
    const isMissing = path.length > 0 && valueAt(value, path as Path) === undefined;
    return !(isMissing && places.includes(path.slice(0, -1).join("/")));
  });
}

/** Whether a complaint says that the value is not of this kind at all. */
function isMismatch(issue: Issue): boolean {
  if (issue.path.length > 0) return false;
  if (issue.code === "invalid_union") return (issue.errors as Issue[][]).every((issues) => issues.some(isMismatch));
  return MISMATCH.has(issue.code);
}

/** The keys that a variant does not know. */
function unknownKeys(issues: readonly Issue[]): readonly string[] {
  return issues.flatMap((issue) => (issue.code === "unrecognized_keys" && issue.path.length === 0 ? issue.keys : []));
}

/** The keys that no variant of a union knows, of those that are for such a value at all. */
function unknownEverywhere(variants: readonly (readonly Issue[])[]): string[] {
  const [first, ...others] = variants.filter((issues) => !issues.some(isMismatch)).map(unknownKeys);
  return first?.filter((key) => others.every((keys) => keys.includes(key))) ?? [];
}

/** Words for complaints the schema has none of its own for. */
function words(issue: Issue, value: unknown): string {
  if (issue.message.includes("\n")) return issue.message;
  switch (issue.code) {
    case "invalid_type":
      return `must be ${KINDS[issue.expected] ?? `a ${issue.expected}`}, not ${shown(value)}`;
    case "too_small":
      return `must ${issue.origin === "array" ? "have" : "be"} at least ${String(issue.minimum)}`;
    case "too_big":
      return `must ${issue.origin === "array" || issue.origin === "string" ? "have" : "be"} at most ${String(issue.maximum)}`;
    case "invalid_value":
      return `must be ${issue.values.join(" or ")}, not ${shown(value)}`;
    default:
      return `is not understood: ${shown(value)}`;
  }
}

const KINDS: Readonly<Record<string, string>> = {
  array: "a list",
  object: "a map",
  record: "a map",
  string: "a text",
  boolean: "true or false",
  int: "a whole number",
};

const SMALLEST = "the smallest one has topics: { orders: 12 } and groups: { billing: { members: 5 } }";

/** What a message calls the value at `path`: its key; for an entry of a list, the list and the place. */
function name(path: Path): string {
  const last = path.at(-1);
  if (last === undefined) return "the file";
  return typeof last === "string" ? last : `${name(path.slice(0, -1))}[${last}]`;
}

const MISSING_OF_EVENT: Readonly<Record<string, string | undefined>> = {
  at: "when, counted from the beginning: at: 5m",
  for: "how long they are stopped: for: 1m",
  lasts: "how long its batch takes: lasts: 10m",
  delay: "how long a message takes: delay: 100ms",
};

const SCENARIO: FileKind = {
  article: "a",
  noun: "scenario",
  smallest: SMALLEST,
  missing(path) {
    const key = path.join(".");
    if (key === "topics" || key === "groups") return SMALLEST;
    if (path.at(-1) === "members") return "for instance members: 5";
    if (path.at(-1) === "initial") return "how many members are there at time 0?";
    return MISSING_OF_EVENT[String(path.at(-1))];
  },
};
