import type { Law } from "../../engine/variates.ts";
import type { BrokerId, GroupId } from "../../names.ts";
import type { EventId } from "../../trace/event.ts";
import { brokerParty, clientOf, CONTROLLER, isClient } from "./parties.ts";
import type { Party } from "./parties.ts";

/** Where something stands: a data centre, a rack, an availability zone. */
export type Zone = string;

/** Some of the parties: those of a zone, one broker, one client, the clients of a group, or the controller. */
export type Side =
  | { readonly zone: Zone }
  | { readonly broker: BrokerId }
  | { readonly client: number }
  | { readonly group: GroupId }
  | { readonly controller: true };

/** Something is the matter, for a while, between the parties of one side and those of another. */
export interface Trouble {
  readonly from: Side;
  /** Absent: everybody who is not on the other side. */
  readonly to?: Side;
  /** Only what goes from the one side to the other suffers, not the answers. */
  readonly oneWay: boolean;
  /** How long a message takes meanwhile, one way; absent: none gets through. */
  readonly delay?: Law;
  /** What began it, in the trace. */
  readonly event: EventId;
}

/** How far apart things are when nothing is the matter. */
export interface Distances {
  /** One-way delay between any two parties. */
  readonly delay: Law;
  /** … unless they are in these two zones (or both in the one, if it is named twice). */
  readonly between: readonly { readonly zones: readonly [Zone, Zone]; readonly delay: Law }[];
}

/** Where the parties are. */
export interface Whereabouts {
  zoneOf(party: Party): Zone | undefined;
  groupOf(client: number): GroupId;
}

/**
 * What the way between two parties is like at present: how long a message takes, and whether any gets through. Nobody
 * is told of a cut: what is sent into it vanishes, and only timeouts find out.
 */
export class Links {
  readonly #distances: Distances;
  readonly #whereabouts: Whereabouts;
  readonly #laws = new Map<Zone, Map<Zone, Law>>();
  readonly #troubles: Trouble[] = [];
  readonly #dark = new Set<BrokerId>();

  constructor(distances: Distances, whereabouts: Whereabouts) {
    this.#distances = distances;
    this.#whereabouts = whereabouts;
    for (const { zones, delay } of distances.between) {
      for (const [a, b] of [zones, [zones[1], zones[0]]] as const) {
        let laws = this.#laws.get(a);
        if (!laws) this.#laws.set(a, (laws = new Map()));
        laws.set(b, delay);
      }
    }
  }

  /** How long a message takes that is sent now. Of several slow links on its way the last one that began counts. */
  delay(from: Party, to: Party): Law {
    for (let last = this.#troubles.length - 1; last >= 0; last--) {
      const trouble = this.#troubles[last];
      if (trouble.delay && this.#concerns(trouble, from, to)) return trouble.delay;
    }
    if (this.#laws.size === 0) return this.#distances.delay;
    const [here, there] = [this.#whereabouts.zoneOf(from), this.#whereabouts.zoneOf(to)];
    const law = here === undefined || there === undefined ? undefined : this.#laws.get(here)?.get(there);
    return law ?? this.#distances.delay;
  }

  /** Whether what is sent now gets there. */
  passes(from: Party, to: Party): boolean {
    if (this.#dark.has(from) || this.#dark.has(to)) return false;
    return !this.#troubles.some((trouble) => !trouble.delay && this.#concerns(trouble, from, to));
  }

  /** What keeps it from getting there, or the answer, as far as cuts do. */
  cutBy(a: Party, b: Party): EventId | undefined {
    return this.#troubles.find(
      (trouble) => !trouble.delay && (this.#concerns(trouble, a, b) || this.#concerns(trouble, b, a)),
    )?.event;
  }

  /** Whether it does, and the answer too. */
  whole(a: Party, b: Party): boolean {
    return this.passes(a, b) && this.passes(b, a);
  }

  /** Whether nothing is the matter between them, either way: neither a cut nor a slow link. */
  healthy(a: Party, b: Party): boolean {
    if (this.#dark.has(a) || this.#dark.has(b)) return false;
    return !this.#troubles.some((trouble) => this.#concerns(trouble, a, b) || this.#concerns(trouble, b, a));
  }

  begin(trouble: Trouble): void {
    this.#troubles.push(trouble);
  }

  end(trouble: Trouble): void {
    const place = this.#troubles.indexOf(trouble);
    if (place !== -1) this.#troubles.splice(place, 1);
  }

  /** The broker's host is gone, without a word to anybody. */
  hostLost(broker: BrokerId): void {
    this.#dark.add(brokerParty(broker));
  }

  hostBack(broker: BrokerId): void {
    this.#dark.delete(brokerParty(broker));
  }

  isDark(broker: BrokerId): boolean {
    return this.#dark.has(brokerParty(broker));
  }

  #concerns(trouble: Trouble, from: Party, to: Party): boolean {
    return this.#leads(trouble, from, to) || (!trouble.oneWay && this.#leads(trouble, to, from));
  }

  #leads({ from, to }: Trouble, sender: Party, receiver: Party): boolean {
    if (!this.#isOn(from, sender)) return false;
    return to ? this.#isOn(to, receiver) : !this.#isOn(from, receiver);
  }

  #isOn(side: Side, party: Party): boolean {
    if ("zone" in side) return this.#whereabouts.zoneOf(party) === side.zone;
    if ("broker" in side) return party === brokerParty(side.broker);
    if ("controller" in side) return party === CONTROLLER;
    if (!isClient(party)) return false;
    return "client" in side
      ? clientOf(party) === side.client
      : this.#whereabouts.groupOf(clientOf(party)) === side.group;
  }
}
