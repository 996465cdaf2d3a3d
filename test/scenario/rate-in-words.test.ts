import { expect, test } from "vitest";
import { rateInWords } from "../../sim/scenario/rate-in-words.ts";
import { rate } from "../../sim/scenario/units.ts";

test.each([
  "2000/s",
  "1234567/s",
  "0.5/s",
  "33.3/s",
  "12.345678/s",
  "7/m",
  "100/h",
  "0.7/h",
  "0.0001/h",
  "1/d",
  "0.0001/d",
])("%s is told as it was written", (text) => expect(rateInWords(rate.parse(text))).toBe(text));

test.each([
  ["60/m", "1/s"],
  ["2/ms", "2000/s"],
  ["7200/h", "2/s"],
  ["0/s", "0/s"],
])("%s is %s", (text, other) => expect(rateInWords(rate.parse(text))).toBe(other));

test("what comes out even in no unit has six digits", () => {
  expect(rateInWords(1_000 * Math.PI)).toBe("3141.59/s");
  expect(rateInWords(Math.PI / 1e5)).toBe("0.00188496/m");
});

test("every rate that a person writes with up to six digits is told in no more", () => {
  for (const unit of ["s", "m", "h", "d"]) {
    for (let digits = 1; digits < 1_000; digits += 7) {
      for (const scale of [1e-4, 1e-2, 1, 1e3]) {
        const words = rateInWords(rate.parse(`${(digits * scale).toFixed(4)}/${unit}`));
        expect(words.replace(/\D/g, "").replace(/^0+|0+$/g, "").length, words).toBeLessThanOrEqual(6);
      }
    }
  }
});
