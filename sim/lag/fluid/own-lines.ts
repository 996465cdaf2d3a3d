import type { Trail } from "../passages.ts";

const NO_LINES: readonly number[] = [];

/**
 * Which lines are of readers on their own account, beside whoever reads a partition for the group. They are numbered from
 * `first` on, behind those of the partitions; a number that is free again is given to the next.
 */
export class OwnLines {
  readonly #first: number;
  /** The partition that each is of. */
  readonly #partitionOf: number[] = [];
  readonly #linesOf = new Map<number, readonly number[]>();
  readonly #free: number[] = [];
  /** Where their readers have been. */
  readonly #trails = new Map<number, Trail>();

  constructor(first: number) {
    this.#first = first;
  }

  add(partition: number, trail: Trail): number {
    const line = this.#free.pop() ?? this.#first + this.#partitionOf.length;
    this.#partitionOf[line - this.#first] = partition;
    this.#linesOf.set(partition, [...this.of(partition), line]);
    this.#trails.set(line, trail);
    return line;
  }

  remove(line: number): void {
    const partition = this.partitionOf(line);
    const others = this.of(partition).filter((other) => other !== line);
    if (others.length > 0) this.#linesOf.set(partition, others);
    else this.#linesOf.delete(partition);
    this.#trails.delete(line);
    this.#free.push(line);
  }

  partitionOf(line: number): number {
    return this.#partitionOf[line - this.#first];
  }

  /** Those of one partition. */
  of(partition: number): readonly number[] {
    return (this.#linesOf.size > 0 && this.#linesOf.get(partition)) || NO_LINES;
  }

  trailOf(line: number): Trail {
    return this.#trails.get(line)!;
  }
}
