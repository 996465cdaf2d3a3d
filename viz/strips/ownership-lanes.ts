import type { Palette } from "../colors.ts";
import { stepAt, stretchAt, valueAt } from "../load/lanes.ts";
import { NOBODY, type GroupPicture } from "../load/picture.ts";
import { clock, count, span } from "../time-axis.ts";
import { laneStrip, type Look } from "./lane-strip.ts";
import type { Strip } from "./strip.ts";

/** Who owns each partition; nobody, in a warning; and owned without being read, behind a veil. */
export function ownershipLanes(
  { clients, topics, topicOf, numberOf, owners, readers, unowned, unread }: GroupPicture,
  end: number,
): Strip {
  const looks: Record<Palette["scheme"], Look[]> = { light: [], dark: [] };
  const name = (row: number) => `${topics[topicOf[row]]}-${numberOf[row]}`;
  return laneStrip({
    name: "partitions",
    title: "Partitions",
    lanes: owners,
    end,
    look(_row, value, palette) {
      if (value === NOBODY) return null; // the overlay warns, so that it is never hidden
      return (looks[palette.scheme][value] ??= { paint: palette.member(value), text: clients[value] });
    },
    label: name,
    section: (row) => topics[topicOf[row]],
    overlays: [
      { lanes: readers, value: (value) => value === 0, how: "veil" },
      { lanes: owners, value: (value) => value === NOBODY, how: "warning" },
    ],
    mark(row, t, palette) {
      const index = stretchAt(owners, row, t);
      if (index < 0) return null;
      const value = owners.values[index];
      const from = owners.starts[index];
      const to = index + 1 < owners.offsets[row + 1] ? owners.starts[index + 1] : end;
      const owner = value >= 0 ? clients[value] : "nobody";
      return {
        title: name(row),
        swatch: value >= 0 ? palette.member(value).css : palette.warning.css,
        facts: [
          ["owned by", owner],
          ["from", clock(from)],
          ["for", span(to - from)],
          ...(value >= 0 && valueAt(readers, row, t) === 0 ? [["but", "nobody reads it"] as const] : []),
        ],
        select: { kind: "partition", row, t },
      };
    },
    readout(t) {
      const free = stepAt(unowned, t);
      const idle = stepAt(unread, t) - free;
      const total = count(owners.rows);
      if (free === 0 && idle <= 0) return `all ${total} owned and read`;
      return `${count(free)} of ${total} unowned${idle > 0 ? `, ${count(idle)} owned but not read` : ""}`;
    },
    legend: (palette) => [
      { label: "unowned", color: palette.warning.css, hatched: true },
      { label: "owned, not read", color: palette.faint, hatched: true },
    ],
    describe(from, to) {
      let most = stepAt(unowned, from);
      for (let i = 0; i < unowned.at.length; i++)
        if (unowned.at[i] > from && unowned.at[i] < to) most = Math.max(most, unowned.values[i]);
      return `Partitions: ${count(owners.rows)} lanes; at most ${count(most)} without an owner at once.`;
    },
  });
}
