import type { Generation } from "../../../names.ts";
import type { Subscriber } from "../assignor.ts";
import type { PartitionTable } from "./partition-table.ts";

/** Kafka's `AbstractStickyAssignor.DEFAULT_GENERATION`: what "no generation" counts as. */
export const NO_GENERATION: Generation = -1;

/** What one member says it owns. Kafka: `memberData`. */
export interface MemberClaims {
  /** Numbers of the partition table; of topics that take part, subscribed or not. */
  readonly partitions: readonly number[];
  /** The generation in which it got them. */
  readonly generation: Generation;
  /** The generation field of its subscription, by which *other* members' claims are held against its own. */
  readonly field: Generation;
}

const NONE: readonly number[] = [];

/** A sticky member's claims stand in its user data, which it has as soon as it was ever assigned anything. */
export function stickyClaims(member: Subscriber, table: PartitionTable): MemberClaims {
  const { owned, generation, subscriptionGeneration } = member;
  return {
    partitions: owned !== undefined && generation !== undefined ? table.read(owned) : NONE,
    generation: generation ?? NO_GENERATION,
    field: Math.max(subscriptionGeneration ?? generation ?? NO_GENERATION, NO_GENERATION),
  };
}

/** A cooperative-sticky member's claims are fields of its subscription; only the generation may be in the user data. */
export function cooperativeClaims(member: Subscriber, table: PartitionTable): MemberClaims {
  const { owned, generation = NO_GENERATION, userDataGeneration = NO_GENERATION } = member;
  return {
    partitions: owned !== undefined ? table.read(owned) : NONE,
    generation: generation >= 0 ? generation : userDataGeneration,
    field: Math.max(generation, NO_GENERATION),
  };
}

/** The claims after everybody was heard. */
export interface SettledClaims {
  /** For each member what it may consider its own. */
  readonly kept: readonly number[][];
  /** 1 for partitions that were claimed twice in one generation. The mark stays, whatever comes later. */
  readonly contested: Uint8Array;
}

/**
 * Who of several claimants is believed, in Kafka's way (`allSubscriptionsEqual`): each claim, in member order, is held
 * against the last one believed. The newer generation wins; the same generation twice, and neither has the partition.
 *
 * With three claimants, or with a fenced one (whose field is −1 while its user data is not), the result depends on
 * the order of the members, and an old claim can win.
 */
export function settleClaims(claims: readonly MemberClaims[], table: PartitionTable): SettledClaims {
  const kept = claims.map((): number[] => []);
  const contested = new Uint8Array(table.size);
  const believed = new Int32Array(table.size).fill(-1);
  claims.forEach(({ partitions, generation }, member) => {
    for (const id of partitions) {
      const other = believed[id];
      if (other !== -1 && generation < claims[other].field) continue;
      if (other !== -1 && generation === claims[other].field) contested[id] = 1;
      else kept[member].push(id);
      if (other !== -1) removeFirst(kept[other], id);
      believed[id] = member;
    }
  });
  return { kept, contested };
}

/** The same without the dependence on order: the newest generation wins, and if two members have it, nobody. */
export function settleClaimsFairly(claims: readonly MemberClaims[], table: PartitionTable): SettledClaims {
  const contested = new Uint8Array(table.size);
  const winner = new Int32Array(table.size).fill(-1);
  claims.forEach(({ partitions, generation }, member) => {
    for (const id of new Set(partitions)) {
      const best = winner[id] === -1 ? undefined : claims[winner[id]].generation;
      if (best !== undefined && generation < best) continue;
      contested[id] = generation === best ? 1 : 0;
      winner[id] = member;
    }
  });
  const kept = claims.map(({ partitions }, member) =>
    [...new Set(partitions)].filter((id) => id < table.real && winner[id] === member && !contested[id]),
  );
  return { kept, contested };
}

function removeFirst(list: number[], id: number): void {
  const place = list.indexOf(id);
  if (place !== -1) list.splice(place, 1);
}
