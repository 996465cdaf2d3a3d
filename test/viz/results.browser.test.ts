import { afterEach, expect, test } from "vitest";
import { resultsPage } from "../../viz/experiments/results-page.ts";
import { resultsIn } from "../../viz/experiments/documents.ts";
import type { Source } from "../../viz/load/open.ts";
import { sweepOf } from "./results.ts";

afterEach(() => document.body.replaceChildren());

const source = (value: unknown, name = "results.json"): Source => ({ name, from: new Blob([JSON.stringify(value)]) });

function page() {
  const root = document.createElement("div");
  const run = document.createElement("div");
  document.body.append(root, run);
  const shown: Source[] = [];
  const results = resultsPage(root, run, (one) => {
    shown.push(one);
    return Promise.resolve();
  });
  const all = (selector: string): Element[] => [...root.querySelectorAll(selector)];
  const click = (element: Element | undefined): void =>
    void element!.dispatchEvent(new MouseEvent("click", { bubbles: true }));
  return { root, run, results, shown, all, click };
}

test("results are told from traces by their first characters", async () => {
  expect(await resultsIn(source(sweepOf()))).toMatchObject({ regroup: "sweep" });
  expect(await resultsIn(source({ regroup: "trace", schema: 1 }))).toBeUndefined();
  expect(await resultsIn({ name: "x.gz", from: new Blob([Uint8Array.of(0x1f, 0x8b, 8)]) })).toBeUndefined();
});

test("a sweep shows a point for each cell, as high as its mean, and its cells in a table", async () => {
  const { results, all } = page();
  expect(await results.open([source(sweepOf())])).toBe(true);
  const points = all(".point");
  expect(points).toHaveLength(6);
  // Two curves of three points; 30 s is the highest mean, 5 s the lowest, and down is where y grows.
  const heights = points.map((point) => Number(point.getAttribute("data-y")));
  expect(heights.indexOf(Math.min(...heights))).toBe(0);
  expect(heights.indexOf(Math.max(...heights))).toBe(5);
  expect(all("tbody tr")).toHaveLength(6);
  expect(all(".heat")).toHaveLength(6);
});

test("a click on a point shows its runs; a click on a run simulates it, and a step back leads to the results", async () => {
  const { results, all, click, shown, root, run } = page();
  await results.open([source(sweepOf())]);
  click(all(".point")[0]);
  expect(all(".detail h2")[0].textContent).toBe("members = 2, session = 10s");
  const runs = all(".run");
  expect(runs).toHaveLength(3);
  click(runs[1]);
  expect(shown).toEqual([
    {
      name: "members = 2, session = 10s, seed 7/2",
      from: {
        scenario: sweepOf().scenario,
        set: ["groups.g.members.initial=2", "groups.g.config.session.timeout.ms=10s"],
        seed: "7/2",
      },
    },
  ]);
  expect([root.hidden, run.hidden]).toEqual([true, false]);
  const isBack = new Promise((done) => addEventListener("popstate", done, { once: true }));
  click(document.querySelector(".back button")!);
  await isBack;
  expect([root.hidden, run.hidden]).toEqual([false, true]);
});

test("over time, the median run lies between the quarters, and those between the tails", async () => {
  const { results, all, click } = page();
  await results.open([source(sweepOf())]);
  click(all(".point")[0]);
  expect(all(".fan-outer, .fan-inner, .fan-median")).toHaveLength(3);
});

test("anything but results is left to the page of runs", async () => {
  const { results, root } = page();
  expect(await results.open([source({ regroup: "trace" })])).toBe(false);
  expect(root.hidden).toBe(true);
});
