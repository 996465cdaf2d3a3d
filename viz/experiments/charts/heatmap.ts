import { interpolateViridis, scaleBand, scaleSequential } from "d3";
import { bottomAxis, leftAxis, plot } from "./frame.ts";
import { mark, svg } from "./svg.ts";

export interface HeatCell {
  /** Places of its row and its column. */
  readonly row: number;
  readonly column: number;
  readonly value: number | null;
  readonly text: string;
  readonly title: string;
  readonly chosen: boolean;
  readonly choose: () => void;
}

/** A value over two parameters: colour from dark (least) to light (most), and the number in it where there is room. */
export function heatmap(
  cells: readonly HeatCell[],
  rows: { readonly title: string; readonly labels: readonly string[] },
  columns: { readonly title: string; readonly labels: readonly string[] },
  label: string,
  width = 760,
): SVGSVGElement {
  const height = Math.max(150, 60 + rows.labels.length * 42);
  const frame = plot(width, height, label, Math.max(...rows.labels.map((text) => text.length)));
  const across = scaleBand(
    columns.labels.map((_, i) => i),
    [0, frame.width],
  ).padding(0.04);
  const down = scaleBand(
    rows.labels.map((_, i) => i),
    [frame.height, 0],
  ).padding(0.06);
  const known = cells.flatMap(({ value }) => (value === null ? [] : [value]));
  const least = Math.min(...known);
  const most = Math.max(...known);
  const shade = scaleSequential(interpolateViridis).domain([least, most > least ? most : least + 1]);
  for (const { row, column, value, text, title, chosen, choose } of cells) {
    const [x, y, w, h] = [across(column)!, down(row)!, across.bandwidth(), down.bandwidth()];
    const share = value === null ? 0 : (value - least) / (most - least || 1);
    const box = svg(
      "g",
      { class: chosen ? "heat chosen" : "heat", transform: `translate(${x} ${y})` },
      svg("rect", { width: w, height: h, rx: 3, fill: value === null ? "var(--ground)" : shade(value) }),
    );
    if (text.length * 7 < w) {
      const ink = value === null ? "var(--faint)" : share > 0.55 ? "#0d131c" : "#f7f9fc";
      box.append(svg("text", { x: w / 2, y: h / 2 + 4, "text-anchor": "middle", fill: ink }, text));
    }
    frame.body.append(mark(box, title, choose));
  }
  leftAxis(
    frame,
    rows.labels.map((text, i) => ({ at: down(i)! + down.bandwidth() / 2, text })),
    rows.title,
  );
  bottomAxis(
    frame,
    columns.labels.map((text, i) => ({ at: across(i)! + across.bandwidth() / 2, text })),
    columns.title,
  );
  for (const line of frame.body.querySelectorAll(".grid")) line.remove();
  return frame.element;
}
