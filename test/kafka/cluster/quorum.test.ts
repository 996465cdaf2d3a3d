/**
 * The elections of a KRaft quorum: `controller.quorum.fetch.timeout.ms` is 2000, a fetch is answered within 500 ms, and
 * `controller.quorum.election.timeout.ms` is 1000. Kafka: `KafkaRaftClient`, `LeaderState`.
 */
import { describe, expect, test } from "vitest";
import { Engine } from "../../../sim/engine/engine.ts";
import { Streams } from "../../../sim/engine/random.ts";
import { MILLISECOND, SECOND } from "../../../sim/engine/time.ts";
import { drawDuration, type Law } from "../../../sim/engine/variates.ts";
import { meanInterval } from "../../../sim/experiment/statistics.ts";
import type { ControllerHost } from "../../../sim/kafka/cluster/controller/controller.ts";
import { Quorum } from "../../../sim/kafka/cluster/controller/quorum.ts";
import { Tasks } from "../../../sim/kafka/cluster/tasks.ts";
import { BROKER_SETTINGS, defaultsOf } from "../../../sim/kafka/config.ts";
import type { TraceEvent } from "../../../sim/trace/event.ts";
import { Recorder } from "../../../sim/trace/recorder.ts";

interface Setting {
  readonly nodes?: number;
  readonly release?: string;
  /** How long a round of votes takes, in milliseconds. */
  readonly round?: number;
  /** What is drawn from each stream, in milliseconds, in turn; or a seed. */
  readonly draws: Readonly<Record<string, readonly number[]>> | string;
}

/** A quorum of its own, whose node 1 is active at the beginning. */
function quorum({ nodes = 3, release = "4.0", round = 10, draws }: Setting) {
  const engine = new Engine();
  const told: string[] = [];
  const seen: string[] = [];
  const recorder = new Recorder(
    () => engine.now,
    (event: TraceEvent) => {
      if (event.type !== "controller.changed") throw new Error(event.type);
      told.push(`${event.t / MILLISECOND} ${event.from} → ${event.to} ${event.reason}`);
    },
  );
  const streams = typeof draws === "string" ? new Streams(draws) : undefined;
  const left = new Map(typeof draws === "string" ? [] : Object.entries(draws).map(([name, all]) => [name, [...all]]));
  const draw = (name: string, law: Law): number => {
    if (streams) return drawDuration(law, streams.stream(name));
    if (name === "controller/election") return drawDuration(law, new Streams("none").stream("none"));
    return left.get(name)!.shift()! * MILLISECOND;
  };
  const now = (): number => engine.now;
  const host = { tasks: new Tasks(engine, "tasks", 0, recorder), now, recorder, draw } as unknown as ControllerHost;
  const options = { kind: "kraft", nodes, inBrokers: false, election: { constant: round * MILLISECOND } } as const;
  const it = new Quorum(options, defaultsOf(BROKER_SETTINGS, release), release, host, {
    changed: () => void seen.push("changed"),
    resumed: () => void seen.push("resumed"),
  });
  return { it, engine, told, seen, until: (ms: number) => engine.runUntil(ms * MILLISECOND) };
}

describe("a quorum of three whose active node dies", () => {
  test("elects whoever fetched longest ago, when his patience ends, a round of votes later", () => {
    // At 5 s node 2 has fetched 100 ms ago, node 3 400 ms ago: it stands at 6.6 s.
    const { it, told, until } = quorum({ draws: { "controller/2/fetch": [100], "controller/3/fetch": [400] } });
    until(5000);
    it.crash(1);
    expect([it.active, it.decides, it.runs(1)]).toEqual([null, false, false]);
    until(20_000);
    expect(told).toEqual(["5000 1 → null crashed", "6610 null → 3 elected"]);
    expect(it.decides).toBe(true);
  });

  test("splits its votes before 4.0 if two stand within a round: both wait once to twice the election timeout", () => {
    // Patience ends 5 ms apart, at 6.6 s and 6.605 s; a round of 10 ms later they wait 1200 ms and 1500 ms.
    const draws = {
      "controller/2/fetch": [395],
      "controller/3/fetch": [400],
      "controller/2/retry": [1200],
      "controller/3/retry": [1500],
    };
    for (const [release, expected] of [
      ["3.9", "7820 null → 2 elected"], // 6600 + 10 + 1200 + 10
      ["4.0", "6610 null → 3 elected"], // whoever would stand asks first (KIP-996)
    ] as const) {
      const { it, told, until } = quorum({ release, draws });
      until(5000);
      it.crash(1);
      until(20_000);
      expect(told.at(-1)).toBe(expected);
    }
  });

  test("elects the next, when his patience ends, if that one has died by then", () => {
    const draws = { "controller/2/fetch": [100], "controller/3/fetch": [400] };
    const { it, told, until } = quorum({ draws });
    it.crash(1);
    until(1000);
    it.comeBack(1); // its vote is needed
    until(1605);
    it.crash(3);
    until(20_000);
    expect(told).toEqual(["0 1 → null crashed", "1910 null → 2 elected"]);
  });

  test("elects when a restart of one that is down has mended its majority", () => {
    const { it, told, until } = quorum({ draws: { "controller/2/fetch": [0, 300], "controller/3/fetch": [0, 100] } });
    it.crash(1);
    it.crash(2);
    until(60_000);
    it.restart(2, 30 * SECOND);
    it.restart(2, SECOND); // is back at 61 s; patience ends 1.7 s and 1.9 s later
    expect([it.runs(2), it.comesBy(2)]).toEqual([false, 61 * SECOND]);
    until(62_000);
    expect([it.runs(2), it.comesBy(2)]).toEqual([true, Infinity]);
    until(120_000);
    expect(told).toEqual(["0 1 → null crashed", "62710 null → 2 elected"]);
  });

  test("waits for a majority to be back, and elects then", () => {
    const draws = { "controller/2/fetch": [100], "controller/1/fetch": [300] };
    const { it, told, until } = quorum({ draws });
    it.crash(3);
    it.crash(1);
    until(60_000);
    expect([it.active, it.decides]).toEqual([null, false]);
    it.comeBack(1); // patience ends 1.7 s and 1.9 s later
    until(120_000);
    expect(told).toEqual(["0 1 → null crashed", "61710 null → 1 elected"]);
  });
});

test("an active node that ends in order is followed at once, by the first of the others", () => {
  const { it, told, until } = quorum({ draws: {} });
  until(5000);
  it.resign(1);
  until(20_000);
  expect(told).toEqual(["5000 1 → null resigned", "5010 null → 2 elected"]);
});

test("… and if that one has died by then, by whose patience ends", () => {
  const draws = { "controller/1/fetch": [0], "controller/3/fetch": [400] };
  const { it, told, until } = quorum({ draws });
  until(5000);
  it.resign(1);
  it.comeBack(1);
  it.crash(2);
  until(20_000);
  expect(told).toEqual(["5000 1 → null resigned", "6620 null → 3 elected"]); // 5010 + 1600 + 10
});

describe("an active node that loses its majority", () => {
  test("decides nothing from then on, and resigns 3 s after the last of them fetched", () => {
    // Kafka: 1.5 times controller.quorum.fetch.timeout.ms. Node 3 fetched 200 ms before it died.
    const { it, told, until } = quorum({ draws: { "controller/3/fetch": [200] } });
    it.crash(2);
    expect(it.decides).toBe(true);
    until(5000);
    it.crash(3);
    expect([it.active, it.decides]).toEqual([1, false]);
    until(60_000);
    expect(told).toEqual(["7800 1 → null no-majority"]);
  });

  test("goes on if it has one again before that", () => {
    const { it, told, seen, until } = quorum({ draws: { "controller/3/fetch": [200] } });
    it.crash(2);
    until(5000);
    it.crash(3);
    until(7000);
    it.comeBack(2);
    until(60_000);
    expect(told).toEqual([]);
    expect(seen).toEqual(["resumed"]);
    expect(it.decides).toBe(true);
  });
});

describe("by chance", () => {
  const RUNS = 4000;
  const ROUND = 50;
  /** When the next node was active after the first had died, in milliseconds. */
  const elections = (nodes: number, release: string): readonly number[] =>
    Array.from({ length: RUNS }, (_, run) => {
      const { it, told, engine } = quorum({ nodes, release, round: ROUND, draws: `quorum/${run}` });
      it.crash(1);
      engine.runUntil(60 * SECOND);
      return Number.parseFloat(told.at(-1)!);
    });

  test.for([3, 5, 7])("a quorum of %d elects when the first of the others has waited long enough", (nodes) => {
    // The others' last fetches lie evenly in the last 500 ms; the oldest of n is n / (n + 1) of that ago on average.
    const truth = 2000 - (500 * (nodes - 1)) / nodes + ROUND;
    const { low, high } = meanInterval(elections(nodes, "4.0"), { confidence: 0.999 });
    expect(low).toBeLessThan(truth);
    expect(high).toBeGreaterThan(truth);
    expect(high - low).toBeLessThan(15);
  });

  test("before 4.0 two of three split their votes as often as their fetches lie within a round of each other", () => {
    // |U − V| < x of two even ones: 1 − (1 − x)². Without a split the last is elected 2050 ms after.
    const split = elections(3, "3.9").filter((ms) => ms > 2050).length / RUNS;
    const truth = 1 - (1 - ROUND / 500) ** 2;
    const error = Math.sqrt((truth * (1 - truth)) / RUNS);
    expect(Math.abs(split - truth)).toBeLessThan(3.3 * error); // false alarm: 1 in 1000
  });
});
