/* Events that turn out to do nothing: the trace says so at their time, and the summary repeats it. */
import { describe, expect, test } from "vitest";
import { SECOND } from "../../sim/engine/time.ts";
import { summarise } from "../../sim/metrics/summarise.ts";
import { summaryTable } from "../../sim/report/summary-table.ts";
import { parseScenario } from "../../sim/scenario/parse.ts";
import { simulate } from "../../sim/simulation/simulate.ts";
import type { TraceEvent } from "../../sim/trace/event.ts";

const file = (events: string): string => `
duration: 3m
cluster: { brokers: { count: 3, zones: [a, b, c] }, network: { delay: 1ms } }
topics: { orders: { partitions: 4, rate: 400/s, producers: { instances: 2 } } }
groups: { billing: { members: { initial: 2, startup: 5s } } }
events:
${events}`;

function summaryOf(events: string, ...set: string[]) {
  const summary = summarise();
  simulate(parseScenario(file(events), { file: "moot.yaml", set }).scenario, { seed: "1", to: [summary] });
  return summary.result();
}

test.each<[claim: string, events: string[], moot: [at: number, why: string][]]>([
  ["what happens", ["{ at: 60s, crash: billing-1 }"], []],
  [
    "a crash of who has crashed",
    ["{ at: 60s, crash: billing-1 }", "{ at: 65s, crash: billing-1 }"],
    [[65, "nothing happens to billing-1: it is not there"]],
  ],
  [
    "of more than are left the rest",
    ["{ at: 60s, crash: billing-1 }", "{ at: 65s, crash: { group: billing, count: 2 } }"],
    [[65, "nothing happens to the other 1 of 2: billing has only one member"]],
  ],
  [
    "of nobody any",
    ["{ at: 60s, crash: { group: billing, count: 2 } }", "{ at: 65s, leave: billing }", "{ at: 66s, roll: billing }"],
    [
      [65, "nothing happens to billing: it has no member"],
      [66, "nothing happens to billing: it has no member"],
    ],
  ],
  [
    "a freeze of who is stopped, and a pause of who still starts",
    [
      "{ at: 60s, freeze: billing-1, for: 20s }",
      "{ at: 65s, freeze: billing-1, for: 20s }",
      "{ at: 70s, join: billing }",
      "{ at: 71s, pause: billing-3, lasts: 10s }",
    ],
    [
      [65, "nothing happens to billing-1: it is stopped already"],
      [71, "nothing happens to billing-3: it is still starting up"],
    ],
  ],
  [
    "the present rate",
    ["{ at: 60s, rate: orders, to: 400/s }"],
    [[60, "nothing happens to orders: it is produced at 400/s already"]],
  ],
  [
    "producers that are gone",
    ["{ at: 60s, producers: orders, crash: 1 }", "{ at: 61s, producers: orders, leave: 2 }"],
    [[61, "nothing happens to the other 1 of 2: orders has only one producer"]],
  ],
  [
    "a broker that is down, is being restarted, or is on its way back",
    [
      "{ at: 60s, crash: { broker: 1 } }",
      "{ at: 61s, crash: { broker: 1 } }",
      "{ at: 62s, restart: { broker: 1 }, downtime: 30s }", // back at 92 s
      "{ at: 63s, restart: { broker: 1 }, downtime: 40s }", // would be 103 s
      "{ at: 64s, restart: { broker: 1 }, downtime: 10s }", // at 74 s: sooner
    ],
    [
      [61, "nothing happens to broker 1: it is down already"],
      [63, "nothing happens to broker 1: it is down, and on its way back already"],
    ],
  ],
  [
    "a controller's node that is down, or is on its way back",
    [
      "{ at: 60s, crash: { controller: 1 } }",
      "{ at: 61s, crash: { controller: 1 } }",
      "{ at: 62s, restart: { controller: 1 }, downtime: 30s }", // back at 92 s
      "{ at: 63s, restart: { controller: 1 }, downtime: 40s }", // would be 103 s
      "{ at: 64s, restart: { controller: 1 }, downtime: 10s }", // at 74 s: sooner
      "{ at: 75s, crash: { controller: 1 } }",
      "{ at: 93s, crash: { controller: 1 } }", // the start that was to be at 92 s is that of before
    ],
    [
      [61, "nothing happens to controller 1: it is down already"],
      [63, "nothing happens to controller 1: it is down, and on its way back already"],
      [93, "nothing happens to controller 1: it is down already"],
    ],
  ],
  [
    "a zone in which everybody is dead",
    ["{ at: 60s, crash: { broker: 1 } }", "{ at: 61s, crash: { zone: a } }"],
    [[61, "nothing happens to zone a: nobody is alive there"]],
  ],
  [
    "brokers of which none is left",
    [
      "{ at: 60s, crash: { zone: a } }",
      "{ at: 60s, crash: { zone: b } }",
      "{ at: 60s, crash: { zone: c } }",
      "{ at: 61s, roll: brokers }",
    ],
    [[61, "nothing happens to the brokers: all of them are down"]],
  ],
  [
    "a broker that is down when all are rolled, and one that is so for a while",
    [
      "{ at: 60s, crash: { broker: 1 } }",
      "{ at: 60s, crash: { broker: 2 } }",
      "{ at: 62s, restart: { broker: 2 }, downtime: 100s }",
      "{ at: 90s, roll: brokers }",
    ],
    [
      [90, "nothing happens to broker 1: it is down when its turn in the rolling restart comes"],
      [
        90,
        "nothing happens to broker 2: it is down, and on its way back already, when its turn in the rolling restart comes",
      ],
    ],
  ],
  [
    "a subscription to the same topics",
    ["{ at: 60s, subscribe: billing, topics: [orders] }"],
    [[60, "nothing happens to billing: it subscribes to that already"]],
  ],
  [
    "a link over which nothing is sent",
    ["{ at: 60s, cut: { from: { client: billing-1 }, to: controller } }"],
    [[60, "nothing happens to the link between billing-1 and the controller: nothing is ever sent over it"]],
  ],
  [
    "a link of who is gone",
    ["{ at: 60s, crash: billing-1 }", "{ at: 61s, cut: { from: { client: billing-1 } } }"],
    [[61, "nothing happens to billing-1: it is not there"]],
  ],
])("told is %s", (_, events, moot) => {
  const summary = summaryOf(events.map((event) => `  - ${event}\n`).join(""));
  expect(summary.moot).toEqual(moot.map(([at, why]) => ({ at: at * SECOND, why })));
});

test("of a rolling restart, a broker that is down is told at its turn, when the one before is complete again", () => {
  const events = "  - { at: 60s, crash: { broker: 2 } }\n  - { at: 90s, roll: brokers, downtime: 10s }\n";
  const seen: TraceEvent[] = [];
  const { scenario } = parseScenario(file(events), { set: ["cluster.catchUp=2s"] });
  simulate(scenario, { seed: "1", to: [{ see: (event) => void seen.push(event), end: () => {} }] });
  const states = seen.filter((event) => event.type === "broker.state");
  const complete = states.find(({ broker, reason }) => broker === 1 && reason === "caught-up")!;
  const stops = states.filter(({ reason }) => reason === "controlled-shutdown");
  const told = seen.flatMap((event) => (event.type === "scenario.event" && event.what === "nothing" ? [event] : []));
  expect(told).toEqual([
    expect.objectContaining({
      t: complete.t,
      subject: "broker/2",
      text: "nothing happens to broker 2: it is down when its turn in the rolling restart comes",
    }),
  ]);
  // the rest goes on as it would without it
  expect(stops.map(({ broker }) => broker)).toEqual([1, 3]);
  expect(stops[1].cause).not.toBe(told[0].id);
});

/* Broker 1 stops at 60 s, and is back from 72.05 s on; its copies would be complete 10 s later. */
describe("of a rolling restart whose broker dies before it is in sync again", () => {
  const run = (...more: string[]) => {
    const events = ["{ at: 60s, roll: brokers, downtime: 10s }", ...more].map((event) => `  - ${event}\n`).join("");
    const seen: TraceEvent[] = [];
    const { scenario } = parseScenario(file(events), { set: ["cluster.catchUp=10s"] });
    simulate(scenario, { seed: "1", to: [{ see: (event) => void seen.push(event), end: () => {} }] });
    const states = seen.filter((event) => event.type === "broker.state");
    const told = seen.flatMap((event) => (event.type === "scenario.event" && event.what === "nothing" ? [event] : []));
    return { states, told, stopped: states.filter(({ reason }) => reason === "controlled-shutdown") };
  };

  test("the others are told to wait for it, and wait", () => {
    const { states, told, stopped } = run("{ at: 80s, crash: { broker: 1 } }");
    expect(told).toMatchObject([
      {
        t: 80 * SECOND,
        subject: "broker/1",
        text: "nothing happens to brokers 2 and 3: the rolling restart waits for broker 1, which has died before it was in sync again",
      },
    ]);
    expect(stopped.map(({ broker }) => broker)).toEqual([1]);
    // what the controller makes of it later is not caused by that word
    expect(states.at(-1)).toMatchObject({ broker: 1, reason: "fenced" });
    expect(states.at(-1)!.cause).not.toBe(told[0].id);
  });

  test("so they are where it dies with its zone", () => {
    expect(run("{ at: 80s, crash: { zone: a } }").told).toMatchObject([{ t: 80 * SECOND, subject: "broker/1" }]);
  });

  test("it goes on when the scenario restarts that, and nothing is told", () => {
    const { states, told, stopped } = run(
      "{ at: 80s, crash: { broker: 1 } }",
      "{ at: 100s, restart: { broker: 1 }, downtime: 5s }",
    );
    expect(told).toEqual([]);
    expect(stopped.map(({ broker }) => broker)).toEqual([1, 2, 3]);
    const inSync = states.find(({ broker, reason }) => broker === 1 && reason === "caught-up")!;
    expect(inSync.t).toBe(115 * SECOND);
    expect(stopped[1].t).toBe(inSync.t);
  });

  test("nobody waits for the last of them, nor for one that is not its turn", () => {
    // 22.05 s for each of them: broker 3 catches up from 116.15 s on
    expect(run("{ at: 120s, crash: { broker: 3 } }").told).toEqual([]);
    const { told, stopped } = run("{ at: 80s, crash: { broker: 3 } }");
    expect(told).toMatchObject([
      { text: "nothing happens to broker 3: it is down when its turn in the rolling restart comes" },
    ]);
    expect(stopped.map(({ broker }) => broker)).toEqual([1, 2]);
  });
});

/*
 * Broker 1 stops at 60 s, and is back from 72.05 s on; its copies would be complete 20 s later. The controller gives up who it has
 * not heard of for 9 s.
 */
describe("of a rolling restart whose broker is cut off before it is in sync again", () => {
  const WAITS = "the rolling restart waits for broker 1, which the controller does not hear of";
  const run = (...more: string[]) => {
    const events = ["{ at: 60s, roll: brokers, downtime: 10s }", ...more].map((event) => `  - ${event}\n`).join("");
    const seen: TraceEvent[] = [];
    const { scenario } = parseScenario(file(events), { set: ["cluster.catchUp=20s"] });
    simulate(scenario, { seed: "1", to: [{ see: (event) => void seen.push(event), end: () => {} }] });
    const states = seen.filter((event) => event.type === "broker.state");
    const said = seen.flatMap((event) => (event.type === "scenario.event" ? [event] : []));
    return {
      end: scenario.duration,
      isolated: states.find(({ to }) => to === "Isolated")?.t,
      inSync: states.find(({ broker, reason }) => broker === 1 && reason === "caught-up")?.t,
      stopped: states.filter(({ reason }) => reason === "controlled-shutdown"),
      told: said.filter(({ what }) => what === "nothing"),
      waits: said.filter(({ text }) => text === WAITS),
    };
  };
  const cut = (at: string, lasts = "") => `{ at: ${at}, cut: { from: { broker: 1 }, to: controller }${lasts} }`;

  test("it is told when that is given up, and goes on when it is in sync again", () => {
    const { isolated, inSync, stopped, told, waits } = run(cut("75s", ", for: 30s"));
    expect(waits).toMatchObject([{ t: isolated, what: "roll-brokers", subject: "broker/1" }]);
    expect(stopped.map(({ broker }) => broker)).toEqual([1, 2, 3]);
    expect(inSync).toBeGreaterThan(105 * SECOND);
    expect(stopped[1].t).toBe(inSync);
    expect(told).toEqual([]);
  });

  test("so it is of one whose process cannot be admitted", () => {
    expect(run(cut("65s", ", for: 5s")).waits).toEqual([]);
    const { waits, stopped } = run(cut("65s", ", for: 20s"));
    expect(waits).toMatchObject([{ t: 72.05 * SECOND }]);
    expect(stopped).toHaveLength(3);
  });

  test("where that lasts, the others are told at the end that nothing has happened to them", () => {
    const { end, stopped, told, waits } = run(cut("75s"));
    expect(waits).toHaveLength(1);
    expect(stopped.map(({ broker }) => broker)).toEqual([1]);
    expect(told).toMatchObject([{ t: end, text: `nothing happens to brokers 2 and 3: ${WAITS}` }]);
  });
});

describe("a rolling restart that is to begin while another one is under way", () => {
  const run = (...events: string[]) => {
    const seen: TraceEvent[] = [];
    const { scenario } = parseScenario(file(events.map((event) => `  - ${event}\n`).join("")), {
      set: ["cluster.catchUp=10s"],
    });
    simulate(scenario, { seed: "1", to: [{ see: (event) => void seen.push(event), end: () => {} }] });
    const states = seen.filter((event) => event.type === "broker.state");
    return {
      texts: seen.flatMap((event) => (event.type === "scenario.event" ? [[event.t, event.text] as const] : [])),
      stopped: states.filter(({ reason }) => reason === "controlled-shutdown"),
      inSync: states.filter(({ reason }) => reason === "caught-up"),
    };
  };

  test("waits until that is over, and is told to", () => {
    const { texts, stopped, inSync } = run(
      "{ at: 60s, roll: brokers, downtime: 10s }",
      "{ at: 90s, roll: brokers, downtime: 5s, pause: 3s }",
    );
    expect(stopped.map(({ broker }) => broker)).toEqual([1, 2, 3, 1, 2, 3]);
    expect(stopped[3].t).toBe(inSync[2].t);
    expect(stopped[4].t).toBe(inSync[3].t + 3 * SECOND);
    const waits = ", which waits for broker 2";
    expect(texts).toEqual([
      [60 * SECOND, "a rolling restart of all brokers begins"],
      [90 * SECOND, `another rolling restart of all brokers is to begin when the one under way is over${waits}`],
      [inSync[2].t, "a rolling restart of all brokers begins"],
    ]);
  });

  test("is told, too, that the last broker of that has died", () => {
    // 22.05 s for each of them: broker 3 catches up from 116.15 s on
    const { texts } = run(
      "{ at: 60s, roll: brokers, downtime: 10s }",
      "{ at: 90s, roll: brokers }",
      "{ at: 120s, crash: { broker: 3 } }",
    );
    const why = "the rolling restart waits for broker 3, which has died before it was in sync again";
    expect(texts.at(-1)).toEqual([120 * SECOND, `nothing happens to the brokers: ${why}`]);
  });
});

test("a broker that is ZooKeeper's controller begins again by that name, too", () => {
  const events = `  - { at: 60s, crash: { controller: 1 } }
  - { at: 62s, restart: { controller: 1 }, downtime: 30s }
  - { at: 64s, restart: { broker: 1 }, downtime: 40s }
  - { at: 90s, crash: { broker: 1 } }
`;
  const { moot } = summaryOf(events, "cluster.brokerVersion=3.9", "cluster.controller=zookeeper");
  expect(moot.map(({ at, why }) => [at / SECOND, why])).toEqual([
    [64, "nothing happens to broker 1: it is down, and on its way back already"],
    [90, "nothing happens to broker 1: it is down already"],
  ]);
});

test("whichever broker the coordinator is, a link from it to itself is none", () => {
  const { moot } = summaryOf(
    [1, 2, 3]
      .map(
        (id) =>
          `  - { at: 6${id}s, cut: { from: { broker: ${id} }, to: { broker: coordinator of billing } }, for: 1ms }\n`,
      )
      .join(""),
  );
  expect(moot).toHaveLength(1);
  expect(moot[0].why).toMatch(/^nothing happens to broker [123]: both ends of this link are the same then$/);
});

test("the printed summary lists the first few, with when and why", () => {
  const crash = Array.from({ length: 9 }, (_, i) => `  - { at: ${61 + i}s, crash: billing-1 }\n`).join("");
  const lines = summaryTable(summaryOf(crash), { width: 100 }).split("\n");
  const title = lines.indexOf("events  of the scenario that did nothing, or less than was written");
  expect(lines.slice(title + 1, title + 8)).toEqual([
    ...[2, 3, 4, 5, 6].map((s) => `  1m0${s}.0s  nothing happens to billing-1: it is not there`),
    "  and 3 more",
    "",
  ]);
  expect(summaryTable(summaryOf(""), { width: 100 })).not.toContain("did nothing");
});
