import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { parseScenario } from "../../sim/scenario/parse.ts";
import { QUANTITIES } from "../../sim/scenario/quantities.ts";
import { scenarioJsonSchema } from "../../sim/scenario/schema.ts";

const FOLDER = new URL("../../scenarios/", import.meta.url);
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith(".yaml"));
const textOf = (file: string): string => readFileSync(new URL(file, FOLDER), "utf8");

/** Scenarios that show just what a lint warns of. */
const INTENDED: Readonly<Record<string, readonly RegExp[]>> = {
  "far-region.yaml": [/^what replica reads over this link is under way for 75ms to 225ms/],
  "overload.yaml": [/^loader is overloaded/],
  "slow-link.yaml": [/^what billing reads over this link is under way for 3s to 9s, up to 900 records of a partition/],
  "retention-overtakes.yaml": [/^one partition of clicks gets 1000 records/, /^sessions is overloaded/],
};

/** The exported schema, read back by another reader than the one that wrote it. */
const fromJson = z.fromJSONSchema(scenarioJsonSchema() as Parameters<typeof z.fromJSONSchema>[0]);

describe.each(FILES)("%s", (file) => {
  const text = textOf(file);
  const [header] = text.split(/^name:/m);

  test("is right, and wise but for what it is about", () => {
    const { lints } = parseScenario(text, { file });
    const intended = INTENDED[file] ?? [];
    expect(lints.map(({ message }) => message)).toEqual(intended.map((pattern) => expect.stringMatching(pattern)));
  });

  test("bears its file's name", () => {
    expect(`${parseScenario(text).scenario.name}.yaml`).toBe(file);
  });

  test("states a question, an expected answer, and hopes that hold the run to it", () => {
    expect(header.split("\n#\n")[0]).toMatch(/^# [^]*\?$/);
    expect(header).toContain("# Expected:");
    expect(parseScenario(text).scenario.expect.length).toBeGreaterThan(1);
  });

  test("prints commands that can be run", () => {
    const commands = [
      ...header.matchAll(/^# {3}regroup run scenarios\/(\S+?)(?: --replications \d+)?(?: --set (\S+))?$/gm),
    ];
    expect(commands.length).toBeGreaterThan(0);
    for (const [, named, set] of commands) {
      expect(named).toBe(file);
      expect(() => parseScenario(text, { set: set ? [set] : [] })).not.toThrow();
    }
  });

  test("is accepted by the JSON Schema that editors get", () => {
    expect(fromJson.safeParse(parse(text)).error).toBeUndefined();
  });

  test("is in the field guide", () => {
    expect(textOf("README.md")).toContain(`(${file})`);
  });
});

describe("the field guide", () => {
  const guide = textOf("README.md");
  const blocks = [...guide.matchAll(/```yaml\n([^`]*)```/g)].map(([, block]) => block);

  test("shows a smallest scenario that can be simulated", () => {
    expect(blocks[0].trimEnd().split("\n")).toHaveLength(5);
    expect(parseScenario(blocks[0]).lints).toEqual([]);
  });

  test("shows events that can happen", () => {
    const events = blocks.find((block) => block.includes("roll:"))!;
    expect(parseScenario(`${blocks[0]}${events}`).scenario.events).toHaveLength(10);
  });

  test("shows a group of the consumer protocol, and nothing unwise about it", () => {
    const block = blocks.find((text) => text.includes("group.protocol"))!;
    const { scenario, lints } = parseScenario(`topics: { orders: 12 }\n${block}`);
    expect(scenario.groups[0].groupConfig).toBeDefined();
    expect(lints).toEqual([]);
  });

  test("shows networks that can fail so", () => {
    const network = blocks.find((block) => block.includes("cut:"))!;
    expect(parseScenario(`${blocks[0]}${network}`).scenario.events).toHaveLength(4);
  });

  test("shows producers that there can be", () => {
    const block = blocks.find((text) => text.includes("producers:"))!;
    const { scenario, lints } = parseScenario(`${block}groups: { billing: { members: 3 } }\n`);
    expect(scenario.topics[0].producers.instances).toBe(3);
    expect(lints).toEqual([]);
  });

  test("names every quantity there is", () => {
    for (const name of Object.keys(QUANTITIES)) expect(guide).toContain(`\`${name}\``);
  });
});

const accepts = (text: string): boolean => fromJson.safeParse(parse(text)).success;
const group = (members: string): string => `topics: { a: 1 }\ngroups: { g: { members: ${members} } }\n`;

describe("the JSON Schema", () => {
  test("knows every one of Kafka's settings and what it means", () => {
    const text = JSON.stringify(scenarioJsonSchema());
    expect(text).toContain("How long a member may be silent before the coordinator expels it.");
    expect(text).toContain('"group.initial.rebalance.delay.ms"');
  });

  test.each([
    ["an unknown key", `${group("1")}bogus: 1\n`],
    ["a duration without unit", `${group("1")}duration: 30\n`],
    ["a rate of words", "topics: { a: { rate: fast } }\ngroups: { g: { members: 1 } }\n"],
    ["an unknown law", group("{ initial: 1, startup: { gauss: 1s } }")],
    ["an event without time", `${group("1")}events: [{ roll: g }]\n`],
    ["a hope without comparison", `${group("1")}expect: [lag]\n`],
    [
      "a setting of the wrong kind",
      "topics: { a: 1 }\ngroups: { g: { members: 1, config: { enable.auto.commit: 3 } } }\n",
    ],
    ["too many brokers", `${group("1")}cluster: { brokers: 5000 }\n`],
  ])("refuses %s", (_, text) => expect(accepts(text)).toBe(false));

  test.each([
    ["short forms", "topics: { a: 1, b: }\ngroups: { g: { members: 3 } }\n"],
    [
      "a setting as number or duration",
      "topics: { a: 1 }\ngroups: { g: { members: 1, config: { session.timeout.ms: 45s, heartbeat.interval.ms: 3000 } } }\n",
    ],
    [
      "laws of all kinds",
      group("{ initial: 1, startup: { weibull: { mean: 2h, shape: 1.5 } }, lifetime: { empirical: [1s, 2s] } }"),
    ],
  ])("accepts %s", (_, text) => expect(accepts(text)).toBe(true));
});
