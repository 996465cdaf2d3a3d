import { exp, ln, pow } from "../../sim/engine/math.ts";
import { Streams } from "../../sim/engine/random.ts";
import { SECOND } from "../../sim/engine/time.ts";
import { type Law, drawDuration } from "../../sim/engine/variates.ts";

/**
 * A fingerprint of everything in the engine that a runtime could do differently: the draws of named streams, the
 * functions of `math.ts` bit by bit, and durations of every law.
 */
export function fingerprint(): string {
  const streams = new Streams("portable");
  const stream = streams.stream("arguments");
  const view = new DataView(new ArrayBuffer(8));
  let hash = 0x811c9dc5; // FNV-1a
  const add = (value: number): void => {
    view.setFloat64(0, value);
    for (let byte = 0; byte < 8; byte++) hash = Math.imul(hash ^ view.getUint8(byte), 0x01000193);
  };
  for (let i = 0; i < 20_000; i++) {
    const share = stream.uniform53();
    add(share);
    add(ln(share));
    add(exp(1_400 * share - 700));
    add(pow(1e3 * share, 10 * stream.uniform() - 5));
  }
  const laws: Law[] = [
    { uniform: [SECOND, 3 * SECOND] },
    { exponential: SECOND },
    { lognormal: { median: SECOND, sigma: 1.2 } },
    { weibull: { scale: SECOND, shape: 0.7 } },
    { pareto: { minimum: SECOND, shape: 1.5 } },
    { empirical: [1, 2, 4, 8, 16].map((seconds) => seconds * SECOND) },
  ];
  for (const [index, law] of laws.entries()) {
    const draws = streams.stream(`law ${index}`);
    for (let i = 0; i < 5_000; i++) add(drawDuration(law, draws));
  }
  return (hash >>> 0).toString(16).padStart(8, "0");
}

/**
 * What `fingerprint` gave in Node 20.20. The number itself says nothing; that it is the same in every other Node and in
 * every browser is the point.
 */
export const FINGERPRINT = "02d76af2";
