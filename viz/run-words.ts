import { el } from "./dom.ts";
import type { Picture } from "./load/picture.ts";

/** A run in words: whether it came out as its scenario hoped, and what `regroup run` prints of it. */
export function runWords({ title, file, words }: Picture, isOpen: boolean): HTMLElement {
  const { summary, expectations, met, hopes } = words;
  const all = met === hopes ? `all ${hopes}` : `${met} of ${hopes}`;
  const outcome = hopes === 0 ? `${title} in words` : `${title}: ${all} expectations of the scenario are met`;
  const parts = [...(expectations === "" ? [] : [expectations]), summary];
  return el(
    "details",
    { class: met < hopes ? "run-words unmet" : "run-words", ...(isOpen && { open: "" }) },
    el("summary", { title: file }, outcome),
    el("pre", {}, parts.join("\n\n")),
  );
}
