import { brushX, select, type BrushBehavior, type D3BrushEvent } from "d3";
import type { Palette } from "./colors.ts";
import type { GroupPicture } from "./load/picture.ts";
import { lineAt } from "./load/lanes.ts";
import { LABELS } from "./strips/strip.ts";
import { endOf } from "./strips/rebalance-brackets.ts";
import type { TimeAxis } from "./time-axis.ts";

const ROW = 34;

/** The whole run in a hand's breadth: its lag, its rebalances, and which stretch the strips show. */
export class Overview {
  readonly element = document.createElement("div");
  readonly #canvas = document.createElement("canvas");
  readonly #svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  readonly #brush: BrushBehavior<unknown>;
  readonly #axis: TimeAxis;
  #groups: readonly GroupPicture[] = [];
  #drawn = "";
  /** While the reader holds the brush, it must not be moved by anybody else. */
  #held = false;

  constructor(axis: TimeAxis) {
    this.#axis = axis;
    this.element.className = "overview";
    this.element.style.marginLeft = `${LABELS}px`;
    this.element.append(this.#canvas, this.#svg);
    this.element.setAttribute("aria-hidden", "true"); // keys and strips say the same
    this.#brush = brushX().on("start brush end", ({ sourceEvent, selection, type }: D3BrushEvent<unknown>) => {
      if (!sourceEvent) return; // we moved it ourselves
      this.#held = type !== "end";
      if (type === "start") return;
      if (selection) {
        const [a, b] = selection as [number, number];
        axis.show((a / axis.width) * axis.end, (b / axis.width) * axis.end);
      } else if (type === "end") axis.fit();
    });
  }

  show(groups: readonly GroupPicture[]): void {
    this.#groups = groups;
    this.#drawn = "";
  }

  draw(palette: Palette): void {
    const { width, end, from, to } = this.#axis;
    const height = ROW * Math.max(1, this.#groups.length);
    const key = `${width} ${height} ${palette.scheme} ${devicePixelRatio}`;
    if (key !== this.#drawn) {
      this.#drawn = key;
      this.#paint(palette, width, height);
      select(this.#svg).attr("width", width).attr("height", height);
      this.#brush.extent([
        [0, 0],
        [width, height],
      ]);
      select(this.#svg).call(this.#brush as never);
    }
    if (this.#held) return;
    const shown = from === 0 && to === end ? null : [(from / end) * width, (to / end) * width];
    select(this.#svg).call(this.#brush.move as never, shown);
  }

  #paint(palette: Palette, width: number, height: number): void {
    const ratio = devicePixelRatio || 1;
    this.#canvas.width = Math.round(width * ratio);
    this.#canvas.height = Math.round(height * ratio);
    this.#canvas.style.width = `${width}px`;
    this.#canvas.style.height = `${height}px`;
    const pen = this.#canvas.getContext("2d")!;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.fillStyle = palette.ground.css;
    pen.fillRect(0, 0, width, height);
    const scale = width / this.#axis.end;
    this.#groups.forEach(({ total, rebalances }, row) => {
      const bottom = (row + 1) * ROW - 1;
      let most = 1;
      for (const value of total.values) most = Math.max(most, value);
      // The highest within each pixel, so that no peak is lost.
      pen.beginPath();
      pen.moveTo(0, bottom);
      let i = 0;
      for (let x = 0; x <= width; x++) {
        let high = Math.max(lineAt(total, x / scale), lineAt(total, (x + 1) / scale));
        for (; i < total.at.length && total.at[i] < (x + 1) / scale; i++) high = Math.max(high, total.values[i]);
        pen.lineTo(x, bottom - (high / most) * (ROW - 12));
      }
      pen.lineTo(width, bottom);
      pen.globalAlpha = 0.35;
      pen.fillStyle = palette.lag.total;
      pen.fill();
      pen.globalAlpha = 1;
      pen.fillStyle = palette.phase("joining").css;
      let until = -1;
      for (const rebalance of rebalances) {
        const left = rebalance.cause.at * scale;
        const right = Math.max(left + 1.5, endOf(rebalance) * scale);
        if (right <= until) continue;
        pen.fillRect(left, row * ROW + 4, right - left, 5);
        until = right;
      }
    });
  }
}
