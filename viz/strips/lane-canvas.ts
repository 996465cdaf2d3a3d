import { mixPixels } from "../colors.ts";
import { NOTHING, stretchAt, type Lanes } from "../load/lanes.ts";
import type { TimeAxis } from "../time-axis.ts";

/** Rows thinner than this are pixels, not bars (CSS pixels). */
export const THINNEST_BAR = 4;

/** How strongly to paint what fills this share of a pixel: a trace of it can be seen, and half is not yet all. */
export function strength(share: number): number {
  return share >= 0.98 ? 1 : 0.14 + 0.86 * share ** 0.7;
}

/** With so many stretches in sight, bars would mostly be thinner than a pixel, and pixels are drawn faster. */
export const MOST_BARS = 4_000;

/** Stretches that one frame looks at, at most; beyond, rows that share a pixel stand for their neighbours. */
const BUDGET = 600_000;

/** How a colour is laid over pixels. */
export interface Cover {
  /** Between the lines of the hatch; `undefined`: nothing. */
  readonly color: number | undefined;
  /** The lines of the hatch. */
  readonly deep: number;
  /** 1: they lean as those of a warning do; −1: the other way; 0: they are upright. */
  readonly lean: -1 | 0 | 1;
  /** How strongly to paint what fills such a share of a pixel. */
  strength(share: number): number;
}

/**
 * Thousands of rows as pixels: one source row for each pixel row, cut to the time that is shown, into a buffer that
 * lives as long as its size. Then, over it, what must not be missed: of every row, by how much of each pixel's time and
 * rows it covers; so one short gap in ten thousand rows is faint, and still there.
 */
export class LanePixels {
  #image: ImageData | undefined;
  #pixels = new Uint32Array(0);
  #cover = new Float32Array(0);
  /** Stretches the last frame looked at. */
  looked = 0;

  /** Begins a frame. `width` and `height` in device pixels. */
  begin(width: number, height: number, ground: number): void {
    if (this.#image?.width !== width || this.#image.height !== height) {
      this.#image = new ImageData(width, height);
      this.#pixels = new Uint32Array(this.#image.data.buffer);
      this.#cover = new Float32Array(width * height);
    }
    this.#pixels.fill(ground);
    this.looked = 0;
  }

  /** One row of `lanes` for every row of pixels, in the colour that its value has in that row; `undefined`: none. */
  rows(lanes: Lanes, axis: TimeAxis, until: number, color: (row: number, value: number) => number | undefined): void {
    const { width, height } = this.#image!;
    const scale = width / (axis.to - axis.from);
    let before = -1;
    for (let y = 0; y < height; y++) {
      const row = Math.min(lanes.rows - 1, Math.floor(((y + 0.5) * lanes.rows) / height));
      if (row === before) {
        this.#pixels.copyWithin(y * width, (y - 1) * width, y * width);
        continue;
      }
      before = row;
      const last = lanes.offsets[row + 1];
      for (let i = Math.max(stretchAt(lanes, row, axis.from), lanes.offsets[row]); i < last; i++) {
        const start = lanes.starts[i];
        if (start >= axis.to) break;
        this.looked++;
        const paint = lanes.values[i] === NOTHING ? undefined : color(row, lanes.values[i]);
        if (paint === undefined) continue;
        const end = i + 1 < last ? lanes.starts[i + 1] : until;
        const left = Math.max(0, Math.round((start - axis.from) * scale));
        const right = Math.min(width, Math.round((end - axis.from) * scale));
        if (right > left) this.#pixels.fill(paint, y * width + left, y * width + right);
      }
    }
  }

  /** Lays a colour over all stretches with such a value, the thicker the more of a pixel they cover; hatched. */
  cover(
    lanes: Lanes,
    axis: TimeAxis,
    until: number,
    covers: (value: number) => boolean,
    { color, deep, lean, strength: strengthOf }: Cover,
  ): void {
    const { width, height } = this.#image!;
    const cover = this.#cover.fill(0);
    const scale = width / (axis.to - axis.from);
    const stride = Math.max(1, Math.floor(lanes.starts.length / axis.zoom / BUDGET));
    for (let row = 0; row < lanes.rows; row += stride) {
      const top = Math.floor((row * height) / lanes.rows);
      const bottom = Math.max(top + 1, Math.floor(((row + 1) * height) / lanes.rows));
      const last = lanes.offsets[row + 1];
      for (let i = Math.max(stretchAt(lanes, row, axis.from), lanes.offsets[row]); i < last; i++) {
        const start = lanes.starts[i];
        if (start >= axis.to) break;
        this.looked++;
        if (!covers(lanes.values[i])) continue;
        const end = i + 1 < last ? lanes.starts[i + 1] : until;
        const left = Math.max(0, (start - axis.from) * scale);
        const right = Math.min(width, (end - axis.from) * scale);
        if (right <= left) continue;
        const first = Math.floor(left);
        const final = Math.min(width - 1, Math.ceil(right) - 1);
        for (let base = top * width; base < bottom * width; base += width) {
          if (first === final) cover[base + first] += right - left;
          else {
            cover[base + first] += first + 1 - left;
            for (let x = first + 1; x < final; x++) cover[base + x] += 1;
            cover[base + final] += right - final;
          }
        }
      }
    }
    const rowsAPixel = Math.max(1, lanes.rows / stride / height);
    const pixels = this.#pixels;
    for (let i = 0; i < cover.length; i++) {
      if (cover[i] === 0) continue;
      const share = Math.min(1, cover[i] / rowsAPixel);
      const hatched = (((i % width) + lean * Math.floor(i / width) + 6 * height) >> 1) % 3 === 0;
      const paint = hatched ? deep : color;
      if (paint !== undefined) pixels[i] = mixPixels(pixels[i], paint, strengthOf(share));
    }
  }

  /** A line of ground under every row, where rows are high enough to be told apart. */
  gaps(rows: number, thick: number, ground: number): void {
    const { width, height } = this.#image!;
    for (let row = 1; row <= rows; row++) {
      const y = Math.round((row * height) / rows);
      this.#pixels.fill(ground, Math.max(0, y - thick) * width, y * width);
    }
  }

  end(context: CanvasRenderingContext2D): void {
    context.putImageData(this.#image!, 0, 0);
  }
}
