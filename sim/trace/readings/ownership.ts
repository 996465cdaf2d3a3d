import type { ClientId, GroupId, InstanceId, MemberId } from "../../names.ts";
import type { Sink } from "../event.ts";
import { holdings, type Change, type Holding } from "./holdings.ts";
import { isGone } from "./states.ts";
import { isDeposedWord } from "./whose-word.ts";

/**
 * Who owned a partition, and when. `reason`: `assigned`, `revoked` or `lost`, as the client's own rebalance callback
 * had it; `expired` when it belonged to a dead process and the coordinator let go of its membership; `begin`.
 */
export type Ownership = Holding;

/**
 * Reads who owned what, and when. Pushed event by event, so nobody needs to store the trace.
 *
 * Ownership is what the client's application knows: a network delay after the coordinator does. A process that dies
 * says nothing, so its partitions stay with it, unread, until the coordinator has removed its member, and are
 * nobody's from then on.
 */
export function ownership(tell: (span: Ownership) => void): Sink {
  const held = holdings(tell);
  const seats = membership();
  const dead = new Set<ClientId>();
  return {
    begin: (header) => held.begin(header),
    see(event) {
      held.see(event);
      switch (event.type) {
        case "partition.owner": {
          const { group, client, partitions, how, generation, t, id } = event;
          const change: Change = { t, id, reason: how, generation };
          if (how === "assigned") held.take(group, client, partitions, change);
          else held.give(group, client, partitions, change);
          return;
        }
        case "client.process": {
          const { group, client, t, id } = event;
          if (!isGone(event.to)) dead.delete(client);
          else if (seats.has(client)) dead.add(client);
          else held.drop(group, client, { t, id, reason: event.to === "Crashed" ? "expired" : "revoked" });
          return;
        }
        case "group.member": {
          if (isDeposedWord(event)) return;
          const { t, id, group } = event;
          for (const client of seats.see(event))
            if (dead.delete(client)) held.drop(group, client, { t, id, reason: "expired" });
          return;
        }
      }
    },
    end: (t) => held.end(t),
  };
}

/** Which clients have a member in their group, as the coordinator says. */
function membership() {
  const members = new Map<MemberId, ClientId>();
  const count = new Map<ClientId, number>();
  const seats = new Map<InstanceId, MemberId>();

  const remove = (member: MemberId): ClientId[] => {
    const client = members.get(member);
    if (client === undefined) return [];
    members.delete(member);
    const left = count.get(client)! - 1;
    if (left > 0) count.set(client, left);
    else count.delete(client);
    return left > 0 ? [] : [client];
  };

  return {
    has: (client: ClientId) => count.has(client),
    /** Follows one event; returns the clients whose last membership ended by it. */
    see(event: {
      readonly group: GroupId;
      readonly member: MemberId;
      readonly client: ClientId;
      readonly instance?: InstanceId;
      readonly change: string;
    }): ClientId[] {
      const { member, client, instance, change } = event;
      if (change === "pending") return [];
      if (change === "removed") return remove(member);
      const out: ClientId[] = [];
      if (instance !== undefined) {
        const seat = `${event.group} ${instance}`;
        const before = seats.get(seat);
        if (before !== undefined && before !== member) out.push(...remove(before));
        seats.set(seat, member);
      }
      if (!members.has(member)) {
        members.set(member, client);
        count.set(client, (count.get(client) ?? 0) + 1);
      }
      return out.filter((gone) => !count.has(gone));
    },
  };
}
