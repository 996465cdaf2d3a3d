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
  return {
    line(text) {
      const { length } = text;
      // Locals, because this loop is on the path of every event of a run.
      let x = a;
      let y = b;
      for (let i = 0; i <= length; i += 2) {
        // Behind its units each line has one word for its length and its odd unit, so where a line ends counts.
        const whole = i < length - 1;
        const word = whole ? text.charCodeAt(i) | (text.charCodeAt(i + 1) << 16) : lastWord(text);
        x ^= Math.imul(rotate(Math.imul(word, 0xcc9e2d51), 15), 0x1b873593);
        x = (Math.imul(rotate(x, 13), 5) + 0xe6546b64) | 0;
        y = (Math.imul(rotate(y ^ Math.imul(word, 0x85ebca6b), 17), 0xc2b2ae35) + 0x27d4eb2f) | 0;
      }
      a = x;
      b = y;
      units = (units + length) | 0;
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

function lastWord(text: string): number {
  const odd = text.length & 1 ? text.charCodeAt(text.length - 1) : 0;
  return ~text.length ^ (odd << 16);
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
