import { expect, test } from "vitest";
import { SECOND, toSeconds } from "../../sim/engine/time.ts";
import { eventsOf, only } from "../support/runs.ts";

const run = (batch: string) =>
  eventsOf(`
duration: 20m
cluster: { brokers: 1, network: { delay: 1ms }, appendDelay: 0ms }
topics: { orders: { partitions: 4, rate: 100/s } }
groups:
  g:
    topics: [orders]
    members: { initial: 2, capacity: 1000/s, batch: ${batch} }
    config: { max.poll.interval.ms: 30000, partition.assignment.strategy: [range], enable.auto.commit: false }
`);

test("a consumer whose batches now and then outrun max.poll.interval.ms leaves exactly then, and comes back after the batch", () => {
  const events = run("{ uniform: [20s, 32s] }");
  const left = only(events, "client.state").filter(({ reason }) => reason === "poll-interval-exceeded");
  expect(left.length).toBeGreaterThan(5);
  for (const { client, t } of left) {
    const back = events.find((event) => event.t > t && event.type === "partition.owner" && event.client === client);
    if (!back) continue; // the run was over first
    expect(back).toMatchObject({ how: "lost" });
    const rest = toSeconds(back.t - t);
    expect(rest).toBeGreaterThan(0);
    expect(rest).toBeLessThanOrEqual(2); // of a batch of 32 s at most, 30 s are over
  }
});

test("one whose batches are long, but never that long, stays", () => {
  const events = run("{ uniform: [20s, 29s] }");
  expect(only(events, "client.state").filter(({ t, to }) => t > 60 * SECOND && to === "UNJOINED")).toEqual([]);
});
