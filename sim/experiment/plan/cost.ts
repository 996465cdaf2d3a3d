/** What a choice costs: `members * 0.10/h + partitions * 0.02/month`. Money has no unit; time does. */
import type { Mistake } from "../../scenario/quantities.ts";

export interface Cost {
  /** As written. */
  readonly text: string;
  /** So much an hour; otherwise so much, once. */
  readonly isPerHour: boolean;
  /** The settings it depends on. */
  readonly names: readonly string[];
  /** What it comes to, an hour or once. */
  readonly of: (numberOf: (name: string) => number) => number;
}

/** Hours in what a price may be for. */
const HOURS: Readonly<Record<string, number>> = { h: 1, d: 24, week: 168, month: 730, year: 8760 };

interface Term {
  /** 1 for so much an hour, 0 for so much. */
  readonly perHour: number;
  readonly of: Cost["of"];
}

const TOKEN = /\s*(?:(\d+(?:\.\d+)?)(?:\s*\/\s*(h|d|week|month|year)\b)?|([A-Za-z][\w.]*)|([-+*/()]))/y;

type Token =
  { readonly number: number; readonly unit?: string } | { readonly name: string } | { readonly sign: string };

/** Reads a cost; a `Mistake` if it is none. Which settings there are is the caller's business. */
export function parseCost(text: string): Cost | Mistake {
  const read = tokensOf(text);
  if ("advice" in read) return read;
  const tokens: readonly Token[] = read;
  const names = new Set<string>();
  let next = 0;
  const sign = (signs: string): string | undefined => {
    const token = tokens[next];
    if (token === undefined || !("sign" in token) || !signs.includes(token.sign)) return undefined;
    next++;
    return token.sign;
  };
  try {
    const { perHour, of } = sum();
    if (next < tokens.length) throw new Wrong("has something left over", EXAMPLE);
    if (perHour < 0 || perHour > 1) throw new Wrong("is neither a price nor a price for a time", EXAMPLE);
    return { text: text.trim(), isPerHour: perHour === 1, names: [...names], of };
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    return { message: `${error.message}: ${text}`, advice: error.advice };
  }

  function sum(): Term {
    let term = product();
    for (let op = sign("+-"); op !== undefined; op = sign("+-")) {
      const [first, second, factor] = [term, product(), op === "+" ? 1 : -1];
      if (first.perHour !== second.perHour)
        throw new Wrong("adds a price to a price for a time", "write all of them for a time: members * 0.10/h + 5/h");
      term = { perHour: first.perHour, of: (number) => first.of(number) + factor * second.of(number) };
    }
    return term;
  }

  function product(): Term {
    let term = factor();
    for (let op = sign("*/"); op !== undefined; op = sign("*/")) {
      const [first, second, times] = [term, factor(), op === "*"];
      term = {
        perHour: first.perHour + (times ? 1 : -1) * second.perHour,
        of: times ? (number) => first.of(number) * second.of(number) : (number) => first.of(number) / second.of(number),
      };
    }
    return term;
  }

  function factor(): Term {
    if (sign("-")) {
      const { perHour, of } = factor();
      return { perHour, of: (number) => -of(number) };
    }
    if (sign("(")) {
      const inner = sum();
      if (!sign(")")) throw new Wrong("has a bracket that is not closed", EXAMPLE);
      return inner;
    }
    const token = tokens[next++];
    if (token !== undefined && "number" in token) {
      const { number, unit } = token;
      const value = unit === undefined ? number : number / HOURS[unit];
      return { perHour: unit === undefined ? 0 : 1, of: () => value };
    }
    if (token === undefined || !("name" in token)) throw new Wrong("ends too early, or has a sign too many", EXAMPLE);
    names.add(token.name);
    return { perHour: 0, of: (number) => number(token.name) };
  }
}

class Wrong extends Error {
  readonly advice: string;

  constructor(message: string, advice: string) {
    super(message);
    this.advice = advice;
  }
}

const EXAMPLE = "write members * 0.10/h, for instance";

function tokensOf(text: string): readonly Token[] | Mistake {
  const tokens: Token[] = [];
  const pattern = new RegExp(TOKEN);
  while (text.slice(pattern.lastIndex).trim() !== "") {
    const at = pattern.lastIndex;
    const match = pattern.exec(text);
    if (!match) return { message: `cannot be read from here on: ${text.slice(at).trim()}`, advice: EXAMPLE };
    const [, number, unit, name, sign] = match;
    if (number !== undefined) tokens.push({ number: Number(number), ...(unit !== undefined && { unit }) });
    else tokens.push(name !== undefined ? { name } : { sign });
  }
  return tokens;
}
