import type { Duration, Instant } from "../../../engine/time.ts";
import type { BrokerId } from "../../../names.ts";
import type { ErrorCode, FindCoordinatorReply } from "../../messages.ts";
import type { Client } from "./client.ts";
import { backoff, record, setting, untilNextRound } from "./client.ts";
import { failed, send } from "./requests.ts";

/** Where the coordinator is, or how the search for it goes. */
export interface Search {
  coordinator: BrokerId | undefined;
  /** The coordinator has answered something since it was found. */
  connected: boolean;
  /** The broker to which the last attempt to connect failed; until some coordinator has answered. */
  refusedBy: BrokerId | undefined;
  /** And whether that was refused by its host, at once, rather than never answered. */
  refusedAtOnce: boolean;
  /** When the coordinator was found. */
  foundAt: Instant;
  /** Failed attempts since it was last known, or last tried. */
  failures: number;
  /** Waits before the next attempt. */
  waiting: boolean;
  /** When the last one began. */
  askedAt: Instant;
  /** The next one begins no sooner. */
  restsUntil: Instant;
  /** Numbers all requests but heartbeats. */
  requests: number;
}

export const newSearch = (): Search => ({
  coordinator: undefined,
  connected: false,
  refusedBy: undefined,
  refusedAtOnce: false,
  foundAt: 0,
  failures: 0,
  waiting: false,
  askedAt: 0,
  restsUntil: 0,
  requests: 0,
});

/** The next request's number. Heartbeats have numbers of their own, so their count shifts nobody else's. */
export const nextId = ({ search }: Client): number => ++search.requests;

/** Whether a search would begin now. */
export function canSearch({ search, requests }: Client): boolean {
  return search.coordinator === undefined && !search.waiting && !requests.has("FindCoordinator");
}

/** Asks some broker who the coordinator is, unless it is known or being asked for. */
export function lookForCoordinator(on: Client): void {
  if (!canSearch(on)) return;
  const { search, host } = on;
  const now = host.now();
  const wait = untilNextRound(on, "FindCoordinator", search.restsUntil - now);
  if (wait > 0) {
    search.waiting = true;
    return host.after(wait, "lookup", "");
  }
  search.askedAt = now;
  send(on, "any", { api: "FindCoordinator", id: nextId(on) });
}

/**
 * Tells whether the coordinator is known now. A broker whose connection has just failed is none: the client asks again
 * until it may connect anew. Kafka: `ensureCoordinatorReady`.
 */
export function coordinatorFound(on: Client, { error, broker }: FindCoordinatorReply): boolean {
  const { search, host, options } = on;
  if (error === "TIMED_OUT") host.send({ to: "any", close: true });
  if (error !== "NONE") search.refusedBy = undefined;
  if (error !== "NONE" || broker === undefined || !options.available(broker)) {
    lookLater(on);
    return false;
  }
  search.coordinator = broker;
  search.foundAt = host.now();
  search.connected = false;
  search.failures = 0;
  if (on.ways.spacesSearches) search.restsUntil = host.now() + backoff(on, 0, "FindCoordinator");
  record(on, "client.coordinator", { broker, reason: "found" });
  host.send({ to: broker, open: true });
  return true;
}

/** A reply has come over its connection. */
export function coordinatorAnswered({ search }: Client): void {
  search.connected = true;
  search.refusedBy = undefined;
}

/** The wait after a failed search is over. */
export function searchAgain(on: Client): void {
  on.search.waiting = false;
  if (on.ways.isAwake()) lookForCoordinator(on);
}

/**
 * The coordinator is not there, or not the coordinator. If the connection is gone, or is given up for that, every request
 * on it has failed. Generation, id and ownership stay as they are. Kafka: `markCoordinatorUnknown`.
 */
export function loseCoordinator(on: Client, reason: ErrorCode | "SESSION_TIMEOUT"): void {
  const { search, requests, host } = on;
  const { coordinator } = search;
  if (coordinator === undefined) return;
  search.coordinator = undefined;
  if (reason === "DISCONNECTED" && !search.connected) {
    search.refusedBy = coordinator;
    search.refusedAtOnce = host.now() - search.foundAt < shortestSetup(on);
  }
  const hungUp = on.ways.hangsUp || reason === "DISCONNECTED" || reason === "TIMED_OUT";
  if (hungUp) host.send({ to: coordinator, close: true });
  record(on, "client.coordinator", { broker: null, reason: reason.toLowerCase().replaceAll("_", "-") });
  if (hungUp) for (const request of requests.toCoordinator()) on.receive(failed(request, "DISCONNECTED"));
  if (on.ways.isAwake()) lookForCoordinator(on);
}

/** An attempt to connect that nobody answers takes longer than this: its timeout has a jitter of a fifth. */
const shortestSetup = (on: Client): Duration => 0.8 * setting(on, "socket.connection.setup.timeout.ms");

function lookLater(on: Client): void {
  const { search, host, options } = on;
  const { asksEvery } = options.traits;
  search.waiting = true;
  if (asksEvery === undefined) return host.after(backoff(on, search.failures++, "FindCoordinator"), "lookup", "");
  const next = search.askedAt + (search.refusedBy === undefined ? asksEvery : 2 * asksEvery);
  host.after(Math.max(0, next - host.now()), "lookup", "");
}
