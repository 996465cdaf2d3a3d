import { type Duration, type Instant, MILLISECOND } from "../../../engine/time.ts";
import type { BrokerConfig } from "../../config.ts";
import { compareReleases } from "../../config.ts";
import type { KraftOptions } from "../options.ts";
import type { ControllerHost, ControllerId, ControllerNodes } from "./controller.ts";

/** From this release on nobody stands before asking whether he would be elected, so votes are not split. KIP-996. */
const PRE_VOTE = "4.0";

/** A voter's fetch is answered at least so often: the active controller writes a record that says nothing (`NoOpRecord`). */
const LONGEST_FETCH: Duration = 500 * MILLISECOND;

/** The active node waits so many times longer for fetches of a majority than a voter for an answer of it. */
const CHECK_QUORUM_TIMEOUT_FACTOR = 1.5;

/** Whom the quorum tells. */
export interface QuorumObserver {
  /** Another node is active, or none. */
  changed(): void;
  /** The same node is active as before, and has a majority again. */
  resumed(): void;
}

/** The nodes that may be the active controller, and their elections. Kafka: `KafkaRaftClient`. */
export class Quorum implements ControllerNodes {
  readonly #options: KraftOptions;
  readonly #config: BrokerConfig;
  readonly #preVote: boolean;
  readonly #host: ControllerHost;
  readonly #observer: QuorumObserver;
  readonly #living: Set<ControllerId>;
  /** When those that are down come back, of whom that is known. */
  readonly #starts = new Map<ControllerId, Instant>();
  #active: ControllerId | null = 1;
  #term = 0; // raised with each election, so that one which was overtaken ends

  constructor(
    options: KraftOptions,
    config: BrokerConfig,
    brokerVersion: string,
    host: ControllerHost,
    observer: QuorumObserver,
  ) {
    this.#options = options;
    this.#config = config;
    this.#preVote = compareReleases(brokerVersion, PRE_VOTE) >= 0;
    this.#host = host;
    this.#observer = observer;
    this.#living = new Set(Array.from({ length: options.nodes }, (_, index) => index + 1));
  }

  /** The node that takes itself for the active controller. */
  get active(): ControllerId | null {
    return this.#active;
  }

  /** Whether what it decides is committed. */
  get decides(): boolean {
    return this.#active !== null && this.#hasMajority;
  }

  runs(id: ControllerId): boolean {
    return this.#living.has(id);
  }

  /** The process is gone without a word: the others notice by their fetches. */
  crash(id: ControllerId): boolean {
    if (!this.#living.delete(id)) return false;
    if (this.#active === id) {
      this.#be(null, "crashed");
      if (this.#hasMajority) this.#electAfterSilence();
    } else this.#watchMajority(id);
    return true;
  }

  /** The process ends in order: the others elect at once. */
  resign(id: ControllerId): boolean {
    if (!this.#living.delete(id)) return false;
    if (this.#active === id) {
      this.#be(null, "resigned");
      const round = this.#host.draw("controller/election", this.#options.election);
      if (this.#hasMajority) this.#electAfterGoodbye(round);
    } else this.#watchMajority(id);
    return true;
  }

  restart(id: ControllerId, downtime: Duration): void {
    this.resign(id);
    const { tasks, now } = this.#host;
    const comes = now() + downtime;
    if (this.comesBy(id) <= comes) return;
    this.#starts.set(id, comes);
    tasks.after(downtime, () => {
      if (this.#starts.get(id) === comes) this.comeBack(id);
    });
  }

  comesBy(id: ControllerId): Instant {
    return this.#starts.get(id) ?? Infinity;
  }

  /** It is there again. */
  comeBack(id: ControllerId): void {
    if (id > this.#options.nodes || this.#living.has(id)) return;
    const before = this.#hasMajority;
    this.#living.add(id);
    this.#starts.delete(id);
    if (before || !this.#hasMajority) return;
    if (this.#active === null) this.#electAfterSilence();
    else this.#observer.resumed();
  }

  /**
   * Without a majority the active node decides nothing that lasts, and resigns when none has fetched for so long. This
   * one, which is gone now, was the last it needed. Kafka: `LeaderState.timeUntilCheckQuorumExpires`.
   */
  #watchMajority(gone: ControllerId): void {
    const active = this.#active;
    if (active === null || this.#living.size + 1 <= this.#options.nodes / 2 || this.#hasMajority) return;
    const fetched = this.#host.draw(`controller/${gone}/fetch`, { uniform: [0, this.#longestFetch] });
    const lost = ++this.#term;
    this.#host.tasks.after(CHECK_QUORUM_TIMEOUT_FACTOR * this.#patience - fetched, () => {
      if (lost === this.#term && this.#active === active && !this.#hasMajority) this.#be(null, "no-majority");
    });
  }

  get #hasMajority(): boolean {
    return this.#living.size > this.#options.nodes / 2;
  }

  /** How long a voter waits for an answer of the active node. */
  get #patience(): Duration {
    return this.#config["controller.quorum.fetch.timeout.ms"] * MILLISECOND;
  }

  get #longestFetch(): Duration {
    return Math.min(LONGEST_FETCH, this.#patience);
  }

  /** The one that has resigned has told whom it would have as its successor; if that one is gone, silence follows. */
  #electAfterGoodbye(round: Duration): void {
    const successor = Math.min(...this.#living);
    const term = ++this.#term;
    this.#electAfter(round, successor, term);
    this.#host.tasks.after(round, () => {
      if (term === this.#term && this.#active === null && this.#hasMajority) this.#electAfterSilence();
    });
  }

  /**
   * The first voter whose patience ends stands, and is elected a round of votes later; unless, before pre-votes, another
   * one's ends within that round: then both wait once to twice the election timeout before the next. Should he have died by
   * then, the next one's patience ends.
   */
  #electAfterSilence(): void {
    const { draw } = this.#host;
    const retry = this.#config["controller.quorum.election.timeout.ms"] * MILLISECOND;
    const round = draw("controller/election", this.#options.election);
    const voters = [...this.#living].sort((a, b) => a - b);
    const patience = (of: (id: ControllerId) => Duration): { readonly id: ControllerId; readonly wait: Duration }[] =>
      voters.map((id) => ({ id, wait: of(id) })).sort((a, b) => a.wait - b.wait || a.id - b.id);
    let waits = patience((id) => this.#patience - draw(`controller/${id}/fetch`, { uniform: [0, this.#longestFetch] }));
    let lost = 0; // in rounds that split
    while (!this.#preVote && waits.length > 1 && waits[1].wait - waits[0].wait < round) {
      lost += waits[0].wait + round;
      waits = patience((id) => draw(`controller/${id}/retry`, { uniform: [retry, 2 * retry] }));
    }
    const term = ++this.#term;
    for (const { id, wait } of waits) this.#electAfter(lost + wait + round, id, term);
  }

  #electAfter(delay: Duration, candidate: ControllerId, term: number): void {
    this.#host.tasks.after(delay, () => {
      if (term !== this.#term || this.#active !== null || !this.#hasMajority) return;
      if (this.#living.has(candidate)) this.#be(candidate, "elected");
    });
  }

  #be(active: ControllerId | null, reason: string): void {
    const from = this.#active;
    this.#active = active;
    this.#host.recorder.record("controller", { type: "controller.changed", from, to: active, reason });
    this.#observer.changed();
  }
}
