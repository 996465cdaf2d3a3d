import type { Instant } from "../engine/time.ts";
import type { TopicName } from "../names.ts";
import type { LossReason, RereadReason } from "../trace/event.ts";
import type { Again, Loss } from "../trace/readings/records.ts";
import { Coverage } from "./coverage.ts";

/** How often records reached an application. */
export interface Delivery {
  /** Records handed to an application once more than needed: a record that is read three times counts twice. */
  readonly duplicates: number;
  readonly lost: number;
  /** The same by what is to blame, the most first. */
  readonly duplicatesBy: Readonly<Partial<Record<RereadReason, number>>>;
  readonly lostBy: Readonly<Partial<Record<LossReason, number>>>;
  /** Of the records that were processed or lost, the share that was processed exactly once; 1 if there are none. */
  readonly exactlyOnce: number;
}

/**
 * Adds up what was read again and lost in one group, from an instant on. What turned out otherwise is taken out again, as
 * far as it was told since that instant.
 */
export class DeliveryFold {
  readonly #from: Instant;
  readonly #duplicatesBy = new Map<RereadReason, number>();
  readonly #lostBy = new Map<LossReason, number>();
  /** By partition, how often which records were handed out again, and processed again, and which were lost. */
  readonly #again = new Map<string, Coverage>();
  readonly #repeated = new Map<string, Coverage>();
  readonly #skipped = new Map<string, Coverage>();
  /** By how much positions were set back. */
  #setBack = 0;

  constructor(from: Instant) {
    this.#from = from;
  }

  seeReread({ t, topic, partition, from, records, inHand, unprocessed, reason }: Again): void {
    if (t < this.#from) return;
    add(this.#duplicatesBy, reason, records);
    this.#setBack += records - inHand;
    coverageOf(this.#again, topic, partition).add(from, from + records);
    coverageOf(this.#repeated, topic, partition).add(from, from + records - unprocessed);
  }

  seeSpared({ t, topic, partition, from, records, unprocessed, reason }: Again): void {
    if (t < this.#from) return;
    add(this.#duplicatesBy, reason, -coverageOf(this.#again, topic, partition).remove(from, from + records));
    this.#setBack -= coverageOf(this.#repeated, topic, partition).remove(from, from + records - unprocessed);
  }

  seeLoss({ t, topic, partition, from, records, reason }: Loss): void {
    if (t < this.#from) return;
    add(this.#lostBy, reason, records);
    coverageOf(this.#skipped, topic, partition).add(from, from + records);
  }

  seeFound({ t, topic, partition, from, records, reason }: Loss): void {
    if (t < this.#from) return;
    add(this.#lostBy, reason, -coverageOf(this.#skipped, topic, partition).remove(from, from + records));
  }

  /** `handedOut`: records that were processed, again or for the first time. */
  result(handedOut: number): Delivery {
    const lost = total(this.#lostBy);
    let repeated = 0;
    for (const coverage of this.#repeated.values()) repeated += coverage.covered;
    const distinct = Math.max(handedOut - this.#setBack, repeated);
    const all = distinct + lost;
    return {
      duplicates: total(this.#duplicatesBy),
      lost,
      duplicatesBy: mostFirst(this.#duplicatesBy),
      lostBy: mostFirst(this.#lostBy),
      exactlyOnce: all > 0 ? (distinct - repeated) / all : 1,
    };
  }
}

function add<Reason>(by: Map<Reason, number>, reason: Reason, records: number): void {
  by.set(reason, (by.get(reason) ?? 0) + records);
}

function coverageOf(all: Map<string, Coverage>, topic: TopicName, partition: number): Coverage {
  const key = `${topic} ${partition}`;
  let coverage = all.get(key);
  if (!coverage) all.set(key, (coverage = new Coverage()));
  return coverage;
}

/** To the sixth decimal, as the trace has them. */
const total = (by: ReadonlyMap<string, number>): number =>
  Math.round([...by.values()].reduce((sum, records) => sum + records, 0) * 1e6) / 1e6;

function mostFirst<Reason extends string>(by: ReadonlyMap<Reason, number>): Partial<Record<Reason, number>> {
  const sorted = [...by].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  return Object.fromEntries(sorted) as Partial<Record<Reason, number>>;
}
