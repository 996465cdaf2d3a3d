import type { Source } from "../../viz/load/open.ts";
import { createPage, type Page } from "../../viz/page.ts";
import type { Strip } from "../../viz/strips/strip.ts";

/** A page of its own for each test, as wide as a laptop's window. */
export function freshPage(): { readonly page: Page; readonly root: HTMLElement } {
  localStorage.clear();
  document.body.replaceChildren();
  const root = document.createElement("div");
  root.style.width = "1200px";
  document.body.append(root);
  return { page: createPage(root), root };
}

export function source(text: string, name = "story.ndjson"): Source {
  return { name, from: new Blob([text]) };
}

export function strip(page: Page, name: string, run = 0): Strip {
  return page.strips.filter((one) => one.name === name)[run];
}

/** Two frames: one to be asked for, one to be drawn. */
export async function drawn(): Promise<void> {
  for (let i = 0; i < 2; i++) await new Promise((done) => requestAnimationFrame(done));
}

type Rgb = readonly [number, number, number];

/** The colours that the strip shows now; `x` and `y` in CSS pixels from its plot's left upper corner. */
export function shown(of: Strip): (x: number, y: number) => Rgb {
  const canvas = of.element.querySelector<HTMLCanvasElement>(".plot canvas")!;
  const ratio = canvas.width / canvas.clientWidth;
  const { data, width } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
  return (x, y) => {
    const at = 4 * (Math.round(y * ratio) * width + Math.round(x * ratio));
    return [data[at], data[at + 1], data[at + 2]];
  };
}

/** Red before green before blue, by far: no other colour of the page is so. */
export function warns([r, g, b]: Rgb): boolean {
  return r > 180 && g < 150 && b < 110 && r - g > 80;
}

export function press(key: string, target: EventTarget = document.body): void {
  target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
}

/** A pointer over this place of a strip's plot. */
export function pointer(type: string, of: Strip, x: number, y: number, more: PointerEventInit = {}): void {
  const plot = of.element.querySelector(".plot canvas")!;
  const { left, top } = plot.getBoundingClientRect();
  const init = { bubbles: true, cancelable: true, clientX: left + x, clientY: top + y, pointerId: 1, ...more };
  plot.dispatchEvent(new PointerEvent(type, init));
}
