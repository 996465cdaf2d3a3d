import { mix, type Palette } from "../colors.ts";
import { stretchAt } from "../load/lanes.ts";
import { MEMBER_STATES, type GroupPicture, type MemberState } from "../load/picture.ts";
import { stepAt, valueAt } from "../load/lanes.ts";
import { clock, count, span } from "../time-axis.ts";
import { laneStrip, type Look } from "./lane-strip.ts";
import type { Strip } from "./strip.ts";

/** What a state of a member means, for people. */
export const MEMBER_WORDS: Readonly<Record<MemberState, string>> = {
  Starting: "starting up",
  UNJOINED: "running, not in the group",
  PREPARING_REBALANCE: "joining",
  COMPLETING_REBALANCE: "waiting for its assignment",
  STABLE: "in the group",
  Closing: "closing",
  Crashed: "crashed, not yet noticed",
};

/** Consumer processes: alive or not, in the group or on the way, inside a slow batch. */
export function memberLanes({ clients, members, busy, alive, known }: GroupPicture, end: number): Strip {
  const looks = new Map<string, Look>();
  const look = (row: number, value: number, palette: Palette): Look => {
    const key = `${palette.scheme} ${row} ${value}`;
    let found = looks.get(key);
    if (!found) looks.set(key, (found = lookOf(row, MEMBER_STATES[value], palette)));
    return found;
  };
  const lookOf = (row: number, state: MemberState, palette: Palette): Look => {
    const own = palette.member(row);
    switch (state) {
      case "Starting":
        return { paint: mix(palette.ground, own, 0.6), hollow: true };
      case "UNJOINED":
        return { paint: mix(palette.ground, own, 0.32) };
      case "Closing":
        return { paint: mix(palette.ground, own, 0.45) };
      case "Crashed":
        return { paint: palette.warning, hatched: true };
      case "STABLE":
        return { paint: own };
      default:
        return { paint: palette.state(state) };
    }
  };

  return laneStrip({
    name: "members",
    title: "Members",
    lanes: members,
    look,
    label: (row) => clients[row],
    labelSwatch: (row, palette) => palette.member(row).css,
    section: () => `${count(clients.length)} clients`,
    overlays: [
      { lanes: busy, value: 1, how: "foot" },
      { lanes: members, value: MEMBER_STATES.indexOf("Crashed"), how: "warning" },
    ],
    mark(row, t, palette) {
      const index = stretchAt(members, row, t);
      const value = valueAt(members, row, t);
      if (index < 0 || value < 0) return null;
      const from = members.starts[index];
      const to = index + 1 < members.offsets[row + 1] ? members.starts[index + 1] : end;
      return {
        title: clients[row],
        swatch: palette.member(row).css,
        facts: [
          ["is", MEMBER_WORDS[MEMBER_STATES[value]]],
          ["from", clock(from)],
          ["for", span(to - from)],
          ...(valueAt(busy, row, t) === 1 ? [["and", "inside a slow batch"] as const] : []),
        ],
        select: { kind: "member", row, t },
      };
    },
    readout: (t) => `${count(stepAt(alive, t))} alive, ${count(stepAt(known, t))} known to the coordinator`,
    legend: (palette) => [
      { label: "joining", color: palette.state("PREPARING_REBALANCE").css },
      { label: "awaiting assignment", color: palette.state("COMPLETING_REBALANCE").css },
      { label: "slow batch", color: palette.accent.css },
      { label: "crashed, unnoticed", color: palette.warning.css, hatched: true },
    ],
    describe(from, to) {
      const here = `${count(stepAt(alive, from))} alive at the left edge, ${count(stepAt(alive, to))} at the right`;
      return `Members: ${count(clients.length)} lanes, one a client; ${here}.`;
    },
  });
}
