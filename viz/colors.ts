/**
 * One colour for each thing, the same in every strip, in a light and a dark scheme.
 *
 * Colours are chosen in OKLCH, where equal lightness looks equally light. Members walk round the hues in golden-angle
 * steps, so that neighbours are far apart, and change lightness as they go, so that they stay apart for eyes that see
 * fewer hues. The hues around vermilion belong to what is wrong and to nothing else; and what is wrong is hatched too,
 * so that nobody depends on its colour.
 */

import type { PhaseName } from "../sim/trace/readings/rebalances.ts";

export type Scheme = "light" | "dark";

/** A colour, as CSS wants it and as a pixel buffer does (`0xAABBGGRR`, little endian). */
export interface Paint {
  readonly css: string;
  readonly pixel: number;
  /** What can be read on it. */
  readonly text: string;
}

/** The light of each sRGB byte, 0 … 1. */
const LINEAR = Float64Array.from({ length: 256 }, (_, byte) => {
  const c = byte / 255;
  return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
});

/** OKLCH (lightness 0…1, chroma, hue in degrees) to sRGB bytes. Source: Björn Ottosson, "A perceptual color space" (2020). */
export function oklch(lightness: number, chroma: number, hue: number): readonly [number, number, number] {
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const byte = (linear: number) => {
    const c = linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055;
    return Math.round(255 * Math.min(1, Math.max(0, c)));
  };
  return [
    byte(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    byte(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    byte(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

export function paint(lightness: number, chroma: number, hue: number): Paint {
  const [r, g, b] = oklch(lightness, chroma, hue);
  return ofPixel(pack(r, g, b));
}

function ofPixel(pixel: number): Paint {
  return { css: cssOf(pixel), pixel, text: cssOf(inkOn(pixel)) };
}

const cssOf = (pixel: number): string => `rgb(${pixel & 255} ${(pixel >> 8) & 255} ${(pixel >> 16) & 255})`;

/** What text needs to be read. Source: WCAG 2.2, 1.4.3. */
const READABLE = 4.5;

/** Dark and light ink; and what is left where neither can be read: on every colour one of black and white can. */
const INKS = [pack(13, 19, 28), pack(247, 249, 252)] as const;
const LAST_INKS = [pack(0, 0, 0), pack(255, 255, 255)] as const;

function inkOn(pixel: number): number {
  const better = ([one, other]: readonly [number, number]): number =>
    contrast(one, pixel) >= contrast(other, pixel) ? one : other;
  const ink = better(INKS);
  return contrast(ink, pixel) >= READABLE ? ink : better(LAST_INKS);
}

/** Names stand back behind what they are written on, by so much if they can be read so. */
const QUIET = 0.72;

/** The ink of a name on a mark: as quiet as it can be and be read. */
export function quietInk({ pixel }: Paint): string {
  const full = inkOn(pixel);
  for (let strength = QUIET; strength < 1; strength += 0.04) {
    const ink = mixPixels(pixel, full, strength);
    if (contrast(ink, pixel) >= READABLE) return cssOf(ink);
  }
  return cssOf(full);
}

/** How well one can be read on the other, from 1 to 21. Source: WCAG 2.2, "contrast ratio". */
function contrast(one: number, other: number): number {
  const [a, b] = [luminance(one), luminance(other)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

/** Source: WCAG 2.2, "relative luminance". */
function luminance(pixel: number): number {
  return 0.2126 * LINEAR[pixel & 255] + 0.7152 * LINEAR[(pixel >> 8) & 255] + 0.0722 * LINEAR[(pixel >> 16) & 255];
}

/** A share of `b` in `a`. */
export function mix(a: Paint, b: Paint, share: number): Paint {
  return ofPixel(mixPixels(a.pixel, b.pixel, share));
}

export function mixPixels(a: number, b: number, share: number): number {
  const red = a & 255;
  const green = (a >> 8) & 255;
  const blue = (a >> 16) & 255;
  return pack(
    (red + ((b & 255) - red) * share + 0.5) | 0,
    (green + (((b >> 8) & 255) - green) * share + 0.5) | 0,
    (blue + (((b >> 16) & 255) - blue) * share + 0.5) | 0,
  );
}

function pack(r: number, g: number, b: number): number {
  return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
}

/** The turn that never comes back to itself, as a share of the circle. */
const GOLDEN = (3 - Math.sqrt(5)) / 2;
/** Members have these degrees of hue to themselves; the rest, from red to orange, warns. */
const HUES = { from: 88, span: 272 } as const;
const LIGHTNESS = { light: [0.79, 0.66, 0.89], dark: [0.63, 0.75, 0.49] } as const;

/** The colour of the member at this place of its group. */
export function memberPaint(index: number, scheme: Scheme): Paint {
  const hue = HUES.from + ((index * GOLDEN + 0.43) % 1) * HUES.span;
  const lightness = LIGHTNESS[scheme][index % 3];
  return paint(lightness, scheme === "light" ? 0.078 : 0.075, hue);
}

/**
 * Colours of series in a chart: dark enough for a thin line on paper (light enough in the dark), and found by a search for
 * those whose nearest two are farthest apart for every kind of eyes. A chart gives each a shape of its own as well.
 */
const SERIES = {
  light: [
    paint(0.39, 0.15, 276),
    paint(0.64, 0.14, 99),
    paint(0.64, 0.095, 345),
    paint(0.4, 0.075, 161),
    paint(0.64, 0.135, 254),
    paint(0.64, 0.11, 143),
    paint(0.41, 0.085, 95),
    paint(0.34, 0.07, 303),
  ],
  dark: [
    paint(0.79, 0.15, 255),
    paint(0.87, 0.15, 93),
    paint(0.55, 0.15, 105),
    paint(0.9, 0.07, 356),
    paint(0.52, 0.15, 291),
    paint(0.6, 0.085, 334),
    paint(0.86, 0.095, 122),
    paint(0.6, 0.07, 128),
  ],
} as const;

/** As many series can be told apart. */
export const MOST_SERIES = SERIES.light.length;

/** The colour of the series at this place of its chart. */
export function seriesPaint(index: number, scheme: Scheme): Paint {
  return SERIES[scheme][index % MOST_SERIES];
}

/** What a group, a process, a membership or a broker can be in. The words are the trace's. */
export const STATES = {
  light: {
    Absent: paint(0.965, 0, 0),
    Empty: paint(0.91, 0.005, 250),
    PreparingRebalance: paint(0.8, 0.145, 82),
    CompletingRebalance: paint(0.66, 0.115, 250),
    Assigning: paint(0.5, 0.14, 297),
    Reconciling: paint(0.66, 0.115, 250),
    Stable: paint(0.87, 0.058, 172),
    Dead: paint(0.42, 0.01, 250),
    Starting: paint(0.9, 0.02, 250),
    UNJOINED: paint(0.85, 0.035, 300),
    PREPARING_REBALANCE: paint(0.8, 0.145, 82),
    COMPLETING_REBALANCE: paint(0.66, 0.115, 250),
    JOINING: paint(0.8, 0.145, 82),
    REBALANCING: paint(0.8, 0.145, 82),
    BACKING_OFF: paint(0.66, 0.115, 250),
    RECONCILING: paint(0.66, 0.115, 250),
    ACKNOWLEDGING: paint(0.66, 0.115, 250),
    STABLE: paint(0.87, 0.058, 172),
    Closing: paint(0.78, 0.01, 250),
    Crashed: paint(0.6, 0.19, 36),
    Running: paint(0.9, 0.018, 250),
    CatchingUp: paint(0.935, 0.01, 250),
    ShuttingDown: paint(0.8, 0.145, 82),
    Isolated: paint(0.8, 0.07, 300),
    Fenced: paint(0.62, 0.01, 250),
  },
  dark: {
    Absent: paint(0.255, 0.014, 258),
    Empty: paint(0.32, 0.01, 250),
    PreparingRebalance: paint(0.76, 0.135, 82),
    CompletingRebalance: paint(0.62, 0.12, 250),
    Assigning: paint(0.76, 0.1, 300),
    Reconciling: paint(0.62, 0.12, 250),
    Stable: paint(0.44, 0.05, 172),
    Dead: paint(0.75, 0.01, 250),
    Starting: paint(0.36, 0.02, 250),
    UNJOINED: paint(0.48, 0.06, 300),
    PREPARING_REBALANCE: paint(0.76, 0.135, 82),
    COMPLETING_REBALANCE: paint(0.62, 0.12, 250),
    JOINING: paint(0.76, 0.135, 82),
    REBALANCING: paint(0.76, 0.135, 82),
    BACKING_OFF: paint(0.62, 0.12, 250),
    RECONCILING: paint(0.62, 0.12, 250),
    ACKNOWLEDGING: paint(0.62, 0.12, 250),
    STABLE: paint(0.44, 0.05, 172),
    Closing: paint(0.55, 0.01, 250),
    Crashed: paint(0.68, 0.18, 38),
    Running: paint(0.37, 0.022, 250),
    CatchingUp: paint(0.31, 0.016, 250),
    ShuttingDown: paint(0.46, 0.095, 82),
    Isolated: paint(0.48, 0.09, 300),
    Fenced: paint(0.6, 0.012, 250),
  },
} as const;

/**
 * The phases of a rebalance; joining and sync, and with the consumer protocol assignment and reconciliation, in the
 * colours of the group states they happen in.
 */
const PHASES = {
  light: {
    detection: paint(0.7, 0.14, 38),
    joining: paint(0.8, 0.145, 82),
    assignment: paint(0.5, 0.14, 297),
    sync: paint(0.66, 0.115, 250),
    reconciliation: paint(0.66, 0.115, 250),
    resumption: paint(0.74, 0.09, 172),
  },
  dark: {
    detection: paint(0.66, 0.15, 38),
    joining: paint(0.76, 0.135, 82),
    assignment: paint(0.76, 0.1, 300),
    sync: paint(0.62, 0.12, 250),
    reconciliation: paint(0.62, 0.12, 250),
    resumption: paint(0.62, 0.08, 172),
  },
} as const satisfies Readonly<Record<Scheme, Readonly<Record<PhaseName, Paint>>>>;

/** All that a strip needs to colour its marks. */
export interface Palette {
  readonly scheme: Scheme;
  /** Behind the marks of a strip. */
  readonly ground: Paint;
  readonly ink: string;
  readonly faint: string;
  readonly line: string;
  /** Nobody owns it, it crashed, it is late. */
  readonly warning: Paint;
  /** The other half of its hatch. */
  readonly warningDeep: Paint;
  /** A slow batch, a mark upon a mark. */
  readonly accent: Paint;
  /** Where the group's coordinator is. */
  readonly coordinator: Paint;
  readonly lag: { readonly total: string; readonly worst: string; readonly band: string };
  state(name: string): Paint;
  phase(name: PhaseName): Paint;
  member(index: number): Paint;
}

/** States of protocols to come have a colour before anybody chose one. */
const OTHER: Readonly<Record<Scheme, Paint>> = { light: paint(0.8, 0.05, 320), dark: paint(0.5, 0.06, 320) };

export function palette(scheme: Scheme): Palette {
  const light = scheme === "light";
  const states: Readonly<Record<string, Paint>> = STATES[scheme];
  const members: Paint[] = [];
  return {
    scheme,
    ground: light ? paint(0.965, 0.003, 255) : paint(0.255, 0.014, 258),
    ink: light ? "#1b2330" : "#e8ecf2",
    faint: light ? "#5d6878" : "#98a3b3",
    line: light ? "#d9dee6" : "#38414e",
    warning: light ? paint(0.66, 0.2, 36) : paint(0.72, 0.19, 40),
    warningDeep: light ? paint(0.54, 0.18, 34) : paint(0.52, 0.17, 34),
    accent: light ? paint(0.3, 0.03, 255) : paint(0.95, 0.01, 255),
    coordinator: light ? paint(0.45, 0.11, 258) : paint(0.76, 0.1, 252),
    lag: light
      ? { total: "#23518e", worst: "#b4470b", band: "#5b8fc9" }
      : { total: "#8fbcf2", worst: "#f39a5b", band: "#5583ba" },
    state: (name) => states[name] ?? OTHER[scheme],
    phase: (name) => PHASES[scheme][name],
    member: (index) => (members[index] ??= memberPaint(index, scheme)),
  };
}
