import type { Paint, Palette } from "../colors.ts";
import type { Lanes } from "../load/lanes.ts";
import { strength, type Cover } from "./lane-canvas.ts";
import { dashes, fitted, hatch } from "./strip.ts";

/**
 * How something is laid over a lane: `veil`, in the colour of the ground; `foot`, a line at the foot of the bar; `warning`,
 * what must not be missed; `crossed`, dark lines that lean the other way; `dashed` and `dotted`, broken lines along the
 * edges; `core`, a bar inside the bar; `hatched-core`, the same, not yet whole; `gone`, a thin line where no bar is.
 */
export type How = "veil" | "foot" | "warning" | "crossed" | "dashed" | "dotted" | "core" | "hatched-core" | "gone";

/** What is laid over lanes, wherever it has such a value. */
export interface LaneOverlay {
  readonly lanes: Lanes;
  value(value: number): boolean;
  readonly how: How;
  /** Written into a core that has room for it. */
  readonly text?: string;
}

/** Whether names would be hard to read under it. */
export function isHatch(how: How): boolean {
  return how === "veil" || how === "crossed";
}

/** A place for a mark, CSS pixels. */
interface Box {
  readonly left: number;
  readonly top: number;
  readonly wide: number;
  readonly tall: number;
}

/** Patterns and colours of one scheme and one screen. */
export class OverlayPens {
  readonly palette: Palette;
  readonly ratio: number;
  readonly warning: CanvasPattern;
  readonly #context: CanvasRenderingContext2D;
  readonly #patterns: Readonly<Record<"veil" | "crossed" | "dashed" | "dotted" | "hatched-core", CanvasPattern>>;

  constructor(context: CanvasRenderingContext2D, palette: Palette, ratio: number) {
    this.palette = palette;
    this.ratio = ratio;
    this.#context = context;
    const { warning, warningDeep, ground, accent, coordinator } = palette;
    this.warning = hatch(context, warning.css, warningDeep.css, ratio);
    this.#patterns = {
      veil: hatch(context, "", ground.css, ratio),
      crossed: hatch(context, "", accent.css, ratio, { back: true, thick: 1 / 5 }),
      dashed: dashes(context, accent.css, 6, 4),
      dotted: dashes(context, accent.css, 2, 3),
      "hatched-core": hatch(context, ground.css, coordinator.css, ratio),
    };
  }

  /** What is less than half a pixel wide is left out, unless it must not be missed. */
  draw(how: How, { left, top, wide, tall }: Box, text = ""): boolean {
    if (wide < 0.5 && !["warning", "crossed", "gone"].includes(how)) return false;
    const pen = this.#context;
    const { palette } = this;
    switch (how) {
      case "foot": {
        const high = Math.max(2, tall * 0.22);
        pen.fillStyle = palette.accent.css;
        pen.fillRect(left, top + tall - high, wide, high);
        return true;
      }
      case "dashed":
      case "dotted": {
        const high = Math.max(1, Math.min(2, tall * 0.2));
        pen.fillStyle = this.#patterns[how];
        pen.fillRect(left, top, wide, high);
        pen.fillRect(left, top + tall - high, wide, high);
        return true;
      }
      case "gone":
        pen.fillStyle = palette.state("Fenced").css;
        pen.fillRect(left, top + tall / 2 - 1, Math.max(1, wide), 2);
        return true;
      case "core":
      case "hatched-core": {
        const inset = tall >= 12 ? 1.5 : tall * 0.15;
        pen.fillStyle = how === "core" ? palette.coordinator.css : this.#patterns[how];
        pen.fillRect(left, top + inset, Math.max(1, wide), tall - 2 * inset);
        this.#write(text, palette.coordinator, { left, top, wide, tall });
        return true;
      }
      default:
        if (how === "warning") pen.fillStyle = wide < 3 ? palette.warning.css : this.warning;
        else pen.fillStyle = how === "crossed" && wide < 3 ? palette.accent.css : this.#patterns[how];
        pen.globalAlpha = strength(Math.min(1, wide));
        pen.fillRect(left, top, Math.max(1, wide), tall);
        pen.globalAlpha = 1;
        return true;
    }
  }

  #write(text: string, on: Paint, { left, top, wide, tall }: Box): void {
    const pen = this.#context;
    const start = Math.max(0, left);
    if (text === "" || tall < 12 || fitted(pen, text, left + wide - start - 12) !== text) return;
    pen.fillStyle = on.text;
    pen.fillText(text, start + 6, top + tall / 2 + 0.5);
  }
}

/** A veil is as thick as what it covers. */
const inProportion = (share: number) => share * 0.8;
/** Broken lines leave what is under them to be seen. */
const halfway = (share: number) => strength(share) * 0.6;

/** The same over rows too thin for bars. */
export function coverOf(how: How, palette: Palette): Cover {
  const { warning, warningDeep, ground, accent, coordinator } = palette;
  switch (how) {
    case "gone": {
      const { pixel } = palette.state("Fenced");
      return { color: pixel, deep: pixel, lean: 1, strength };
    }
    case "warning":
      return { color: warning.pixel, deep: warningDeep.pixel, lean: 1, strength };
    case "veil":
      return { color: ground.pixel, deep: ground.pixel, lean: 1, strength: inProportion };
    case "foot":
      return { color: accent.pixel, deep: accent.pixel, lean: 1, strength };
    case "crossed":
      return { color: undefined, deep: accent.pixel, lean: -1, strength };
    case "dashed":
    case "dotted":
      return { color: undefined, deep: accent.pixel, lean: 0, strength: halfway };
    case "core":
      return { color: coordinator.pixel, deep: coordinator.pixel, lean: 1, strength };
    case "hatched-core":
      return { color: ground.pixel, deep: coordinator.pixel, lean: 1, strength };
  }
}
