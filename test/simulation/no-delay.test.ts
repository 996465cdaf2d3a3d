import { describe, expect, test } from "vitest";
import { MILLISECOND, SECOND } from "../../sim/engine/time.ts";
import type { TraceEvent } from "../../sim/trace/event.ts";
import { eventsOf, first, only } from "../support/runs.ts";

/*
 * A network without delay: what a client does again and again, each time as soon as it is answered, must come to an end all
 * the same. Kafka's client is a loop of a thread, which goes round a finite number of times in any time.
 */

test("who joins while the coordinator loads asks it once a millisecond, until it has loaded", () => {
  // Kafka sends the next heartbeat of a member in JOINING as soon as the one before is answered, whatever its backoff says.
  const events = eventsOf(`
duration: 2m
cluster: { network: { delay: 0ms }, loading: { base: 500ms } }
topics: { orders: 1 }
groups:
  g:
    config: { group.protocol: consumer }
    members: 1
events:
  - { at: 60s, crash: { broker: coordinator of g } }
  - { at: 61s, join: { group: g, count: 1 } }
`);
  const loads = first(events, "coordinator.state", ({ to, t }) => to === "Loading" && t > 60 * SECOND).t;
  const loaded = first(events, "coordinator.state", ({ to, t }) => to === "Active" && t > loads).t;
  const asked = only(events, "request.sent").filter(
    ({ api, client, t }) => api === "ConsumerGroupHeartbeat" && client === "g-2" && t >= loads && t <= loaded,
  );
  expect(asked.length).toBeGreaterThan(400);
  for (let i = 1; i < asked.length; i++) expect(asked[i].t - asked[i - 1].t).toBe(MILLISECOND);
  const joined = first(events, "group.member", ({ client, change }) => client === "g-2" && change === "added");
  expect(joined.t - loaded).toBeGreaterThanOrEqual(0);
  expect(joined.t - loaded).toBeLessThanOrEqual(MILLISECOND);
});

/** The events of a run, whose clock has to go on: at no instant do so many things happen. */
function goesOn(yaml: string): TraceEvent[] {
  let instant = 0;
  let happened = 0;
  return eventsOf(yaml, "1", ({ t }) => {
    happened = t === instant ? happened + 1 : 0;
    instant = t;
    if (happened > 1000) throw new Error(`the clock stands still at ${instant / SECOND} s`);
    return true;
  });
}

describe("without any delay or wait, after its coordinator has crashed", () => {
  /** Loading takes half a second, in which whoever asks is refused. */
  const run = (group: string) =>
    goesOn(`
duration: 2m
cluster:
  network: { delay: 0ms }
  appendDelay: 0ms
  brokerVersion: "4.0"
  loading: { base: 500ms }
  config: { group.coordinator.append.linger.ms: 0 }
topics: { orders: { partitions: 4, rate: 100/s } }
groups:
  g: ${group}
events: [{ at: 60s, crash: { broker: coordinator of g } }]
`);
  const NO_WAITS = "retry.backoff.ms: 0, retry.backoff.max.ms: 0, reconnect.backoff.ms: 0, reconnect.backoff.max.ms: 0";
  const members = (commit: string) => `members: { initial: 2, startup: 0s, commit: ${commit} }`;

  test.for([
    ["classic", `{ config: { ${NO_WAITS} }, ${members("auto")} }`],
    ["classic, which commits each batch", `{ config: { ${NO_WAITS} }, ${members("sync")} }`],
    ["classic, before each batch", `{ config: { ${NO_WAITS} }, ${members("before-processing")} }`],
    ["kafkajs", `{ clientProfile: kafkajs, config: { ${NO_WAITS} }, ${members("async")} }`],
    ["librdkafka", `{ clientProfile: librdkafka, config: { ${NO_WAITS} }, ${members("auto")} }`],
    ["consumer protocol", `{ config: { group.protocol: consumer, ${NO_WAITS} }, ${members("auto")} }`],
    [
      "consumer protocol, which commits each batch",
      `{ config: { group.protocol: consumer, ${NO_WAITS} }, ${members("sync")} }`,
    ],
  ] as const)("a client asks again a millisecond later, not at once: %s", ([, group]) => {
    const events = run(group);
    const late = only(events, "request.sent").filter(({ t }) => t >= 60 * SECOND);
    const before = new Map<string, number>();
    for (const { client, api, t } of late) {
      const last = before.get(`${client} ${api}`);
      if (last !== undefined && api !== "OffsetCommit") expect(t - last).toBeGreaterThanOrEqual(MILLISECOND);
      before.set(`${client} ${api}`, t);
    }
    expect(late.filter(({ api }) => api === "FindCoordinator").length).toBeGreaterThan(0);
    // and goes on where it was as soon as somebody coordinates again
    const found = only(events, "client.coordinator").filter(({ reason, t }) => reason === "found" && t > 60 * SECOND);
    expect(new Set(found.map(({ client }) => client))).toEqual(new Set(["g-1", "g-2"]));
    expect(only(events, "group.member").filter(({ change, t }) => change === "removed" && t > 60 * SECOND)).toEqual([]);
  });

  test("one that joins meanwhile does so, too", () => {
    const events = goesOn(`
duration: 2m
cluster: { network: { delay: 0ms }, loading: { base: 500ms } }
topics: { orders: 2 }
groups: { g: { config: { ${NO_WAITS} }, members: 1 } }
events:
  - { at: 60s, crash: { broker: coordinator of g } }
  - { at: 61s, join: { group: g, count: 1 } }
`);
    expect(only(events, "group.member").some(({ client, change }) => client === "g-2" && change === "added")).toBe(
      true,
    );
  });
});
