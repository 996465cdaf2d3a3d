import { afterEach, expect, test } from "vitest";
import { resultsPage } from "../../viz/experiments/results-page.ts";
import { resultsIn } from "../../viz/experiments/documents.ts";
import type { Source } from "../../viz/load/open.ts";
import { createPage } from "../../viz/page.ts";
import { commands } from "vitest/browser";
import { comparisonOf, planOf, replicationsOf, SMALL, sweepOf } from "./results.ts";

declare module "vitest/browser" {
  interface BrowserCommands {
    fingerprintInNode(yaml: string, seed: string): Promise<string>;
  }
}

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

const texts = (elements: readonly Element[]): (string | null)[] => elements.map((one) => one.textContent);

test("a sweep says in words where an output is lowest, and which way it goes", async () => {
  const { results, all } = page();
  await results.open([source(sweepOf())]);
  // Every run of a cell is 5 s or 10 s below its neighbours', the same in each run: that is beyond doubt.
  expect(texts(all(".answer"))).toEqual([
    "p99(timeLag) is lowest with members = 8, session = 45s: 5.00 s (4.00 s – 6.00 s). " +
      "All 5 others are shown to be higher. " +
      "As members grows it falls, shown at every step, with each of the 2 combinations of the others. " +
      "As session grows it falls, shown at every step, with each of the 3 combinations of the others.",
  ]);
});

test("replications show every run a dot, further right the more it has, and how probable the expectations are", async () => {
  const { results, all, click, shown } = page();
  await results.open([source(replicationsOf())]);
  const places = all(".run").map((dot) => Number(dot.getAttribute("cx")));
  expect(places).toHaveLength(3);
  expect((places[1] - places[0]) * 4).toBeCloseTo(places[2] - places[1], 6); // 10 s and 40 s
  expect(texts(all(".answer"))).toEqual([
    "1 of 1 expectation was not met in every run; least often max(timeLag) < 30s: 66.7 % (20.8 % – 93.9 %, 95 %).",
    "max(timeLag) is 30.0 s on average (20.0 s – 40.0 s, 95 %); nine of ten runs have 10.0 s – 60.0 s.",
  ]);
  click(all(".run")[2]);
  expect(shown[0]).toMatchObject({ name: "seed 7/3", from: { seed: "7/3", set: [] } });
});

test("replications say what of the scenario did nothing, and what their numbers leave out, as the terminal does", async () => {
  const { results, all, click, shown } = page();
  const plain = replicationsOf();
  await results.open([source(plain)]);
  expect(texts(all(".note"))).toEqual([]);
  const noted = {
    ...plain,
    moot: { events: 4, replications: 2, first: "7/2" },
    transit: [{ group: "g", replications: 3, records: 1_500 }],
  };
  await results.open([source(noted)]);
  expect(texts(all(".note"))).toEqual([
    "g reads over slow links, which lag and ages above leave out, in 3 of 3 replications: " +
      "up to 1.50 k records of a partition are under way at once; with flow: records they count.",
    "Events of the scenario that did nothing, or less than was written: 4 altogether, in 2 of 3 replications. " +
      "Show the first such run",
  ]);
  click(all(".note button")[0]);
  expect(shown[0]).toMatchObject({ name: "seed 7/2", from: { seed: "7/2", set: [] } });
});

test("a measure that some runs lack has fewer dots, each with its own seed", async () => {
  const { results, all, click, shown } = page();
  await results.open([source(replicationsOf())]);
  click(all("tr.choosable")[1]);
  const dots = all(".run");
  expect(dots).toHaveLength(2);
  click(dots[1]);
  expect(shown[0]).toMatchObject({ from: { seed: "7/3" } });
});

test("a comparison draws less at the left of no difference, and leaves hollow what is not established", async () => {
  const { results, all, click, shown } = page();
  await results.open([source(comparisonOf())]);
  const zero = Number(all(".zero")[0].getAttribute("x1"));
  const [half, unclear] = all("path.difference");
  expect(Number(half.getAttribute("data-x"))).toBeLessThan(zero);
  expect(half.classList.contains("open")).toBe(false);
  expect(Number(unclear.getAttribute("data-x"))).toBeGreaterThan(zero);
  expect(unclear.classList.contains("open")).toBe(true);
  // 45 % to 55 % less is a tenth of the whole.
  const line = all("line.difference")[0];
  const whole = zero - Number(half.getAttribute("data-x"));
  expect((Number(line.getAttribute("x2")) - Number(line.getAttribute("x1"))) / whole).toBeCloseTo(0.2, 6);
  click(all(".run")[3]);
  expect(shown[0]).toMatchObject({ from: { seed: "7/2", set: ["groups.g.members.startup=1s"] } });
});

test("a plan shows its answer, its candidates, and the bound between those that fail and those that meet", async () => {
  const { results, all } = page();
  await results.open([source(planOf())]);
  expect(texts(all("h1"))).toEqual(["Which members for max(timeLag) < 30s?"]);
  expect(texts(all(".answer"))).toEqual(["members = 4 is the least that meets max(timeLag) < 30s."]);
  const bound = Number(all(".bound")[0].getAttribute("y1"));
  const heights = all(".point").map((point) => Number(point.getAttribute("data-y")));
  expect(heights.map((height) => height < bound)).toEqual([true, false, false]); // up is more
  expect(texts(all("tbody tr td:last-child"))).toEqual(["fails", "meets: the answer", "meets"]);
  expect(all("tr.chosen")).toHaveLength(1);
  expect(texts(all(".command code"))).toEqual(["regroup run s.yaml --seed 7/1 --set groups.g.members.initial=4"]);
});

test("arrows lead from point to point, and what is chosen by a key keeps the focus", async () => {
  const { results, all } = page();
  await results.open([source(planOf())]);
  const [first] = all(".point") as SVGElement[];
  first.focus();
  const press = (key: string): void =>
    void document.activeElement!.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  press("ArrowRight");
  expect(document.activeElement).toBe(all(".point")[1]);
  press("ArrowRight");
  press("Enter");
  expect(document.activeElement).toBe(all(".point")[2]);
  expect(all(".detail h2")[0].textContent).toBe("members = 8");
});

/** A worker has to start and to simulate. */
const SOON = { timeout: 30_000 };

/** The real page of runs beside the results. */
function wholePage() {
  const root = document.createElement("div");
  const run = document.createElement("div");
  document.body.append(root, run);
  const runs = createPage(run);
  const results = resultsPage(root, run, (one) => runs.open([one]));
  return { root, run, results };
}

test("a run that is clicked is simulated here, the same as on the command line, byte for byte", async () => {
  const { root, run, results } = wholePage();
  await results.open([source(replicationsOf())]);
  root.querySelectorAll(".run")[1].dispatchEvent(new MouseEvent("click", { bubbles: true }));
  const wanted = await commands.fingerprintInNode(SMALL, "7/2");
  await expect.poll(() => run.querySelector(".figures")?.textContent ?? "", SOON).toContain(wanted);
  expect(run.querySelector(".run-words pre")!.textContent).toContain("regroup run s.yaml --seed 7/2");
});

test("a run that only the command line can make says so, and shows no other run in its place", async () => {
  const { root, run, results } = wholePage();
  const found = replicationsOf();
  const text = `${SMALL}`.replace("members: 2", "assignor: ./mine.js, members: 2");
  await results.open([source({ ...found, scenario: { ...found.scenario, text } })]);
  root.querySelectorAll(".run")[0].dispatchEvent(new MouseEvent("click", { bubbles: true }));
  await expect
    .poll(() => run.querySelector(".banner.wrong")?.textContent ?? "", SOON)
    .toContain("only the command line");
  expect(run.querySelectorAll(".strip")).toHaveLength(0);
});
