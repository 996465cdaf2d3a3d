/** Kafka's `Uuid` as four 32-bit signed words, the most significant first. */
export type Uuid = readonly [number, number, number, number];

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/** The value of each letter of the alphabet, by its character code. */
const VALUE_OF: readonly number[] = Array.from({ length: 128 }, (_, code) =>
  ALPHABET.indexOf(String.fromCharCode(code)),
);

/** 16 bytes in URL-safe base64 without padding: 22 characters, the last of which carries two bits. */
const TEXT = /^[\w-]{21}[AQgw]$/;

/** Whether `text` is a uuid as Kafka writes it. */
export const isUuid = (text: string): boolean => TEXT.test(text);

/** Reads a uuid as Kafka writes it, for instance the topic id `x7QVaLUsSYShS1XaLahs8Q`. */
export function parseUuid(text: string): Uuid {
  if (!isUuid(text)) throw new Error(`${JSON.stringify(text)} is not a uuid: 22 characters of URL-safe base64`);
  const words: [number, number, number, number] = [0, 0, 0, 0];
  for (let bit = 0, index = 0; bit < 128; bit += 6, index++) {
    const value = VALUE_OF[text.charCodeAt(index)];
    // Six bits from position `bit` on: within one word, or over the edge into the next (beyond 128 they are zero).
    const word = bit >>> 5;
    const room = 32 - (bit & 31);
    if (room >= 6) words[word] |= value << (room - 6);
    else {
      words[word] |= value >>> (6 - room);
      if (word < 3) words[word + 1] |= value << (26 + room);
    }
  }
  return words;
}

/** `Uuid.compareTo`: the two 64-bit halves in turn, each as a *signed* number. */
export function compareUuids(a: Uuid, b: Uuid): number {
  return a[0] - b[0] || (a[1] >>> 0) - (b[1] >>> 0) || a[2] - b[2] || (a[3] >>> 0) - (b[3] >>> 0);
}
