/** Parts that all views of results are made of. */
import { aboutName } from "../../sim/experiment/measures.ts";
import { button, el } from "../dom.ts";
import type { RunOrder } from "../load/simulated.ts";
import { shape, svg } from "./charts/svg.ts";
import { interval } from "./words.ts";

/** What a view of results needs of the page around it. */
export interface ResultsHost {
  /** How wide a chart can be, CSS pixels. */
  width(): number;
  /** Colours of things of one kind, in their order. */
  color(index: number): string;
  /** Simulates a run and shows it; the results stay one step back. */
  openRun(order: RunOrder, name: string): void;
}

/** Results on the page. What was chosen in them stays chosen when they are drawn anew. */
export interface ResultsView {
  readonly element: HTMLElement;
  draw(): void;
}

/** A view that draws itself into a section; what has the focus keeps it, though everything else is new. */
export function resultsView(content: (draw: () => void) => readonly Node[]): ResultsView {
  const element = el("section", { class: "results" });
  const draw = (): void => {
    const held = document.activeElement;
    const place = held && element.contains(held) ? twins(element, held).indexOf(held) : -1;
    element.replaceChildren(...content(draw));
    if (place >= 0) (twins(element, held!)[place] as HTMLElement | undefined)?.focus({ preventScroll: true });
  };
  draw();
  return { element, draw };
}

/** All that is called the same, in order. */
function twins(root: HTMLElement, one: Element): Element[] {
  const name = (element: Element): string => element.getAttribute("aria-label") ?? element.textContent ?? "";
  return [...root.querySelectorAll(one.tagName)].filter((other) => name(other) === name(one));
}

/** What kind of results these are, the question, and the small print below it. */
export function head(kind: string, question: string, facts: readonly string[]): HTMLElement {
  return el(
    "header",
    { class: "results-head" },
    el("p", { class: "kicker" }, kind),
    el("h1", {}, question),
    el("p", { class: "small-print" }, facts.join(" · ")),
  );
}

/** The sentence that somebody who has to decide reads first; `about` is what it is about, in bold. */
export function answer(text: string, isOpen = false, about = ""): HTMLElement {
  const subject = about === "" ? [] : [el("strong", {}, about), " "];
  return el("p", { class: isOpen ? "answer open" : "answer" }, ...subject, text);
}

export function figure(title: string, caption: string, ...content: Node[]): HTMLElement {
  for (const chart of content) if (chart instanceof SVGSVGElement) walkable(chart);
  const words = caption === "" ? [] : [el("span", {}, caption)];
  return el("figure", {}, el("figcaption", {}, el("strong", {}, title), ...words), ...content);
}

/** One stop for the Tab key in each chart or table; arrows lead from mark to mark. */
function walkable(root: Element): void {
  const marks = [...root.querySelectorAll<HTMLElement | SVGElement>(".choosable")];
  const [first] = marks;
  const start = marks.find((one) => one.classList.contains("chosen")) ?? first;
  start?.setAttribute("tabindex", "0");
  root.addEventListener("keydown", (event) => {
    const { key } = event as KeyboardEvent;
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[key];
    const place = marks.indexOf(event.target as SVGElement);
    if (by === undefined || place < 0) return;
    event.preventDefault();
    marks[place].setAttribute("tabindex", "-1");
    const next = marks[(place + by + marks.length) % marks.length];
    next.setAttribute("tabindex", "0");
    next.focus();
  });
}

/** One of several, chosen from a list; nothing to choose from, no list. */
export function choice(
  label: string,
  names: readonly string[],
  chosen: number,
  then: (index: number) => void,
): HTMLElement[] {
  if (names.length < 2) return [];
  const select = el("select", { "aria-label": label }, ...names.map((name) => el("option", {}, name)));
  select.selectedIndex = chosen;
  select.addEventListener("change", () => then(select.selectedIndex));
  return [el("label", { class: "pick" }, label, select)];
}

/** Names of series, each with its colour and its shape. */
export function legend(
  entries: readonly { readonly name: string; readonly color: string; readonly series: number }[],
): HTMLElement {
  const items = entries.map(({ name, color, series }) => {
    const swatch = svg(
      "svg",
      { viewBox: "-7 -7 14 14", width: 14, height: 14 },
      shape(series, 0, 0, 10, { fill: color }),
    );
    return el("li", {}, swatch, name);
  });
  return el("ul", { class: "series" }, ...items);
}

/** A value of a table with its interval, which is faint, and below it where there is little room. */
export function uncertain(
  value: number,
  { low, high }: { readonly low: number | null; readonly high: number | null },
  write: (value: number) => string,
): HTMLElement {
  const ends = low === high ? [] : [el("span", { class: "ends" }, interval(low, high, write))];
  return el("span", { class: "estimate" }, write(value), ...ends);
}

/** A column of a table: names stand at the left, numbers at the right. */
export interface Column {
  readonly title: string;
  readonly align: "left" | "right";
}

export interface Row {
  readonly cells: readonly (string | Node)[];
  readonly chosen?: boolean;
  readonly choose?: () => void;
  readonly mark?: string;
}

/** A table; a row that can be chosen says so. */
export function table(columns: readonly Column[], rows: readonly Row[]): HTMLElement {
  const body = rows.map(({ cells, chosen, choose, mark }) => {
    const row = el("tr", { class: [chosen ? "chosen" : "", choose ? "choosable" : "", mark ?? ""].join(" ").trim() });
    row.append(...cells.map((cell, i) => el("td", { class: columns[i].align }, cell)));
    if (choose) {
      row.tabIndex = -1;
      row.addEventListener("click", choose);
      row.addEventListener("keydown", ({ key }) => key === "Enter" && choose());
    }
    return row;
  });
  const titles = columns.map(({ title, align }) => {
    const about = aboutName(title);
    return el("th", { class: align, scope: "col", ...(about && { "data-tip": about }) }, title);
  });
  const made = el(
    "div",
    { class: "table" },
    el("table", {}, el("thead", {}, el("tr", {}, ...titles)), el("tbody", {}, ...body)),
  );
  walkable(made);
  return made;
}

/** As many terms stand open; longer lists wait until they are asked for. */
const MOST_OPEN = 20;

/** What measures are, for those who do not know their names. */
export function glossary(names: readonly string[]): HTMLElement[] {
  const known = [...new Set(names)].flatMap((name) => {
    const about = aboutName(name);
    return about === undefined ? [] : [el("dt", {}, name), el("dd", {}, about)];
  });
  return known.length === 0
    ? []
    : [
        el(
          "details",
          { class: "glossary", ...(known.length <= 2 * MOST_OPEN && { open: "" }) },
          el("summary", {}, "What the numbers are"),
          el("dl", {}, ...known),
        ),
      ];
}

/** A command to copy, which repeats something on the command line. */
export function command(text: string): HTMLElement {
  const copy = button("Copy", "Copy this command", () => {
    void navigator.clipboard?.writeText(text).then(() => (copy.textContent = "Copied"));
  });
  return el("div", { class: "command" }, el("pre", {}, el("code", {}, text)), copy);
}

/** A single run to look at, and the command that repeats it. */
export function runDetail(name: string, text: string, show: () => void): HTMLElement[] {
  return [
    el("h2", {}, name),
    el("p", {}, button("Show its first run", "Simulate this run here and look at it", show, { class: "primary" })),
    command(text),
  ];
}
