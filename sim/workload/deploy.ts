import type { Duration } from "../engine/time.ts";

/** How a rolling restart goes about it. */
export interface RollPolicy {
  /** How many of the members there were at its begin may be unavailable at a time. */
  readonly maxUnavailable: number;
  /** How many more members than at its begin there may be at a time. */
  readonly maxSurge: number;
  /** How long a successor has to be ready before it counts as available. Kubernetes: `minReadySeconds`. */
  readonly pause: Duration;
  /**
   * Static members keep their identity, and there cannot be two of one: a successor starts only when its predecessor
   * has stopped. Kubernetes: a `StatefulSet`; otherwise a `Deployment`, which does not wait for what terminates.
   */
  readonly static: boolean;
}

/** What a rolling restart does to the world. */
export interface RollHost {
  /** This member closes. */
  close(member: number): void;
  /** A successor of this member starts up; returns who it is. */
  start(predecessor: number): number;
  /** Call `elapsed(member)` after that time. */
  after(pause: Duration, member: number): void;
}

/**
 * A rolling restart: every member is closed and a successor started, never with more than `maxUnavailable` missing
 * and never with more than `maxSurge` too many. Kubernetes: the `RollingUpdate` strategy.
 *
 *     4 members, maxUnavailable 1, maxSurge 0          4 members, maxUnavailable 0, maxSurge 1
 *       close 1, start 1′ … 1′ is available              start 1′ … 1′ is available
 *       close 2, start 2′ … 2′ is available              close 1, start 2′ … 2′ is available
 *       close 3, start 3′ …                              close 2, start 3′ …
 *
 * A member is available when it is ready and has been so for `pause`; old ones that were ready at the begin have.
 * While the roll lasts it keeps the size: who departs for another reason is succeeded as part of it.
 */
export class RollingRestart {
  readonly #policy: RollPolicy;
  readonly #host: RollHost;
  /** How many there were at the begin, and shall be at the end. */
  readonly #size: number;
  /** Those still to be closed, in order, and whether each is available. */
  readonly #old: Map<number, boolean>;
  /** Those that took over, and whether each is available. */
  readonly #successors = new Map<number, boolean>();
  /** Whose successor may start, in order. */
  readonly #vacancies: number[];
  /** Static members that have departed, but not stopped yet. */
  readonly #closing = new Set<number>();

  /** `members`: who is to be replaced, in this order, and whether each is ready. */
  constructor(members: Iterable<readonly [member: number, ready: boolean]>, policy: RollPolicy, host: RollHost) {
    this.#old = new Map(members);
    this.#size = this.#old.size;
    this.#policy = policy;
    this.#host = host;
    this.#vacancies = policy.static ? [] : [...this.#old.keys()];
    const room = policy.maxUnavailable + (policy.static ? 0 : policy.maxSurge);
    if (room === 0) throw new Error("a rolling restart needs room: a member unavailable, or (not if static) one more");
  }

  /** Nobody is left to be closed or started, and everybody is available. */
  get done(): boolean {
    return this.#old.size + this.#closing.size + this.#vacancies.length === 0 && this.#available() >= this.#size;
  }

  begin(): void {
    this.#advance();
  }

  /** This member has started up. */
  ready(member: number): void {
    if (this.#old.has(member)) this.#old.set(member, true);
    else if (this.#successors.has(member) && this.#policy.pause > 0) this.#host.after(this.#policy.pause, member);
    else if (this.#successors.has(member)) this.#successors.set(member, true);
    this.#advance();
  }

  /** This member has been ready for the length of the pause. */
  elapsed(member: number): void {
    if (!this.#successors.has(member)) return;
    this.#successors.set(member, true);
    this.#advance();
  }

  /** This member closes or has crashed, whatever the reason. */
  departed(member: number): void {
    const wasOld = this.#old.delete(member);
    const wasSuccessor = this.#successors.delete(member);
    if (!wasOld && !wasSuccessor) return;
    if (this.#policy.static) this.#closing.add(member);
    else if (wasSuccessor) this.#vacancies.push(member);
    this.#advance();
  }

  /** The process of this member has ended. */
  stopped(member: number): void {
    if (!this.#closing.delete(member)) return;
    this.#vacancies.push(member);
    this.#advance();
  }

  #available(): number {
    let available = 0;
    for (const is of this.#old.values()) if (is) available++;
    for (const is of this.#successors.values()) if (is) available++;
    return available;
  }

  #advance(): void {
    while (this.#startOne() || this.#closeOne());
  }

  #startOne(): boolean {
    const present = this.#old.size + this.#successors.size;
    const most = this.#size + (this.#policy.static ? 0 : this.#policy.maxSurge);
    if (this.#vacancies.length === 0 || present >= most) return false;
    this.#successors.set(this.#host.start(this.#vacancies.shift()!), false);
    return true;
  }

  /** The next old one in order; but first any that are not available, because nobody misses them. */
  #closeOne(): boolean {
    const spare = this.#available() - (this.#size - this.#policy.maxUnavailable);
    for (const unavailable of [true, false]) {
      for (const [member, available] of this.#old) {
        if (unavailable ? available : spare <= 0) continue;
        this.#old.delete(member);
        if (this.#policy.static) this.#closing.add(member);
        this.#host.close(member);
        return true;
      }
    }
    return false;
  }
}
