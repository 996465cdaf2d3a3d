import { expect, test } from "vitest";
import { MILLISECOND, SECOND } from "../../sim/engine/time.ts";
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
