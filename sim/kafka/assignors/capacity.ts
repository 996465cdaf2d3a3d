import type { Interest } from "./interest.ts";
import type { Subscriber } from "./assignor.ts";

/** What a member can do, relative to others; one that does not say counts as 1. */
export const capacityOf = ({ capacity }: Subscriber): number => capacity ?? 1;

/** Topics with few subscribers first: what others can take as well can still even things out afterwards. */
export function pickiestFirst(taking: readonly Interest[]): Interest[] {
  return [...taking].sort((a, b) => a.audience.length - b.audience.length || (a.topic < b.topic ? -1 : 1));
}
