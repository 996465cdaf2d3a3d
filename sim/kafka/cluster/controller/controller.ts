import type { Duration, Instant } from "../../../engine/time.ts";
import type { Law } from "../../../engine/variates.ts";
import type { BrokerId } from "../../../names.ts";
import type { Recorder } from "../../../trace/recorder.ts";
import type { Leaderships } from "../leaderships.ts";
import type { Tasks } from "../tasks.ts";

/** A process that can be the cluster's controller: a node of the quorum, or, with ZooKeeper, a broker. */
export type ControllerId = number;

/** When a broker was last heard of. In KRaft it tells with every heartbeat what it has applied. */
export type LastSignOf = (broker: BrokerId) => Instant;

/**
 * Who notices that brokers fail, and decides who leads instead. It is told what becomes of processes and connections;
 * when it finds out is its own affair.
 */
export interface Controller {
  /** The active one; `null` while there is none. */
  readonly active: ControllerId | null;
  /**
   * A broker that stops has to wait until all are known, by this, to have applied the move; where it is absent nobody is
   * waited for.
   */
  readonly lastSignOf?: LastSignOf;
  /** The processes that can be it, where they are not brokers and die with them. */
  readonly nodes: ControllerNodes | undefined;
  /**
   * Runs `then` at once, or when somebody is there again whose decisions count: until then no failure is noticed, and no
   * leader moves.
   */
  whenActive(then: () => void): void;
  /** A broker's process died: it will be silent. */
  died(broker: BrokerId): void;
  /** It said goodbye and has ended. */
  left(broker: BrokerId): void;
  /** A new process of it runs. */
  started(broker: BrokerId): void;
  /** Whether the session of a process that died is over, though nobody has looked yet. */
  isOver(broker: BrokerId): boolean;
  /** How long a new process waits that was refused so many times before; `undefined`: until the former one is given up. */
  untilAskedAgain(broker: BrokerId, refusals: number): Duration | undefined;
  /** It is registered: its session begins at this instant. */
  registered(broker: BrokerId): void;
  /** What it sends does not arrive from now on. */
  cutOff(broker: BrokerId): void;
  /** It does again; the controller will tell when it has `heard` of it. */
  reachable(broker: BrokerId): void;
  /** Leaderships have moved, or copies have become complete: it may be time to give some back. */
  balance(): void;
}

/** Processes of their own that can be the controller. */
export interface ControllerNodes {
  runs(id: ControllerId): boolean;
  /** Kills one; returns false if it is down already. */
  crash(id: ControllerId): boolean;
  /** Ends one in order, if it runs, and starts it again after `downtime`, or when it was to come anyway if that is sooner. */
  restart(id: ControllerId, downtime: Duration): void;
  /** When its next process begins; `Infinity` if none has been told to. */
  comesBy(id: ControllerId): Instant;
}

/** What a controller needs of the cluster around it. */
export interface ControllerHost {
  readonly leaderships: Leaderships;
  readonly tasks: Tasks;
  readonly recorder: Recorder;
  now(): Instant;
  /** All there are, ascending. */
  readonly brokers: readonly BrokerId[];
  /** How many partitions there are in all. */
  partitions(): number;
  draw(stream: string, law: Law): Duration;
  /** The controller has given this broker up. */
  fence(broker: BrokerId): void;
  /** It hears of this broker again after a cut. */
  heard(broker: BrokerId): void;
}
