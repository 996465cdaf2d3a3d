import { Engine } from "../../../sim/engine/engine.ts";
import { Streams } from "../../../sim/engine/random.ts";
import { type Duration, MILLISECOND } from "../../../sim/engine/time.ts";
import type { Law } from "../../../sim/engine/variates.ts";
import { drawDuration } from "../../../sim/engine/variates.ts";
import { Arrivals } from "../../../sim/lag/records/arrivals.ts";
import type { FetchLimits } from "../../../sim/lag/fetch-limits.ts";
import type { PolledRecords, ProcessedRecord } from "../../../sim/lag/records/record-flow.ts";
import { RecordFlow } from "../../../sim/lag/records/record-flow.ts";

export interface QueueOptions {
  readonly seed: string;
  readonly partitions: number;
  readonly arrivals: "even" | "poisson";
  readonly service: Law;
  /** Told of every record that is done. */
  readonly processed?: (record: ProcessedRecord, doneAt: number) => void;
  /** Told of every portion that a poll() hands out. */
  readonly polled?: (portion: PolledRecords, at: number) => void;
  readonly limits?: Partial<FetchLimits>;
  /** How long a fetch takes to the broker, and its answer back; none. */
  readonly oneWay?: Law;
}

const LIMITS: FetchLimits = {
  records: 500,
  partitionBytes: 1_000_000,
  bytes: 50_000_000,
  minBytes: 1,
  maxWait: 500 * MILLISECOND,
  drainsBrokers: true,
};

const AT_ONCE: Law = { constant: 0 };

/** Partitions, records of one byte, one broker that leads them all unless told otherwise, and consumers; on a bare engine. */
export class Queues {
  readonly engine = new Engine();
  readonly flow: RecordFlow;
  /** Who leads each partition, by id; and brokers that do not answer. */
  readonly leaders: (number | undefined)[];
  readonly silent = new Set<number>();

  constructor(options: QueueOptions) {
    const { seed, partitions, arrivals, service, processed, polled, limits, oneWay = AT_ONCE } = options;
    const { engine } = this;
    const streams = new Streams(seed);
    const records = engine.timers("record", 1, (partition) => this.flow.arrived(partition));
    const done = engine.timers("done", 2, (client) => this.flow.wake(client));
    const flush = engine.on("flush", 3, () => this.flow.flush());
    const legs = {
      "to-leader": engine.timers("request", 1, (fetch) => this.flow.fetched("to-leader", fetch)),
      "at-leader": engine.timers("wait", 1, (fetch) => this.flow.fetched("at-leader", fetch)),
      "to-client": engine.timers("answer", 1, (fetch) => this.flow.fetched("to-client", fetch)),
    };
    this.leaders = Array.from({ length: partitions }, () => 1);
    this.flow = new RecordFlow(
      [partitions],
      { ...LIMITS, ...limits },
      {
        leaderOf: (partition) => this.leaders[partition],
        answers: (_, broker) => !this.silent.has(broker),
        delay: (client) => drawDuration(oneWay, streams.stream(`fetches/${client}`)),
        recordSize: () => 1,
        fetchAfter: (leg, fetch, delay) =>
          delay === undefined ? legs[leg].cancel(fetch) : legs[leg].arm(fetch, delay),
        now: () => engine.now,
        arrivals: (partition) => new Arrivals(arrivals, streams.stream(`arrivals/${partition}`)),
        expect: (partition, at) => (at === undefined ? records.cancel(partition) : records.armAt(partition, at)),
        service: (client): Duration => drawDuration(service, streams.stream(`service/${client}`)),
        wake: (client, at) => (at === undefined ? done.cancel(client) : done.armAt(client, at)),
        saturationChanged: () => undefined,
        processed: (record) => processed?.(record, engine.now),
        polled: (portion) => polled?.(portion, engine.now),
        changed: () => engine.post(0, flush, 0),
        emit: () => undefined,
      },
    );
  }

  /** A consumer that reads all partitions. */
  reader(...partitions: readonly number[]): number {
    const client = this.flow.addClient();
    this.flow.read(client, partitions);
    return client;
  }

  until(t: number): this {
    this.engine.runUntil(t);
    const wrong = this.flow.audit();
    if (wrong) throw new Error(wrong);
    return this;
  }
}
