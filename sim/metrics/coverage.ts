/** From one offset up to another, so often. */
interface Layer {
  readonly from: number;
  readonly to: number;
  readonly times: number;
}

/** Less than this many records is none: what rounding to six decimals leaves behind, of two that should be the same. */
const NONE = 2e-6;

/** How often which offsets of a partition were covered by something. */
export class Coverage {
  /** Ascending, apart; neighbours that touch differ. */
  #layers: Layer[] = [];

  add(from: number, to: number): void {
    this.#change(from, to, 1);
  }

  /** Takes one time away, where there is one; returns of how many offsets. */
  remove(from: number, to: number): number {
    return this.#change(from, to, -1);
  }

  /** How many offsets are covered at all. */
  get covered(): number {
    return this.#layers.reduce((sum, { from, to }) => sum + to - from, 0);
  }

  #change(from: number, to: number, by: 1 | -1): number {
    if (to - from <= NONE) return 0;
    const layers: Layer[] = [];
    const push = (begin: number, end: number, times: number): void => {
      if (times <= 0 || end - begin <= NONE) return;
      const last = layers.at(-1);
      if (last && last.times === times && begin - last.to <= NONE) layers[layers.length - 1] = { ...last, to: end };
      else layers.push({ from: begin, to: end, times });
    };
    let changed = 0;
    let reached = from;
    for (const layer of [...this.#layers, { from: Infinity, to: Infinity, times: 0 }]) {
      const open = Math.min(to, layer.from); // up to here nothing has been covered
      if (layer.to > from && open > reached) {
        push(reached, open, by);
        reached = open;
      }
      push(layer.from, Math.min(layer.to, from), layer.times);
      const [begin, end] = [Math.max(layer.from, from), Math.min(layer.to, to)];
      if (end > begin) {
        push(begin, end, layer.times + by);
        changed += end - begin;
        reached = Math.max(reached, end);
      }
      push(Math.max(layer.from, to), layer.to, layer.times);
    }
    this.#layers = layers;
    return changed;
  }
}
