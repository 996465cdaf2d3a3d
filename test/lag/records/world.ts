import { Engine } from "../../../sim/engine/engine.ts";
import { Streams } from "../../../sim/engine/random.ts";
import type { Duration } from "../../../sim/engine/time.ts";
import type { Law } from "../../../sim/engine/variates.ts";
import { drawDuration } from "../../../sim/engine/variates.ts";
import type { ArrivalLaw } from "../../../sim/lag/records/arrivals.ts";
import { Arrivals } from "../../../sim/lag/records/arrivals.ts";
import type { ProcessedRecord } from "../../../sim/lag/records/record-flow.ts";
import { RecordFlow } from "../../../sim/lag/records/record-flow.ts";

export interface QueueOptions {
  readonly seed: string;
  readonly partitions: number;
  readonly arrivals: ArrivalLaw;
  readonly service: Law;
  /** Told of every record that is done, and of polls. */
  readonly processed?: (record: ProcessedRecord, doneAt: number) => void;
  readonly polls?: (client: number) => void;
}

/** Partitions, records and consumers on a bare engine. */
export class Queues {
  readonly engine = new Engine();
  readonly flow: RecordFlow;
  readonly #arrivals: readonly Arrivals[];
  readonly #nextRecord;

  constructor({ seed, partitions, arrivals, service, processed, polls }: QueueOptions) {
    const { engine } = this;
    const streams = new Streams(seed);
    this.#arrivals = Array.from(
      { length: partitions },
      (_, partition) => new Arrivals(arrivals, streams.stream(`arrivals/${partition}`)),
    );
    this.#nextRecord = engine.timers("record", 1, (partition) => {
      this.flow.produce(partition);
      this.#arm(partition);
    });
    const done = engine.timers("done", 2, (client) => this.flow.done(client));
    const flush = engine.on("flush", 3, () => this.flow.flush());
    this.flow = new RecordFlow([partitions], {
      now: () => engine.now,
      service: (client): Duration => drawDuration(service, streams.stream(`service/${client}`)),
      wake: (client, at) => (at === undefined ? done.cancel(client) : done.armAt(client, at)),
      polls: (client) => polls?.(client),
      processed: (record) => processed?.(record, engine.now),
      changed: () => engine.post(0, flush, 0),
      emit: () => undefined,
    });
  }

  setRate(partition: number, recordsPerSecond: number): this {
    this.#arrivals[partition].setRate(recordsPerSecond, this.engine.now);
    this.#arm(partition);
    return this;
  }

  until(t: number): this {
    this.engine.runUntil(t);
    const wrong = this.flow.audit();
    if (wrong) throw new Error(wrong);
    return this;
  }

  #arm(partition: number): void {
    const at = this.#arrivals[partition].next(this.engine.now);
    if (at === undefined) this.#nextRecord.cancel(partition);
    else this.#nextRecord.armAt(partition, at);
  }
}
