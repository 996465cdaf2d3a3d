import { PHASES, phases } from "../sim/trace/readings/rebalances.ts";
import { brokerDetails, deedDetails, networkDetails } from "./cluster-details.ts";
import { reachText, watermarkText } from "./cluster-words.ts";
import type { Palette } from "./colors.ts";
import { MOST_ROWS, named, stretchTable } from "./details.ts";
import { button, el } from "./dom.ts";
import { COUNTED, headline, story } from "./explain.ts";
import { eachStretchOf, stretchAt, valueAt } from "./load/lanes.ts";
import { clientOf, NOBODY, stateOf, type GroupPicture, type Picture } from "./load/picture.ts";
import { MEMBER_WORDS } from "./strips/member-lanes.ts";
import { endOf } from "./strips/rebalance-brackets.ts";
import type { Selection } from "./strips/strip.ts";
import { clock, count, span } from "./time-axis.ts";
import { factTable } from "./tooltip.ts";

/** What the panel can be asked to do. */
export interface PanelActions {
  select(selection: Selection): void;
  zoomTo(from: number, to: number): void;
  close(): void;
}

/** The side panel: a rebalance explained back to its cause, a member, a partition, a broker, what was done, or a list. */
export class Panel {
  readonly element = el("aside", { class: "panel", "aria-label": "Details", hidden: "" });
  readonly #actions: PanelActions;

  constructor(actions: PanelActions) {
    this.#actions = actions;
  }

  hide(): void {
    this.element.hidden = true;
  }

  show(picture: Picture, group: GroupPicture, selection: Selection | "rebalances", palette: Palette): void {
    const content = this.#content(picture, group, selection, palette);
    const close = button("✕", "Close (Esc)", () => this.#actions.close(), { class: "close", "aria-label": "Close" });
    this.element.replaceChildren(close, ...content);
    this.element.hidden = false;
    this.element.scrollTop = 0;
  }

  #content(
    { cluster, deeds, end }: Picture,
    group: GroupPicture,
    selection: Selection | "rebalances",
    palette: Palette,
  ): Node[] {
    if (selection === "rebalances") return this.#list(group);
    switch (selection.kind) {
      case "rebalance":
        return this.#rebalance(group, selection.index, palette);
      case "member":
        return this.#member(group, selection.client, selection.t, palette, end);
      case "partition":
        return this.#partition(group, selection.row, selection.t, palette, end);
      case "broker":
        return brokerDetails(cluster, group, selection, palette, end);
      case "network":
        return networkDetails(cluster, selection, end);
      case "deed":
        return deedDetails(deeds, selection.index);
    }
  }

  #rebalance({ rebalances }: GroupPicture, index: number, palette: Palette): Node[] {
    const rebalance = rebalances[index];
    const lengths = phases(rebalance);
    const whole = endOf(rebalance) - rebalance.cause.at;
    const bar = el("div", { class: "phase-bar", "aria-hidden": "true" });
    const table = el("table", { class: "phases" });
    for (const phase of PHASES[rebalance.protocol]) {
      const length = lengths[phase] ?? 0;
      const { css, text } = palette.phase(phase);
      const part = el("span", {});
      part.style.cssText = `flex-grow:${Math.max(length / Math.max(1, whole), 0)};background:${css};color:${text}`;
      bar.append(part);
      const swatch = el("i");
      swatch.style.setProperty("--swatch", css);
      table.append(
        el("tr", {}, el("th", { scope: "row" }, swatch, phase), el("td", {}, length > 0 ? span(length) : "–")),
      );
    }
    table.append(el("tr", { class: "sum" }, el("th", { scope: "row" }, "together"), el("td", {}, span(whole))));
    const step = (by: number) => () => this.#actions.select({ kind: "rebalance", index: index + by });
    const back = button("←", "Previous rebalance ( [ )", step(-1), { "aria-label": "Previous rebalance" });
    const on = button("→", "Next rebalance ( ] )", step(1), { "aria-label": "Next rebalance" });
    back.disabled = index === 0;
    on.disabled = index === rebalances.length - 1;
    const zoom = button("Zoom to it", "Show this rebalance from its cause to its end", () =>
      this.#actions.zoomTo(rebalance.cause.at - whole * 0.25, endOf(rebalance) + whole * 0.25),
    );
    return [
      el("p", { class: "kicker" }, `Rebalance ${index + 1} of ${count(rebalances.length)}`),
      el("h2", {}, headline(rebalance)),
      el("div", { class: "actions" }, back, on, zoom),
      bar,
      table,
      ...story(rebalance).map((text) => el("p", { class: "story" }, text)),
      factTable([
        ["unread", `${count(rebalance.partitionSecondsUnread)} partition-seconds`],
        ["members", `${rebalance.membersBefore} → ${rebalance.membersAfter}`],
        [COUNTED[rebalance.protocol], `${rebalance.generationBefore} → ${rebalance.generationAfter}`],
        ["events", `${rebalance.cause.event} … ${rebalance.ended ?? rebalance.event}`],
      ]),
    ];
  }

  #member(group: GroupPicture, client: number, t: number, palette: Palette, end: number): Node[] {
    const { clients, berthOf, members, rebalances, owners } = group;
    const parts: [string, number, number][] = [];
    const row = berthOf[client];
    for (let i = members.offsets[row]; i < members.offsets[row + 1]; i++) {
      const value = members.values[i];
      if (value < 0 || clientOf(value) !== client) continue;
      const to = i + 1 < members.offsets[row + 1] ? members.starts[i + 1] : end;
      parts.push([MEMBER_WORDS[stateOf(value)], members.starts[i], to]);
    }
    let owned = 0;
    for (let partition = 0; partition < owners.rows; partition++) {
      const i = stretchAt(owners, partition, t);
      if (i >= 0 && owners.values[i] === client) owned++;
    }
    const caused = rebalances.flatMap((rebalance, index) =>
      rebalance.cause.client === clients[client] || rebalance.others.includes(clients[client]) ? [index] : [],
    );
    return [
      el("p", { class: "kicker" }, "Member"),
      named(clients[client], palette.member(client).css),
      factTable([
        [`at ${clock(t)} owns`, `${count(owned)} partitions`],
        ["rebalances it caused", count(caused.length)],
      ]),
      ...(caused.length > 0 ? [this.#links({ rebalances }, caused)] : []),
      stretchTable(parts, t),
    ];
  }

  #partition(group: GroupPicture, row: number, t: number, palette: Palette, end: number): Node[] {
    const { owners, clients, topics, topicOf, numberOf, leaders, reach } = group;
    const parts: [string, number, number][] = [];
    let free = 0;
    for (let i = owners.offsets[row]; i < owners.offsets[row + 1]; i++) {
      const to = i + 1 < owners.offsets[row + 1] ? owners.starts[i + 1] : end;
      if (owners.values[i] === NOBODY) free += to - owners.starts[i];
      parts.push([owners.values[i] === NOBODY ? "nobody" : clients[owners.values[i]], owners.starts[i], to]);
    }
    const now = stretchAt(owners, row, t);
    const owner = now < 0 ? NOBODY : owners.values[now];
    const leader = valueAt(leaders, row, t);
    const away = reachText(valueAt(reach, row, t));
    const watermark = watermarkText(group, row, t);
    let beyond = 0;
    eachStretchOf(reach, row, end, (from, to) => (beyond += to - from));
    return [
      el("p", { class: "kicker" }, "Partition"),
      named(`${topics[topicOf[row]]}-${numberOf[row]}`, owner >= 0 ? palette.member(owner).css : palette.warning.css),
      factTable([
        [`at ${clock(t)} owned by`, owner >= 0 ? clients[owner] : "nobody"],
        ...(leader > 0 ? [["led by", `broker ${leader}`] as const] : []),
        ...(away === undefined ? [] : [["and", away] as const]),
        ...(watermark === undefined ? [] : [["its watermark", watermark] as const]),
        ["without an owner", `${span(free)} in all (${((100 * free) / end).toFixed(2)} %)`],
        ...(beyond > 0 ? [["leader out of reach", `${span(beyond)} in all`] as const] : []),
      ]),
      stretchTable(parts, t),
    ];
  }

  #links({ rebalances }: Pick<GroupPicture, "rebalances">, indices: readonly number[]): Node {
    return el(
      "ul",
      { class: "links" },
      ...indices.slice(0, 12).map((index) => {
        const text = `${clock(rebalances[index].cause.at, 1e5)} · ${headline(rebalances[index])}`;
        return el(
          "li",
          {},
          button(text, "Explain it", () => this.#actions.select({ kind: "rebalance", index })),
        );
      }),
    );
  }

  #list({ rebalances }: GroupPicture): Node[] {
    const rows = rebalances.slice(0, MOST_ROWS).map((rebalance, index) => {
      const link = button(headline(rebalance), "Explain it", () => this.#actions.select({ kind: "rebalance", index }));
      return el(
        "tr",
        {},
        el("td", {}, clock(rebalance.cause.at, 1e5)),
        el("td", {}, link),
        el("td", {}, span(endOf(rebalance) - rebalance.from)),
        el("td", {}, count(rebalance.partitionSecondsUnread)),
      );
    });
    const head = el("tr", {}, ...["at", "why", "took", "unread"].map((name) => el("th", { scope: "col" }, name)));
    return [
      el("p", { class: "kicker" }, "Rebalances"),
      el("h2", {}, count(rebalances.length)),
      ...(rebalances.length > MOST_ROWS ? [el("p", {}, `The first ${MOST_ROWS} of them:`)] : []),
      el("table", { class: "list" }, el("thead", {}, head), el("tbody", {}, ...rows)),
      el(
        "p",
        { class: "note" },
        "“Took” is from the group’s leaving Stable until everything was read again; “unread” is in partition-seconds.",
      ),
    ];
  }
}
