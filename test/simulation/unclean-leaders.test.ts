import { describe, expect, test } from "vitest";
import { SECOND } from "../../sim/engine/time.ts";
import { simulate, type RunResult } from "../../sim/simulation/simulate.ts";
import type { TraceEvent } from "../../sim/trace/event.ts";
import { lagLines } from "../../sim/trace/readings/lag.ts";
import { records } from "../../sim/trace/readings/records.ts";
import { eventsOf, only, scenarioOf } from "../support/runs.ts";

/*
 * A leader with an incomplete copy (unclean.leader.election.enable). What it lacks is gone, though it had been acknowledged and
 * could be read. Kafka: `ReplicationControlManager`, `Partition.makeLeader`; `SubscriptionState.maybeCompleteValidation` (KIP-320).
 */

interface Variant {
  readonly flow?: "fluid" | "records";
  readonly capacity?: number;
  readonly reset?: string;
  readonly client?: string;
  readonly cut?: string;
  readonly commit?: string;
  readonly unclean?: boolean;
  readonly events?: readonly string[];
}

/**
 * 100/s into one partition of brokers 1, its leader, and 2. Broker 2 gets nothing from 60 s on, and counts no more after 30 to 45 s.
 * Broker 1 dies at 120 s, and is given up 9 s later: the log ends at 6,000 then, and had ended at 12,000. A fetch brings one
 * record, so that nobody has more than two in hand. Producers hold back what comes meanwhile.
 */
const yamlOf = ({
  flow = "fluid",
  capacity = 400,
  reset = "earliest",
  client = "3.9",
  cut = "10m",
  commit = "auto",
  unclean = true,
  events = [],
}: Variant): string => `
duration: 5m
flow: ${flow}
cluster:
  brokers: 3
  brokerVersion: "3.9"
  network: { delay: 1ms }
  metadataPropagation: 0ms
  appendDelay: 0ms
  catchUp: 1s
  config: { unclean.leader.election.enable: ${unclean} }
topics:
  orders:
    partitions: 1
    rate: 100/s
    recordSize: 1MiB
    arrivals: even
    replicationFactor: 2
    producers: { config: { acks: "1", buffer.memory: 4294967296 } }
groups:
  i:
    topics: [orders]
    clientVersion: "${client}"
    config: { session.timeout.ms: 45000, max.poll.records: 1, auto.offset.reset: ${reset} }
    members: { initial: 1, capacity: ${capacity}/s, startup: 0s, commit: ${commit} }
events:
  - { at: 60s, cut: { from: { broker: 2 }, to: { broker: 1 } }, for: ${cut} }
  - { at: 120s, crash: { broker: 1 } }
${events.map((event) => `  - ${event}\n`).join("")}`;

const run = (variant: Variant): TraceEvent[] => eventsOf(yamlOf(variant));

const until = (variant: Variant, seconds: number): RunResult =>
  simulate(scenarioOf(yamlOf(variant)), { seed: "1", until: seconds * SECOND });

interface Fate {
  readonly what: "reread" | "lost" | "spared" | "found";
  readonly from: number;
  readonly to: number;
  readonly reason: string;
}

function fates(events: readonly TraceEvent[]): readonly Fate[] {
  const found: Fate[] = [];
  const tell =
    (what: Fate["what"]) =>
    ({ from, records: count, reason }: { from: number; records: number; reason: string }): void =>
      void found.push({ what, from, to: from + count, reason });
  const fold = records({ reread: tell("reread"), lost: tell("lost"), spared: tell("spared"), found: tell("found") });
  for (const event of events) fold.see(event);
  return found;
}

const gone = (events: readonly TraceEvent[]): number =>
  only(events, "partition.truncated").reduce((sum, one) => sum + one.records, 0);

/** What the topic's log ends with, and the group has come to in it. */
function ends(result: RunResult): { readonly end: number; readonly committed: number } {
  return { end: result.ends("i").orders[0]!, committed: result.committed("i")!.orders[0] };
}

describe.each(["fluid", "records"] as const)("flow: %s", (flow) => {
  test("what an unclean leader lacks is gone; who had read it goes back to where the logs part, and reads on", () => {
    const events = run({ flow });
    expect(gone(events)).toBeCloseTo(6000, 3);
    expect(fates(events)).toEqual([]);
    const { end, committed } = ends(until({ flow }, 300));
    expect(end).toBeGreaterThan(23_990); // 30,000 were produced
    expect(end).toBeLessThan(24_001); // what was on its way when the leader died may be sent once more
    expect(committed).toBeGreaterThan(end - 510); // committed every 5 s
    expect(committed).toBeLessThanOrEqual(end);
  });

  test("who had not come so far loses what is left of it", () => {
    // It reads 60/s, from 3.01 s on: to 6,000 by 103.01 s, and on when the watermark moves again, by 105 s.
    const [lost, ...others] = fates(run({ flow, capacity: 60 }));
    expect(others).toEqual([]);
    expect(lost).toMatchObject({ what: "lost", reason: "truncated" });
    expect(lost.from).toBeGreaterThan(6900);
    expect(lost.from).toBeLessThan(7021 + 2);
    expect(lost.to).toBeCloseTo(12_000, 3);
  });

  test("who is behind the new end loses all that is gone, and reads on where it is", () => {
    // From 3.015 s on, 30/s: at 120 s it has come to 3,510, and has 2 more in hand at most.
    const events = run({ flow, capacity: 30 });
    const [lost, ...others] = fates(events);
    expect(others).toEqual([]);
    expect(lost).toMatchObject({ what: "lost", reason: "truncated" });
    expect(lost.from).toBeCloseTo(6000, 3);
    expect(lost.to).toBeCloseTo(12_000, 3);
    if (flow === "records") {
      const done = only(events, "record.done").map(({ offset, t, produced }) => ({ offset, t, produced }));
      expect(done.map(({ offset }) => offset)).toEqual(done.map((_, i) => i));
      const old = done.filter(({ t, offset }) => t > 130 * SECOND && offset < 6000);
      expect(old.length).toBeGreaterThan(2000);
      for (const { offset, produced } of old) expect(produced / SECOND).toBeCloseTo((offset + 1) / 100, 5);
      return;
    }
    // What it reads then is as old as it was: record n came at n / 100 s.
    const lines = lagLines({});
    lines.begin!({ topics: [], groups: [{ id: "i", topics: [] }] } as never);
    for (const event of events) if (event.t <= 140 * SECOND) lines.see(event);
    const line = [...lines.groups()][0].line("orders", 0)!;
    const at = 140 * SECOND;
    const position = ends(until({ capacity: 30 }, 140)).end - line.lagAt(at);
    expect(position).toBeGreaterThan(3700);
    expect(position).toBeLessThan(3900);
    expect(line.timeLagAt(at) / SECOND).toBeCloseTo(140 - position / 100, 5);
  });

  test.each([
    // 2,100 records have come since, and what was held back: fewer than were committed
    ["before the log has come as far again", "150s"],
    ["after that", "220s"],
  ])("a commit of what is gone leads to where the logs part, %s", (_, at) => {
    const variant = { flow, events: ["{ at: 121s, crash: i-1 }", `{ at: ${at}, join: i }`] };
    const { end, committed } = ends(until(variant, 149));
    expect(committed).toBeGreaterThan(11_400);
    expect(end).toBeLessThan(9_000); // the tool tells a negative lag
    const events = run(variant);
    expect(fates(events)).toEqual([]);
    if (flow === "fluid") return;
    const [first] = only(events, "record.done").filter(({ client }) => client === "i-2");
    expect(first.offset).toBe(6000);
  });

  test("with auto.offset.reset: none poll() throws, and whoever is started next fails as well", () => {
    const failed = only(run({ flow, reset: "none", events: ["{ at: 200s, join: i }"] }), "client.failed");
    expect(failed.map(({ client, error }) => [client, error])).toEqual([
      ["i-1", "OFFSET_OUT_OF_RANGE"],
      ["i-2", "OFFSET_OUT_OF_RANGE"],
    ]);
    expect(failed[0].t).toBeGreaterThan(120 * SECOND);
    expect(failed[0].t).toBeLessThan(131 * SECOND);
  });

  // AbstractFetch before KIP-320: a fetch beyond the log's end is refused, and the reset policy decides.
  describe("a client of 2.2, which asks no leader whether its positions are on its log,", () => {
    test("begins again with earliest", () => {
      const [again, ...others] = fates(run({ flow, client: "2.2" }));
      expect(others).toEqual([]);
      expect(again).toMatchObject({ what: "reread", from: 0, reason: "out-of-range" });
      expect(again.to).toBeCloseTo(6000, 3);
    });

    test("loses with latest what was written to the new leader meanwhile", () => {
      const cutOff = "{ at: 100s, cut: { from: { client: i-1 }, to: { broker: 2 } }, for: 50s }";
      const events = run({ flow, client: "2.2", reset: "latest", events: [cutOff] });
      const [lost, ...others] = fates(events);
      expect(others).toEqual([]);
      expect(lost).toMatchObject({ what: "lost", reason: "out-of-range" });
      expect(lost.from).toBeCloseTo(6000, 3);
      // All that was produced from 120 s on, until its leader says where the log ends, 1 ms before it hears that.
      const { t } = only(events, "request.answered").findLast(({ api }) => api === "ListOffsets")!;
      expect(t).toBeGreaterThan(150 * SECOND);
      expect(Math.abs(lost.to - (6000 + 100 * (t / SECOND - 0.001 - 120)))).toBeLessThan(1.1);
    });

    test("fails with none", () => {
      const failed = only(run({ flow, client: "2.2", reset: "none" }), "client.failed");
      expect(failed.map(({ error }) => error)).toEqual(["OFFSET_OUT_OF_RANGE"]);
    });

    test("passes over what is below its commit, when the log has come as far again", () => {
      const variant = { flow, client: "2.2", events: ["{ at: 121s, crash: i-1 }", "{ at: 220s, join: i }"] };
      const { committed } = ends(until(variant, 149));
      const [lost, ...others] = fates(run(variant));
      expect(others).toEqual([]);
      expect(lost).toMatchObject({ what: "lost", reason: "truncated" });
      expect(lost.from).toBeCloseTo(6000, 3);
      expect(lost.to).toBeCloseTo(committed, 3);
    });
  });

  describe("who takes over from a reader that has not noticed goes on where it begins", () => {
    // It is stopped with some 8,600 read, and given up 45 s later; by then the new leader has 9,500.
    const stopped = {
      flow,
      commit: "never",
      events: ["{ at: 110s, freeze: i-1, for: 180s }", "{ at: 111s, join: i }"],
    };

    test("and does not fail, with auto.offset.reset: none", () => {
      const failed = only(run({ ...stopped, reset: "none" }), "client.failed");
      expect(failed.map(({ client }) => client)).not.toContain("i-2");
    });

    test("and passes over nothing, in 2.2", () => {
      const lost = fates(run({ ...stopped, client: "2.2" })).filter(({ what }) => what === "lost");
      expect(lost).toHaveLength(1); // what its first reader had not come to
      expect(lost[0].to).toBeCloseTo(12_000, 3);
    });
  });

  test.each([
    ["a copy that is complete again lacks nothing", { cut: "40s" }],
    ["nobody leads without a complete copy, by default", { unclean: false }],
  ])("%s", (_, variant) => {
    const events = run({ flow, ...variant });
    expect(gone(events)).toBe(0);
    expect(fates(events)).toEqual([]);
  });
});

test("the former leader gives up what the other did not have, and lacks nothing once it is complete again", () => {
  const events = run({
    cut: "61s",
    events: ["{ at: 150s, restart: { broker: 1 }, downtime: 1s }", "{ at: 200s, crash: { broker: 2 } }"],
  });
  expect(gone(events)).toBeCloseTo(6000, 3);
  expect(fates(events)).toEqual([]);
});

test("a commit leads back to where the log parted since, and not to where it had before", () => {
  // Broker 2 leads from 6,000 on, and broker 1 has all of that until 150 s: up to 9,000. Then it leads again, from there.
  const variant = {
    cut: "61s",
    events: [
      "{ at: 130s, restart: { broker: 1 }, downtime: 1s }",
      "{ at: 150s, cut: { from: { broker: 1 }, to: { broker: 2 } }, for: 10m }",
      "{ at: 220s, crash: { broker: 2 } }",
      "{ at: 221s, crash: i-1 }",
      "{ at: 231s, join: i }",
    ],
  };
  const { end, committed } = ends(until(variant, 262));
  expect(committed).toBeGreaterThan(15_000);
  expect(end).toBeGreaterThan(13_000);
  expect(end).toBeLessThan(14_000);
  const events = run(variant);
  expect(gone(events)).toBeCloseTo(6000 + 7000, 3);
  expect(fates(events)).toEqual([]);
});

// ClassicKafkaConsumer.updateAssignmentMetadataIfNeeded: positions are looked after behind coordinator.poll(); in
// OffsetsRequestManager.updateFetchPositions nothing waits for a coordinator.
test.each([
  ["classic", 0],
  ["consumer", 9000],
])("who reads on without a coordinator: with the %s protocol, from 6,000 on, at least %d", (protocol, least) => {
  const yaml = yamlOf({
    client: "4.1",
    commit: "never",
    events: ['{ at: 100s, cut: { from: { client: i-1 }, to: { broker: "coordinator of i" } }, for: 120s }'],
  })
    .replace("initial: 1", "initial: 2")
    .replace('brokerVersion: "3.9"', 'brokerVersion: "4.1"')
    .replace(
      "session.timeout.ms: 45000",
      protocol === "classic" ? "session.timeout.ms: 10000" : "group.protocol: consumer",
    )
    .replace(
      "config: { unclean",
      "config: { group.consumer.min.session.timeout.ms: 1000, group.consumer.session.timeout.ms: 10000, unclean",
    );
  const beside = only(eventsOf(yaml), "records.beside").filter(({ client }) => client === "i-1");
  const after = beside.flatMap(({ since, records: count }) =>
    [since].flat().flatMap((t, i) => (t > 130 * SECOND ? [[count].flat()[i] ?? [count].flat()[0]] : [])),
  );
  const sum = after.reduce((all, count) => all + count, 0);
  if (least === 0) expect(sum).toBe(0);
  else expect(sum).toBeGreaterThan(least);
});
