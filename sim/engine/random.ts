import tychei from "seedrandom/lib/tychei.js";

/**
 * Chance, by name.
 *
 * Each purpose of each entity has a stream of its own (`member/7/gc`), derived from the run's seed and that name. So
 * one more draw here moves nobody else's fate, and variants of a scenario meet common random numbers.
 *
 * The generator is seedrandom's tychei. Its named streams were found independent; those of xor128, xorwow and
 * xorshift7 are visibly correlated between neighbouring names, so they will not do.
 */
export interface Stream {
  /** Uniform on [0, 1), a multiple of 2^-32. */
  uniform(): number;
  /** Uniform on (0, 1), 53 bits. Takes two steps of the generator. */
  uniform53(): number;
  /** All 32 bits of one step, signed. */
  int32(): number;
}

/** The streams of one run. */
export class Streams {
  readonly #seed: string;
  readonly #streams = new Map<string, Stream>();

  constructor(seed: string) {
    this.#seed = seed;
  }

  /** The stream of that name: made at first use, the same object ever after. */
  stream(name: string): Stream {
    let stream = this.#streams.get(name);
    if (stream === undefined) {
      stream = new Tychei(`${this.#seed}/${name}`);
      this.#streams.set(name, stream);
    }
    return stream;
  }
}

class Tychei implements Stream {
  readonly uniform: () => number;
  readonly uniform53: () => number;
  readonly int32: () => number;

  constructor(seed: string) {
    const generator = tychei(seed);
    this.uniform = generator;
    this.uniform53 = generator.double;
    this.int32 = generator.int32;
  }
}
