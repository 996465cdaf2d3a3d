import { AssignorError, type Subscriber } from "../assignor.ts";
import { topicSets } from "../interest.ts";
import type { MemberClaims } from "./claims.ts";
import { Holdings } from "./holdings.ts";
import { Imbalance } from "./imbalance.ts";
import { LeastLoaded } from "./least-loaded.ts";
import { Movements } from "./movements.ts";
import type { PartitionTable } from "./partition-table.ts";
import type { Racks } from "./racks.ts";
import { unassigned } from "./unassigned.ts";

export interface GeneralInput {
  readonly members: readonly Subscriber[];
  /** Members' ranks by id. */
  readonly ranks: Int32Array;
  readonly table: PartitionTable;
  /** What each member may consider its own. */
  readonly kept: readonly number[][];
  /** What each member claimed, for the sake of former owners. */
  readonly claims: readonly MemberClaims[];
  /** The highest generation that this leader has seen. */
  readonly maxGeneration: number;
  readonly racks: Racks;
  readonly faithful: boolean;
}

/**
 * Subscriptions differ: everybody keeps what it has, the rest goes to the least loaded that subscribe, and then
 * partitions move one by one, as long as somebody has two more than somebody else who could take one.
 *
 * Returns what each member has. Kafka: `AbstractStickyAssignor.GeneralAssignmentBuilder`.
 */
export function assignGeneral(input: GeneralInput): readonly number[][] {
  const { ranks, table, racks } = input;
  const former = formerOwners(input);
  const { lists, revoked } = keepOwned(input);

  const topicOrder = table.topics.map((_, topic) => topic);
  topicOrder.sort((a, b) => table.topics[a].audience.length - table.topics[b].audience.length); // stable: then by name
  const open = unassigned(table, lists, topicOrder);
  const holdings = new Holdings(table, lists, ranks);
  const initializing = holdings.largest === 0;

  assign(open, holdings, racks);
  setAside(holdings);

  const canMove = (id: number): boolean => table.topics[table.topicOf(id)].audience.length >= 2;
  const all = unassigned(table, [], topicOrder).filter(canMove);
  const before = Int32Array.from(holdings.holder);
  const scoreBefore = balanceScore(holdings);
  const balancing = new Balancing(holdings, former, all, input.faithful);
  if (!revoked) balancing.run(open.filter(canMove));
  const moved = balancing.run(all);
  // Kafka's own safety net: never seen in use.
  if (!initializing && moved && balanceScore(holdings) >= scoreBefore) holdings.restore(before);
  return holdings.lists();
}

/**
 * Who had each partition in an earlier generation, by the claims of members that missed a round: the newest such
 * claim counts. −1: nobody. Kafka: `prepopulateCurrentAssignments`.
 */
function formerOwners({ table, claims, maxGeneration, faithful }: GeneralInput): Int32Array {
  const owner = new Int32Array(table.size).fill(-1);
  claims.forEach(({ partitions, generation }, member) => {
    if (generation >= maxGeneration) return;
    for (const id of partitions) {
      // Kafka does not ask whether the former owner still subscribes to the topic.
      if (!faithful && !table.topics[table.topicOf(id)].audience.includes(member)) continue;
      if (owner[id] === -1 || generation > claims[owner[id]].generation) owner[id] = member;
    }
  });
  return owner;
}

/** What members can keep, and whether anything of theirs was taken away: unsubscribed, or in the wrong rack. */
function keepOwned({ members, table, kept, racks }: GeneralInput): { lists: number[][]; revoked: boolean } {
  let revoked = false;
  const subscribed = topicSets(members);
  const lists = kept.map((ids, member) => {
    return ids.filter((id) => {
      const keeps = subscribed[member].has(table.topics[table.topicOf(id)].topic) && !racks.mismatch(member, id);
      if (!keeps) revoked = true;
      return keeps;
    });
  });
  return { lists, revoked };
}

/** Each partition to the least loaded subscriber; with racks first to those near, and what then is left to any. */
function assign(open: Int32Array, holdings: Holdings, racks: Racks): void {
  const { table, audiences, audienceOf, keyOf } = holdings;
  let waiting = open;
  if (racks.aware) {
    const near = new Map<string, LeastLoaded>();
    waiting = open.filter((id) => {
      const audience = audienceOf[table.topicOf(id)];
      const key = `${audience}:${[...racks.racksOf(id)].sort((a, b) => a - b).join()}`;
      let candidates = near.get(key);
      if (candidates === undefined) {
        candidates = new LeastLoaded(
          audiences[audience].filter((member) => !racks.mismatch(member, id)),
          keyOf,
        );
        near.set(key, candidates);
      }
      const member = candidates.top();
      if (member !== -1) holdings.assign(id, member);
      return member === -1;
    });
  }
  const candidates = audiences.map((audience) => new LeastLoaded(audience, keyOf));
  for (const id of waiting) holdings.assign(id, candidates[audienceOf[table.topicOf(id)]].top());
}

/** Sets aside the members that have everything they can have, and nothing that another could take. */
function setAside(holdings: Holdings): void {
  const { table, holder, ghosts, sizes, most } = holdings;
  const shares = new Uint8Array(sizes.length);
  const note = (member: number, id: number): void => {
    if (table.topics[table.topicOf(id)].audience.length >= 2) shares[member] = 1;
  };
  holder.forEach((member, id) => member !== -1 && note(member, id));
  for (const { member, id } of ghosts) note(member, id);
  sizes.forEach((size, member) => {
    if (size >= most[member] && !shares[member]) holdings.fix(member);
  });
}

/** The sum over all pairs of how much they differ. Kafka counts in 32 bits, which can run over. */
function balanceScore({ sizes, fixed }: Holdings): number {
  const active = sizes.filter((_, member) => !fixed[member]).sort((a, b) => a - b);
  let score = 0;
  active.forEach((size, place) => (score += size * (2 * place - active.length + 1)));
  return score | 0;
}

/** Moves partitions one by one. Kafka: `performReassignments`. */
class Balancing {
  readonly #holdings: Holdings;
  readonly #former: Int32Array;
  readonly #faithful: boolean;
  readonly #imbalance: Imbalance;
  readonly #movements: Movements;
  readonly #heaps: (LeastLoaded | undefined)[];

  constructor(holdings: Holdings, former: Int32Array, order: Int32Array, faithful: boolean) {
    this.#holdings = holdings;
    this.#former = former;
    this.#faithful = faithful;
    this.#imbalance = new Imbalance(holdings, order);
    this.#movements = new Movements(holdings.table, holdings.sizes.length);
    this.#heaps = holdings.audiences.map(() => undefined);
  }

  /**
   * Passes over the partitions until one moves nothing. Returns whether any was moved.
   *
   * A pass is determined by who holds what and by the moves remembered. Therefore, if both are at the end of a pass
   * what they were at the end of an earlier one, there is no end: two partitions of a topic can swap places for ever.
   * The earlier pass we compare with is the last whose number is a power of two, so no cycle can escape.
   */
  run(ids: Int32Array): boolean {
    let moved = false;
    let mark: { readonly holder: Int32Array; readonly movements: string } | undefined;
    for (let pass = 1; this.#pass(ids); pass++) {
      moved = true;
      if (mark !== undefined && this.#isBackAt(mark)) {
        if (!this.#faithful) break;
        throw new AssignorError("NonTermination", "The balancing of the general sticky algorithm never ends.");
      }
      if ((pass & (pass - 1)) === 0 && pass >= 4) {
        mark = { holder: Int32Array.from(this.#holdings.holder), movements: this.#movements.snapshot() };
      }
    }
    return moved;
  }

  #isBackAt({ holder, movements }: { readonly holder: Int32Array; readonly movements: string }): boolean {
    return (
      holder.every((member, id) => member === this.#holdings.holder[id]) && movements === this.#movements.snapshot()
    );
  }

  #pass(ids: Int32Array): boolean {
    const { holder, sizes, fixed } = this.#holdings;
    let moved = false;
    for (const id of ids) {
      if (this.#imbalance.balanced()) break;
      const size = sizes[holder[id]];
      const former = this.#former[id];
      if (former !== -1 && (fixed[former] || fixed[holder[id]])) {
        // Kafka looks its list up among those of the members that are not set aside.
        throw new AssignorError("NullPointerException", "A former owner cannot take part in the reassignment.");
      }
      if (former !== -1 && size > sizes[former] + 1) this.#move(id, former);
      else if (this.#couldGiveUp(id)) this.#move(id, this.#leastLoaded(id));
      else continue;
      moved = true;
    }
    return moved;
  }

  /**
   * Whether a subscriber has at least two fewer than the holder. Kafka first looks among those in the partition's
   * racks, but then moves it to the least loaded subscriber in either case; so the racks change nothing.
   */
  #couldGiveUp(id: number): boolean {
    const { holder, sizes, fixed, ghosts, table } = this.#holdings;
    const size = sizes[holder[id]];
    if (ghosts.length === 0) return size > sizes[this.#leastLoaded(id)] + 1;
    return table.topics[table.topicOf(id)].audience.some((member) => {
      if (fixed[member] || fixed[holder[id]]) {
        throw new AssignorError("NullPointerException", "A member that is set aside subscribes to the topic.");
      }
      return size > sizes[member] + 1;
    });
  }

  #leastLoaded(id: number): number {
    const { audiences, audienceOf, fixed, table, keyOf } = this.#holdings;
    const audience = audienceOf[table.topicOf(id)];
    const heap = (this.#heaps[audience] ??= new LeastLoaded(
      audiences[audience].filter((member) => !fixed[member]),
      keyOf,
    ));
    return heap.top();
  }

  #move(id: number, to: number): void {
    const { holder, audiencesWith } = this.#holdings;
    const really = this.#movements.reallyMoved(id, holder[id], to);
    const from = holder[really];
    this.#movements.note(really, from, to);
    this.#holdings.move(really, to);
    for (const audience of audiencesWith[from]) this.#heaps[audience]?.fell(from);
  }
}
