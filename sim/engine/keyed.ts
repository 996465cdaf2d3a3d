import type { Stream } from "./random.ts";

/**
 * Chance by number: the n-th variate of a purpose without those before it. For what happens at a regular beat and is
 * looked at only now and then, so that beats nobody looks at cost nothing and still have the same fate.
 *
 * Two keys are taken from a named stream, once; the n-th value is a hash of keys and number (the mixing of Austin
 * Appleby's MurmurHash3, public domain). All entropy comes from the stream.
 */
export interface Keyed {
  /** Uniform on [0, 1), a multiple of 2^-32; the same for the same number, whenever it is asked for. */
  uniform(n: number): number;
}

export function keyed(stream: Stream): Keyed {
  const first = stream.int32();
  const second = stream.int32();
  return {
    uniform: (n) => (scatter(scatter(n ^ first) ^ Math.imul(n, 0x9e3779b1) ^ second) >>> 0) / 4294967296,
  };
}

/** Every bit of the input decides about every bit of the output. */
function scatter(word: number): number {
  let x = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return x ^ (x >>> 16);
}
