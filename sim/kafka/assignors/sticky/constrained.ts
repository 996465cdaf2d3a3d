import { AssignorError } from "../assignor.ts";
import type { SettledClaims } from "./claims.ts";
import type { PartitionTable } from "./partition-table.ts";
import type { Racks } from "./racks.ts";
import { byRank } from "./ranks.ts";
import { unassigned } from "./unassigned.ts";

/** What a member got, and which partitions change hands in the round (they may have to be revoked first). */
export interface Constrained {
  readonly lists: readonly number[][];
  /** Partition → the member it was handed to. */
  readonly transferring: ReadonlyMap<number, number>;
}

/**
 * All subscribe to the same: everybody keeps what it has up to a quota, the rest goes round to those below theirs.
 *
 * With P partitions and N members the quota is ⌊P/N⌋, and for P mod N members one more. When more members than that
 * have one more, the first in member order keep it.
 * Kafka: `AbstractStickyAssignor.ConstrainedAssignmentBuilder`.
 */
export function assignConstrained(
  ranks: Int32Array,
  table: PartitionTable,
  { kept, contested }: SettledClaims,
  racks: Racks,
): Constrained {
  const min = Math.floor(table.real / kept.length);
  const max = Math.ceil(table.real / kept.length);
  /** How many members may have more than `min`, and how many do. */
  const mayExceed = table.real % kept.length;
  let exceeding = 0;
  /** Members that still need partitions: below `min`, and at `min` but allowed one more. */
  let under: number[] = [];
  let atMin: number[] = [];

  const lists = kept.map((): number[] => []);
  const maybeRevokedFrom = new Int32Array(table.size).fill(-1);
  const transferring = new Map<number, number>();

  keepOwned();
  let open = unassigned(table, lists, table.topics.map((_, topic) => topic)); // prettier-ignore
  under = byRank(under, ranks);
  atMin = byRank(atMin, ranks);
  open = racks.sortByMembersNear(open);
  if (racks.aware) open = fillNear(open);
  fill(open);
  verify();
  return { lists, transferring };

  function keepOwned(): void {
    kept.forEach((claimed, member) => {
      let owned: number[] = [];
      for (const id of claimed) {
        if (racks.mismatch(member, id)) maybeRevokedFrom[id] = member;
        else if (!contested[id]) owned.push(id);
      }
      let keep = min;
      if (owned.length < min) {
        keep = owned.length;
        under.push(member);
      } else if (owned.length >= max && exceeding < mayExceed) {
        keep = max;
        exceeding += 1;
        if (exceeding === mayExceed) atMin = [];
      } else if (exceeding < mayExceed) atMin.push(member);

      if (keep < owned.length) {
        owned.sort((a, b) => table.partitionOf(a) - table.partitionOf(b) || table.topicOf(a) - table.topicOf(b));
        for (const id of owned.slice(keep)) maybeRevokedFrom[id] = member;
        owned = owned.slice(0, keep);
      }
      lists[member] = owned;
    });
  }

  /** Gives partitions to members near them, round and round. Returns those that nobody near could take. */
  function fillNear(ids: Int32Array): Int32Array {
    let from = 0;
    return ids.filter((id) => {
      let place = cyclicFind(under, from, (member) => racks.match(member, id));
      if (place !== -1) {
        const member = under[place];
        const size = lists[member].length + 1;
        if (size >= min) {
          under.splice(place, 1);
          if (size < max && exceeding < mayExceed) atMin.push(member);
        } else place += 1;
        from = under.length === 0 ? 0 : place % under.length;
        handOut(id, member);
        return false;
      }
      place = atMin.findIndex((member) => racks.match(member, id));
      if (place === -1) return true;
      const member = atMin[place];
      if (lists[member].length + 1 === max) {
        atMin.splice(place, 1);
        exceeding += 1;
        if (exceeding === mayExceed) atMin = [];
      }
      handOut(id, member);
      return false;
    });
  }

  function fill(ids: Int32Array): void {
    let round = under; // who is below `min` at the beginning of the round, and who still is after its turn
    let still: number[] = [];
    let next = 0;
    let firstAtMin = 0; // `atMin` is a queue here
    for (const id of ids) {
      if (next === round.length && still.length > 0) {
        round = still;
        still = [];
        next = 0;
      }
      const wasUnder = next < round.length;
      if (!wasUnder && firstAtMin === atMin.length) {
        throw new AssignorError("IllegalStateException", "No more unfilled consumers to be assigned.");
      }
      const member = wasUnder ? round[next++] : atMin[firstAtMin++];
      handOut(id, member);
      const size = lists[member].length;
      if (size === min) atMin.push(member);
      else if (wasUnder) still.push(member);
      if (size !== min && size === max) exceeding += 1;
    }
    under = [...still, ...round.slice(next)];
  }

  function handOut(id: number, member: number): void {
    lists[member].push(id);
    const revokedFrom = maybeRevokedFrom[id];
    if ((revokedFrom !== -1 && revokedFrom !== member) || contested[id]) transferring.set(id, member);
  }

  function verify(): void {
    if (under.length === 0) return;
    if (exceeding !== mayExceed || under.some((member) => lists[member].length !== min)) {
      throw new AssignorError(
        "IllegalStateException",
        "Some members are below their quota, but nothing is left to assign.",
      );
    }
  }
}

function cyclicFind(members: readonly number[], from: number, fits: (member: number) => boolean): number {
  for (let step = 0; step < members.length; step++) {
    const place = (from + step) % members.length;
    if (fits(members[place])) return place;
  }
  return -1;
}
