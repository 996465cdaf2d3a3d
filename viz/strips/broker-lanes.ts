import type { Palette } from "../colors.ts";
import { controllerText, coordinatorAt, longState, rowName, shortState, troubleText } from "../cluster-words.ts";
import { eachStretch, stepAt, stretchAt, valueAt } from "../load/lanes.ts";
import { ACTIVE, CUT, LOADING, SLOW, type ClusterPicture, type GroupPicture } from "../load/picture.ts";
import { clock, count, span } from "../time-axis.ts";
import { laneStrip, type Look } from "./lane-strip.ts";
import type { LegendEntry, Mark, Strip } from "./strip.ts";

/** So many rows are in sight at once; of more, the strip shows all as pixels, or opens. */
const MOST_ROWS = 9;

/**
 * Brokers: alive or not, and which of them has the group's coordinator; above them what is the matter with the network,
 * and with the controller. Nothing where all of that is as it was at the beginning.
 */
export function brokerLanes(cluster: ClusterPicture, group: GroupPicture, end: number): Strip | null {
  const { rows, lanes, stateNames, troubles, controllers, links, brokers, running } = cluster;
  const { coordinator, outages } = group;
  if (rows.length === 0) return null;
  const looks: Record<Palette["scheme"], Map<string, Look>> = { light: new Map(), dark: new Map() };
  const has = (of: typeof lanes, wanted: number) => of.values.includes(wanted);
  const dead = stateNames.indexOf("Crashed");
  const named = (name: string) => stateNames.includes(name);
  // Values of different kinds of rows mean different things; only a broker's can be a crash.
  const crashes = { ...lanes, values: lanes.values.slice() };
  rows.forEach(({ kind }, row) => {
    if (kind !== "broker") crashes.values.fill(-1, lanes.offsets[row], lanes.offsets[row + 1]);
  });

  const lookOf = (row: number, value: number, palette: Palette): Look => {
    const plain = palette.state("Running");
    switch (rows[row].kind) {
      case "network": {
        const text = troubleText(troubles[value]);
        return { paint: troubles[value].state === "cut" ? palette.accent : palette.state("Closing"), text };
      }
      case "controller": {
        const text = controllerText(controllers[value]);
        return controllers[value].controller === null
          ? { paint: palette.warning, hatched: true }
          : { paint: plain, text };
      }
      case "broker": {
        const state = stateNames[value];
        const text = shortState(state);
        return { paint: palette.state(state), hollow: state === "Fenced", ...(text !== "" && { text }) };
      }
    }
  };

  const mark = (row: number, t: number, palette: Palette): Mark | null => {
    const index = stretchAt(lanes, row, t);
    const value = index < 0 ? -1 : lanes.values[index];
    if (value < 0) return null;
    const to = index + 1 < lanes.offsets[row + 1] ? lanes.starts[index + 1] : end;
    const facts: [string, string][] = [
      ["from", clock(lanes.starts[index])],
      ["for", span(to - lanes.starts[index])],
    ];
    const select = { kind: "cluster", row, t } as const;
    const { paint } = lookOf(row, value, palette);
    switch (rows[row].kind) {
      case "network":
        return { title: troubleText(troubles[value]), swatch: paint.css, facts, select };
      case "controller":
        return { title: controllerText(controllers[value]), swatch: paint.css, facts, select };
      case "broker": {
        facts.unshift(["is", longState(stateNames[value])]);
        const seat = valueAt(coordinator, row, t);
        if (seat === ACTIVE) facts.push(["and", `coordinates ${group.id}`]);
        if (seat === LOADING) facts.push(["and", `loads ${group.id}`]);
        const link = valueAt(links, row, t);
        if (link > 0) facts.push(["its links", link === CUT ? "cut" : "slow"]);
        return {
          title: rowName(rows[row]),
          swatch: seat === ACTIVE ? palette.coordinator.css : paint.css,
          facts,
          select,
        };
      }
    }
  };

  return laneStrip({
    name: "brokers",
    title: "Brokers",
    lanes,
    end,
    mostRows: MOST_ROWS,
    look(row, value, palette) {
      const known = looks[palette.scheme];
      const key = `${rows[row].kind} ${value}`;
      let look = known.get(key);
      if (!look) known.set(key, (look = lookOf(row, value, palette)));
      return look;
    },
    label: (row) => rowName(rows[row]),
    section: () => `${count(brokers)} brokers`,
    overlays: [
      { lanes: crashes, value: (value) => value === dead && dead >= 0, how: "warning" },
      { lanes: coordinator, value: (value) => value === ACTIVE, how: "core", text: "coordinator" },
      { lanes: coordinator, value: (value) => value === LOADING, how: "hatched-core" },
      { lanes: links, value: (value) => value === CUT, how: "dashed" },
      { lanes: links, value: (value) => value === SLOW, how: "dotted" },
    ],
    mark,
    readout(t) {
      const wrong = troubles.filter(({ begin, end: to }) => begin <= t && t < to).map(troubleText);
      const seat = coordinatorAt(cluster, group, t);
      return [
        `${count(stepAt(running, t))} of ${count(brokers)} run`,
        ...(seat === "" ? [] : [`coordinator: ${seat}`]),
        ...(wrong.length > 2 ? [`${count(wrong.length)} links cut or slow`] : wrong),
      ].join(", ");
    },
    legend: (palette) => [
      { label: "coordinator", color: palette.coordinator.css },
      ...(has(coordinator, LOADING) ? [entry("loading", palette.coordinator.css, "hatched")] : []),
      ...(named("ShuttingDown") ? [entry("stopping", palette.state("ShuttingDown").css)] : []),
      ...(named("Crashed") ? [entry("dead, unnoticed", palette.warning.css, "hatched")] : []),
      ...(named("Fenced") ? [entry("down", palette.state("Fenced").css, "hollow")] : []),
      ...(named("Isolated") ? [entry("fenced, alive", palette.state("Isolated").css)] : []),
      ...(has(links, CUT) ? [entry("cut off", palette.accent.css, "dashed")] : []),
      ...(has(links, SLOW) ? [entry("slow link", palette.accent.css, "dotted")] : []),
    ],
    describe(from, to) {
      const told: { readonly at: number; readonly text: string }[] = [];
      eachStretch(lanes, end, (row, begin, until, value) => {
        if (until <= from || begin >= to) return;
        const at = clock(begin, 1e5);
        const { kind } = rows[row];
        if (kind === "network") told.push({ at: begin, text: `${troubleText(troubles[value])} at ${at}` });
        else if (kind === "controller")
          told.push({ at: begin, text: `${controllerText(controllers[value])} from ${at}` });
        else if (begin > 0)
          told.push({ at: begin, text: `${rowName(rows[row])} ${longState(stateNames[value])} from ${at}` });
      });
      const first = told.sort((a, b) => a.at - b.at).slice(0, MOST_TOLD);
      const gaps = outages.filter((one) => one.from < to && one.to > from);
      const without = gaps
        .map((one) => `for ${span(one.to - one.from)} at ${clock(one.from, 1e5)}`)
        .slice(0, MOST_TOLD);
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

/** Changes that are told in words. */
const MOST_TOLD = 4;

function entry(label: string, color: string, how?: LegendEntry["how"]): LegendEntry {
  return { label, color, ...(how && { how }) };
}
