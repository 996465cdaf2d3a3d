import { el } from "./dom.ts";
import type { Mark } from "./strips/strip.ts";

/** What lies under the pointer, beside it. */
export class Tooltip {
  readonly element = el("div", { class: "tooltip", role: "tooltip", hidden: "" });
  #shown = "";

  show(mark: Mark, x: number, y: number): void {
    const text = JSON.stringify([mark.title, mark.facts]);
    if (text !== this.#shown) {
      this.#shown = text;
      this.element.replaceChildren(heading(mark), factTable(mark.facts));
    }
    this.element.hidden = false;
    const { offsetWidth: wide, offsetHeight: high } = this.element;
    const left = x + 18 + wide > innerWidth ? x - wide - 14 : x + 18;
    const top = Math.min(innerHeight - high - 8, Math.max(8, y + 14));
    this.element.style.transform = `translate(${Math.max(4, left)}px, ${top}px)`;
  }

  hide(): void {
    this.element.hidden = true;
  }
}

function heading({ title, swatch }: Mark): HTMLElement {
  const head = el("strong");
  if (swatch) {
    const color = el("i");
    color.style.setProperty("--swatch", swatch);
    head.append(color);
  }
  head.append(title);
  return head;
}

export function factTable(facts: Mark["facts"]): HTMLElement {
  return el("dl", {}, ...facts.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
}
