import type { Duration, Instant } from "../../engine/time.ts";
import type { BrokerId } from "../../names.ts";
import type { EventId } from "../../trace/event.ts";
import type { Recorder } from "../../trace/recorder.ts";
import type { LeadersMoved, Partition } from "./partition.ts";
import type { Tasks } from "./tasks.ts";

/** What spreading metadata needs of the world. */
export interface MetadataHost {
  readonly tasks: Tasks;
  readonly recorder: Recorder;
  readonly brokers: readonly BrokerId[];
  now(): Instant;
  /** From a decision of the controller until every live broker acts on it. */
  propagation(): Duration;
  /** Whether the way between this broker and the controller is open. */
  hearsController(broker: BrokerId): boolean;
  partition(topic: string, number: number): Partition | undefined;
  /** The brokers that hear the controller are about to act on it. */
  applies(move: LeadersMoved): void;
  /** They act on it now. */
  applied(move: LeadersMoved): void;
  /** Their leaders wait for fewer copies now. */
  fewerAwaited(): void;
  /** Whether the leader that producers of this partition write to goes on, for all it knows. */
  goesOn(partition: Partition): boolean;
  /** A broker that was cut off acts on it now: these partitions have other leaders than it believed. */
  caughtUp(broker: BrokerId, partitions: Iterable<Partition>): void;
}

/**
 * The controller's log, as the brokers follow it: they hear of every decision a while later, and of all in order. One
 * that is cut off goes on with what it knew. Kafka: `BrokerMetadataPublisher`.
 */
export class Metadata {
  readonly #host: MetadataHost;
  #allApplied: Instant = 0;
  /** What brokers that did not hear of a change still believe. */
  readonly #stale = new Map<BrokerId, Map<Partition, BrokerId | null>>();
  /** Partitions whose leaders, brokers that do not hear the controller, still wait for more copies than they need to. */
  readonly #unaware = new Map<BrokerId, Set<Partition>>();
  /** When brokers that had not heard of a change came to know it. */
  readonly #caughtUpAt = new Map<BrokerId, Instant>();
  /** What waits for that. */
  readonly #waiting = new Map<BrokerId, () => void>();

  constructor(host: MetadataHost) {
    this.#host = host;
  }

  /** When the brokers have applied all that was decided so far. */
  get allApplied(): Instant {
    return this.#allApplied;
  }

  /** Who leads, as this broker believes. */
  leaderFor(broker: BrokerId, partition: Partition): BrokerId | null {
    const believed = this.#stale.get(broker)?.get(partition);
    return believed === undefined ? partition.known : believed;
  }

  /** Since when this broker has known what the others know: from the beginning unless it was cut off; never yet: `Infinity`. */
  caughtUpAt(broker: BrokerId): Instant {
    return this.#stale.has(broker) ? Infinity : (this.#caughtUpAt.get(broker) ?? 0);
  }

  /**
   * Runs `then` as soon as this broker knows what the others know: now, or when it has caught up; never if its process ends before.
   * The last one counts.
   */
  whenCaughtUp(broker: BrokerId, then: () => void): void {
    if (this.#stale.has(broker)) this.#waiting.set(broker, then);
    else then();
  }

  /** The first leaders, whom everybody knows from the beginning. */
  begin(moves: readonly LeadersMoved[]): void {
    for (const { move, event } of this.#writeDown(moves)) this.#apply(move, event);
  }

  /** Writes one decision down, and has it known in time: new leaders, and that leaders need not wait for so many copies. */
  publish(moves: readonly LeadersMoved[], fewerCopies: readonly Partition[]): void {
    const { fewerAwaited } = this.#host;
    const decided = this.#writeDown(moves);
    this.announce(() => {
      for (const partition of fewerCopies) this.awaitFewer(partition);
      if (fewerCopies.length > 0) fewerAwaited();
      for (const { move, event } of decided) this.#apply(move, event);
    });
  }

  /** The brokers hear of something that the controller has decided now, after all before it. */
  announce(heard: () => void): void {
    const { tasks, now, propagation } = this.#host;
    this.#allApplied = Math.max(this.#allApplied, now() + propagation());
    tasks.after(this.#allApplied - now(), heard);
  }

  /** The broker hears the controller again: what it missed, it knows a propagation later. */
  heardAgain(broker: BrokerId): void {
    if (!this.#stale.has(broker) && !this.#unaware.has(broker)) return;
    const { tasks, now, propagation, caughtUp, fewerAwaited, hearsController } = this.#host;
    tasks.after(propagation(), () => {
      if (!hearsController(broker)) return;
      if (this.#hearsOfFewer(broker)) fewerAwaited();
      const missed = this.#stale.get(broker);
      if (!missed) return;
      this.#stale.delete(broker);
      this.#caughtUpAt.set(broker, now());
      caughtUp(broker, missed.keys());
      const then = this.#waiting.get(broker);
      this.#waiting.delete(broker);
      then?.();
    });
  }

  /** Its process has ended: the next one begins with what is true. */
  forget(broker: BrokerId): void {
    this.#stale.delete(broker);
    this.#waiting.delete(broker);
    this.#hearsOfFewer(broker);
  }

  /** The leader of this partition need not wait for all copies it has waited for, if it hears of it. */
  awaitFewer(partition: Partition): void {
    const { serving, known, inSync } = partition;
    if (serving !== known) return; // it does not even know that it leads no more
    if (serving === null || this.#host.hearsController(serving)) {
      partition.awaited = inSync;
      return;
    }
    let unaware = this.#unaware.get(serving);
    if (!unaware) this.#unaware.set(serving, (unaware = new Set()));
    unaware.add(partition);
  }

  /** It hears of that now; returns whether there was anything to hear of. */
  #hearsOfFewer(broker: BrokerId): boolean {
    const unaware = this.#unaware.get(broker);
    if (!unaware) return false;
    this.#unaware.delete(broker);
    for (const partition of unaware) {
      if (partition.serving === broker && partition.known === broker) partition.awaited = partition.inSync;
    }
    return true;
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
    const { brokers, recorder, hearsController, partition, goesOn, applies, applied } = this.#host;
    applies(move);
    const deaf = brokers.filter((broker) => !hearsController(broker));
    for (const number of move.partitions) {
      const moved = partition(move.topic, number);
      if (!moved) continue; // its topic was deleted meanwhile
      for (const broker of deaf) {
        let stale = this.#stale.get(broker);
        if (!stale) this.#stale.set(broker, (stale = new Map()));
        if (!stale.has(moved)) stale.set(moved, moved.known);
      }
      moved.known = move.to;
      if (moved.serving !== move.to && goesOn(moved)) continue;
      moved.serving = move.to;
      moved.awaited = moved.inSync;
    }
    recorder.cause = event;
    applied(move);
  }
}
