import { describe, expect, test } from "vitest";
import { SECOND } from "../../sim/engine/time.ts";
import { eventsOf, first, only } from "../support/runs.ts";

/*
 * Two members, each with a partition that brings more than it can read. i-1 commits each batch before it processes it, and loses
 * its membership inside one: whoever takes the partition over begins behind that batch. So what of it was still to be done
 * is lost, unless i-1 gets it done after all: record by record, as it comes to them, not before.
 */
type Events = ReturnType<typeof eventsOf>;

const cluster = "cluster: { brokers: 3, network: { delay: 1ms }, appendDelay: 0ms }";

/** Batches of 500 records, 5 s each; stuck in one from 60 s on, for 40 s; out of the group 20 s after its last poll(). */
const stuck = (flow: string, more = ""): Events =>
  eventsOf(`
duration: 150s
flow: ${flow}
${cluster}
topics: { orders: { partitions: 2, rate: 400/s, recordSize: 1KiB${flow === "records" ? ", arrivals: even" : ""} } }
groups:
  i:
    config: { max.poll.interval.ms: 20000, max.partition.fetch.bytes: 512000, auto.offset.reset: earliest }
    members: { initial: 2, capacity: 100/s, commit: before-processing }
events: [{ at: 60s, pause: i-1, lasts: 40s }${more}]
`);

/** Batches of 5000 records, 50 s each; cut off from its coordinator in the second, and given up 10 s later: it does not know.
 * i-2 keeps up with its partition, and is there at once. */
const unknowing = (flow: string, more = ""): Events =>
  eventsOf(`
duration: 150s
flow: ${flow}
${cluster}
topics: { orders: { partitions: 2, rate: 400/s, skew: { shares: [7, 1] }, recordSize: 1KiB${flow === "records" ? ", arrivals: even" : ""} } }
groups:
  i:
    config: { max.poll.records: 5000, max.poll.interval.ms: 100000, session.timeout.ms: 10000, max.partition.fetch.bytes: 5120000, fetch.max.bytes: 5120000, auto.offset.reset: earliest }
    members: { initial: 2, capacity: 100/s, startup: 20s, coldStart: true, commit: before-processing }
events: [{ at: 80s, cut: { from: { client: i-1 }, to: { broker: coordinator of i } }, for: 60s }${more}]
`);

const sum = (events: readonly { readonly records: number | readonly number[] }[]): number =>
  events.reduce((all, { records }) => all + [records].flat().reduce((one, two) => one + two, 0), 0);

const lost = (events: Events): number => sum(only(events, "records.lost")) - sum(only(events, "records.found"));

describe.for(["fluid", "records"])("%s", (flow) => {
  test.for([
    ["stuck", stuck, 90],
    ["without knowing it", unknowing, 100],
  ] as const)("who dies in the batch in which it was expelled has lost the rest of that: %s", ([, run, dies]) => {
    const events = run(flow, `, { at: ${dies}s, crash: i-1 }`);
    const [passedOver] = only(events, "records.lost");
    expect(passedOver.t).toBeLessThan(dies * SECOND);
    // stuck, it does nothing of it; else 100 a second from when the other begins, at `passedOver.t`
    const done = run === stuck ? 0 : (100 * (dies * SECOND - passedOver.t)) / SECOND;
    expect(Math.abs(lost(events) - (sum([passedOver]) - done))).toBeLessThanOrEqual(1);
  });

  test.for([
    ["stuck", stuck],
    ["without knowing it", unknowing],
  ] as const)("who gets it done has lost nothing, once it is through with it: %s", ([, run]) => {
    const events = run(flow);
    const passedOver = first(events, "records.lost");
    expect(sum([passedOver])).toBeGreaterThan(50);
    expect(lost(events)).toBeCloseTo(0, 3);
    const besides = only(events, "records.beside");
    const ends = Math.max(...besides.flatMap(({ until }) => until));
    expect(only(events, "records.found").map(({ t }) => t)).toEqual([ends]);
    if (run === stuck) expect(ends).toBeGreaterThanOrEqual(100 * SECOND);
  });
});
