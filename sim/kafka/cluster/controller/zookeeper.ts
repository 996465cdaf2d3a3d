import { type Duration, type Instant, MILLISECOND, SECOND } from "../../../engine/time.ts";
import type { BrokerId } from "../../../names.ts";
import type { BrokerConfig } from "../../config.ts";
import type { ZooKeeperOptions } from "../options.ts";
import { Balance } from "./balance.ts";
import type { Controller, ControllerHost, ControllerId } from "./controller.ts";
import { BrokerSessions } from "./sessions.ts";
import { Waiting } from "./waiting.ts";

/** ZooKeeper's client pings three times a session. */
const PINGS_A_SESSION = 3;

/** A new controller looks for unbalanced leaderships so soon for the first time. Kafka: `KafkaController.onControllerFailover`. */
const FIRST_BALANCE: Duration = 5 * SECOND;

/**
 * The controller of the ZooKeeper era: one of the brokers. A broker that dies is noticed when ZooKeeper ends its session;
 * so is the controller itself, and its successor reads all metadata before it does anything else. ZooKeeper itself does not
 * fail here. Kafka: `KafkaController`, up to 3.9.
 */
export class ZooKeeperController implements Controller {
  readonly nodes = undefined;
  readonly #options: ZooKeeperOptions;
  readonly #host: ControllerHost;
  readonly #sessions: BrokerSessions;
  readonly #balance: Balance;
  readonly #waiting = new Waiting();
  /** Brokers whose process runs, registered or not: each of them would be the controller. */
  readonly #running: Set<BrokerId>;
  /** Brokers that cannot reach ZooKeeper. */
  readonly #cutOff = new Set<BrokerId>();
  /** Brokers whose sessions ended while nobody was there to act on it. */
  readonly #gone = new Set<BrokerId>();
  readonly #longestAgo: Duration;
  #active: ControllerId | null = 1;
  #activated: Instant | undefined;
  /** The broker that ZooKeeper takes for the controller: it may be dead, and its successor may be reading still. */
  #elected: BrokerId | null = 1;

  constructor(options: ZooKeeperOptions, config: BrokerConfig, host: ControllerHost) {
    this.#options = options;
    this.#host = host;
    this.#running = new Set(host.brokers);
    this.#longestAgo = config["leader.imbalance.check.interval.seconds"] * SECOND;
    const { tasks, now, leaderships, draw } = host;
    const session = config["zookeeper.session.timeout.ms"] * MILLISECOND;
    const interval = Math.floor(session / PINGS_A_SESSION);
    const { tick } = options;
    let phase: Duration | undefined; // of ZooKeeper's clock
    this.#sessions = new BrokerSessions({
      tasks,
      now,
      interval,
      session,
      phase: (broker) => draw(`broker/${broker}/heartbeats`, { uniform: [0, interval] }),
      look: (deadline) => {
        phase ??= draw("zookeeper/ticks", { uniform: [0, tick] });
        return phase + Math.ceil((deadline - phase) / tick) * tick;
      },
      oneAtATime: false,
      active: () => true, // sessions are ZooKeeper's affair
      expired: (broker) => this.#expired(broker),
    });
    this.#balance = new Balance(config, {
      leaderships,
      tasks,
      now,
      firstLook: () => this.#begun + FIRST_BALANCE,
      active: () => this.#active !== null,
      tolerance: config["leader.imbalance.per.broker.percentage"],
    });
  }

  get active(): ControllerId | null {
    return this.#active;
  }

  whenActive(then: () => void): void {
    if (this.#active === null) this.#waiting.add(then);
    else then();
  }

  died(broker: BrokerId): void {
    this.#running.delete(broker);
    this.#cutOff.delete(broker);
    this.#sessions.silent(broker);
    if (this.#active === broker) this.#be(null, "crashed");
  }

  left(broker: BrokerId): void {
    this.#running.delete(broker);
    this.#cutOff.delete(broker);
    this.#sessions.end(broker); // a session that is closed ends at once
    if (this.#active === broker) this.#be(null, "resigned");
    if (this.#elected === broker) this.#elect();
  }

  started(broker: BrokerId): void {
    this.#running.add(broker);
    if (this.#elected === null) this.#elect();
  }

  /** ZooKeeper ends sessions itself, and tells. */
  isOver(): boolean {
    return false;
  }

  /** A process that finds the node of its predecessor ends; whoever starts it again has succeeded once that is gone. */
  untilAskedAgain(): undefined {
    return undefined;
  }

  registered(broker: BrokerId): void {
    this.#gone.delete(broker);
    this.#sessions.begin(broker);
  }

  cutOff(broker: BrokerId): void {
    this.#cutOff.add(broker);
    this.#sessions.silent(broker);
    if (this.#active === broker) this.#be(null, "cut-off");
  }

  reachable(broker: BrokerId): void {
    this.#cutOff.delete(broker);
    if (this.#elected === null) this.#elect();
    this.#sessions.resume(broker, () => {
      this.#gone.delete(broker); // it has another session: the next controller finds it registered
      if (this.#elected === broker && this.#active === null) this.#be(broker, "heard-again");
      this.#host.heard(broker);
    });
  }

  balance(): void {
    this.#balance.watch();
  }

  /** ZooKeeper has ended this broker's session: everybody is told at once. */
  #expired(broker: BrokerId): void {
    this.#gone.add(broker);
    if (this.#elected === broker) this.#elect();
    else if (this.#active !== null) this.#giveUpGone();
  }

  /** The brokers race for it; the first in number that lives wins, and reads the metadata of every partition. */
  #elect(): void {
    const { tasks, brokers, partitions } = this.#host;
    const next = brokers.find((id) => this.#running.has(id) && !this.#cutOff.has(id)) ?? null;
    this.#elected = next;
    if (next === null) return;
    tasks.after(partitions() * this.#options.reloadPerPartition, () => {
      if (this.#elected === next && this.#running.has(next)) this.#be(next, "elected");
    });
  }

  #be(active: ControllerId | null, reason: string): void {
    const from = this.#active;
    this.#active = active;
    this.#host.recorder.record("controller", { type: "controller.changed", from, to: active, reason });
    if (active === null) return;
    this.#activated = this.#host.now();
    this.#giveUpGone();
    this.#balance.restart();
    this.#waiting.release();
  }

  #giveUpGone(): void {
    for (const broker of [...this.#gone].sort((a, b) => a - b)) {
      this.#gone.delete(broker);
      this.#host.fence(broker);
    }
  }

  /** When the active controller became that: the first one some time before the run. */
  get #begun(): Instant {
    this.#activated ??= -this.#host.draw("controller/activation", { uniform: [0, this.#longestAgo] });
    return this.#activated;
  }
}
