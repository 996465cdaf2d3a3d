import { expect, test } from "vitest";
import { fingerprint, fingerprintOf } from "../../sim/trace/fingerprint.ts";

function of(...lines: string[]): string {
  const print = fingerprint();
  for (const line of lines) print.line(line);
  return print.digits();
}

test("a fingerprint is 16 hexadecimal digits, of nothing too", () => {
  for (const lines of [[], [""], ["a"], ["ab"], ["é", "→ 𝄞"]]) expect(of(...lines)).toMatch(/^[0-9a-f]{16}$/);
});

test("the fingerprint can be asked for at any time and goes on", () => {
  const print = fingerprint();
  print.line("a");
  expect(print.digits()).toBe(of("a"));
  print.line("b");
  expect(print.digits()).toBe(of("a", "b"));
});

test("where lines end, their order and their number count", () => {
  const texts = [
    [],
    [""],
    ["", ""],
    ["abc"],
    ["ab", "c"],
    ["a", "bc"],
    ["abc", ""],
    ["", "abc"],
    ["c", "ab"],
    ["abc\0"],
  ];
  expect(new Set(texts.map((lines) => of(...lines))).size).toBe(texts.length);
});

test("a hundred thousand lines that differ in one digit have no fingerprint in common", () => {
  const prints = new Set<string>();
  for (let i = 0; i < 100_000; i++) prints.add(fingerprintOf(`{"t":${i},"id":"client/a#1","type":"request.sent"}`));
  expect(prints.size).toBe(100_000);
});

test("each half alone has as few collisions as chance would have it", () => {
  // n values among 2^32 collide n²/2³³ times in the mean: 1.16 for n = 100 000. More than 8 has a chance of 1e-5.
  const n = 100_000;
  const high = new Set<string>();
  const low = new Set<string>();
  for (let i = 0; i < n; i++) {
    const digits = fingerprintOf(`event ${i} of a run`);
    high.add(digits.slice(0, 8));
    low.add(digits.slice(8));
  }
  expect(n - high.size).toBeLessThanOrEqual(8);
  expect(n - low.size).toBeLessThanOrEqual(8);
});

const bits = (digits: string) => BigInt(`0x${digits}`);

test("one changed character changes about half of the bits, wherever it stands", () => {
  const line = '{"t":28007000,"id":"group/billing#12","cause":"client/billing-3#4","type":"group.state"}';
  let flipped = 0;
  let trials = 0;
  for (let i = 0; i < line.length; i++) {
    for (const bit of [1, 2, 4, 8]) {
      const other = line.slice(0, i) + String.fromCharCode(line.charCodeAt(i) ^ bit) + line.slice(i + 1);
      let difference = bits(fingerprintOf(line)) ^ bits(fingerprintOf(other));
      for (; difference > 0n; difference >>= 1n) flipped += Number(difference & 1n);
      trials++;
    }
  }
  // Fair coins: the mean of `trials` binomials (64, ½) has a standard deviation of 4 / √trials.
  expect(Math.abs(flipped / trials - 32)).toBeLessThan((4 * 4) / Math.sqrt(trials));
});
