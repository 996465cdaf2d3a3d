import type { Instant } from "../engine/time.ts";
import type { LossReason, RereadReason } from "../trace/event.ts";
import type { Loss, Reread } from "../trace/readings/records.ts";

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

/** Adds up what was read again and lost in one group, from an instant on. */
export class DeliveryFold {
  readonly #from: Instant;
  readonly #duplicatesBy = new Map<RereadReason, number>();
  readonly #lostBy = new Map<LossReason, number>();
  /** By partition, what was processed more than once. */
  readonly #repeated = new Map<string, Stretch[]>();
  /** By how much positions were set back. */
  #setBack = 0;

  constructor(from: Instant) {
    this.#from = from;
  }

  seeReread({ t, topic, partition, from, records, inHand, unprocessed, reason }: Reread): void {
    if (t < this.#from) return;
    this.#duplicatesBy.set(reason, (this.#duplicatesBy.get(reason) ?? 0) + records);
    this.#setBack += records - inHand;
    const key = `${topic} ${partition}`;
    this.#repeated.set(key, merged(this.#repeated.get(key) ?? [], { from, to: from + records - unprocessed }));
  }

  seeLoss({ t, records, reason }: Loss): void {
    if (t < this.#from) return;
    this.#lostBy.set(reason, (this.#lostBy.get(reason) ?? 0) + records);
  }

  /** `handedOut`: records that were processed, again or for the first time. */
  result(handedOut: number): Delivery {
    const lost = total(this.#lostBy);
    let repeated = 0;
    for (const stretches of this.#repeated.values()) for (const { from, to } of stretches) repeated += to - from;
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

/** Offsets from one up to another. */
interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** Stretches that are apart, with one more. */
function merged(stretches: readonly Stretch[], { from, to }: Stretch): Stretch[] {
  const apart = stretches.filter((one) => one.to < from || one.from > to);
  for (const one of stretches) {
    if (one.to < from || one.from > to) continue;
    from = Math.min(from, one.from);
    to = Math.max(to, one.to);
  }
  return [...apart, { from, to }];
}

/** To the sixth decimal, as the trace has them. */
const total = (by: ReadonlyMap<string, number>): number =>
  Math.round([...by.values()].reduce((sum, records) => sum + records, 0) * 1e6) / 1e6;

function mostFirst<Reason extends string>(by: ReadonlyMap<Reason, number>): Partial<Record<Reason, number>> {
  const sorted = [...by].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  return Object.fromEntries(sorted) as Partial<Record<Reason, number>>;
}
