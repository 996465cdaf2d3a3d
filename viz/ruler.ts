import { select } from "d3";
import { LABELS, type View } from "./strips/strip.ts";
import { clock } from "./time-axis.ts";

/** The labels of the time axis, and the flag of the cursor. */
export class Ruler {
  readonly element = document.createElementNS("http://www.w3.org/2000/svg", "svg");

  constructor() {
    this.element.classList.add("ruler");
    this.element.setAttribute("aria-hidden", "true");
    this.element.style.marginLeft = `${LABELS}px`;
  }

  draw({ axis }: View, cursor: number | null): void {
    const { step, at } = axis.ticks();
    const svg = select(this.element).attr("width", axis.width).attr("height", 26);
    const ticks = svg
      .selectAll<SVGGElement, number>("g.tick")
      .data(at as number[], String)
      .join((enter) => {
        const tick = enter.append("g").attr("class", "tick");
        tick.append("line").attr("y1", 20).attr("y2", 26);
        tick.append("text").attr("y", 14);
        return tick;
      })
      .attr("transform", (t) => `translate(${Math.round(axis.x(t)) + 0.5},0)`);
    ticks
      .select("text")
      .text((t) => clock(t, step))
      .attr("text-anchor", (t) => (axis.x(t) < 20 ? "start" : axis.x(t) > axis.width - 20 ? "end" : "middle"));

    const flag = svg
      .selectAll<SVGGElement, number>("g.flag")
      .data(cursor === null ? [] : [cursor])
      .join((enter) => {
        const made = enter.append("g").attr("class", "flag");
        made.append("rect").attr("y", 1).attr("height", 19).attr("rx", 3);
        made.append("text").attr("y", 14.5).attr("text-anchor", "middle");
        return made;
      });
    const text = cursor === null ? "" : clock(cursor, grainOf(axis.to - axis.from));
    const wide = 14 + text.length * 6.6;
    flag
      .attr("transform", (t) => `translate(${Math.min(axis.width - wide / 2, Math.max(wide / 2, axis.x(t)))},0)`)
      .raise();
    flag.select("text").text(text);
    flag
      .select("rect")
      .attr("x", -wide / 2)
      .attr("width", wide);
  }
}

/** What a pixel is worth, in a round number that decimals can say. */
export function grainOf(shown: number): number {
  const pixel = shown / 1000;
  return 10 ** Math.min(6, Math.max(0, Math.floor(Math.log10(Math.max(1, pixel)))));
}
