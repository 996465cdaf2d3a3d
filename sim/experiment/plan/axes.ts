/**
 * Where a plan looks: `--find 'greatest session.timeout.ms in 6s..60s by 3s'`. An axis has its values in the order in
 * which they are wanted: `least` ascending, `greatest` descending.
 */
import type { Mistake } from "../../scenario/quantities.ts";
import type { Scenario } from "../../scenario/scenario.ts";
import type { Parameter, Point } from "../sweep/experiment.ts";
import { quantity, valuesOf, type Range } from "../sweep/steps.ts";
import { isMistake } from "../wanted.ts";
import { settingOf, type Setting } from "./settings.ts";

/** One setting that is looked for. */
export interface Axis {
  /** As the user called it. */
  readonly name: string;
  /** Which of its values are wanted, if they do. */
  readonly wanted: "least" | "greatest";
  readonly unit: NonNullable<Parameter["unit"]>;
  /** The most wanted first. */
  readonly points: readonly Point[];
}

const FIND = /^(?:(least|greatest|most)\s+)?(\S+)(?:\s+(?:in|between)\s+(.+))?$/;

/** Reads what to find; `between` says where, if the text itself does not. */
export function parseAxis(text: string, between: string | undefined, scenario: Scenario): Axis | Mistake {
  const match = FIND.exec(text.trim());
  if (!match)
    return {
      message: `cannot be read: ${JSON.stringify(text)}`,
      advice: "write members, or greatest session.timeout.ms in 6s..60s",
    };
  const [, direction, name, inside] = match;
  const setting = settingOf(name, scenario);
  if (isMistake(setting)) return setting;
  const where = inside ?? between ?? setting.usual;
  if (where === undefined)
    return { message: `${name}: between what?`, advice: `write --between 6s..60s, or --find '${name} in 6s..60s'` };
  const values = parseValues(where);
  if (isMistake(values)) return { message: `${name} ${values.message}`, advice: values.advice };
  return axis(setting, direction === undefined || direction === "least" ? "least" : "greatest", values);
}

function axis(setting: Setting, wanted: Axis["wanted"], values: readonly (string | number)[]): Axis | Mistake {
  const { name } = setting;
  const counted = values.map((value) => ({ value, is: quantity(value) }));
  const units = new Set(counted.map(({ is }) => is?.unit));
  const [unit] = units;
  if (unit === undefined || units.size > 1)
    return {
      message: `${name} has values that cannot be put in order: ${values.join(", ")}`,
      advice: "write all in one kind of unit: 10s, 30s, 1m",
    };
  const points = counted.map(({ value, is }): Point => ({
    label: String(value),
    number: is!.number,
    set: setting.set(value),
  }));
  const ascending = points.toSorted((a, b) => a.number! - b.number!);
  return { name, wanted, unit, points: wanted === "least" ? ascending : ascending.toReversed() };
}

const RANGE = /^(\S+?)\s*\.\.\s*(\S+)(?:\s+(?:by\s+(\S+)|log\s+(\d+)))?$/;

/** `1..200`, `6s..60s by 3s`, `10..10000 log 13`, `1, 2, 5`. A range without steps has those of its unit: 6s, 7s, 8s … */
function parseValues(text: string): readonly (string | number)[] | Mistake {
  if (!text.includes("..")) {
    const values = text.split(/\s*,\s*/).map(scalar);
    return values.length > 1
      ? [...new Set(values)]
      : { message: `has one value only: ${text}`, advice: "write a range, 1..200, or a list, 1, 2, 5" };
  }
  const match = RANGE.exec(text.trim());
  if (!match)
    return {
      message: `is in no range that can be read: ${text}`,
      advice: "write 1..200, 6s..60s by 3s, 10..10000 log 13",
    };
  const [, from, to, by, log] = match;
  const ends = { from: scalar(from), to: scalar(to) };
  if (log === undefined) return valuesOf({ ...ends, step: scalar(by ?? oneOf(from)) });
  const areWhole = [ends.from, ends.to].every((end) => Number.isInteger(end));
  const range: Range = { ...ends, points: Number(log), scale: "logarithmic", ...(areWhole && { round: 1 }) };
  return Number(log) < 2
    ? { message: `has ${log} ${log === "1" ? "value" : "values"} only`, advice: "write log 13, for instance" }
    : valuesOf(range);
}

const scalar = (text: string): string | number => (/^\d+(?:\.\d+)?$/.test(text) ? Number(text) : text);

/** One of what a value is written in: `1s` for `6s`, `1/s` for `2000/s`, `1` for `12`. */
const oneOf = (value: string): string => `1${/[^\d.]*$/.exec(value)![0]}`;
