import { Engine } from "../../../sim/engine/engine.ts";
import { Streams } from "../../../sim/engine/random.ts";
import type { Duration } from "../../../sim/engine/time.ts";
import type { Law } from "../../../sim/engine/variates.ts";
import { drawDuration } from "../../../sim/engine/variates.ts";
import { Arrivals } from "../../../sim/lag/records/arrivals.ts";
import type { PollLimits } from "../../../sim/lag/records/reader.ts";
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
  readonly limits?: PollLimits;
}

const LIMITS: PollLimits = { records: 500, chunk: 1_000_000 };

/** Partitions, records and consumers on a bare engine. */
export class Queues {
  readonly engine = new Engine();
  readonly flow: RecordFlow;

  constructor({ seed, partitions, arrivals, service, processed, polled, limits = LIMITS }: QueueOptions) {
    const { engine } = this;
    const streams = new Streams(seed);
    const records = engine.timers("record", 1, (partition) => this.flow.arrived(partition));
    const done = engine.timers("done", 2, (client) => this.flow.wake(client));
    const flush = engine.on("flush", 3, () => this.flow.flush());
    this.flow = new RecordFlow([partitions], limits, {
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
    });
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
