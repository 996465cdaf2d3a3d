import type { Engine } from "../engine/engine.ts";
import type { Streams } from "../engine/random.ts";
import type { Duration } from "../engine/time.ts";
import { MILLISECOND, SECOND, wholeMicroseconds } from "../engine/time.ts";
import { drawDuration, durationOf, type Law, meanOf } from "../engine/variates.ts";
import { Tasks } from "../kafka/cluster/tasks.ts";
import { ORDER } from "../kafka/order.ts";
import type { ProducerConfig } from "../kafka/producer-config.ts";
import type { ClusterSpec, ProducersSpec, TopicSpec } from "../scenario/scenario.ts";
import type { Recorder } from "../trace/recorder.ts";
import { gatheringTime } from "../workload/batching.ts";
import { LoadShares } from "../workload/load-shares.ts";
import type { DepartureReason, Ending, Member } from "../workload/membership.ts";
import { Population, POPULATION_EVENTS } from "../workload/membership.ts";
import type { SendingLaws, Supply } from "./supply.ts";

export interface ProducersHost {
  readonly engine: Engine;
  readonly streams: Streams;
  readonly recorder: Recorder;
  readonly cluster: Pick<ClusterSpec, "delay" | "appendDelay">;
}

/** The instances that produce one topic: who comes and goes, and what that means to what is produced. */
export class Producers {
  readonly #spec: TopicSpec;
  readonly #supply: Supply;
  readonly #host: ProducersHost;
  readonly #population: Population;
  readonly #shares = new LoadShares();
  readonly #takeovers: Tasks;

  constructor(spec: TopicSpec, supply: Supply, host: ProducersHost) {
    const { engine, recorder, streams } = host;
    const { name, producers } = spec;
    this.#spec = spec;
    this.#supply = supply;
    this.#host = host;
    this.#takeovers = new Tasks(engine, `takeover in ${name}`, ORDER.scenario, recorder);
    const kinds = new Map(
      POPULATION_EVENTS.map((event) => {
        const handle = (subject: number): void => {
          recorder.cause = null;
          this.#population.fire(event, subject);
        };
        return [event, engine.on(`${event} of producers of ${name}`, ORDER.scenario, handle)] as const;
      }),
    );
    this.#population = new Population(
      { ...producers, initial: producers.instances, coldStart: false, static: false },
      {
        now: () => engine.now,
        at: (instant, event, subject) => engine.scheduleAt(instant, kinds.get(event)!, subject),
        stream: (purpose) => streams.stream(`topic/${name}/producers/${purpose}`),
        started: () => {},
        ready: (member) => this.#ready(member),
        departed: (member, how, reason) => this.#departed(member, how, reason),
      },
    );
  }

  /** The first instances produce. */
  start(): void {
    this.#population.start();
    this.#shares.begin(this.#population.living().map(({ number }) => number));
    this.changed();
  }

  /** How many have begun and not ended. */
  get size(): number {
    return this.#population.size;
  }

  join(count: number): void {
    this.#population.join(count);
  }

  /** The longest-lived end by the script's hand. */
  depart(count: number, how: Ending): void {
    const { recorder } = this.#host;
    const { cause } = recorder;
    for (const { number } of this.#population.living().slice(0, count)) {
      recorder.cause = cause;
      this.#population.depart(number, how);
    }
  }

  /** Something is different about who produces what: the log's lines and the trace follow. */
  changed(): void {
    const { recorder } = this.#host;
    const { instances, carried } = this.#shares;
    const { name } = this.#spec;
    this.#supply.setProducers(carried, sendingLaws(this.#spec, instances, this.#host.cluster));
    recorder.record(`topic/${name}`, {
      type: "topic.producers",
      topic: name,
      instances,
      demand: this.#supply.demand,
      carried: Math.round(carried * 1e6) / 1e6,
      latency: wholeMicroseconds(this.#gathering() + this.#path()),
    });
  }

  #ready({ number }: Member): void {
    if (this.#shares.has(number)) return; // one of the first
    this.#shares.enter(number);
    this.changed();
  }

  #departed({ number }: Member, how: Ending, reason: DepartureReason): void {
    const { recorder } = this.#host;
    const { name, producers } = this.#spec;
    if (reason !== "scripted") {
      recorder.cause = null;
      recorder.record("scenario", {
        type: "scenario.event",
        what: "producers",
        origin: "chance",
        subject: `topic/${name}`,
        text: `${name}-producer-${number} ${how === "crash" ? "crashes" : "leaves"}`,
      });
    }
    if (how === "close") this.#shares.close(number);
    else {
      const gathering = this.#gathering();
      const { carried } = this.#shares;
      const part = this.#shares.crash(number);
      if (carried > 0) this.#supply.lose(part / carried);
      if (producers.takeover) this.#takeOver(part, producers.takeover, gathering);
      else this.#shares.abandon(part);
    }
    this.changed();
  }

  /**
   * What the crashed instance had gathered is gone with it: as much as it made in that time. So much longer nothing of its
   * part comes, for the others' first records of it are in their batches as long.
   */
  #takeOver(part: number, law: Law, gathering: Duration): void {
    const stream = this.#host.streams.stream(`topic/${this.#spec.name}/producers/takeover`);
    this.#takeovers.after(drawDuration(law, stream) + wholeMicroseconds(gathering), () => {
      this.#shares.takeOver(part);
      this.changed();
    });
  }

  /** How long a record waits in its batch, on average over the records of all partitions. */
  #gathering(): Duration {
    const { recordSize, producers } = this.#spec;
    const { instances } = this.#shares;
    const { config } = producers;
    const batching = {
      records: Math.max(1, config["batch.size"] / recordSize),
      linger: config["linger.ms"] * MILLISECOND,
    };
    const each = instances > 0 ? this.#supply.produced / instances : 0;
    let sum = 0;
    let weight = 0;
    let time = 0;
    let before = -1;
    for (const share of this.#supply.shares) {
      if (share !== before) time = gatheringTime(batching, each * share); // mostly they are all alike
      before = share;
      sum += share * time;
      weight += share;
    }
    return weight > 0 ? sum / weight : 0;
  }

  /** To the broker, into the log, and to the copies that must have it. */
  #path(): Duration {
    return usual(this.#host.cluster.delay) + usual(this.#host.cluster.appendDelay);
  }
}

/** What the producers of a topic, so many instances, do while they cannot send. */
function sendingLaws(
  { recordSize, replicationFactor, producers }: TopicSpec,
  instances: number,
  { delay, appendDelay }: Pick<ClusterSpec, "delay" | "appendDelay">,
): SendingLaws {
  const { config } = producers;
  const away = usual(delay);
  const copied = usual(appendDelay);
  return {
    room: (instances * config["buffer.memory"]) / recordSize,
    patience: config["delivery.timeout.ms"] * MILLISECOND,
    burst: producers.burst ?? Math.max(1, instances) * sendingRate(producers, recordSize, 2 * away + copied),
    // Without followers there is nothing to be copied: what its process had written it finds again.
    ...fateWithLeader(config, away, replicationFactor > 1 ? copied : 0),
  };
}

/**
 * What becomes of the last that was sent to a leader before it dies. Whatever was on its way to it, or not copied to a
 * follower yet, is gone: all that was sent in `away` + `copied` before. What of it counts as delivered nobody sends again:
 *
 *     acks       is told that it was written, if alive      gone, and counts as delivered
 *     all        2 · away + copied after it was sent        nothing
 *     1          2 · away after it was sent                 copied − away, if that is anything
 *     0          at once                                    away + copied
 *
 * The rest is sent again, or, without retries, given up. What has been copied and not answered is written once more,
 * unless producers are idempotent.
 */
function fateWithLeader(
  config: ProducerConfig,
  away: Duration,
  copied: Duration,
): Pick<SendingLaws, "repeated" | "dropped" | "truncated"> {
  const acks = config["acks"];
  const gone = away + copied;
  if (acks === "0") return { repeated: 0, dropped: 0, truncated: gone };
  const answeredAfter = 2 * away + (acks === "1" ? 0 : copied);
  const truncated = Math.max(0, gone - answeredAfter);
  if (config["retries"] === 0) return { repeated: 0, dropped: gone - truncated, truncated };
  return { repeated: config["enable.idempotence"] ? 0 : Math.max(0, answeredAfter - gone), dropped: 0, truncated };
}

/** Records per second that one instance can send to one partition: so many requests at a time, a batch in each. */
function sendingRate({ config }: ProducersSpec, recordSize: number, roundTrip: Duration): number {
  const perRequest = Math.max(1, config["batch.size"] / recordSize);
  return (config["max.in.flight.requests.per.connection"] * perRequest * SECOND) / Math.max(MILLISECOND, roundTrip);
}

/** The mean, or, where there is none, the median. */
const usual = (law: Law): Duration => meanOf(law) ?? durationOf(law, 0.5);
