/**
 * The one time axis of the page: which stretch of time is shown, where each instant lies on it, and how instants read.
 *
 * Every strip asks it where to draw; wheel, drag, brush and keys only ever change its domain.
 */

/** Nobody looks closer than this: the whole width for a tenth of a millisecond. */
const CLOSEST = 100;

export class TimeAxis {
  /** The shown stretch, in microseconds since the run began. */
  from = 0;
  to = 1;
  /** All there is to show. */
  end = 1;
  /** CSS pixels. */
  width = 1;
  readonly #listeners = new Set<() => void>();
  #flight = 0;

  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** Pixels from the left edge. */
  x(t: number): number {
    return ((t - this.from) * this.width) / (this.to - this.from);
  }

  t(x: number): number {
    return this.from + (x * (this.to - this.from)) / this.width;
  }

  /** How many times larger than the whole. */
  get zoom(): number {
    return this.end / (this.to - this.from);
  }

  /** Shows this stretch, moved and cut so that it lies inside the run. */
  show(from: number, to: number): void {
    cancelAnimationFrame(this.#flight);
    this.#set(from, to);
  }

  #set(from: number, to: number): void {
    const span = Math.min(this.end, Math.max(CLOSEST, to - from));
    const middle = (from + to) / 2;
    this.from = Math.min(Math.max(0, middle - span / 2), this.end - span);
    this.to = this.from + span;
    for (const listener of this.#listeners) listener();
  }

  /** Zooms around a place that stays where it is. */
  zoomAt(x: number, factor: number): void {
    const t = this.t(x);
    const span = Math.min(this.end, Math.max(CLOSEST, (this.to - this.from) / factor));
    const from = t - (x / this.width) * span;
    this.show(from, from + span);
  }

  /** Moves by a share of what is shown. */
  pan(share: number): void {
    const by = share * (this.to - this.from);
    this.show(this.from + by, this.to + by);
  }

  fit(): void {
    this.glide(0, this.end);
  }

  /** Shows a stretch, and lets the eye follow the way there, unless the reader asked for less motion. */
  glide(from: number, to: number): void {
    cancelAnimationFrame(this.#flight);
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return this.#set(from, to);
    const [a, b] = [this.from, this.to];
    const began = performance.now();
    const step = (now: number) => {
      const share = Math.min(1, (now - began) / 180);
      const eased = 1 - (1 - share) ** 3;
      this.#set(a + (from - a) * eased, b + (to - b) * eased);
      if (share < 1) this.#flight = requestAnimationFrame(step);
    };
    this.#flight = requestAnimationFrame(step);
  }

  resize(width: number): void {
    if (width === this.width || width <= 0) return;
    this.width = width;
    for (const listener of this.#listeners) listener();
  }

  /** Instants for grid lines: round numbers of a unit that people count in, at least `apart` pixels apart. */
  ticks(apart = 96): { readonly step: number; readonly at: readonly number[] } {
    const least = ((this.to - this.from) / this.width) * apart;
    const step = STEPS.find((candidate) => candidate >= least) ?? STEPS.at(-1)!;
    const at: number[] = [];
    for (let i = Math.ceil(this.from / step); i * step <= this.to; i++) at.push(i * step);
    return { step, at };
  }
}

const MS = 1e3;
const S = 1e6;
const MIN = 60 * S;
const H = 60 * MIN;
const DAY = 24 * H;

/** Distances between ticks. */
const STEPS: readonly number[] = [
  ...[10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500].map((n) => n * MS),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * S),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MIN),
  ...[1, 2, 3, 6, 12].map((n) => n * H),
  ...[1, 2, 7, 14, 28].map((n) => n * DAY),
];

/**
 * An instant for people, to the grain that is asked for: `2h 5m`, `1m 28.5s`, `28.007s`.
 *
 * @param grain microseconds that make a difference to the reader
 */
export function clock(t: number, grain = MS): string {
  const sign = t < 0 ? "−" : "";
  let rest = Math.round(Math.abs(t) / grain) * grain;
  const parts: string[] = [];
  for (const [unit, size] of [
    ["d", DAY],
    ["h", H],
    ["m", MIN],
  ] as const) {
    const count = Math.floor(rest / size);
    if (count > 0) parts.push(`${count}${unit}`);
    rest -= count * size;
  }
  const decimals = grain >= S ? 0 : Math.min(6, Math.ceil(Math.log10(S / grain) - 1e-9));
  if (rest >= grain / 2 || parts.length === 0) parts.push(`${(rest / S).toFixed(decimals).replace(/\.0+$/, "")}s`);
  return sign + parts.join(" ");
}

/** A length of time for people, three digits of it: `1.50 ms`, `28.0 s`, `5 m 20 s`. */
export function span(duration: number): string {
  const d = Math.abs(duration);
  const sign = duration < 0 ? "−" : "";
  const three = (value: number) => value.toPrecision(3).replace(/^(\d{4,})\..*/, "$1");
  if (d === 0) return "0 s";
  if (d < MS) return `${sign}${Math.round(d)} µs`;
  if (d < 0.9995 * S) return `${sign}${three(d / MS)} ms`;
  if (d < 99.95 * S) return `${sign}${three(d / S)} s`;
  return sign + clock(d, d < H ? S : MIN);
}

/** A number for people: `1,234`, `12.3 k`, `4.56 M`. */
export function count(value: number): string {
  if (!Number.isFinite(value)) return "∞";
  const n = Math.abs(value);
  const sign = value < 0 ? "−" : "";
  if (n < 10 && !Number.isInteger(n)) return sign + n.toFixed(1);
  if (n < 9_999.5)
    return (
      sign +
      Math.round(n)
        .toString()
        .replace(/\B(?=(\d{3})+$)/g, ",")
    );
  for (const [unit, size] of [
    ["k", 1e3],
    ["M", 1e6],
    ["G", 1e9],
    ["T", 1e12],
  ] as const) {
    if (n < 999.5 * size || unit === "T") return `${sign}${(n / size).toPrecision(3)} ${unit}`;
  }
  return "";
}
