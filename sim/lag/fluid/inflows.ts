import type { Clients } from "./clients.ts";
import type { Lines } from "./lines.ts";

/** In place of a rate: the watermark moves, and all that comes into a partition can be read at once. */
export const MOVES = -1;

/** What comes into partitions: as far as it can be read, into their lines; what lies above a watermark that stands still, not. */
export class Inflows {
  readonly #lines: Lines;
  readonly #clients: Clients;
  readonly #above: Float64Array;

  constructor(lines: Lines, clients: Clients) {
    this.#lines = lines;
    this.#clients = clients;
    this.#above = new Float64Array(lines.partitions).fill(MOVES);
  }

  /** By partition, records per second that come in and cannot be read yet; or `MOVES`. */
  get above(): ArrayLike<number> {
    return this.#above;
  }

  setRate(partition: number, recordsPerSecond: number): void {
    if (this.#above[partition] === MOVES) return this.#letIn(partition, recordsPerSecond);
    if (recordsPerSecond === this.#above[partition]) return;
    this.#lines.settle(partition);
    this.#above[partition] = recordsPerSecond;
  }

  /** The watermark of this partition stands still, or it moves. */
  standStill(partition: number, still: boolean): void {
    const above = this.#above[partition];
    if (still === (above !== MOVES)) return;
    this.#lines.settle(partition);
    this.#above[partition] = still ? this.#lines.inflow[partition] : MOVES;
    this.#letIn(partition, still ? 0 : above);
  }

  /** So many records come in at once. */
  arrive(partition: number, records: number): void {
    this.#add(partition, records);
    for (const line of this.#lines.ownLinesOf(partition)) this.#add(line, records);
    this.#lines.ledger.produce(partition, records);
  }

  /** So many records are gone, the newest, read or not. */
  cutBack(partition: number, records: number): void {
    for (const line of [partition, ...this.#lines.ownLinesOf(partition)]) {
      this.#lines.cutBack(line, records);
      this.#clients.bends(line);
    }
  }

  /** So many records per second can be read as they come in. */
  #letIn(partition: number, recordsPerSecond: number): void {
    if (recordsPerSecond === this.#lines.inflow[partition]) return;
    this.#setInflow(partition, recordsPerSecond);
    for (const line of this.#lines.ownLinesOf(partition)) this.#setInflow(line, recordsPerSecond);
  }

  #setInflow(line: number, recordsPerSecond: number): void {
    this.#lines.setInflow(line, recordsPerSecond);
    this.#clients.bends(line);
  }

  #add(line: number, records: number): void {
    this.#lines.add(line, records);
    this.#clients.bends(line);
  }
}
