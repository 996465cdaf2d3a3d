import type { Palette } from "../colors.ts";
import { stepAt, stretchAt, valueAt, type Steps } from "../load/lanes.ts";
import { reachText, watermarkText } from "../cluster-words.ts";
import { NOBODY, type GroupPicture } from "../load/picture.ts";
import { clock, count, span } from "../time-axis.ts";
import { laneStrip, type Look } from "./lane-strip.ts";
import type { Strip } from "./strip.ts";

/**
 * Who owns each partition; nobody, in a warning; owned without being read, behind a veil; out of reach, crossed; and where
 * nothing new can be read, between dots.
 */
export function ownershipLanes(group: GroupPicture, end: number): Strip {
  const { clients, topics, topicOf, numberOf, owners, readers, unowned, unread } = group;
  const { leaders, reach, outOfReach, held, standing } = group;
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
      { lanes: reach, value: (value) => value > 0, how: "crossed" },
      { lanes: held, value: (value) => value >= 0, how: "dotted" },
      { lanes: owners, value: (value) => value === NOBODY, how: "warning" },
    ],
    mark(row, t, palette) {
      const index = stretchAt(owners, row, t);
      if (index < 0) return null;
      const value = owners.values[index];
      const from = owners.starts[index];
      const to = index + 1 < owners.offsets[row + 1] ? owners.starts[index + 1] : end;
      const owner = value >= 0 ? clients[value] : "nobody";
      const leader = valueAt(leaders, row, t);
      const away = reachText(valueAt(reach, row, t));
      const watermark = watermarkText(group, row, t);
      return {
        title: name(row),
        swatch: value >= 0 ? palette.member(value).css : palette.warning.css,
        facts: [
          ["owned by", owner],
          ["from", clock(from)],
          ["for", span(to - from)],
          ...(value >= 0 && valueAt(readers, row, t) === 0 ? [["but", "nobody reads it"] as const] : []),
          ...(leader > 0 ? [["led by", `broker ${leader}`] as const] : []),
          ...(away === undefined ? [] : [["and", away] as const]),
          ...(watermark === undefined ? [] : [["its watermark", watermark] as const]),
        ],
        select: { kind: "partition", row, t },
      };
    },
    readout(t) {
      const free = stepAt(unowned, t);
      const idle = stepAt(unread, t) - free;
      const total = count(owners.rows);
      const [away, still] = [stepAt(outOfReach, t), stepAt(standing, t)];
      const stands = still > 0 ? `, ${count(still)} with nothing new to read` : "";
      const beyond = `${away > 0 ? `, ${count(away)} out of reach` : ""}${stands}`;
      if (free === 0 && idle <= 0) return `all ${total} owned${beyond === "" ? " and read" : beyond}`;
      return `${count(free)} of ${total} unowned${idle > 0 ? `, ${count(idle)} owned but not read` : ""}${beyond}`;
    },
    legend: (palette) => [
      { label: "unowned", color: palette.warning.css, how: "hatched" },
      { label: "owned, not read", color: palette.faint, how: "hatched" },
      ...(outOfReach.at.length > 0
        ? [{ label: "leader out of reach", color: palette.accent.css, how: "crossed" } as const]
        : []),
      ...(standing.at.length > 0
        ? [{ label: "nothing new to read", color: palette.accent.css, how: "dotted" } as const]
        : []),
    ],
    describe(from, to) {
      const most = (steps: Steps): number => {
        let most = stepAt(steps, from);
        for (let i = 0; i < steps.at.length; i++)
          if (steps.at[i] > from && steps.at[i] < to) most = Math.max(most, steps.values[i]);
        return most;
      };
      const [away, still] = [most(outOfReach), most(standing)];
      const stands = still > 0 ? `, at most ${count(still)} with nothing new to read` : "";
      const beyond = `${away > 0 ? `, at most ${count(away)} whose leader is out of reach` : ""}${stands}`;
      return `Partitions: ${count(owners.rows)} lanes; at most ${count(most(unowned))} without an owner at once${beyond}.`;
    },
  });
}
