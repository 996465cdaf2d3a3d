import type { LagBatch } from "../flow.ts";
import type { Clients } from "./clients.ts";
import { type Inflows, MOVES } from "./inflows.ts";
import type { Lines } from "./lines.ts";

/** What readers of the trace know of each partition's line, and what they are told when it bends: a batch for each topic. */
export class Batches {
  /** Where each topic's partitions begin, and behind the last one. */
  readonly #firstOf: readonly number[];
  readonly #lines: Lines;
  readonly #inflows: Inflows;
  readonly #clients: Clients;
  readonly #emit: (batch: LagBatch) => void;

  // What they know: before its first line, a partition has none of all three.
  readonly #inflow: Float64Array;
  readonly #outflow: Float64Array;
  readonly #above: Float64Array;
  readonly #spent: Uint8Array;
  /** Whether the position was set since, or records came in at once, and how many. */
  readonly #jumped: Uint8Array;
  readonly #arrived: Float64Array;
  /** Records that are gone since, of those partitions of which any are. */
  readonly #gone = new Map<number, number>();

  constructor(
    firstOf: readonly number[],
    { lines, inflows, clients }: { readonly lines: Lines; readonly inflows: Inflows; readonly clients: Clients },
    emit: (batch: LagBatch) => void,
  ) {
    const partitions = firstOf[firstOf.length - 1];
    this.#firstOf = firstOf;
    this.#lines = lines;
    this.#inflows = inflows;
    this.#clients = clients;
    this.#emit = emit;
    this.#inflow = new Float64Array(partitions);
    this.#outflow = new Float64Array(partitions);
    this.#above = new Float64Array(partitions).fill(MOVES);
    this.#spent = new Uint8Array(partitions);
    this.#jumped = new Uint8Array(partitions);
    this.#arrived = new Float64Array(partitions);
  }

  /** The position of this partition was set. */
  jumped(partition: number): void {
    this.#jumped[partition] = 1;
  }

  /** So many records came into it at once. */
  arrived(partition: number, records: number): void {
    this.#jumped[partition] = 1;
    this.#arrived[partition] += records;
  }

  /** So many records of it are gone. */
  cutBack(partition: number, records: number): void {
    this.#jumped[partition] = 1;
    this.#gone.set(partition, (this.#gone.get(partition) ?? 0) + records);
  }

  /** Tells of those of these partitions, which are ascending, whose lines came out different. */
  tell(touched: readonly number[]): void {
    // The innermost loop of a run, so its fields are looked up once.
    const { lag: lags, inflow: inflows, outflow: outflows } = this.#lines;
    const { above: aboves } = this.#inflows;
    const toldInflows = this.#inflow;
    const toldOutflows = this.#outflow;
    const toldAboves = this.#above;
    const toldSpent = this.#spent;
    const jumped = this.#jumped;
    const arrivals = this.#arrived;
    for (let next = 0, topic = 0; next < touched.length; topic++) {
      const first = this.#firstOf[topic];
      const end = this.#firstOf[topic + 1];
      const partitions: number[] = [];
      const lag: number[] = [];
      const inflow: number[] = [];
      const outflow: number[] = [];
      const arrived: number[] = [];
      let burst = false;
      let still = false;
      let spent = false;
      for (; next < touched.length && touched[next] < end; next++) {
        const p = touched[next];
        const bends = jumped[p] === 1 || inflows[p] !== toldInflows[p] || outflows[p] !== toldOutflows[p];
        const isSpent = outflows[p] === 0 && this.#clients.isSpent(p) ? 1 : 0;
        if (!bends && aboves[p] === toldAboves[p] && isSpent === toldSpent[p]) continue;
        jumped[p] = 0;
        toldInflows[p] = inflows[p];
        toldOutflows[p] = outflows[p];
        toldAboves[p] = aboves[p];
        toldSpent[p] = isSpent;
        partitions.push(p - first);
        lag.push(Math.round(lags[p] * 1e6) / 1e6);
        inflow.push(inflows[p]);
        outflow.push(outflows[p]);
        arrived.push(arrivals[p]);
        if (arrivals[p] > 0) burst = true;
        if (aboves[p] !== MOVES) still = true;
        if (isSpent === 1) spent = true;
        arrivals[p] = 0;
      }
      if (partitions.length === 0) continue;
      const lines = { topic, partitions, lag: column(lag), in: column(inflow), out: column(outflow) };
      const came = burst ? { ...lines, arrived: column(arrived) } : lines;
      const aboveOf = (partition: number): number | null =>
        aboves[first + partition] === MOVES ? null : aboves[first + partition];
      const lasting = still ? { ...came, above: column(partitions.map(aboveOf)) } : came;
      const spentOf = (partition: number): boolean => toldSpent[first + partition] === 1;
      const told = spent ? { ...lasting, spent: column(partitions.map(spentOf)) } : lasting;
      const goneOf = (partition: number): number => Math.round((this.#gone.get(first + partition) ?? 0) * 1e6) / 1e6;
      const isCutBack = this.#gone.size > 0 && partitions.some((partition) => this.#gone.has(first + partition));
      this.#emit(isCutBack ? { ...told, gone: column(partitions.map(goneOf)) } : told);
    }
    this.#gone.clear();
  }
}

/** One number for all if they are all the same. */
function column<T>(values: readonly T[]): T | readonly T[] {
  return values.every((value) => value === values[0]) ? values[0] : values;
}
