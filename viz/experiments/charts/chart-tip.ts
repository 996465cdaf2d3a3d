import { el } from "../../dom.ts";

/** Tells more about what is pointed at, or focused: whatever in `root` has a `data-tip`. */
export function chartTip(root: HTMLElement): HTMLElement {
  const tip = el("div", { class: "tooltip chart-tip", role: "presentation", hidden: "" });
  const hide = (): void => void (tip.hidden = true);
  const show = ({ target }: Event): void => {
    const marked = (target as Element).closest<SVGElement | HTMLElement>("[data-tip]");
    if (!marked) return hide();
    const [first, ...rest] = marked.dataset.tip!.split("\n");
    tip.replaceChildren(el("strong", {}, first), ...rest.map((line) => el("div", {}, line)));
    tip.hidden = false;
    const { left, top, bottom, width } = marked.getBoundingClientRect();
    const x = Math.min(innerWidth - tip.offsetWidth - 8, Math.max(8, left + width / 2 - tip.offsetWidth / 2));
    const above = top - tip.offsetHeight - 8;
    tip.style.transform = `translate(${x}px, ${above > 4 ? above : bottom + 8}px)`;
  };
  root.addEventListener("pointerover", show);
  root.addEventListener("focusin", show);
  for (const event of ["pointerleave", "focusout", "click"]) root.addEventListener(event, hide);
  addEventListener("scroll", hide, { passive: true });
  return tip;
}
