import { expect, test } from "vitest";
import { MILLISECOND, SECOND } from "../../../sim/engine/time.ts";
import { newConnection, waitAfter } from "../../../sim/kafka/network/connection.ts";
import { Reconnection } from "../../../sim/kafka/network/reconnection.ts";

/** As in Kafka's `ClusterConnectionStatesTest`, at both ends of the jitter and in its middle. */
const CONFIG = {
  "reconnect.backoff.ms": 10_000,
  "reconnect.backoff.max.ms": 60_000,
  "socket.connection.setup.timeout.ms": 10_000,
  "socket.connection.setup.timeout.max.ms": 127_000,
};

const JITTER = [0, 0.5, 1 - 2 ** -32] as const;

/** From when on a connection may be tried that was lost now. */
function wait(reconnection: Reconnection): number {
  for (let second = 0; ; second++) if (reconnection.mayConnect(second * SECOND)) return second;
}

test.each(JITTER)(
  "the wait before a connection is tried again doubles from failure to failure (jitter %d)",
  (jitter) => {
    const reconnection = new Reconnection(CONFIG, () => jitter);
    expect(reconnection.mayConnect(0)).toBe(true);
    for (const base of [10, 20, 40, 60, 60]) {
      reconnection.disconnected(0, true);
      const least = base * 0.8;
      const most = Math.min(base * 1.2, 60);
      expect(wait(reconnection)).toBeGreaterThanOrEqual(least);
      expect(wait(reconnection)).toBeLessThanOrEqual(most);
    }
    reconnection.connected();
    reconnection.disconnected(0, false);
    expect(wait(reconnection)).toBeLessThanOrEqual(12);
  },
);

test.each(JITTER)("an attempt may take twice as long as the failed one before it (jitter %d)", (jitter) => {
  const reconnection = new Reconnection(CONFIG, () => jitter);
  for (const base of [10, 20, 40, 80, 127, 127]) {
    const timeout = reconnection.setupTimeout() / SECOND;
    expect(timeout).toBeGreaterThanOrEqual(base * 0.8 - 0.001);
    expect(timeout).toBeLessThanOrEqual(Math.min(base * 1.2, 127));
    reconnection.disconnected(0, true);
  }
  reconnection.disconnected(0, false); // it had been connected
  expect(reconnection.setupTimeout()).toBeLessThanOrEqual(12 * SECOND);
});

test("TCP tries again after 200 ms, then doubles up to two minutes; to connect it begins with a second", () => {
  const connection = newConnection(0, 1, "coordination", 0, 0);
  const waits = (tries: number): number[] =>
    Array.from({ length: tries }, (_, tried) => waitAfter(tried + 1, connection) / MILLISECOND);
  expect(waits(7)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000]);
  connection.accepted = true;
  expect(waits(6)).toEqual([200, 400, 800, 1_600, 3_200, 6_400]);
  expect(waitAfter(30, connection)).toBe(120 * SECOND);
});
