import type { Assignment } from "../../names.ts";
import type { Assignor, Subscriber, Topics } from "./assignor.ts";
import { add, emptyHands } from "./hand.ts";
import { interests } from "./interest.ts";
import { heaviestFirst, type Load, loadsOf, rateIn } from "./loads.ts";
import { byCodeUnit, inStandingOrder } from "./standing-order.ts";

/** How much more than its fair share a member is taken to manage, if it does not say what it can do. */
const HEADROOM = 1.25;

/**
 * Bin packing: as few members at work as the rates allow, and as little moved as possible. Modified Worst Fit of
 * Landau, Andrade and Barbosa, "Kafka Consumer Group Autoscaler" (arXiv 2206.11170, 2022) and Landau, Saurabh, Andrade
 * and Barbosa (arXiv 2402.06085, 2024), for a group whose members are given.
 *
 *     orders(4) at 60 30 20 50 records/s, members a b c can do 100/s; a has 0 1, b has 2, c has 3
 *       a: orders-0 orders-1       90 of 100
 *       b: nothing: could be stopped
 *       c: orders-2 orders-3       70 of 100
 *
 * Members go by what they have, most first. What fits elsewhere among those before it, a member gives away, smallest
 * first, each to the one with most room; the rest it keeps, largest first, as far as it can. What is left over goes,
 * largest first, to who has most room, and if it fits nowhere to a member that is not at work yet.
 *
 * Good for finding out how many members a load needs. Without rates it goes by lag, without lag by numbers. A member
 * that does not say its capacity is taken to manage 5/4 of an equal share. If nothing fits anywhere, the least loaded
 * for its capacity has to bear it.
 */
export const binPacking: Assignor = (subscribers, topics) => {
  const standing = inStandingOrder(subscribers);
  const { assignment, hands } = emptyHands(subscribers, standing);
  const taking = interests(standing, topics).sort((a, b) => byCodeUnit(a.topic, b.topic));
  const loads = loadsOf(taking, standing, rateIn(topics));
  const bins = new Bins(standing, loads);

  const owned = standing.map((_, member) => heaviestFirst(loads.filter(({ owner }) => owner === member)));
  const weights = owned.map((own) => own.reduce((sum, { weight }) => sum + weight, 0));
  const members = standing.map((_, member) => member).sort((a, b) => weights[b] - weights[a]);
  const left = loads.filter(({ owner }) => owner === -1);
  for (const member of members) {
    const own = owned[member];
    while (own.length > 0 && bins.packBest(own[own.length - 1])) own.pop();
    let kept = 0;
    while (kept < own.length && bins.pack(own[kept], member)) kept += 1;
    left.push(...own.slice(kept));
  }
  for (const load of heaviestFirst(left)) if (!bins.packBest(load)) bins.packAnyhow(load);

  bins.places.forEach((member, load) => add(hands[member], loads[load].topic, loads[load].partition));
  return assignment;
};

/** Members as bins: those at work are open. */
class Bins {
  /** For each load the member it went to. */
  readonly places: Int32Array;
  readonly #numberOf: ReadonlyMap<Load, number>;
  readonly #capacities: readonly number[];
  readonly #filled: number[];
  readonly #open: boolean[];

  constructor(members: readonly Subscriber[], loads: readonly Load[]) {
    const share = loads.reduce((sum, { weight }) => sum + weight, 0) / Math.max(1, members.length);
    this.places = new Int32Array(loads.length);
    this.#numberOf = new Map(loads.map((load, number) => [load, number]));
    this.#capacities = members.map(({ capacity }) => capacity ?? share * HEADROOM);
    this.#filled = members.map(() => 0);
    this.#open = members.map(() => false);
  }

  /** Into the open bin with most room, if it fits into any. */
  packBest(load: Load): boolean {
    let best = -1;
    for (const member of load.audience) {
      if (!this.#open[member] || !this.#fits(load, member)) continue;
      if (best === -1 || this.#room(member) > this.#room(best)) best = member;
    }
    if (best !== -1) this.#put(load, best);
    return best !== -1;
  }

  /** Into this bin, if it fits. */
  pack(load: Load, member: number): boolean {
    if (!this.#fits(load, member)) return false;
    this.#put(load, member);
    return true;
  }

  /** Where nothing open has room: into a new bin, its owner's if that is one; else where it hurts least. */
  packAnyhow(load: Load): void {
    const closed = load.audience.filter((member) => !this.#open[member]);
    const fitting = closed.filter((member) => this.#fits(load, member));
    if (fitting.length > 0) {
      this.#put(load, fitting.includes(load.owner) ? load.owner : this.#roomiest(fitting));
      return;
    }
    const use = (member: number): number => (this.#filled[member] + load.weight) / this.#capacities[member];
    this.#put(
      load,
      load.audience.reduce((best, member) => (use(member) < use(best) ? member : best)),
    );
  }

  #roomiest(members: readonly number[]): number {
    return members.reduce((best, member) => (this.#room(member) > this.#room(best) ? member : best));
  }

  #fits(load: Load, member: number): boolean {
    return load.weight <= this.#room(member);
  }

  #room(member: number): number {
    return this.#capacities[member] - this.#filled[member];
  }

  #put(load: Load, member: number): void {
    this.places[this.#numberOf.get(load)!] = member;
    this.#filled[member] += load.weight;
    this.#open[member] = true;
  }
}

/**
 * The R-score of Landau et al.: the rates of all partitions that change hands, over the rate at which one member reads.
 * While a partition changes hands nobody reads it; so much a member's capacity it takes, per second of that, to catch up.
 */
export function rScore(before: Assignment, after: Assignment, topics: Topics, capacity: number): number {
  const weigh = rateIn(topics);
  const had = new Set<string>();
  for (const hand of before.values()) {
    for (const [topic, list] of Object.entries<readonly number[]>(hand)) for (const p of list) had.add(`${topic} ${p}`);
  }
  let moved = 0;
  for (const [member, hand] of after) {
    const own = before.get(member) ?? {};
    for (const [topic, list] of Object.entries<readonly number[]>(hand)) {
      const kept = new Set(Object.hasOwn(own, topic) ? own[topic] : []);
      for (const p of list) if (!kept.has(p) && had.has(`${topic} ${p}`)) moved += weigh(topic, p);
    }
  }
  return moved / capacity;
}
