/** The units of a rate, and their seconds. */
const UNITS = [
  ["s", 1],
  ["m", 60],
  ["h", 3_600],
  ["d", 86_400],
] as const;

/** More digits than a person writes, fewer than a quotient has that does not come out even. */
const WRITTEN_DIGITS = 9;

/**
 * So many a second, in the first unit in which it comes out even: `2000/s`, `7/m`, `0.0001/h`. A scenario's rate is a
 * quotient of floats once it is read, so that seven a minute are 0.11666666666666667 a second. A rate that comes out even
 * in none, as those of a `diurnal` do, has six digits.
 */
export function rateInWords(perSecond: number): string {
  if (Number.isInteger(perSecond)) return `${perSecond}/s`;
  for (const [unit, seconds] of UNITS) {
    const even = Number((perSecond * seconds).toPrecision(12)); // what is behind that is noise
    const text = String(even);
    if (digits(text) <= WRITTEN_DIGITS) return `${text}/${unit}`;
  }
  const [unit, seconds] = UNITS.find(([, seconds]) => perSecond * seconds >= 0.001) ?? UNITS[3];
  return `${Number((perSecond * seconds).toPrecision(6))}/${unit}`;
}

/** How many digits of a decimal number matter; of one that is written with an exponent too many. */
const digits = (text: string): number =>
  text.includes("e") ? Infinity : text.replace(".", "").replace(/^0+|0+$/g, "").length;
