import { describe, expect, test } from "vitest";
import { setting } from "../../../sim/experiment/sweep/grid.ts";
import { isExperiment, parseExperiment } from "../../../sim/experiment/sweep/parse.ts";
import { experimentJsonSchema } from "../../../sim/experiment/sweep/schema.ts";
import { parseScenario } from "../../../sim/scenario/parse.ts";
import { hashOf } from "../../../sim/simulation/simulate.ts";
import { POPULATION } from "../population.ts";
import { experiment, GRID, mistakes } from "./support.ts";

describe("a grid", () => {
  test("has a cell for each combination, the last parameter changing fastest", () => {
    const { cells, experiment: read } = experiment(GRID);
    expect(cells.map(({ at }) => at)).toEqual([
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ]);
    expect(cells[2].set).toEqual(["groups.g.members.initial=8", "groups.g.members.lifetime.exponential=20s"]);
    expect(read.parameters).toMatchObject([
      { name: "initial", scale: "linear", unit: "number", points: [{ label: "5", number: 5 }, { number: 8 }] },
      {
        name: "lifetime",
        scale: "linear",
        unit: "duration",
        points: [{ label: "20s", number: 20e6 }, { label: "40s" }],
      },
    ]);
  });

  test("a cell is the scenario that regroup run makes of its settings", () => {
    for (const { set, scenarioHash } of experiment(GRID).cells)
      expect(hashOf(parseScenario(POPULATION, { file: "population.yaml", set }).scenario)).toBe(scenarioHash);
  });

  test("linked fields move together", () => {
    const { cells, experiment: read } = experiment(
      "grid:",
      "  size:",
      "    linked:",
      "      groups.g.members.initial: { from: 2, to: 8, points: 3, scale: logarithmic }",
      "      topics.orders.rate: [20/s, 40/s, 80/s]",
      "outputs: [rebalances]",
    );
    expect(cells.map(({ set }) => set)).toEqual([
      ["groups.g.members.initial=2", "topics.orders.rate=20/s"],
      ["groups.g.members.initial=4", "topics.orders.rate=40/s"],
      ["groups.g.members.initial=8", "topics.orders.rate=80/s"],
    ]);
    expect(read.parameters[0]).toMatchObject({
      scale: "logarithmic",
      points: [{ number: 2 }, { number: 4 }, { number: 8 }],
    });
  });

  test("variants have names and set any number of fields; what all cells have comes first", () => {
    const { cells } = experiment(
      "set: { duration: 2m }",
      "grid:",
      "  churn:",
      "    variants:",
      "      as it is:",
      "      none: { groups.g.members.joins: 0, groups.g.members.lifetime: { constant: 1h } }",
      "outputs: [rebalances]",
    );
    expect(cells.map(({ set }) => set)).toEqual([
      ["duration=2m"],
      ["duration=2m", "groups.g.members.joins=0", 'groups.g.members.lifetime={"constant":"1h"}'],
    ]);
  });

  test("an output of no group is one of each group; measures are kept once", () => {
    const { experiment: read } = experiment(
      "set: { groups: { g: { members: 5 }, h: { members: 2 } } }",
      "grid: { duration: { set: duration, values: [1m] } }",
      "outputs: [mean(members), mean(h.members), P(mean(members) > 3), P(g.rebalances > 3)]",
    );
    expect(read.outputs.map(({ name }) => name)).toEqual([
      "mean(g.members)",
      "mean(h.members)",
      "mean(h.members)",
      "P(mean(members) > 3)",
      "P(g.rebalances > 3)",
    ]);
    expect(read.measures).toHaveLength(3);
    expect(read.outputs[3]).toMatchObject({ kind: "chance", measures: [{ group: "g" }, { group: "h" }] });
  });
});

test.each([
  ["30s", "30s"],
  ["007", '"007"'],
  ["a: b", '"a: b"'],
  ["", '""'],
  [7, "7"],
  [true, "true"],
  [["range"], '["range"]'],
  [{ constant: "1h" }, '{"constant":"1h"}'],
])("%j is set as %s, and read back as it was", (value, text) => {
  expect(setting("name", value)).toBe(`name=${text}`);
});

describe("a mistake is answered with its place and what would be right", () => {
  const SMALLEST =
    "one has scenario: <file>, grid: { <name>: { set: <field>, values: [1, 2] } } and outputs: [p99(timeLag)]";
  const good = "grid: { initial: { set: groups.g.members.initial, values: [5] } }";
  test.each<[claim: string, lines: string[], answer: string[]]>([
    [
      "an unknown key",
      [good, "outputs: [rebalances]", "replication: 3"],
      ["4:1 replication is not known here = did you mean replications?"],
    ],
    [
      "no outputs",
      [good],
      ["1:1 outputs is missing = what is asked of each cell? outputs: [p99(timeLag), rebalances]"],
    ],
    [
      "a field that is not there",
      ["grid: { initial: { set: groups.g.members.initail, values: [5] } }", "outputs: [rebalances]"],
      [
        "2:25 groups.g.members.initail leads nowhere: groups.g.members has no initail = did you mean groups.g.members.initial?",
      ],
    ],
    [
      "a value that cannot be",
      ["grid: { initial: { set: groups.g.members.initial, values: [5, many] } }", "outputs: [rebalances]"],
      ['2:63 initial must be a whole number, not "many" = from 0 to 100000'],
    ],
    [
      "a range of broken members",
      ["grid: { initial: { set: groups.g.members.initial, from: 1, to: 2, points: 3 } }", "outputs: [rebalances]"],
      ["2:9 initial must be a whole number, not 1.5 = from 0 to 100000; round: 1 makes every value of a range whole"],
    ],
    [
      "settings that are wrong together, at the value that makes it",
      [
        "grid:",
        "  session: { set: groups.g.config.session.timeout.ms, values: [7s, 10s] }",
        "  heartbeat: { set: groups.g.config.heartbeat.interval.ms, values: [3s, 9s] }",
        "outputs: [rebalances]",
      ],
      [
        "3:64 session.timeout.ms must exceed heartbeat.interval.ms (9000) = with less, every member expires before its second heartbeat; Kafka advises three a session",
      ],
    ],
    [
      "linked fields of different length",
      ["grid: { x: { linked: { duration: [1m, 2m], warmUp: [1s] } } }", "outputs: [rebalances]"],
      ["2:44 x has 1 values of warmUp and 2 of duration = fields that move together have equally many"],
    ],
    [
      "outputs that nobody measures",
      [good, "outputs: [p99(timelag), P(lag > 3), p99(x.lag)]"],
      [
        "3:11 p99(timelag): timelag is nothing regroup measures = did you mean timeLag?",
        "3:25 P(lag > 3): hopes for lag, which has many values in a run = say which: max(lag), mean(lag), p99(lag), final(lag)",
        "3:37 p99(x.lag): there is no group x = there are g",
      ],
    ],
    [
      "a precision that is none",
      [good, "outputs: [rebalances]", "precision: mean(members) fine"],
      ["4:12 precision: fine is no precision of mean(members) = write 5% or a number"],
    ],
    [
      "a grid without end",
      [
        "grid:",
        "  a: { set: groups.g.members.initial, from: 1, to: 1000, step: 1 }",
        "  b: { set: topics.orders.partitions, from: 1, to: 1000, step: 1 }",
        "outputs: [rebalances]",
      ],
      ["2:1 the grid has 1000000 cells = 10000 are the limit"],
    ],
    [
      "several things at once",
      ["grid: { a: { set: duration, values: [] }, b: { variants: {} } }", "replications: 0", "outputs: [lags]"],
      [
        "2:29 values must not be empty = for instance [4, 8, 16]",
        "2:43 b has no variants = name: { <field>: <value> }",
        "3:15 replications must be at least 1, not 0 = from 1 to 1000000",
        "4:11 lags: lags is nothing regroup measures = did you mean lag?",
      ],
    ],
  ])("%s", (_, lines, answer) => expect(mistakes(...lines)).toEqual(answer));

  test("an empty file", () => {
    const find = (): never => {
      throw new Error("it names no scenario");
    };
    expect(() => parseExperiment("", { file: "x.yaml", find })).toThrow(
      `x.yaml:1:1 there is no experiment in this file\n 1 |\n   | ^\n   = ${SMALLEST}`,
    );
  });

  test("what is wrong with the scenario is told of its own file", () => {
    const find = () => ({ file: "s.yaml", text: POPULATION.replace("5", "five"), read: () => "" });
    const text = `scenario: s.yaml\n${good}\noutputs: [rebalances]\n`;
    expect(() => parseExperiment(text, { file: "x.yaml", find })).toThrow(
      /^s\.yaml:8:16 initial must be a whole number/,
    );
  });
});

test("files are told apart by what is in them", () => {
  expect(isExperiment("scenario: x.yaml")).toBe(true);
  expect(isExperiment("grid: {}\noutputs: []")).toBe(true);
  expect(isExperiment(POPULATION)).toBe(false);
  expect(isExperiment("")).toBe(false);
});

test("the JSON Schema describes every key of an experiment", () => {
  const { properties } = experimentJsonSchema() as { properties: Record<string, { description?: string }> };
  expect(Object.keys(properties)).toContain("grid");
  for (const { description } of Object.values(properties)) expect(description).toMatch(/\.$/);
});
