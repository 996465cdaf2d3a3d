import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openResults, readResults } from "../../../sim/cli/sweep/results-folder.ts";
import type { Row, ShelfKey } from "../../../sim/experiment/sweep/store.ts";
import { identityOf } from "../../../sim/experiment/sweep/sweep.ts";
import { experiment, GRID } from "./support.ts";

let folder = "";
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), "regroup-results-"))));
afterEach(() => rmSync(folder, { recursive: true }));

const parsed = experiment(GRID);
const key: ShelfKey = { version: "1", scenarioHash: "abc", seed: "7", keeps: ["mean(g.members)"] };
const row = (replication: number): Row => ({
  replication,
  values: [replication / 7, null],
  curves: [[0.1 + 0.2, -5e-324]],
});

/** Puts rows into the folder, as a program would. */
function keep(...replications: number[]): void {
  const results = openResults(folder, parsed);
  for (const replication of replications) results.shelf(key).add(row(replication));
  results.close();
}

/** The one file with rows. */
const file = (): string => path.join(folder, "cells", readdirSync(path.join(folder, "cells"))[0]);

/** The rows that a program finds that goes on, and those of one that only reads. */
function found(): Row[] {
  const read = [...readResults(folder).store.shelf(key).rows()];
  const results = openResults(folder, parsed);
  const rows = [...results.shelf(key).rows()];
  results.close();
  expect(read).toEqual(rows);
  return rows;
}

test("rows come back as they were, to the last bit", () => {
  keep(1, 2, 5);
  expect(found()).toEqual([row(1), row(2), row(5)]);
});

test("what one program began another one goes on with, and the file is the same as of one", () => {
  keep(1, 2, 3, 4);
  const whole = readFileSync(file());
  rmSync(file());
  keep(1);
  keep();
  keep(2, 3);
  keep(4);
  expect(readFileSync(file())).toEqual(whole);
});

test("a line torn anywhere is taken off, and what follows makes the file whole again", () => {
  keep(1, 2, 3);
  const whole = readFileSync(file());
  const before = whole.length - whole.toString().split("\n")[3].length - 1;
  for (let length = whole.length - 1; length >= 0; length -= length > before ? 1 : 13) {
    writeFileSync(file(), whole.subarray(0, length));
    const rows = found();
    expect(rows).toEqual([1, 2, 3].map(row).slice(0, rows.length));
    if (length >= before) expect(rows).toHaveLength(2);
    keep(...[1, 2, 3].slice(rows.length));
    expect(readFileSync(file())).toEqual(whole);
  }
});

test("a damaged row, and what is behind it, does not count", () => {
  keep(1, 2, 3);
  const text = readFileSync(file(), "utf8");
  writeFileSync(file(), text.replace('"replication":2,"values":[0.28', '"replication":2,"values":[0.29'));
  expect(found()).toEqual([row(1)]);
  writeFileSync(file(), text.replace("abc", "abd"));
  expect(found()).toEqual([]);
});

test("what others write behind our rows does not count", () => {
  keep(1, 2);
  appendFileSync(file(), '{"replication":3,"values":[1]}\nnonsense\n');
  expect(found()).toEqual([row(1), row(2)]);
});

test("a file of zeros, as some file systems leave one after a loss of power, is begun anew", () => {
  keep(1, 2);
  const whole = readFileSync(file());
  truncateSync(file(), 0);
  truncateSync(file(), 500);
  keep(1, 2);
  expect(readFileSync(file())).toEqual(whole);
});

test("replications are kept in their order only", () => {
  keep(2);
  expect(() => keep(2)).toThrow("in their order");
});

test("one program at a time writes; the lock of one that is gone is taken over", () => {
  const first = openResults(folder, parsed);
  expect(() => openResults(folder, parsed)).toThrow(`process ${process.pid} on ${hostname()}`);
  first.close();
  const lock = path.join(folder, "lock");
  expect(existsSync(lock)).toBe(false);
  writeFileSync(lock, `999999999 ${hostname()}\n`); // no process has such a number
  openResults(folder, parsed).close();
  writeFileSync(lock, "1 elsewhere\n");
  expect(() => openResults(folder, parsed)).toThrow("process 1 on elsewhere");
});

test("a folder says all that its results mean, whatever became of the files they came from", () => {
  keep(1);
  const read = readResults(folder).parsed;
  expect(identityOf(read)).toBe(identityOf(parsed));
  for (const { set } of parsed.cells) expect(read.scenarioWith(set)).toEqual(parsed.scenarioWith(set));
});

test.each([
  ["no folder of a sweep", () => rmSync(path.join(folder, "sweep.json")), "is no results folder of a sweep"],
  ["another file", () => writeFileSync(path.join(folder, "sweep.json"), "{}"), "does not say what was asked"],
  [
    "another version's",
    () => {
      const text = readFileSync(path.join(folder, "sweep.json"), "utf8");
      writeFileSync(path.join(folder, "sweep.json"), text.replace(/"version":"[^"]+"/, '"version":"0.0.1"'));
    },
    "is of regroup 0.0.1",
  ],
])("%s is told of", (_, spoil, message) => {
  keep(1);
  spoil();
  expect(() => readResults(folder)).toThrow(message);
});
