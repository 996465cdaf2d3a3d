import { describe, expect, test } from "vitest";
import { SECOND } from "../../sim/engine/time.ts";
import { parseScenario, simulate } from "../../sim/index.ts";
import { rebalances, type Rebalance } from "../../sim/trace/readings/rebalances.ts";

/*
 * Whom a session's end is blamed on. Kafka's consumer sends its heartbeats from a thread of its own since KIP-62, and so does
 * librdkafka: a batch of theirs ends no session, whatever else does meanwhile. kafkajs sends none while a handler is stuck.
 */

/** What began the only rebalance between the first one and the return of the member, g-1, that is silenced at about 60 s. */
function blamed(
  events: string,
  config = "",
  { flow = "fluid", more = "" } = {},
): Rebalance["cause"] & { readonly from: number } {
  const told: Rebalance[] = [];
  const { scenario } = parseScenario(
    `
duration: 3m
flow: ${flow}
cluster: { brokers: 1, network: { delay: 1ms } }
topics: { orders: { partitions: 2, rate: 20/s } }
groups: { g: { members: { initial: 2, startup: 0s${more} }, ${config} } }
events: [${events}]
`,
    { file: "test.yaml" },
  );
  simulate(scenario, { seed: "1", to: [rebalances((one) => told.push(one))] });
  const [one, ...others] = told.filter(({ reason, from }) => reason === "session-expired" && from > 60 * SECOND);
  expect(others).toEqual([]);
  expect(one.cause.client).toBe("g-1");
  return { ...one.cause, from: one.from };
}

const PAUSE = "{ at: 60s, pause: g-1, lasts: 3s }";
const LONG_PAUSE = "{ at: 60s, pause: g-1, lasts: 100s }";
const FREEZE = "{ at: 61s, freeze: g-1, for: 70s }";
const CUT = "{ at: 61s, cut: { from: { client: g-1 } }, for: 70s }";

const clients = [
  ["classic", "config: { group.protocol: classic }"],
  ["consumer", "config: { group.protocol: consumer }"],
  ["librdkafka", "clientProfile: librdkafka"],
] as const;

describe.each(clients)("a member with a thread for heartbeats, in the midst of a batch: %s", (_, config) => {
  test.each([
    ["stopped", "fluid", PAUSE, FREEZE],
    ["stopped, as it would have gone on for long", "fluid", LONG_PAUSE, FREEZE],
    ["cut off", "fluid", LONG_PAUSE, CUT],
    ["stopped", "records", PAUSE, FREEZE],
    ["cut off", "records", LONG_PAUSE, CUT],
  ] as const)("is expelled because it is %s: %s", (_what, flow, batch, event) => {
    const cause = blamed(`${batch}, ${event}`, config, { flow });
    expect(cause).toMatchObject({
      kind: "silence",
      at: 61 * SECOND,
      decision: { what: event === CUT ? "cut" : "freeze" },
    });
    // It was heard of within the interval before, whichever it is: 3 s or 5 s.
    expect(cause.from).toBeGreaterThan((61 + 45 - 5) * SECOND);
    expect(cause.from).toBeLessThan((61 + 45 + 0.1) * SECOND);
  });
});

// max.poll.interval.ms is over at 70 s at the latest, and a static member sends no LeaveGroup: it just says nothing more.
const SHORT = "max.poll.interval.ms: 10000, session.timeout.ms: 40000";

describe("a static member that gave its membership up for want of a poll", () => {
  const expelled = (event: string) =>
    blamed(`${LONG_PAUSE}, ${event}`, `config: { ${SHORT} }`, { more: ", static: true" });

  test("is expelled because of its batch, although it is stopped or cut off later", () => {
    for (const later of ["{ at: 75s, freeze: g-1, for: 70s }", "{ at: 75s, cut: { from: { client: g-1 } }, for: 70s }"])
      expect(expelled(later)).toMatchObject({ kind: "slow-batch", at: 60 * SECOND });
  });

  test("is expelled because it was cut off before that", () => {
    expect(expelled(CUT)).toMatchObject({ kind: "silence", at: 61 * SECOND, decision: { what: "cut" } });
  });
});

describe("a kafkajs consumer, whose session is over after 30 s", () => {
  const config = "clientProfile: kafkajs";

  test("is expelled because of a batch that lasts for longer", () => {
    expect(blamed("{ at: 60s, pause: g-1, lasts: 50s }", config)).toMatchObject({
      kind: "slow-batch",
      at: 60 * SECOND,
    });
    expect(blamed(`${LONG_PAUSE}, ${CUT}`, config)).toMatchObject({ kind: "slow-batch", at: 60 * SECOND });
  });

  test("is expelled because it is stopped or cut off, where the batch would have been over by then", () => {
    expect(blamed(`${PAUSE}, ${FREEZE}`, config)).toMatchObject({ kind: "silence", decision: { what: "freeze" } });
    expect(blamed(`${PAUSE}, ${CUT}`, config)).toMatchObject({ kind: "silence", decision: { what: "cut" } });
  });

  test("is expelled because it was cut off, where it got stuck after that", () => {
    const cause = blamed(`${CUT}, { at: 65s, pause: g-1, lasts: 60s }`, config);
    expect(cause).toMatchObject({ kind: "silence", at: 61 * SECOND, decision: { what: "cut" } });
  });
});

// Whatever silenced it: its session is 45 s, and nothing was heard of it for so long when that was over.
test.each(clients)("a member's silence is counted from its last heartbeat on, not from its crash: %s", (_, config) => {
  for (const event of ["{ at: 61s, crash: g-1 }", FREEZE, CUT]) {
    const { at, from, silentFor } = blamed(event, config);
    expect([at, silentFor]).toEqual([61 * SECOND, 45 * SECOND]);
    expect(from - at).toBeLessThan(45 * SECOND);
  }
});
