/**
 * A coordinator that is cut off from the controller, and from nobody else, is replaced when its broker session has ended, and
 * does not hear of it. Its members find the next one as soon as their requests to it fail; it expires them in its own copy
 * of the group. Of the group that is not true (spec/coordinator-failover.md, 3).
 */
import { describe, expect, test } from "vitest";
import { SECOND } from "../../sim/engine/time.ts";
import { parseScenario } from "../../sim/scenario/parse.ts";
import { simulate } from "../../sim/simulation/simulate.ts";
import type { Fold } from "../../sim/trace/event.ts";
import { groupsAt } from "../../sim/trace/readings/group-at.ts";
import { rebalances, type Rebalance } from "../../sim/trace/readings/rebalances.ts";
import { groupStates, type GroupStateSpan } from "../../sim/trace/readings/states.ts";
import { eventsOf, first, only } from "../support/runs.ts";

const yaml = (protocol: string): string => `
duration: 6m
cluster: { brokers: 3, network: { delay: 1ms }, metadataPropagation: 100ms, appendDelay: 5ms }
topics: { orders: { partitions: 6, rate: 600/s } }
groups:
  billing: { members: 3, config: { group.protocol: ${protocol} } }
events:
  - { at: 2m, cut: { from: { broker: coordinator of billing }, to: controller }, for: 2m }`;

describe.each(["classic", "consumer"])("of the %s protocol", (protocol) => {
  const events = eventsOf(yaml(protocol));
  const loaded = first(events, "coordinator.state", ({ t, to }) => t > 120 * SECOND && to === "Active");
  const old = first(events, "coordinator.state", ({ to }) => to === "Active").broker;
  const tell = (to: Fold): void => {
    for (const event of events) to.see(event);
    to.end(360 * SECOND);
  };

  test("what the old one does after the next has loaded the group is marked as its own", () => {
    const words = events.filter(({ t, type }) => t > 60 * SECOND && type.startsWith("group."));
    const own = words.filter((event) => "deposed" in event);
    expect(loaded.broker).not.toBe(old);
    expect(own.every(({ t }) => t > loaded.t)).toBe(true);
    expect(new Set(own.map((event) => "deposed" in event && event.deposed))).toEqual(new Set([old]));
    // it expires all three, and is unloaded when the cut is mended
    expect(only(own, "group.member").map(({ change, reason }) => [change, reason])).toEqual(
      Array.from({ length: 3 }, () => ["removed", "session-expired"]),
    );
    expect(only(own, "group.state").at(-1)).toMatchObject({ to: "Dead", reason: "unloaded" });
    // and what is not its own is what the next one has found in the log
    const others = words.filter((event) => !("deposed" in event));
    expect(others.every(({ t }) => t === loaded.t)).toBe(true);
  });

  test("the group is stable all the while, and has no rebalance but those of its start", () => {
    const spans: GroupStateSpan[] = [];
    tell(groupStates((span) => spans.push(span)));
    expect(new Set(spans.filter(({ to }) => to > 60 * SECOND).map(({ state }) => state))).toEqual(new Set(["Stable"]));
    const all: Rebalance[] = [];
    tell(rebalances((one) => all.push(one)));
    expect(all.length).toBeGreaterThan(0);
    expect(all.every(({ from }) => from < 10 * SECOND)).toBe(true);
  });

  test("an admin client is told of it by the next one, from when it loads on", () => {
    const at = (t: number) => {
      const reading = groupsAt(t);
      const { scenario } = parseScenario(yaml(protocol), { file: "test.yaml" });
      const run = simulate(scenario, { seed: "1", until: t, to: [reading] });
      return { group: reading.groups()[0], committed: run.committed("billing") };
    };
    const elected = first(events, "coordinator.state", ({ t, to }) => t > 120 * SECOND && to === "Loading");
    // What the old one led of the topic, it does not know that it leads no more: nobody reads on before it does.
    const misled = only(events, "partition.leader")
      .filter(({ topic, from, t }) => topic === "orders" && from === old && t > 120 * SECOND)
      .flatMap(({ partitions }) => partitions);
    expect(misled).toHaveLength(2);
    expect(at(elected.t - SECOND).group).toMatchObject({ state: "Stable", coordinator: old });
    expect(at(elected.t + SECOND / 2).group).toMatchObject({
      coordinator: loaded.broker,
      error: "COORDINATOR_LOAD_IN_PROGRESS",
    });
    for (const seconds of [132, 170, 210, 300]) {
      const { group, committed } = at(seconds * SECOND);
      expect(group).toMatchObject({ state: "Stable", coordinator: loaded.broker });
      expect(group.members).toHaveLength(3);
      // 100/s in each partition. Until a request to the old one fails nothing is committed; then an interval's worth lacks
      const late = seconds < 140 ? 132 - 120 + 5.1 : 5.1;
      for (const [partition, offset] of Object.entries(committed!.orders)) {
        if (140 < seconds && seconds < 240 && misled.includes(Number(partition))) continue;
        expect(100 * seconds - offset).toBeGreaterThan(0);
        expect(100 * seconds - offset).toBeLessThanOrEqual(100 * late);
      }
    }
  });
});

// Its zone is cut off, with two of the six members: the old one goes on with these two, and expires the other four. The next
// one, of another zone, gives everybody it finds in the log a session of 45 s from when it has loaded the group, and does not
// hear of the two.
test.each(["classic", "consumer"])("who is expelled is whom the next one does not hear of: %s protocol", (protocol) => {
  const told: Rebalance[] = [];
  const events = eventsOf(
    `
duration: 7m
cluster: { brokers: { count: 6, zones: [a, b, c] }, network: { delay: 1ms } }
topics: { orders: { partitions: 12, rate: 600/s } }
groups:
  billing: { members: { initial: 6, zones: [a, b, c] }, config: { group.protocol: ${protocol} } }
events:
  - { at: 5m, cut: { from: { zone: a } }, for: 2m }`,
  );
  const reading = rebalances((one) => told.push(one));
  for (const event of events) reading.see(event);
  reading.end(420 * SECOND);

  const zoneOf = (client: string) => first(events, "client.process", (one) => one.client === client).zone;
  const loaded = first(events, "coordinator.state", ({ t, to }) => t > 300 * SECOND && to === "Active");
  const expelled = only(events, "group.member").filter(({ change }) => change === "removed");
  const byTheOld = new Set(expelled.filter((one) => "deposed" in one).map(({ client }) => zoneOf(client)));
  expect([byTheOld.has("b"), byTheOld.has("c")]).toEqual([true, true]);

  const since = told.filter(({ from }) => from > 300 * SECOND);
  expect(since).toHaveLength(1);
  expect(since[0]).toMatchObject({ from: loaded.t + 45 * SECOND, reason: "session-expired" });
  expect(since[0].cause).toMatchObject({ kind: "silence", at: 300 * SECOND, silentFor: 45 * SECOND });
  expect([since[0].cause.client, ...since[0].others].map((client) => zoneOf(client!))).toEqual(["a", "a"]);
});
