import type { Duration, Instant } from "../../../engine/time.ts";
import type { ClientId } from "../../../names.ts";
import { byCodeUnit } from "../../assignors/standing-order.ts";
import type { Host } from "../host.ts";
import type { Path, SessionId, ZooKeeperError, ZooKeeperNotice, ZooKeeperReply, ZooKeeperRequest } from "./messages.ts";
import { registrationAt } from "./paths.ts";
import { Watches } from "./watches.ts";

/** ZooKeeper's client pings three times a session, counted from what it sent last. */
const PINGS_A_SESSION = 3;

/** What ZooKeeper sends, and to whom. */
export interface ZooKeeperOutput {
  readonly to: ClientId;
  readonly message: ZooKeeperReply | ZooKeeperNotice;
}

/** Both have the number of a session as their subject. `session`: it is over. `nodes`: what is left of it goes. */
export type ZooKeeperTimer = "session" | "nodes";

export interface ZooKeeperOptions {
  /** Sessions end only at ticks of ZooKeeper's clock: the first one at or after this instant. */
  readonly tick: (deadline: Instant) => Instant;
  /** So long the nodes of a session outlive its expiry: normally 0, but see ZOOKEEPER-1740. */
  readonly lingering: () => Duration;
}

interface Session {
  readonly id: SessionId;
  readonly client: ClientId;
  readonly timeout: Duration;
  /** When a request of its client came last. Pings follow that, and are worked out. */
  heard: Instant;
}

interface Node {
  data: string;
  readonly session: SessionId | null;
  readonly children: Set<string>;
  /** The same in order, once somebody has asked for them: a herd asks again and again, and they seldom change. */
  inOrder: readonly string[] | undefined;
}

/**
 * ZooKeeper, as much of it as the consumers of its era use: nodes, ephemeral nodes, sessions, and watches that act once. It
 * is one party here, that never fails and answers at once.
 *
 * A client that has nothing to ask pings. Such pings change nothing, so they are worked out, not sent: the world says when
 * a client falls `silent` (it crashed, is stopped, is cut off) and when it is `heard` again.
 */
export class ZooKeeper {
  readonly #options: ZooKeeperOptions;
  readonly #host: Host<ZooKeeperOutput, ZooKeeperTimer>;
  readonly #nodes = new Map<Path, Node>([["/", newNode("", null)]]);
  readonly #sessions = new Map<SessionId, Session>();
  /** Clients of which no ping comes at present; what they have sent before may still arrive. */
  readonly #silent = new Set<ClientId>();
  readonly #watches: Watches;
  #zxid = 0;

  constructor(options: ZooKeeperOptions, host: Host<ZooKeeperOutput, ZooKeeperTimer>) {
    this.#options = options;
    this.#host = host;
    this.#watches = new Watches((to, message) => host.send({ to, message }));
  }

  /** What this node says, if there is one. */
  data(path: Path): string | undefined {
    return this.#nodes.get(path)?.data;
  }

  /** The names of the nodes below this one, in order. */
  children(path: Path): readonly string[] {
    const node = this.#nodes.get(path);
    if (!node) return [];
    return (node.inOrder ??= [...node.children].sort(byCodeUnit));
  }

  /** Somebody else than these clients makes a node, or changes it: a broker, an administrator. */
  put(path: Path, data: string): void {
    this.#write(path, data);
  }

  /** Likewise, deletes one. */
  remove(path: Path): void {
    this.#delete(path);
  }

  receive(request: ZooKeeperRequest): void {
    if (request.op === "connect") return this.#connect(request);
    const session = this.#sessions.get(request.session);
    if (!session) return; // its connection is closed
    this.#heardOf(session);
    this.#perform(session, request);
  }

  /** No ping comes from this client from now on. */
  silent(client: ClientId): void {
    if (this.#silent.has(client)) return;
    this.#silent.add(client);
    for (const session of this.#of(client)) {
      const interval = pingsEvery(session);
      session.heard += Math.floor((this.#host.now() - session.heard) / interval) * interval;
      this.#expect(session);
    }
  }

  /** Its pings come again. */
  heard(client: ClientId): void {
    this.#silent.delete(client);
    for (const session of this.#of(client)) this.#heardOf(session);
  }

  fire(timer: ZooKeeperTimer, subject: string): void {
    const id = Number(subject);
    if (timer === "nodes") return this.#takeAllOf(id);
    const session = this.#sessions.get(id)!;
    const lingering = this.#options.lingering();
    this.#end(session, this.#host.now() - session.heard);
    if (lingering > 0) this.#host.after(lingering, "nodes", subject);
    else this.#takeAllOf(id);
    this.#host.send({ to: session.client, message: { ended: id } });
  }

  // ---------------------------------------------------------------- sessions

  #of(client: ClientId): Session[] {
    return [...this.#sessions.values()].filter((session) => session.client === client);
  }

  #connect(request: Extract<ZooKeeperRequest, { readonly op: "connect" }>): void {
    const { client, session: old, timeout } = request;
    if (old !== null) {
      const session = this.#sessions.get(old);
      if (!session) return this.#answer(request, "SESSIONEXPIRED");
      this.#heardOf(session);
      return this.#answer(request, "OK", undefined, undefined, old);
    }
    const id = ++this.#zxid;
    const session = { id, client, timeout, heard: this.#host.now() };
    this.#sessions.set(id, session);
    this.#heardOf(session);
    this.#answer(request, "OK", undefined, undefined, id);
  }

  /** A sign of life; of somebody who is silent it is the last one for now. */
  #heardOf(session: Session): void {
    session.heard = this.#host.now();
    if (this.#silent.has(session.client)) this.#expect(session);
    else this.#host.cancel("session", `${session.id}`);
  }

  #expect({ id, heard, timeout }: Session): void {
    const now = this.#host.now();
    this.#host.after(Math.max(this.#options.tick(heard + timeout), now) - now, "session", `${id}`);
  }

  /** It is over: because its client has closed it, or was silent for so long. Its registrations count no longer. */
  #end({ id, client }: Session, silentFor?: Duration): void {
    this.#sessions.delete(id);
    this.#host.cancel("session", `${id}`);
    this.#watches.forget(client);
    const reason = silentFor === undefined ? "closed" : "session-expired";
    for (const path of this.#pathsOf(id)) {
      const registration = registrationAt(path);
      if (!registration) continue;
      const { group, consumer: member } = registration;
      const more = { change: "removed", reason, ...(silentFor !== undefined && { silentFor }) } as const;
      this.#host.record({ type: "group.member", group, member, client, ...more });
    }
  }

  /** Its ephemeral nodes go, in one transaction. */
  #takeAllOf(session: SessionId): void {
    this.#zxid++;
    for (const path of this.#pathsOf(session)) this.#take(path);
  }

  #pathsOf(session: SessionId): Path[] {
    return [...this.#nodes].filter(([, node]) => node.session === session).map(([path]) => path);
  }

  // ---------------------------------------------------------------- nodes

  #perform(session: Session, request: Exclude<ZooKeeperRequest, { readonly op: "connect" }>): void {
    const { client } = session;
    switch (request.op) {
      case "exists":
        if (request.watch) this.#watches.set("node", request.path, client);
        return this.#answer(request, this.#nodes.has(request.path) ? "OK" : "NONODE");
      case "read": {
        const node = this.#nodes.get(request.path);
        if (!node) return this.#answer(request, "NONODE");
        if (request.watch) this.#watches.set("node", request.path, client);
        return this.#answer(request, "OK", node.data);
      }
      case "children":
        if (!this.#nodes.has(request.path)) return this.#answer(request, "NONODE");
        if (request.watch) this.#watches.set("children", request.path, client);
        return this.#answer(request, "OK", undefined, this.children(request.path));
      case "create":
        if (this.#nodes.has(request.path)) return this.#answer(request, "NODEEXISTS");
        this.#registers(request.path, client);
        this.#create(request.path, request.data, request.ephemeral ? session.id : null);
        return this.#answer(request, "OK");
      case "write":
        this.#write(request.path, request.data);
        return this.#answer(request, "OK");
      case "delete":
        return this.#answer(request, this.#delete(request.path) ? "OK" : "NONODE");
      case "close":
        this.#end(session);
        this.#takeAllOf(session.id);
        return this.#answer(request, "OK");
    }
  }

  #create(path: Path, data: string, session: SessionId | null): void {
    const { parent, name } = split(path);
    if (!this.#nodes.has(parent)) this.#create(parent, "", null);
    this.#zxid++;
    this.#nodes.set(path, newNode(data, session));
    const above = this.#nodes.get(parent)!;
    above.children.add(name);
    above.inOrder = undefined;
    this.#watches.fire("node", path);
    this.#watches.fire("children", parent);
  }

  /** Told before the others are: that is why they will be. */
  #registers(path: Path, client: ClientId): void {
    const registration = registrationAt(path);
    if (!registration) return;
    const { group, consumer: member } = registration;
    this.#host.record({ type: "group.member", group, member, client, change: "added", reason: "registered" });
  }

  #write(path: Path, data: string): void {
    const node = this.#nodes.get(path);
    if (!node) return this.#create(path, data, null);
    this.#zxid++;
    node.data = data;
    this.#watches.fire("node", path);
  }

  #delete(path: Path): boolean {
    if (!this.#nodes.has(path)) return false;
    this.#zxid++;
    this.#take(path);
    return true;
  }

  #take(path: Path): void {
    const { parent, name } = split(path);
    this.#nodes.delete(path);
    const above = this.#nodes.get(parent)!;
    above.children.delete(name);
    above.inOrder = undefined;
    this.#watches.fire("node", path);
    this.#watches.fire("children", parent);
  }

  #answer(
    { client, id }: ZooKeeperRequest,
    error: ZooKeeperError,
    data?: string,
    children?: readonly string[],
    session?: SessionId,
  ): void {
    this.#host.send({ to: client, message: { id, error, zxid: this.#zxid, data, children, session } });
  }
}

const newNode = (data: string, session: SessionId | null): Node => ({
  data,
  session,
  children: new Set(),
  inOrder: undefined,
});

const pingsEvery = ({ timeout }: Session): Duration => Math.floor(timeout / PINGS_A_SESSION);

function split(path: Path): { readonly parent: Path; readonly name: string } {
  const slash = path.lastIndexOf("/");
  return { parent: slash === 0 ? "/" : path.slice(0, slash), name: path.slice(slash + 1) };
}
