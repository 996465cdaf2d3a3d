import { phases } from "../sim/trace/readings/rebalances.ts";
import type { Palette } from "./colors.ts";
import { button, el } from "./dom.ts";
import { headline, story } from "./explain.ts";
import { stretchAt } from "./load/lanes.ts";
import { clientOf, NOBODY, stateOf, type GroupPicture } from "./load/picture.ts";
import { MEMBER_WORDS } from "./strips/member-lanes.ts";
import { endOf, PHASE_NAMES } from "./strips/rebalance-brackets.ts";
import type { Selection } from "./strips/strip.ts";
import { clock, count, span } from "./time-axis.ts";
import { factTable } from "./tooltip.ts";

/** What the panel can be asked to do. */
export interface PanelActions {
  select(selection: Selection): void;
  zoomTo(from: number, to: number): void;
  close(): void;
}

/** Rows that a table in the panel has at most; more would be scrolled past, not read. */
const MOST_ROWS = 400;

/** The side panel: a rebalance explained back to its cause, a member, a partition, or the list of rebalances. */
export class Panel {
  readonly element = el("aside", { class: "panel", "aria-label": "Details", hidden: "" });
  readonly #actions: PanelActions;

  constructor(actions: PanelActions) {
    this.#actions = actions;
  }

  hide(): void {
    this.element.hidden = true;
  }

  show(group: GroupPicture, selection: Selection | "rebalances", palette: Palette, end: number): void {
    const content =
      selection === "rebalances"
        ? this.#list(group)
        : selection.kind === "rebalance"
          ? this.#rebalance(group, selection.index, palette)
          : selection.kind === "member"
            ? this.#member(group, selection.client, selection.t, palette, end)
            : this.#partition(group, selection.row, selection.t, palette, end);
    const close = button("✕", "Close (Esc)", () => this.#actions.close(), { class: "close", "aria-label": "Close" });
    this.element.replaceChildren(close, ...content);
    this.element.hidden = false;
    this.element.scrollTop = 0;
  }

  #rebalance({ rebalances }: GroupPicture, index: number, palette: Palette): Node[] {
    const rebalance = rebalances[index];
    const lengths = phases(rebalance);
    const whole = endOf(rebalance) - rebalance.cause.at;
    const bar = el("div", { class: "phase-bar", "aria-hidden": "true" });
    const table = el("table", { class: "phases" });
    for (const phase of PHASE_NAMES) {
      const { css, text } = palette.phase(phase);
      const part = el("span", {});
      part.style.cssText = `flex-grow:${Math.max(lengths[phase] / Math.max(1, whole), 0)};background:${css};color:${text}`;
      bar.append(part);
      const swatch = el("i");
      swatch.style.setProperty("--swatch", css);
      table.append(
        el(
          "tr",
          {},
          el("th", { scope: "row" }, swatch, phase),
          el("td", {}, lengths[phase] > 0 ? span(lengths[phase]) : "–"),
        ),
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
        ["generation", `${rebalance.generationBefore} → ${rebalance.generationAfter}`],
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
      rebalance.cause.client === clients[client] ? [index] : [],
    );
    return [
      el("p", { class: "kicker" }, "Member"),
      this.#named(clients[client], palette.member(client).css),
      factTable([
        [`at ${clock(t)} owns`, `${count(owned)} partitions`],
        ["rebalances it caused", count(caused.length)],
      ]),
      ...(caused.length > 0 ? [this.#links({ rebalances }, caused)] : []),
      this.#stretches(parts, t),
    ];
  }

  #partition(group: GroupPicture, row: number, t: number, palette: Palette, end: number): Node[] {
    const { owners, clients, topics, topicOf, numberOf } = group;
    const parts: [string, number, number][] = [];
    let free = 0;
    for (let i = owners.offsets[row]; i < owners.offsets[row + 1]; i++) {
      const to = i + 1 < owners.offsets[row + 1] ? owners.starts[i + 1] : end;
      if (owners.values[i] === NOBODY) free += to - owners.starts[i];
      parts.push([owners.values[i] === NOBODY ? "nobody" : clients[owners.values[i]], owners.starts[i], to]);
    }
    const now = stretchAt(owners, row, t);
    const owner = now < 0 ? NOBODY : owners.values[now];
    return [
      el("p", { class: "kicker" }, "Partition"),
      this.#named(
        `${topics[topicOf[row]]}-${numberOf[row]}`,
        owner >= 0 ? palette.member(owner).css : palette.warning.css,
      ),
      factTable([
        [`at ${clock(t)} owned by`, owner >= 0 ? clients[owner] : "nobody"],
        ["without an owner", `${span(free)} in all (${((100 * free) / end).toFixed(2)} %)`],
      ]),
      this.#stretches(parts, t),
    ];
  }

  #named(name: string, color: string): Node {
    const swatch = el("i");
    swatch.style.setProperty("--swatch", color);
    return el("h2", {}, swatch, name);
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

  /** A table of what was from when to when; the stretch at `t` stands out. */
  #stretches(parts: readonly (readonly [string, number, number])[], t: number): Node {
    const here = Math.max(
      0,
      parts.findIndex(([, from, to]) => from <= t && t < to),
    );
    const first = Math.max(0, Math.min(here - MOST_ROWS / 2, parts.length - MOST_ROWS));
    const rows = parts.slice(first, first + MOST_ROWS).map(([what, from, to], i) => {
      const row = el(
        "tr",
        { tabindex: "-1" },
        el("td", {}, clock(from, 1e5)),
        el("td", {}, what),
        el("td", {}, span(to - from)),
      );
      if (first + i === here) row.className = "here";
      return row;
    });
    const head = el("tr", {}, el("th", {}, "from"), el("th", {}, ""), el("th", {}, "for"));
    return el("table", { class: "stretches" }, el("thead", {}, head), el("tbody", {}, ...rows));
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
