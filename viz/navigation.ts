import type { TimeAxis } from "./time-axis.ts";

/** A place in the plot of a strip, or on the axis. */
export interface Place {
  /** From the left edge of the plots. */
  readonly x: number;
  /** From the upper edge of the strip's plot. */
  readonly y: number;
  readonly pageX: number;
  readonly pageY: number;
  readonly strip: HTMLElement | null;
}

export interface Gestures {
  /** The pointer is here; `null`: over no plot. */
  point(at: Place | null): void;
  click(at: Place): void;
}

/** Pointers that move less than this far have clicked. */
const STILL = 4;

/** Wheel, drag and pinch over the plots move the time axis; the rest of the page scrolls as pages do. */
class Navigation {
  readonly #stage: HTMLElement;
  readonly #axis: TimeAxis;
  readonly #gestures: Gestures;
  readonly #down = new Map<number, { readonly startX: number; readonly startY: number; x: number }>();
  #moved = false;

  constructor(stage: HTMLElement, axis: TimeAxis, gestures: Gestures) {
    this.#stage = stage;
    this.#axis = axis;
    this.#gestures = gestures;
    stage.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    stage.addEventListener("pointerdown", (event) => this.#press(event));
    stage.addEventListener("pointermove", (event) => this.#move(event));
    stage.addEventListener("pointerup", (event) => this.#release(event));
    stage.addEventListener("pointercancel", (event) => this.#down.delete(event.pointerId));
    stage.addEventListener("pointerleave", () => this.#gestures.point(null));
    stage.addEventListener("dblclick", (event) => {
      const place = this.#place(event);
      if (place) axis.zoomAt(place.x, 3);
    });
  }

  #place(event: MouseEvent): Place | null {
    const target = event.target as HTMLElement;
    const plot = target.closest<HTMLElement>(".plot");
    if (!plot) return null;
    const { left, top } = plot.getBoundingClientRect();
    const { clientX, clientY } = event;
    return { x: clientX - left, y: clientY - top, pageX: clientX, pageY: clientY, strip: plot.closest(".strip") };
  }

  #wheel(event: WheelEvent): void {
    const place = this.#place(event);
    if (!place) return;
    event.preventDefault();
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    const sideways = event.shiftKey ? event.deltaY : event.deltaX;
    if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY))
      this.#axis.pan((sideways * lines) / this.#axis.width);
    else this.#axis.zoomAt(place.x, 2 ** ((-event.deltaY * lines * (event.ctrlKey ? 5 : 1)) / 300));
    this.#gestures.point(place);
  }

  #press(event: PointerEvent): void {
    if (event.button !== 0 || !this.#place(event)) return;
    if (this.#down.size === 0) this.#moved = false;
    this.#down.set(event.pointerId, { startX: event.clientX, startY: event.clientY, x: event.clientX });
  }

  #move(event: PointerEvent): void {
    const pointer = this.#down.get(event.pointerId);
    if (!pointer) return this.#gestures.point(this.#place(event));
    if (!this.#moved) {
      if (Math.hypot(event.clientX - pointer.startX, event.clientY - pointer.startY) < STILL) return;
      this.#moved = true;
      this.#stage.setPointerCapture(event.pointerId);
      this.#stage.classList.add("dragging");
      this.#gestures.point(null);
    }
    const others = [...this.#down.values()].filter((other) => other !== pointer);
    const { width, from, to } = this.#axis;
    if (others.length === 0) {
      this.#axis.pan((pointer.x - event.clientX) / width);
    } else {
      // Two fingers: what lies under each stays under it.
      const left = this.#stage.querySelector(".plot")!.getBoundingClientRect().left;
      const fixed = others[0].x - left;
      const before = Math.max(12, Math.abs(pointer.x - others[0].x));
      const after = Math.max(12, Math.abs(event.clientX - others[0].x));
      if (to > from) this.#axis.zoomAt(fixed, after / before);
    }
    pointer.x = event.clientX;
  }

  #release(event: PointerEvent): void {
    const pointer = this.#down.get(event.pointerId);
    this.#down.delete(event.pointerId);
    if (this.#down.size === 0) this.#stage.classList.remove("dragging");
    if (!pointer || this.#moved) return;
    const place = this.#place(event);
    if (place) this.#gestures.click(place);
  }
}

export function navigate(stage: HTMLElement, axis: TimeAxis, gestures: Gestures): void {
  new Navigation(stage, axis, gestures);
}
