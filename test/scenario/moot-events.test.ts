/*
 * Events of which nothing can ever come, as the file alone tells: refused if they say what cannot be, and told by `check`
 * if they could do something and find nothing to do. What only the course of a run shows is told by the run:
 * test/simulation/moot-events.test.ts.
 */
import { describe, expect, test } from "vitest";
import { parseScenario } from "../../sim/scenario/parse.ts";
import { told } from "./support.ts";

/** Three brokers in two of three zones; billing has five members in one of them, spare has none; at 5 m of 10 something happens. */
const at5 = (event: string, more = ""): string => `
cluster: { brokers: { count: 2, zones: [a, b, c] }, network: { delay: 5ms } }
topics: { orders: { partitions: 12, rate: 100/s }, returns: 3 }
groups:
  billing: { topics: [orders], members: { initial: 5, zones: [a] } }
  spare: { topics: [orders], members: 0 }
events:
  - { at: 5m, ${event} }
${more}`;

/** What `check` says of an event in that scenario, besides what it says of the groups. */
const lintsOf = (text: string): string[] =>
  parseScenario(text, { file: "moot.yaml" })
    .lints.filter(({ message }) => !message.startsWith("spare never has a member"))
    .map(({ message, advice }) => `${message} = ${advice}`);

describe("refused, since it says what cannot be", () => {
  test.each<[event: string, answer: string]>([
    ["freeze: billing-1, for: 0s", "for must be more than 0 = for instance 30s"],
    ["pause: billing-1, lasts: 0s", "lasts must be more than 0 = for instance 30s"],
    [
      "crash: billing-1, silent: true",
      "silent is for brokers = members never say a word when they crash, and a zone takes its hosts with it: remove it",
    ],
    [
      "slow: { from: { broker: 1 } }, delay: 0s",
      "delay must be more than 0 = how long a message takes meanwhile, one way: for instance 300ms",
    ],
    [
      "slow: { from: { broker: 1 } }, delay: { uniform: [0s, 0s] }",
      "delay must be more than 0 = how long a message takes meanwhile, one way: for instance 300ms",
    ],
    [
      "crash: billing-1, plus: { uniform: [6m, 7m] }",
      "this event never comes before the run's end = even at the soonest it is at 11m, and the run ends at 10m",
    ],
  ])("%s", (event, answer) => {
    expect(told(at5(event)).map((line) => line.replace(/^\d+:\d+ /, ""))).toEqual([answer]);
  });

  test("a rate for a topic that has been deleted", () => {
    expect(told(at5("delete: orders", "  - { at: 6m, rate: orders, to: 5/s }\n"))).toEqual([
      "9:21 there is no topic orders at 6m = it has been deleted",
    ]);
  });
});

describe("accepted, and told by check, since nothing will come of it", () => {
  test.each<[event: string, lint: string]>([
    [
      "crash: { group: billing, count: 6 }",
      "billing never has 6 members = it has 5 at most: those at the beginning, and those that join",
    ],
    [
      "crash: spare",
      "nothing comes of this: spare never has a member = write how many it has, or let some join before",
    ],
    ["roll: spare", "nothing comes of this: spare never has a member = write how many it has, or let some join before"],
    ["cut: { from: { zone: c } }", "nothing ever stands in zone c = something stands in: a, b"],
    ["crash: { zone: c }", "nothing ever stands in zone c = something stands in: a, b"],
    [
      "cut: { from: { group: billing }, to: controller }",
      "nothing is ever sent between these, be it cut or not = clients talk to brokers only, and brokers also to each other and to the controller",
    ],
    [
      "cut: { from: { client: billing-1 }, to: { group: billing } }",
      "nothing is ever sent between these, be it cut or not = clients talk to brokers only, and brokers also to each other and to the controller",
    ],
    [
      "subscribe: billing, topics: [orders]",
      "billing subscribes to that already at 5m = name all that it is to read from then on",
    ],
    [
      "producers: orders, leave: 2",
      "orders never has 2 producers = it has 1 at most: more under producers of the topic, or a smaller number here",
    ],
    [
      "slow: { from: { broker: 1 } }, delay: { uniform: [2ms, 6ms] }",
      "this takes 4ms on average, and messages take 5ms without it: it slows nothing down = it is how long a message takes, " +
        "one way, and not how much longer: for instance 300ms",
    ],
  ])("%s", (event, lint) => expect(lintsOf(at5(event))).toEqual([lint]));
});

describe("accepted, since something may come of it", () => {
  test.each([
    ["as many as there are", "crash: { group: billing, count: 5 }", ""],
    [
      "more than at the beginning, when some join",
      "crash: { group: billing, count: 6 }",
      "  - { at: 1m, join: billing }\n",
    ],
    ["one of a group that nobody is in at the beginning", "crash: spare", "  - { at: 1m, join: spare }\n"],
    [
      "more than there are but in a roll",
      "crash: { group: billing, count: 6 }",
      "  - { at: 1m, roll: billing, maxSurge: 1 }\n",
    ],
    ["who may be gone", "crash: billing-1", "  - { at: 1m, leave: billing-1 }\n"],
    ["a broker that may be down", "crash: { broker: 1 }", "  - { at: 1m, crash: { broker: 1 } }\n"],
    ["the present rate", "rate: orders, to: 100/s", ""],
    ["a time that chance can put before the end", "crash: billing-1, plus: { uniform: [4m, 7m] }", ""],
    [
      "the same topics after others",
      "subscribe: billing, topics: [orders]",
      "  - { at: 1m, subscribe: billing, topics: [returns] }\n",
    ],
    ["a link that gets slower", "slow: { from: { broker: 1 } }, delay: 20ms", ""],
    ["a link between two brokers", "cut: { from: { zone: a }, to: { zone: b } }", ""],
    ["a link of members to brokers in their zone", "cut: { from: { zone: a }, to: { zone: a } }", ""],
    ["a rate that a topic will begin with", "create: returns", "  - { at: 1m, rate: returns, to: 5/s }\n"],
  ])("%s", (_, event, more) => expect(lintsOf(at5(event, more))).toEqual([]));
});

describe("who is meant", () => {
  const several = (client: string): string => `
topics: { orders: 12 }
groups: { billing: { members: 5 }, audit: { members: 1 }, spare: { members: 0 }, reports: { members: 2 } }
events: [{ at: 5m, cut: { from: { client: ${client} } } }]
`;
  test.each([
    ["nobody-1", "members are named after their group: billing-1 to billing-5, audit-1, spare-1 if one joins, …"],
    ["biling-4", "did you mean billing-4?"],
    ["audti-1", "did you mean audit-1?"],
  ])("%s is no member: the advice says how names are made, of all groups", (client, advice) => {
    expect(told(several(client))).toEqual([`4:43 there is no member ${client} = ${advice}`]);
  });
});
