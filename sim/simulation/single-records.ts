import type { Engine, Timers } from "../engine/engine.ts";
import type { Duration } from "../engine/time.ts";
import { ORDER } from "../kafka/order.ts";
import type { FetchLimits } from "../lag/fetch-limits.ts";
import type { Arrivals } from "../lag/records/arrivals.ts";
import type { Leg } from "../lag/records/fetches.ts";
import { RecordFlow, type RecordHost } from "../lag/records/record-flow.ts";
import type { BrokerId, ClientId, GroupId, TopicName } from "../names.ts";
import type { Recorder } from "../trace/recorder.ts";

/** What single records need of the world, besides what any flow does. */
export interface RecordLaws {
  readonly limits: FetchLimits;
  leaderOf(topic: TopicName, partition: number): BrokerId | undefined;
  /** Whether a client gets through to a broker, where a process is, and is answered. */
  answers(client: number, broker: BrokerId): boolean;
  /** How long a Fetch of this client takes that is sent now, or its answer. */
  fetchDelay(client: number, broker: BrokerId, towards: "broker" | "client"): Duration;
  arrivals(topic: TopicName, partition: number): Arrivals;
  /** How long the application of this client works on its next record. */
  service(client: number): Duration;
  nameOf(client: number): ClientId;
}

/** A group and what it reads. */
export interface Reading {
  readonly group: GroupId;
  readonly topics: readonly { readonly name: TopicName; readonly partitions: number }[];
  readonly engine: Engine;
  readonly recorder: Recorder;
  /** The log's offset at which a partition begins for this group; the flow counts from it. */
  originOf(topic: TopicName, partition: number): number;
  /** Bytes a record. */
  recordSize(topic: TopicName): number;
}

/** How a group reads its topics record by record: driven by the engine's clock, each record told to the trace by name. */
export function singleRecords(
  { group, topics, engine, recorder, originOf, recordSize }: Reading,
  { limits, leaderOf, answers, fetchDelay, arrivals, service, nameOf }: RecordLaws,
  host: Pick<RecordHost, "now" | "wake" | "saturationChanged" | "changed" | "emit">,
): RecordFlow {
  /** The partitions, by their numbers in the flow. */
  const named = topics.flatMap(({ name, partitions }) =>
    Array.from({ length: partitions }, (_, partition) => ({ topic: name, partition })),
  );
  const origin = (index: number): number => originOf(named[index].topic, named[index].partition);
  const expected = engine.timers(`records of ${group}`, ORDER.arrivalAtBroker, (index) => flow.arrived(index));
  const legs: Readonly<Record<Leg, Timers>> = {
    "to-leader": engine.timers(`fetches of ${group}`, ORDER.arrivalAtBroker, (n) => flow.fetched("to-leader", n)),
    "at-leader": engine.timers(`waits of ${group}`, ORDER.brokerTimer, (n) => flow.fetched("at-leader", n)),
    "to-client": engine.timers(`data of ${group}`, ORDER.arrivalAtClient, (n) => flow.fetched("to-client", n)),
  };
  const sizes = topics.map(({ partitions }) => partitions);
  const flow = new RecordFlow(sizes, limits, {
    ...host,
    leaderOf: (index) => leaderOf(named[index].topic, named[index].partition),
    answers,
    delay: fetchDelay,
    recordSize: (index) => recordSize(named[index].topic),
    fetchAfter: (leg, fetch, delay) => {
      if (delay === undefined) legs[leg].cancel(fetch);
      else legs[leg].arm(fetch, delay);
    },
    arrivals: (index) => arrivals(named[index].topic, named[index].partition),
    expect: (index, at) => {
      if (at === undefined) expected.cancel(index);
      else expected.armAt(index, at);
    },
    service,
    processed: ({ client, partition, offset, producedAt, startedAt }) =>
      recorder.recordDone({
        client: nameOf(client),
        group,
        ...named[partition],
        offset: offset + origin(partition),
        produced: producedAt,
        started: startedAt,
      }),
    polled: ({ client, partition, records, position, end }) =>
      recorder.recordPolled({
        client: nameOf(client),
        group,
        ...named[partition],
        records,
        position: position + origin(partition),
        end: end + origin(partition),
      }),
  });
  return flow;
}
