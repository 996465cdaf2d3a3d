import type { Instant } from "../engine/time.ts";
import type { TopicName } from "../names.ts";
import type { LossReason, RereadReason } from "../trace/event.ts";
import type { Again, Found, Loss, Reread } from "../trace/readings/records.ts";
import { Coverage } from "./coverage.ts";

/**
 * How often records reached an application. With what else is told of a group it adds up, over the measured time:
 *
 *     lag.initial + produced = (consumed − duplicates) + lost + settled + lag.final
 *     consumed − unprocessed   what applications have worked on, again or for the first time
 *
 * What somebody had in hand as he crashed, and nobody is handed after him, is lost, and in no other of these.
 */
export interface Delivery {
  /** Records handed to an application once more than needed: a record that is read three times counts twice. */
  readonly duplicates: number;
  /** Of those, the ones that somebody read aside, on its own account, while they were another's to read. */
  readonly aside: number;
  /** Of those, the ones that a reader had in hand when it crashed: handed out, and not processed then. */
  readonly unprocessed: number;
  readonly lost: number;
  /**
   * What was read in the warm-up and was to be read again, and is not, less what was lost in the warm-up and is not after
   * all: it leaves the lag, or comes back to it, without being read. 0 without a warm-up.
   */
  readonly settled: number;
  /** Duplicates and losses by what is to blame, the most first. */
  readonly duplicatesBy: Readonly<Partial<Record<RereadReason, number>>>;
  readonly lostBy: Readonly<Partial<Record<LossReason, number>>>;
  /** Of the records that were processed or lost, the share that was processed exactly once; `null` if there are none. */
  readonly exactlyOnce: number | null;
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
  readonly #readAside = new Map<string, Coverage>();
  #handedOutBeside = 0;
  #aside = 0;
  #unprocessed = 0;
  #settled = 0;

  constructor(from: Instant) {
    this.#from = from;
  }

  /**
   * Records handed to an application that no position has moved over for that: in hand when their reader parted from their
   * partition, or read aside.
   */
  get handedOutBeside(): number {
    return this.#handedOutBeside;
  }

  seeReread({ t, topic, partition, from, records, inHand, unprocessed, reason, aside }: Reread): void {
    if (t < this.#from) return;
    add(this.#duplicatesBy, reason, records);
    this.#handedOutBeside += inHand;
    this.#unprocessed += unprocessed;
    if (aside) {
      this.#aside += records;
      coverageOf(this.#readAside, topic, partition).add(from, from + records);
    }
    coverageOf(this.#again, topic, partition).add(from, from + records);
    coverageOf(this.#repeated, topic, partition).add(from, from + records - unprocessed);
  }

  seeSpared({ t, topic, partition, from, records, inHand, unprocessed, reason }: Again): void {
    if (t < this.#from) return;
    const spared = coverageOf(this.#again, topic, partition).remove(from, from + records);
    const processed = coverageOf(this.#repeated, topic, partition).remove(from, from + records - unprocessed);
    add(this.#duplicatesBy, reason, -spared);
    // Who crashed with them in hand was handed them in vain: they are lost, and nobody has read them.
    this.#handedOutBeside -= spared - processed;
    this.#unprocessed -= spared - processed;
    this.#settled += records - unprocessed - processed;
    if (inHand > unprocessed) {
      const end = from + records;
      this.#aside -= coverageOf(this.#readAside, topic, partition).remove(end - inHand, end - unprocessed);
    }
  }

  seeLoss({ t, topic, partition, from, records, reason }: Loss): void {
    if (t < this.#from) return;
    add(this.#lostBy, reason, records);
    coverageOf(this.#skipped, topic, partition).add(from, from + records);
  }

  seeFound({ t, topic, partition, from, records, reason, beside }: Found): void {
    if (t < this.#from) return;
    const found = coverageOf(this.#skipped, topic, partition).remove(from, from + records);
    add(this.#lostBy, reason, -found);
    this.#settled -= records - found;
    if (beside) this.#handedOutBeside += records;
  }

  /** `consumed`: all that was handed to an application, again or for the first time. */
  result(consumed: number): Delivery {
    const duplicates = total(this.#duplicatesBy);
    const lost = total(this.#lostBy);
    const repeated = toSixDecimals([...this.#repeated.values()].reduce((sum, { covered }) => sum + covered, 0));
    const distinct = Math.max(toSixDecimals(consumed - duplicates), repeated); // the noise of floats is no record
    const all = distinct + lost;
    return {
      duplicates,
      aside: toSixDecimals(this.#aside),
      unprocessed: toSixDecimals(this.#unprocessed),
      lost,
      settled: toSixDecimals(this.#settled),
      duplicatesBy: mostFirst(this.#duplicatesBy),
      lostBy: mostFirst(this.#lostBy),
      exactlyOnce: all > 0 ? (distinct - repeated) / all : null,
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

/** As the trace has them. */
const toSixDecimals = (records: number): number => Math.round(records * 1e6) / 1e6 || 0; // no -0

const total = (by: ReadonlyMap<string, number>): number =>
  toSixDecimals([...by.values()].reduce((sum, records) => sum + records, 0));

function mostFirst<Reason extends string>(by: ReadonlyMap<Reason, number>): Partial<Record<Reason, number>> {
  const sorted = [...by].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  return Object.fromEntries(sorted) as Partial<Record<Reason, number>>;
}
