/** What an experiment file may say, and the one sentence about each key that editors show. */
import { z } from "zod";
import { count, say, shown } from "../../scenario/units.ts";
import { quantity } from "./steps.ts";

/** Limits that no sensible experiment meets and a typing mistake does. */
export const LIMITS = { cells: 10_000, replications: 1_000_000, parameters: 20, outputs: 100 } as const;

const path = z
  .string({ error: ({ input }) => say(`must be a field of the scenario, not ${shown(input)}`, PATH_EXAMPLE) })
  .min(1, { error: say("must not be empty", "write a field of the scenario: groups.billing.members.initial") });
const PATH_EXAMPLE = "as --set takes it: groups.billing.members.initial";

/** Any value that a scenario can have in a field. */
const value = z.unknown();
const list = z
  .array(value, {
    error: ({ input }) => say(`must be a list of values, not ${shown(input)}`, "for instance [4, 8, 16]"),
  })
  .min(1, { error: say("must not be empty", "for instance [4, 8, 16]") })
  .max(LIMITS.cells);

const counted = z.union([z.number(), z.string()]).refine((given) => quantity(given) !== undefined, {
  error: ({ input }) => say(`cannot be counted: ${shown(input)}`, "for instance 4, 45s, 2000/s, 30% or 1MiB"),
});
const rangeShape = {
  from: counted.meta({ description: "The first value: 4, 45s, 2000/s, 30%, 1MiB." }),
  to: counted.meta({ description: "The last value: with a step, none beyond it." }),
  step: counted.optional().meta({ description: "From one value to the next." }),
  points: count(2, LIMITS.cells).optional().meta({ description: "How many values, both ends among them." }),
  scale: z
    .enum(["linear", "logarithmic"], {
      error: ({ input }) =>
        say(`must be linear or logarithmic, not ${shown(input)}`, "logarithmic: each value is so many times the last"),
    })
    .optional()
    .meta({ description: "How points are spaced; logarithmic ones have three digits. Default: linear." }),
  round: counted.optional().meta({ description: "Round every value to a multiple of this; equal ones count once." }),
};
const range = z.strictObject(rangeShape);

const settings = z.record(path, value, {
  error: ({ input }) => say(`must be a map of fields and values, not ${shown(input)}`, `${PATH_EXAMPLE}: 8`),
});

const parameter = z
  .union(
    [
      z.strictObject({
        set: path.meta({ description: "The field of the scenario, as --set takes it." }),
        values: list.meta({ description: "Its values, one after the other." }),
      }),
      z.strictObject({ set: path, ...rangeShape }),
      z.strictObject({
        linked: z
          .record(
            path,
            z.union([list, range], { error: say("must be a list or a range", "[4, 8], or { from, to, points }") }),
          )
          .meta({ description: "Several fields that move together: a list or a range for each, all equally long." }),
      }),
      z.strictObject({
        variants: z
          .record(z.string().min(1).max(100), settings.nullable())
          .meta({ description: "Named ways the scenario could be: a map of fields and values for each." }),
      }),
    ],
    {
      error: say(
        "is no parameter",
        "{ set: <field>, values: […] }, { set: <field>, from, to, points }, { linked: … } or { variants: … }",
      ),
    },
  )
  .meta({ id: "parameter" });

const text = (what: string, example: string) =>
  z.string({ error: ({ input }) => say(`must be ${what}, not ${shown(input)}`, `for instance ${example}`) }).max(500);

/** The schema of an experiment file. */
export const experimentSchema = z.strictObject({
  name: z.string().min(1).max(200).optional().meta({ description: "Default: the file's name." }),
  description: z.string().max(10_000).optional().meta({ description: "The question, for people." }),
  scenario: text("the name of a scenario file", "../crash.yaml")
    .min(1)
    .meta({ description: "The scenario's file, from this file's folder." }),
  set: settings
    .nullish()
    .meta({ description: "What is changed in every cell: fields of the scenario and their values." }),
  grid: z
    .record(z.string().min(1).max(100), parameter, {
      error: ({ input }) =>
        say(
          `must be a map of parameters, not ${shown(input)}`,
          "members: { set: groups.billing.members.initial, values: [4, 8] }",
        ),
    })
    .meta({
      description: "The parameters by name; a cell for each combination of their values, the last changing fastest.",
    }),
  replications: count(1, LIMITS.replications).optional().meta({
    description: "Runs of each cell; with a precision, at most so many. Default: 30, or 10000 with a precision.",
  }),
  precision: text("a measure and a reach", "p99(timeLag) 5%")
    .optional()
    .meta({ description: "Replicate each cell until the interval of this mean is so narrow: p99(timeLag) 5%." }),
  seed: z
    .union([z.string().min(1).max(100), z.int()], {
      error: ({ input }) => say(`must be a text or a whole number, not ${shown(input)}`, "for instance 1"),
    })
    .optional()
    .meta({ description: "The master seed: replication n is the run of seed <master>/n. Default: 1." }),
  confidence: z
    .number({ error: ({ input }) => say(`must be a share, not ${shown(input)}`, "for instance 0.95") })
    .min(0.5)
    .max(0.9999)
    .optional()
    .meta({ description: "How often the intervals hold the truth. Default: 0.95." }),
  warmUp: z
    .enum(["auto"], {
      error: ({ input }) => say(`must be auto, not ${shown(input)}`, "a given one belongs under set: warmUp: 2m"),
    })
    .optional()
    .meta({ description: "auto: find each cell's warm-up by pilot runs. Default: as the scenario says." }),
  outputs: z
    .array(text("a measure, or the probability of an expectation", "p99(timeLag), or P(max(timeLag) > 1m)"), {
      error: ({ input }) =>
        say(`must be a list of measures, not ${shown(input)}`, "for instance [p99(timeLag), rebalances]"),
    })
    .min(1, { error: say("must not be empty", "for instance [p99(timeLag), rebalances]") })
    .max(LIMITS.outputs)
    .meta({ description: "What is told of each cell: p99(timeLag), rebalances, P(max(timeLag) > 1m)." }),
  curves: z
    .array(
      z.enum(["lag", "timeLag", "members"], {
        error: ({ input }) =>
          say(`must be lag, timeLag or members, not ${shown(input)}`, "the quantities with a course over time"),
      }),
    )
    .max(3)
    .nullish()
    .meta({ description: "Quantities whose course over time is kept, as percentiles over the replications." }),
});

/** An experiment as written: valid piece by piece. */
export type Written = z.output<typeof experimentSchema>;
export type WrittenParameter = Written["grid"][string];

/** The JSON Schema of experiment files, for editors. */
export function experimentJsonSchema(): Readonly<Record<string, unknown>> {
  return {
    ...z.toJSONSchema(experimentSchema, { target: "draft-7", io: "input" }),
    title: "A regroup experiment",
  };
}
