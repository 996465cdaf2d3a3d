import type { Engine, Kind, Timers } from "../engine/engine.ts";
import type { Instant } from "../engine/time.ts";
import { ORDER } from "../kafka/order.ts";
import type { Recorder } from "../trace/recorder.ts";
import { FluidLag } from "../lag/fluid.ts";
import type { GroupId, Partitions, TopicName } from "../names.ts";
import type { TopicSpec } from "../scenario/scenario.ts";

/** How one group reads its topics: the fluid lag, driven by the engine's clock and told to the trace. */
export class Consumption {
  readonly #topics: readonly TopicSpec[];
  readonly #places: ReadonlyMap<TopicName, number>;
  readonly #lag: FluidLag;
  readonly #wakes: Timers;
  readonly #engine: Engine;

  constructor(
    group: GroupId,
    topics: readonly TopicSpec[],
    engine: Engine,
    recorder: Recorder,
    saturationChanged: (client: number) => void,
  ) {
    this.#topics = topics;
    this.#engine = engine;
    this.#places = new Map(topics.map(({ name }, place) => [name, place]));
    const flush: Kind = engine.on(`lag of ${group}`, ORDER.lag, () => {
      recorder.cause = null;
      this.#lag.flush();
    });
    this.#wakes = engine.timers(`dry partitions of ${group}`, ORDER.lag, (client) => this.#lag.wake(client));
    this.#lag = new FluidLag(
      topics.map(({ partitions }) => partitions),
      {
        now: () => engine.now,
        wake: (client, at) => {
          if (at === undefined) this.#wakes.cancel(client);
          else this.#wakes.armAt(client, at);
        },
        saturationChanged,
        changed: () => engine.schedule(0, flush, 0),
        emit: ({ topic, ...slopes }) => recorder.recordLag({ group, topic: topics[topic].name, ...slopes }),
      },
    );
  }

  /** Production of a topic, from now on. */
  setRate(topic: TopicName, recordsPerSecond: number): void {
    const place = this.#places.get(topic);
    if (place === undefined) return;
    const { shares } = this.#topics[place];
    this.#lag.setRates(
      shares.map((share) => share * recordsPerSecond),
      this.#lag.indexOf(place, 0),
    );
  }

  /** A client that can process so many records per second; the number it goes by from now on. */
  addClient(recordsPerSecond: number): number {
    return this.#lag.addClient(recordsPerSecond);
  }

  setCapacity(client: number, recordsPerSecond: number): void {
    this.#lag.setCapacity(client, recordsPerSecond);
  }

  read(client: number, partitions: Partitions): void {
    this.#lag.read(client, this.#indices(partitions));
  }

  stop(client: number, partitions: Partitions): void {
    this.#lag.stop(client, this.#indices(partitions));
  }

  /** How many records wait in each partition of a topic, and how many a second come in. */
  picture(topic: TopicName): { readonly lag: readonly number[]; readonly rate: readonly number[] } {
    const place = this.#places.get(topic)!;
    const { partitions } = this.#topics[place];
    const now = this.#engine.now;
    const indices = Array.from({ length: partitions }, (_, number) => this.#lag.indexOf(place, number));
    return {
      lag: indices.map((index) => this.#lag.lagAt(index, now)),
      rate: indices.map((index) => this.#lag.inflowOf(index)),
    };
  }

  backlogged(client: number): boolean {
    return this.#lag.backlogged(client);
  }

  hasWork(client: number): boolean {
    return this.#lag.hasWork(client);
  }

  /** What is wrong with the books since the last look, or nothing. */
  audit(): string | undefined {
    return this.#lag.audit();
  }

  totals(t: Instant): ReturnType<FluidLag["totals"]> {
    return this.#lag.totals(t);
  }

  #indices(partitions: Partitions): number[] {
    const indices: number[] = [];
    for (const topic in partitions) {
      const place = this.#places.get(topic)!;
      for (const number of partitions[topic]) indices.push(this.#lag.indexOf(place, number));
    }
    return indices;
  }
}
