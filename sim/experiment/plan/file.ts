/** A plan as a file: the question of `regroup plan`, so that it can be kept beside its scenario and asked again. */
import { z } from "zod";
import { isRecord, ScenarioDocument } from "../../scenario/document.ts";
import { KnownKeys } from "../../scenario/keys.ts";
import { inOrder, ScenarioError } from "../../scenario/problem.ts";
import { schemaFindings, type FileKind } from "../../scenario/schema-problems.ts";
import { count, say, shown } from "../../scenario/units.ts";
import { setting } from "../sweep/grid.ts";

const text = (what: string, example: string) =>
  z
    .string({ error: ({ input }) => say(`must be ${what}, not ${shown(input)}`, `for instance ${example}`) })
    .min(1)
    .max(500);

/** One, or a list of them. */
const some = (what: string, example: string) => {
  const one = text(what, example);
  const error = ({ input }: { input?: unknown }): string =>
    say(`must be ${what} or a list of them, not ${shown(input)}`, `for instance ${example}`);
  return z.union([z.array(one).min(1).max(100), one.transform((single) => [single])], { error });
};

const FIND_EXAMPLE = "members in 1..40";
const TARGET_EXAMPLE = "p99(timeLag) < 30s";

const planSchema = z.strictObject({
  name: z.string().min(1).max(200).optional().meta({ description: "Default: the file's name." }),
  description: z.string().max(10_000).optional().meta({ description: "The question, for people." }),
  scenario: text("the name of a scenario file", "../crash.yaml").meta({
    description: "The scenario's file, from this file's folder.",
  }),
  set: z
    .record(z.string().min(1), z.unknown(), {
      error: ({ input }) =>
        say(`must be a map of fields and values, not ${shown(input)}`, "groups.billing.members.initial: 8"),
    })
    .nullish()
    .meta({ description: "What is changed in the scenario beforehand: fields and their values." }),
  find: some("what to find", FIND_EXAMPLE).meta({ description: `What to find, and where: ${FIND_EXAMPLE}.` }),
  target: some("a target", TARGET_EXAMPLE)
    .optional()
    .meta({ description: `What it has to meet: ${TARGET_EXAMPLE}, P(lost > 0) < 0.1%.` }),
  cost: text("a cost", "members * 0.10/h").optional().meta({ description: "What it costs; the cheapest is wanted." }),
  minimise: text("a measure and which difference matters", "p99(timeLag) 500ms")
    .optional()
    .meta({ description: "Find where this is least: a measure, and which difference matters." }),
  pareto: z
    .tuple([text("a measure, or cost", "p99(timeLag)"), text("a measure, or cost", "cost")], {
      error: ({ input }) => say(`must be two, not ${shown(input)}`, "[p99(timeLag), cost]"),
    })
    .optional()
    .meta({ description: "Find what nothing else beats in both: two measures, or a measure and cost." }),
  monotone: z
    .boolean({
      error: ({ input }) => say(`must be true or false, not ${shown(input)}`, "false: all values are examined"),
    })
    .optional()
    .meta({ description: "Whether it may be counted on that more (or less) is better. Default: true." }),
  confidence: z
    .union([text("a share", "95%"), z.number()], {
      error: ({ input }) => say(`must be a share, not ${shown(input)}`, "for instance 95%"),
    })
    .optional()
    .meta({ description: "How often such answers are right. Default: 95%." }),
  replications: count(2, 1_000_000).optional().meta({ description: "At most so many runs of a candidate." }),
  seed: z
    .union([z.string().min(1).max(100), z.int()], {
      error: ({ input }) => say(`must be a text or a whole number, not ${shown(input)}`, "for instance 1"),
    })
    .optional()
    .meta({ description: "The master seed. Default: 1." }),
});

/** The question of a plan file; `set` as `--set` takes it. */
export interface PlanFile extends Omit<z.output<typeof planSchema>, "set"> {
  readonly set: readonly string[];
}

/** Whether a file's text means a plan rather than a scenario. */
export function isPlanFile(text: string): boolean {
  const { value } = new ScenarioDocument(text);
  return isRecord(value) && "find" in value && !("groups" in value) && !("topics" in value);
}

/**
 * Reads a plan file as far as its form goes: what its words mean depends on the scenario.
 *
 * @throws {ScenarioError} with all mistakes at once.
 */
export function parsePlanFile(source: string, file: string): PlanFile {
  const document = new ScenarioDocument(source);
  const result = document.broken ? undefined : planSchema.safeParse(document.value);
  const findings = result?.error
    ? schemaFindings(result.error.issues, document.value, new KnownKeys(planJsonSchema), PLAN)
    : [];
  const problems = [...document.problems, ...findings.map((finding) => document.locate(finding))];
  if (!result?.success || problems.length > 0) throw new ScenarioError(inOrder(problems), file, source);
  const { set, ...rest } = result.data;
  return { ...rest, set: Object.entries(set ?? {}).map(([field, value]) => setting(field, value)) };
}

const PLAN: FileKind = {
  article: "a",
  noun: "plan",
  smallest: `one has scenario: <file>, find: ${FIND_EXAMPLE} and target: ${TARGET_EXAMPLE}`,
  missing(path) {
    const key = path.at(-1);
    if (key === "scenario") return "which file is it about? scenario: ../crash.yaml";
    return key === "find" ? `what is looked for? find: ${FIND_EXAMPLE}` : undefined;
  },
};

/** The JSON Schema of plan files, for editors. */
export function planJsonSchema(): Readonly<Record<string, unknown>> {
  return { ...z.toJSONSchema(planSchema, { target: "draft-7", io: "input" }), title: "A regroup plan" };
}
