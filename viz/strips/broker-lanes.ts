import { brokerName, coordinatorAt, longState, shortState } from "../cluster-words.ts";
import type { Palette } from "../colors.ts";
import { eachStretch, stepAt, stretchAt, valueAt } from "../load/lanes.ts";
import { ACTIVE, CUT, LOADING, SLOW, type ClusterPicture, type GroupPicture } from "../load/picture.ts";
import { clock, count, span } from "../time-axis.ts";
import { laneStrip, type Look } from "./lane-strip.ts";
import type { LegendEntry, Strip } from "./strip.ts";

/** So many rows are in sight at once; of more, the strip shows all as pixels, or opens. */
const MOST_ROWS = 9;

/** Changes that are told in words. */
const MOST_TOLD = 4;

/**
 * Brokers: alive or not, cut off or not, and which of them has the group's coordinator. Nothing where all of that is as
 * it was at the beginning.
 */
export function brokerLanes(cluster: ClusterPicture, group: GroupPicture, end: number): Strip | null {
  const { rows, states, stateNames, links, brokers, running } = cluster;
  const { coordinator, outages } = group;
  if (rows.length === 0) return null;
  const looks: Record<Palette["scheme"], Look[]> = { light: [], dark: [] };
  const lookOf = (state: string, palette: Palette): Look => {
    const text = shortState(state);
    return { paint: palette.state(state), ...(text !== "" && { text }) };
  };
  const is = (state: string) => {
    const wanted = stateNames.indexOf(state);
    return (value: number) => value >= 0 && value === wanted;
  };
  const isDown = is("Fenced");

  return laneStrip({
    name: "brokers",
    title: "Brokers",
    lanes: states,
    end,
    mostRows: MOST_ROWS,
    look(_row, value, palette) {
      if (isDown(value)) return null; // no bar, and a line that is never hidden
      return (looks[palette.scheme][value] ??= lookOf(stateNames[value], palette));
    },
    label: (row) => brokerName(rows[row]),
    section: () => `${count(brokers)} brokers`,
    overlays: [
      { lanes: states, value: isDown, how: "gone" },
      { lanes: states, value: is("Crashed"), how: "warning" },
      { lanes: coordinator, value: (value) => value === ACTIVE, how: "core", text: "coordinator" },
      { lanes: coordinator, value: (value) => value === LOADING, how: "hatched-core" },
      { lanes: links, value: (value) => value === CUT, how: "dashed" },
      { lanes: links, value: (value) => value === SLOW, how: "dotted" },
    ],
    mark(row, t, palette) {
      const index = stretchAt(states, row, t);
      if (index < 0 || states.values[index] < 0) return null;
      const state = stateNames[states.values[index]];
      const to = index + 1 < states.offsets[row + 1] ? states.starts[index + 1] : end;
      const seat = valueAt(coordinator, row, t);
      const link = valueAt(links, row, t);
      return {
        title: brokerName(rows[row]),
        swatch: seat === ACTIVE ? palette.coordinator.css : palette.state(state).css,
        facts: [
          ["is", longState(state)],
          ["from", clock(states.starts[index])],
          ["for", span(to - states.starts[index])],
          ...(seat > 0 ? [["and", `${seat === ACTIVE ? "coordinates" : "loads"} ${group.id}`] as const] : []),
          ...(link > 0 ? [["its links", link === CUT ? "cut" : "slow"] as const] : []),
        ],
        select: { kind: "broker", row, t },
      };
    },
    readout(t) {
      const seat = coordinatorAt(cluster, group, t);
      return `${count(stepAt(running, t))} of ${count(brokers)} run${seat === "" ? "" : `, coordinator: ${seat}`}`;
    },
    legend(palette) {
      const entry = (shown: boolean, label: string, color: string, how?: LegendEntry["how"]): LegendEntry[] =>
        shown ? [{ label, color, ...(how && { how }) }] : [];
      const named = (state: string) => stateNames.includes(state);
      return [
        ...entry(true, "coordinator", palette.coordinator.css),
        ...entry(coordinator.values.includes(LOADING), "loading", palette.coordinator.css, "hatched"),
        ...entry(named("ShuttingDown"), "stopping", palette.state("ShuttingDown").css),
        ...entry(named("Crashed"), "dead, unnoticed", palette.warning.css, "hatched"),
        ...entry(named("Fenced"), "down", palette.state("Fenced").css, "hollow"),
        ...entry(named("Isolated"), "fenced, alive", palette.state("Isolated").css),
        ...entry(links.values.includes(CUT), "cut off", palette.accent.css, "dashed"),
        ...entry(links.values.includes(SLOW), "slow link", palette.accent.css, "dotted"),
      ];
    },
    describe(from, to) {
      const told: { readonly at: number; readonly text: string }[] = [];
      eachStretch(states, end, (row, at, until, value) => {
        if (at > 0 && until > from && at < to)
          told.push({ at, text: `${brokerName(rows[row])} ${longState(stateNames[value])} from ${clock(at, 1e5)}` });
      });
      const first = told.sort((a, b) => a.at - b.at).slice(0, MOST_TOLD);
      const gaps = outages.filter((one) => one.from < to && one.to > from).slice(0, MOST_TOLD);
      const without = gaps.map((one) => `for ${span(one.to - one.from)} at ${clock(one.from, 1e5)}`);
      return [
        `Brokers: ${count(brokers)}`,
        ...first.map(({ text }) => text),
        ...(told.length > MOST_TOLD ? [`and ${count(told.length - MOST_TOLD)} changes more`] : []),
        ...(without.length > 0 ? [`the group without a coordinator ${without.join(", ")}`] : []),
      ]
        .join("; ")
        .concat(".");
    },
  });
}
