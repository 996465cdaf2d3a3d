import type { Instant } from "../../engine/time.ts";
import type { BrokerId, ClientId, GroupId } from "../../names.ts";
import type { Fold, TraceEvent } from "../event.ts";

/** A time without a coordinator: of a group, or of one of its members. */
export interface Outage {
  readonly group: GroupId;
  /**
   * Absent: nowhere was there an active coordinator of the group. Else this member knew none that was active: it is
   * without one for longer, because it has to notice, and to find the next.
   */
  readonly client?: ClientId;
  readonly from: Instant;
  readonly to: Instant;
  /** Whether it was over at `to`, or the run, or the member, ended in it. */
  readonly over: boolean;
}

/** What is known of a group. */
interface Seen {
  /** Brokers on which its coordinator is active. */
  readonly active: Set<BrokerId>;
  readonly members: Map<ClientId, Knowing>;
  /** Since when there is none; `undefined`: there is one, or was none yet. */
  since: Instant | undefined;
}

interface Knowing {
  /** Whom it takes for its coordinator. */
  broker: BrokerId | null;
  /** Whether it ever had one that was active. */
  begun: boolean;
  since: Instant | undefined;
}

/**
 * Reads how long groups, and their members, were without a coordinator. A coordinator that loads is none yet. One that was
 * cut off from the others and does not know that it was replaced counts, for as long as it thinks so.
 */
export function outages(tell: (outage: Outage) => void): Fold {
  const groups = new Map<GroupId, Seen>();

  const seen = (id: GroupId): Seen => {
    let group = groups.get(id);
    if (!group) groups.set(id, (group = { active: new Set(), members: new Map(), since: undefined }));
    return group;
  };
  const works = ({ active }: Seen, { broker }: Knowing): boolean => broker !== null && active.has(broker);

  /** Something about this member, or its group, has changed. */
  const look = (id: GroupId, group: Seen, client: ClientId, member: Knowing, t: Instant): void => {
    if (works(group, member)) {
      if (member.since !== undefined && t > member.since)
        tell({ group: id, client, from: member.since, to: t, over: true });
      member.since = undefined;
      member.begun = true;
    } else if (member.begun) member.since ??= t;
  };

  const end = (id: GroupId, client: ClientId, { since }: Knowing, t: Instant): void => {
    if (since !== undefined && t > since) tell({ group: id, client, from: since, to: t, over: false });
  };

  return {
    see(event: TraceEvent) {
      switch (event.type) {
        case "coordinator.state":
          for (const id of event.groups) {
            const group = seen(id);
            const had = group.active.size > 0;
            if (event.to === "Active") group.active.add(event.broker);
            else group.active.delete(event.broker);
            const has = group.active.size > 0;
            if (had && !has) group.since = event.t;
            if (!had && has && group.since !== undefined) {
              if (event.t > group.since) tell({ group: id, from: group.since, to: event.t, over: true });
              group.since = undefined;
            }
            for (const [client, member] of group.members) look(id, group, client, member, event.t);
          }
          return;
        case "client.coordinator": {
          const group = seen(event.group);
          let member = group.members.get(event.client);
          if (!member) group.members.set(event.client, (member = { broker: null, begun: false, since: undefined }));
          member.broker = event.broker;
          look(event.group, group, event.client, member, event.t);
          return;
        }
        case "client.process": {
          if (event.to !== "Stopped" && event.to !== "Crashed") return;
          const { members } = seen(event.group);
          const member = members.get(event.client);
          if (member) end(event.group, event.client, member, event.t);
          members.delete(event.client);
        }
      }
    },
    end(t) {
      for (const [id, { since, members }] of groups) {
        if (since !== undefined && t > since) tell({ group: id, from: since, to: t, over: false });
        for (const [client, member] of members) end(id, client, member, t);
      }
    },
  };
}
