import { quantile } from "../sim/metrics/occupancy.ts";
import { el } from "./dom.ts";
import type { OpenTrace } from "./load/open.ts";
import type { GroupPicture, Picture } from "./load/picture.ts";
import { brokerLanes } from "./strips/broker-lanes.ts";
import { groupStrip } from "./strips/group-strip.ts";
import { partitionLagChart, totalLagChart, type PartitionLagChart } from "./strips/lag-chart.ts";
import { memberLanes } from "./strips/member-lanes.ts";
import { networkLanes } from "./strips/network-lanes.ts";
import { ownershipLanes } from "./strips/ownership-lanes.ts";
import { rebalanceBrackets } from "./strips/rebalance-brackets.ts";
import { scenarioStrip } from "./strips/scenario-strip.ts";
import type { Strip, View } from "./strips/strip.ts";
import { clock, count, span } from "./time-axis.ts";

/** Members and partitions get no less than this, CSS pixels, whatever the window's height. */
const LEAST_LANES = 240;

/** What strips that not every run has need beside lanes, CSS pixels: their headings, and marks of a fixed height. */
const OPTIONAL: Readonly<Record<string, number>> = { scenario: 48, network: 28, brokers: 28 };

/** One trace on the page: its numbers, and the strips of one of its groups. */
export class RunView {
  readonly element: HTMLElement;
  /** Whose run it is, and its numbers. */
  readonly head: HTMLElement;
  readonly body: HTMLElement;
  readonly trace: OpenTrace;
  readonly strips: readonly Strip[];
  readonly group: GroupPicture;
  readonly #groupIndex: number;
  readonly #lag: PartitionLagChart;

  constructor(trace: OpenTrace, groupIndex: number) {
    const { picture } = trace;
    this.trace = trace;
    this.#groupIndex = groupIndex;
    this.group = picture.groups[groupIndex];
    const { group } = this;
    this.#lag = partitionLagChart(group);
    this.strips = [
      scenarioStrip(picture.deeds),
      rebalanceBrackets(group),
      groupStrip(group),
      networkLanes(picture.cluster, picture.end),
      brokerLanes(picture.cluster, group, picture.end),
      memberLanes(group, picture.end),
      ownershipLanes(group, picture.end),
      totalLagChart(group),
      this.#lag,
    ].filter((strip) => strip !== null);
    this.head = el("div", { class: "run-head" });
    this.head.append(el("h2", { class: "run-title" }, picture.title, el("small", {}, picture.file)));
    if (picture.cutOff !== null) this.head.append(banner(picture));
    this.head.append(figures(picture, group));
    this.body = el("div", { class: "strips" }, ...this.strips.map(({ element }) => element));
    this.element = el("article", { class: "run" }, this.body);
  }

  /** Shares out the height that is left for strips that can be squeezed, when all strips of every run have theirs. */
  fit(height: number): void {
    const rooms = this.strips.flatMap(({ room }) => room ?? []);
    const optional = this.strips.filter(({ name }) => name in OPTIONAL);
    const beside = optional.reduce((sum, { name }) => sum + OPTIONAL[name], 0);
    const lanes = optional.reduce((sum, { room }) => sum + (room?.wanted ?? 0), 0);
    let left = Math.max(LEAST_LANES + lanes, height - beside);
    rooms
      .toSorted((a, b) => a.wanted - b.wanted)
      .forEach(({ wanted, give }, i) => {
        const share = Math.min(wanted, left / (rooms.length - i));
        give(share);
        left -= share;
      });
    const elastic = this.strips.filter(({ stretch }) => stretch);
    for (const strip of elastic) strip.stretch!(Math.max(0, left) / elastic.length);
  }

  resize(width: number): void {
    for (const strip of this.strips) strip.resize(width);
  }

  draw(view: View): void {
    for (const strip of this.strips) strip.draw(view);
  }

  /** Once the reader has found what to look at: a nearer look, and words for those who do not see it. */
  settle({ axis }: View): void {
    const { from, to } = axis;
    if (axis.zoom > 1.05)
      this.trace.lookAtLag(this.#groupIndex, Math.floor(from), Math.min(axis.end, Math.ceil(to)), 900, (curves) =>
        this.#lag.setDetail(curves),
      );
    for (const strip of this.strips) {
      const canvas = strip.element.querySelector(".plot canvas")!;
      canvas.setAttribute("aria-label", strip.describe(from, to));
    }
  }
}

function banner({ cutOff, end, until }: Picture): HTMLElement {
  return el(
    "p",
    { class: "banner", role: "status" },
    el("strong", {}, "This trace is not whole: "),
    `${cutOff}. Shown is what is there, up to ${clock(end)}${until > end ? ` of ${clock(until)}` : ""}.`,
  );
}

/** The numbers at the top. */
function figures({ seed, fingerprint, events, end }: Picture, { summary, clients }: GroupPicture): HTMLElement {
  const list = el("dl", { class: "figures" });
  const add = (name: string, value: string, more = "", title = "") =>
    list.append(el("div", { title }, el("dt", {}, name), el("dd", {}, value, el("small", {}, more))));
  if (summary) {
    const { members, rebalances, unread, lag, timeLag } = summary;
    const { min, max } = members.alive;
    add(
      "Members",
      min === max ? count(max) : `${count(min)}–${count(max)}`,
      `${count(clients.length)} in all`,
      "Consumer processes alive, least and most; and how many there ever were",
    );
    add(
      "Rebalances",
      count(rebalances.count),
      `${percent(rebalances.share)} of the time`,
      "Completed after the warm-up; and the share of the time in which one was under way",
    );
    add(
      "Unread",
      count(unread.partitionSeconds),
      "partition-seconds",
      "Time in which nobody read a partition, summed over partitions",
    );
    add(
      "Lag, peak",
      count(lag.peak.records),
      `records at ${clock(lag.peak.at, 1e5)}`,
      "Most records not yet read, of the whole group",
    );
    add(
      "Time lag, p99",
      span(quantile(timeLag.distribution, 0.99)),
      `worst ${span(timeLag.peak?.age ?? 0)}`,
      "Age of the next record to be read: not exceeded in 99 % of the time and partitions",
    );
  }
  add("Length", clock(end, 1e6), `${count(events)} events`);
  add(
    "Seed",
    seed,
    fingerprint ?? "no fingerprint",
    "Same scenario and seed, same fingerprint: the same run, byte for byte",
  );
  return list;
}

function percent(share: number): string {
  const value = 100 * share;
  if (value > 0 && value < 0.1) return "under 0.1 %";
  return `${value === 0 || value >= 9.95 ? value.toFixed(0) : value.toPrecision(2)} %`;
}
