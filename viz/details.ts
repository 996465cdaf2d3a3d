import { el } from "./dom.ts";
import { clock, span } from "./time-axis.ts";

/** Rows that a table in the panel has at most; more would be scrolled past, not read. */
export const MOST_ROWS = 400;

/** A heading with a colour of its own. */
export function named(name: string, color: string): Node {
  const swatch = el("i");
  swatch.style.setProperty("--swatch", color);
  return el("h2", {}, swatch, name);
}

/** A table of what was from when to when, in order of time; what is so at `t` stands out. */
export function stretchTable(parts: readonly (readonly [string, number, number])[], t: number): Node {
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
    if ((from <= t && t < to) || first + i === here) row.className = "here";
    return row;
  });
  const head = el("tr", {}, el("th", {}, "from"), el("th", {}, ""), el("th", {}, "for"));
  return el("table", { class: "stretches" }, el("thead", {}, head), el("tbody", {}, ...rows));
}
