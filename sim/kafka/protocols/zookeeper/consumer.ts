import { MILLISECOND } from "../../../engine/time.ts";
import type { Generation, MemberId, Partitions } from "../../../names.ts";
import type { ListOffsetsReply } from "../../messages.ts";
import { record } from "../client/client.ts";
import { next } from "../machine.ts";
import type { Host } from "../host.ts";
import type { ZooKeeperConsumerReason, ZooKeeperConsumerState } from "./consumer-states.ts";
import { ZOOKEEPER_CONSUMER } from "./consumer-states.ts";
import { type Change, Events } from "./consumer/events.ts";
import { Holdings } from "./consumer/holdings.ts";
import { Offsets } from "./consumer/offsets.ts";
import type {
  Parts,
  ZooKeeperConsumerOptions,
  ZooKeeperConsumerOutput,
  ZooKeeperConsumerTimer,
} from "./consumer/parts.ts";
import { rebalance } from "./consumer/rebalance.ts";
import { Session } from "./consumer/session.ts";
import { ask, Lock, sleep, type Steps, Threads } from "./consumer/threads.ts";
import type { ZooKeeperNotice, ZooKeeperReply } from "./messages.ts";
import { childOf, idsOf } from "./paths.ts";

export type { ZooKeeperConsumerOptions, ZooKeeperConsumerOutput, ZooKeeperConsumerTimer } from "./consumer/parts.ts";

/**
 * A consumer of the ZooKeeper era: Kafka 0.8's high-level consumer, which had no coordinator. Each consumer registers in
 * ZooKeeper, hears of all others that come and go, and works out its own share each time, by itself; the nodes by which
 * partitions are owned are all that keeps two from taking the same one. There are no generations: an owner that has not
 * noticed that it is one no longer reads on, and commits. Kafka: `ZookeeperConsumerConnector` (0.8.2; the last release that
 * had it was 1.1).
 *
 * Its threads: the application's, which creates the streams and closes the consumer; one for the events of ZooKeeper; the
 * watcher, which rebalances when an event says so; the committer. The parts are in `consumer/`.
 */
export class ZooKeeperConsumer {
  readonly #on: Parts;
  readonly #session: Session;
  readonly #threads: Threads;
  readonly #events: Events;
  /** Whoever rebalances has it, and whoever closes the consumer. */
  readonly #rebalancing = new Lock();
  #state: ZooKeeperConsumerState = "UNJOINED";
  /** Something has changed since the watcher rebalanced last: any number of changes come to one more rebalance. */
  #triggered: Change | undefined;
  #watching = false;
  #closing = false;
  #closed = false;
  #failed = false;

  constructor(options: ZooKeeperConsumerOptions, host: Host<ZooKeeperConsumerOutput, ZooKeeperConsumerTimer>) {
    const hands = { options, host };
    const timeout = options.config["zookeeper.session.timeout.ms"] * MILLISECOND;
    this.#session = new Session(options.client, timeout, host, () => this.#renewed());
    this.#threads = new Threads({
      ask: (operation, then) => this.#session.ask(operation, then),
      sleep: (lasts, timer) => host.after(lasts, timer, ""),
    });
    this.#events = new Events(options, this.#threads, (change) => this.#changed(change));
    const holdings = new Holdings(hands);
    this.#on = {
      ...hands,
      consumer: `${options.group}_${options.client}`,
      holdings,
      offsets: new Offsets({ ...hands, holdings }),
      zxid: () => this.#session.zxid,
      closing: () => this.#closing,
    };
  }

  get state(): ZooKeeperConsumerState {
    return this.#state;
  }

  get memberId(): MemberId {
    return this.#on.consumer;
  }

  /** The transaction in which it claimed the last of what it owns. */
  get generation(): Generation {
    return this.#on.holdings.generation;
  }

  /** What it takes for its own. */
  get owned(): Partitions {
    return this.#on.holdings.owned;
  }

  get reading(): Partitions {
    return this.#on.holdings.reading;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** The first rebalance came to nothing: createMessageStreams() throws, and the application is expected to close. */
  get failure(): "REBALANCE_FAILED" | undefined {
    return this.#failed ? "REBALANCE_FAILED" : undefined;
  }

  // ---------------------------------------------------------------- the application

  /** The application connects, and creates its streams: the call returns after the first rebalance. */
  start(): void {
    const { config } = this.#on.options;
    this.#session.begin(() => {
      if (config["auto.commit.enable"]) this.#awaitCommit();
      this.#threads.run(this.#join());
    });
  }

  /** The application calls commitOffsets(). */
  commit(): void {
    this.#threads.run(this.#on.offsets.commit(), () =>
      record(this.#on, "client.commit", { purpose: "application", result: "done" }),
    );
  }

  /** The application calls shutdown(). A rebalance that is under way comes to its end first, with all its attempts. */
  close(): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#on.host.cancel("auto-commit", "");
    this.#threads.run(this.#shutDown());
  }

  // ---------------------------------------------------------------- what comes from outside

  receive(message: ZooKeeperReply | ZooKeeperNotice): void {
    if (this.#closed) return;
    if ("ended" in message) this.#session.lost(message.ended);
    else if ("changed" in message) this.#events.told(message.path);
    else this.#session.receive(message);
  }

  /** The leaders answer where the logs begin, or end. */
  listAnswered(reply: ListOffsetsReply): void {
    this.#on.offsets.listAnswered(reply);
  }

  /** Retention has taken what was to be read next of these partitions. */
  fellOutOfRange(partitions: Partitions): void {
    this.#on.offsets.fellOutOfRange(partitions);
  }

  fire(timer: ZooKeeperConsumerTimer): void {
    switch (timer) {
      case "reconnect":
        return this.#session.reconnect();
      case "register":
      case "backoff":
        return this.#threads.wake(timer);
      case "list":
        return this.#on.offsets.askAgain();
      case "auto-commit":
        this.#awaitCommit();
        return this.#threads.run(this.#on.offsets.commit());
    }
  }

  // ---------------------------------------------------------------- its threads

  *#join(): Steps {
    yield* this.#register();
    yield* this.#events.watch();
    this.#failed = !(yield* this.#rebalance("registered"));
  }

  /**
   * Its id is made known. If a node of that name is there still, of a session that is over, it goes by itself: this tries again
   * after a session's time. Kafka: `createEphemeralPathExpectConflictHandleZKBug`.
   */
  *#register(): Steps {
    const { options, consumer, host } = this.#on;
    const path = childOf(idsOf(options.group), consumer);
    for (;;) {
      const data = `${options.topics.join(",")} ${host.now()}`;
      const { error } = yield* ask({ op: "create", path, data, ephemeral: true });
      if (error === "OK") return;
      yield* ask({ op: "read", path, watch: false }); // another's?
      const { error: gone } = yield* ask({ op: "read", path, watch: false }); // or its own, of another session?
      if (gone === "OK") yield* sleep(options.config["zookeeper.session.timeout.ms"] * MILLISECOND, "register");
    }
  }

  /** With the lock in hand. False: it was in vain. */
  *#rebalance(why: ZooKeeperConsumerReason): Steps<boolean> {
    yield { lock: this.#rebalancing };
    let succeeded = true;
    if (!this.#closing) {
      if (why === "registered") this.#leave("session-expired"); // which it heard of in the midst of another rebalance
      succeeded = yield* rebalance(this.#on, why, (reason, attempt) => this.#move(reason, attempt));
    }
    this.#rebalancing.release();
    return succeeded;
  }

  /** The watcher rebalances for as long as there is a reason. */
  *#watch(): Steps {
    for (let why = this.#triggered; why; why = this.#triggered) {
      this.#triggered = undefined;
      yield* this.#rebalance(why);
    }
    this.#watching = false;
  }

  #changed(change: Change): void {
    record(this.#on, "client.rejoin", { reason: change });
    this.#triggered = change;
    if (this.#watching || this.#closing) return;
    this.#watching = true;
    this.#threads.run(this.#watch());
  }

  /** The old session was over: everybody else has known that for a while. Kafka: `ZKSessionExpireListener`. */
  #renewed(): void {
    this.#events.do(() => this.#rejoin());
    this.#events.tellAll();
  }

  *#rejoin(): Steps {
    if (this.#closing) return;
    this.#on.holdings.giveUp("lost");
    if (!this.#rebalancing.taken) this.#leave("session-expired");
    yield* this.#register();
    yield* this.#rebalance("registered");
  }

  *#shutDown(): Steps {
    const { options, holdings, offsets } = this.#on;
    yield { lock: this.#rebalancing };
    offsets.end();
    holdings.stopReading(holdings.reading, "closed");
    if (options.config["auto.commit.enable"]) yield* offsets.commit();
    holdings.giveUp("revoked");
    this.#leave("closed");
    yield* ask({ op: "close" });
    this.#closed = true;
  }

  #awaitCommit(): void {
    const { host, options } = this.#on;
    host.after(options.config["auto.commit.interval.ms"] * MILLISECOND, "auto-commit", "");
  }

  /** The only line that changes the state, so no change can go unrecorded. */
  #move(reason: ZooKeeperConsumerReason, attempt?: number): void {
    const from = this.#state;
    this.#state = next(ZOOKEEPER_CONSUMER, from, reason);
    const member = this.#on.consumer;
    record(this.#on, "client.state", { from, to: this.#state, reason, member, ...(attempt && { attempt }) });
  }

  #leave(reason: "session-expired" | "closed"): void {
    if (this.#state !== "UNJOINED") this.#move(reason);
  }
}
