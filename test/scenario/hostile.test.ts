import { readdirSync, readFileSync } from "node:fs";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { stringify } from "yaml";
import { CLIENT_SETTINGS } from "../../sim/kafka/config.ts";
import { parseScenario } from "../../sim/scenario/parse.ts";
import { renderProblem, ScenarioError } from "../../sim/scenario/problem.ts";
import { KEYS, SMALLEST } from "./support.ts";

const FOLDER = new URL("../../scenarios/", import.meta.url);
const SHIPPED = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".yaml"))
  .map((name) => readFileSync(new URL(name, FOLDER), "utf8"));

/** Either it is a scenario, or every problem has words, and a place that exists in the text. */
function holds(text: string, set: readonly string[] = []): void {
  try {
    const { scenario } = parseScenario(text, { set, keys: KEYS });
    expect(JSON.parse(JSON.stringify(scenario))).toEqual(scenario);
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    expect(error.problems.length).toBeGreaterThan(0);
    const lines = error.text.split("\n");
    for (const problem of error.problems) {
      expect(problem.message).not.toMatch(/undefined|\[object|NaN(?!")/);
      if (problem.at) {
        expect(problem.at.line).toBeGreaterThanOrEqual(1);
        expect(problem.at.line).toBeLessThanOrEqual(lines.length);
        expect(problem.at.column).toBeLessThanOrEqual(lines[problem.at.line - 1].length + 1);
        expect(problem.at.length).toBeGreaterThanOrEqual(1);
      }
      expect(renderProblem(problem, "x.yaml", error.text)).toContain("x.yaml".slice(0, problem.at ? 6 : 0));
    }
  }
}

const RUNS = { seed: 20261121, numRuns: 300 };

test("any text at all is a scenario or a list of problems", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => holds(text)),
    RUNS,
  );
});

test("any text of YAML's own characters is a scenario or a list of problems", () => {
  const characters = fc.constantFrom(
    ..."{}[]:,-#&*!|>'\"%@`?~<= \n\tabc019.",
    "topics",
    "groups",
    "members",
    "&a ",
    "*a ",
    "\n  ",
  );
  fc.assert(
    fc.property(fc.array(characters, { maxLength: 60 }), (parts) => holds(parts.join(""))),
    RUNS,
  );
});

// prettier-ignore
const words = fc.constantFrom(
  "topics", "groups", "orders", "billing", "members", "initial", "config", "session.timeout.ms", "events", "at", "crash",
  "rate", "roll", "expect", "cluster", "network", "delay", "exponential", "uniform", "startup", "5m", "-5s", "3/s",
  "coordinator of billing", "p99(timeLag) < 3s", "__proto__", "constructor", "toString", "", "1e400", "brokerVersion",
);

test("any data at all is a scenario or a list of problems", () => {
  const leaf = fc.oneof(words, fc.integer(), fc.double(), fc.boolean(), fc.constant(null));
  const { data } = fc.letrec((tie) => ({
    data: fc.oneof({ depthSize: "medium" }, leaf, fc.array(tie("data"), { maxLength: 4 }), tie("map")),
    map: fc.dictionary(words, tie("data"), { maxKeys: 5, noNullPrototype: true }),
  }));
  fc.assert(
    fc.property(data, (value) => holds(stringify(value) ?? "")),
    RUNS,
  );
});

test("a scenario with one value replaced by any other is a scenario or a list of problems", () => {
  const value = fc.oneof(
    words,
    fc.double().map(String),
    fc.constantFrom("[]", "{}", "null", "[1s]", "{ a: b }", "&a [*a]"),
  );
  fc.assert(
    fc.property(fc.constantFrom(...SHIPPED), fc.nat(), value, (text, n, instead) => {
      const places = [...text.matchAll(/: (?=[^\n{[]*[\w"])([^\n,{}[\]]+)/g)];
      const { index, 0: all } = places[n % places.length];
      holds(`${text.slice(0, index)}: ${instead}${text.slice(index + all.length)}`);
    }),
    RUNS,
  );
});

test("a scenario cut off anywhere is a scenario or a list of problems", () => {
  fc.assert(
    fc.property(fc.constantFrom(...SHIPPED), fc.double({ min: 0, max: 1, noNaN: true }), (text, share) =>
      holds(text.slice(0, Math.floor(text.length * share))),
    ),
    { ...RUNS, numRuns: 100 },
  );
});

test("any option at all is obeyed or refused", () => {
  const steps = fc.array(
    fc.oneof(words, fc.constantFrom(...Object.keys(CLIENT_SETTINGS)), fc.string({ maxLength: 5 })),
    { maxLength: 5 },
  );
  fc.assert(
    fc.property(steps, fc.oneof(words, fc.string({ maxLength: 10 })), (path, value) =>
      holds(SMALLEST, [`${path.join(".")}=${value}`]),
    ),
    RUNS,
  );
});
