import { controllerText, coordinatorAt, longState, brokerName, troubleText } from "./cluster-words.ts";
import type { Palette } from "./colors.ts";
import { MOST_ROWS, named, stretchTable } from "./details.ts";
import { el } from "./dom.ts";
import { eachStretchOf, valueAt } from "./load/lanes.ts";
import { ACTIVE, CUT, LOADING, type ClusterPicture, type Deed, type GroupPicture } from "./load/picture.ts";
import { clock, count, span } from "./time-axis.ts";
import { factTable } from "./tooltip.ts";

/** What was the matter with the network, or who the controller was, through the run. */
export function networkDetails(
  { network, controllerRow, troubles, controllers }: ClusterPicture,
  { row, t }: { readonly row: number; readonly t: number },
  end: number,
): Node[] {
  const parts: [string, number, number][] = [];
  eachStretchOf(network, row, end, (from, to, value) =>
    parts.push([row === controllerRow ? controllerText(controllers[value]) : troubleText(troubles[value]), from, to]),
  );
  return [
    el("p", { class: "kicker" }, "Network"),
    el("h2", {}, row === controllerRow ? "Controller" : "Links"),
    stretchTable(parts, t),
  ];
}

/** A broker through the run: its states, where it was the group's coordinator, and what it led at `t`. */
export function brokerDetails(
  cluster: ClusterPicture,
  group: GroupPicture,
  { row, t }: { readonly row: number; readonly t: number },
  palette: Palette,
  end: number,
): Node[] {
  const { rows, states, stateNames, links } = cluster;
  const { leaders, coordinator, outages } = group;
  const { broker } = rows[row];
  const parts: [string, number, number][] = [];
  eachStretchOf(states, row, end, (from, to, value) => parts.push([longState(stateNames[value]), from, to]));
  eachStretchOf(coordinator, row, end, (from, to, value) =>
    parts.push([value === ACTIVE ? `coordinates ${group.id}` : `loads ${group.id}`, from, to]),
  );
  eachStretchOf(links, row, end, (from, to, value) =>
    parts.push([value === CUT ? "its links are cut" : "its links are slow", from, to]),
  );
  parts.sort(([, a], [, b]) => a - b);
  let led = 0;
  for (let partition = 0; partition < leaders.rows; partition++) if (valueAt(leaders, partition, t) === broker) led++;
  const seat = valueAt(coordinator, row, t);
  const without = outages.reduce((sum, { from, to }) => sum + to - from, 0);
  return [
    el("p", { class: "kicker" }, "Broker"),
    named(
      brokerName(rows[row]),
      seat === ACTIVE || seat === LOADING ? palette.coordinator.css : palette.state("Running").css,
    ),
    factTable([
      [`at ${clock(t)} leads`, `${count(led)} partitions`],
      [`coordinator of ${group.id}`, coordinatorAt(cluster, group, t) || "–"],
      ...(without > 0 ? [["without one", `${span(without)} in all`] as const] : []),
    ]),
    stretchTable(parts, t),
  ];
}

/** What was done to the world of the run; the deed of this place stands out. */
export function deedDetails(deeds: readonly Deed[], index: number): Node[] {
  const first = Math.max(0, Math.min(index - MOST_ROWS / 2, deeds.length - MOST_ROWS));
  const lines = deeds.slice(first, first + MOST_ROWS).map(({ at, text, scripted }, i) => {
    const line = el("tr", {}, el("td", {}, clock(at, 1e5)), el("td", {}, text), el("td", {}, scripted ? "" : "chance"));
    if (first + i === index) line.className = "here";
    return line;
  });
  return [
    el("p", { class: "kicker" }, "Scenario"),
    el("h2", {}, deeds[index].text),
    factTable([
      ["at", clock(deeds[index].at)],
      ["event", deeds[index].event],
    ]),
    el("table", { class: "stretches" }, el("tbody", {}, ...lines)),
  ];
}
