/**
 * What a plan aims at: an expectation, of which the mean over the runs has to be on the right side (`p99(timeLag) < 30s`,
 * `partitionSecondsUnread per deploy < 60`), or the probability of a condition (`P(lost > 0) < 0.1%`).
 */
import { parseExpectation, type Mistake } from "./quantities.ts";
import type { Expectation } from "./scenario.ts";

export interface Target {
  /** As written. */
  readonly text: string;
  /** What is compared: the mean of a measure over the runs, or the share of the runs that fulfil a condition. */
  readonly of: "mean" | "chance";
  /** The expectation, or the condition inside `P(…)`. Of several groups it concerns each by itself. */
  readonly condition: Expectation;
  readonly comparison: "<" | "<=" | ">" | ">=";
  /** In the measure's base unit; of a chance a share. */
  readonly bound: number;
}

const CHANCE = /^\s*P\s*\((.*)\)\s*(<=|>=|==|!=|<|>)\s*(\S+)\s*$/s;

/** Reads one target; a `Mistake` if it cannot be one. */
export function parseTarget(text: string): Target | Mistake {
  const match = CHANCE.exec(text);
  if (match) return chance(text.trim(), match[1], match[2], match[3]);
  if (/^\s*P\s*\(/.test(text))
    return { message: `cannot be read: ${JSON.stringify(text)}`, advice: "write P(max(timeLag) > 1m) < 5%" };
  const condition = parseExpectation(text);
  if ("advice" in condition) return condition;
  const { comparison, bound } = condition;
  if (comparison === "==" || comparison === "!=") {
    const other = { "==": "!=", "!=": "==" }[comparison];
    const written = condition.text.replace(comparison, other);
    return {
      message: `wants a mean ${comparison === "==" ? "exactly equal to" : "other than"} a number, which no sample can show`,
      advice: `write P(${written}) < 1%`,
    };
  }
  return { text: condition.text, of: "mean", condition, comparison, bound };
}

function chance(text: string, inside: string, comparison: string, written: string): Target | Mistake {
  const condition = parseExpectation(inside);
  if ("advice" in condition) return condition;
  if (comparison === "==" || comparison === "!=")
    return {
      message: `compares a probability by ${comparison}`,
      advice: `write ${text.replace(/[=!]=(?=[^=]*$)/, "<")}`,
    };
  const bound = share(written);
  if (bound === undefined)
    return { message: `compares a probability with ${written}`, advice: "write a share: 0.1% or 0.001" };
  const isUpper = comparison === "<" || comparison === "<=";
  if (isUpper ? bound <= 0 : bound >= 1)
    return {
      message: `wants what no number of runs can show: ${text}`,
      advice: isUpper ? "write how rare is rare enough: < 0.1%" : "write how often is often enough: > 99.9%",
    };
  if (isUpper ? bound >= 1 : bound <= 0)
    return { message: `is true of every probability: ${text}`, advice: "a share between 0 and 100% says something" };
  return { text, of: "chance", condition, comparison: comparison as Target["comparison"], bound };
}

/** A share: `0.1%` or `0.001`; between 0 and 1. */
function share(written: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(%?)$/.exec(written);
  if (!match) return undefined;
  const value = match[2] === "%" ? Number(match[1]) / 100 : Number(match[1]);
  return value <= 1 ? value : undefined;
}
