/**
 * What a scenario file may say: its keys, their grammar, and the one sentence about each that editors show. Validation
 * and JSON Schema are this same description. What depends on more than one value is in `checks.ts`.
 *
 * Once read, durations are whole microseconds, rates are per second, laws are the engine's; nothing is filled in yet
 * (`resolve.ts` does that).
 */
import { z } from "zod";
import type { Duration } from "../engine/time.ts";
import {
  BROKER_SETTINGS,
  CLIENT_SETTINGS,
  compareReleases,
  GROUP_SETTINGS,
  MAX_INTEGER,
  RELEASES,
} from "../kafka/config.ts";
import type { Setting } from "../kafka/config.ts";
import { PRODUCER_SETTINGS } from "../kafka/producer-config.ts";
import { TOPIC_SETTINGS } from "../kafka/topic-config.ts";
import {
  CLIENT_SETTINGS_OF_OTHERS,
  OPEN_BROKER_SETTINGS,
  OPEN_CLIENT_SETTINGS,
  UNMODELLED_BROKER_SETTINGS,
  UNMODELLED_CONSUMER_SETTINGS,
  UNMODELLED_PRODUCER_SETTINGS,
  UNMODELLED_TOPIC_SETTINGS,
} from "../kafka/unmodelled-settings.ts";
import {
  IRRELEVANT_TO_ZOOKEEPER_CONSUMERS,
  UNMODELLED_ZOOKEEPER_CONSUMER_SETTINGS,
  ZOOKEEPER_CONSUMER_SETTINGS,
} from "../kafka/zookeeper-consumer-config.ts";
import { CLIENT_PROFILES } from "../kafka/protocols/client/profiles.ts";
import { isRecord } from "./document.ts";
import { law } from "./laws.ts";
import { EXPECTATION_PATTERN, parseExpectation } from "./quantities.ts";
import { count, duration, rate, rateMistake, say, share, shown, size, sizeMistake, throughput } from "./units.ts";

/** Limits that no sensible scenario meets and a typing mistake does, before it has eaten the memory. */
export const LIMITS = {
  brokers: 1_000,
  topics: 10_000,
  partitions: 1_000_000,
  groups: 1_000,
  members: 100_000,
  events: 10_000,
  rateSteps: 100_000,
} as const;

/** Kafka's charset for topics; groups get the same, because their members are named after them. */
const NAME = /^[A-Za-z0-9._-]{1,249}$/;
const name = z.string().regex(NAME, {
  error: ({ input }) => say(`${shown(input)} is no name`, "up to 249 letters, digits, dots, dashes and underscores"),
});

const MICROSECONDS: Readonly<Record<string, number>> = { ms: 1e3, s: 1e6, min: 60e6, h: 3_600e6 };

/**
 * The grammar of one of Kafka's settings: times and sizes may be numbers in Kafka's unit, or durations and amounts of data
 * like everywhere else.
 */
function setting(row: Setting) {
  const { type, unit, min = -MAX_INTEGER - 1, max = MAX_INTEGER, oneOf, orLike, forInstance, about } = row;
  const description = `${about}${unit ? ` In ${unit}.` : ""} Kafka's default: ${String(row.default)}.`;
  if (type === "boolean") {
    const error = ({ input }: { input?: unknown }): string => say(`must be true or false, not ${shown(input)}`, about);
    return z.union([z.boolean(), flagInQuotes], { error }).meta({ description });
  }
  if (type === "list") {
    const error = ({ input }: { input?: unknown }): string =>
      say(`must be a list of names, not ${shown(input)}`, about);
    const names = z.union(
      [
        z.array(z.string({ error })).min(1, { error: say("must not be empty", about) }),
        z.string().transform((text) => text.split(/\s*,\s*/)),
      ],
      { error },
    );
    return names.meta({ description });
  }
  if (type === "string") {
    const words = `${oneOf?.join(", ")}${forInstance ? `, or like ${forInstance}` : ""}`;
    const error = ({ input }: { input?: unknown }): string =>
      say(`must be ${oneOf ? `one of ${words}` : "a text"}, not ${shown(input)}`, about);
    if (!oneOf) return z.string({ error }).meta({ description });
    // YAML takes a bare 1 for a number, where Kafka's properties are all texts
    const numbers = oneOf.filter((word) => /^-?\d+$/.test(word)).map(Number);
    if (numbers.length > 0) {
      const number = z.literal(numbers).transform((value) => String(value));
      return z.union([z.enum(oneOf), number], { error }).meta({ description });
    }
    if (!orLike) return z.enum(oneOf, { error }).meta({ description });
    const form = new RegExp(`^(?:${oneOf.join("|")})$|${orLike.source}`);
    return z.string({ error }).regex(form, { error }).meta({ description });
  }
  const whole = count(min, max);
  const finer = { error: say(`must be a whole number of ${unit}`, "Kafka knows nothing finer") };
  const micros = unit && MICROSECONDS[unit];
  if (micros) {
    const error = ({ input }: { input?: unknown }): string =>
      input === 0 && min > 0 // a number, and a duration too: too little for either
        ? say(`must be at least ${min} ${unit}, not 0`, `from ${min} to ${max}`)
        : say(
            `must be whole ${unit} or a duration, not ${shown(input)}`,
            `for instance ${String(row.default)}, or 45s`,
          );
    const written = duration
      .refine((value) => value % micros === 0, finer)
      .transform((value) => value / micros)
      .pipe(whole);
    return z.union([whole, numberInQuotes.pipe(whole), written], { error }).meta({ description });
  }
  if (unit === "bytes") {
    const error = ({ input }: { input?: unknown }): string =>
      say(`must be whole bytes or a size, not ${shown(input)}`, `for instance ${String(row.default)}, or 64KiB`);
    const written = size.refine((value) => Number.isInteger(value), finer).pipe(whole);
    return z.union([whole, numberInQuotes.pipe(whole), written], { error }).meta({ description });
  }
  const error = ({ input }: { input?: unknown }): string =>
    say(`must be a whole number, not ${shown(input)}`, `from ${min} to ${max}`);
  return z.union([whole, numberInQuotes.pipe(whole)], { error }).meta({ description });
}

/** A number or a flag as Kafka reads it out of a text, such as every value of its properties is: `ConfigDef.parseType`. */
const numberInQuotes = z
  .string()
  .regex(/^\s*[+-]?\d+\s*$/)
  .transform(Number);
const flagInQuotes = z
  .string()
  .regex(/^\s*(?:[Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee])\s*$/)
  .transform((text) => text.trim().toLowerCase() === "true");

/**
 * What a group's `config` may hold. Where the consumers of the ZooKeeper era have a setting of the same name, both may be
 * written here, and the checks know whose is whose.
 */
const SETTINGS_OF_GROUPS: Readonly<Record<string, Setting>> = {
  ...ZOOKEEPER_CONSUMER_SETTINGS,
  ...CLIENT_SETTINGS,
  ...GROUP_SETTINGS,
  "auto.offset.reset": {
    ...CLIENT_SETTINGS["auto.offset.reset"],
    orLike: new RegExp(`${CLIENT_SETTINGS["auto.offset.reset"].orLike.source}|^(?:largest|smallest)$`),
  },
};

/** What stands beside them, and is ignored: of whose consumers it is, the checks know as well. */
const IGNORED_OF_GROUPS: readonly string[] = [
  ...UNMODELLED_CONSUMER_SETTINGS,
  ...UNMODELLED_ZOOKEEPER_CONSUMER_SETTINGS.filter((key) => !Object.hasOwn(SETTINGS_OF_GROUPS, key)),
  ...IRRELEVANT_TO_ZOOKEEPER_CONSUMERS,
  ...CLIENT_SETTINGS_OF_OTHERS,
];
const IGNORED_OF_PRODUCERS: readonly string[] = [...UNMODELLED_PRODUCER_SETTINGS, ...CLIENT_SETTINGS_OF_OTHERS];

/**
 * A map of Kafka's settings, under Kafka's names: those of the table, those that are ignored, and whatever begins with
 * `open`, which is ignored as well.
 */
function config(table: Readonly<Record<string, Setting>>, ignored: readonly string[], open: readonly string[] = []) {
  const shape: Record<string, z.ZodType> = {};
  for (const [key, row] of Object.entries(table)) shape[key] = setting(row).optional();
  for (const key of ignored) shape[key] = z.unknown().optional().meta({ description: IGNORED });
  if (open.length === 0) return z.strictObject(shape);
  const isKnown = (key: string): boolean => Object.hasOwn(shape, key) || open.some((start) => key.startsWith(start));
  const unknown = (value: object): string[] => Object.keys(value).filter((key) => !isKnown(key));
  return z
    .looseObject(shape)
    .superRefine(
      (value, context) => {
        const keys = unknown(value);
        if (keys.length > 0) context.addIssue({ code: "unrecognized_keys", keys });
      },
      { when: ({ value }) => isRecord(value) }, // whatever else is wrong: all mistakes are told at once
    )
    .meta({
      additionalProperties: false,
      patternProperties: { [`^(${open.join("|").replaceAll(".", "\\.")})`]: { description: IGNORED } },
    });
}

const IGNORED = "Accepted and ignored: regroup does not model it.";

const version = z
  .union([z.enum(RELEASES.filter((release) => compareReleases(release, "2.2") >= 0)), z.number()], {
    error: ({ input }) => versionMistake(input),
  })
  .transform((given) => (typeof given === "number" && Number.isInteger(given) ? `${given}.0` : String(given)))
  .refine((given) => compareReleases(given, "2.2") >= 0 && (RELEASES as readonly string[]).includes(given), {
    error: ({ input }) => versionMistake(input),
  });
const versionMistake = (given: unknown): string =>
  say(`must be a release of Kafka, not ${shown(given)}`, `from "2.2" to "${RELEASES.at(-1)}", for instance "4.0"`);

const flag = (advice: string) =>
  z.boolean({ error: ({ input }) => say(`must be true or false, not ${shown(input)}`, advice) });

const cluster = z.strictObject({
  brokers: z
    .union(
      [
        count(1, LIMITS.brokers),
        z.strictObject({ count: count(1, LIMITS.brokers), zones: z.array(name).min(1).optional() }),
      ],
      {
        error: ({ input }) =>
          say(`must be a number of brokers, or a map, not ${shown(input)}`, "6, or { count: 6, zones: [a, b, c] }"),
      },
    )
    .optional()
    .meta({ description: "Brokers 1 … n, or also the zones they stand in, one after the other. Default: 3." }),
  brokerVersion: version
    .optional()
    .meta({ description: 'The Kafka release whose behaviour and defaults are modelled. Default: "4.0".' }),
  coordinator: z
    .enum(["java", "scala"], {
      error: ({ input }) =>
        say(`must be java or scala, not ${shown(input)}`, "java is Kafka's own choice from 4.0, scala up to 3.9"),
    })
    .optional()
    .meta({ description: "Which group coordinator. Default: java from 4.0, scala before." }),
  config: config(BROKER_SETTINGS, UNMODELLED_BROKER_SETTINGS, OPEN_BROKER_SETTINGS)
    .nullish()
    .meta({ description: "Settings of brokers and controllers, under Kafka's names." }),
  network: z
    .strictObject({
      delay: law
        .optional()
        .meta({ description: "One-way delay between any two parties. Default: lognormal, median 0.5ms, p99 5ms." }),
      between: z
        .array(z.strictObject({ zones: z.tuple([name, name]), delay: law }))
        .optional()
        .meta({ description: "Where two parties are in these two zones, their delay is this one instead." }),
    })
    .optional(),
  metadataPropagation: law
    .optional()
    .meta({ description: "From a controller's decision until the brokers act on it. Default: 50ms to 200ms." }),
  appendDelay: law.optional().meta({
    description:
      "From a coordinator's append to its commit, without the linger. Default: lognormal, median 2ms, p99 10ms.",
  }),
  controller: z
    .union(
      [
        z.enum(["kraft", "zookeeper"]),
        z.strictObject({
          kind: z.literal("kraft").optional(),
          nodes: count(1, 99).optional().meta({ description: "Voters of the quorum. Default: 3." }),
          inBrokers: flag("true: node n is the process of broker n as well")
            .optional()
            .meta({ description: "Combined mode: node n dies and comes back with broker n. Default: false." }),
          election: law.optional().meta({ description: "How long a round of votes takes. Default: 10ms to 50ms." }),
        }),
        z.strictObject({
          kind: z.literal("zookeeper").optional(),
          tick: duration.optional().meta({ description: "ZooKeeper ends sessions at multiples of it. Default: 2s." }),
          reloadPerPartition: duration.optional().meta({
            description: "What a new controller reads before it does anything, for each partition. Default: 50us.",
          }),
        }),
      ],
      {
        error: ({ input }) =>
          say(
            `must be a kind of controller, not ${shown(input)}`,
            "kraft, zookeeper, or { nodes: 5 }, or { tick: 2s }",
          ),
      },
    )
    .optional()
    .meta({
      description:
        "Who notices that brokers fail. Default: what its details are of, else kraft, and before 2.8 zookeeper.",
    }),
  catchUp: law.optional().meta({
    description: "From a broker's return until its copies are complete and it may lead again. Default: 1s to 5s.",
  }),
  loading: z
    .strictObject({
      base: duration.optional().meta({ description: "What loading costs at least. Default: 100ms." }),
      size: z
        .union([size, z.record(name, size)], {
          error: ({ input }) => sizeMistake(input, "512KiB or 100MiB, or by group { billing: 300MiB }"),
        })
        .optional()
        .meta({
          description:
            "What there is to read of a partition of __consumer_offsets, or, by group, what each has in it. Default: " +
            "100MiB, as a busy partition has.",
        }),
      throughput: throughput.optional().meta({ description: "How fast it is read and replayed. Default: 100MiB/s." }),
    })
    .optional()
    .meta({ description: "What a new coordinator does before it answers: base + size / throughput." }),
});

const poisson = z
  .union([rate, z.strictObject({ poisson: rate })], {
    error: ({ input }) => rateMistake(input, "{ poisson: 2/h }"),
  })
  .transform((given) => (typeof given === "number" ? given : given.poisson));

const producers = z.strictObject({
  instances: count(0, LIMITS.members)
    .optional()
    .meta({ description: "Instances at the beginning; they share the rate evenly. Default: 1." }),
  joins: poisson.optional().meta({ description: "New instances by chance: { poisson: 2/h }." }),
  leaves: poisson.optional().meta({ description: "Departures of all together by chance: { poisson: 1/h }." }),
  lifetime: law.optional().meta({ description: "How long an instance lives. Default: until something else ends it." }),
  crashShare: share.optional().meta({ description: "Share of the departures by chance that are crashes. Default: 0." }),
  startup: law
    .optional()
    .meta({ description: "From the decision to start an instance until it produces. Default: 5s." }),
  replaceAfter: law
    .optional()
    .meta({ description: "A departed instance is replaced after this time. Default: it is not." }),
  takeover: law.optional().meta({
    description:
      "The others produce a crashed instance's share after this time. Default: nobody does, until another one comes.",
  }),
  burst: rate
    .refine((given) => given > 0, { error: say("must be more than 0", "for instance 20000/s") })
    .optional()
    .meta({
      description:
        "By how much more one partition gets while what has waited is sent. Default: what batch.size and " +
        "max.in.flight.requests.per.connection allow.",
    }),
  config: config(PRODUCER_SETTINGS, IGNORED_OF_PRODUCERS, OPEN_CLIENT_SETTINGS)
    .nullish()
    .meta({ description: "Producer settings, under Kafka's names." }),
});

const steps = z
  .array(z.strictObject({ at: duration, rate }))
  .min(1)
  .max(LIMITS.rateSteps);
const diurnal = z.strictObject({
  diurnal: z
    .strictObject({
      low: rate.meta({ description: "The least." }),
      high: rate.meta({ description: "The most." }),
      peak: duration.meta({ description: "When it is highest, counted from the beginning." }),
      period: duration
        .refine((given) => given >= 60e6, { error: say("must be at least 1m", "a day is 24h, which is the default") })
        .optional()
        .meta({ description: "From one peak to the next. Default: 24h." }),
    })
    .refine(({ low, high }) => low <= high, {
      error: say("has its ends the wrong way round", "low is the least, high the most"),
    }),
});
const csvRate = z
  .strictObject({ csv: z.string().regex(/\.csv$/) })
  .refine(() => false, { error: say("names a file", "files can be read by the command line only: write steps") })
  .transform((): { at: Duration; rate: number }[] => []);
const topic = z.strictObject({
  partitions: count(1, LIMITS.partitions).optional().meta({ description: "Default: 6." }),
  rate: z
    .union([rate, steps, diurnal, csvRate], {
      error: ({ input }) =>
        rateMistake(input, "2000/s, or steps: [{ at: 0s, rate: 1000/s }, { at: 5m, rate: 3000/s }]"),
    })
    .optional()
    .meta({
      description:
        "Records produced to the whole topic: a rate, steps of them, { diurnal: … }, or { csv: file }. Default: 500/s.",
    }),
  bursts: z
    .strictObject({
      every: law.meta({ description: "From the end of one to the begin of the next." }),
      lasts: law,
      rate: rate.meta({ description: "By how much more is produced meanwhile." }),
    })
    .optional()
    .meta({ description: "Now and then more is produced. Default: never." }),
  replicationFactor: count(1, LIMITS.brokers)
    .optional()
    .meta({ description: "Copies of each partition. Default: 3, or as many as there are brokers." }),
  skew: z
    .union(
      [
        z.enum(["uniform"]),
        z.strictObject({ zipf: z.number().min(0).max(10).meta({ description: "0 is uniform, 1 is steep" }) }),
        z.strictObject({ shares: z.array(z.number().min(0).max(1e9)).min(1).max(LIMITS.partitions) }),
      ],
      {
        error: ({ input }) =>
          say(`must be a law of shares, not ${shown(input)}`, "uniform, { zipf: 0.6 } or { shares: [3, 1, 1] }"),
      },
    )
    .optional()
    .meta({ description: "How the records spread over the partitions. Default: uniform." }),
  recordSize: size.optional().meta({ description: "Bytes a record, on average. Default: 1KiB." }),
  arrivals: z.enum(["even", "poisson"]).optional().meta({
    description: "With flow: records, how they follow one another: by chance or evenly. Default: poisson.",
  }),
  config: config(TOPIC_SETTINGS, UNMODELLED_TOPIC_SETTINGS)
    .nullish()
    .meta({ description: "The topic's settings, under Kafka's names." }),
  producers: z
    .union([count(0, LIMITS.members), producers], {
      error: ({ input }) =>
        say(
          `must be a number of instances, or a map, not ${shown(input)}`,
          "producers: 5, or producers: { instances: 5, … }",
        ),
    })
    .optional()
    .meta({ description: "Who produces the records. Default: one instance that never ends." }),
});

const members = z.strictObject({
  initial: count(0, LIMITS.members).meta({ description: "Members at time 0." }),
  capacity: rate
    .refine((given) => given > 0, {
      error: say("must be more than 0", "a member that reads nothing is a pause, not a capacity"),
    })
    .optional()
    .meta({
      description:
        "Records one member can process, shared among its partitions. Default: one over the mean of service, or 1000/s.",
    }),
  pollTimeout: duration.optional().meta({
    description:
      "How long the application lets poll() wait. While its coordinator is unknown, a classic consumer gets one batch in that time. Default: 100ms.",
  }),
  zones: z
    .array(name)
    .min(1)
    .optional()
    .meta({ description: "Zones the members stand in, one after the other, round and round. Default: none." }),
  startup: law.optional().meta({ description: "From the decision to start a process to its first poll. Default: 5s." }),
  coldStart: z
    .boolean({
      error: ({ input }) => say(`must be true or false, not ${shown(input)}`, "true: the initial members start up too"),
    })
    .optional()
    .meta({
      description: "Whether the initial members start up too, or poll for the first time at 0. Default: false.",
    }),
  joins: poisson.optional().meta({ description: "New members by chance: { poisson: 2/h }." }),
  leaves: poisson
    .optional()
    .meta({ description: "Departures of the whole group by chance, each of a random member: { poisson: 1/h }." }),
  lifetime: law.optional().meta({ description: "How long a member lives. Default: until something else ends it." }),
  crashShare: share
    .optional()
    .meta({ description: "Share of the departures by chance that send no LeaveGroup. Default: 0." }),
  perStep: z
    .strictObject({
      every: duration.refine((every) => every > 0, { error: say("must be more than 0", "for instance 1m") }),
      leave: share.meta({ description: "Probability of each member to leave in a step" }),
      join: z.number().min(0).max(LIMITS.members).meta({ description: "Mean number of new members a step (Poisson)" }),
    })
    .optional()
    .meta({ description: "Membership by probabilities a step, instead of rates." }),
  replaceAfter: law
    .optional()
    .meta({ description: "A departed member is replaced after this time. Default: it is not." }),
  static: z
    .boolean({
      error: ({ input }) => say(`must be true or false, not ${shown(input)}`, "true: members keep a group.instance.id"),
    })
    .optional()
    .meta({
      description: "Members keep a group.instance.id (KIP-345), and replacements take it over. Default: false.",
    }),
  batch: law.optional().meta({
    description: "Time from poll to poll while there is something to read. Default: max.poll.records / capacity.",
  }),
  service: law.optional().meta({
    description:
      "With flow: records, how long the application works on one, whatever the capacity. Default: 1 / capacity. A fluid counts it as a capacity of one over its mean, if none is given.",
  }),
  commit: z
    .enum(["auto", "sync", "async", "before-processing", "never"], {
      error: ({ input }) =>
        say(
          `must be auto, sync, async, before-processing or never, not ${shown(input)}`,
          "auto is enable.auto.commit, the others are what the application does by itself",
        ),
    })
    .optional()
    .meta({
      description:
        "When positions are committed: auto, every auto.commit.interval.ms from within poll; sync or async, by the " +
        "application after each batch; before-processing, before each batch, so that records can be lost but not " +
        "read twice; never. With sync and before-processing the application waits for the answer and reads nothing " +
        "until it comes, or default.api.timeout.ms is over. Default: auto, or sync where enable.auto.commit is false.",
    }),
  slowBatches: z
    .strictObject({ every: law, lasts: law })
    .optional()
    .meta({ description: "Now and then a batch takes far longer, and nothing else is read meanwhile." }),
});

const subscribed = z.union(
  [
    z
      .array(name)
      .min(1, { error: say("must name a topic", "for instance [orders]") })
      .max(LIMITS.topics),
    name,
  ],
  {
    error: ({ input }) => say(`must be a list of topics, not ${shown(input)}`, "for instance [orders]"),
  },
);
const group = z.strictObject({
  topics: subscribed.optional().meta({ description: "Subscribed topics. Default: all of the scenario." }),
  clientProfile: z
    .enum(CLIENT_PROFILES, {
      error: ({ input }) =>
        say(
          `must be one of ${CLIENT_PROFILES.join(", ")}, not ${shown(input)}`,
          "java is Kafka's own consumer, zookeeper its first one, of 0.8",
        ),
    })
    .optional()
    .meta({
      description:
        "The client library: its defaults, and what it does its own way. zookeeper is Kafka's consumer of 0.8 to 1.1, which " +
        "has no coordinator. Default: java.",
    }),
  clientVersion: version.optional().meta({
    description: "The Kafka release whose consumer the members run: behaviour and defaults. Default: brokerVersion.",
  }),
  assignmentCost: z
    .enum(["java", "none"], {
      error: ({ input }) => say(`must be java or none, not ${shown(input)}`, "none: computing takes no time"),
    })
    .optional()
    .meta({
      description:
        "How long a leader computes an assignment: java, as measured of Kafka's own assignors, or none. Default: java.",
    }),
  assignor: z
    .string({ error: say("must be the name of a file", "for instance ./my-assignor.js") })
    .regex(/\.m?js$/, { error: say("must be the name of a JavaScript file", "for instance ./my-assignor.js") })
    .optional()
    .meta({
      description:
        "An assignor of your own in place of the configured ones: a module whose default export is a function of " +
        "members and topics. Runs on the command line and in the library, not in the browser.",
    }),
  config: config(SETTINGS_OF_GROUPS, IGNORED_OF_GROUPS, OPEN_CLIENT_SETTINGS)
    .nullish()
    .meta({
      description:
        "Consumer settings, and with the consumer protocol those of the group, under Kafka's names; with clientProfile: " +
        "zookeeper those of the old consumer.",
    }),
  committed: z
    .enum(["start", "none"], {
      error: ({ input }) =>
        say(`must be start or none, not ${shown(input)}`, "none: a new group, of which auto.offset.reset decides"),
    })
    .optional()
    .meta({
      description:
        "What the group had committed before the run: start, the beginning of every log, or none, if it is new. " +
        "Default: start.",
    }),
  members: z
    .union([count(0, LIMITS.members), members], {
      error: ({ input }) =>
        say(`must be a number of members, or a map, not ${shown(input)}`, "members: 5, or members: { initial: 5, … }"),
    })
    .meta({ description: "How many, or who comes and goes and what one can do." }),
});

const broker = z.union([count(1, LIMITS.brokers), z.string().regex(/^coordinator of \S+$/)], {
  error: ({ input }) => say(`must be a broker, not ${shown(input)}`, "a number from 1 on, or: coordinator of <group>"),
});
const controller = z
  .union([z.literal("active"), count(1, LIMITS.brokers), z.null().transform(() => "active" as const)], {
    error: ({ input }) => say(`must be a controller, not ${shown(input)}`, "active, or the number of one"),
  })
  .meta({ description: "active, or the number of a process that may be it." });
const someOf = z.strictObject({ group: name, count: count(1, LIMITS.members).optional() });
const clients = z.union([name, someOf], {
  error: ({ input }) =>
    say(
      `must be a member, not ${shown(input)}`,
      "billing-3 is one of billing's members, billing its oldest, { group: billing, count: 2 } its two oldest",
    ),
});
const joiners = z.union([name, someOf], {
  error: ({ input }) =>
    say(
      `must be a group, not ${shown(input)}`,
      "join: billing for one more of its members, { group: billing, count: 2 } for two",
    ),
});
const at = duration.meta({ description: "When, counted from the beginning." });
/** When something happens that may also come at a random time. Topics change at fixed ones, so that it is known what there is when. */
const when = {
  at,
  plus: law.optional().meta({
    description:
      "So much later, anew in each run: plus: { uniform: [0s, 5s] } has it come at any phase of a clock of 5 s. What " +
      "would come after the end of the run does not come. Default: 0s.",
  }),
};
const side = z.union(
  [
    z.literal("controller"),
    z.strictObject({ zone: name }),
    z.strictObject({ broker }),
    z.strictObject({ client: name }),
    z.strictObject({ group: name }),
  ],
  {
    error: ({ input }) =>
      say(
        `must say who, not ${shown(input)}`,
        "{ zone: a }, { broker: 1 }, { client: billing-3 }, { group: billing } or controller",
      ),
  },
);
const between = z.strictObject(
  {
    from: side,
    to: side.optional().meta({ description: "Default: everybody else." }),
  },
  {
    error: ({ input }) =>
      say(
        `must say between whom, not ${shown(input)}`,
        "{ from: { broker: 1 } }, or { from: { zone: a }, to: { zone: b } }",
      ),
  },
);
const oneWay = flag("true: only what goes from the one to the other suffers")
  .optional()
  .meta({ description: "Only what goes from `from` to `to` suffers, not the answers. Default: false." });
const lasting = duration.optional().meta({ description: "How long that lasts. Default: to the end of the run." });
const event = z
  .union(
    [
      z.strictObject({ ...when, join: joiners.meta({ description: "New members: a group, or { group, count }." }) }),
      z.strictObject({
        ...when,
        leave: clients.meta({
          description: "Members close in order: a member, a group's oldest, or { group, count }.",
        }),
      }),
      z.strictObject({
        ...when,
        crash: z
          .union(
            [clients, z.strictObject({ broker }), z.strictObject({ controller }), z.strictObject({ zone: name })],
            {
              error: ({ input }) =>
                say(
                  `must be a member, a broker, the controller or a zone, not ${shown(input)}`,
                  "billing-3, { group: billing, count: 2 }, { broker: coordinator of billing }, { controller: active }, { zone: a }",
                ),
            },
          )
          .meta({
            description: "Members, a broker, the controller, or all of a zone with its power vanish without a word.",
          }),
        silent: flag("true: its host is gone too, so that no connection breaks").optional().meta({
          description: "A broker's host is gone too: no connection breaks, only timeouts find out. Default: false.",
        }),
      }),
      z.strictObject({
        ...when,
        cut: between.meta({ description: "Nothing gets through between these, and nobody is told." }),
        oneWay,
        for: lasting,
      }),
      z.strictObject({
        ...when,
        slow: between.meta({ description: "Messages between these take longer." }),
        delay: law.meta({ description: "How long one takes, one way." }),
        oneWay,
        for: lasting,
      }),
      z.strictObject({
        ...when,
        restart: z.union([z.strictObject({ broker }), z.strictObject({ controller })], {
          error: ({ input }) =>
            say(`must be a broker or the controller, not ${shown(input)}`, "{ broker: 1 }, or { controller: active }"),
        }),
        downtime: duration.optional().meta({ description: "Default: 30s." }),
      }),
      z.strictObject({
        ...when,
        freeze: clients.meta({ description: "Processes that are stopped, and go on later: no heartbeat, no poll." }),
        for: duration.meta({ description: "How long they are stopped." }),
      }),
      z.strictObject({
        ...when,
        pause: clients,
        lasts: duration.meta({
          description: "How long its current batch takes from then on, unless it takes longer anyway.",
        }),
      }),
      z.strictObject({
        ...when,
        roll: z
          .literal("brokers", {
            error: ({ input }) =>
              say(`must be a group, or brokers, not ${shown(input)}`, "roll: billing, or roll: brokers"),
          })
          .meta({ description: "All brokers are restarted in turn, each when the one before is in sync again." }),
        downtime: duration.optional().meta({ description: "How long each is away. Default: 30s." }),
        pause: duration.optional().meta({
          description: "From when a broker's copies are complete again to the next one's turn. Default: 0s.",
        }),
      }),
      z.strictObject({
        ...when,
        roll: name.meta({ description: "The group whose members are all replaced, a few at a time." }),
        maxUnavailable: count(0, LIMITS.members)
          .optional()
          .meta({ description: "At most so many below the size at the beginning. Default: 1." }),
        maxSurge: count(0, LIMITS.members).optional().meta({ description: "At most so many above it. Default: 0." }),
        pause: duration.optional().meta({ description: "Between one replacement and the next. Default: 0s." }),
      }),
      z.strictObject({ at, rate: name.meta({ description: "The topic whose rate changes." }), to: rate }),
      z.strictObject({
        at,
        create: name.meta({ description: "One of the topics, which is not there before, or not any more." }),
      }),
      z.strictObject({
        at,
        grow: name.meta({ description: "The topic that gets more partitions." }),
        to: count(1, LIMITS.partitions).meta({ description: "How many it has from then on." }),
      }),
      z
        .strictObject({
          ...when,
          producers: name.meta({ description: "The topic whose producers come or go." }),
          join: count(1, LIMITS.members).optional().meta({ description: "So many instances come." }),
          leave: count(1, LIMITS.members).optional().meta({ description: "So many close, the oldest first." }),
          crash: count(1, LIMITS.members).optional().meta({ description: "So many crash, the oldest first." }),
        })
        .refine(({ join, leave, crash }) => [join, leave, crash].filter((given) => given !== undefined).length === 1, {
          error: say("must say one of join, leave and crash", "for instance producers: orders, crash: 1"),
        }),
      z.strictObject({ at, delete: name.meta({ description: "The topic that is deleted with all its records." }) }),
      z.strictObject({
        at,
        subscribe: name.meta({ description: "The group whose members subscribe anew." }),
        topics: subscribed.meta({ description: "All that they subscribe to from then on." }),
      }),
    ],
    {
      error: say(
        "does not say what happens",
        "at: 5m, and one of join, leave, crash, restart, cut, slow, pause, freeze, roll, rate, producers, create, grow, delete, subscribe",
      ),
    },
  )
  .meta({ id: "event" });

const expectation = z
  .string({ error: ({ input }) => say(`must be a text, not ${shown(input)}`, "for instance p99(timeLag) < 30s") })
  .max(500)
  .meta({
    id: "expectation",
    description: "statistic(quantity) comparison bound: p99(timeLag) < 30s, lost == 0",
    pattern: EXPECTATION_PATTERN.source,
  })
  .transform((text, context) => {
    const read = parseExpectation(text);
    if ("quantity" in read) return read;
    context.addIssue({ code: "custom", message: say(read.message, read.advice) });
    return z.NEVER;
  });

/** The schema of a scenario file. */
export const scenarioSchema = z.strictObject({
  name: z.string().min(1).max(200).optional().meta({ description: "Default: the file's name." }),
  description: z.string().max(10_000).optional().meta({ description: "For people." }),
  duration: duration.optional().meta({ description: "How long is simulated. Default: 10m." }),
  warmUp: duration.optional().meta({ description: "The beginning that measurements leave out. Default: 0s." }),
  flow: z.enum(["fluid", "records"]).optional().meta({
    description: "How lag is modelled: as a fluid, or record by record, for small scale. Default: fluid.",
  }),
  cluster: cluster.nullish().meta({ description: "Brokers, network, and what coordinators cost." }),
  topics: z
    .record(
      name,
      z.union([count(1, LIMITS.partitions), topic, z.null()], {
        error: ({ input }) =>
          say(
            `must be a number of partitions, or a map, not ${shown(input)}`,
            "orders: 12, or orders: { partitions: 12, rate: 2000/s }",
          ),
      }),
    )
    .meta({ description: "Topics by name: a number of partitions, or a map." }),
  groups: z.record(name, group).meta({ description: "Consumer groups by id." }),
  events: z.array(event).max(LIMITS.events).nullish().meta({ description: "What will happen, and when." }),
  expect: z
    .union([z.array(expectation).max(1_000), expectation.transform((one) => [one])], {
      error: ({ input }) =>
        say(`must be a list of expectations, not ${shown(input)}`, "for instance [p99(timeLag) < 30s, lost == 0]"),
    })
    .nullish()
    .meta({ description: "What this scenario hopes for; regroup run --expect evaluates it." }),
});

/** A scenario as written: valid piece by piece, defaults not filled in. */
export type Written = z.output<typeof scenarioSchema>;
export type WrittenEvent = NonNullable<Written["events"]>[number];
export type WrittenMembers = Exclude<Written["groups"][string]["members"], number>;

/** The JSON Schema of scenario files, for editors. */
export function scenarioJsonSchema(): Readonly<Record<string, unknown>> {
  return {
    ...z.toJSONSchema(scenarioSchema, { target: "draft-7", io: "input" }),
    title: "A regroup scenario",
  };
}
