import fc from "fast-check";
import { expect } from "vitest";
import { stringify } from "yaml";
import { parseScenario, simulate } from "../../sim/index.ts";
import { summarise } from "../../sim/metrics/summarise.ts";
import type { TraceEvent } from "../../sim/trace/event.ts";
import { records as readAgain } from "../../sim/trace/readings/records.ts";
import { expectFiguresToAddUp } from "./figures.ts";
import { goingOn } from "./going-on.ts";

/**
 * Storms over a group that commits before it processes (spec/offsets-and-lag.md, 3): whatever becomes of its members, its
 * coordinator and the network, no record is processed twice but for what the reset policy leads back to.
 */
export type Protocol = "range" | "cooperative-sticky" | "consumer";
export const PROTOCOLS: readonly Protocol[] = ["range", "cooperative-sticky", "consumer"];

/**
 * Where records are simulated one by one a commit takes its time: next to nothing, or longer than the work on a batch, which may be
 * one record.
 */
const LINKS = {
  fluid: fc.record({ network: fc.record({ delay: fc.constantFrom<unknown>("1ms", { exponential: "5ms" }) }) }),
  records: fc.record({
    network: fc.record({
      delay: fc.constantFrom<unknown>("1ms", { exponential: "5ms" }, "150ms", { exponential: "150ms" }),
    }),
    appendDelay: fc.constantFrom<unknown>("0ms", "150ms", { exponential: "400ms" }),
  }),
};
const BATCHES = { fluid: [50, 500], records: [1, 5, 50] };

const LASTS = { fluid: 240, records: 100 };

const name = fc.constantFrom("g-1", "g-2", "g-3");
const someone = fc.oneof(
  name.map((client) => ({ client })),
  fc.constantFrom({ group: "g" }, { zone: "north" }),
);
const broker = fc.constantFrom<object>({ broker: 1 }, { broker: 2 }, { broker: "coordinator of g" });

const event = (seconds: number) => {
  const at = fc.integer({ min: 15_000, max: (seconds - 40) * 1000 }).map((ms) => `${ms}ms`);
  const short = fc.integer({ min: 500, max: seconds * 160 }).map((ms) => `${ms}ms`);
  return fc.oneof(
    fc.record({ at, freeze: name, for: short }),
    fc.record({ at, crash: name }),
    fc.record({ at, leave: name }),
    fc.record({ at, pause: name, lasts: short }),
    fc.record({ at, join: fc.record({ group: fc.constant("g"), count: fc.constantFrom(1, 2) }) }),
    fc.record({ at, roll: fc.constantFrom("g", "brokers") }),
    fc.record({ at, crash: broker }),
    fc.record({ at, restart: broker, downtime: short }),
    fc.record({ at, cut: fc.record({ from: someone, to: broker }), oneWay: fc.boolean(), for: short }),
    fc.record({ at, cut: fc.record({ from: someone }), for: short }),
    fc.record({
      at,
      slow: fc.record({ from: someone, to: broker }),
      delay: fc.constantFrom("300ms", "2s"),
      for: short,
    }),
  );
};

/** More comes in than two members can read, or less; where records are simulated one by one, a tenth of it. */
const storm = (protocol: Protocol, flow: "fluid" | "records") => {
  const tenth = flow === "records" ? 10 : 1;
  return fc
    .record({
      rate: fc.constantFrom(40, 400),
      partitions: fc.integer({ min: 2, max: 6 }),
      brokerVersion: fc.constantFrom("3.9", "4.0", "4.1", "4.4"),
      session: fc.constantFrom(6000, 45_000),
      pollInterval: fc.constantFrom(20_000, 300_000),
      batch: fc.constantFrom(...BATCHES[flow]),
      law: fc.constantFrom({}, { batch: "100ms" }, { batch: "2s" }, { batch: "30s" }),
      links: LINKS[flow],
      client: fc.constantFrom({}, { clientVersion: "4.1" }, { clientVersion: "4.2" }),
      isStatic: fc.boolean(),
      events: fc.array(event(LASTS[flow]), { minLength: 2, maxLength: 8 }),
    })
    .map(({ rate, partitions, brokerVersion, session, pollInterval, batch, law, links, client, isStatic, events }) => {
      const isConsumer = protocol === "consumer";
      const brokers = {
        "group.coordinator.rebalance.protocols": ["classic", "consumer"],
        "group.consumer.min.session.timeout.ms": 1000,
        "group.consumer.session.timeout.ms": session,
      };
      const classic = { "partition.assignment.strategy": [protocol], "session.timeout.ms": session };
      return {
        duration: `${LASTS[flow]}s`,
        flow,
        cluster: { brokers: 3, brokerVersion, ...links, ...(isConsumer && { config: brokers }) },
        topics: {
          orders: { partitions, rate: `${rate / tenth}/s` },
          returns: { partitions: 2, rate: `${10 / tenth}/s` },
        },
        groups: {
          g: {
            ...client,
            config: {
              ...(isConsumer ? { "group.protocol": "consumer" } : classic),
              "max.poll.interval.ms": pollInterval,
              "max.poll.records": batch,
            },
            members: {
              initial: 2,
              zones: ["north", "south"],
              capacity: `${150 / tenth}/s`,
              startup: "2s",
              replaceAfter: "10s",
              static: isStatic,
              commit: "before-processing",
              ...(flow === "fluid" && law),
            },
          },
        },
        events,
      };
    });
};

/** What only the reset policy is to blame for: there was no committed offset any more, or not where the log begins. */
const RESETS: ReadonlySet<string> = new Set(["reset", "out-of-range"]);

/** Positions are floats in the fluid, and go to the trace rounded to the sixth decimal. */
const NOISE = 1e-4;

function playStorm(yaml: string): void {
  const { scenario } = parseScenario(yaml, { file: "storm.yaml" });
  const least = scenario.flow === "fluid" ? NOISE : 0;
  const twice: unknown[] = [];
  let records = 0;
  const processed = new Set<string>();
  const fold = readAgain({
    reread: (again) => {
      const number = again.records - again.unprocessed;
      if (RESETS.has(again.reason) || number <= least) return;
      records += number;
      twice.push(again);
    },
    spared: (again) => {
      records -= again.records - again.unprocessed;
    },
  });
  const see = (event: TraceEvent): void => {
    fold.see(event);
    if (event.type !== "record.done") return;
    const record = `${event.topic}-${event.partition}-${event.offset}`;
    if (processed.has(record)) {
      records++;
      twice.push(event);
    }
    processed.add(record);
  };
  const summary = summarise();
  simulate(scenario, { seed: "at most once", to: [{ see, end: () => {} }, summary] });
  expectFiguresToAddUp(summary.result(), scenario.flow, yaml);
  expect(records, `${JSON.stringify(twice)} in\n${yaml}`).toBeLessThanOrEqual(least);
}

/** In so many storms, but for the first `after` of them. */
export function expectNothingTwice(protocol: Protocol, flow: "fluid" | "records", storms: number, after = 0): void {
  const property = fc.property(
    storm(protocol, flow) as fc.Arbitrary<object>,
    goingOn(after, (file) => playStorm(stringify(file))),
  );
  fc.assert(property, { seed: 20261122, numRuns: storms, endOnFailure: true });
}
