import type { Duration, Instant } from "../../engine/time.ts";
import type { EventId } from "../../trace/event.ts";
import type { Recorder } from "../../trace/recorder.ts";
import type { LeadersMoved } from "./partition.ts";
import type { Tasks } from "./tasks.ts";

/** What spreading metadata needs of the world. */
export interface MetadataHost {
  readonly tasks: Tasks;
  readonly recorder: Recorder;
  now(): Instant;
  /** From a decision of the controller until every live broker acts on it. */
  propagation(): Duration;
  /** The brokers act on it now. */
  applied(move: LeadersMoved): void;
}

/**
 * The controller's log, as the brokers follow it: they hear of every decision a while later, and of all in order.
 * Kafka: `BrokerMetadataPublisher`.
 */
export class Metadata {
  readonly #host: MetadataHost;
  #allApplied: Instant = 0;

  constructor(host: MetadataHost) {
    this.#host = host;
  }

  /** When the brokers have applied all that was decided so far. */
  get allApplied(): Instant {
    return this.#allApplied;
  }

  /** The first leaders, whom everybody knows from the beginning. */
  begin(moves: readonly LeadersMoved[]): void {
    for (const { move, event } of this.#writeDown(moves)) this.#apply(move, event);
  }

  /** Writes one decision down, and has it known in time. */
  publish(moves: readonly LeadersMoved[]): void {
    const { tasks, now, propagation } = this.#host;
    const decided = this.#writeDown(moves);
    this.#allApplied = Math.max(this.#allApplied, now() + propagation());
    tasks.after(this.#allApplied - now(), () => {
      for (const { move, event } of decided) this.#apply(move, event);
    });
  }

  #writeDown(moves: readonly LeadersMoved[]): { readonly move: LeadersMoved; readonly event: EventId }[] {
    const { recorder } = this.#host;
    const { cause } = recorder;
    const decided = moves.map((move) => {
      recorder.cause = cause; // none of them made the next one happen
      return { move, event: recorder.record(`topic/${move.topic}`, { type: "partition.leader", ...move }) };
    });
    recorder.cause = cause;
    return decided;
  }

  #apply(move: LeadersMoved, event: EventId): void {
    this.#host.recorder.cause = event;
    this.#host.applied(move);
  }
}
