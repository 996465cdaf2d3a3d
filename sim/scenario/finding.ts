import type { Finding, Path } from "./document.ts";
import { closest } from "./suggest.ts";

/** What is wrong at a place of a scenario, and what would be right. */
export const finding = (path: Path, message: string, advice: string, ...others: Path[]): Finding => ({
  paths: [path, ...others],
  message,
  advice,
});

/** "There is no topic oders": with the name that was probably meant. */
export function missing(path: Path, kind: string, name: string, names: readonly string[], ...others: Path[]): Finding {
  const near = closest(name, names);
  const some = names.slice(0, 10).join(", ") + (names.length > 10 ? ", …" : "");
  const advice = near ? `did you mean ${near}?` : `there are: ${some || "none"}`;
  return finding(path, `there is no ${kind} ${name}`, advice, ...others);
}

/** The same of a zone, of which there may be none at all. */
export function missingZone(path: Path, zone: string, zones: readonly string[]): Finding {
  if (zones.length > 0) return missing(path, "zone", zone, zones);
  const advice =
    "nothing stands in any: cluster: { brokers: { count: 6, zones: [a, b] } }, or zones: [a, b] of members";
  return finding(path, `there is no zone ${zone}`, advice);
}
