/** Parts that all views of results are made of. */
import { button, el } from "../dom.ts";
import type { RunOrder } from "../load/simulated.ts";

/** What a view of results needs of the page around it. */
export interface ResultsHost {
  /** Colours of things of one kind, in their order. */
  color(index: number): string;
  /** Simulates a run and shows it; the results stay one step back. */
  openRun(order: RunOrder, name: string): void;
}

/** A heading, what it is about, and the small print below it. */
export function head(title: string, question: string | undefined, facts: readonly string[]): HTMLElement {
  return el(
    "header",
    { class: "results-head" },
    el("h1", {}, title),
    ...(question ? [el("p", { class: "question" }, question)] : []),
    el("p", { class: "small-print" }, facts.join(" · ")),
  );
}

/** The sentence that somebody who has to decide reads first. */
export function answer(text: string, isOpen = false): HTMLElement {
  return el("p", { class: isOpen ? "answer open" : "answer" }, text);
}

export function figure(caption: string, ...content: Node[]): HTMLElement {
  return el("figure", {}, el("figcaption", {}, caption), ...content);
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
  return [el("label", { class: "choice" }, label, select)];
}

export function legend(entries: readonly { readonly name: string; readonly color: string }[]): HTMLElement {
  const items = entries.map(({ name, color }) => {
    const swatch = el("i");
    swatch.style.setProperty("--swatch", color);
    return el("li", {}, swatch, name);
  });
  return el("ul", { class: "legend" }, ...items);
}

/** A table; a row that can be chosen says so. */
export function table(
  titles: readonly string[],
  rows: readonly {
    readonly cells: readonly (string | Node)[];
    readonly chosen?: boolean;
    readonly choose?: () => void;
    readonly mark?: string;
  }[],
): HTMLElement {
  const body = rows.map(({ cells, chosen, choose, mark }) => {
    const row = el("tr", { class: [chosen ? "chosen" : "", choose ? "choosable" : "", mark ?? ""].join(" ").trim() });
    row.append(...cells.map((cell) => el("td", {}, cell)));
    if (choose) row.addEventListener("click", choose);
    return row;
  });
  const first = el("thead", {}, el("tr", {}, ...titles.map((title) => el("th", {}, title))));
  return el("div", { class: "table" }, el("table", {}, first, el("tbody", {}, ...body)));
}

/** A command to copy, which repeats something on the command line. */
export function command(text: string): HTMLElement {
  const copy = button("Copy", "Copy this command", () => {
    void navigator.clipboard?.writeText(text).then(() => (copy.textContent = "Copied"));
  });
  return el("p", { class: "command" }, el("code", {}, text), copy);
}
