/** An element with its attributes and children, in one expression. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string>> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

export function button(
  text: string,
  title: string,
  then: () => void,
  attributes: Readonly<Record<string, string>> = {},
) {
  const made = el("button", { type: "button", title, ...attributes }, text);
  made.addEventListener("click", then);
  return made;
}
