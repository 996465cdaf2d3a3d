import { describe, expect, test } from "vitest";
import { PHASES } from "../../sim/trace/readings/rebalances.ts";
import {
  MOST_SERIES,
  mix,
  oklch,
  palette,
  quietInk,
  seriesPaint,
  STATES,
  type Paint,
  type Scheme,
} from "../../viz/colors.ts";

type Rgb = readonly [number, number, number];

/**
 * How people see who lack one kind of cones, as matrices on linear sRGB. Source: Machado, Oliveira, Fernandes, "A
 * physiologically-based model for simulation of color vision deficiency" (2009), severity 1.0.
 */
const EYES: Readonly<Record<string, readonly Rgb[]>> = {
  "all cones": [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
};

/** CIE L*a*b* of a colour as these eyes see it (D65). */
function lab({ pixel }: Paint, eyes: readonly Rgb[]): Rgb {
  const linear = [pixel & 255, (pixel >> 8) & 255, (pixel >> 16) & 255].map((byte) => {
    const c = byte / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  const [r, g, b] = eyes.map((row) => row.reduce((sum, weight, i) => sum + weight * linear[i], 0));
  const xyz = [
    (0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047,
    0.2126729 * r + 0.7151522 * g + 0.072175 * b,
    (0.0193339 * r + 0.119192 * g + 0.9503041 * b) / 1.08883,
  ].map((v) => (v > 216 / 24389 ? Math.cbrt(v) : ((24389 / 27) * v + 16) / 116));
  return [116 * xyz[1] - 16, 500 * (xyz[0] - xyz[1]), 200 * (xyz[1] - xyz[2])];
}

const distance = (a: Rgb, b: Rgb) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

test("OKLCH becomes the sRGB that its author's tables have", () => {
  // Ottosson's own examples of OKLab for the primaries, in polar form.
  expect(oklch(1, 0, 0)).toEqual([255, 255, 255]);
  expect(oklch(0.62796, 0.25768, 29.234)).toEqual([255, 0, 0]);
  expect(oklch(0.86644, 0.29483, 142.495)).toEqual([0, 255, 0]);
  expect(oklch(0.45201, 0.31321, 264.052)).toEqual([0, 0, 255]);
});

describe.each(["light", "dark"] as const satisfies readonly Scheme[])("in the %s scheme", (scheme) => {
  const colors = palette(scheme);

  // 2.3 is what can just be told apart side by side; a line is thin and its neighbour may be far, so ask for ten times that.
  test.each(Object.keys(EYES))("any two series of a chart can be told apart by eyes with %s", (eyes) => {
    const series = Array.from({ length: MOST_SERIES }, (_, i) => lab(seriesPaint(i, scheme), EYES[eyes]));
    series.forEach((one, i) =>
      series
        .slice(0, i)
        .forEach((other, j) => expect(distance(one, other), `series ${j} and ${i}`).toBeGreaterThan(23)),
    );
  });

  // WCAG 2.2, 1.4.11: what carries meaning has 3:1 to what lies beside it. Luminance is Y of L* (CIE 1976).
  test("series stand out from the paper", () => {
    const luminance = (lightness: number): number => ((lightness + 16) / 116) ** 3;
    const paper =
      scheme === "light" ? 1 : luminance(lab({ ...seriesPaint(0, scheme), pixel: 0xff1f1712 }, EYES["all cones"])[0]);
    for (let i = 0; i < MOST_SERIES; i++) {
      const own = luminance(lab(seriesPaint(i, scheme), EYES["all cones"])[0]);
      const [bright, dark] = [Math.max(own, paper), Math.min(own, paper)];
      expect((bright + 0.05) / (dark + 0.05), `series ${i}`).toBeGreaterThan(3);
    }
  });

  // 2.3 is what can just be told apart side by side; a lane is thin, so ask for three times that.
  test.each(Object.keys(EYES))("members that follow each other can be told apart by eyes with %s", (eyes) => {
    for (let i = 0; i < 200; i++) {
      const [here, next] = [colors.member(i), colors.member(i + 1)].map((paint) => lab(paint, EYES[eyes]));
      expect(distance(here, next), `members ${i} and ${i + 1}`).toBeGreaterThan(7);
    }
  });

  // As of members: three times what can just be told apart, and more where two always lie side by side.
  test.each(Object.keys(EYES))(
    "states and phases of the consumer protocol can be told apart by eyes with %s",
    (eyes) => {
      const apart = (paints: readonly Paint[]) =>
        paints.forEach((one, i) =>
          paints
            .slice(0, i)
            .forEach((other, j) =>
              expect(distance(lab(one, EYES[eyes]), lab(other, EYES[eyes])), `${j} and ${i}`).toBeGreaterThan(7),
            ),
        );
      apart(["Assigning", "Reconciling", "Stable", "Dead"].map((name) => colors.state(name)));
      apart(["Stable", "JOINING", "RECONCILING", "Crashed"].map((name) => colors.state(name)));
      apart(PHASES.consumer.map((name) => colors.phase(name)));
    },
  );

  test("the first eight members are all different", () => {
    const first = Array.from({ length: 8 }, (_, i) => lab(colors.member(i), EYES["all cones"]));
    for (let i = 0; i < 8; i++)
      for (let j = 0; j < i; j++) expect(distance(first[i], first[j]), `${i} and ${j}`).toBeGreaterThan(9);
  });

  test.each(Object.keys(EYES))("no member looks like a warning to eyes with %s", (eyes) => {
    const warning = lab(colors.warning, EYES[eyes]);
    const deep = lab(colors.warningDeep, EYES[eyes]);
    for (let i = 0; i < 200; i++) {
      const member = lab(colors.member(i), EYES[eyes]);
      // Hatched in two tones: a member is like it only if it is like both.
      expect(Math.max(distance(member, warning), distance(member, deep)), `member ${i}`).toBeGreaterThan(15);
    }
  });

  test("text on every colour can be read (WCAG 2, 4.5 : 1)", () => {
    const luminance = (css: string) => {
      const bytes = css.startsWith("#")
        ? [1, 3, 5].map((i) => Number.parseInt(css.slice(i, i + 2), 16))
        : css.match(/\d+/g)!.map(Number);
      const [r, g, b] = bytes.map((byte) => {
        const c = byte / 255;
        return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const contrast = (a: string, b: string) => {
      const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
      return (high + 0.05) / (low + 0.05);
    };
    const readable = (what: string, paint: Paint) => {
      expect(contrast(paint.css, paint.text), what).toBeGreaterThanOrEqual(4.5);
      // as it is written on bars: names of members and topics, rgb() whole numbers
      expect(contrast(paint.css, quietInk(paint)), `a name on ${what}`).toBeGreaterThanOrEqual(4.5);
    };
    for (let i = 0; i < 300; i++) {
      readable(`member ${i}`, colors.member(i));
      for (const share of [0.32, 0.45, 0.6]) readable(`member ${i}, pale`, mix(colors.ground, colors.member(i), share));
    }
    for (const state of [...Object.keys(STATES[scheme]), "of a protocol to come"]) readable(state, colors.state(state));
    for (const phase of PHASES.consumer) readable(phase, colors.phase(phase));
    for (const name of ["ground", "warning", "warningDeep", "accent", "coordinator"] as const)
      readable(name, colors[name]);
    for (const state of ["Running", "CatchingUp", "ShuttingDown", "Isolated"]) {
      const { css, text } = colors.state(state);
      expect(contrast(css, text), state).toBeGreaterThan(4.5);
      // WCAG 2.2, 1.4.11: a mark has 3 : 1 to what lies beside it.
      expect(contrast(css, colors.coordinator.css), `coordinator on ${state}`).toBeGreaterThan(3);
    }
    expect(contrast(colors.coordinator.css, colors.coordinator.text)).toBeGreaterThan(4.5);
    expect(contrast(colors.accent.css, colors.accent.text)).toBeGreaterThan(4.5);
    expect(contrast(colors.state("Fenced").css, colors.ground.css), "a line for who is down").toBeGreaterThan(3);
    expect(contrast(colors.ground.css, colors.ink)).toBeGreaterThan(7);
    expect(contrast(colors.ground.css, colors.faint)).toBeGreaterThan(4.5);
  });
});
