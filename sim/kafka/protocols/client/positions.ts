import type { Generation, Partitions } from "../../../names.ts";
import type { ListOffsetsReply, OffsetFetchReply, Offsets } from "../../messages.ts";
import { resetPolicy } from "../../reset-policy.ts";
import { only, partitionsOf } from "../offsets.ts";
import { common, isEmpty, NO_PARTITIONS, union, without } from "../partitions.ts";
import { loseCoordinator, nextId } from "./coordinator-search.ts";
import type { Client } from "./client.ts";
import { backoff, COORDINATOR_LOST } from "./client.ts";
import { send, sendToCoordinator } from "./requests.ts";

/** A question about some partitions, and its answer until poll() looks at it. */
interface Asked {
  partitions: Partitions;
  found: Offsets | undefined;
}

/** What the coordinator is asked counts in the spell only in which it was; see `ProtocolWays`. */
interface AskedInSpell extends Asked {
  readonly spell: Generation;
}

/** The search for where to start reading. Kafka: `initWithCommittedOffsetsIfNeeded`, `resetPositionsIfNeeded`. */
export interface PositionLookup {
  /** What was committed? */
  committed: AskedInSpell | undefined;
  /** Where do the logs begin, or end? For those without a committed offset. */
  listed: Asked | undefined;
  /** Where reading starts is for the reset policy to say: nothing was committed, or that is out of range. */
  toReset: Partitions;
  /** Those of them that are out of range. */
  outOfRange: Partitions;
  failures: number;
  /** Waits before the next attempt. */
  waiting: boolean;
}

export const newLookup = (): PositionLookup => ({
  committed: undefined,
  listed: undefined,
  toReset: NO_PARTITIONS,
  outOfRange: NO_PARTITIONS,
  failures: 0,
  waiting: false,
});

/*
 * Partitions without a position are looked up by the first poll() after the join is done, the follow-up of a cooperative
 * one included, and are read from the next poll() after the answer on. Where nothing was committed the leaders are asked,
 * one round trip more, as `auto.offset.reset` says. Simpler than in Kafka: partitions that already have a position go on
 * being read meanwhile (Kafka's poll() waits for the coordinator's answer first, one round trip).
 */

/** Whether a poll() would look positions up, or begin to read what was found. */
export function wantsPositions(on: Client): boolean {
  const { lookup, requests, holdings, search } = on;
  if (on.ways.looksUpLater()) return false;
  if (lookup.committed?.found || lookup.listed?.found) return true;
  if (lookup.waiting || isEmpty(holdings.unpositioned)) return false;
  if (search.coordinator !== undefined && !requests.has("OffsetFetch") && !isEmpty(unknown(on))) return true;
  return !requests.has("ListOffsets") && !isEmpty(toBeReset(on));
}

/** Those nobody has been asked about. */
function unknown({ lookup, holdings }: Client): Partitions {
  return without(holdings.unpositioned, lookup.toReset);
}

/** Those the reset policy has to decide about, as far as they are still ours. */
function toBeReset({ lookup, holdings }: Client): Partitions {
  return isEmpty(lookup.toReset) ? NO_PARTITIONS : common(holdings.unpositioned, lookup.toReset);
}

export function advancePositions(on: Client): void {
  if (!wantsPositions(on)) return;
  takeCommitted(on);
  takeListed(on);
  if (on.fatal !== undefined || !wantsPositions(on)) return;
  if (on.search.coordinator !== undefined) askForCommitted(on);
  askForReset(on);
}

/**
 * An answer has come to a client whose background thread looks at it at once, and asks on by itself. Kafka:
 * `OffsetsRequestManager.updateFetchPositions`.
 */
export function advancePositionsInBackground(on: Client): void {
  takeCommitted(on);
  takeListed(on);
  if (on.fatal === undefined && !on.lookup.waiting) askForReset(on);
}

function askForCommitted(on: Client): void {
  const { lookup, ways, requests } = on;
  const partitions = unknown(on);
  if (isEmpty(partitions) || requests.has("OffsetFetch")) return;
  lookup.committed = { partitions, spell: ways.spell(), found: undefined };
  sendToCoordinator(on, { api: "OffsetFetch", id: nextId(on), ...ways.fetchesAs(), partitions });
}

/** Kafka: `OffsetFetcherUtils.resetPositionIfNeeded`; without a policy, `NoOffsetForPartitionException`. */
function askForReset(on: Client): void {
  const { lookup, requests, options } = on;
  const partitions = toBeReset(on);
  if (isEmpty(partitions) || requests.has("ListOffsets")) return;
  const policy = resetPolicy(options.config["auto.offset.reset"])!;
  if (policy === "none") {
    on.fatal = isEmpty(common(partitions, lookup.outOfRange)) ? "NO_OFFSET_FOR_PARTITION" : "OFFSET_OUT_OF_RANGE";
    return;
  }
  lookup.listed = { partitions, found: undefined };
  send(on, "leaders", { api: "ListOffsets", id: nextId(on), partitions, query: policy });
}

/** What was committed is where reading starts, unless it is no longer there. */
function takeCommitted(on: Client): void {
  const { lookup, ways } = on;
  const { committed } = lookup;
  if (!committed?.found) return;
  lookup.committed = undefined;
  if (committed.spell !== ways.spell()) return;
  const answered = partitionsOf(committed.found);
  lookup.toReset = union(lookup.toReset, without(committed.partitions, answered));
  startAt(on, only(committed.found, common(answered, committed.partitions)), "committed");
}

/**
 * What the leaders say is where reading starts of whatever waits for the reset policy at present, whenever it was asked. Kafka:
 * `SubscriptionState.maybeSeekUnvalidated`.
 */
function takeListed(on: Client): void {
  const { lookup } = on;
  const { listed } = lookup;
  if (!listed?.found) return;
  lookup.listed = undefined;
  const answered = common(partitionsOf(listed.found), lookup.toReset);
  const outOfRange = common(answered, lookup.outOfRange);
  lookup.toReset = without(lookup.toReset, answered);
  lookup.outOfRange = without(lookup.outOfRange, answered);
  startAt(on, only(listed.found, without(answered, outOfRange)), "reset");
  startAt(on, only(listed.found, outOfRange), "out-of-range");
}

/** Reading begins at these offsets, as far as the partitions are still ours and the records still there. */
function startAt(on: Client, offsets: Offsets, origin: "committed" | "reset" | "out-of-range"): void {
  const { holdings, lookup, options } = on;
  const partitions = common(partitionsOf(offsets), holdings.unpositioned);
  if (isEmpty(partitions)) return;
  const gone = options.start(only(offsets, partitions), origin);
  if (!isEmpty(gone)) {
    lookup.toReset = union(lookup.toReset, gone);
    lookup.outOfRange = union(lookup.outOfRange, gone);
  }
  holdings.startReading(without(partitions, gone));
}

/**
 * A Fetch was answered OFFSET_OUT_OF_RANGE, as retention has taken what was to be read next, or it went with a leader; or that
 * one has said so, and there is no policy (Kafka: `LogTruncationException`, one of its kind). The reset policy decides in the next
 * poll().
 */
export function fellOutOfRange(on: Client, partitions: Partitions): void {
  const { holdings, lookup } = on;
  const gone = common(holdings.reading, partitions);
  if (isEmpty(gone)) return;
  holdings.forgetPosition(gone, "out-of-range");
  lookup.toReset = union(lookup.toReset, gone);
  lookup.outOfRange = union(lookup.outOfRange, gone);
}

/**
 * The callbacks `onPartitionsRevoked` and `onPartitionsLost`. What was committed of these may be different when they come back,
 * so what the coordinator was asked counts no more; nor do they wait for the reset policy any more.
 */
export function giveUp(
  { lookup, holdings }: Client,
  partitions: Partitions,
  how: "revoked" | "lost",
  stops?: string,
): void {
  holdings.giveUp(partitions, how, stops);
  lookup.toReset = without(lookup.toReset, partitions);
  lookup.outOfRange = without(lookup.outOfRange, partitions);
  if (lookup.committed) lookup.committed.partitions = without(lookup.committed.partitions, partitions);
}

export function committedAnswered(on: Client, { error, offsets }: OffsetFetchReply): void {
  const { lookup } = on;
  if (error === "NONE") {
    lookup.failures = 0;
    if (lookup.committed) lookup.committed.found = offsets;
    return;
  }
  lookup.committed = undefined;
  if (COORDINATOR_LOST.has(error)) loseCoordinator(on, error);
  askAgainLater(on, "OffsetFetch");
}

/** Of partitions without a leader there is no answer; they are asked for again. */
export function listAnswered(on: Client, { error, offsets }: ListOffsetsReply): void {
  const { lookup, host } = on;
  const { listed } = lookup;
  if (error === "TIMED_OUT") host.send({ to: "leaders", close: true });
  if (error !== "NONE" || !listed) {
    lookup.listed = undefined;
    return askAgainLater(on, "ListOffsets");
  }
  listed.found = offsets;
  if (isEmpty(without(listed.partitions, partitionsOf(offsets)))) lookup.failures = 0;
  else askAgainLater(on, "ListOffsets");
}

function askAgainLater(on: Client, api: "OffsetFetch" | "ListOffsets"): void {
  const { lookup, host } = on;
  lookup.waiting = true;
  host.after(backoff(on, lookup.failures++, api), "offsets", "");
}
