import {
  symbol,
  symbolCircle,
  symbolCross,
  symbolDiamond,
  symbolSquare,
  symbolStar,
  symbolTriangle,
  symbolWye,
  symbolTriangle2,
} from "d3";

/** An SVG element with its attributes and children, in one expression. */
export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string | number>> = {},
  ...children: (Node | string)[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

/** Something in a chart that tells more when pointed at (`chart-tip.ts`), and may be chosen. */
export function mark<E extends SVGElement>(element: E, title: string, choose?: () => void): E {
  element.dataset.tip = title;
  element.setAttribute("aria-label", title.replaceAll("\n", "; "));
  if (!choose) {
    element.setAttribute("role", "img");
    return element;
  }
  element.classList.add("choosable");
  element.setAttribute("tabindex", "-1");
  element.setAttribute("role", "button");
  element.addEventListener("click", choose);
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    choose();
  });
  return element;
}

const SHAPES = [
  symbolCircle,
  symbolSquare,
  symbolTriangle,
  symbolDiamond,
  symbolCross,
  symbolStar,
  symbolWye,
  symbolTriangle2,
];

/** The shape of a series, so that nobody depends on its colour. `size` is about its diameter, CSS pixels. */
export function shape(
  series: number,
  x: number,
  y: number,
  size: number,
  attributes: Readonly<Record<string, string>>,
) {
  const d = symbol(SHAPES[series % SHAPES.length], (size * size * Math.PI) / 4)()!;
  return svg("path", { d, transform: `translate(${x} ${y})`, "data-x": x, "data-y": y, ...attributes });
}
