/**
 * Who carries what part of a load that instances share, as a load balancer would have it. Parts are of the whole and sum
 * to 1 while everything is carried.
 *
 *     a, b, c, d                 a quarter each
 *     a crashes                  its quarter is carried by nobody
 *     … and is taken over        b, c, d: a third each
 *     e comes                    a quarter each again
 *     b closes                   c, d, e: a third each, at once
 *
 * What nobody takes over (`abandon`) waits for the next instance that comes, which carries it besides its even part.
 */
export class LoadShares {
  readonly #parts = new Map<number, number>();
  #abandoned = 0;

  /** Carried by somebody. */
  get carried(): number {
    let sum = 0;
    for (const part of this.#parts.values()) sum += part;
    return Math.abs(sum - 1) < NOISE ? 1 : sum;
  }

  get instances(): number {
    return this.#parts.size;
  }

  has(instance: number): boolean {
    return this.#parts.has(instance);
  }

  /** The first instances, of which each carries the same. */
  begin(instances: readonly number[]): void {
    for (const instance of instances) this.#parts.set(instance, 1 / instances.length);
    if (instances.length === 0) this.#abandoned = 1;
  }

  /** An instance comes: it takes its even part of what is carried, and what waits for somebody. */
  enter(instance: number): void {
    const others = this.#parts.size;
    let taken = this.#abandoned;
    this.#abandoned = 0;
    for (const [other, part] of this.#parts) {
      this.#parts.set(other, (part * others) / (others + 1));
      taken += part / (others + 1);
    }
    this.#parts.set(instance, taken);
  }

  /** An instance closes: the others carry its part at once. */
  close(instance: number): void {
    this.takeOver(this.crash(instance));
  }

  /** An instance is gone; returns its part, which nobody carries until it is taken over or abandoned. */
  crash(instance: number): number {
    const part = this.#parts.get(instance) ?? 0;
    this.#parts.delete(instance);
    return part;
  }

  /** The living carry this too, each in proportion to what it carries. */
  takeOver(part: number): void {
    const { carried } = this;
    if (carried === 0) return this.abandon(part);
    for (const [other, own] of this.#parts) this.#parts.set(other, own + (part * own) / carried);
  }

  /** Nobody takes this over. */
  abandon(part: number): void {
    this.#abandoned += part;
  }
}

/** Parts are sums and quotients of floats: so little less or more than the whole is the whole. */
const NOISE = 1e-9;
