import type { Duration, Instant } from "../../../engine/time.ts";
import type { BrokerId, Generation } from "../../../names.ts";
import type { Api, CoordinatorRequest, GroupReply, GroupRequest } from "../../messages.ts";
import { withOne } from "./answered-commits.ts";
import type { Client, Identity, MemberOutput } from "./client.ts";
import { NO_GENERATION, record, setting } from "./client.ts";

/**
 * Why an OffsetCommit was sent, which decides who waits for its reply. `interval`: it was time for one. `batch`: a batch
 * is done, or about to begin.
 */
export type CommitPurpose = "before-rebalance" | "closing" | "application" | "interval" | "batch";

/** Those that are sent at a regular beat: they are numbered apart and, as long as all is well, not written down. */
export const isRegular = (purpose: CommitPurpose | undefined): boolean => purpose === "interval" || purpose === "batch";

/** One that only says that the member lives: it is not written down, nor is its answer as long as that is healthy. */
const isBeat = ({ api, purpose, beat }: Pick<InFlight, "api" | "purpose" | "beat">): boolean =>
  api === "Heartbeat" || beat === true || isRegular(purpose);

/** A request that is neither answered, nor timed out, nor failed with its connection. */
export interface InFlight extends Identity {
  readonly id: number;
  readonly api: Api;
  readonly sentAt: Instant;
  readonly due: Instant;
  readonly purpose?: CommitPurpose;
  /** Of the consumer protocol's heartbeats: one that was sent because its time had come, and for nothing else. */
  readonly beat?: true;
}

/**
 * Requests on their way, by API, oldest first. All of one API have the same timeout, so one timer for each API is
 * enough: that of its oldest.
 */
export class Requests {
  readonly #host: Client["host"];
  readonly #open = new Map<Api, InFlight[]>();
  readonly #lastSentAt = new Map<Api, Instant>();

  constructor(host: Client["host"]) {
    this.#host = host;
  }

  get size(): number {
    let size = 0;
    for (const open of this.#open.values()) size += open.length;
    return size;
  }

  has(api: Api): boolean {
    return this.oldest(api) !== undefined;
  }

  oldest(api: Api): InFlight | undefined {
    return this.#open.get(api)?.[0];
  }

  /** When the last one was sent, if any was. */
  lastSentAt(api: Api): Instant {
    return this.#lastSentAt.get(api) ?? -Infinity;
  }

  /** Whether a commit for that purpose is on its way. */
  isCommitting(purpose: CommitPurpose): boolean {
    return this.#open.get("OffsetCommit")?.some((request) => request.purpose === purpose) ?? false;
  }

  /** All that wait for the coordinator, in the order in which they were sent. */
  toCoordinator(): InFlight[] {
    const all = [...this.#open].flatMap(([api, open]) => (ELSEWHERE.has(api) ? [] : open));
    return all.sort((a, b) => a.sentAt - b.sentAt || APIS.indexOf(a.api) - APIS.indexOf(b.api) || a.id - b.id);
  }

  add(request: InFlight): void {
    this.#lastSentAt.set(request.api, request.sentAt);
    let open = this.#open.get(request.api);
    if (!open) this.#open.set(request.api, (open = []));
    if (open.push(request) === 1) this.#host.after(request.due - this.#host.now(), "request", request.api);
  }

  /** Takes the request that this answers; nothing if it was given up before. */
  take(reply: { readonly api: Api; readonly id: number; readonly regular?: true }): InFlight | undefined {
    const { api, id, regular = false } = reply;
    const open = this.#open.get(api);
    const place = open?.findIndex((request) => request.id === id && isRegular(request.purpose) === regular) ?? -1;
    if (!open || place === -1) return undefined;
    const [request] = open.splice(place, 1);
    if (open.length === 0) this.#host.cancel("request", api);
    else if (place === 0) {
      const left = open[0].due - this.#host.now();
      this.#host.after(Math.max(0, left), "request", api); // several may have come due while the process was stopped
    }
    return request;
  }
}

/** What other brokers answer. */
const ELSEWHERE: ReadonlySet<Api> = new Set(["FindCoordinator", "ListOffsets"]);

export const isElsewhere = (api: Api): boolean => ELSEWHERE.has(api);

/** Which of several requests sent at one instant counts as the first. */
const APIS: readonly Api[] = [
  "FindCoordinator",
  "JoinGroup",
  "SyncGroup",
  "Heartbeat",
  "LeaveGroup",
  "ConsumerGroupHeartbeat",
  "OffsetCommit",
  "OffsetFetch",
  "ListOffsets",
];

type Envelope = "client" | "group";
type WithoutEnvelope<R> = R extends GroupRequest ? Omit<R, Envelope> : never;

interface Sending {
  readonly timeout?: Duration;
  readonly purpose?: CommitPurpose;
  readonly beat?: boolean;
}

export function sendToCoordinator(
  on: Client,
  request: WithoutEnvelope<CoordinatorRequest>,
  sending: Sending = {},
): void {
  send(on, on.search.coordinator!, request, sending);
}

/** Sends a request; healthy heartbeats and regular commits are not written down. */
export function send(
  on: Client,
  to: BrokerId | "any" | "leaders",
  fields: WithoutEnvelope<GroupRequest>,
  { timeout = setting(on, "request.timeout.ms"), purpose, beat = false }: Sending = {},
): void {
  const { membership, host, options } = on;
  const { api, id } = fields;
  const now = host.now();
  const { member } = membership;
  const generation = fields.api === "ConsumerGroupHeartbeat" ? fields.epoch : membership.generation;
  const kind = { ...(purpose && { purpose }), ...(beat && { beat }) };
  const inFlight = { id, api, sentAt: now, due: now + timeout, generation, member, ...kind };
  on.requests.add(inFlight);
  if (!isBeat(inFlight)) {
    record(on, "request.sent", { api, request: id, broker: to, ...(member ? { member } : {}), generation });
  }
  const request = { ...fields, client: options.client, group: options.group } as GroupRequest;
  host.send({ to, request } as MemberOutput);
}

/** Writes down that a request is answered, or never will be; what is healthy and regular is not worth a line, only counted. */
export function recordAnswer(on: Client, request: InFlight, reply: GroupReply): void {
  const took = on.host.now() - request.sentAt;
  if (isBeat(request) && isHealthy(request, reply)) {
    const { id, purpose } = request;
    if (isRegular(purpose)) on.commitClock.answered = withOne(on.commitClock.answered, id, took);
    return;
  }
  record(on, "request.answered", {
    api: request.api,
    request: request.id,
    error: reply.error,
    took,
    ...generationOf(reply),
  });
}

/** It says nothing new. */
function isHealthy({ generation }: InFlight, reply: GroupReply): boolean {
  if (reply.error !== "NONE") return false;
  return reply.api !== "ConsumerGroupHeartbeat" || (reply.epoch === generation && reply.assignment === undefined);
}

function generationOf(reply: GroupReply): { readonly generation?: Generation } {
  if (reply.error !== "NONE") return {};
  if (reply.api === "JoinGroup") return { generation: reply.generation };
  return reply.api === "ConsumerGroupHeartbeat" ? { generation: reply.epoch } : {};
}

/** What the client's own network layer says in place of a reply that will not come. */
export function failed({ id, api, purpose }: InFlight, error: "DISCONNECTED" | "TIMED_OUT"): GroupReply {
  const nothing = {
    generation: NO_GENERATION,
    epoch: NO_GENERATION,
    heartbeatInterval: 0,
    leader: "",
    member: "",
    skipAssignment: false,
    members: [],
    offsets: {},
  };
  return { ...nothing, id, api, error, ...(isRegular(purpose) && { regular: true }) } as GroupReply;
}

/** A request's own time is over. */
export function requestOver(on: Client, api: Api): void {
  const request = on.requests.oldest(api);
  if (request) on.receive(failed(request, "TIMED_OUT"));
}

/** Who a request says it is from. */
export function identity({ membership: { member }, options: { instance } }: Client): {
  member: string;
  instance?: string;
} {
  return { member, ...(instance ? { instance } : {}) };
}
