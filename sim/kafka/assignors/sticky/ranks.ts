import type { Subscriber } from "../assignor.ts";
import { listOf } from "../hand.ts";
import { byCodeUnit } from "../standing-order.ts";

/** Each member's rank by id: 0 for the first. `places` says where each stands in the list of subscribers. */
export function ranksById(members: readonly Subscriber[], places: readonly number[]): Int32Array {
  const sorted = listOf(members.length);
  places.forEach((place, member) => (sorted[place] = member));
  // As given they mostly stand by id already.
  const inOrder = sorted.every((member, rank) => rank === 0 || members[sorted[rank - 1]].id < members[member].id);
  if (!inOrder) sorted.sort((a, b) => byCodeUnit(members[a].id, members[b].id));

  const ranks = new Int32Array(members.length);
  sorted.forEach((member, rank) => (ranks[member] = rank));
  return ranks;
}

/** Some of the members, by rank. */
export function byRank(some: readonly number[], ranks: Int32Array): number[] {
  if (some.length < 2) return [...some];
  const at = new Int32Array(ranks.length).fill(-1);
  for (const member of some) at[ranks[member]] = member;
  const sorted: number[] = [];
  for (const member of at) if (member !== -1) sorted.push(member);
  return sorted;
}
