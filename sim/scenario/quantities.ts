/**
 * What a scenario can hope for, and how it says so: `p99(timeLag) < 30s`, `lost == 0`, `max(billing.lag) <= 10000`,
 * `partitionSecondsUnread per deploy < 60`. What only many runs can be asked, `P(lost > 0) < 0.1%`, is in `targets.ts`.
 */
import { parseDuration } from "../engine/time.ts";
import type { Divisor, Expectation } from "./scenario.ts";
import { closest } from "./suggest.ts";

export interface Quantity {
  /** What the bound is written in: `duration` like `30s`; the others are bare numbers. */
  readonly unit: "records" | "duration" | "members" | "rebalances" | "partition-seconds" | "share";
  /** Many values in a run, so a statistic has to say which; or just one number. */
  readonly many: boolean;
  readonly about: string;
}

/** Every quantity an expectation may name; what evaluates them has one entry for each of these. */
export const QUANTITIES = {
  lag: { unit: "records", many: true, about: "records produced and not yet read, all partitions together, over time" },
  timeLag: {
    unit: "duration",
    many: true,
    about: "age of the next record to be read, of every partition at every moment",
  },
  endToEnd: {
    unit: "duration",
    many: true,
    about: "of records that are processed, from send() to processing: the way to the log, and their age when read",
  },
  latency: {
    unit: "duration",
    many: true,
    about: "of single records (flow: records), from production to the end of their first processing",
  },
  members: { unit: "members", many: true, about: "living members, over time" },
  rebalanceDuration: {
    unit: "duration",
    many: true,
    about: "length of each rebalance, from when the coordinator noticed until the last partition was read again",
  },
  coordinatorOutage: {
    unit: "duration",
    many: true,
    about: "length of each time without an active coordinator of the group: detection, election, loading",
  },
  memberOutage: {
    unit: "duration",
    many: true,
    about: "length of each time in which a member did not know the active coordinator: until it has found it",
  },
  rebalances: { unit: "rebalances", many: false, about: "how many rebalances were completed" },
  partitionSecondsUnread: {
    unit: "partition-seconds",
    many: false,
    about: "time without a reader, summed over the partitions",
  },
  lost: { unit: "records", many: false, about: "records nobody will ever read" },
  duplicates: { unit: "records", many: false, about: "records handed to an application again, or to a second one" },
  exactlyOnce: {
    unit: "share",
    many: false,
    about: "of the records that were processed or lost, the share that was processed once, and only once",
  },
} as const satisfies Readonly<Record<string, Quantity>>;

type QuantityName = keyof typeof QUANTITIES;

/** The statistics of a quantity with many values, besides percentiles (`p50`, `p99.9`). */
const STATISTICS = ["mean", "max", "min", "final"] as const;

/** What a total can be divided by, and what of the run is counted for that. */
export const DIVISORS: Readonly<Record<Divisor, string>> = {
  deploy: "the group's rolling restarts of the scenario (roll)",
  rebalance: "the group's rebalances, finished or not",
};

/** The grammar, as the JSON Schema has it too. */
export const EXPECTATION_PATTERN =
  /^\s*(?:([A-Za-z][\w.]*)\s*\(\s*([\w.-]+)\s*\)|([\w.-]+))(?:\s+per\s+([\w.-]+))?\s*(<=|>=|==|!=|<|>)\s*(\S+)\s*$/;

/** What is wrong with an expectation, and what would be right. */
export interface Mistake {
  readonly message: string;
  readonly advice: string;
}

/** Reads one expectation; a `Mistake` if it cannot be one. */
export function parseExpectation(text: string): Expectation | Mistake {
  const match = EXPECTATION_PATTERN.exec(text);
  if (!match) {
    if (PROBABILITY.test(text)) return ofManyRuns(text);
    return {
      message: `cannot be read: ${JSON.stringify(text)}`,
      advice: "write a quantity, a comparison and a bound: p99(timeLag) < 30s, or lost == 0",
    };
  }
  const [, written, inside, alone, divisor, comparison, bound] = match;
  const subject = inside ?? alone;
  const dot = subject.lastIndexOf(".");
  const name = subject.slice(dot + 1);
  if (!isQuantity(name)) return unknownQuantity(name);
  const { unit, many }: Quantity = QUANTITIES[name];
  const wrong = statisticMistake(written, name, many) ?? divisorMistake(divisor, name, many);
  if (wrong) return wrong;
  const value = unit === "duration" ? (bound === "0" ? 0 : parseDuration(bound)) : number(bound);
  if (value === undefined) return boundMistake(bound, name, unit);
  return {
    text: text.trim(),
    statistic: written ?? "value",
    quantity: name,
    ...(divisor !== undefined && { per: divisor as Divisor }),
    ...(dot > 0 && { group: subject.slice(0, dot) }),
    comparison: comparison as Expectation["comparison"],
    bound: value,
  };
}

const isQuantity = (name: string): name is QuantityName => Object.hasOwn(QUANTITIES, name);

function unknownQuantity(name: string): Mistake {
  const near = closest(name, Object.keys(QUANTITIES));
  return {
    message: `hopes for ${name}, which is nothing regroup measures`,
    advice: near ? `did you mean ${near}?` : `there are ${Object.keys(QUANTITIES).join(", ")}`,
  };
}

function statisticMistake(statistic: string | undefined, name: string, many: boolean): Mistake | undefined {
  if (statistic === undefined && many) {
    return {
      message: `hopes for ${name}, which has many values in a run`,
      advice: `say which: max(${name}), mean(${name}), p99(${name}), final(${name})`,
    };
  }
  if (statistic === undefined) return undefined;
  if (!many) return { message: `takes a statistic of ${name}, which is one number`, advice: `write ${name} alone` };
  const percentile = /^p(\d{1,2}(?:\.\d{1,4})?|100)$/.test(statistic);
  if (percentile || (STATISTICS as readonly string[]).includes(statistic)) return undefined;
  return {
    message: `takes ${statistic} of ${name}, which is no statistic`,
    advice: `there are ${STATISTICS.join(", ")} and percentiles such as p50, p99, p99.9`,
  };
}

/** What is wrong with dividing a quantity by something, if anything is. */
export function divisorMistake(divisor: string | undefined, name: string, many: boolean): Mistake | undefined {
  if (divisor === undefined) return undefined;
  if (!Object.hasOwn(DIVISORS, divisor)) {
    const near = closest(divisor, Object.keys(DIVISORS));
    const all = Object.keys(DIVISORS).map((one) => `per ${one}`);
    return {
      message: `divides by ${divisor}, which regroup does not count`,
      advice: near ? `did you mean per ${near}?` : `there are ${all.join(" and ")}`,
    };
  }
  if (many)
    return { message: `divides ${name}, which is no total`, advice: `write partitionSecondsUnread per ${divisor}` };
  if (name === "rebalances" && divisor === "rebalance")
    return { message: "divides rebalances by rebalances", advice: "write rebalances per deploy, or rebalances alone" };
  return undefined;
}

/** A probability, as only many runs have one. */
const PROBABILITY = /^\s*P\s*\(/;

function ofManyRuns(text: string): Mistake {
  return {
    message: `asks for a probability, which one run does not have: ${JSON.stringify(text.trim())}`,
    advice: "write the condition alone (lost == 0); regroup run --replications tells how often it is met",
  };
}

function boundMistake(bound: string, name: string, unit: Quantity["unit"]): Mistake {
  if (unit !== "duration")
    return { message: `compares ${name} with ${bound}`, advice: `${name} is a number of ${unit}` };
  const asSeconds = number(bound) === undefined ? "30s" : `${bound}s`;
  return {
    message: `compares ${name} with ${bound}, which has no unit of time`,
    advice: `write ${asSeconds}, 300ms, 5m …`,
  };
}

const number = (text: string): number | undefined =>
  /^\d+(?:\.\d+)?(?:e\d{1,2})?$/.test(text) && Number.isFinite(Number(text)) ? Number(text) : undefined;
