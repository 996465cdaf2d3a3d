import { type Stream, Streams } from "../../../sim/engine/random.ts";

/** Streams of chance that a story fixes: each of them gives the same number for ever. The others are left to chance. */
export class FixedChance extends Streams {
  readonly #fixed: Readonly<Record<string, number>>;

  /** Numbers in [0, 1), by the name of their stream. */
  constructor(seed: string, fixed: Readonly<Record<string, number>>) {
    super(seed);
    this.#fixed = fixed;
  }

  override stream(name: string): Stream {
    if (!Object.hasOwn(this.#fixed, name)) return super.stream(name);
    const uniform = (): number => this.#fixed[name];
    return { uniform, uniform53: uniform, int32: () => Math.floor(uniform() * 2 ** 32) | 0 };
  }
}
