/**
 * The books of one group: where every record produced has gone, partition by partition.
 *
 *     produced = consumed + lag + lost                at every instant
 *     processed = consumed + reread − unprocessed     what applications have worked on, again or for the first time
 *
 * `consumed` counts each record behind the group's position once. When a position is set back, as after a crash, the
 * records between move from `consumed` to `reread` at that moment: their first reading was in vain, and they wait to
 * be read anew, so they are lag again. So does what the reader had in hand beyond its position: it was handed out, and
 * will be again, though nobody had processed it yet (`unprocessed`). When a position is set forward, what it skips is
 * `lost`, unless it was read before; if ever it is set back into that, so much is not lost after all. What becomes of
 * which records is worked out in `moves.ts`.
 *
 * The fluid model posts here what flows in and what is drained, and keeps its lag by itself from the slopes; so the
 * equation is a check of it, not a definition.
 */
export class Ledger {
  readonly #produced: Float64Array;
  readonly #consumed: Float64Array;
  readonly #reread: Float64Array;
  readonly #unprocessed: Float64Array;
  readonly #lost: Float64Array;
  /** Records by cause, in the order in which the causes first came up. */
  readonly #rereadBy = new Map<string, number>();
  readonly #lostBy = new Map<string, number>();

  constructor(partitions: number) {
    this.#produced = new Float64Array(partitions);
    this.#consumed = new Float64Array(partitions);
    this.#reread = new Float64Array(partitions);
    this.#unprocessed = new Float64Array(partitions);
    this.#lost = new Float64Array(partitions);
  }

  /** Records came in. */
  produce(partition: number, records: number): void {
    this.#produced[partition] += records;
  }

  /** Records behind the position were handed to an application; or it is set forward over such that had been. */
  consume(partition: number, records: number): void {
    this.#consumed[partition] += records;
  }

  /**
   * The position was set back by so many records, which will be read again; and so will those that were handed out
   * beyond it, of which some were never processed.
   */
  rollBack(partition: number, records: number, cause: string, inHand = 0, unprocessed = 0): void {
    this.#consumed[partition] -= records;
    this.#reread[partition] += records + inHand;
    this.#unprocessed[partition] += unprocessed;
    this.#rereadBy.set(cause, (this.#rereadBy.get(cause) ?? 0) + records + inHand);
  }

  /** The position was set back into what had been skipped for that cause: so many records are read after all. */
  regain(partition: number, records: number, cause: string): void {
    this.#lost[partition] -= records;
    this.#lostBy.set(cause, (this.#lostBy.get(cause) ?? 0) - records);
  }

  /** The position was set forward over records that were to be read again for that cause: so many are not. */
  spare(partition: number, records: number, cause: string, unprocessed: number): void {
    this.#reread[partition] -= records;
    this.#unprocessed[partition] -= unprocessed;
    this.#rereadBy.set(cause, (this.#rereadBy.get(cause) ?? 0) - records);
  }

  /** The position was set forward over so many records that nobody has read. */
  lose(partition: number, records: number, cause: string): void {
    this.#lost[partition] += records;
    this.#lostBy.set(cause, (this.#lostBy.get(cause) ?? 0) + records);
  }

  produced(partition: number): number {
    return this.#produced[partition];
  }

  consumed(partition: number): number {
    return this.#consumed[partition];
  }

  reread(partition: number): number {
    return this.#reread[partition];
  }

  /** Of what was read again, what nobody had processed the first time. */
  unprocessed(partition: number): number {
    return this.#unprocessed[partition];
  }

  lost(partition: number): number {
    return this.#lost[partition];
  }

  /** What was read again, and why. */
  get rereadByCause(): ReadonlyMap<string, number> {
    return this.#rereadBy;
  }

  /** What was never read, and why. */
  get lostByCause(): ReadonlyMap<string, number> {
    return this.#lostBy;
  }

  /**
   * The law of conservation, to one part in a million of what was produced (or a millionth of a record). Returns
   * what is wrong, in words, or nothing.
   */
  check(partition: number, lag: number): string | undefined {
    const produced = this.#produced[partition];
    const accounted = this.#consumed[partition] + lag + this.#lost[partition];
    if (lag >= 0 && Math.abs(produced - accounted) <= 1e-6 * Math.max(1, produced)) return undefined;
    return (
      `partition ${partition}: ${produced} produced, but ` +
      `${this.#consumed[partition]} consumed + ${lag} lag + ${this.#lost[partition]} lost`
    );
  }
}
