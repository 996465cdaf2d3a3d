import { type Duration, MILLISECOND } from "../../../engine/time.ts";
import type { BrokerConfig } from "../../config.ts";
import { compareReleases } from "../../config.ts";
import type { KraftOptions } from "../options.ts";
import type { ControllerHost, ControllerId, ControllerNodes } from "./controller.ts";

/** From this release on nobody stands before asking whether he would be elected, so votes are not split. KIP-996. */
const PRE_VOTE = "4.0";

/** A voter's fetch is answered at least so often: the active controller writes a record that says nothing (`NoOpRecord`). */
const LONGEST_FETCH: Duration = 500 * MILLISECOND;

/** The nodes that may be the active controller, and their elections. Kafka: `KafkaRaftClient`. */
export class Quorum implements ControllerNodes {
  readonly #options: KraftOptions;
  readonly #config: BrokerConfig;
  readonly #preVote: boolean;
  readonly #host: ControllerHost;
  readonly #changed: () => void;
  readonly #living: Set<ControllerId>;
  #active: ControllerId | null = 1;
  #term = 0; // raised with each election, so that one which was overtaken ends

  /** `changed`: another node is active, or none. */
  constructor(
    options: KraftOptions,
    config: BrokerConfig,
    brokerVersion: string,
    host: ControllerHost,
    changed: () => void,
  ) {
    this.#options = options;
    this.#config = config;
    this.#preVote = compareReleases(brokerVersion, PRE_VOTE) >= 0;
    this.#host = host;
    this.#changed = changed;
    this.#living = new Set(Array.from({ length: options.nodes }, (_, index) => index + 1));
  }

  get active(): ControllerId | null {
    return this.#active;
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
    } else if (this.#active !== null && !this.#hasMajority) {
      this.#be(null, "no-majority");
    }
    return true;
  }

  /** The process ends in order: the others elect at once. */
  resign(id: ControllerId): boolean {
    if (!this.#living.delete(id)) return false;
    if (this.#active === id) {
      this.#be(null, "resigned");
      const round = this.#host.draw("controller/election", this.#options.election);
      if (this.#hasMajority) this.#electAfter(round, Math.min(...this.#living));
    } else if (this.#active !== null && !this.#hasMajority) {
      this.#be(null, "no-majority");
    }
    return true;
  }

  comeBack(id: ControllerId): void {
    if (id > this.#options.nodes || this.#living.has(id)) return;
    const before = this.#hasMajority;
    this.#living.add(id);
    if (this.#active === null && !before && this.#hasMajority) this.#electAfterSilence();
  }

  get #hasMajority(): boolean {
    return this.#living.size > this.#options.nodes / 2;
  }

  /**
   * The first voter whose patience ends stands, and is elected a round of votes later; unless, before pre-votes, another
   * one's ends within that round: then both wait once to twice the election timeout before the next.
   */
  #electAfterSilence(): void {
    const { draw } = this.#host;
    const timeout = this.#config["controller.quorum.fetch.timeout.ms"] * MILLISECOND;
    const retry = this.#config["controller.quorum.election.timeout.ms"] * MILLISECOND;
    const round = draw("controller/election", this.#options.election);
    const voters = [...this.#living].sort((a, b) => a - b);
    const patience = (of: (id: ControllerId) => Duration): { readonly id: ControllerId; readonly wait: Duration }[] =>
      voters.map((id) => ({ id, wait: of(id) })).sort((a, b) => a.wait - b.wait || a.id - b.id);
    let [first, second] = patience(
      (id) => timeout - draw(`controller/${id}/fetch`, { uniform: [0, Math.min(LONGEST_FETCH, timeout)] }),
    );
    let waited = first.wait;
    while (!this.#preVote && second !== undefined && second.wait - first.wait < round) {
      [first, second] = patience((id) => draw(`controller/${id}/retry`, { uniform: [retry, 2 * retry] }));
      waited += round + first.wait;
    }
    this.#electAfter(waited + round, first.id);
  }

  #electAfter(delay: Duration, candidate: ControllerId): void {
    const term = ++this.#term;
    this.#host.tasks.after(delay, () => {
      if (term !== this.#term || this.#active !== null || !this.#hasMajority) return;
      if (this.#living.has(candidate)) this.#be(candidate, "elected");
      else this.#electAfterSilence();
    });
  }

  #be(active: ControllerId | null, reason: string): void {
    const from = this.#active;
    this.#active = active;
    this.#host.recorder.record("controller", { type: "controller.changed", from, to: active, reason });
    this.#changed();
  }
}
