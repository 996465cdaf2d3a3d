import type { Instant } from "../../../engine/time.ts";

/** 1 for a partition that nobody reads for this reason, 0 for one that is read, or whose reader only pauses. */
export function isUnread(reason: string | null): 0 | 1 {
  return reason !== null && reason !== "busy" ? 1 : 0;
}

export interface UnreadArea {
  /** From `t` on there are so many more. */
  change(t: Instant, by: number): void;
  count(): number;
  /** Partition-seconds between two instants, the first not before the last cut. */
  since(from: Instant, to: Instant): number;
  /** What was before belongs to the past. */
  cut(t: Instant): void;
}

/** How many partitions nobody reads, as steps over time; remembers them back to the last cut. */
export function unreadArea(): UnreadArea {
  let steps: { t: Instant; count: number }[] = [{ t: 0, count: 0 }];
  return {
    count: () => steps.at(-1)!.count,
    change(t, by) {
      if (by === 0) return;
      let place = steps.length; // what comes to light later may have begun before other steps
      while (place > 1 && steps[place - 1].t > t) place--;
      if (steps[place - 1].t < t) steps.splice(place, 0, { t, count: steps[place - 1].count });
      else place--;
      for (; place < steps.length; place++) steps[place].count += by;
    },
    since(from, to) {
      let area = 0;
      steps.forEach(({ t, count }, i) => {
        const end = Math.min(steps[i + 1]?.t ?? to, to);
        area += count * Math.max(0, end - Math.max(t, from));
      });
      return area / 1e6;
    },
    cut(t) {
      steps = [{ t, count: steps.at(-1)!.count }];
    },
  };
}
