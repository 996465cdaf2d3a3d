import type { Kind } from "../engine/engine.ts";
import { ORDER } from "../kafka/order.ts";
import type { ClientId } from "../names.ts";
import type { EventId } from "../trace/event.ts";
import { formatDuration } from "../engine/time.ts";
import type { DepartureReason, Ending, Member, Origin } from "../workload/membership.ts";
import { Population, POPULATION_EVENTS } from "../workload/membership.ts";
import { SlowBatches } from "../workload/service.ts";
import type { Consumer, RunningGroup } from "./consumers/consumer.ts";
import type { World } from "./world.ts";

/** Who is in one group over time: the laws of `workload/`, told what becomes of their members in the world. */
export class GroupPopulation {
  readonly #world: World;
  readonly #group: RunningGroup;
  readonly #population: Population;
  readonly #consumers = new Map<number, Consumer>();
  readonly #members = new Map<ClientId, Member>();
  readonly #slow = new Map<number, { readonly batches: SlowBatches; lasts: number }>();
  readonly #slowKind: Kind;

  constructor(world: World, group: RunningGroup) {
    const { engine, recorder, streams } = world;
    const { id, members } = group.spec;
    this.#world = world;
    this.#group = group;
    const kinds = new Map(
      POPULATION_EVENTS.map((event) => {
        const handle = (subject: number): void => {
          recorder.cause = null;
          this.#population.fire(event, subject);
        };
        return [event, engine.on(`${event} in ${id}`, ORDER.scenario, handle)] as const;
      }),
    );
    this.#slowKind = engine.on(`slow batch in ${id}`, ORDER.scenario, (number) => this.#slowBatch(number));
    this.#population = new Population(members, {
      now: () => engine.now,
      at: (instant, event, subject) => engine.scheduleAt(instant, kinds.get(event)!, subject),
      stream: (name) => streams.stream(`group/${id}/${name}`),
      started: (member, origin) => this.#started(member, origin),
      ready: (member) => this.#ready(member),
      departed: (member, how, reason) => this.#departed(member, how, reason),
    });
    world.onStopped.push((consumer) => {
      const member = this.#members.get(consumer.name);
      if (member && consumer.group === group) this.#population.stopped(member.number);
    });
  }

  start(): void {
    this.#world.onFailed.push((consumer) => {
      const member = this.#members.get(consumer.name);
      if (member && consumer.group === this.#group) this.#population.depart(member.number, "close");
    });
    this.#population.start();
  }

  join(count: number): void {
    this.#population.join(count);
  }

  /** Ends these consumers by the script's hand. */
  depart(consumers: readonly Consumer[], how: Ending): void {
    const { recorder } = this.#world;
    const cause = recorder.cause;
    for (const { name } of consumers) {
      recorder.cause = cause;
      this.#population.depart(this.#members.get(name)!.number, how);
    }
  }

  roll(policy: Parameters<Population["roll"]>[0]): void {
    this.#rolledBy = this.#world.recorder.cause;
    this.#population.roll(policy);
  }

  /** The line of the script behind the roll: what its later steps, each at its own time, continue. */
  #rolledBy: EventId | null = null;

  /** How many members are alive. */
  get size(): number {
    return this.#population.size;
  }

  /** The `count` longest-lived members that are alive. */
  oldest(count: number): Consumer[] {
    return this.#population
      .living()
      .slice(0, count)
      .map(({ number }) => this.#consumers.get(number)!);
  }

  #started(member: Member, origin: Origin): void {
    const { id, members } = this.#group.spec;
    const { recorder } = this.#world;
    const cause = recorder.cause;
    const name = `${id}-${member.number}`;
    const instance = members.static ? `${id}-${member.seat}` : undefined;
    if (origin === "joins" || origin === "steps" || origin === "replacement") {
      const text = `${name} ${origin === "replacement" ? "replaces one that is gone" : "joins at random"}`;
      recorder.record("scenario", {
        type: "scenario.event",
        what: "join",
        origin: "chance",
        subject: `client/${name}`,
        text,
      });
    }
    const { consumers } = this.#world;
    const fate = `group/${id}/member/${member.fate}`;
    const consumer = consumers.start(this.#group, name, fate, instance, member.line);
    this.#consumers.set(member.number, consumer);
    this.#members.set(name, member);
    recorder.cause = cause; // the next one that starts is no consequence of this one
  }

  #ready(member: Member): void {
    const consumer = this.#consumers.get(member.number)!;
    this.#world.consumers.ready(consumer);
    const laws = this.#group.spec.members.slowBatches;
    if (!laws) return;
    const stream = this.#world.streams.stream(`${consumer.fate}/slow-batches`);
    this.#slow.set(member.number, { batches: new SlowBatches(laws, stream), lasts: 0 });
    this.#nextSlowBatch(member.number);
  }

  #nextSlowBatch(number: number): void {
    const { engine } = this.#world;
    const slow = this.#slow.get(number)!;
    const { at, lasts } = slow.batches.next(engine.now + slow.lasts);
    slow.lasts = lasts;
    engine.scheduleAt(at, this.#slowKind, number);
  }

  #slowBatch(number: number): void {
    const { recorder, consumers } = this.#world;
    const consumer = this.#consumers.get(number)!;
    const slow = this.#slow.get(number);
    if (consumer.state !== "Running" || !slow) return; // it is gone; or was told to close while its process is stopped
    const { lasts } = slow;
    recorder.cause = null;
    recorder.record("scenario", {
      type: "scenario.event",
      what: "pause",
      origin: "chance",
      subject: `client/${consumer.name}`,
      text: `${consumer.name} has a batch that takes ${formatDuration(lasts)}`,
    });
    consumers.pause(consumer, lasts);
    this.#nextSlowBatch(number);
  }

  #departed(member: Member, how: Ending, reason: DepartureReason): void {
    const { recorder, consumers } = this.#world;
    const consumer = this.#consumers.get(member.number)!;
    if (reason === "roll") recorder.cause = this.#rolledBy;
    if (reason !== "scripted" && reason !== "roll") {
      recorder.cause = null;
      recorder.record("scenario", {
        type: "scenario.event",
        what: how === "crash" ? "crash" : "leave",
        origin: "chance",
        subject: `client/${consumer.name}`,
        text: `${consumer.name} ${how === "crash" ? "crashes" : "leaves"} (${WHY[reason]})`,
      });
    }
    if (how === "crash") consumers.crash(consumer);
    else consumers.close(consumer);
    this.#slow.delete(member.number);
  }
}

const WHY: Readonly<Record<Exclude<DepartureReason, "scripted" | "roll">, string>> = {
  "end-of-life": "its lifetime is over",
  leaves: "departure at random",
  steps: "departure in a step",
};
