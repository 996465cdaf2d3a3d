import { type Duration, type Instant, MILLISECOND, SECOND } from "../../engine/time.ts";
import type { Law } from "../../engine/variates.ts";
import type { BrokerId } from "../../names.ts";
import type { BrokerConfig } from "../config.ts";
import type { Brokers } from "./brokers.ts";
import type { Controller, LastSignOf } from "./controller/controller.ts";
import type { Leaderships } from "./leaderships.ts";
import type { Metadata } from "./metadata.ts";
import type { Tasks } from "./tasks.ts";

/** What the lives of brokers need of the cluster around them. */
export interface LifecycleHost {
  readonly brokers: Brokers;
  readonly leaderships: Leaderships;
  readonly metadata: Metadata;
  readonly tasks: Tasks;
  readonly controller: Controller;
  now(): Instant;
  draw(stream: string, law: Law): Duration;
  /** A process is about to be gone. */
  processGoes(): void;
  /** The process is gone. */
  processGone(broker: BrokerId): void;
  /** Another begins: it does not listen yet. */
  processStarts(broker: BrokerId): void;
  /** It is there again, and listens. */
  processBack(broker: BrokerId): void;
  /** Copies are complete that were not, or the reverse. */
  copiesChanged(): void;
  /** Whether the way between this broker and the controller is open. */
  hearsController(broker: BrokerId): boolean;
  /** Whether the way between two brokers is. */
  brokersReach(one: BrokerId, other: BrokerId): boolean;
}

/** A stopping broker asks the controller this soon whether it may exit, then at every heartbeat. */
const FIRST_SHUTDOWN_ASK: Duration = 50 * MILLISECOND;

/** Nor does it wait longer than this for the controller. Kafka: `KafkaBroker.shutdown`. */
const LONGEST_SHUTDOWN: Duration = 5 * 60 * SECOND;

/** Who is told how a rolling restart goes. */
export interface RollWatcher {
  /** It has waited for another one, and begins. */
  begins(): void;
  /** It goes on without this broker, which does not serve at its turn. */
  passesOver(id: BrokerId): void;
  /** It waits for this broker, which has died before its copies were complete again: nothing known by now begins its next process. */
  waitsForDead(id: BrokerId): void;
  /** It waits for this broker, which lives, and of which the controller does not hear. */
  waitsForUnheard(id: BrokerId): void;
}

/** The rolling restart under way. */
export interface Rolling {
  /** It waits for this broker. */
  readonly awaits: BrokerId | undefined;
  /** So many wait for it to be over. */
  readonly others: number;
}

interface Roll {
  readonly downtime: Duration;
  readonly pause: Duration;
  readonly watcher: RollWatcher;
  /** Who it waits for. */
  awaited: BrokerId | undefined;
  /** The controller was found not to hear of that one. */
  unheard: boolean;
}

/** An orderly end of one process, from the moment it is told to stop: another object when it is told the next time. */
interface Shutdown {
  /** From its end, whatever ends it, until the next process begins. */
  readonly downtime: Duration;
}

/**
 * How brokers die, stop in order, come back, and are given up. Kafka: `BrokerLifecycleManager`,
 * `BrokerHeartbeatManager`.
 */
export class Lifecycle {
  readonly #config: BrokerConfig;
  readonly #catchUp: Law;
  readonly #host: LifecycleHost;
  /** Brokers that have been told to stop, and have not ended yet. */
  readonly #stopping = new Map<BrokerId, Shutdown>();
  /** Brokers whose next process waits for the former one's end, or for the way to the controller to be open. */
  readonly #waiting = new Set<BrokerId>();
  /** When the next process of brokers that are down begins, or began; until it listens. */
  readonly #starts = new Map<BrokerId, Instant>();
  /** Brokers whose copies are being completed; another object, or none, once their process has ended. */
  readonly #copying = new Map<BrokerId, object>();

  /** The rolling restart under way, and those that wait for it to be over. */
  readonly #rolls: Roll[] = [];
  /** Brokers that the controller cannot hear, though they live. */
  readonly #cutOff = new Set<BrokerId>();
  /** Leaders and followers that cannot reach each other, and whether that has been so for long: another object each time. */
  readonly #apart = new Map<string, { over: boolean }>();

  constructor(config: BrokerConfig, catchUp: Law, host: LifecycleHost) {
    this.#config = config;
    this.#catchUp = catchUp;
    this.#host = host;
  }

  /** The process dies without a word. Returns false if it is down already. */
  crash(id: BrokerId): boolean {
    const { brokers, controller } = this.#host;
    if (!brokers.listens(id)) return false;
    this.#end(id, brokers.stateOf(id) === "ShuttingDown" ? "exited" : "crashed", () => controller.died(id));
    return true;
  }

  /**
   * An orderly restart: leaderships move away at once, the process exits as soon as the controller allows it, and is
   * back after `downtime`. One that cannot reach the controller asks again and again, and exits in the end (with ZooKeeper at
   * once). Returns false if it is on its way out already.
   */
  restart(id: BrokerId, downtime: Duration): boolean {
    const { brokers, controller } = this.#host;
    if (this.#stopping.has(id)) return false;
    if (!brokers.listens(id)) {
      this.#startAfter(downtime, id);
      return true;
    }
    const shutdown = { downtime };
    this.#stopping.set(id, shutdown);
    if (!this.#config["controlled.shutdown.enable"]) {
      this.crash(id);
      return true;
    }
    this.#limit(id, shutdown);
    controller.whenActive(() => this.#stop(id, shutdown));
    return true;
  }

  /** When its next process begins, which has been told to or has begun; `Infinity` if none has. */
  comesBy(id: BrokerId): Instant {
    return this.#starts.get(id) ?? Infinity;
  }

  /** Whether its process has been told to stop, and has not ended yet. */
  shutsDown(id: BrokerId): boolean {
    return this.#stopping.has(id);
  }

  /** Its process ends in time, whatever the controller has or has not said; that has to notice by itself. */
  #limit(id: BrokerId, shutdown: Shutdown): void {
    if (!this.#host.controller.lastSignOf) return; // Kafka counts attempts there
    this.#host.tasks.after(LONGEST_SHUTDOWN, () => {
      if (this.#stopping.get(id) === shutdown) this.crash(id);
    });
  }

  /** The controller hears that this broker wants to stop, unless it is out of reach. One that is fenced may do so at once. */
  #stop(id: BrokerId, shutdown: Shutdown): void {
    const { brokers, leaderships, tasks, controller, hearsController, copiesChanged } = this.#host;
    if (this.#stopping.get(id) !== shutdown) return; // it has died while it waited
    if (!hearsController(id) && controller.lastSignOf) {
      this.#unheard(id);
      const heartbeat = this.#config["broker.heartbeat.interval.ms"] * MILLISECOND;
      return tasks.after(heartbeat, () => controller.whenActive(() => this.#stop(id, shutdown)));
    }
    if (!hearsController(id) || !brokers.serves(id)) return void this.crash(id);
    const leads = leaderships.leads(id);
    brokers.move(id, "controlled-shutdown");
    leaderships.dismiss(id, "controlled-shutdown");
    copiesChanged();
    controller.balance();
    const { lastSignOf } = controller;
    if (leads && lastSignOf) return this.#stopWhenApplied(id, shutdown, lastSignOf);
    tasks.after(0, () => {
      if (this.#stopping.get(id) === shutdown) this.#exit(id);
    });
  }

  /**
   * Asks again and again until all brokers are known to have applied what has been decided by now. A new controller knows
   * nothing of a shutdown: it lets whoever leads nothing go at once. None answers while it cannot be reached.
   */
  #stopWhenApplied(id: BrokerId, shutdown: Shutdown, lastSignOf: LastSignOf): void {
    const { metadata, tasks, controller, hearsController } = this.#host;
    const { allApplied } = metadata;
    const asked = controller.active;
    const heartbeat = this.#config["broker.heartbeat.interval.ms"] * MILLISECOND;
    const ask = (): void => {
      if (this.#stopping.get(id) !== shutdown) return; // nobody asks any more
      const allowed = controller.active !== asked || this.#haveApplied(allApplied, lastSignOf);
      if (allowed && hearsController(id)) this.#exit(id);
      else tasks.after(heartbeat, () => controller.whenActive(ask));
    };
    tasks.after(FIRST_SHUTDOWN_ASK, () => controller.whenActive(ask));
  }

  /**
   * Whether all brokers that the controller takes for alive have told it, with a heartbeat, that they have applied what
   * was applied at that instant. One that has not, because it is dead or cut off, holds up whoever stops until it is given
   * up. Kafka: `BrokerHeartbeatManager.calculateNextBrokerState`, `lowestActiveOffset`.
   */
  #haveApplied(at: Instant, lastSignOf: LastSignOf): boolean {
    const { brokers, metadata } = this.#host;
    const hasTold = (id: BrokerId): boolean => lastSignOf(id) > Math.max(at, metadata.caughtUpAt(id));
    return brokers.all.every((id) => !brokers.mayLead(id) || hasTold(id));
  }

  /**
   * Restarts all brokers in turn: the next one when the former has complete copies again, and `pause` is over, as
   * whoever rolls a cluster waits for. One that does not serve at its turn is passed over. One that dies before its copies
   * are complete is waited for, however long it takes until something starts it again; so is one that the controller does not
   * hear of. Another one that is begun meanwhile waits until this one is over.
   */
  roll(downtime: Duration, pause: Duration, watcher: RollWatcher): void {
    this.#rolls.push({ downtime, pause, watcher, awaited: undefined, unheard: false });
    if (this.#rolls.length === 1) this.#rollFrom(0);
  }

  /** The rolling restart under way: for which broker it waits, if for any, and how many wait for it. */
  get rolling(): Rolling | undefined {
    const [roll] = this.#rolls;
    return roll && { awaits: roll.awaited, others: this.#rolls.length - 1 };
  }

  /** The rolling restart under way goes on with the brokers from this place on, or is over. */
  #rollFrom(place: number): void {
    const { brokers } = this.#host;
    const [roll] = this.#rolls;
    const rest = brokers.all.slice(place);
    const id = rest.find((one) => brokers.serves(one));
    for (const passed of rest) {
      if (passed === id) break;
      roll.watcher.passesOver(passed);
    }
    if (id === undefined) {
      this.#rolls.shift();
      if (this.#rolls.length === 0) return;
      this.#rolls[0].watcher.begins();
      return this.#rollFrom(0);
    }
    roll.awaited = id;
    roll.unheard = false;
    this.restart(id, roll.downtime);
  }

  /** This broker's copies are complete: if that was waited for, it is the next one's turn. */
  #rollOn(id: BrokerId): void {
    const [roll] = this.#rolls;
    if (roll?.awaited !== id || this.#stopping.has(id)) return;
    roll.awaited = undefined;
    this.#host.tasks.after(roll.pause, () => this.#rollFrom(id));
  }

  /** The controller does not hear of this broker, which something may wait for. */
  #unheard(id: BrokerId): void {
    const [roll] = this.#rolls;
    if (roll?.awaited !== id || roll.unheard) return;
    roll.unheard = true;
    roll.watcher.waitsForUnheard(id);
  }

  #exit(id: BrokerId): void {
    this.#end(id, "exited", () => this.#host.controller.left(id));
  }

  /** Its process ends, and the controller is told or left to notice; if it was to stop, the next one will begin. */
  #end(id: BrokerId, how: "crashed" | "exited", tell: () => void): void {
    this.#host.processGoes();
    this.#host.brokers.move(id, how);
    const shutdown = this.#stopping.get(id);
    this.#stopping.delete(id);
    this.#copying.delete(id);
    this.#cutOff.delete(id);
    this.#host.processGone(id);
    tell();
    this.#watchFollowers();
    if (shutdown) this.#startAfter(shutdown.downtime, id);
    else if (this.#rolls[0]?.awaited === id) this.#rolls[0].watcher.waitsForDead(id);
  }

  #startAfter(downtime: Duration, id: BrokerId): void {
    const { tasks, now } = this.#host;
    this.#starts.set(id, Math.min(now() + downtime, this.comesBy(id)));
    tasks.after(downtime, () => this.#start(id));
  }

  /** A process of this broker begins, unless there is one. */
  #start(id: BrokerId): void {
    const { brokers, controller, processStarts } = this.#host;
    if (brokers.listens(id)) return;
    processStarts(id);
    controller.started(id);
    controller.whenActive(() => this.#register(id));
  }

  /** Its process asks the controller to be admitted, having been refused so many times. */
  #register(id: BrokerId, refusals = 0): void {
    const { brokers, controller, processBack, hearsController } = this.#host;
    if (brokers.listens(id)) return;
    if (!hearsController(id)) {
      this.#unheard(id);
      return void this.#waiting.add(id);
    }
    if (brokers.stateOf(id) === "Crashed") {
      // while its former process has a session, the new one is refused: DuplicateBrokerRegistrationException
      if (!controller.isOver(id)) return this.#askAgain(id, refusals);
      this.fence(id);
    }
    this.#starts.delete(id);
    brokers.move(id, "restarted");
    processBack(id);
    this.#watchFollowers();
    controller.registered(id);
    this.#welcome(id);
  }

  #askAgain(id: BrokerId, refusals: number): void {
    const { controller, tasks } = this.#host;
    const wait = controller.untilAskedAgain(id, refusals);
    if (wait === undefined) this.#waiting.add(id);
    else tasks.after(wait, () => controller.whenActive(() => this.#register(id, refusals + 1)));
  }

  /** The controller has given this broker up. */
  fence(id: BrokerId): void {
    const { brokers, leaderships, copiesChanged } = this.#host;
    const state = brokers.stateOf(id);
    if (state === "ShuttingDown" || state === "Fenced" || state === "Isolated") return; // it leads nothing, as the controller knows
    brokers.move(id, "fenced");
    leaderships.dismiss(id, "fenced");
    if (brokers.stateOf(id) === "Isolated") this.#unheard(id);
    copiesChanged();
    this.#host.controller.balance();
    this.#completeCopies();
    if (this.#waiting.delete(id)) this.#register(id);
  }

  /** The controller hears again of a broker whose process is still the same. */
  heard(id: BrokerId): void {
    if (this.#host.brokers.stateOf(id) !== "Isolated") return;
    if (this.#stopping.has(id)) return void this.crash(id); // it says that it wants to stop
    this.#host.brokers.move(id, "heard-again");
    if (!this.#host.controller.lastSignOf) this.#host.metadata.heardAgain(id); // with KRaft it reads the log by itself
    this.#host.controller.registered(id);
    this.#welcome(id);
  }

  /** It may lead what nobody else can; the rest it has to copy first. */
  #welcome(id: BrokerId): void {
    this.#host.leaderships.elect("returned");
    this.#host.controller.balance();
    this.#complete(id);
    this.#completeCopies();
  }

  /** Whoever lacks something that he could copy begins to. */
  #completeCopies(): void {
    const { brokers, leaderships } = this.#host;
    for (const id of brokers.all) if (brokers.serves(id) && leaderships.lacks(id)) this.#complete(id);
  }

  /**
   * Its copies will be complete. That is not before it knows who leads: a follower that was cut off copies from whom it believes to
   * lead. Kafka: `ReplicaManager.applyDelta`.
   */
  #complete(id: BrokerId): void {
    if (this.#copying.has(id)) return;
    const token = {};
    this.#copying.set(id, token);
    const { tasks, draw, controller, metadata } = this.#host;
    const complete = (): void => {
      if (this.#copying.get(id) !== token) return;
      this.#copying.delete(id);
      this.#completed(id);
    };
    tasks.after(draw(`broker/${id}/catch-up`, this.#catchUp), () => {
      if (this.#copying.get(id) !== token) return;
      metadata.whenCaughtUp(id, () => controller.whenActive(complete));
    });
  }

  #completed(id: BrokerId): void {
    const { brokers, leaderships, copiesChanged, controller } = this.#host;
    if (!brokers.serves(id)) return; // isolated, or stopping
    leaderships.complete(id);
    copiesChanged();
    if (brokers.stateOf(id) === "CatchingUp") brokers.move(id, "caught-up");
    controller.balance();
    this.#rollOn(id);
  }

  // ---------------------------------------------------------------- cuts

  /** Brokers, or brokers and the controller, may reach each other now, or not any more. */
  reachChanged(): void {
    const { brokers, hearsController, controller } = this.#host;
    for (const id of brokers.all) {
      if (hearsController(id) && this.#waiting.delete(id)) controller.whenActive(() => this.#register(id));
      if (!brokers.listens(id) || hearsController(id) === !this.#cutOff.has(id)) continue;
      if (this.#cutOff.delete(id)) controller.reachable(id);
      else {
        this.#cutOff.add(id);
        controller.cutOff(id);
      }
    }
    this.#watchFollowers();
    this.#completeCopies();
  }

  /** This broker has come to lead something: also there whoever it has not heard of will count no more in time. */
  leads(leader: BrokerId): void {
    if (this.#apart.size === 0) return;
    for (const id of this.#host.brokers.all) if (this.#apart.get(pairOf(leader, id))?.over) this.#watch(leader, id);
  }

  /**
   * A follower that its leader has not heard of for `replica.lag.time.max.ms`, be it dead or out of reach, is out of sync;
   * leaders look every half of that. Kafka: `ReplicaManager.maybeShrinkIsr`.
   */
  #watchFollowers(): void {
    const { brokers, brokersReach } = this.#host;
    for (const leader of brokers.all) {
      for (const id of brokers.all) {
        const together = leader === id || (brokers.listens(id) && brokersReach(leader, id));
        if (!together && !this.#apart.has(pairOf(leader, id))) this.#watch(leader, id);
        else if (together && this.#apart.size > 0) this.#apart.delete(pairOf(leader, id));
      }
    }
  }

  #watch(leader: BrokerId, id: BrokerId): void {
    const { brokers, controller, tasks, draw, leaderships, hearsController, copiesChanged } = this.#host;
    const most = this.#config["replica.lag.time.max.ms"] * MILLISECOND;
    const pair = pairOf(leader, id);
    const watch = { over: false };
    this.#apart.set(pair, watch);
    tasks.after(draw(`broker/${leader}/isr-check`, { uniform: [most, most + Math.floor(most / 2)] }), () => {
      if (this.#apart.get(pair) !== watch) return;
      const canSay = brokers.listens(leader) && hearsController(leader);
      if (!canSay) return void this.#apart.delete(pair); // it begins anew
      controller.whenActive(() => {
        if (this.#apart.get(pair) !== watch) return;
        watch.over = true;
        leaderships.outrun(leader, id);
        copiesChanged();
      });
    });
  }
}

const pairOf = (leader: BrokerId, follower: BrokerId): string => `${leader} ${follower}`;
