import { describe, expect, test } from "vitest";
import { bothModes } from "../../support/both-modes.ts";
import { STORMY } from "../../support/stormy.ts";

const STATIC = ["initial: 6", "static: true\n      replaceAfter: 8s\n      initial: 6"] as const;
const profile = (name: string) =>
  ["topics: [orders, returns]", `topics: [orders, returns]\n    clientProfile: ${name}`] as const;

/** What is replaced in a scenario that touches every source of chance, to make all its members consumers of a kind. */
const KINDS: readonly (readonly [string, readonly (readonly [string, string])[]])[] = [
  ["cooperative", [["[roundrobin]", "[cooperative-sticky]"]]],
  ["sticky", [["[roundrobin]", "[sticky]"]]],
  ["static", [STATIC]],
  ["static and cooperative", [STATIC, ["[roundrobin]", "[cooperative-sticky]"]]],
  ["of Kafka 3.3", [["brokers: 3", 'brokers: 3\n  brokerVersion: "3.3"']]],
  ["kafkajs", [profile("kafkajs")]],
  ["librdkafka, cooperative", [profile("librdkafka"), ["[roundrobin]", "[cooperative-sticky]"]]],
  ["too many for the group", [["network:", "config: { group.max.size: 5 }\n  network:"]]],
];

/** Claims that members of each kind keep the laws that are held during every run: one owner a generation, every request ends, … */
export function membersKeepTheLaws(seeds: readonly string[]): void {
  describe.for(KINDS)("members that are %s", ([, changes]) => {
    test.for(seeds)("keep the laws, with heartbeats worked out as with all simulated, seed %s", (seed) => {
      const yaml = changes.reduce((text, [from, to]) => text.replace(from, to), STORMY);
      const { elided, explicit } = bothModes(yaml, seed);
      expect(elided.filter((line) => line.includes('"group.join-complete"')).length).toBeGreaterThan(5);
      expect(elided).toEqual(explicit);
    });
  });
}
