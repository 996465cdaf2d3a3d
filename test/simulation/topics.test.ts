import { describe, expect, test } from "vitest";
import { SECOND } from "../../sim/engine/time.ts";
import { summarise } from "../../sim/metrics/summarise.ts";
import { parseScenario } from "../../sim/scenario/parse.ts";
import { simulate } from "../../sim/simulation/simulate.ts";
import type { TraceEvent } from "../../sim/trace/event.ts";
import { lagPieces, type LagPiece } from "../../sim/trace/readings/lag.ts";
import { ownership, type Ownership } from "../../sim/trace/readings/ownership.ts";
import { rebalances, type Rebalance } from "../../sim/trace/readings/rebalances.ts";
import { eventsOf, first, only } from "../support/runs.ts";
import { bothModes } from "../support/both-modes.ts";

/** Two members, both up at 0, everything 1 ms away, no chance: so the leader fetches metadata at 0 s, 300 s, 600 s … */
const scenario = (events: string, more = ""): string => `
duration: 12m
cluster: { network: { delay: { constant: 1ms } }, appendDelay: { constant: 1ms }, metadataPropagation: { constant: 0s } }
topics:
  orders: { partitions: 4, rate: 1000/s }
  returns: { partitions: 2, rate: 100/s }
groups:
  billing:
    topics: [orders]
    config: { auto.offset.reset: earliest${more} }
    members: { initial: 2, capacity: 2000/s }
events:
${events}`;

const at = (seconds: number): number => seconds * SECOND;

describe("a topic that grows", () => {
  const events = eventsOf(scenario("  - { at: 60s, grow: orders, to: 8 }"));

  test("spreads its production over all its partitions at once", () => {
    const { partitions, in: rate, t } = only(events, "lag").find(({ t }) => t === at(60))!;
    expect({ t, partitions, rate }).toEqual({ t: at(60), partitions: [0, 1, 2, 3, 4, 5, 6, 7], rate: 125 });
  });

  test("has no leader for its new partitions before brokers hear of them; until then their records wait", () => {
    const later = scenario("  - { at: 60s, grow: orders, to: 8 }").replace("constant: 0s", "constant: 2s");
    const lines = only(eventsOf(later), "lag").filter(({ t, partitions }) => t >= at(60) && partitions.includes(7));
    const rate = ({ partitions, in: rate }: (typeof lines)[number]): number =>
      typeof rate === "number" ? rate : rate[partitions.indexOf(7)];
    const [flows] = lines.filter((line) => rate(line) > 0);
    expect(flows.t).toBe(at(62));
    expect(rate(flows)).toBeGreaterThan(125); // 250 have waited
  });

  test("is noticed when the group leader's metadata is next too old, and not before", () => {
    const rejoin = first(events, "client.rejoin", ({ reason }) => reason === "metadata-changed");
    expect(rejoin.t).toBe(at(300));
    expect(
      only(events, "client.rejoin")
        .filter(({ t }) => t > at(10))
        .map(({ reason }) => reason),
    ).toEqual(["metadata-changed", "heartbeat-rebalance"]);
  });

  test("is the cause of the rebalance, and nobody owns the new partitions until it is over", () => {
    const found: Rebalance[] = [];
    const owned: Ownership[] = [];
    const { scenario: parsed } = parseScenario(scenario("  - { at: 60s, grow: orders, to: 8 }"));
    simulate(parsed, { seed: "1", to: [rebalances((one) => found.push(one)), ownership((span) => owned.push(span))] });
    const last = found.at(-1)!;
    expect(last.cause).toMatchObject({ kind: "topics", at: at(60) });
    const first = owned.filter(({ partition, client }) => partition === 7 && client === null);
    expect(first.map(({ from, to }) => [from, to])).toEqual([[at(60), last.to + 1000]]); // one hop behind the coordinator
  });

  test("while its static leader restarts is noticed by nobody: the next process takes what it finds for what was assigned", () => {
    // Kafka: `ConsumerCoordinator.onLeaderElected` with `skipAssignment` takes a snapshot of today's metadata (KIP-814).
    const rolled = eventsOf(
      scenario("  - { at: 60s, roll: billing }\n  - { at: 61s, grow: orders, to: 8 }").replace(
        "initial: 2",
        "initial: 2, static: true, startup: 2s",
      ),
    );
    expect(only(rolled, "group.state").filter(({ t }) => t > at(60))).toEqual([]);
    const owned = only(rolled, "partition.owner").filter(({ t }) => t > at(60));
    expect(owned.flatMap(({ partitions }) => partitions.orders).filter((partition) => partition >= 4)).toEqual([]);
    expect(owned.filter(({ how }) => how === "assigned")).toHaveLength(2);
  });

  test("with a shorter metadata.max.age.ms is noticed sooner", () => {
    const sooner = eventsOf(scenario("  - { at: 61s, grow: orders, to: 8 }", ", metadata.max.age.ms: 10000"));
    expect(first(sooner, "client.rejoin", ({ reason }) => reason === "metadata-changed").t).toBe(at(70));
  });

  test("counts in the summary with all its partitions, over time and in the end", () => {
    const summary = summarise();
    const { scenario: parsed } = parseScenario(scenario("  - { at: 60s, grow: orders, to: 8 }"));
    simulate(parsed, { seed: "1", to: [summary] });
    const [group] = summary.result().groups;
    expect(group.partitions).toBe(8);
    // 125 records/s wait in each of four partitions from 60 s until they are owned, after 303 s: 243 s and a little
    expect(group.lag.peak.records).toBeGreaterThan(4 * 125 * 243);
    expect(group.lag.peak.records).toBeLessThan(4 * 125 * 244 + 4 * 125 * 4);
  });
});

describe("a topic that is created", () => {
  test("has no records before", () => {
    const events = eventsOf(
      scenario("  - { at: 100s, create: returns }").replace("topics: [orders]", "topics: [returns]"),
    );
    const lines = only(events, "lag").filter(({ topic }) => topic === "returns");
    expect(lines[0]).toMatchObject({ t: at(100), lag: 0, in: 50 });
  });

  test("is noticed within retry.backoff.max.ms by those who wait for its name", () => {
    const events = eventsOf(
      scenario("  - { at: 100s, create: returns }").replace("topics: [orders]", "topics: [returns]"),
    );
    const { t } = first(events, "client.rejoin", ({ reason }) => reason === "metadata-changed");
    expect(t).toBeGreaterThanOrEqual(at(100));
    expect(t).toBeLessThanOrEqual(at(101));
  });

  test("at any moment of that second: they have asked for long, and each waits for the longest of its waits", () => {
    const yaml = scenario("  - { at: 100s, create: returns }").replace("topics: [orders]", "topics: [returns]");
    const waits = Array.from({ length: 12 }, (_, seed) => {
      const noticed = ({ t, reason }: { t: number; reason: string }): boolean =>
        t > at(1) && reason === "metadata-changed";
      return first(eventsOf(yaml, `waits ${seed}`), "client.rejoin", noticed).t - at(100);
    });
    for (const wait of waits) expect(wait).toBeLessThanOrEqual(at(1));
    // Of 12 that are spread over a second the longest is longer than half of it, but for one in 4096.
    expect(Math.max(...waits)).toBeGreaterThan(at(0.5));
  });
});

describe("a topic that is deleted", () => {
  const events = eventsOf(scenario("  - { at: 100s, delete: orders }"));

  test("takes its records with it, and its readers ask for metadata at once", () => {
    const pieces: LagPiece[] = [];
    const reading = lagPieces((piece) => pieces.push(piece));
    for (const event of events) reading.see(event);
    reading.end(at(720));
    expect(pieces.filter(({ to, lag }) => to > at(100) && lag > 0)).toEqual([]);
    const { t } = first(events, "client.rejoin", ({ reason }) => reason === "metadata-changed");
    expect(t).toBeGreaterThan(at(100));
    expect(t).toBeLessThan(at(100.2));
  });

  test("belongs to nobody afterwards", () => {
    const owned: Ownership[] = [];
    const fold = ownership((span) => owned.push(span));
    const header = { topics: [{ name: "orders", partitions: 4 }], groups: [{ id: "billing", topics: ["orders"] }] };
    fold.begin!(header as never);
    for (const event of events) fold.see(event);
    fold.end(at(720));
    expect(owned.filter(({ to }) => to > at(110))).toEqual([]);
  });
});

describe("a group leader that hears of a topic in the midst of a batch", () => {
  /** Two topics' backlog in batches of 4.17 s, 500 records at 120/s; the first poll 5 s after a commit is the next one. */
  const backlogged = (script: string): string =>
    scenario(script)
      .replace("topics: [orders]", "topics: [orders, returns]")
      .replace("capacity: 2000/s", "capacity: 120/s");
  const after = (events: readonly TraceEvent[], t: number, reason: string): TraceEvent =>
    first(events, "client.rejoin", (rejoin) => rejoin.t > t && rejoin.reason === reason);

  test("joins again because of that, though it was to poll then anyway, to commit", () => {
    for (const second of [97, 98, 99, 100, 101]) {
      const events = eventsOf(backlogged(`  - { at: ${second}s, delete: returns }`));
      const gone = first(events, "topic.changed", ({ change }) => change === "deleted");
      const rejoin = after(events, at(second), "metadata-changed");
      expect(rejoin).toMatchObject({ cause: gone.id });
      expect(rejoin.t).toBeLessThan(at(second + 5.2));
    }
  });

  test("or stands in one that takes unusually long", () => {
    const events = eventsOf(
      backlogged("  - { at: 95s, pause: billing-1, lasts: 20s }\n  - { at: 100s, delete: returns }"),
    );
    const gone = first(events, "topic.changed", ({ change }) => change === "deleted");
    expect(after(events, at(100), "metadata-changed")).toMatchObject({ cause: gone.id });
  });

  test("or the application has subscribed anew meanwhile", () => {
    const events = eventsOf(backlogged("  - { at: 100s, subscribe: billing, topics: [orders] }"));
    const subscribed = first(events, "group.subscribed", ({ t }) => t === at(100));
    expect(after(events, at(100), "subscription-changed")).toMatchObject({ cause: subscribed.id });
  });
});

describe("a group that subscribes to another topic", () => {
  const script = "  - { at: 100s, subscribe: billing, topics: [orders, returns] }";

  test("rebalances at once, and reads it from where its policy says", () => {
    const events = eventsOf(scenario(script));
    expect(first(events, "client.rejoin", ({ reason }) => reason === "subscription-changed").t).toBe(at(100));
    // earliest: 100 s at 50/s a partition are in it
    expect(only(events, "lag").find(({ topic }) => topic === "returns")).toMatchObject({
      t: at(100),
      lag: 5000,
      in: 50,
    });
  });

  test("begins at the end with any other policy", () => {
    const events = eventsOf(scenario(script).replace("earliest", "latest"));
    expect(only(events, "lag").find(({ topic }) => topic === "returns")).toMatchObject({ t: at(100), lag: 0, in: 50 });
  });
});

test("bursts come one after the other, each on top of the rate", () => {
  const bursts = "bursts: { every: { constant: 10s }, lasts: { constant: 2s }, rate: 500/s }";
  const events = eventsOf(scenario("  []").replace("rate: 1000/s", `rate: 1000/s, ${bursts}`));
  const rates = only(events, "topic.producers")
    .filter(({ topic }) => topic === "orders")
    .map(({ t, demand }) => [t / SECOND, demand]);
  expect(rates.slice(0, 6)).toEqual([
    [0, 1000],
    [10, 1500],
    [12, 1000],
    [22, 1500],
    [24, 1000],
    [34, 1500],
  ]);
});

test("producers that come and go: what nobody carries is not produced, and nobody else is the wiser", () => {
  const script = `
  - { at: 60s, producers: orders, crash: 1 }
  - { at: 90s, producers: orders, leave: 1 }
  - { at: 120s, producers: orders, join: 3 }`;
  const producers =
    "producers: { instances: 4, startup: { constant: 1s }, takeover: { constant: 12s }, config: { linger.ms: 0 } }";
  const events = eventsOf(scenario(script).replace("rate: 1000/s", `rate: 1000/s, ${producers}`));
  const told = only(events, "topic.producers").filter(({ topic }) => topic === "orders");
  expect(told.map(({ t, instances, carried }) => [t / SECOND, instances, carried])).toEqual([
    [0, 4, 1],
    [60, 3, 0.75],
    [72, 3, 1],
    [90, 2, 1],
    [121, 3, 1],
    [121, 4, 1],
    [121, 5, 1],
  ]);
  // A quarter of 1000/s is missing for 12 of 720 s.
  expect(only(events, "topic.produced").find(({ topic }) => topic === "orders")).toMatchObject({
    written: 717_000,
    unsent: 3_000,
    expired: 0,
    repeated: 0,
  });
});

test("a record is on its way for as long as it is gathered, sent and written", () => {
  // one a second for each of four partitions: the linger of 20 ms is waited for, by nearly every record in full
  const producers = "producers: { config: { linger.ms: 20 } }";
  const events = eventsOf(scenario("  []").replace("rate: 1000/s", `rate: 4/s, ${producers}`));
  const { latency } = first(events, "topic.producers", ({ topic }) => topic === "orders");
  // 20 ms (1 + 0.01) / (1 + 0.02), 1 ms to the broker, 1 ms in it
  expect(latency).toBe(Math.round((20_000 * 1.01) / 1.02) + 2_000);
});

test("heartbeats that are worked out change nothing of it", () => {
  const events = `
  - { at: 1m, grow: orders, to: 8 }
  - { at: 5m, create: returns }
  - { at: 6m, subscribe: billing, topics: [orders, returns] }
  - { at: 7m, grow: returns, to: 9 }
  - { at: 8m, delete: orders }`;
  const { elided, explicit } = bothModes(scenario(events, ", metadata.max.age.ms: 20000"), "3");
  expect(elided).toEqual(explicit);
});

describe("new partitions that not everybody knows of", () => {
  // Of two partitions g-1, which leads, and g-2 have one each, g-3 none. They fetch metadata at 300, 315 and 325 s (a start
  // takes 5 s), so what comes at 290 s g-1 hears of first, and gives it out. At 308 s it leaves, and g-2 leads.
  const grown = (partitions: number): TraceEvent[] =>
    eventsOf(`
duration: 6m
cluster: { network: { delay: 1ms } }
topics: { orders: { partitions: 2, rate: 500/s } }
groups:
  g:
    topics: [orders]
    config: { partition.assignment.strategy: [cooperative-sticky] }
    members: { initial: 1 }
events:
  - { at: 10s, join: g }
  - { at: 20s, join: g }
  - { at: 290s, grow: orders, to: ${partitions} }
  - { at: 308s, leave: g-1 }`);
  const since = (events: readonly TraceEvent[], seconds: number) =>
    only(events, "group.assignment")
      .filter(({ t }) => t > at(seconds))
      .map(({ client, partitions }) => [client, partitions]);

  test("are known to whoever is given one of them: its fetch asks for their leaders", () => {
    // orders-2 is g-3's first, orders-3 and 4 are the second ones of g-1 and g-2
    const events = grown(5);
    expect(only(events, "client.failed")).toEqual([]);
    expect(since(events, 308)).toEqual([["g-2", 5]]);
  });

  test("make the assignor of a leader throw that does not know of them, so that its application closes it", () => {
    // orders-2 is g-3's first. To g-2 there are two partitions, one for each, and each has one, so that there is no room for
    // the one that g-1 had. Kafka: "No more unfilled consumers to be assigned".
    const events = grown(3);
    expect(only(events, "client.failed")).toMatchObject([{ client: "g-2", error: "ASSIGNOR_FAILED" }]);
    expect(since(events, 308)).toEqual([["g-3", 3]]);
  });
});

describe("a topic that is deleted and created again", () => {
  // 1000/s, but for 60 s to 120 s, when it is not there.
  const again = scenario("  - { at: 60s, delete: orders }\n  - { at: 120s, create: orders }");
  const ends = (yaml: string, seconds: number) => {
    const { scenario: parsed } = parseScenario(yaml, { file: "test.yaml" });
    const result = simulate(parsed, { seed: "1", until: at(seconds) });
    return { end: result.ends("billing").orders, committed: result.committed("billing")?.orders };
  };
  const lost = (yaml: string) =>
    only(eventsOf(yaml), "records.lost").map(({ reason, from, records }) => ({ reason, from, records }));

  test("begins at offset 0, with nothing committed; its readers, who keep asking for it, read it from there", () => {
    expect(ends(again, 110).committed).toBeUndefined();
    expect(ends(again, 121).committed).toBeUndefined();
    expect(ends(again, 121).end).toEqual([250, 250, 250, 250]);
    const { end, committed } = ends(again, 720);
    expect(end).toEqual([150_000, 150_000, 150_000, 150_000].map((offset) => expect.closeTo(offset, 3)));
    for (const offset of Object.values(committed!)) {
      expect(offset).toBeGreaterThan(150_000 - 250 * 5.1);
      expect(offset).toBeLessThanOrEqual(150_000);
    }
    expect(lost(again)).toEqual([]);
    const summary = summarise();
    simulate(parseScenario(again, { file: "test.yaml" }).scenario, { seed: "1", to: [summary] });
    const [{ produced, consumed, delivery }] = summary.result().groups;
    expect([produced, consumed]).toEqual([expect.closeTo(660_000, 2), expect.closeTo(660_000, 2)]);
    expect(delivery).toMatchObject({ duplicates: 0, lost: 0 });
    expect(only(eventsOf(again), "topic.produced").find(({ topic }) => topic === "orders")!.written).toBeCloseTo(
      660_000,
      2,
    );
  });

  test("is read from the end with latest: what comes until its readers ask where that is, is lost", () => {
    const latest = again.replace("earliest", "latest");
    const [one, other, ...more] = lost(latest);
    expect(more).toEqual([]);
    // It is asked for once a second, the group joins at the next heartbeats, 3 s apart, and each asks where to begin.
    for (const { reason, from, records } of [one, other]) {
      expect({ reason, from }).toEqual({ reason: "reset", from: 0 });
      const each = typeof records === "number" ? records : records[0];
      expect(each / 250).toBeGreaterThan(0.1);
      expect(each / 250).toBeLessThan(1 + 3 + 0.1);
    }
  });

  test("V28: … with heartbeats worked out as with all of them", () => {
    for (const yaml of [again, again.replace("120s", "60020ms"), again.replace("earliest", "none")]) {
      const { elided, explicit } = bothModes(yaml, "1");
      expect(elided).toEqual(explicit);
    }
  });
});
