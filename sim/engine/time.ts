/**
 * Time in a simulation: whole microseconds, never fractions of one.
 *
 * Whole numbers make sums exact (`start + i * interval` is what `i` additions give), ties frequent but defined, and
 * traces equal everywhere. A day is 8.64e10, far below 2^53. What is computed or drawn at random is rounded once, in
 * `wholeMicroseconds`, where it becomes a duration.
 */

/** A point in simulated time: whole microseconds since the run began. */
export type Instant = number;

/** A length of simulated time: whole microseconds. */
export type Duration = number;

export const MICROSECOND: Duration = 1;
export const MILLISECOND: Duration = 1_000;
export const SECOND: Duration = 1_000_000;
export const MINUTE: Duration = 60 * SECOND;
export const HOUR: Duration = 60 * MINUTE;
export const DAY: Duration = 24 * HOUR;

/** The one rounding rule: to the nearest whole microsecond, halves away from zero. */
export function wholeMicroseconds(microseconds: number): Duration {
  return microseconds < 0 ? 0 - Math.round(-microseconds) : Math.round(microseconds);
}

/** Milliseconds, as Kafka's settings have them, to a duration. */
export function fromMs(ms: number): Duration {
  return wholeMicroseconds(ms * MILLISECOND);
}

/** A duration (or an instant) in seconds, for metrics and charts. */
export function toSeconds(duration: Duration): number {
  return duration / SECOND;
}

/**
 * An instant for people: seconds to the millisecond, to the microsecond only when it is not a whole millisecond.
 *
 *     formatInstant(28_007_000)  "28.007s"
 *     formatInstant(28_007_040)  "28.007040s"
 *
 * What it prints, `parseDuration` reads.
 */
export function formatInstant(instant: Instant): string {
  return `${(instant / SECOND).toFixed(instant % MILLISECOND === 0 ? 3 : 6)}s`;
}

/**
 * A duration for people, exact, in the words scenario files use; `parseDuration` gives the same duration back.
 *
 *     300ms  12.25s  90s  5m  7m30s  1.5h  1h2m5s  1.5d
 *
 * Under two minutes it stays in one unit; hours and days are halved if that says it all; a difference may be
 * negative.
 */
export function formatDuration(duration: Duration): string {
  if (duration < 0) return `-${formatDuration(-duration)}`;
  if (duration === 0) return "0s";
  if (duration < MILLISECOND) return `${duration}us`;
  if (duration < SECOND) return `${duration / MILLISECOND}ms`;
  if (duration < 2 * MINUTE && duration !== MINUTE) return `${duration / SECOND}s`;
  if (duration % (DAY / 2) === 0 && duration >= DAY) return `${duration / DAY}d`;
  if (duration % (HOUR / 2) === 0 && HOUR <= duration && duration < DAY) return `${duration / HOUR}h`;
  let text = "";
  let rest = duration;
  for (const [unit, size] of [
    ["d", DAY],
    ["h", HOUR],
    ["m", MINUTE],
  ] as const) {
    if (rest >= size) text += `${Math.floor(rest / size)}${unit}`;
    rest %= size;
  }
  return rest === 0 ? text : `${text}${rest / SECOND}s`;
}

/** The grammar of durations, as scenario files and their schema have it. */
export const DURATION_PATTERN = /^(?:\d+(?:\.\d+)?(?:us|ms|s|m|h|d))+$/;

const PART = /(\d+(?:\.\d+)?)(us|ms|s|m|h|d)/g;
const UNITS: Readonly<Record<string, Duration>> = {
  us: MICROSECOND,
  ms: MILLISECOND,
  s: SECOND,
  m: MINUTE,
  h: HOUR,
  d: DAY,
};

/**
 * The duration that a text like `45s`, `1.5h` or `1h30m` means; `undefined` for any other text. A bare number means
 * nothing, because nobody can tell its unit. What is finer than a microsecond is rounded.
 */
export function parseDuration(text: string): Duration | undefined {
  if (!DURATION_PATTERN.test(text)) return undefined;
  let sum = 0;
  for (const [, amount, unit] of text.matchAll(PART)) sum += Number(amount) * UNITS[unit];
  return sum <= Number.MAX_SAFE_INTEGER ? wholeMicroseconds(sum) : undefined;
}
