/**
 * A short name for a text, the same in every runtime: 64 bits that differ when anything differs by accident. It guards
 * against differences nobody intended, not against people who intend one.
 *
 * Two 32-bit lanes take in the text, two UTF-16 code units at a time, each by its own multiply-and-rotate (the scheme
 * and the odd constants are those of Austin Appleby's MurmurHash3, public domain); at the end they are mixed with each
 * other. Made of whole-number operations only, and fast enough to be taken of every line of a trace.
 */
export interface Fingerprint {
  /** Takes in one line. Where a line ends counts: "ab", "c" is not "a", "bc". */
  line(text: string): void;
  /** Of all lines so far: 16 hexadecimal digits. */
  digits(): string;
}

export function fingerprint(): Fingerprint {
  let a = 0x2545f491;
  let b = 0x9e3779b9 | 0;
  let units = 0;
  const take = (word: number) => {
    a ^= Math.imul(rotate(Math.imul(word, 0xcc9e2d51), 15), 0x1b873593);
    a = (Math.imul(rotate(a, 13), 5) + 0xe6546b64) | 0;
    b = Math.imul(rotate(b ^ Math.imul(word, 0x85ebca6b), 17), 0xc2b2ae35) + 0x27d4eb2f;
    b |= 0;
  };
  return {
    line(text) {
      const length = text.length;
      const even = length & ~1;
      for (let i = 0; i < even; i += 2) take(text.charCodeAt(i) | (text.charCodeAt(i + 1) << 16));
      if (even < length) take(text.charCodeAt(even));
      take(~length); // the end of the line
      units += length;
    },
    digits() {
      let low = scatter(a ^ units);
      let high = scatter(b ^ Math.imul(low, 5));
      low = scatter(low ^ rotate(high, 16));
      high = scatter(high ^ low);
      return hex(high) + hex(low);
    },
  };
}

/** The fingerprint of one text alone. */
export function fingerprintOf(text: string): string {
  const print = fingerprint();
  print.line(text);
  return print.digits();
}

function rotate(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}

/** Every bit of the input decides about every bit of the output. MurmurHash3's finalizer. */
function scatter(word: number): number {
  let x = word;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return x ^ (x >>> 16);
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, "0");
}
