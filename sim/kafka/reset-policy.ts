import { DAY, HOUR, MINUTE, SECOND, wholeMicroseconds } from "../engine/time.ts";
import type { OffsetQuery } from "./messages.ts";

const BY_DURATION = /^by_duration:P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

/**
 * What `auto.offset.reset` says: which offset to ask the leaders for, or that there is nothing to ask. `by_duration:` is
 * followed by a duration as ISO 8601 writes it (KIP-1106). `undefined`: no such policy.
 */
export function resetPolicy(written: string): OffsetQuery | "none" | undefined {
  if (written === "none" || written === "latest" || written === "earliest") return written;
  const match = BY_DURATION.exec(written);
  if (!match) return undefined;
  const [days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
  const ago = wholeMicroseconds(days * DAY + hours * HOUR + minutes * MINUTE + seconds * SECOND);
  return ago > 0 ? { ago } : undefined;
}
