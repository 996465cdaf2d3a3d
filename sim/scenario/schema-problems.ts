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
    return issue.keys.map((key) => unknownKey(key, path, keys));
  }
  if (issue.code === "invalid_union") {
    const meant = variantMeant(issue.errors as Issue[][]);
    if (meant) return certain(meant, path, input).flatMap((inner) => findings(inner, path, input, keys, kind));
    const unknown = isRecord(valueAt(input, path)) ? unknownEverywhere(issue.errors as Issue[][]) : [];
    if (unknown.length > 0) return unknown.map((key) => unknownKey(key, path, keys));
  }
  if (issue.code === "invalid_key") return issue.issues.map((inner) => finding(inner.message, path, true));
  if (valueAt(input, path) === undefined && path.length > 0) {
    return [
      { paths: [path], message: `${name(path)} is missing`, advice: kind.missing(path) ?? `write ${path.at(-1)}: …` },
    ];
  }
  return [finding(words(issue, valueAt(input, path)), path)];
}

const unknownKey = (key: string, path: Path, keys: KnownKeys): Finding => ({
  paths: [[...path, key]],
  key: true,
  message: `${key} is not known ${path.length === 0 ? "here" : `in ${name(path)}`}`,
  advice: keys.advice(key, path),
});

/** A message of the schema's is a predicate and an advice; the subject is the value's name. */
function finding(text: string, path: Path, key?: true): Finding {
  const [predicate, advice] = text.split("\n");
  const message = key ? predicate : `${name(path)} ${predicate}`;
  return { paths: [path], ...(key && { key }), message, ...(advice && { advice }) };
}

/** The variant of a union that the author had in mind: the one with the fewest complaints; none if it is a tie. */
function variantMeant(variants: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const counted = variants
    .filter((issues) => !issues.some(isMismatch))
    .map((issues) => ({ issues, size: issues.reduce((sum, issue) => sum + weight(issue), 0) }))
    .sort((a, b) => a.size - b.size);
  if (counted.length === 0) return undefined;
  return counted.length === 1 || counted[0].size < counted[1].size ? counted[0].issues : undefined;
}

/**
 * Of the complaints of a variant: while a key of its map is unknown, probably mistyped, another variant may have been
 * meant, and then nothing is missing.
 */
function certain(issues: readonly Issue[], path: Path, input: unknown): readonly Issue[] {
  if (!issues.some((issue) => issue.code === "unrecognized_keys" && issue.path.length === 0)) return issues;
  const isMissing = (issue: Issue): boolean =>
    issue.path.length === 1 && valueAt(input, [...path, issue.path[0] as string | number]) === undefined;
  return issues.filter((issue) => !isMissing(issue));
}

/** Whether a complaint says that the value is not of this kind at all. */
function isMismatch(issue: Issue): boolean {
  if (issue.path.length > 0) return false;
  if (issue.code === "invalid_union") return (issue.errors as Issue[][]).every((issues) => issues.some(isMismatch));
  return MISMATCH.has(issue.code);
}

const weight = (issue: Issue): number => (issue.code === "unrecognized_keys" ? issue.keys.length : 1);

/** The keys that no variant of a union knows. */
function unknownEverywhere(variants: readonly (readonly Issue[])[]): string[] {
  const rejected = variants.flatMap((issues) => {
    const unknown = issues.find((issue) => issue.code === "unrecognized_keys" && issue.path.length === 0);
    return unknown?.code === "unrecognized_keys" ? [unknown.keys] : [];
  });
  return (rejected[0] ?? []).filter((key) => rejected.every((keys) => keys.includes(key)));
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

const SCENARIO: FileKind = {
  article: "a",
  noun: "scenario",
  smallest: SMALLEST,
  missing(path) {
    const key = path.join(".");
    if (key === "topics" || key === "groups") return SMALLEST;
    if (path.at(-1) === "members") return "for instance members: 5";
    if (path.at(-1) === "initial") return "how many members are there at time 0?";
    return path.at(-1) === "at" ? "when, counted from the beginning: at: 5m" : undefined;
  },
};
