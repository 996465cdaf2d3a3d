import type { Engine, Kind } from "../engine/engine.ts";
import type { Streams } from "../engine/random.ts";
import type { Duration, Instant } from "../engine/time.ts";
import { drawDuration } from "../engine/variates.ts";
import type { Topics } from "../kafka/assignors/assignor.ts";
import type { Offsets } from "../kafka/messages.ts";
import type { Network } from "../kafka/network/network.ts";
import { ORDER } from "../kafka/order.ts";
import type { ZooKeeperNotice, ZooKeeperReply, ZooKeeperRequest } from "../kafka/protocols/zookeeper/messages.ts";
import { BROKERS, childOf, offsetOf, offsetsAt, topicAt } from "../kafka/protocols/zookeeper/paths.ts";
import { ZooKeeper, type ZooKeeperTimer } from "../kafka/protocols/zookeeper/zookeeper.ts";
import { TimerTable } from "../kafka/timer-table.ts";
import type { ClientId, GroupId, TopicName } from "../names.ts";
import type { EventId } from "../trace/event.ts";
import type { Recorder } from "../trace/recorder.ts";
import type { Consumer } from "./consumers/consumer.ts";

/** What ZooKeeper needs of the world around it. */
export interface EnsembleHost {
  readonly engine: Engine;
  readonly streams: Streams;
  readonly recorder: Recorder;
  /** Sessions end at ticks of that length. */
  readonly tick: Duration;
  network(): Network;
  consumer(name: ClientId): Consumer;
  /** A message reaches a consumer. */
  arrived(consumer: Consumer, message: ZooKeeperReply | ZooKeeperNotice): void;
  /** The session of this client's is over, and not by its own will. */
  removed(client: ClientId): void;
}

type Body =
  | { readonly request: ZooKeeperRequest }
  | { readonly message: ZooKeeperReply | ZooKeeperNotice; readonly to: Consumer };

/** What is under way between a consumer and ZooKeeper. */
interface Letter {
  readonly body: Body;
  readonly cause: EventId | null;
}

/** One consumer's way to ZooKeeper, or back: what is sent first arrives first. */
interface Way {
  last: Instant;
  /** What waits until the way is open again. */
  readonly held: Letter[];
}

/** How ZooKeeper and one consumer stand. */
interface Line {
  readonly there: Way;
  readonly back: Way;
  /** It is not heard of at present. */
  silent: boolean;
}

/**
 * ZooKeeper in the simulated world, for the consumers that register there: where the controller stands, a network delay away.
 * What is sent into a cut waits, and arrives when that is mended.
 */
export class Ensemble {
  readonly #host: EnsembleHost;
  readonly #zookeeper: ZooKeeper;
  readonly #arrives: Kind;
  readonly #comesBack: Kind;
  readonly #letters = new Map<number, Letter>();
  readonly #lines = new Map<Consumer, Line>();
  #sent = 0;
  #phase: Duration | undefined;

  constructor(host: EnsembleHost) {
    const { engine, streams, recorder } = host;
    this.#host = host;
    this.#arrives = engine.on("arrival at ZooKeeper", ORDER.arrivalAtBroker, (_, letter) => this.#deliver(letter));
    this.#comesBack = engine.on("arrival from ZooKeeper", ORDER.arrivalAtClient, (_, letter) => this.#deliver(letter));
    const table = new TimerTable(engine, "ZooKeeper timer", ORDER.brokerTimer, recorder);
    const timers = table.of<ZooKeeperTimer>({ fire: (timer, subject) => this.#zookeeper.fire(timer, subject) });
    this.#zookeeper = new ZooKeeper(
      { tick: (deadline) => this.#tick(deadline), lingering: () => 0 },
      {
        now: () => engine.now,
        send: ({ to, message }) => this.#send({ message, to: host.consumer(to) }, host.consumer(to)),
        after: (delay, timer, subject) => timers.after(delay, timer, subject),
        cancel: (timer, subject) => timers.cancel(timer, subject),
        draw: (purpose, law) => drawDuration(law, streams.stream(`zookeeper/${purpose}`)),
        record: (happening) => {
          const group = "group" in happening ? happening.group : "";
          const id = recorder.record(`group/${group}`, happening);
          if (happening.type === "group.member" && happening.reason === "session-expired")
            host.removed(happening.client);
          return id;
        },
      },
    );
  }

  /** Before the run: so many brokers have registered, and these topics are there. */
  begin(brokers: number, topics: Topics): void {
    for (let broker = 1; broker <= brokers; broker++) this.#zookeeper.put(childOf(BROKERS, `${broker}`), "");
    for (const [name, { partitions }] of topics) this.topic(name, partitions);
  }

  /** Likewise a group has committed. */
  committedBefore(group: GroupId, offsets: Offsets): void {
    for (const [topic, of] of Object.entries(offsets)) {
      for (const [partition, offset] of Object.entries(of)) {
        this.#zookeeper.put(offsetOf(group, topic, Number(partition)), `${offset}`);
      }
    }
  }

  /** A topic has so many partitions now; with none it does not exist. */
  topic(topic: TopicName, partitions: number): void {
    if (partitions === 0) this.#zookeeper.remove(topicAt(topic));
    else if (this.#zookeeper.data(topicAt(topic)) !== `${partitions}`)
      this.#zookeeper.put(topicAt(topic), `${partitions}`);
  }

  /** A consumer asks for something. */
  ask(consumer: Consumer, request: ZooKeeperRequest): void {
    this.#send({ request }, consumer);
  }

  /** What a group has committed. */
  committed(group: GroupId): Offsets {
    const path = offsetsAt(group);
    const offsets: Record<TopicName, Record<number, number>> = {};
    for (const topic of this.#zookeeper.children(path)) {
      const numbers = this.#zookeeper.children(childOf(path, topic)).map(Number);
      offsets[topic] = Object.fromEntries(
        numbers
          .sort((a, b) => a - b)
          .map((number) => [number, Number(this.#zookeeper.data(offsetOf(group, topic, number)))]),
      );
    }
    return offsets;
  }

  /** Whether this consumer can be heard of may have changed: it died, was stopped, goes on. */
  reconsider(consumer: Consumer): void {
    const line = this.#lines.get(consumer);
    if (!line) return;
    const { state, frozen } = consumer;
    const heard = (state === "Running" || state === "Closing") && !frozen && this.#reaches(consumer);
    if (heard !== line.silent) return;
    line.silent = !heard;
    if (heard) this.#zookeeper.heard(consumer.name);
    else this.#zookeeper.silent(consumer.name);
  }

  /** What is between parties has changed. */
  linksChanged(): void {
    const { recorder } = this.#host;
    const { cause } = recorder;
    for (const [consumer, { there, back }] of this.#lines) {
      recorder.cause = cause;
      this.reconsider(consumer);
      if (!this.#reaches(consumer)) continue;
      for (const way of [there, back]) for (const letter of way.held.splice(0)) this.#post(letter, consumer, way);
    }
    recorder.cause = cause;
  }

  #reaches({ index }: Consumer): boolean {
    return this.#host.network().reachesController(index);
  }

  #lineOf(consumer: Consumer): Line {
    let line = this.#lines.get(consumer);
    if (!line) {
      line = { there: { last: 0, held: [] }, back: { last: 0, held: [] }, silent: false };
      this.#lines.set(consumer, line);
    }
    return line;
  }

  #send(body: Body, consumer: Consumer): void {
    const line = this.#lineOf(consumer);
    const way = "request" in body ? line.there : line.back;
    const letter: Letter = { body, cause: this.#host.recorder.cause };
    if (way.held.length > 0 || !this.#reaches(consumer)) way.held.push(letter);
    else this.#post(letter, consumer, way);
  }

  #post(letter: Letter, consumer: Consumer, way: Way): void {
    const { engine } = this.#host;
    const towards = "request" in letter.body ? "controller" : "client";
    way.last = Math.max(way.last, engine.now + this.#host.network().controllerDelay(consumer.index, towards));
    const number = ++this.#sent;
    this.#letters.set(number, letter);
    engine.scheduleAt(way.last, towards === "controller" ? this.#arrives : this.#comesBack, consumer.index, number);
  }

  #deliver(number: number): void {
    const { body, cause } = this.#letters.get(number)!;
    this.#letters.delete(number);
    this.#host.recorder.cause = cause;
    if ("request" in body) this.#zookeeper.receive(body.request);
    else this.#host.arrived(body.to, body.message);
  }

  #tick(deadline: Instant): Instant {
    const { tick, streams } = this.#host;
    this.#phase ??= drawDuration({ uniform: [0, tick] }, streams.stream("zookeeper/consumers/ticks"));
    return this.#phase + Math.ceil((deadline - this.#phase) / tick) * tick;
  }
}
