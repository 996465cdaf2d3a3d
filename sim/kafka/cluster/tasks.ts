import type { Engine, Kind } from "../../engine/engine.ts";
import type { Duration } from "../../engine/time.ts";
import type { EventId } from "../../trace/event.ts";
import type { Recorder } from "../../trace/recorder.ts";

/**
 * Things to do later that are rare and of many kinds: elections, loads, commits of a log. For these a closure each is
 * fine; what happens often has handlers and numbers. At one instant they run in the order in which they were begun.
 */
export class Tasks {
  readonly #engine: Engine;
  readonly #kind: Kind;
  readonly #recorder: Recorder;
  readonly #pending: ({ readonly cause: EventId | null; readonly run: () => void } | undefined)[] = [];
  readonly #free: number[] = [];

  constructor(engine: Engine, name: string, orderClass: number, recorder: Recorder) {
    this.#engine = engine;
    this.#recorder = recorder;
    this.#kind = engine.on(name, orderClass, (_, slot) => this.#run(slot));
  }

  /**
   * Runs `run` after `delay`, as a consequence of the event that is being handled now. At one instant those of a lower
   * subject go first.
   */
  after(delay: Duration, run: () => void, subject = 0): void {
    const slot = this.#free.pop() ?? this.#pending.length;
    this.#pending[slot] = { cause: this.#recorder.cause, run };
    this.#engine.schedule(delay, this.#kind, subject, slot);
  }

  #run(slot: number): void {
    const { cause, run } = this.#pending[slot]!;
    this.#pending[slot] = undefined;
    this.#free.push(slot);
    this.#recorder.cause = cause;
    run();
  }
}
