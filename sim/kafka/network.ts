import type { Engine, Kind } from "../engine/engine.ts";
import type { Keyed } from "../engine/keyed.ts";
import { keyed } from "../engine/keyed.ts";
import type { Stream, Streams } from "../engine/random.ts";
import type { Duration, Instant } from "../engine/time.ts";
import type { Law } from "../engine/variates.ts";
import { drawDuration, durationOf } from "../engine/variates.ts";
import type { BrokerId } from "../names.ts";
import type { EventId } from "../trace/event.ts";
import type { GroupReply, GroupRequest } from "./messages.ts";
import { ORDER } from "./order.ts";

/** What the network tells the parties it connects. Clients are dense numbers. */
export interface Parties {
  /** The event that is being handled, for the message's cause; and the one a delivery continues. */
  cause(): EventId | null;
  resume(cause: EventId | null): void;
  /** Names a client's streams. */
  clientFate(client: number): string;
  clientAlive(client: number): boolean;
  /** Whether a process listens there: a dead broker's host answers with a refusal. */
  brokerListens(broker: BrokerId): boolean;
  atBroker(broker: BrokerId, client: number, request: GroupRequest): void;
  atClient(client: number, reply: GroupReply): void;
  /** The connection to this broker is gone, or was refused. */
  disconnected(client: number, broker: BrokerId): void;
}

/** What a message is drawn its delay for; each has a stream of its own for each client. */
type Purpose = "requests" | "replies";

/** Something on its way between a client and a broker, in the life (`epoch`) of the broker's process it belongs to. */
interface Letter {
  readonly broker: BrokerId;
  readonly epoch: number;
  /** `open` asks for a connection, `closed` says there is none. */
  readonly body: { readonly request: GroupRequest } | { readonly reply: GroupReply } | "open" | "closed";
}

/**
 * Carries messages between clients and brokers: a delay for each, in order on one connection (TCP), and the news of
 * connections that broke. A process that dies takes its connections with it: the other side hears of it one delay
 * later, and everything that was on the way is lost. A message to a broker where nothing listens is refused.
 */
export class Network {
  readonly #engine: Engine;
  readonly #streams: Streams;
  readonly #delay: Law;
  readonly #parties: Parties;
  readonly #toBroker: Kind;
  readonly #toClient: Kind;

  readonly #drawsFrom: Readonly<Record<Purpose, Stream[]>> = { requests: [], replies: [] };
  readonly #beats: Keyed[] = [];
  readonly #beatReplies: Keyed[] = [];
  readonly #letters: (Letter | undefined)[] = [];
  readonly #causes: (EventId | null)[] = [];
  readonly #free: number[] = [];
  readonly #lastToBroker: Instant[] = [];
  readonly #lastToClient: Instant[] = [];
  /** How often a broker's process has died: what was sent to or by an earlier life never arrives. */
  readonly #epochs = new Map<BrokerId, number>();
  readonly #connected = new Map<BrokerId, Set<number>>();

  constructor(engine: Engine, streams: Streams, delay: Law, parties: Parties) {
    this.#engine = engine;
    this.#streams = streams;
    this.#delay = delay;
    this.#parties = parties;
    this.#toBroker = engine.on("arrival at broker", ORDER.arrivalAtBroker, (client, slot) =>
      this.#arriveAtBroker(client, slot),
    );
    this.#toClient = engine.on("arrival at client", ORDER.arrivalAtClient, (client, slot) =>
      this.#arriveAtClient(client, slot),
    );
  }

  /** Messages on their way. */
  get inTransit(): number {
    return this.#letters.length - this.#free.length;
  }

  request(client: number, broker: BrokerId, request: GroupRequest): void {
    this.#connect(client, broker);
    const delay =
      request.api === "Heartbeat" ? this.heartbeatDelay(client, request.id) : this.#draw(client, "requests");
    this.#toBrokerSide(client, broker, { request }, delay);
  }

  reply(broker: BrokerId, client: number, reply: GroupReply): void {
    const delay =
      reply.api === "Heartbeat" ? this.heartbeatReplyDelay(client, reply.id) : this.#draw(client, "replies");
    this.#toClientSide(client, broker, { reply }, delay);
  }

  /** Opens a connection; if nothing listens there, `disconnected` after a round trip. */
  open(client: number, broker: BrokerId): void {
    this.#connect(client, broker);
    this.#toBrokerSide(client, broker, "open", this.#draw(client, "requests"));
  }

  /** The broker's process is gone: its connections break, and nothing from or to it on the way will arrive. */
  brokerDied(broker: BrokerId): void {
    this.#epochs.set(broker, this.#epoch(broker) + 1);
    const clients = [...(this.#connected.get(broker) ?? [])].sort((a, b) => a - b);
    this.#connected.delete(broker);
    for (const client of clients) this.#toClientSide(client, broker, "closed", this.#draw(client, "replies"));
  }

  /** The client's process is gone. */
  clientGone(client: number): void {
    for (const clients of this.#connected.values()) clients.delete(client);
  }

  #epoch(broker: BrokerId): number {
    return this.#epochs.get(broker) ?? 0;
  }

  #connect(client: number, broker: BrokerId): void {
    let clients = this.#connected.get(broker);
    if (!clients) this.#connected.set(broker, (clients = new Set()));
    clients.add(client);
  }

  #toBrokerSide(client: number, broker: BrokerId, body: Letter["body"], delay: Duration): void {
    this.#post(client, { broker, epoch: this.#epoch(broker), body }, delay, this.#lastToBroker, this.#toBroker);
  }

  #toClientSide(client: number, broker: BrokerId, body: Letter["body"], delay: Duration): void {
    this.#post(client, { broker, epoch: this.#epoch(broker), body }, delay, this.#lastToClient, this.#toClient);
  }

  #post(client: number, letter: Letter, delay: Duration, last: Instant[], kind: Kind): void {
    const arrival = Math.max(last[client] ?? 0, this.#engine.now + delay);
    last[client] = arrival;
    const slot = this.#free.pop() ?? this.#letters.length;
    this.#letters[slot] = letter;
    this.#causes[slot] = this.#parties.cause();
    this.#engine.scheduleAt(arrival, kind, client, slot);
  }

  #draw(client: number, purpose: Purpose): Duration {
    if ("constant" in this.#delay) return this.#delay.constant;
    const streams = this.#drawsFrom[purpose];
    streams[client] ??= this.#streams.stream(`${this.#parties.clientFate(client)}/network/${purpose}`);
    return drawDuration(this.#delay, streams[client]);
  }

  // ---------------------------------------------------------------- heartbeats, whose delays are chance by number

  /** How long this client's heartbeat with this request id is under way: the same, sent or only thought of. */
  heartbeatDelay(client: number, request: number): Duration {
    return this.#beat(this.#beats, client, request, "heartbeats");
  }

  /** Likewise its reply. */
  heartbeatReplyDelay(client: number, request: number): Duration {
    return this.#beat(this.#beatReplies, client, request, "heartbeat-replies");
  }

  #beat(beats: Keyed[], client: number, request: number, purpose: string): Duration {
    if ("constant" in this.#delay) return this.#delay.constant;
    beats[client] ??= keyed(this.#streams.stream(`${this.#parties.clientFate(client)}/network/${purpose}`));
    return durationOf(this.#delay, beats[client].uniform(request));
  }

  /** Puts a heartbeat on its way that left earlier without being simulated, and arrives at this instant. */
  resumeRequest(client: number, broker: BrokerId, request: GroupRequest, arrival: Instant): void {
    const letter = { broker, epoch: this.#epoch(broker), body: { request } };
    this.#post(client, letter, arrival - this.#engine.now, this.#lastToBroker, this.#toBroker);
  }

  /** Likewise a reply. */
  resumeReply(client: number, broker: BrokerId, reply: GroupReply, arrival: Instant): void {
    const letter = { broker, epoch: this.#epoch(broker), body: { reply } };
    this.#post(client, letter, arrival - this.#engine.now, this.#lastToClient, this.#toClient);
  }

  #take(slot: number): Letter {
    const letter = this.#letters[slot]!;
    this.#letters[slot] = undefined;
    this.#free.push(slot);
    this.#parties.resume(this.#causes[slot]);
    return letter;
  }

  #arriveAtBroker(client: number, slot: number): void {
    const { broker, epoch, body } = this.#take(slot);
    if (epoch !== this.#epoch(broker)) return; // died since, and has said so
    if (!this.#parties.brokerListens(broker)) {
      this.#connected.get(broker)?.delete(client);
      this.#toClientSide(client, broker, "closed", this.#draw(client, "replies"));
    } else if (typeof body === "object" && "request" in body) {
      this.#parties.atBroker(broker, client, body.request);
    }
  }

  #arriveAtClient(client: number, slot: number): void {
    const { broker, epoch, body } = this.#take(slot);
    if (!this.#parties.clientAlive(client)) return;
    if (body === "closed") this.#parties.disconnected(client, broker);
    else if (typeof body === "object" && "reply" in body && epoch === this.#epoch(broker)) {
      this.#parties.atClient(client, body.reply);
    }
  }
}
