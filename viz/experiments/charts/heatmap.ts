import { interpolateCividis, scaleBand } from "d3";
import { bottomAxis, leftAxis, plot, shortened, textWidth } from "./frame.ts";
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

interface Side {
  readonly title: string;
  readonly labels: readonly string[];
}

/** Values that differ by such factors are shaded by factors. */
const WIDE = 30;

export interface Heatmap {
  readonly element: SVGSVGElement;
  /** Equal steps of shade are equal factors, not equal differences. */
  readonly isByFactors: boolean;
}

/** A value over two parameters: shades from dark (least) to light (most), and the number in them where there is room. */
export function heatmap(cells: readonly HeatCell[], rows: Side, columns: Side, label: string, width: number): Heatmap {
  const names = rows.labels.map((text) => shortened(text, width * 0.25));
  const height = 60 + rows.labels.length * 40;
  const left = { title: rows.title, texts: names };
  const frame = plot({ width, height, label, left, bottomTitle: columns.title });
  const across = scaleBand(
    columns.labels.map((_, i) => i),
    [0, frame.width],
  ).padding(0.03);
  const down = scaleBand(
    rows.labels.map((_, i) => i),
    [frame.height, 0],
  ).padding(0.06);
  const known = cells.flatMap(({ value }) => (value === null ? [] : [value]));
  const least = Math.min(...known);
  const most = Math.max(...known);
  const isByFactors = least > 0 && most / least > WIDE;
  const share = (value: number): number => {
    if (most === least) return 0.5;
    return isByFactors ? Math.log(value / least) / Math.log(most / least) : (value - least) / (most - least);
  };
  for (const { row, column, value, text, title, chosen, choose } of cells) {
    const [x, y, w, h] = [across(column)!, down(row)!, across.bandwidth(), down.bandwidth()];
    const shade = value === null ? "var(--ground)" : interpolateCividis(share(value));
    const box = svg(
      "g",
      { class: chosen ? "heat chosen" : "heat", transform: `translate(${x} ${y})` },
      svg("rect", { width: w, height: h, rx: 3, fill: shade }),
    );
    if (textWidth(text) + 6 < w) {
      const ink = value === null ? "var(--faint)" : share(value) > 0.5 ? "#0d131c" : "#f7f9fc";
      box.append(svg("text", { x: w / 2, y: h / 2 + 4, "text-anchor": "middle", fill: ink }, text));
    }
    frame.body.append(mark(box, title, choose));
  }
  leftAxis(
    frame,
    names.map((text, i) => ({ at: down(i)! + down.bandwidth() / 2, text })),
    { grid: false },
  );
  bottomAxis(
    frame,
    columns.labels.map((text, i) => ({ at: across(i)! + across.bandwidth() / 2, text })),
  );
  return { element: frame.element, isByFactors };
}
