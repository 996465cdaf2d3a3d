/** Quantities as people say them: three digits that matter, and the unit. */

/** `0`, `812`, `1.13 k`, `12.6 k`, `1.20 M`. */
export function amount(number: number): string {
  if (Math.abs(number) < 0.0005) return "0"; // what sums of floats are short of nothing is no less than nothing
  if (number < 0) return `-${amount(-number)}`;
  for (const [size, unit] of [
    [1, ""],
    [1e3, " k"],
    [1e6, " M"],
    [1e9, " G"],
  ] as const) {
    const scaled = threeDigits(number / size);
    if (Number(scaled) < 1000) return (unit === "" ? trimmed(scaled) : scaled) + unit;
  }
  return `${threeDigits(number / 1e12)} T`;
}

/** Microseconds: `0 s`, `340 µs`, `33.7 ms`, `42.0 s`, `2 m 42 s`, `1 h 05 m`, `3.20 d`. */
export function length(microseconds: number): string {
  if (Math.abs(microseconds) < 0.5) return "0 s";
  if (microseconds < 0) return `-${length(-microseconds)}`;
  if (Number(threeDigits(microseconds)) < 1000) return `${trimmed(threeDigits(microseconds))} µs`;
  if (Number(threeDigits(microseconds / 1e3)) < 1000) return `${threeDigits(microseconds / 1e3)} ms`;
  const seconds = microseconds / 1e6;
  if (seconds < 119.95) return `${threeDigits(seconds)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} m ${twoDigits(whole % 60)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ${twoDigits(minutes % 60)} m`;
  return `${threeDigits(seconds / 86_400)} d`;
}

/** An instant, to the tenth of a second, as `--until` takes it too: `42.0s`, `2m42.0s`, `1h02m42.0s`. */
export function moment(microseconds: number): string {
  const tenths = Math.round(microseconds / 1e5);
  const seconds = (tenths % 600) / 10;
  const minutes = Math.floor(tenths / 600) % 60;
  const hours = Math.floor(tenths / 36_000);
  const text = seconds.toFixed(1);
  if (hours > 0) return `${hours}h${twoDigits(minutes)}m${text.padStart(4, "0")}s`;
  return minutes > 0 ? `${minutes}m${text.padStart(4, "0")}s` : `${text}s`;
}

/**
 * A share of the whole: `0 %`, `0.010 %`, `5.36 %`, `100 %`. What is nearly all is not all: `99.98 %`, with as many digits as
 * it takes to see that; but not more than six behind the point, where rounding begins.
 */
export function percentage(share: number): string {
  if (share < 5e-9) return "0 %";
  const text = trimmed(threeDigits(share * 100));
  for (let digits = 2; share < 1 && text === "100" && digits <= 6; digits++) {
    const nearly = (share * 100).toFixed(digits);
    if (Number(nearly) < 100) return `${nearly} %`;
  }
  return `${text} %`;
}

/** `1 rebalance`, `3 rebalances`. */
export function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/** Three digits that matter, never in powers of ten. */
function threeDigits(number: number): string {
  const text = number.toPrecision(3);
  return text.includes("e") ? `${Number(text)}` : text;
}

function trimmed(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

function twoDigits(number: number): string {
  return `${number}`.padStart(2, "0");
}
