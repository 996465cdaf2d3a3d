import { DURATION_PATTERN, type Instant, parseDuration } from "../engine/time.ts";
import { Mistake } from "./failure.ts";

/** The moment of a run that an option names, as time since the run began. */
export function momentOf(option: string, text: string): Instant {
  const moment = text === "0" ? 0 : parseDuration(text);
  if (moment === undefined) throw new Mistake(`${option} ${text === "" ? "''" : text}: ${mistakeIn(text)}`);
  return moment;
}

function mistakeIn(text: string): string {
  if (/^\d+(?:\.\d+)?$/.test(text)) return `a time needs its unit: ${text}s, ${text}m or ${text}h`;
  if (DURATION_PATTERN.test(text)) return "no run lasts that long";
  const written = "a time is written 28.007s, 5m, 1h30m";
  return /^\s*-/.test(text) ? `a run begins at 0s; ${written}` : written;
}
