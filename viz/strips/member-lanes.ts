import { mix, type Palette } from "../colors.ts";
import { stepAt, stretchAt, valueAt } from "../load/lanes.ts";
import { clientOf, CUT, MEMBER_STATES, SLOW, stateOf, type GroupPicture, type MemberState } from "../load/picture.ts";
import { clock, count, span } from "../time-axis.ts";
import { laneStrip, type Look } from "./lane-strip.ts";
import type { Strip } from "./strip.ts";

/** What a state of a member means, for people. */
export const MEMBER_WORDS: Readonly<Record<MemberState, string>> = {
  Starting: "starting up",
  UNJOINED: "running, not in the group",
  PREPARING_REBALANCE: "joining",
  COMPLETING_REBALANCE: "waiting for its assignment",
  JOINING: "joining",
  RECONCILING: "coming to its target",
  ACKNOWLEDGING: "saying that it has come to its target",
  FENCED: "fenced, and has lost its partitions",
  STALE: "has left, for want of a poll",
  REBALANCING: "working its share out",
  BACKING_OFF: "waiting before it tries again",
  STRANDED: "has given up, and owns nothing",
  STABLE: "in the group",
  Closing: "closing",
  Crashed: "crashed, not yet noticed",
};

/** Consumer processes: alive or not, in the group or on the way, inside a slow batch or a commit that waits, or stopped. */
export function memberLanes(
  { clients, berthOf, members, busy, committing, stopped, links, alive, known }: GroupPicture,
  end: number,
): Strip {
  const looks: Record<Palette["scheme"], Look[]> = { light: [], dark: [] };
  const lookOf = (client: number, state: MemberState, palette: Palette): Look => {
    const own = palette.member(client);
    switch (state) {
      case "Starting":
        return { paint: mix(palette.ground, own, 0.6), hollow: true };
      case "UNJOINED":
      case "FENCED":
      case "STALE":
      case "STRANDED":
        return { paint: mix(palette.ground, own, 0.32) };
      case "Closing":
        return { paint: mix(palette.ground, own, 0.45) };
      case "Crashed":
        return { paint: palette.warning, hatched: true };
      case "STABLE":
        return { paint: own, text: clients[client] };
      default:
        return { paint: palette.state(state) };
    }
  };
  /** Who lies in each berth, in order. */
  const crews: number[][] = Array.from({ length: members.rows }, () => []);
  berthOf.forEach((berth, client) => crews[berth]?.push(client));
  const crowded = clients.length > members.rows;
  const seen = new Set<MemberState>();
  for (const value of members.values) if (value >= 0) seen.add(stateOf(value));

  return laneStrip({
    name: "members",
    title: "Members",
    lanes: members,
    end,
    look: (_row, value, palette) => (looks[palette.scheme][value] ??= lookOf(clientOf(value), stateOf(value), palette)),
    label: (row) =>
      crews[row]
        .slice(0, 3)
        .map((client) => clients[client])
        .join(", "),
    ...(!crowded && { labelSwatch: (row: number, palette: Palette) => palette.member(crews[row][0]).css }),
    section: () => `${count(clients.length)} clients`,
    overlays: [
      { lanes: busy, value: (value) => value === 1, how: "foot" },
      { lanes: committing, value: (value) => value === 1, how: "foot" },
      { lanes: stopped, value: (value) => value === 1, how: "veil" },
      { lanes: members, value: isCrashed, how: "warning" },
      { lanes: links, value: (value) => value === CUT, how: "dashed" },
      { lanes: links, value: (value) => value === SLOW, how: "dotted" },
    ],
    mark(row, t, palette) {
      const index = stretchAt(members, row, t);
      const value = valueAt(members, row, t);
      if (index < 0 || value < 0) return null;
      const client = clientOf(value);
      const from = members.starts[index];
      const to = index + 1 < members.offsets[row + 1] ? members.starts[index + 1] : end;
      return {
        title: clients[client],
        swatch: palette.member(client).css,
        facts: [
          ["is", MEMBER_WORDS[stateOf(value)]],
          ["from", clock(from)],
          ["for", span(to - from)],
          ...(valueAt(busy, row, t) === 1 ? [["and", "inside a slow batch"] as const] : []),
          ...(valueAt(committing, row, t) === 1 ? [["and", "inside a commit that waits"] as const] : []),
          ...(valueAt(stopped, row, t) === 1 ? [["but", "stopped, and goes on later"] as const] : []),
          ...(valueAt(links, row, t) > 0
            ? [["its links", valueAt(links, row, t) === CUT ? "cut" : "slow"] as const]
            : []),
        ],
        select: { kind: "member", client, t },
      };
    },
    readout: (t) => `${count(stepAt(alive, t))} alive, ${count(stepAt(known, t))} known to the coordinator`,
    legend: (palette) => [
      { label: "joining", color: palette.state("PREPARING_REBALANCE").css },
      ...(seen.has("RECONCILING")
        ? [{ label: "reconciling", color: palette.state("RECONCILING").css }]
        : [{ label: "awaiting assignment", color: palette.state("COMPLETING_REBALANCE").css }]),
      { label: committing.values.includes(1) ? "slow batch, waiting commit" : "slow batch", color: palette.accent.css },
      ...(stopped.values.includes(1) ? [{ label: "stopped", color: palette.faint, how: "hatched" } as const] : []),
      { label: "crashed, unnoticed", color: palette.warning.css, how: "hatched" },
      ...(links.values.includes(CUT) ? [{ label: "cut off", color: palette.accent.css, how: "dashed" } as const] : []),
      ...(links.values.includes(SLOW)
        ? [{ label: "slow link", color: palette.accent.css, how: "dotted" } as const]
        : []),
    ],
    describe(from, to) {
      const here = `${count(stepAt(alive, from))} alive at the left edge, ${count(stepAt(alive, to))} at the right`;
      return `Members: ${count(clients.length)} clients in ${count(members.rows)} lanes; ${here}.`;
    },
  });
}

const CRASHED = MEMBER_STATES.indexOf("Crashed");
const isCrashed = (value: number) => value >= 0 && value % MEMBER_STATES.length === CRASHED;
