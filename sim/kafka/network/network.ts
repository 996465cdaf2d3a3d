import type { Engine, Kind } from "../../engine/engine.ts";
import type { Keyed } from "../../engine/keyed.ts";
import { keyed } from "../../engine/keyed.ts";
import type { Stream, Streams } from "../../engine/random.ts";
import type { Duration, Instant } from "../../engine/time.ts";
import type { Law } from "../../engine/variates.ts";
import { drawDuration, durationOf } from "../../engine/variates.ts";
import type { BrokerId } from "../../names.ts";
import type { EventId } from "../../trace/event.ts";
import type { ClientConfig } from "../config.ts";
import type { GroupReply, GroupRequest } from "../messages.ts";
import { isHeartbeat } from "../messages.ts";
import { ORDER } from "../order.ts";
import type { Connection, Letter, Role, Way } from "./connection.ts";
import { newConnection, numberOf, ROLES, waitAfter } from "./connection.ts";
import type { Distances, Trouble, Whereabouts } from "./links.ts";
import { Links } from "./links.ts";
import { brokerParty, clientParty, CONTROLLER } from "./parties.ts";
import type { Party } from "./parties.ts";
import { Reconnection } from "./reconnection.ts";

/** What the network asks of the parties it connects, and tells them. Clients are dense numbers. */
export interface Parties extends Whereabouts {
  /** The event that is being handled, for the message's cause; and the one a delivery continues. */
  cause(): EventId | null;
  resume(cause: EventId | null): void;
  readonly brokers: number;
  /** How many clients there have been so far. */
  clients(): number;
  /** Names a client's streams. */
  clientFate(client: number): string;
  clientConfig(client: number): ClientConfig;
  clientAlive(client: number): boolean;
  /** Whether a process listens there: a dead broker's host answers with a refusal. */
  brokerListens(broker: BrokerId): boolean;
  atBroker(broker: BrokerId, client: number, request: GroupRequest): void;
  atClient(client: number, reply: GroupReply): void;
  /** The connection to this broker is gone, was refused, or could not be made in time. */
  disconnected(client: number, broker: BrokerId, role: Role): void;
  /** What is between any of the parties is about to change: heartbeats that were only thought of have to be real. */
  changing(): void;
  /** It has changed. */
  changed(): void;
  /** These clients can reach this broker from now on, or cannot any more. */
  reachChanged(broker: BrokerId, clients: readonly number[]): void;
  /** Something has changed between brokers, or between them and the controller. */
  brokersReachChanged(): void;
}

/** What is sent at a regular beat, so that it need not be simulated while all is well. */
export type Beat = "heartbeat" | "commit";

const BEAT_STREAMS: Readonly<Record<Beat, Readonly<Record<Way["towards"], string>>>> = {
  heartbeat: { broker: "heartbeats", client: "heartbeat-replies" },
  commit: { broker: "commits", client: "commit-replies" },
};

function beatOf(message: GroupRequest | GroupReply): Beat | undefined {
  if (isHeartbeat(message.api)) return "heartbeat";
  return message.api === "OffsetCommit" && message.regular ? "commit" : undefined;
}

/** What a message is drawn its delay for; each has a stream of its own for each client. */
type Purpose = "requests" | "replies" | "fetches" | "to-zookeeper" | "from-zookeeper";

/**
 * Carries messages between clients and brokers: a delay for each, in order on one connection, and the news of connections
 * that broke. A process that dies takes its connections with it: the other side hears of it one delay later, and
 * everything that was on the way is lost. A message to a broker where nothing listens is refused. What is sent into a cut,
 * or to a host that is gone, waits: TCP tries again and again, until it gets through or the client gives the connection up.
 * Kafka: `NetworkClient`.
 */
export class Network {
  readonly #engine: Engine;
  readonly #streams: Streams;
  readonly #parties: Parties;
  readonly #links: Links;
  readonly #toBroker: Kind;
  readonly #toClient: Kind;
  readonly #retries: Kind;
  readonly #setups: Kind;

  readonly #drawsFrom: Readonly<Record<Purpose, Stream[]>> = {
    requests: [],
    replies: [],
    fetches: [],
    "to-zookeeper": [],
    "from-zookeeper": [],
  };
  readonly #beats = new Map<string, Keyed[]>();
  readonly #letters = new Slots<Letter>();
  readonly #waiting = new Slots<{
    readonly connection: Connection;
    readonly way: Way;
    readonly cause: EventId | null;
  }>();
  readonly #connections: Connection[][] = []; // of each client, few
  readonly #reconnections: Readonly<Record<Role, Map<BrokerId, Reconnection>[]>> = { lookup: [], coordination: [] };
  /** How often a broker's process has died. */
  readonly #lives = new Map<BrokerId, number>();

  constructor(engine: Engine, streams: Streams, distances: Distances, parties: Parties) {
    this.#engine = engine;
    this.#streams = streams;
    this.#parties = parties;
    this.#links = new Links(distances, parties);
    this.#toBroker = engine.on("arrival at broker", ORDER.arrivalAtBroker, (_, slot) =>
      this.#arriveAtBroker(this.#take(slot)),
    );
    this.#toClient = engine.on("arrival at client", ORDER.arrivalAtClient, (_, slot) =>
      this.#arriveAtClient(this.#take(slot)),
    );
    this.#retries = engine.on("retransmission", ORDER.arrivalAtBroker, (_, slot) => this.#retry(slot));
    this.#setups = engine.on("connection setup", ORDER.clientTimer, (_, slot) => this.#setupOver(slot));
  }

  // ---------------------------------------------------------------- what clients and brokers do

  request(client: number, broker: BrokerId, request: GroupRequest, role: Role): void {
    const connection = this.#find(client, broker, role) ?? this.#connect(client, broker, role);
    connection.unanswered.add(numberOf(request));
    this.#send(this.#letter(connection, { request }), connection.toBroker);
  }

  /** Answers over the connection the request came by; if that is gone, nobody waits for it any more. */
  reply(broker: BrokerId, client: number, reply: GroupReply): void {
    const lookup = reply.api === "FindCoordinator" || reply.api === "ListOffsets";
    const connection = this.#find(client, broker, lookup ? "lookup" : "coordination");
    if (connection?.unanswered.has(numberOf(reply))) {
      this.#send(this.#letter(connection, { reply }), connection.toClient);
    }
  }

  /** Opens the connection to a coordinator; if that fails the client is told `disconnected`. */
  open(client: number, broker: BrokerId): void {
    if (this.#find(client, broker, "coordination")) return;
    const connection = this.#connect(client, broker, "coordination");
    this.#send(this.#letter(connection, "open"), connection.toBroker);
  }

  /** The client gives the connection up. What it has sent still arrives, what would come back does not. */
  close(client: number, broker: BrokerId, role: Role): void {
    const connection = this.#find(client, broker, role);
    if (connection) this.#drop(connection);
  }

  /** Whether the client has a connection to this coordinator, or may open one: for a while after one failed it may not. */
  available(client: number, broker: BrokerId): boolean {
    if (this.#find(client, broker, "coordination")) return true;
    return this.#reconnections.coordination[client]?.get(broker)?.mayConnect(this.#engine.now) ?? true;
  }

  /** The client's process is gone. */
  clientGone(client: number): void {
    for (const connection of this.#connections[client] ?? []) this.#abandon(connection);
    this.#connections[client] = [];
  }

  /** The broker's process is gone. Unless its host is too, its connections break, and nothing on the way will arrive. */
  brokerDied(broker: BrokerId): void {
    this.#lives.set(broker, this.#life(broker) + 1);
    if (this.#links.isDark(broker)) return;
    for (let client = 0; client < this.#connections.length; client++) {
      for (const role of ROLES) {
        const connection = this.#find(client, broker, role);
        if (!connection) continue;
        if (role === "lookup" && connection.unanswered.size === 0)
          this.#drop(connection); // nobody waits for anything
        else this.#break(connection);
      }
    }
  }

  // ---------------------------------------------------------------- what is the matter between them

  /** Whether requests of this client get to this broker's host, and answers back. */
  reachable(client: number, broker: BrokerId): boolean {
    return this.#links.whole(clientParty(client), brokerParty(broker));
  }

  /** Whether they take no longer than usual for that. */
  healthy(client: number, broker: BrokerId): boolean {
    return this.#links.healthy(clientParty(client), brokerParty(broker));
  }

  /** Whether a broker's host is gone without a word to anybody. */
  isSilent(broker: BrokerId): boolean {
    return this.#links.isDark(broker);
  }

  /** Whether two brokers, or a broker and the controller, can talk to each other. */
  brokersReach(one: BrokerId | "controller", other: BrokerId | "controller"): boolean {
    return this.#links.whole(partyOf(one), partyOf(other));
  }

  /** What cuts this client off from some broker, if anything does. */
  cutOff(client: number): EventId | undefined {
    for (let broker = 1; broker <= this.#parties.brokers; broker++) {
      const event = this.#links.cutBy(clientParty(client), brokerParty(broker));
      if (event !== undefined) return event;
    }
    return undefined;
  }

  /** The laws of a request's and a reply's delay at present. */
  delays(client: number, broker: BrokerId): readonly [request: Law, reply: Law] {
    const [from, to] = [clientParty(client), brokerParty(broker)];
    return [this.#links.delay(from, to), this.#links.delay(to, from)];
  }

  /** How long a Fetch of this client takes that is sent now, or its answer. No connection is kept for them. */
  fetchDelay(client: number, broker: BrokerId, towards: Way["towards"]): Duration {
    return this.#draw(client, this.delays(client, broker)[towards === "broker" ? 0 : 1], "fetches");
  }

  /** Whether what this client sends to the controller's place gets there, and answers back: there is ZooKeeper, if any. */
  reachesController(client: number): boolean {
    return this.#links.whole(clientParty(client), CONTROLLER);
  }

  /** How long what it sends there now takes, or an answer. */
  controllerDelay(client: number, towards: "controller" | "client"): Duration {
    const here = clientParty(client);
    if (towards === "controller") return this.#draw(client, this.#links.delay(here, CONTROLLER), "to-zookeeper");
    return this.#draw(client, this.#links.delay(CONTROLLER, here), "from-zookeeper");
  }

  begin(trouble: Trouble): void {
    this.#change(() => this.#links.begin(trouble));
  }

  end(trouble: Trouble): void {
    this.#change(() => this.#links.end(trouble));
  }

  /** A broker's host is gone: what is sent there vanishes. That its process is gone too, `brokerDied` says. */
  hostLost(broker: BrokerId): void {
    this.#change(() => this.#links.hostLost(broker));
  }

  /** There is a host again; whatever it is sent over an old connection it refuses. */
  hostBack(broker: BrokerId): void {
    if (this.#links.isDark(broker)) this.#change(() => this.#links.hostBack(broker));
  }

  #change(change: () => void): void {
    const { brokers, clients, changing, changed, clientAlive, reachChanged, brokersReachChanged } = this.#parties;
    changing();
    const alive = Array.from({ length: clients() }, (_, client) => client).filter((client) => clientAlive(client));
    const ids = Array.from({ length: brokers }, (_, index) => index + 1);
    const before = ids.map((broker) => alive.map((client) => this.reachable(client, broker)));
    change();
    ids.forEach((broker, row) => {
      const concerned = alive.filter((client, column) => this.reachable(client, broker) !== before[row][column]);
      if (concerned.length > 0) reachChanged(broker, concerned);
    });
    brokersReachChanged();
    changed();
  }

  // ---------------------------------------------------------------- connections

  #life(broker: BrokerId): number {
    return this.#lives.get(broker) ?? 0;
  }

  #find(client: number, broker: BrokerId, role: Role): Connection | undefined {
    for (const connection of this.#connections[client] ?? []) {
      if (connection.broker === broker && connection.role === role) return connection;
    }
    return undefined;
  }

  #connect(client: number, broker: BrokerId, role: Role): Connection {
    const connection = newConnection(client, broker, role, this.#life(broker), this.#engine.now);
    (this.#connections[client] ??= []).push(connection);
    return connection;
  }

  #reconnection({ client, broker, role }: Connection): Reconnection {
    const known = (this.#reconnections[role][client] ??= new Map<BrokerId, Reconnection>());
    let reconnection = known.get(broker);
    if (!reconnection) {
      const stream = this.#streams.stream(`${this.#parties.clientFate(client)}/network/reconnect`);
      reconnection = new Reconnection(this.#parties.clientConfig(client), () => stream.uniform());
      known.set(broker, reconnection);
    }
    return reconnection;
  }

  /** The client has it no longer. */
  #drop(connection: Connection): void {
    const all = this.#connections[connection.client];
    all.splice(all.indexOf(connection), 1);
    this.#abandon(connection);
    this.#reconnection(connection).disconnected(this.#engine.now, !connection.accepted);
  }

  #abandon(connection: Connection): void {
    connection.closed = true;
    connection.toBroker.held.length = 0;
    connection.toClient.held.length = 0;
  }

  /** The broker's end is gone, and its host says so. */
  #break(connection: Connection): void {
    if (connection.broken) return;
    connection.broken = true;
    this.#send(this.#letter(connection, "closed"), connection.toClient);
  }

  /** A connection that is not made in time is given up. */
  #watchSetup(connection: Connection, cause: EventId | null): void {
    if (connection.accepted || connection.watched) return;
    connection.watched = true;
    const over = connection.openedAt + this.#reconnection(connection).setupTimeout();
    const slot = this.#waiting.put({ connection, way: connection.toBroker, cause });
    this.#engine.scheduleAt(Math.max(over, this.#engine.now), this.#setups, connection.client, slot);
  }

  #setupOver(slot: number): void {
    const { connection, cause } = this.#waiting.take(slot);
    if (!connection.accepted && !connection.broken) this.#disconnect(connection, cause);
  }

  #disconnect(connection: Connection, cause: EventId | null): void {
    if (connection.closed) return;
    this.#drop(connection);
    this.#parties.resume(cause);
    this.#parties.disconnected(connection.client, connection.broker, connection.role);
  }

  // ---------------------------------------------------------------- letters

  #letter(connection: Connection, body: Letter["body"]): Letter {
    return { connection, body, cause: this.#parties.cause() };
  }

  #send(letter: Letter, way: Way): void {
    if (way.held.length > 0 || !this.#passes(letter.connection, way)) this.#hold(letter, way);
    else this.#post(letter, way, this.#engine.now + this.#delayOf(letter, way));
  }

  #post(letter: Letter, way: Way, arrival: Instant): void {
    way.last = Math.max(way.last, arrival);
    const kind = way.towards === "broker" ? this.#toBroker : this.#toClient;
    this.#engine.scheduleAt(way.last, kind, letter.connection.client, this.#letters.put(letter));
  }

  /** A connection is only made if the answer gets through as well. */
  #passes({ client, broker, accepted }: Connection, { towards }: Way): boolean {
    const [here, there] = [clientParty(client), brokerParty(broker)];
    if (towards === "client") return this.#links.passes(there, here);
    return accepted ? this.#links.passes(here, there) : this.#links.whole(here, there);
  }

  #hold(letter: Letter, way: Way): void {
    const { connection, cause } = letter;
    if (connection.closed) return;
    way.held.push(letter);
    if (way.held.length > 1) return;
    way.tries = 1;
    this.#watchSetup(connection, cause);
    this.#retryLater(connection, way, cause);
  }

  #retryLater(connection: Connection, way: Way, cause: EventId | null): void {
    const slot = this.#waiting.put({ connection, way, cause });
    this.#engine.schedule(waitAfter(way.tries, connection), this.#retries, connection.client, slot);
  }

  #retry(slot: number): void {
    const { connection, way, cause } = this.#waiting.take(slot);
    if (connection.closed) return;
    if (this.#passes(connection, way)) {
      for (const letter of way.held.splice(0)) this.#send(letter, way);
      return;
    }
    way.tries++;
    this.#retryLater(connection, way, cause);
  }

  #take(slot: number): Letter {
    const letter = this.#letters.take(slot);
    this.#parties.resume(letter.cause);
    return letter;
  }

  #arriveAtBroker(letter: Letter): void {
    const { connection, body } = letter;
    const { client, broker } = connection;
    if (connection.broken) return; // died since, and has said so
    if (this.#links.isDark(broker)) return this.#hold(letter, connection.toBroker);
    if (connection.life !== this.#life(broker) || !this.#parties.brokerListens(broker)) return this.#break(connection);
    if (!connection.accepted) {
      connection.accepted = true;
      this.#reconnection(connection).connected();
    }
    if (typeof body === "object" && "request" in body) this.#parties.atBroker(broker, client, body.request);
  }

  #arriveAtClient({ connection, body, cause }: Letter): void {
    if (connection.closed || !this.#parties.clientAlive(connection.client)) return;
    if (body === "closed") return this.#disconnect(connection, cause);
    if (connection.broken || typeof body !== "object" || !("reply" in body)) return;
    connection.unanswered.delete(numberOf(body.reply));
    this.#parties.atClient(connection.client, body.reply);
  }

  #delayOf({ connection: { client, broker }, body }: Letter, { towards }: Way): Duration {
    if (typeof body === "object") {
      const message = "request" in body ? body.request : body.reply;
      const beat = beatOf(message);
      if (beat) return this.beatDelay(client, broker, towards, beat, message.id);
    }
    const law = this.delays(client, broker)[towards === "broker" ? 0 : 1];
    return this.#draw(client, law, towards === "broker" ? "requests" : "replies");
  }

  #draw(client: number, law: Law, purpose: Purpose): Duration {
    if ("constant" in law) return law.constant;
    const streams = this.#drawsFrom[purpose];
    streams[client] ??= this.#streams.stream(`${this.#parties.clientFate(client)}/network/${purpose}`);
    return drawDuration(law, streams[client]);
  }

  // ---------------------------------------------------------------- what is sent at a beat: its delays are chance by number

  /** How long this client's message of this number is under way: the same, sent or only thought of. */
  beatDelay(client: number, broker: BrokerId, towards: Way["towards"], beat: Beat, number: number): Duration {
    const [here, there] = [clientParty(client), brokerParty(broker)];
    const law = towards === "broker" ? this.#links.delay(here, there) : this.#links.delay(there, here);
    if ("constant" in law) return law.constant;
    const purpose = BEAT_STREAMS[beat][towards];
    let beats = this.#beats.get(purpose);
    if (!beats) this.#beats.set(purpose, (beats = []));
    beats[client] ??= keyed(this.#streams.stream(`${this.#parties.clientFate(client)}/network/${purpose}`));
    return durationOf(law, beats[client].uniform(number));
  }

  /** Puts a request on its way that left earlier without being simulated, and arrives at this instant. */
  resumeRequest(client: number, broker: BrokerId, request: GroupRequest, arrival: Instant): void {
    const connection = this.#find(client, broker, "coordination")!; // a heartbeat of its was answered over it
    connection.unanswered.add(numberOf(request));
    this.#post(this.#letter(connection, { request }), connection.toBroker, arrival);
  }

  /** One has arrived without being simulated, and waits for its answer. */
  resumeAnswer(client: number, broker: BrokerId, request: GroupRequest): void {
    this.#find(client, broker, "coordination")!.unanswered.add(numberOf(request));
  }

  /** Likewise a reply. */
  resumeReply(client: number, broker: BrokerId, reply: GroupReply, arrival: Instant): void {
    const connection = this.#find(client, broker, "coordination")!;
    this.#post(this.#letter(connection, { reply }), connection.toClient, arrival);
  }
}

const partyOf = (broker: BrokerId | "controller"): Party =>
  broker === "controller" ? CONTROLLER : brokerParty(broker);

/** Objects by number, for the arguments of events. */
class Slots<T> {
  readonly #used: (T | undefined)[] = [];
  readonly #free: number[] = [];

  put(object: T): number {
    const slot = this.#free.pop() ?? this.#used.length;
    this.#used[slot] = object;
    return slot;
  }

  take(slot: number): T {
    const object = this.#used[slot]!;
    this.#used[slot] = undefined;
    this.#free.push(slot);
    return object;
  }
}
