import { describe, expect, test } from "vitest";
import { SECOND } from "../../sim/engine/time.ts";
import { fetchMetrics, type FetchMetrics } from "../../sim/metrics/fetch-metrics.ts";
import type { TraceHeader } from "../../sim/trace/event.ts";
import { headerOf, owner, process, reads, stops, Story } from "../support/events.ts";
import { eventsOf } from "../support/runs.ts";

function metricsOf(story: Story, end: number, client = "a", header: Partial<TraceHeader> = {}): FetchMetrics {
  const metrics = fetchMetrics();
  story.tell(metrics, end, header);
  return metrics.of(client)!;
}

/** `lag` records in orders-0 at that second, and so many a second in and out from then on. */
const line = (lag: number, inflow: number, out: number) => ({
  group: "g",
  topic: "orders",
  partitions: [0],
  lag,
  in: inflow,
  out,
});

/** a has orders-0 from 10 s on, with 1,000 records in it by then; 100 a second come, and it reads 300 a second. */
function backlogWorkedOff(): Story {
  const story = new Story();
  story.at(0, process("a", "Starting", "Running"));
  story.lag(0, line(0, 100, 0));
  story.at(10, owner("a", "assigned", 1, 0));
  story.at(10, reads("a", 0));
  story.lag(10, line(1000, 100, 300));
  story.lag(15, line(0, 100, 100));
  return story;
}

describe("a consumer's own lag, of the fluid", () => {
  test("counts while it reads: a triangle of 5 s and 1,000 records in 50 s", () => {
    expect(metricsOf(backlogWorkedOff(), 60)).toEqual({
      "records-consumed-total": 5 * 300 + 45 * 100,
      "records-consumed-rate": 6000 / 60,
      "records-lag-max": 1000,
      partitions: [
        { topic: "orders", partition: 0, "records-lag": 0, "records-lag-avg": 2500 / 50, "records-lag-max": 1000 },
      ],
    });
  });

  test("and its rate is over the time in which it ran", () => {
    const story = backlogWorkedOff();
    story.at(20, process("a", "Running", "Crashed"));
    story.at(20, stops("a", "crashed", 0));
    story.lag(20, line(0, 100, 0));
    expect(metricsOf(story, 60)["records-consumed-rate"]).toBe((5 * 300 + 5 * 100) / 20);
  });

  test("stays what it was while its reader is stuck, however much comes in", () => {
    const story = backlogWorkedOff();
    story.lag(20, line(0, 100, 0));
    const stuck = metricsOf(story, 60);
    expect(stuck["records-lag-max"]).toBe(1000);
    expect(stuck.partitions[0]).toMatchObject({ "records-lag": 0, "records-lag-avg": 2500 / 50 });
    story.lag(40, line(2000, 100, 300));
    expect(metricsOf(story, 45)["records-lag-max"]).toBe(2000);
    const { "records-lag": lag, "records-lag-avg": average } = metricsOf(story, 45).partitions[0];
    expect(lag).toBe(1000);
    expect(average).toBe((2500 + (5 * (2000 + 1000)) / 2) / 35);
  });

  test("is gone with the partition, and begins anew with the next assignment", () => {
    const story = backlogWorkedOff();
    story.at(20, stops("a", "revoked", 0));
    story.at(20, owner("a", "revoked", 1, 0));
    story.lag(20, line(0, 100, 0));
    expect(metricsOf(story, 30)).toMatchObject({ "records-lag-max": 1000, partitions: [] });
    story.at(30, owner("a", "assigned", 2, 0));
    const unread = { "records-lag": null, "records-lag-avg": null, "records-lag-max": null };
    expect(metricsOf(story, 31).partitions).toEqual([{ topic: "orders", partition: 0, ...unread }]);
    story.at(31, reads("a", 0));
    story.lag(31, line(1100, 100, 300));
    expect(metricsOf(story, 33).partitions[0]).toMatchObject({ "records-lag": 700, "records-lag-max": 1100 });
  });

  test("belongs to whoever reads: what another has taken over stays with that one", () => {
    const story = backlogWorkedOff();
    story.at(0, process("b", "Starting", "Running"));
    story.lag(20, line(0, 100, 0));
    story.at(50, owner("b", "assigned", 2, 0));
    story.at(50, reads("b", 0));
    story.lag(50, line(3000, 100, 300));
    story.at(51, stops("a", "lost", 0));
    story.at(51, owner("a", "lost", 2, 0));
    expect(metricsOf(story, 60, "a")).toMatchObject({ "records-lag-max": 1000, "records-consumed-total": 2000 });
    expect(metricsOf(story, 60, "b")).toMatchObject({ "records-lag-max": 3000, "records-consumed-total": 3000 });
  });

  test("leaves out what was before the warm-up was over", () => {
    const metrics = metricsOf(backlogWorkedOff(), 60, "a", { warmUp: 12 * SECOND });
    expect(metrics["records-lag-max"]).toBe(600);
    expect(metrics["records-consumed-total"]).toBe(3 * 300 + 45 * 100);
    expect(metrics["records-consumed-rate"]).toBe(5400 / 48);
    expect(metrics.partitions[0]["records-lag-avg"]).toBe((600 * 3) / 2 / 48);
  });
});

describe("a consumer's own lag, record by record", () => {
  const polled = (story: Story, seconds: number, position: number, end: number, records: number): void => {
    const of = { client: "a", group: "g", topic: "orders", partition: 0 };
    story.events.push({ type: "records.polled", t: seconds * SECOND, cause: null, ...of, records, position, end });
  };

  // O23 of spec/offsets-and-lag.md: the log ends at 10,000 when 0 to 999 are fetched, whatever it does later.
  test("is told at every poll, from the end that the fetch had found, and stays so until the next", () => {
    const story = new Story();
    story.at(0, process("a", "Starting", "Running"));
    story.at(1, owner("a", "assigned", 1, 0));
    polled(story, 1, 500, 10_000, 500);
    polled(story, 9, 1000, 10_000, 500);
    polled(story, 10, 1500, 12_000, 500);
    expect(metricsOf(story, 20)).toEqual({
      "records-consumed-total": 1500,
      "records-consumed-rate": 75,
      "records-lag-max": 10_500,
      partitions: [
        {
          topic: "orders",
          partition: 0,
          "records-lag": 10_500,
          "records-lag-avg": (9500 * 8 + 9000 * 1 + 10_500 * 10) / 19,
          "records-lag-max": 10_500,
        },
      ],
    });
  });
});

/*
 * The first consumer comes after 60 s, when 6,000 records wait, and reads 400 a second of them; 100 a second come in. A fetch
 * brings 1,000, a poll hands out 100.
 */
describe("single records and the fluid", () => {
  const scenario = (flow: string): string => `
duration: 120s
flow: ${flow}
cluster: { brokers: 1, network: { delay: 1ms }, config: { group.initial.rebalance.delay.ms: 0 } }
topics: { orders: { partitions: 1, rate: 100/s, recordSize: 1KiB${flow === "records" ? ", arrivals: even" : ""} } }
groups:
  g:
    topics: [orders]
    assignmentCost: none
    config: { max.poll.records: 100, max.partition.fetch.bytes: 1024000 }
    members: { initial: 0, capacity: 400/s }
events:
  - { at: 60s, join: g }
`;
  const [fluid, records] = ["fluid", "records"].map((flow) => {
    const metrics = fetchMetrics();
    metrics.begin!(headerOf());
    for (const event of eventsOf(scenario(flow))) metrics.see(event);
    metrics.end(120 * SECOND);
    return metrics.of("g-1")!;
  });

  test("hand out as much, but for a batch", () => {
    expect(fluid["records-consumed-total"]).toBeGreaterThan(11_900);
    expect(Math.abs(records["records-consumed-total"] - fluid["records-consumed-total"])).toBeLessThanOrEqual(100);
  });

  test("the fluid tells of more: at most a batch, and what comes in while a fetch is worked off", () => {
    const worked = 1000 / 400; // seconds
    for (const [fluidSays, recordsSay] of [
      [fluid["records-lag-max"]!, records["records-lag-max"]!],
      [fluid.partitions[0]["records-lag-avg"]!, records.partitions[0]["records-lag-avg"]!],
    ]) {
      expect(fluidSays).toBeGreaterThan(1000);
      expect(recordsSay).toBeLessThanOrEqual(fluidSays);
      expect(recordsSay).toBeGreaterThanOrEqual(fluidSays - 100 - 100 * worked);
    }
  });
});

describe("what the fluid hands out and no line tells of", () => {
  /** a reads orders-0 at 100/s, until b has it, at 20 s. */
  const handedOver = (tell: (story: Story) => void): readonly number[] => {
    const story = new Story();
    for (const client of ["a", "b"]) story.at(0, process(client, "Starting", "Running"));
    story.at(10, reads("a", 0));
    story.lag(10, line(0, 100, 100));
    story.at(20, stops("a", "lost", 0));
    story.lag(20, line(0, 100, 0));
    tell(story);
    story.at(20, reads("b", 0));
    story.lag(20, line(0, 100, 100));
    return ["a", "b"].map((client) => metricsOf(story, 30, client)["records-consumed-total"]);
  };
  const where = { group: "g", topic: "orders", partitions: [0], from: 1000 } as const;

  test("was handed to whoever had it in hand, though another reads it again, or nobody would have", () => {
    expect(handedOver(() => {})).toEqual([1000, 1000]);
    const again = {
      type: "records.reread",
      client: "b",
      ...where,
      records: 70,
      inHand: 50,
      reason: "expelled",
    } as const;
    expect(handedOver((story) => void story.at(20, again))).toEqual([1050, 1000]);
    const found = { type: "records.found", ...where, records: 30, reason: "committed-ahead", beside: true } as const;
    expect(handedOver((story) => void story.at(20, found))).toEqual([1030, 1000]);
  });

  test("was handed to whoever read it aside", () => {
    const aside = {
      type: "records.reread",
      client: "a",
      ...where,
      records: 60,
      inHand: 60,
      reason: "expelled",
    } as const;
    expect(handedOver((story) => void story.at(20, { ...aside, aside: true }))).toEqual([1060, 1000]);
  });
});
