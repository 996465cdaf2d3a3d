import type { Generation } from "../../../names.ts";
import type { Subscriber, Topics } from "../assignor.ts";
import { interests } from "../interest.ts";
import { memberOrder } from "../java/member-order.ts";
import { byCodeUnit } from "../standing-order.ts";
import { type MemberClaims, NO_GENERATION, settleClaims, settleClaimsFairly } from "./claims.ts";
import { assignConstrained } from "./constrained.ts";
import { assignGeneral } from "./general.ts";
import { PartitionTable } from "./partition-table.ts";
import { Racks } from "./racks.ts";
import { ranksById } from "./ranks.ts";

/** What the two sticky assignors share, with the choices that Kafka does not give. */
export interface StickyOptions {
  /**
   * Whether Kafka's defects are reproduced; default true. Switched off: members without topics are told from the
   * others, a former owner must still subscribe, partitions that no longer exist are dropped, the newest claim wins
   * whatever the order, and an endless balancing is cut short.
   */
  readonly faithful?: boolean;
  /**
   * The highest generation that the leader's assignor has seen in earlier rounds. Kafka keeps it in the assignor
   * object and never resets it; default: none before this round.
   */
  readonly knownGeneration?: Generation;
}

/** What came out of a sticky assignment, before anything is held back. Members go by their place in member order. */
export interface StickyResult {
  /** Where each stands in the list of subscribers. */
  readonly places: readonly number[];
  readonly table: PartitionTable;
  readonly claims: readonly MemberClaims[];
  readonly lists: readonly number[][];
  /** Partition → its new member, if it changes hands. Absent on the general path, which does not keep account. */
  readonly transferring?: ReadonlyMap<number, number>;
}

/** The computation that `sticky` and `cooperative-sticky` share. Kafka: `AbstractStickyAssignor.assignPartitions`. */
export function assignSticky(
  subscribers: readonly Subscriber[],
  topics: Topics,
  claimsOf: (member: Subscriber, table: PartitionTable) => MemberClaims,
  { faithful = true, knownGeneration = NO_GENERATION }: StickyOptions,
): StickyResult {
  const places = memberOrder(subscribers);
  const members = places.map((place) => subscribers[place]);
  const table = new PartitionTable(interests(members, topics).sort((a, b) => byCodeUnit(a.topic, b.topic)));
  const claims = members.map((member) => claimsOf(member, table));
  const settled = (faithful ? settleClaims : settleClaimsFairly)(claims, table);
  const racks = new Racks(members, table, topics);
  const ranks = ranksById(members, places);
  const known = { places, table, claims };
  if (members.length === 0) return { ...known, lists: [] };
  if (sameSubscriptions(members, faithful)) return { ...known, ...assignConstrained(ranks, table, settled, racks) };

  const maxGeneration = claims.reduce((max, { generation }) => Math.max(max, generation), knownGeneration);
  const lists = assignGeneral({ members, ranks, table, claims, kept: settled.kept, maxGeneration, racks, faithful });
  return { ...known, lists };
}

/**
 * Kafka compares with the first member that subscribes to anything, so that members without topics that come before
 * it go unnoticed; and then the constrained path gives them partitions.
 */
function sameSubscriptions(members: readonly Subscriber[], faithful: boolean): boolean {
  const first = faithful ? members.findIndex(({ topics }) => topics.length > 0) : 0;
  if (first === -1) return true;
  const same = new Set(members[first].topics);
  let seen = members[first].topics;
  for (let member = first + 1; member < members.length; member++) {
    const { topics } = members[member];
    if (topics === seen) continue;
    if (topics.length !== same.size || !topics.every((topic) => same.has(topic))) return false;
    seen = topics;
  }
  return true;
}
