import { button, el } from "./dom.ts";

const KEYS: readonly (readonly [string, string])[] = [
  ["wheel, + −", "zoom"],
  ["drag, ← →, shift + wheel", "move in time"],
  ["0", "show the whole run"],
  ["[ ]", "previous, next rebalance, explained"],
  ["click", "pin the details of what is there"],
  ["double click", "zoom in here"],
  ["Tab, then ↑ ↓", "walk through the rows of a strip; Enter pins one"],
  ["L", "list of all rebalances"],
  ["O", "open files; or drop them on the page"],
  ["T", "light or dark"],
  ["Esc", "close the details"],
];

/** Keys and gestures. */
export function helpDialog(): HTMLDialogElement {
  const dialog = el("dialog", { class: "help", "aria-label": "Keys and gestures" });
  const close = button("Close", "Close (Esc)", () => dialog.close(), { class: "primary" });
  dialog.append(
    el("h2", {}, "Keys and gestures"),
    el("dl", {}, ...KEYS.flatMap(([keys, what]) => [el("dt", {}, keys), el("dd", {}, what)])),
    close,
  );
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close(); // beside it
  });
  return dialog;
}
