import type { Instant } from "../../engine/time.ts";
import type { BrokerId, ClientId, GroupId } from "../../names.ts";
import type { Fold, TraceEvent } from "../event.ts";
import { takeovers } from "./whose-word.ts";

/** A time without a coordinator: of a group, or of one of its members. */
export interface Outage {
  readonly group: GroupId;
  /**
   * Absent: the group had no active coordinator anywhere. Else this member did not know the one that was active, if any was: it
   * is without one for longer, because it has to notice, and to find the next.
   */
  readonly client?: ClientId;
  readonly from: Instant;
  readonly to: Instant;
  /** Whether it was over at `to`, or the run, or the member, ended in it. */
  readonly over: boolean;
}

/** What is known of a group. */
interface Seen {
  /** The broker on which its coordinator is active. */
  active: BrokerId | null;
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
 * cut off from the others and replaced is none any more from when the next one has loaded the group, whatever it takes itself
 * for: what it answers is not true of the group.
 */
export function outages(tell: (outage: Outage) => void): Fold {
  const groups = new Map<GroupId, Seen>();
  const takenOver = takeovers();

  const seen = (id: GroupId): Seen => {
    let group = groups.get(id);
    if (!group) groups.set(id, (group = { active: null, members: new Map(), since: undefined }));
    return group;
  };
  const works = ({ active }: Seen, { broker }: Knowing): boolean => broker !== null && active === broker;

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
        case "coordinator.state": {
          const taken = takenOver(event);
          for (const id of event.groups) {
            const group = seen(id);
            if (taken.includes(id)) {
              group.active = event.broker;
              if (group.since !== undefined && event.t > group.since)
                tell({ group: id, from: group.since, to: event.t, over: true });
              group.since = undefined;
            } else if (group.active === event.broker) {
              group.active = null;
              group.since = event.t;
            }
            for (const [client, member] of group.members) look(id, group, client, member, event.t);
          }
          return;
        }
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
