import type { Rebalance } from "../trace/readings/rebalances.ts";
import { counted } from "./humane.ts";

/** The coordinator's reasons that mean a member is gone; with any other, one came. */
export const LEAVES: ReadonlySet<string> = new Set(["leave", "member-left", "member-away", "session-expired"]);

/** Whom the join phase, or the reconciliation, waited for, and how that ended if it never came. */
export function waitedFor({ waitedFor }: Rebalance): string {
  if (!waitedFor) return "";
  const { client, member, removed, evicted, absent } = waitedFor;
  const who = client ?? member ?? "";
  const others = Math.max(0, evicted.length + absent.length - 1);
  const more = others > 0 ? ` and ${others} more` : "";
  if (removed === "session-expired") {
    const wasAway = member !== null && absent.includes(member);
    return `${who}${more}, ${wasAway ? "its place expired" : "expired"}`;
  }
  if (removed !== null && LEAVES.has(removed)) return `${who}${more}, left`;
  if (removed !== null || evicted.length > 0) return `${who}${more}, in vain`;
  return absent.length > 0 ? `${counted(absent.length, "absent member")}` : who;
}
