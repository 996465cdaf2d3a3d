/** The values of a range: `from: 6s, to: 60s, points: 7, scale: logarithmic`. Numbers, durations, rates, shares and sizes. */
import { exp, ln } from "../../engine/math.ts";
import { formatDuration, parseDuration, wholeMicroseconds } from "../../engine/time.ts";
import type { Mistake } from "../../scenario/quantities.ts";
import { parseSize, shown } from "../../scenario/units.ts";
import type { Parameter } from "./experiment.ts";

export interface Range {
  readonly from: string | number;
  readonly to: string | number;
  /** From one value to the next, as long as `to` is not passed. */
  readonly step?: string | number | undefined;
  /** How many values, the two ends among them. */
  readonly points?: number | undefined;
  readonly scale?: Exclude<Parameter["scale"], "names"> | undefined;
  /** Every value is rounded to a multiple of this. */
  readonly round?: string | number | undefined;
}

/** A number with its unit taken off. */
interface Quantity {
  readonly unit: NonNullable<Parameter["unit"]>;
  /** In microseconds, per second, as it is, as a share of one, in bytes. */
  readonly number: number;
  /** What a value of this kind is written as. */
  readonly write: (number: number) => string | number;
}

const PER_SECOND: Readonly<Record<string, number>> = { ms: 1_000, s: 1, m: 1 / 60, h: 1 / 3_600, d: 1 / 86_400 };

/** Reads `8`, `45s`, `2000/s`, `30%` or `1MiB`, which is a number of bytes; `undefined` for what cannot be counted. */
export function quantity(value: unknown): Quantity | undefined {
  if (typeof value === "number") return { unit: "number", number: value, write: precisely };
  if (typeof value !== "string") return undefined;
  const duration = value === "0" ? 0 : parseDuration(value);
  if (duration !== undefined)
    return { unit: "duration", number: duration, write: (number) => formatDuration(wholeMicroseconds(number)) };
  const share = /^(\d+(?:\.\d+)?)%$/.exec(value);
  if (share) return { unit: "share", number: Number(share[1]) / 100, write: (number) => `${plain(number * 100)}%` };
  const size = parseSize(value);
  if (size) return { unit: "number", number: size.bytes, write: (number) => sized(precisely(number), size) };
  const rate = /^(\d+(?:\.\d+)?)\/(ms|s|m|h|d)$/.exec(value);
  if (!rate) return undefined;
  const [, amount, per] = rate;
  return {
    unit: "rate",
    number: Number(amount) * PER_SECOND[per],
    write: (number) => `${plain(number / PER_SECOND[per])}/${per}`,
  };
}

/** In the unit that was written, or in whole bytes. */
function sized(bytes: number, { unit, of }: { readonly unit: string; readonly of: number }): string {
  return Number.isInteger(bytes / of) ? `${bytes / of}${unit}` : `${Math.round(bytes)}B`;
}

/** More points than this on one axis are a typing mistake. */
const MOST_POINTS = 10_000;

/** Logarithmic steps are odd numbers that nobody chose: three digits of them say enough. */
const DIGITS_OF_LOGARITHMIC = 3;

/** Linear steps are exact but for the last bits of binary fractions. */
const DIGITS_OF_LINEAR = 12;

/** The values of a range, each once and as a scenario would write them; a `Mistake` if it is none. */
export function valuesOf(range: Range): readonly (string | number)[] | Mistake {
  const { step, points, scale = "linear", round } = range;
  const from = quantity(range.from);
  const to = quantity(range.to);
  if (!from || !to) {
    const wrong = from ? range.to : range.from;
    return {
      message: `has an end that cannot be counted: ${shown(wrong)}`,
      advice: "for instance 4, 45s, 2000/s, 30%, 1MiB",
    };
  }
  if (from.unit !== to.unit)
    return { message: `goes from ${range.from} to ${range.to}`, advice: "write both ends in the same kind of unit" };
  if (!(from.number < to.number))
    return { message: `goes from ${range.from} to ${range.to}`, advice: "from is the lesser one of the two" };
  if ((step === undefined) === (points === undefined))
    return { message: "needs step or points, and one of them only", advice: "points: 5, or step: 10s" };
  const grain = round === undefined ? undefined : sameKind(round, from);
  if (round !== undefined && grain === undefined)
    return {
      message: `rounds to ${shown(round)}`,
      advice: `write something more than 0, of the kind of ${range.from}`,
    };

  let numbers: readonly number[];
  if (step !== undefined) {
    const by = sameKind(step, from);
    if (by === undefined)
      return { message: `has a step of ${shown(step)}`, advice: `write one more than 0, of the kind of ${range.from}` };
    if (scale === "logarithmic")
      return { message: "has steps, and a logarithmic scale", advice: "write points: how many values there should be" };
    const count = Math.floor((to.number - from.number) / by + 1e-9) + 1;
    if (count > MOST_POINTS) return tooMany(count);
    numbers = Array.from({ length: count }, (_, i) => from.number + i * by);
  } else {
    if (points! > MOST_POINTS) return tooMany(points!);
    if (scale === "logarithmic" && from.number <= 0)
      return { message: "is logarithmic and begins at 0", advice: "begin with something more than 0" };
    numbers = Array.from({ length: points! }, (_, i) => between(from.number, to.number, i / (points! - 1), scale));
  }
  const last = numbers.length - 1;
  const rounded = numbers.map((number, i) => {
    if (grain !== undefined) return Math.round(number / grain) * grain;
    const isChosen = scale === "linear" || i === 0 || i === last;
    return isChosen ? number : Number(number.toPrecision(DIGITS_OF_LOGARITHMIC));
  });
  return [...new Set(rounded.map(from.write))];
}

function between(from: number, to: number, share: number, scale: Parameter["scale"]): number {
  if (share === 0) return from;
  if (share === 1) return to;
  return scale === "linear" ? from + share * (to - from) : from * exp(share * ln(to / from));
}

/** A step or a grain, in the unit of `like`; `undefined` if it is of another kind, or nothing. */
function sameKind(value: string | number, like: Quantity): number | undefined {
  const read = quantity(value);
  return read && read.unit === like.unit && read.number > 0 ? read.number : undefined;
}

const tooMany = (count: number): Mistake => ({
  message: `has ${count} values`,
  advice: `${MOST_POINTS} are the limit`,
});

/** Without the last bits that binary fractions leave. */
const precisely = (number: number): number => Number(number.toPrecision(DIGITS_OF_LINEAR));

/** A number as the grammars of units want it: without a power of ten. */
function plain(number: number): string {
  const text = String(precisely(number));
  return text.includes("e") ? number.toFixed(DIGITS_OF_LINEAR) : text;
}
