import type { BrokerId } from "../../names.ts";

/**
 * Who takes part in the network, as one number, so that asking about a pair allocates nothing: brokers by their id, the
 * controller 0, clients below it.
 */
export type Party = number;

export const CONTROLLER: Party = 0;

export const brokerParty = (broker: BrokerId): Party => broker;

/** `client` is its dense number. */
export const clientParty = (client: number): Party => -1 - client;

export const isClient = (party: Party): boolean => party < 0;

/** The number of a client that `clientParty` made a party of. */
export const clientOf = (party: Party): number => -1 - party;
