/**
 * Results of many runs in place of a run, and the way from one to the other: a point of the results opens its run, and a
 * step back (the browser's, too) leads to the results again.
 */
import "./results.css";
import { seriesPaint } from "../colors.ts";
import { button, el } from "../dom.ts";
import type { Source } from "../load/open.ts";
import { Theme } from "../theme.ts";
import { chartTip } from "./charts/chart-tip.ts";
import { comparisonView } from "./comparison-view.ts";
import { resultsIn, type ResultsDocument } from "./documents.ts";
import type { ResultsHost, ResultsView } from "./parts.ts";
import { planView } from "./plan-view.ts";
import { replicationsView } from "./replications-view.ts";
import { sweepView } from "./sweep-view.ts";

export interface ResultsPage {
  /** Shows the first results that are among these sources; `false`: there are none. */
  open(sources: readonly Source[]): Promise<boolean>;
}

/** Charts are no wider than this, CSS pixels: what is far apart is hard to compare. */
const WIDEST = 952;
const NARROWEST = 320;

/** `showRun` opens a run in the page's own place, which `run` holds. */
export function resultsPage(
  root: HTMLElement,
  run: HTMLElement,
  showRun: (source: Source) => Promise<void>,
): ResultsPage {
  let shown: { readonly results: ResultsDocument; readonly view: ResultsView } | undefined;
  let width = 0;
  let place = 0;
  const theme = new Theme(() => shown?.view.draw());
  const back = el("nav", { class: "back", hidden: "" });
  const body = el("main");
  const bar = el(
    "header",
    { class: "bar" },
    el("span", { class: "wordmark" }, "regroup"),
    el("span", { class: "spacer" }),
    button("◐", "Light or dark", theme.toggle, { "aria-label": "Light or dark" }),
  );
  run.before(back);
  root.replaceChildren(bar, body, chartTip(root));

  function toggle(results: boolean): void {
    if (!results && !root.hidden) place = scrollY;
    root.hidden = !results;
    run.hidden = results;
    back.hidden = results || !shown;
    scrollTo(0, results ? place : 0);
  }

  const host: ResultsHost = {
    width: () => Math.max(NARROWEST, Math.min(WIDEST, body.clientWidth || WIDEST)),
    color: (index) => seriesPaint(index, theme.scheme).css,
    openRun(order, name) {
      toggle(false);
      back.replaceChildren(
        button(`← ${shown!.results.name}`, "Back to the results", () => history.back()),
        el("span", {}, name),
      );
      history.pushState({ regroup: "run" }, "");
      void showRun({ name, from: order });
    },
  };
  addEventListener("popstate", ({ state }) => {
    if (shown) toggle((state as { regroup?: unknown } | null)?.regroup !== "run");
  });
  new ResizeObserver(() => {
    if (root.hidden || host.width() === width) return;
    width = host.width();
    shown?.view.draw();
  }).observe(root);

  return {
    async open(sources) {
      for (const source of sources) {
        const results = await resultsIn(source);
        if (!results) continue;
        root.hidden = false; // so that it has a width
        width = host.width();
        shown = { results, view: viewOf(results, host) };
        body.replaceChildren(shown.view.element);
        document.title = `${results.name} · regroup`;
        toggle(true);
        return true;
      }
      shown = undefined;
      toggle(false);
      return false;
    },
  };
}

function viewOf(results: ResultsDocument, host: ResultsHost): ResultsView {
  switch (results.regroup) {
    case "sweep":
      return sweepView(results, host);
    case "plan":
      return planView(results, host);
    case "comparison":
      return comparisonView(results, host);
    case "replications":
      return replicationsView(results, host);
  }
}
