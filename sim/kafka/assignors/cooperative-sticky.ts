import type { Assignor } from "./assignor.ts";
import { inGivenOrder } from "./hand.ts";
import { cooperativeClaims } from "./sticky/claims.ts";
import { assignSticky, type StickyOptions, type StickyResult } from "./sticky/sticky.ts";

/** `cooperative-sticky`, with the choices that Kafka does not give. */
export const cooperativeStickyWith =
  (options: StickyOptions): Assignor =>
  (subscribers, topics) => {
    const result = assignSticky(subscribers, topics, cooperativeClaims, options);
    const lists = withhold(result, result.transferring ?? changingHands(result));
    return inGivenOrder(subscribers, result.places, result.table.write(lists));
  };

/**
 * Cooperative sticky: the result of `sticky`, but a partition that changes hands is held back for one round, in which
 * its owner gives it up; members go on with all the others meanwhile (KIP-429).
 *
 *     orders(4), a has 0 1 2 3 and b comes new
 *       first   a: orders-0 orders-1    b: nothing
 *       then    a: orders-0 orders-1    b: orders-2 orders-3
 *
 * Kafka: `CooperativeStickyAssignor`.
 */
export const cooperativeSticky: Assignor = cooperativeStickyWith({});

/** Kafka: `adjustAssignment`. */
function withhold({ lists }: StickyResult, from: ReadonlyMap<number, number>): readonly number[][] {
  const held = lists.map(() => new Set<number>());
  for (const [id, member] of from) held[member].add(id);
  return lists.map(
    (list, member) => (held[member].size === 0 ? list : list.filter((id) => !held[member].delete(id))), // once, should the list have it twice
  );
}

/**
 * The partitions that some member gets and some member gives up, by what each says it owns, stale or not.
 * Kafka: `computePartitionsTransferringOwnership`.
 */
function changingHands({ claims, lists, table }: StickyResult): ReadonlyMap<number, number> {
  const givenUp = new Uint8Array(table.size);
  const seen = new Int32Array(table.size).fill(-1);
  claims.forEach(({ partitions }, member) => {
    for (const id of lists[member]) seen[id] = member;
    for (const id of partitions) if (seen[id] !== member) givenUp[id] = 1;
  });

  const changing = new Map<number, number>();
  seen.fill(-1);
  claims.forEach(({ partitions }, member) => {
    for (const id of partitions) seen[id] = member;
    for (const id of lists[member]) if (givenUp[id] && seen[id] !== member) changing.set(id, member);
  });
  return changing;
}
