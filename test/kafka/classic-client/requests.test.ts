import { expect, test } from "vitest";
import { SECOND } from "../../../sim/engine/time.ts";
import type { InFlight } from "../../../sim/kafka/protocols/client/requests.ts";
import { Requests } from "../../../sim/kafka/protocols/client/requests.ts";

/** A host whose clock the test holds, and that remembers the one timer of each API. */
function world() {
  const armed = new Map<string, number>();
  const clock = { now: 0 };
  const requests = new Requests({
    now: () => clock.now,
    send: () => {},
    after: (delay, _, api) => void armed.set(api, clock.now + delay),
    cancel: (_, api) => void armed.delete(api),
    draw: () => 0,
    record: () => "",
  });
  const send = (api: InFlight["api"], id: number) =>
    requests.add({ id, api, sentAt: clock.now, due: clock.now + 30 * SECOND, generation: 1, member: "a-1" });
  return { armed, clock, requests, send };
}

test("times the oldest of several heartbeats, and the next one once that is answered", () => {
  const { armed, clock, requests, send } = world();
  for (const id of [1, 2, 3]) {
    send("Heartbeat", id);
    clock.now += 3 * SECOND;
  }
  expect(armed.get("Heartbeat")).toBe(30 * SECOND);
  requests.take({ api: "Heartbeat", id: 2 }); // out of order: the oldest still waits
  expect(armed.get("Heartbeat")).toBe(30 * SECOND);
  requests.take({ api: "Heartbeat", id: 1 });
  expect(armed.get("Heartbeat")).toBe(36 * SECOND);
  requests.take({ api: "Heartbeat", id: 3 });
  expect(armed.has("Heartbeat")).toBe(false);
  expect(requests.size).toBe(0);
});

test("takes no answer to what was given up, or answered already", () => {
  const { requests, send } = world();
  send("JoinGroup", 1);
  expect(requests.take({ api: "JoinGroup", id: 2 })).toBeUndefined();
  expect(requests.take({ api: "JoinGroup", id: 1 })).toBeDefined();
  expect(requests.take({ api: "JoinGroup", id: 1 })).toBeUndefined();
});

test("a lost coordinator fails everything on its connection, in the order of sending, but no search", () => {
  const { clock, requests, send } = world();
  send("SyncGroup", 4);
  send("FindCoordinator", 5);
  clock.now = SECOND;
  send("Heartbeat", 1);
  send("OffsetCommit", 6);
  expect(requests.toCoordinator().map(({ api }) => api)).toEqual(["SyncGroup", "Heartbeat", "OffsetCommit"]);
});
