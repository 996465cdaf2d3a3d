import type { Instant } from "../../engine/time.ts";
import type { Law } from "../../engine/variates.ts";
import type { BrokerId, ClientId, GroupId } from "../../names.ts";
import type { EventId, Sink } from "../event.ts";
import { isGone } from "./states.ts";

/** A time in which something was the matter with the network. */
export interface LinkTrouble {
  readonly state: "cut" | "slow";
  /** The parties between whom, as in `network.link`; `to` null: everybody else. */
  readonly from: string;
  readonly to: string | null;
  readonly oneWay: boolean;
  /** While slow: the law of a message's delay. */
  readonly delay?: Law;
  readonly begin: Instant;
  readonly end: Instant;
  /** Whether it was mended, or the run ended in it. */
  readonly mended: boolean;
  /** The event that began it. */
  readonly event: EventId;
  /** Who stands on the side of `from`, and on that of `to`, so far as the trace says where they stand; ascending. */
  readonly brokers: { readonly from: readonly BrokerId[]; readonly to: readonly BrokerId[] };
  /** Likewise, in the order in which they came, each while its process was there. */
  readonly clients: readonly {
    readonly client: ClientId;
    readonly group: GroupId;
    readonly side: "from" | "to";
    readonly from: Instant;
    readonly to: Instant;
  }[];
}

interface Client {
  readonly client: ClientId;
  readonly group: GroupId;
  readonly zone: string | undefined;
}

/** One that is not over. */
interface Open {
  readonly told: Omit<LinkTrouble, "end" | "mended" | "clients">;
  /** A coordinator as the broker it was. */
  readonly sides: { readonly from: string; readonly to: string | null };
  readonly clients: (Omit<LinkTrouble["clients"][number], "to"> & { to: Instant | undefined })[];
}

/** Tells every cut and every slow link when it is mended, or at the end, with those whom it kept from others. */
export function linkTroubles(tell: (trouble: LinkTrouble) => void): Sink {
  const zones = new Map<BrokerId, string | undefined>();
  const clients = new Map<ClientId, Client>();
  /** Who was elected last to coordinate each group. */
  const elected = new Map<GroupId, BrokerId>();
  const open = new Map<EventId, Open>();

  const isOn = (side: string, { client, group, zone }: Client): boolean =>
    side === `client/${client}` || side === `group/${group}` || (zone !== undefined && side === `zone/${zone}`);
  const brokersOn = (side: string | null): BrokerId[] =>
    [...zones]
      .filter(([id, zone]) => side === `broker/${id}` || (zone !== undefined && side === `zone/${zone}`))
      .map(([id]) => id)
      .sort((a, b) => a - b);
  const meet = (met: Open["clients"], { from, to }: Open["sides"], one: Client, t: Instant): void => {
    const side = isOn(from, one) ? "from" : to !== null && isOn(to, one) ? "to" : undefined;
    if (side) met.push({ client: one.client, group: one.group, side, from: t, to: undefined });
  };
  /** A coordinator is the broker that was it when the trouble began. */
  const named = (side: string): string => {
    const group = /^coordinator\/(.*)$/.exec(side)?.[1];
    const broker = group === undefined ? undefined : elected.get(group);
    return broker === undefined ? side : `broker/${broker}`;
  };
  const close = ({ told, clients: met }: Open, end: Instant, mended: boolean): void =>
    tell({
      ...told,
      end,
      mended,
      clients: met.map((one) => ({ ...one, to: one.to ?? end })).filter(({ from, to }) => to > from),
    });

  return {
    begin(header) {
      for (const { id, zone } of header.brokers ?? []) zones.set(id, zone);
    },
    see(event) {
      const { t } = event;
      switch (event.type) {
        case "client.process": {
          const { client, group, zone, to } = event;
          if (!isGone(to)) {
            if (clients.has(client)) return;
            const comes = { client, group, zone };
            clients.set(client, comes);
            for (const { sides, clients: met } of open.values()) meet(met, sides, comes, t);
          } else if (clients.delete(client))
            for (const { clients: met } of open.values())
              for (const one of met) if (one.client === client) one.to ??= t;
          return;
        }
        case "broker.state":
          if (!zones.has(event.broker)) zones.set(event.broker, undefined);
          return;
        case "coordinator.state":
          if (!zones.has(event.broker)) zones.set(event.broker, undefined);
          if (event.to === "Loading") for (const group of event.groups) elected.set(group, event.broker);
          return;
        case "network.link": {
          const { state, from, to, oneWay, delay, id, cause } = event;
          if (state === "mended") {
            const trouble = open.get(cause ?? "");
            if (!trouble) return;
            open.delete(cause ?? "");
            return close(trouble, t, true);
          }
          const sides = { from: named(from), to: to && named(to) };
          const brokers = { from: brokersOn(sides.from), to: brokersOn(sides.to) };
          const met: Open["clients"] = [];
          for (const one of clients.values()) meet(met, sides, one, t);
          open.set(id, {
            told: { state, from, to, oneWay, ...(delay && { delay }), begin: t, event: id, brokers },
            sides,
            clients: met,
          });
        }
      }
    },
    end(t) {
      for (const trouble of open.values()) close(trouble, t, false);
      for (const map of [zones, clients, elected, open]) map.clear();
    },
  };
}

/** Whether this trouble is between these two, so far as the trace says where they stand. */
export function liesBetween({ to, brokers, clients }: LinkTrouble, client: ClientId, broker: BrokerId): boolean {
  const side = clients.find((one) => one.client === client)?.side;
  if (to === null) return (side === "from") !== brokers.from.includes(broker);
  return (side === "from" && brokers.to.includes(broker)) || (side === "to" && brokers.from.includes(broker));
}

/** The same of what goes from the client to the broker, or of what comes back. */
export function isOnTheWay(trouble: LinkTrouble, client: ClientId, broker: BrokerId, way: "there" | "back"): boolean {
  if (!liesBetween(trouble, client, broker)) return false;
  const isSender = trouble.clients.find((one) => one.client === client)?.side === "from";
  return !trouble.oneWay || isSender === (way === "there");
}
