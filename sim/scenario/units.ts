/**
 * How a scenario writes quantities with a unit: `45s`, `2000/s`, `100MiB`, `30%`. The same grammar makes the JSON
 * Schema. A bare number is refused where its unit could be guessed wrong; only 0 needs none.
 */
import { z } from "zod";
import { DAY, DURATION_PATTERN, parseDuration } from "../engine/time.ts";
import type { Duration } from "../engine/time.ts";

/** A complaint in two parts, as `schema-problems.ts` takes it apart: what is wrong, and what would be right. */
export const say = (message: string, advice: string): string => `${message}\n${advice}`;

/** A value as a message shows it. */
export function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "a map";
  const text = JSON.stringify(value);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

/** Longer than any sensible one, and small enough that sums of a few of them stay exact. */
export const MAX_DURATION: Duration = 100 * 365 * DAY;

/** The most durations of an empirical law; more say no more. */
export const MAX_SAMPLE = 100_000;

/** The mistake in something that should have been a duration. */
export function durationMistake(value: unknown): string {
  if (typeof value === "number" && value > 0)
    return say(`needs a unit of time, not just ${value}`, `write ${value}s, ${value}ms, ${value}m …`);
  if (typeof value === "string" && /^\s*-/.test(value))
    return say(`must not be negative (${shown(value)})`, "time only goes on");
  return say(`must be a duration, not ${shown(value)}`, "for instance 300ms, 45s, 5m, 2h or 1h30m");
}

const durationText = z
  .string()
  .regex(DURATION_PATTERN, { error: ({ input }) => durationMistake(input) })
  .transform((text, context): Duration => {
    const duration = parseDuration(text);
    if (duration !== undefined && duration <= MAX_DURATION) return duration;
    context.addIssue({
      code: "custom",
      message: say(`is too long (${shown(text)})`, "nothing here lasts more than 100 years"),
    });
    return z.NEVER;
  });

/** A length of time: `45s`, `300ms`, `1h30m`, or 0. In whole microseconds once read. */
export const duration = z
  .union([durationText, z.literal(0)], { error: ({ input }) => durationMistake(input) })
  .meta({ id: "duration", description: "A length of time: 300ms, 45s, 5m, 2h, 1h30m" });

const RATE_PATTERN = /^\d+(?:\.\d+)?\/(?:ms|s|m|h|d)$/;
const PER_SECOND: Readonly<Record<string, number>> = { ms: 1_000, s: 1, m: 1 / 60, h: 1 / 3_600, d: 1 / 86_400 };
const MAX_RATE = 1e12;
const RATE_LIMIT = "rates end at 1000000000000/s";

/** The mistake in something that should have been a rate. */
export function rateMistake(value: unknown, example = "2000/s, 30/m or 3/h"): string {
  if (typeof value === "number" && value > 0)
    return say(`needs a unit of time, not just ${value}`, `write ${value}/s, ${value}/m or ${value}/h`);
  if (/^\s*-/.test(String(value))) return say(`must not be negative (${shown(value)})`, "0 is the least");
  if (isShort(value)) return writtenOut(value, `for instance 1500000/s; ${RATE_LIMIT}`);
  const unit = typeof value === "string" ? /^\d+(?:\.\d+)?\s*\/\s*(.*)$/.exec(value)?.[1] : undefined;
  if (unit !== undefined && !Object.hasOwn(PER_SECOND, unit))
    return say(`must be so many in a ms, s, m, h or d, not ${shown(value)}`, `for instance ${example}`);
  return say(`must be a rate, not ${shown(value)}`, `for instance ${example}`);
}

/** Numbers that are cut short, `1e6` or `5k`: no quantity is written so. */
const isShort = (value: unknown): boolean =>
  typeof value === "string" && /^\d+(?:\.\d+)?(?:e[+-]?\d+|k|K|M|G)\s*(?:\/|$|[kKMGT]i?B)/.test(value);

const writtenOut = (value: unknown, advice: string): string =>
  say(`must have its number written out, not ${shown(value)}`, advice);

const rateText = z
  .string()
  .regex(RATE_PATTERN, { error: ({ input }) => rateMistake(input) })
  .transform((text, context): number => {
    const [amount, unit] = text.split("/");
    const perSecond = Number(amount) * PER_SECOND[unit];
    if (perSecond <= MAX_RATE) return perSecond;
    context.addIssue({
      code: "custom",
      message: say(`is beyond belief (${shown(text)})`, RATE_LIMIT),
    });
    return z.NEVER;
  });

/** So many a unit of time: `2000/s`, `3/h`, or 0. Per second once read. */
export const rate = z
  .union([rateText, z.literal(0)], { error: ({ input }) => rateMistake(input) })
  .meta({ id: "rate", description: "So many a unit of time: 2000/s, 30/m, 3/h" });

const SIZE_PATTERN = /^\d+(?:\.\d+)?(?:B|kB|MB|GB|TB|KiB|MiB|GiB|TiB)$/;
const BYTES: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 1024,
  MiB: 1024 * 1024,
  GiB: 1024 * 1024 * 1024,
  TiB: 1024 * 1024 * 1024 * 1024,
};
const MAX_SIZE = 1e15;
const SIZE_LIMIT = "sizes end at 1000TB";

/** The bytes of `100MiB`, and of one of its unit; `undefined`: it is no size. */
export function parseSize(
  text: string,
): { readonly bytes: number; readonly unit: string; readonly of: number } | undefined {
  if (!SIZE_PATTERN.test(text)) return undefined;
  const unit = text.replace(/^[\d.]+/, "");
  return { bytes: Number.parseFloat(text) * BYTES[unit], unit, of: BYTES[unit] };
}

/** The mistake in something that should have been an amount of data. */
export const sizeMistake = (value: unknown, example = "512KiB or 100MiB"): string =>
  amountMistake(value, "a size", example, "");

/** The same of one a second. */
const throughputMistake = (value: unknown): string => amountMistake(value, "a throughput", "100MB/s", "/s");

function amountMistake(value: unknown, what: string, example: string, per: "" | "/s"): string {
  if (typeof value === "number" && value > 0)
    return say(`needs a unit, not just ${value}`, `write ${value}B${per}, ${value}KiB${per}, ${value}MiB${per} …`);
  if (/^\s*-/.test(String(value))) return say(`must not be negative (${shown(value)})`, `for instance ${example}`);
  if (isShort(value)) return writtenOut(value, `for instance ${example}; ${SIZE_LIMIT}`);
  const units = Object.keys(BYTES).map((unit) => `${unit}${per}`);
  return say(`must be ${what}, not ${shown(value)}`, `for instance ${example}; units are ${units.join(", ")}`);
}

/** An amount of data: `100MiB`, `20kB`. In bytes once read. */
export const size = z
  .string({ error: ({ input }) => sizeMistake(input) })
  .regex(SIZE_PATTERN, { error: ({ input }) => sizeMistake(input) })
  .transform((text, context) => notTooMuch(text, parseSize(text)!.bytes, context))
  .meta({ id: "size", description: "An amount of data: 20kB, 512KiB, 100MiB" });

/** So much data a second: `100MiB/s`. In bytes per second once read. */
export const throughput = z
  .string({ error: ({ input }) => throughputMistake(input) })
  .regex(new RegExp(SIZE_PATTERN.source.replace("$", "/s$")), { error: ({ input }) => throughputMistake(input) })
  .transform((text, context) => notTooMuch(text, parseSize(text.slice(0, -"/s".length))!.bytes, context))
  .pipe(z.number().positive({ error: say("must be more than nothing", "for instance 100MB/s") }))
  .meta({ id: "throughput", description: "So much data a second: 100MB/s" });

function notTooMuch(text: string, bytes: number, context: z.RefinementCtx): number {
  if (bytes <= MAX_SIZE) return bytes;
  context.addIssue({ code: "custom", message: say(`is beyond belief (${shown(text)})`, SIZE_LIMIT) });
  return z.NEVER;
}

function shareMistake({ input }: { input?: unknown }): string {
  return say(`must be a share from 0 to 1, not ${shown(input)}`, "for instance 0.3 or 30%");
}

/** A share or a probability: `0.3` or `30%`. Between 0 and 1 once read. */
export const share = z
  .union(
    [
      z.number().min(0, { error: shareMistake }).max(1, { error: shareMistake }),
      z
        .string()
        .regex(/^(?:100|\d{1,2}(?:\.\d+)?)%$/, { error: shareMistake })
        .transform((text) => Number.parseFloat(text) / 100),
    ],
    { error: shareMistake },
  )
  .meta({ id: "share", description: "A share or a probability: 0.3 or 30%" });

/** A whole number of things, with the limits that keep a typing mistake from eating the memory. */
export const count = (least: number, most: number) =>
  z
    .int({ error: ({ input }) => say(`must be a whole number, not ${shown(input)}`, `from ${least} to ${most}`) })
    .min(least, {
      error: ({ input }) => say(`must be at least ${least}, not ${shown(input)}`, `from ${least} to ${most}`),
    })
    .max(most, {
      error: ({ input }) => say(`must be at most ${most}, not ${shown(input)}`, `the limits are ${least} and ${most}`),
    });
