import { beforeEach, describe, expect, test, vi } from "vitest";
import type { Page } from "../../viz/page.ts";
import { Story } from "../support/events.ts";
import { crashStory, written } from "../support/story.ts";
import { drawn, freshPage, pointer, press, shown, source, strip, warns } from "./support.ts";

const S = 1_000_000;
const STORY = crashStory();

let page: Page;
let root: HTMLElement;

beforeEach(async () => {
  ({ page, root } = freshPage());
  await page.open([source(STORY)]);
  await drawn();
});

/** Rows of six partitions lie under each other. */
const rowMiddle = (row: number, rows: number, name: string) => {
  const canvas = strip(page, name).element.querySelector<HTMLCanvasElement>(".plot canvas")!;
  return ((row + 0.5) * canvas.clientHeight) / rows;
};

describe("a trace on the page", () => {
  test("has a lane for every member and every partition", () => {
    expect(strip(page, "members").describe(0, 60 * S)).toContain("3 clients in 3 lanes");
    expect(strip(page, "partitions").describe(0, 60 * S)).toContain("6 lanes");
  });

  test("warns where and only where nobody owns a partition", () => {
    const partitions = shown(strip(page, "partitions"));
    // The picture of the story's comment: seconds, and the rows without an owner then.
    const unowned: readonly (readonly [number, readonly number[]])[] = [
      [2, [0, 1, 2, 3, 4, 5]],
      [10, []],
      [25, []],
      [30.5, [2, 3]],
      [32, [0, 1, 2, 3, 4, 5]],
      [40, []],
    ];
    for (const [seconds, rows] of unowned) {
      const found = [0, 1, 2, 3, 4, 5].filter((row) =>
        warns(partitions(page.axis.x(seconds * S), rowMiddle(row, 6, "partitions"))),
      );
      expect(found, `at ${seconds} s`).toEqual(rows);
    }
  });

  test("gives a member the same colour in its own lane and in the lanes of its partitions", () => {
    const x = page.axis.x(15 * S);
    const partitions = shown(strip(page, "partitions"));
    const members = shown(strip(page, "members"));
    for (const [member, partition] of [
      [0, 1],
      [1, 2],
      [2, 5],
    ])
      expect(partitions(x, rowMiddle(partition, 6, "partitions"))).toEqual(members(x, rowMiddle(member, 3, "members")));
  });

  test("shows a crashed member until the coordinator notices, and no longer", () => {
    const members = shown(strip(page, "members"));
    const at = (seconds: number) => members(page.axis.x(seconds * S), rowMiddle(1, 3, "members"));
    expect(warns(at(25))).toBe(true);
    expect(warns(at(15))).toBe(false);
    expect(at(45)).toEqual(at(58));
    expect(warns(at(45))).toBe(false);
  });

  test("says its numbers: 70 partition-seconds unread, 400 records at most, 14 s old", () => {
    // By hand: 6 × 5 s at the start, 2 × 14 s of the dead member's, 4 × 3 s of the others'.
    const figures = root.querySelector(".figures")!.textContent!;
    expect(figures).toContain("70partition-seconds");
    expect(figures).toContain("400records at 34s");
    expect(figures).toContain("worst 14.0 s");
    expect(figures).toContain("Seed7");
  });

  test("is described in words for those who do not see it", async () => {
    await vi.waitFor(() => expect(root.querySelector("[aria-live]")!.textContent).toContain("2 rebalances"));
    const canvases = [...root.querySelectorAll(".strip .plot canvas")];
    expect(canvases.map((canvas) => canvas.getAttribute("aria-label")).filter(Boolean)).toHaveLength(canvases.length);
  });
});

test("lag that jumps at once is drawn from where it jumped to: half of it is left halfway down", async () => {
  // What a dead member read since its last commit is read again: 1000 records at 20 s, gone at 40 s, 50 a second.
  const of = { group: "billing", topic: "orders", partitions: [0], in: 0 } as const;
  const story = new Story();
  story.lag(0, { ...of, lag: 0, out: 0 });
  story.lag(20, { ...of, lag: 1000, out: 50 });
  story.lag(40, { ...of, lag: 0, out: 0 });
  await page.open([source(written(story, 60, { groups: [{ id: "billing", topics: ["orders"] }] }))]);
  await drawn();
  const total = strip(page, "total-lag");
  const colour = shown(total);
  const height = total.element.querySelector<HTMLCanvasElement>(".plot canvas")!.clientHeight;
  /** How far from the top the area under the line begins, in pixels. */
  const top = (seconds: number): number => {
    const x = page.axis.x(seconds * S);
    const line = Array.from({ length: height }, (_, y) => colour(x, y)).map(([r, g, b]) => b - (r + g) / 2);
    return line.indexOf(Math.max(...line));
  };
  expect(Math.abs(top(30) - (top(20.1) + top(39.9)) / 2)).toBeLessThan(3);
  expect(top(39.9) - top(20.1)).toBeGreaterThan(height / 2);
});

describe("the time axis", () => {
  test("shows the whole run at first", () => {
    expect([page.axis.from, page.axis.to]).toEqual([0, 60 * S]);
  });

  test("zooms by the wheel around the pointer", () => {
    const before = page.axis.t(300);
    const canvas = strip(page, "group").element.querySelector(".plot canvas")!;
    const { left, top } = canvas.getBoundingClientRect();
    const init = { deltaY: -300, bubbles: true, cancelable: true, clientX: left + 300, clientY: top + 5 };
    canvas.dispatchEvent(new WheelEvent("wheel", init));
    expect(page.axis.zoom).toBeCloseTo(2, 6);
    expect(page.axis.t(300)).toBeCloseTo(before, 0);
  });

  test("moves by dragging, and what was under the pointer stays under it", () => {
    page.axis.show(20 * S, 40 * S);
    const members = strip(page, "members");
    const before = page.axis.t(500);
    pointer("pointerdown", members, 500, 5, { button: 0 });
    pointer("pointermove", members, 480, 5);
    pointer("pointermove", members, 400, 5);
    pointer("pointerup", members, 400, 5);
    expect(page.axis.t(400)).toBeCloseTo(before, 0);
  });

  test("moves and zooms by keys, and never leaves the run", async () => {
    press("+");
    const { from, to } = page.axis;
    expect(to - from).toBeCloseTo(40 * S, 0);
    press("ArrowRight");
    expect(page.axis.from).toBeGreaterThan(from);
    for (let i = 0; i < 30; i++) press("ArrowRight");
    expect(page.axis.to).toBe(60 * S);
    for (let i = 0; i < 30; i++) press("ArrowLeft");
    expect(page.axis.from).toBe(0);
    press("-");
    press("-");
    expect([page.axis.from, page.axis.to]).toEqual([0, 60 * S]);
    press("+");
    press("0");
    await vi.waitFor(() => expect([page.axis.from, page.axis.to]).toEqual([0, 60 * S]));
  });

  test("shows what is brushed in the overview, and the brush shows what is shown", async () => {
    const brush = root.querySelector(".overview .overlay")!;
    const { left, top } = brush.getBoundingClientRect();
    const mouse = (type: string, x: number, target: EventTarget = window) =>
      target.dispatchEvent(
        new MouseEvent(type, { bubbles: true, cancelable: true, view: window, clientX: left + x, clientY: top + 9 }),
      );
    const { width } = page.axis;
    // What lies there for a real pointer must be the brush itself.
    mouse("mousedown", width / 4, document.elementFromPoint(left + width / 4, top + 9)!);
    for (const share of [0.3, 0.4, 0.5]) {
      mouse("mousemove", width * share);
      await drawn();
    }
    mouse("mouseup", width / 2);
    await drawn();
    expect(page.axis.from / S).toBeCloseTo(15, 0);
    expect(page.axis.to / S).toBeCloseTo(30, 0);

    page.axis.show(30 * S, 45 * S);
    await drawn();
    const selection = root.querySelector(".overview .selection")!;
    expect(Number(selection.getAttribute("x"))).toBeCloseTo(width / 2, 0);
    expect(Number(selection.getAttribute("width"))).toBeCloseTo(width / 4, 0);
  });

  test("draws less the less it shows", async () => {
    const all = strip(page, "partitions").drawn;
    page.axis.show(6 * S, 19 * S);
    await drawn();
    expect(strip(page, "partitions").drawn).toBe(6); // each partition one bar
    expect(all).toBeGreaterThan(6 * 4);
  });
});

describe("a reader", () => {
  test("reads every strip at the instant under the pointer", () => {
    pointer("pointermove", strip(page, "group"), page.axis.x(25 * S), 5);
    const readouts = page.strips.map(({ element }) => element.querySelector(".readout")!.textContent);
    expect(readouts).toEqual([
      "b crashed",
      "Stable, generation 1",
      "2 alive, 3 known to the coordinator",
      "0 of 6 unowned, 2 owned but not read",
      "100 records",
      expect.stringMatching(/^worst 5\.0\d s, median 0 s$/), // the highest of this pixel's time
    ]);
    const cursor = root.querySelector(".over-all .cursor")!;
    expect(Number(cursor.getAttribute("x1"))).toBeCloseTo(page.axis.x(25 * S), -0.5);
    expect(cursor.getAttribute("y2")).toBe("100%");
    expect(root.querySelector(".ruler .flag text")!.textContent).toMatch(/^(24\.9|25)/);
  });

  test("steps from rebalance to rebalance, and reads what caused it", async () => {
    press("]");
    press("]");
    const panel = root.querySelector(".panel")!;
    expect(panel.querySelector("h2")!.textContent).toBe("b crashed");
    const story = [...panel.querySelectorAll(".story")].map(({ textContent }) => textContent).join(" ");
    expect(story).toContain("At 20s b crashed");
    expect(story).toContain("until its session expired 10.0 s later");
    expect(story).toContain("Joining took 3.00 s, until all had joined; c came last");
    expect(story).toContain("3 to 2 members");
    press("[");
    expect(panel.querySelector("h2")!.textContent).toBe("the first members came");
    press("Escape");
    expect((panel as HTMLElement).hidden).toBe(true);
  });

  test("pins the details of what is clicked", () => {
    const partitions = strip(page, "partitions");
    const [x, y] = [page.axis.x(25 * S), rowMiddle(2, 6, "partitions")];
    pointer("pointerdown", partitions, x, y, { button: 0 });
    pointer("pointerup", partitions, x, y);
    const panel = root.querySelector(".panel")!;
    expect(panel.querySelector("h2")!.textContent).toBe("orders-2");
    expect(panel.querySelector(".here")!.textContent).toContain("b");
  });

  test("walks through rows by keys", () => {
    const element = strip(page, "partitions").element;
    element.focus();
    press("ArrowDown", element);
    press("ArrowDown", element);
    expect(root.querySelector("[aria-live]")!.textContent).toContain("orders-1");
    press("Enter", element);
    expect(root.querySelector(".panel h2")!.textContent).toBe("orders-1");
  });

  test("chooses light or dark", async () => {
    const scheme = document.documentElement.dataset.scheme;
    const before = shown(strip(page, "group"))(page.axis.x(10 * S), 10);
    press("t");
    await drawn();
    expect(document.documentElement.dataset.scheme).not.toBe(scheme);
    expect(shown(strip(page, "group"))(page.axis.x(10 * S), 10)).not.toEqual(before);
  });
});

describe("a file", () => {
  test("that was cut off is shown as far as it goes, and says so", async () => {
    await page.open([source(STORY.slice(0, STORY.length * 0.6))]);
    const banner = root.querySelector(".banner")!;
    expect(banner.textContent).toContain("not whole");
    expect(banner.textContent).toContain("cut off in the middle of a line");
    expect(strip(page, "partitions").describe(0, 1)).toContain("6 lanes");
  });

  test("may be compressed, whatever its name", async () => {
    const packed = new Response(new Blob([STORY]).stream().pipeThrough(new CompressionStream("gzip")));
    await page.open([{ name: "story.txt", from: await packed.blob() }]);
    expect(root.querySelector(".banner")).toBeNull();
    expect(root.querySelector(".figures")!.textContent).toContain("70partition-seconds");
  });

  test("that is compressed and cut off is shown as far as it goes", async () => {
    const packed = new Response(new Blob([STORY]).stream().pipeThrough(new CompressionStream("gzip")));
    const whole = await packed.blob();
    await page.open([{ name: "half.ndjson.gz", from: whole.slice(0, whole.size * 0.7) }]);
    const banner = root.querySelector(".banner");
    expect(banner?.textContent).toContain("compressed");
  });

  test("that is no trace leaves what was shown, and says what is wrong", async () => {
    await page.open([source('{"name":"a scenario"}\n', "scenario.json")]);
    expect(root.querySelector("[role=alert]")!.textContent).toContain(
      "scenario.json: line 1: this is not a regroup trace",
    );
    expect(strip(page, "partitions")).toBeDefined();
  });

  test("can be dropped on the page, and two are compared on one axis", async () => {
    const files = new DataTransfer();
    files.items.add(new File([STORY], "before.ndjson"));
    files.items.add(new File([STORY], "after.ndjson"));
    root.dispatchEvent(new DragEvent("drop", { dataTransfer: files, bubbles: true, cancelable: true }));
    await vi.waitFor(() => expect(page.strips).toHaveLength(12), { timeout: 20_000 });
    expect([...root.querySelectorAll(".run-title small")].map(({ textContent }) => textContent)).toEqual([
      "before.ndjson",
      "after.ndjson",
    ]);
    page.axis.show(20 * S, 40 * S);
    await drawn();
    expect(strip(page, "partitions", 1).drawn).toBe(strip(page, "partitions", 0).drawn);
  });
});
