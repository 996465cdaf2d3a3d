import { expect, test } from "vitest";
import { parseScenario } from "../../sim/scenario/parse.ts";
import { SMALLEST, told } from "./support.ts";

/** The smallest scenario with six brokers in three zones, and an event after five minutes. */
const at5 = (event: string): string =>
  `${SMALLEST}cluster: { brokers: { count: 6, zones: [a, b, c] } }\nevents:\n  - { at: 5m, ${event} }\n`;

test.each<[claim: string, event: string, answer: string[]]>([
  [
    "a zone in which nothing stands",
    "cut: { from: { zone: west } }",
    ["8:36 there is no zone west = there are: a, b, c"],
  ],
  [
    "a broker there is not",
    "slow: { from: { broker: 7 } }, delay: 1s",
    ["8:39 there is no broker 7 = there are 6, numbered from 1"],
  ],
  [
    "the coordinator of no group",
    "cut: { from: { broker: coordinator of biling } }",
    ["8:38 there is no group biling = did you mean billing?"],
  ],
  [
    "a group there is not",
    "cut: { from: { group: biling } }",
    ["8:37 there is no group biling = did you mean billing?"],
  ],
  [
    "a member there can never be",
    "cut: { from: controller, to: { client: billing-6 } }",
    ["8:54 billing never has a member billing-6 = they are called billing-1 to billing-5"],
  ],
  [
    "a link to itself",
    "cut: { from: { broker: 2 }, to: { broker: 2 } }",
    ["8:43 from and to are the same = leave out `to` for everybody else"],
  ],
  ["no time at all", "cut: { from: { zone: a } }, for: 0s", ["8:48 for must be more than 0 = for instance 30s"]],
])("a link is refused that concerns %s", (_, event, answer) => {
  expect(told(at5(event))).toEqual(answer);
});

test("zones of brokers and members go round and round", () => {
  const { cluster, groups } = parseScenario(
    at5("cut: { from: { zone: d } }").replace("members: 5", "members: { initial: 5, zones: [c, d] }"),
  ).scenario;
  expect(cluster).toMatchObject({ brokers: 6, zones: ["a", "b", "c"] });
  expect(groups[0].members.zones).toEqual(["c", "d"]);
});

test("zones between which a delay is stated have to exist", () => {
  const text = `${SMALLEST}cluster: { network: { between: [{ zones: [north, south], delay: 30ms }] } }\n`;
  expect(told(text)).toEqual([
    "6:43 there is no zone north = nothing stands in any: cluster: { brokers: { count: 6, zones: [a, b] } }, or zones: [a, b] of members",
    "6:50 there is no zone south = nothing stands in any: cluster: { brokers: { count: 6, zones: [a, b] } }, or zones: [a, b] of members",
  ]);
});
