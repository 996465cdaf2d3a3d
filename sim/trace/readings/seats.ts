import type { Instant } from "../../engine/time.ts";
import type { ClientId, GroupId, InstanceId, MemberId } from "../../names.ts";
import type { EventId, Sink } from "../event.ts";
import { isDeposedWord, takeovers } from "./whose-word.ts";

/** A stretch of time in which the coordinator counted a client among the members of its group, dead or alive. */
export interface Seat {
  readonly group: GroupId;
  readonly client: ClientId;
  readonly member: MemberId;
  readonly from: Instant;
  readonly to: Instant;
  /** The event that began it. */
  readonly event: EventId;
}

/**
 * Tells every membership as its coordinator saw it, each when it is over. A member id that was only handed out is no
 * membership yet; a static member's successor ends that of the member id before it; a group that is unloaded has no
 * members until its next coordinator finds them in the log; and whom that does not find there is none any more.
 */
export function seats(tell: (seat: Seat) => void): Sink {
  const open = new Map<MemberId, Omit<Seat, "to">>();
  const holders = new Map<string, MemberId>();
  const takenOver = takeovers();
  /** Members of groups that were just loaded, so far as they have not been found in the log. */
  const missing = new Map<GroupId, Set<MemberId>>();
  const close = (member: MemberId | undefined, t: Instant) => {
    const seat = member === undefined ? undefined : open.get(member);
    if (!seat) return;
    open.delete(seat.member);
    if (t > seat.from) tell({ ...seat, to: t });
  };
  const seatOf = (group: GroupId, instance: InstanceId) => `${group} ${instance}`;
  return {
    see(event) {
      if (isDeposedWord(event)) return;
      for (const group of takenOver(event)) {
        const members = [...open.values()].filter((seat) => seat.group === group).map(({ member }) => member);
        missing.set(group, new Set(members));
      }
      if (event.type === "group.member") {
        const { group, client, member, instance, change, t, id } = event;
        if (change === "pending") return;
        missing.get(group)?.delete(member);
        if (change === "removed") return close(member, t);
        if (instance !== undefined) {
          const seat = seatOf(group, instance);
          if (holders.get(seat) !== member) close(holders.get(seat), t);
          holders.set(seat, member);
        }
        if (!open.has(member)) open.set(member, { group, client, member, from: t, event: id });
      } else if (event.type === "group.state" && event.from === "Absent") {
        for (const member of missing.get(event.group) ?? []) close(member, event.t);
        missing.delete(event.group);
      } else if (event.type === "group.state" && event.to === "Dead") {
        for (const seat of [...open.values()]) if (seat.group === event.group) close(seat.member, event.t);
      }
    },
    end(t) {
      for (const member of [...open.keys()]) close(member, t);
      holders.clear();
      missing.clear();
    },
  };
}
