/** How people name a measure: `p99(timeLag)`, `max(billing.lag)`, `unreadPerRebalance`, `rebalances per deploy`. */
import { divisorMistake, QUANTITIES, type Mistake, type Quantity } from "../scenario/quantities.ts";
import type { Divisor, Scenario } from "../scenario/scenario.ts";
import { closest } from "../scenario/suggest.ts";
import { EXTRA_QUANTITIES, type Measure, type Unit, type Wanted } from "./measures.ts";

const PATTERN = /^(?:([A-Za-z][\w.]*)\s*\(\s*([\w.-]+)\s*\)|([\w.-]+))(?:\s+per\s+([\w.-]+))?$/;

/** As expectations have them. */
const STATISTIC = /^(?:mean|min|max|final|p(?:\d{1,2}(?:\.\d{1,4})?|100))$/;

const KNOWN: Readonly<Record<string, { readonly unit: Unit; readonly many?: boolean }>> = {
  ...(QUANTITIES satisfies Readonly<Record<string, Quantity>>),
  ...EXTRA_QUANTITIES,
};

/** Reads the name of a measure of this scenario; a `Mistake` if there is none of that name. */
export function parseWanted(text: string, { groups }: Scenario): Wanted | Mistake {
  const match = PATTERN.exec(text.trim());
  if (!match) return { message: `${text} is no measure`, advice: "write p99(timeLag), max(lag), rebalances …" };
  const [, statistic, inside, alone, divisor] = match;
  const subject = inside ?? alone;
  const dot = subject.lastIndexOf(".");
  const quantity = subject.slice(dot + 1);
  const group = dot > 0 ? subject.slice(0, dot) : undefined;
  if (!Object.hasOwn(KNOWN, quantity)) {
    const near = closest(quantity, Object.keys(KNOWN));
    const advice = near ? `did you mean ${near}?` : `there are ${Object.keys(KNOWN).join(", ")}`;
    return { message: `${quantity} is nothing regroup measures`, advice };
  }
  if (group !== undefined && !groups.some(({ id }) => id === group)) {
    return { message: `there is no group ${group}`, advice: `there are ${groups.map(({ id }) => id).join(", ")}` };
  }
  const many = KNOWN[quantity].many ?? false;
  if (many && !STATISTIC.test(statistic ?? "")) {
    return {
      message: `${text} names no statistic`,
      advice: `write mean(${subject}), max(${subject}), p99(${subject}) …`,
    };
  }
  if (!many && statistic !== undefined) {
    return { message: `${text} takes a statistic of one number`, advice: `write ${subject} alone` };
  }
  const isDivisible = Object.hasOwn(QUANTITIES, quantity) && !many;
  const wrong = divisorMistake(divisor, quantity, !isDivisible);
  if (wrong) return wrong;
  return {
    statistic: statistic ?? "value",
    quantity,
    ...(divisor !== undefined && { per: divisor as Divisor }),
    ...(group !== undefined && { group }),
  };
}

export const isMistake = (result: object): result is Mistake => "advice" in result;

/** The unit of what is wanted. */
export const unitOf = ({ quantity }: Wanted): Unit => KNOWN[quantity].unit;

/** Whether a measure is what is wanted. */
export function fits(measure: Measure, { group, quantity, statistic, per }: Wanted): boolean {
  return (
    measure.quantity === quantity &&
    measure.statistic === statistic &&
    measure.per === per &&
    (group === undefined || measure.group === group)
  );
}
