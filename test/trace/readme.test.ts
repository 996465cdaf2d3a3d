import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const textOf = (file: string): string => readFileSync(new URL(`../../sim/trace/${file}`, import.meta.url), "utf8");

test("the page about traces knows every type of event, once, and no other", () => {
  const types = [...textOf("event.ts").matchAll(/^ {2}readonly type: "([^"]+)";$/gm)].map(([, type]) => type);
  const told = [...textOf("README.md").matchAll(/^\| `([^`]+)` +\|/gm)].map(([, type]) => type);
  expect(types.length).toBeGreaterThan(30);
  expect(told.toSorted()).toEqual(types.toSorted());
});
