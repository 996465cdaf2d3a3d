import { beforeEach, describe, expect, test, vi } from "vitest";
import { palette } from "../../viz/colors.ts";
import type { Page } from "../../viz/page.ts";
import { member, owner, process, Story } from "../support/events.ts";
import { brokerStory, crashStory, crowdStory, written } from "../support/story.ts";
import { drawn, freshPage, pointer, press, shown, source, strip, warns } from "./support.ts";

const S = 1_000_000;
const STORY = brokerStory();

let page: Page;
let root: HTMLElement;

beforeEach(async () => {
  ({ page, root } = freshPage());
  await page.open([source(STORY)]);
  await drawn();
});

const readout = (name: string) => strip(page, name).element.querySelector(".readout")!.textContent;
const plotOf = (name: string) => strip(page, name).element.querySelector<HTMLCanvasElement>(".plot canvas")!;
/** Of rows that lie under each other: brokers from 0 on, which is broker 1; partitions. */
const middle = (name: string, row: number) => ((row + 0.5) * plotOf(name).clientHeight) / (name === "brokers" ? 3 : 4);
const lastView = () => ({ axis: page.axis, palette: palette("light") });
const look = (seconds: number) => pointer("pointermove", strip(page, "group"), page.axis.x(seconds * S), 2);

describe("brokers on the page", () => {
  test("a dead one warns until the controller knows, and no longer", () => {
    const brokers = shown(strip(page, "brokers"));
    const at = (seconds: number, row: number) => brokers(page.axis.x(seconds * S), middle("brokers", row));
    expect([15, 25, 35].map((seconds) => warns(at(seconds, 0)))).toEqual([false, true, false]);
    expect([15, 25, 35].map((seconds) => warns(at(seconds, 2)))).toEqual([false, false, false]);
  });

  test("the coordinator is on the lane of the broker that has it, and on none while there is none", () => {
    const scheme = document.documentElement.dataset.scheme as "light" | "dark";
    const { pixel } = palette(scheme).coordinator;
    const blue = [pixel & 255, (pixel >> 8) & 255, (pixel >> 16) & 255];
    const brokers = shown(strip(page, "brokers"));
    const seat = (seconds: number) =>
      [1, 2, 3].filter((broker) =>
        brokers(page.axis.x(seconds * S), middle("brokers", broker - 1)).every((byte, i) => byte === blue[i]),
      );
    expect([10, 25, 35, 55].map(seat)).toEqual([[1], [], [3], [3]]);
  });

  test("the group warns along its foot for as long as it has no coordinator", () => {
    const group = shown(strip(page, "group"));
    const foot = plotOf("group").clientHeight - 4;
    expect([19, 21, 30, 32].map((seconds) => warns(group(page.axis.x(seconds * S), foot)))).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  test("every instant is read in words", () => {
    const words = [10, 25, 30, 45].map((seconds) => {
      look(seconds);
      return [readout("brokers"), readout("network"), readout("partitions")];
    });
    expect(words).toEqual([
      ["3 of 3 run, coordinator: broker 1", "", "all 4 owned and read"],
      ["2 of 3 run, coordinator: none", "", "all 4 owned, 2 out of reach, 1 with nothing new to read"],
      ["2 of 3 run, coordinator: none, broker 3 loads", "", "all 4 owned and read"],
      ["2 of 3 run, coordinator: broker 3", "zone b cut off", "all 4 owned, 3 out of reach"],
    ]);
  });

  test("a partition says why it is out of reach, and who leads it", () => {
    const element = strip(page, "partitions").element;
    look(45);
    element.focus();
    const told: string[] = [];
    for (let row = 0; row < 4; row++) {
      press("ArrowDown", element);
      told.push(root.querySelector("[aria-live]")!.textContent);
    }
    expect(told.map((text) => /broker \d/.exec(text)?.[0])).toEqual(["broker 3", "broker 2", "broker 3", "broker 3"]);
    expect(told.map((text) => text.includes("its reader cannot reach the leader"))).toEqual([false, true, true, true]);
    look(25);
    press("ArrowUp", element);
    press("ArrowDown", element);
    expect(root.querySelector("[aria-live]")!.textContent).toContain("its leader is dead");
    press("ArrowUp", element);
    expect(root.querySelector("[aria-live]")!.textContent).toContain("its watermark waits for broker 1");
  });

  test("what is out of reach is crossed by lines of its own, and nothing else is", () => {
    const scheme = document.documentElement.dataset.scheme as "light" | "dark";
    const { pixel } = palette(scheme).accent;
    const partitions = shown(strip(page, "partitions"));
    /** Whether some of the pixels here have the colour of the lines. */
    const crossed = (seconds: number, row: number) => {
      const [x, y] = [Math.round(page.axis.x(seconds * S)), Math.round(middle("partitions", row))];
      return Array.from({ length: 8 }, (_, i) => partitions(x + i, y)).some(
        ([r, g, b]) => Math.hypot(r - (pixel & 255), g - ((pixel >> 8) & 255), b - ((pixel >> 16) & 255)) < 60,
      );
    };
    const rows = (seconds: number) => [0, 1, 2, 3].filter((row) => crossed(seconds, row));
    expect([15, 25, 35, 45, 55].map(rows)).toEqual([[], [0, 3], [], [1, 2, 3], []]);
  });

  test("a broker's details tell its life and what it led, and a member's that it was cut off", () => {
    const brokers = strip(page, "brokers");
    const [x, y] = [page.axis.x(10 * S), middle("brokers", 0)];
    pointer("pointerdown", brokers, x, y, { button: 0 });
    pointer("pointerup", brokers, x, y);
    const panel = root.querySelector(".panel")!;
    expect(panel.querySelector("h2")!.textContent).toBe("broker 1 · a");
    expect(panel.textContent).toContain("leads2 partitions");
    expect(panel.textContent).toContain("without one11.0 s in all");
    const life = [...panel.querySelectorAll("tbody tr")].map(({ textContent }) => textContent);
    expect(life).toEqual([
      "0srunning20.0 s",
      "0scoordinates g20.0 s",
      "20sdead, and the controller does not know yet9.00 s",
      "29sdown31.0 s",
    ]);
    look(45);
    const members = strip(page, "members");
    expect(members.moveRow!(0, 45 * S)!.facts.map((fact) => fact.join(" "))).not.toContain("its links cut");
    expect(members.moveRow!(1, 45 * S)!.facts.map((fact) => fact.join(" "))).toContain("its links cut");
  });

  test("a cut of the network lasts as long as its bar, and a click tells it", () => {
    const network = strip(page, "network");
    expect([39, 41, 49, 51].map((seconds) => network.markAt(page.axis.x(seconds * S), 5, lastView())?.title)).toEqual([
      undefined,
      "zone b cut off",
      "zone b cut off",
      undefined,
    ]);
    pointer("pointerdown", network, page.axis.x(45 * S), 5, { button: 0 });
    pointer("pointerup", network, page.axis.x(45 * S), 5);
    expect(root.querySelector(".panel tbody")!.textContent).toBe("40szone b cut off10.0 s");
  });

  test("what the scenario did stands over it all, and a click lists the rest", () => {
    const scenario = strip(page, "scenario");
    look(45);
    expect(readout("scenario")).toBe("40s: nothing gets through between zone b and everybody else for 10s");
    pointer("pointerdown", scenario, page.axis.x(20 * S) + 1, 10, { button: 0 });
    pointer("pointerup", scenario, page.axis.x(20 * S) + 1, 10);
    const panel = root.querySelector(".panel")!;
    expect(panel.querySelector("h2")!.textContent).toBe("broker 1, the coordinator of g, crashes");
    expect(panel.querySelectorAll("tbody tr")).toHaveLength(2);
    expect(panel.querySelector(".here")!.textContent).toContain("crashes");
  });

  test("all of it is told to those who do not see it", async () => {
    await vi.waitFor(() =>
      expect(root.querySelector("[aria-live]")!.textContent).toContain("without a coordinator for 11.0 s at 20s"),
    );
    const brokers = plotOf("brokers").getAttribute("aria-label")!;
    expect(brokers).toContain("broker 1 · a dead, and the controller does not know yet from 20s");
    expect(plotOf("network").getAttribute("aria-label")).toBe("Network: zone b cut off for 10.0 s at 40s.");
    expect(plotOf("partitions").getAttribute("aria-label")).toContain(
      "at most 3 whose leader is out of reach, at most 1 with nothing new to read",
    );
    expect(plotOf("scenario").getAttribute("aria-label")).toContain("2 events");
  });
});

test("where brokers and links are as they were at the beginning, they take no room", async () => {
  await page.open([source(crashStory())]);
  await drawn();
  expect(page.strips.map(({ name }) => name)).toEqual([
    "rebalances",
    "group",
    "members",
    "partitions",
    "total-lag",
    "partition-lag",
  ]);
});

test("a group of the ZooKeeper era has no state that anybody could tell, so none is shown", async () => {
  const story = new Story();
  const client = { client: "a", group: "g" } as const;
  story.at(1, process("a", "Starting", "Running"));
  story.at(1, member("a", "added", "registered"));
  story.at(1, { ...client, type: "client.state", from: "UNJOINED", to: "REBALANCING", reason: "registered" });
  story.at(2, owner("a", "assigned", 5, 0, 1, 2, 3));
  story.at(2, { ...client, type: "client.state", from: "REBALANCING", to: "STABLE", reason: "claimed" });
  await page.open([source(written(story, 60))]);
  await drawn();
  expect(page.strips.map(({ name }) => name)).not.toContain("group");
  expect(strip(page, "rebalances").describe(0, 60 * S)).toContain("1 rebalance");
});

test("a hundred brokers that are restarted under a thousand members cost a frame what is visible", async () => {
  await page.open([source(crowdStory({ rebalances: 2, brokers: 100 }))]);
  await drawn();
  const brokers = strip(page, "brokers");
  expect(brokers.describe(0, 24 * 3600 * S)).toContain("Brokers: 100; ");
  // Each broker's five states are looked at for themselves, for whether it is down, and for whether it is dead; and its
  // place as coordinator, at most five stretches with those between, twice.
  expect(brokers.drawn).toBeLessThanOrEqual(100 * (5 * 3 + 5 * 2));
  const height = plotOf("brokers").clientHeight;
  expect(height).toBeLessThan(160);
  expect(strip(page, "scenario").drawn).toBe(100);
  const away = strip(page, "partitions").drawn;
  page.axis.show(50_000 * S, 50_010 * S); // nobody is restarted in these seconds
  await drawn();
  expect(strip(page, "scenario").drawn).toBe(0);
  expect(strip(page, "partitions").drawn).toBeLessThan(away);
});
