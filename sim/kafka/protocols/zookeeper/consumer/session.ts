import { type Duration, SECOND } from "../../../../engine/time.ts";
import type { ClientId } from "../../../../names.ts";
import type { Host } from "../../host.ts";
import type { Operation, SessionId, ZooKeeperReply } from "../messages.ts";
import type { ZooKeeperConsumerOutput, ZooKeeperConsumerTimer } from "./parts.ts";

type Then = (reply: ZooKeeperReply) => void;

/** The longest that ZooKeeper's client waits before it connects again (`ClientCnxn.SendThread.startConnect`). */
const RECONNECTS_WITHIN: Duration = SECOND;

/**
 * A consumer's connection to ZooKeeper. What is asked while there is none waits, and is asked in the next session if this
 * one turns out to be over. Kafka's: `ZkClient` of I0Itec.
 */
export class Session {
  readonly #client: ClientId;
  readonly #host: Host<ZooKeeperConsumerOutput, ZooKeeperConsumerTimer>;
  readonly #timeout: Duration;
  readonly #renewed: () => void;
  /** What was asked and is not answered yet, in order. */
  readonly #open = new Map<number, { readonly operation: Operation; readonly then: Then }>();
  #id: SessionId | undefined;
  /** The number of the request to connect that is under way. */
  #connecting: number | undefined;
  #connected: (() => void) | undefined;
  #lastId = 0;
  #zxid = 0;

  /** `renewed`: the session was over, and another has begun. */
  constructor(
    client: ClientId,
    timeout: Duration,
    host: Host<ZooKeeperConsumerOutput, ZooKeeperConsumerTimer>,
    renewed: () => void,
  ) {
    this.#client = client;
    this.#timeout = timeout;
    this.#host = host;
    this.#renewed = renewed;
  }

  /** The newest transaction that ZooKeeper has told of. */
  get zxid(): number {
    return this.#zxid;
  }

  /** Begins the first session. */
  begin(then: () => void): void {
    this.#connected = then;
    this.#connect(null);
  }

  ask(operation: Operation, then: Then): void {
    const id = ++this.#lastId;
    this.#open.set(id, { operation, then });
    this.#send(id, operation);
  }

  receive(reply: ZooKeeperReply): void {
    this.#zxid = reply.zxid;
    if (reply.id === this.#connecting) return this.#connectAnswered(reply);
    const asked = this.#open.get(reply.id);
    this.#open.delete(reply.id);
    asked?.then(reply);
  }

  /** ZooKeeper has closed the connection: it is made again after a while, and then the client hears why. */
  lost(session: SessionId): void {
    if (session !== this.#id) return;
    this.#host.after(this.#host.draw("zookeeper", { uniform: [0, RECONNECTS_WITHIN] }), "reconnect", "");
    this.#connecting = -1; // nothing is sent until then
  }

  reconnect(): void {
    this.#connect(this.#id!);
  }

  #connect(session: SessionId | null): void {
    const id = ++this.#lastId;
    this.#connecting = id;
    const request = { client: this.#client, id, op: "connect", session, timeout: this.#timeout } as const;
    this.#host.send({ to: "zookeeper", request });
  }

  #connectAnswered({ error, session }: ZooKeeperReply): void {
    if (error === "SESSIONEXPIRED") return this.#connect(null);
    const first = this.#connected;
    this.#connected = undefined;
    this.#connecting = undefined;
    this.#id = session;
    for (const [id, { operation }] of this.#open) this.#send(id, operation);
    if (first) first();
    else this.#renewed();
  }

  #send(id: number, operation: Operation): void {
    if (this.#connecting !== undefined) return;
    this.#host.send({
      to: "zookeeper",
      request: { client: this.#client, id, session: this.#id!, ...operation },
    });
  }
}
