/**
 * Results of many runs in place of a run, and the way from one to the other: a point of the results opens its run, and a
 * step back leads to the results again.
 */
import "./results.css";
import { memberPaint } from "../colors.ts";
import { button, el } from "../dom.ts";
import type { Source } from "../load/open.ts";
import { Theme } from "../theme.ts";
import { comparisonView } from "./comparison-view.ts";
import { resultsIn, type ResultsDocument } from "./documents.ts";
import type { ResultsHost } from "./parts.ts";
import { planView } from "./plan-view.ts";
import { sweepView } from "./sweep-view.ts";

export interface ResultsPage {
  /** Shows the first results that are among these sources; `false`: there are none. */
  open(sources: readonly Source[]): Promise<boolean>;
}

/** `showRun` opens a run in the page's own place, which `run` holds. */
export function resultsPage(
  root: HTMLElement,
  run: HTMLElement,
  showRun: (source: Source) => Promise<void>,
): ResultsPage {
  let shown: ResultsDocument | undefined;
  const theme = new Theme(() => shown && show(shown));
  const back = el("nav", { class: "back", hidden: "" });
  run.before(back);

  function toggle(results: boolean): void {
    root.hidden = !results;
    run.hidden = results;
    back.hidden = results || !shown;
  }

  const host: ResultsHost = {
    // Every third of the members' colours is too light for a line.
    color: (index) => memberPaint(index + Math.floor(index / 2), theme.scheme).css,
    openRun(order, name) {
      toggle(false);
      back.replaceChildren(
        button(`← ${shown!.name}`, "Back to the results", () => toggle(true)),
        el("span", {}, name),
      );
      scrollTo(0, 0);
      void showRun({ name, from: order });
    },
  };

  function show(results: ResultsDocument): void {
    shown = results;
    const bar = el(
      "header",
      { class: "bar" },
      el("span", { class: "wordmark" }, "regroup"),
      el("span", { class: "spacer" }),
      button("◐", "Light or dark", theme.toggle, { "aria-label": "Light or dark" }),
    );
    root.replaceChildren(bar, viewOf(results, host));
    document.title = `${results.name} · regroup`;
    toggle(true);
  }

  return {
    async open(sources) {
      for (const source of sources) {
        const found = await resultsIn(source);
        if (!found) continue;
        show(found);
        return true;
      }
      shown = undefined;
      toggle(false);
      return false;
    },
  };
}

function viewOf(results: ResultsDocument, host: ResultsHost): HTMLElement {
  switch (results.regroup) {
    case "sweep":
      return sweepView(results, host);
    case "plan":
      return planView(results, host);
    case "comparison":
      return comparisonView(results, host);
  }
}
