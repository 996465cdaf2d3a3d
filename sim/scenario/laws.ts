/**
 * Laws of chance as a scenario writes them, and what they become: the few parameters the engine draws from.
 *
 *     20s                                       always that long
 *     { exponential: 8h }                       mean 8 h, no memory
 *     { lognormal: { median: 12s, p95: 35s } }  or p99, or sigma: the usual shape of start-up times and delays
 *     { weibull: { mean: 2h, shape: 1.5 } }     or scale: ageing (shape above 1) or infant mortality (below)
 *     { pareto: { minimum: 1s, shape: 1.5 } }   a heavy tail
 *     { uniform: [1s, 3s] }
 *     { empirical: [1s, 2s, 2s, 9s] }           one of these, or one of a file: { empirical: startups.csv }
 */
import { z } from "zod";
import { exp, ln, lnGamma, pow } from "../engine/math.ts";
import { wholeMicroseconds } from "../engine/time.ts";
import type { Duration } from "../engine/time.ts";
import type { Law } from "../engine/variates.ts";
import { duration, durationMistake, MAX_SAMPLE, say, shown } from "./units.ts";

/** Quantiles of the standard normal law. */
const Z95 = 1.6448536269514722;
const Z99 = 2.3263478740408408;

/** Outside of these the tails are longer than time is. */
const shape = z
  .number({ error: ({ input }) => say(`must be a number, not ${shown(input)}`, "shapes lie between 0.1 and 100") })
  .min(0.1, { error: say("is too small", "below 0.1 most draws are zero and some take centuries") })
  .max(100, { error: say("is too large", "above 100 every draw is the same: write a constant") });

const someTime = duration.refine((value) => value > 0, {
  error: say("must be more than 0", "for a law that is always 0 write 0s"),
});

const constant = z.strictObject({ constant: duration }).transform((law): Law => law);

const exponential = z
  .strictObject({ exponential: someTime.meta({ description: "The mean" }) })
  .transform((law): Law => law);

const uniform = z
  .strictObject({ uniform: z.tuple([duration, duration]) })
  .refine(({ uniform: [least, most] }) => least <= most, {
    error: say("has its ends the wrong way round", "write the smaller one first"),
    path: ["uniform"],
  })
  .transform(({ uniform: [least, most] }): Law => ({ uniform: [least, most] }));

const lognormal = z
  .strictObject({
    lognormal: z
      .strictObject({
        median: someTime,
        p95: duration.optional(),
        p99: duration.optional(),
        sigma: z.number().min(0).max(5).optional().meta({ description: "Standard deviation of the logarithm" }),
      })
      .refine(({ p95, p99, sigma }) => [p95, p99, sigma].filter((given) => given !== undefined).length === 1, {
        error: say("needs a median and one measure of spread", "{ median: 12s, p95: 35s }, or p99, or sigma"),
      })
      .refine(({ median, p95, p99 }) => (p95 ?? p99 ?? median) >= median, {
        error: say("has its percentile below its median", "p95 and p99 are the long waits"),
      }),
  })
  .transform(({ lognormal: { median, p95, p99, sigma = 0 } }): Law => {
    const spread = p95 !== undefined ? ln(p95 / median) / Z95 : p99 !== undefined ? ln(p99 / median) / Z99 : sigma;
    return { lognormal: { median, sigma: spread } };
  });

const weibull = z
  .strictObject({
    weibull: z
      .strictObject({ scale: someTime.optional(), mean: someTime.optional(), shape })
      .refine(({ scale, mean }) => (scale === undefined) !== (mean === undefined), {
        error: say("needs a shape and either scale or mean", "{ mean: 2h, shape: 1.5 }"),
      }),
  })
  .transform(({ weibull: { scale, mean = 0, shape } }): Law => {
    return { weibull: { scale: scale ?? wholeMicroseconds(mean / exp(lnGamma(1 + 1 / shape))), shape } };
  });

const pareto = z.strictObject({ pareto: z.strictObject({ minimum: someTime, shape }) }).transform((law): Law => law);

const empirical = z
  .strictObject({
    empirical: z.union(
      [
        z.array(duration).min(1).max(MAX_SAMPLE),
        z
          .string()
          .regex(/\.csv$/)
          .refine(() => false, {
            error: ({ input }) =>
              say(`names a file (${shown(input)})`, "files can be read by the command line only: write the values out"),
          })
          .transform((): Duration[] => []),
      ],
      { error: say("must be a list of durations, or the name of a .csv file", "{ empirical: [1s, 2s, 9s] }") },
    ),
  })
  .transform(({ empirical: sample }): Law => ({ empirical: [...sample].sort((a, b) => a - b) }));

/** Draws have 32 bits of chance, so none is rarer than one in 2^33. */
const RAREST = 8_589_934_592;

/** The longest duration a law can give. */
function longest(given: Law): number {
  if ("exponential" in given) return given.exponential * ln(RAREST);
  if ("lognormal" in given) return given.lognormal.median * exp(given.lognormal.sigma * 6.4); // normal quantile of that share
  if ("weibull" in given) return given.weibull.scale * pow(ln(RAREST), 1 / given.weibull.shape);
  if ("pareto" in given) return given.pareto.minimum * pow(RAREST, 1 / given.pareto.shape);
  return 0; // the others end at durations that were written
}

/** A duration, or the law that one is drawn from. */
export const law = z
  .union(
    [
      duration.transform((value): Law => ({ constant: value })),
      constant,
      exponential,
      lognormal,
      uniform,
      weibull,
      pareto,
      empirical,
    ],
    {
      error: ({ input }) => lawMistake(input),
    },
  )
  .refine((given) => longest(given) < Number.MAX_SAFE_INTEGER, {
    error: say(
      "has too long a tail",
      "one draw in a milliard would take centuries: narrow the spread or shorten the middle",
    ),
  })
  .meta({
    id: "law",
    description:
      "A duration, or a law to draw it from: 20s, { exponential: 8h }, { lognormal: { median: 12s, p95: 35s } }",
  });

function lawMistake(value: unknown): string {
  if (typeof value === "number" || (typeof value === "string" && value.startsWith("-"))) return durationMistake(value);
  const laws =
    "a duration such as 20s, or one of { exponential: 8h }, { lognormal: { median: 12s, p95: 35s } }, " +
    "{ uniform: [1s, 3s] }, weibull, pareto, constant, empirical";
  return say(`must be a duration or a law of chance, not ${shown(value)}`, laws);
}
