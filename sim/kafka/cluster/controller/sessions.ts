import type { Duration, Instant } from "../../../engine/time.ts";
import type { BrokerId } from "../../../names.ts";
import type { Tasks } from "../tasks.ts";

/** How brokers make themselves heard, and how silence is judged. */
export interface SessionRules {
  readonly tasks: Tasks;
  now(): Instant;
  /** Time between two signs of life. */
  readonly interval: Duration;
  /** So long a broker may be silent. */
  readonly session: Duration;
  /** When the first sign of life of a broker's first life comes: between 0 and an interval. */
  phase(broker: BrokerId): Duration;
  /** The instant at which somebody looks after a broker whose session ends at `deadline`. */
  look(deadline: Instant): Instant;
  /** Whether a look ends one session at most, so that several brokers lost together are noticed one after another. */
  readonly oneAtATime: boolean;
  /** Whether there is anybody to look. */
  active(): boolean;
  expired(broker: BrokerId): void;
}

/** What a broker is silent since. */
interface Silence {
  last: Instant;
}

/**
 * When silent brokers are given up. Signs of life that come as they should are worked out, not simulated: while all is
 * well a broker's last one is the last multiple of the interval, so it matters only where silence begins and ends.
 */
export class BrokerSessions {
  readonly #rules: SessionRules;
  /** An instant of each broker's from which on its signs of life come an interval apart. */
  readonly #since = new Map<BrokerId, Instant>();
  /** Those that are silent and not given up yet. */
  readonly #silent = new Map<BrokerId, Silence>();
  /** Whose next sign of life is awaited; another object, or none, once something else becomes of it. */
  readonly #awaited = new Map<BrokerId, object>();
  #lastEnded: Instant | undefined;
  /** When somebody else began to count. */
  #restartedAt: Instant | undefined;

  constructor(rules: SessionRules) {
    this.#rules = rules;
  }

  /** Nothing comes from this broker from now on. */
  silent(broker: BrokerId): void {
    this.#awaited.delete(broker);
    if (this.#silent.has(broker)) return;
    const last = this.lastSignOf(broker);
    const silence = { last: Math.max(last, this.#restartedAt ?? last) };
    this.#silent.set(broker, silence);
    this.#expect(broker, silence);
  }

  /** Its first sign of life of a new session comes at this instant. */
  begin(broker: BrokerId): void {
    this.end(broker);
    this.#since.set(broker, this.#rules.now());
  }

  /** When this broker was last heard of; of one that is silent a new controller knows no better than when it began. */
  lastSignOf(broker: BrokerId): Instant {
    const silence = this.#silent.get(broker);
    if (silence) return silence.last;
    const { now, interval } = this.#rules;
    const since = this.#sinceOf(broker);
    return since + Math.floor((now() - since) / interval) * interval;
  }

  /** Whether this broker has been silent for more than a session. */
  isOver(broker: BrokerId): boolean {
    const silence = this.#silent.get(broker);
    return silence !== undefined && silence.last + this.#rules.session < this.#rules.now();
  }

  /** What it sends arrives again: `heard` is called at its next sign of life, unless something becomes of it before. */
  resume(broker: BrokerId, heard: () => void): void {
    const { tasks, now, interval } = this.#rules;
    const since = this.#sinceOf(broker);
    const next = since + Math.ceil((now() - since) / interval) * interval;
    const token = {};
    this.#awaited.set(broker, token);
    tasks.after(next - now(), () => {
      if (this.#awaited.get(broker) !== token) return;
      this.end(broker);
      heard();
    });
  }

  /** It has gone in order, or is heard of: nobody counts its silence. */
  end(broker: BrokerId): void {
    this.#silent.delete(broker);
    this.#awaited.delete(broker);
  }

  /** A new controller knows nothing of the past: those it has not given up count as heard of at this instant. */
  restart(): void {
    this.#restartedAt = this.#rules.now();
    for (const [broker, silence] of this.#silent) {
      silence.last = this.#restartedAt;
      this.#expect(broker, silence);
    }
  }

  /** Nobody could look for a while, and somebody can again. */
  lookAgain(): void {
    for (const [broker, silence] of this.#silent) this.#expect(broker, silence);
  }

  #sinceOf(broker: BrokerId): Instant {
    let since = this.#since.get(broker);
    if (since === undefined) {
      const { phase, interval } = this.#rules;
      since = phase(broker) - interval; // it was heard of before the run began
      this.#since.set(broker, since);
    }
    return since;
  }

  /** Somebody will look after it when its session is over. */
  #expect(broker: BrokerId, silence: Silence): void {
    const { session, look, now } = this.#rules;
    const { last } = silence;
    this.#lookAt(look(Math.max(last + session, now())), broker, silence, last);
  }

  #lookAt(instant: Instant, broker: BrokerId, silence: Silence, last: Instant): void {
    const { tasks, now, active, oneAtATime, look, expired } = this.#rules;
    tasks.after(instant - now(), () => {
      if (this.#silent.get(broker) !== silence || silence.last !== last || !active()) return;
      if (oneAtATime && this.#lastEnded === now()) return this.#lookAt(look(now()), broker, silence, last);
      this.#lastEnded = now();
      this.#silent.delete(broker);
      expired(broker);
    });
  }
}
