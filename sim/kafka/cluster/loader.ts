import type { Duration } from "../../engine/time.ts";
import type { BrokerId } from "../../names.ts";
import type { EventId } from "../../trace/event.ts";
import type { Recorder } from "../../trace/recorder.ts";
import type { Tasks } from "./tasks.ts";

/** A log that is being read, or will be. */
export interface Load {
  readonly reading: Duration;
  readonly done: () => void;
  readonly cause: EventId | null;
}

/**
 * Each broker's one thread that reads the logs of `__consumer_offsets` partitions it got: first come first served, in
 * every release up to 4.4. Kafka: `CoordinatorLoaderImpl`, whose scheduler has a size of 1.
 */
export class Loaders {
  readonly #tasks: Tasks;
  readonly #recorder: Recorder;
  readonly #queues = new Map<BrokerId, Load[]>();

  constructor(tasks: Tasks, recorder: Recorder) {
    this.#tasks = tasks;
    this.#recorder = recorder;
  }

  /** Queues a log that takes so long to read; `done` continues the event that is being handled. */
  queue(broker: BrokerId, reading: Duration, done: () => void): Load {
    const load = { reading, done, cause: this.#recorder.cause };
    const queue = this.#queues.get(broker) ?? [];
    this.#queues.set(broker, queue);
    if (queue.push(load) === 1) this.#begin(broker);
    return load;
  }

  /** Nobody wants it any more. */
  abort(broker: BrokerId, load: Load): void {
    const queue = this.#queues.get(broker);
    const place = queue?.indexOf(load) ?? -1;
    if (place !== -1) queue!.splice(place, 1);
    if (place === 0) this.#begin(broker);
  }

  /** The broker's process is gone, and its queue with it. */
  died(broker: BrokerId): void {
    this.#queues.delete(broker);
  }

  #begin(broker: BrokerId): void {
    const queue = this.#queues.get(broker)!;
    if (queue.length === 0) return;
    const [load] = queue;
    this.#tasks.after(load.reading, () => {
      if (queue !== this.#queues.get(broker) || queue[0] !== load) return; // aborted
      queue.shift();
      this.#recorder.cause = load.cause;
      load.done();
      this.#begin(broker);
    });
  }
}
