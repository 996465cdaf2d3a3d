import { Engine } from "../../sim/engine/engine.ts";
import { Streams } from "../../sim/engine/random.ts";
import type { Duration, Instant } from "../../sim/engine/time.ts";
import {
  type DepartureReason,
  type Ending,
  type Member,
  type Origin,
  POPULATION_EVENTS,
  Population,
  type PopulationEvent,
  type PopulationLaws,
} from "../../sim/workload/membership.ts";

const NOTHING_HAPPENS: PopulationLaws = {
  initial: 0,
  startup: { constant: 0 },
  coldStart: false,
  joinsPerSecond: 0,
  leavesPerSecond: 0,
  crashShare: 0,
  static: false,
};

export interface Departed {
  readonly t: Instant;
  readonly member: Member;
  readonly how: Ending;
  readonly reason: DepartureReason;
}

/** A world with nothing in it but a population: it notes who came, was ready and went, and when. */
export class Town {
  readonly population: Population;
  readonly engine = new Engine();
  readonly started: { readonly t: Instant; readonly member: Member; readonly origin: Origin }[] = [];
  readonly ready: { readonly t: Instant; readonly member: Member }[] = [];
  readonly departed: Departed[] = [];

  /** `closing`: how long a process takes to stop after it closes; 0: it stops before `departed` returns. */
  constructor(laws: Partial<PopulationLaws>, seed: string, closing: Duration = 0) {
    const { engine } = this;
    const streams = new Streams(seed);
    const kinds = new Map<PopulationEvent, number>();
    const stopped = engine.on("stopped", 1, (member) => this.population.stopped(member));
    this.population = new Population(
      { ...NOTHING_HAPPENS, ...laws },
      {
        now: () => engine.now,
        at: (instant, event, subject) => void engine.scheduleAt(instant, kinds.get(event)!, subject),
        stream: (name) => streams.stream(name),
        started: (member, origin) => void this.started.push({ t: engine.now, member, origin }),
        ready: (member) => void this.ready.push({ t: engine.now, member }),
        departed: (member, how, reason) => {
          this.departed.push({ t: engine.now, member, how, reason });
          if (how === "crash") return;
          if (closing === 0) this.population.stopped(member.number);
          else engine.schedule(closing, stopped, member.number);
        },
      },
    );
    for (const event of POPULATION_EVENTS) {
      kinds.set(
        event,
        engine.on(event, 0, (subject) => this.population.fire(event, subject)),
      );
    }
    this.population.start();
  }

  get size(): number {
    return this.population.size;
  }

  until(t: Instant): this {
    this.engine.runUntil(t);
    return this;
  }
}
