import { type Duration, type Instant, MILLISECOND, SECOND } from "../../../engine/time.ts";
import type { BrokerId } from "../../../names.ts";
import type { BrokerConfig } from "../../config.ts";
import { compareReleases } from "../../config.ts";
import type { KraftOptions } from "../options.ts";
import { Balance } from "./balance.ts";
import type { Controller, ControllerHost, ControllerId, ControllerNodes, LastSignOf } from "./controller.ts";
import { Quorum } from "./quorum.ts";
import { BrokerSessions } from "./sessions.ts";
import { Waiting } from "./waiting.ts";

/** From this release on the controller looks for silent brokers and unbalanced leaderships periodically. KAFKA-17793. */
const PERIODIC_CHECKS = "4.0";

/** It looks for silent brokers so many times a session. */
const LOOKS_A_SESSION = 8;

/** What a broker waits whose registration was refused; it doubles up to a session, each with 2 % of jitter. */
const FIRST_REGISTRATION_WAIT: Duration = 100 * MILLISECOND;

/**
 * The controller of a KRaft cluster: one active node of a quorum, which hears of brokers by their heartbeats. Kafka:
 * `QuorumController`, `BrokerHeartbeatManager`, `BrokerHeartbeatTracker`.
 */
export class KraftController implements Controller {
  readonly lastSignOf: LastSignOf = (broker) => this.#sessions.lastSignOf(broker);
  readonly #inBrokers: boolean;
  readonly #host: ControllerHost;
  readonly #sessions: BrokerSessions;
  readonly #balance: Balance;
  readonly #quorum: Quorum;
  readonly #waiting = new Waiting();
  readonly #periodic: boolean;
  readonly #session: Duration;
  /** From one look at leaderships to the next. */
  readonly #balancing: Duration;
  #activated: Instant | undefined;

  constructor(options: KraftOptions, config: BrokerConfig, brokerVersion: string, host: ControllerHost) {
    this.#host = host;
    this.#inBrokers = options.inBrokers;
    this.#periodic = compareReleases(brokerVersion, PERIODIC_CHECKS) >= 0;
    this.#balancing = config["leader.imbalance.check.interval.seconds"] * SECOND;
    const { tasks, now, leaderships, draw } = host;
    const interval = config["broker.heartbeat.interval.ms"] * MILLISECOND;
    const session = config["broker.session.timeout.ms"] * MILLISECOND;
    this.#session = session;
    const tick = Math.floor(session / LOOKS_A_SESSION);
    this.#sessions = new BrokerSessions({
      tasks,
      now,
      interval,
      session,
      phase: (broker) => draw(`broker/${broker}/heartbeats`, { uniform: [0, interval] }),
      look: (deadline) => (this.#periodic ? this.#nextTick(deadline, tick) : deadline),
      oneAtATime: this.#periodic,
      active: () => this.#quorum.decides,
      expired: (broker) => host.fence(broker),
    });
    this.#balance = new Balance(config, {
      leaderships,
      tasks,
      now,
      firstLook: () => (this.#periodic ? this.#begun + this.#balancing : undefined),
      active: () => this.#quorum.decides,
      tolerance: 0,
    });
    this.#quorum = new Quorum(options, config, brokerVersion, host, {
      changed: () => this.#changed(),
      resumed: () => this.#resumed(),
    });
  }

  get nodes(): ControllerNodes | undefined {
    return this.#inBrokers ? undefined : this.#quorum;
  }

  get active(): ControllerId | null {
    return this.#quorum.active;
  }

  whenActive(then: () => void): void {
    if (this.#quorum.decides) then();
    else this.#waiting.add(then);
  }

  died(broker: BrokerId): void {
    this.#sessions.silent(broker);
    if (this.#inBrokers) this.#quorum.crash(broker);
  }

  left(broker: BrokerId): void {
    this.#sessions.end(broker);
    if (this.#inBrokers) this.#quorum.resign(broker);
  }

  started(broker: BrokerId): void {
    if (this.#inBrokers) this.#quorum.comeBack(broker);
  }

  isOver(broker: BrokerId): boolean {
    return this.#sessions.isOver(broker);
  }

  /** Kafka: `BrokerLifecycleManager.resendExponentialBackoff`. */
  untilAskedAgain(broker: BrokerId, refusals: number): Duration {
    let wait = FIRST_REGISTRATION_WAIT;
    for (let n = 0; n < refusals && wait < this.#session; n++) wait *= 2;
    const law = { uniform: [Math.round(0.98 * wait), Math.round(1.02 * wait)] as const };
    return Math.min(this.#host.draw(`broker/${broker}/registration`, law), this.#session);
  }

  registered(broker: BrokerId): void {
    this.#sessions.begin(broker);
  }

  cutOff(broker: BrokerId): void {
    this.#sessions.silent(broker);
  }

  reachable(broker: BrokerId): void {
    this.#sessions.resume(broker, () => this.#host.heard(broker));
  }

  balance(): void {
    this.#balance.watch();
  }

  /** A new controller has all metadata in memory, and is at work at once. */
  #changed(): void {
    if (this.active === null) return;
    this.#activated = this.#host.now();
    this.#sessions.restart();
    this.#balance.restart();
    this.#waiting.release();
  }

  /** The controller is the same, and what it decides is committed again. */
  #resumed(): void {
    this.#sessions.lookAgain();
    this.#balance.watch();
    this.#waiting.release();
  }

  /** When the active controller became that: the first one some time before the run. */
  get #begun(): Instant {
    this.#activated ??= -this.#host.draw("controller/activation", { uniform: [0, this.#balancing] });
    return this.#activated;
  }

  /** The first look behind `deadline`: they come at even distances since its beginning. */
  #nextTick(deadline: Instant, tick: Duration): Instant {
    return this.#begun + (Math.floor((deadline - this.#begun) / tick) + 1) * tick;
  }
}
