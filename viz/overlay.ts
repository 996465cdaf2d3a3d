import { LABELS, type View } from "./strips/strip.ts";

/** What lies over all strips at once: the cursor, and the band of the selected rebalance. */
export class Overlay {
  readonly element = svg("svg");
  readonly #cursor = svg("line");
  readonly #band = svg("rect");

  constructor() {
    this.element.classList.add("over-all");
    this.element.style.left = `${LABELS}px`;
    this.element.setAttribute("aria-hidden", "true");
    this.#cursor.classList.add("cursor");
    this.#band.classList.add("band");
    this.element.append(this.#band, this.#cursor);
  }

  draw(
    { axis }: View,
    cursor: number | null,
    band: { readonly from: number; readonly to: number; readonly over: HTMLElement } | null,
  ): void {
    this.element.setAttribute("width", String(axis.width));
    this.#cursor.setAttribute("visibility", cursor === null ? "hidden" : "visible");
    if (cursor !== null) {
      const x = String(Math.round(axis.x(cursor)) + 0.5);
      this.#cursor.setAttribute("x1", x);
      this.#cursor.setAttribute("x2", x);
      this.#cursor.setAttribute("y1", "0");
      this.#cursor.setAttribute("y2", "100%");
    }
    this.#band.setAttribute("visibility", band === null ? "hidden" : "visible");
    if (band === null) return;
    const left = Math.max(-2, axis.x(band.from));
    const right = Math.min(axis.width + 2, axis.x(band.to));
    if (right < left) return this.#band.setAttribute("visibility", "hidden");
    this.#band.setAttribute("x", String(left));
    this.#band.setAttribute("width", String(Math.max(1, right - left)));
    this.#band.setAttribute("y", String(band.over.offsetTop));
    this.#band.setAttribute("height", String(band.over.offsetHeight));
  }
}

function svg<K extends keyof SVGElementTagNameMap>(name: K): SVGElementTagNameMap[K] {
  return document.createElementNS("http://www.w3.org/2000/svg", name);
}
