import type { Duration, Instant } from "../engine/time.ts";
import type { TopicName } from "../names.ts";
import type { Sink } from "../trace/event.ts";
import { type StandingWatermark, standingWatermarks } from "../trace/readings/watermarks.ts";

/** What became of all that was to be produced to a topic, over the whole run. Records. */
export interface TopicSummary {
  readonly topic: TopicName;
  /** At the end; 0: it does not exist. */
  readonly partitions: number;
  /** Instances that produce it, at the end. */
  readonly instances: number;
  /**
   * Mean time from `send()` until consumers can read a record, in microseconds, over the measured time; `null` if
   * nothing is known of it.
   */
  readonly latency: Duration | null;
  readonly written: number;
  /** Given up by the producers. */
  readonly expired: number;
  /** Never sent. */
  readonly unsent: number;
  /** Written a second time, which `written` counts too. */
  readonly repeated: number;
  /** Delivered, for all the producers know, and gone with a leader that died. */
  readonly truncated: number;
  /** Whether those were never acknowledged, but taken for delivered as soon as they were sent: `acks: 0`. */
  readonly unacknowledged: boolean;
  /** In flight at the end: in the producers' buffers, for want of a leader, or in the burst after. */
  readonly waiting: number;
  /** The longest that a record waited in the producers' buffers for a leader that takes and answers it; 0: none did. */
  readonly held: Duration;
  /** Where nothing new could be read, because the high watermark stood still; `null`: nowhere. */
  readonly standstill: Standstill | null;
}

/** Watermarks of a topic that stood still. */
export interface Standstill {
  /** How many partitions ever had one. */
  readonly partitions: number;
  /** The longest. */
  readonly longest: Omit<StandingWatermark, "topic">;
}

/** Measures what is produced to every topic. */
export function topicMeasures(): Sink & { result(): TopicSummary[] } {
  const topics = new Map<TopicName, Topic>();
  const watermarks = standingWatermarks((span) => topics.get(span.topic)?.stood(span));
  let from: Instant = 0;
  return {
    begin(header) {
      from = header.warmUp;
      for (const { name, partitions } of header.topics) topics.set(name, new Topic(name, partitions));
    },
    see(event) {
      watermarks.see(event);
      if (event.type === "topic.changed") {
        const topic = topics.get(event.topic);
        if (topic) topic.partitions = event.partitions;
      } else if (event.type === "topic.producers") {
        topics.get(event.topic)?.see(Math.max(from, event.t), event.latency, event.instances);
      } else if (event.type === "topic.produced") {
        const topic = topics.get(event.topic);
        if (topic) topic.produced = event;
      } else if (event.type === "topic.flushed") {
        const topic = topics.get(event.topic);
        if (topic) topic.held = event.waited.reduce((most, waited) => Math.max(most, waited), topic.held);
      }
    },
    end(t) {
      watermarks.end(t);
      for (const topic of topics.values()) topic.count(t);
    },
    result: () => [...topics.values()].map((topic) => topic.summary()),
  };
}

type ProducedRecords = Pick<TopicSummary, "written" | "expired" | "unsent" | "repeated"> &
  Partial<Pick<TopicSummary, "truncated" | "unacknowledged" | "waiting">>;

class Topic {
  readonly #name: TopicName;
  partitions: number;
  produced: ProducedRecords = { written: 0, expired: 0, unsent: 0, repeated: 0 };
  held: Duration = 0;
  readonly #stood = new Set<number>();
  #longest: StandingWatermark | undefined;
  #instances = 0;
  #latency: Duration | null = null;
  #since: Instant = 0;
  #sum = 0;
  #time: Duration = 0;

  constructor(name: TopicName, partitions: number) {
    this.#name = name;
    this.partitions = partitions;
  }

  see(t: Instant, latency: Duration, instances: number): void {
    this.count(t);
    this.#latency = latency;
    this.#instances = instances;
  }

  /** Nothing new of one of its partitions could be read. */
  stood(span: StandingWatermark): void {
    this.#stood.add(span.partition);
    const longest = this.#longest;
    if (!longest || span.to - span.from > longest.to - longest.from) this.#longest = span;
  }

  /** The latency has been what it is up to this instant. */
  count(t: Instant): void {
    if (this.#latency !== null && t > this.#since) {
      this.#sum += this.#latency * (t - this.#since);
      this.#time += t - this.#since;
    }
    this.#since = t;
  }

  summary(): TopicSummary {
    const { written, expired, unsent, repeated, truncated = 0, unacknowledged = false, waiting = 0 } = this.produced;
    return {
      topic: this.#name,
      partitions: this.partitions,
      instances: this.#instances,
      latency: this.#time > 0 ? this.#sum / this.#time : this.#latency,
      written,
      expired,
      unsent,
      repeated,
      truncated,
      unacknowledged,
      waiting,
      held: this.held,
      standstill: this.#standstill(),
    };
  }

  #standstill(): Standstill | null {
    if (!this.#longest) return null;
    const { topic: _, ...longest } = this.#longest;
    return { partitions: this.#stood.size, longest };
  }
}
