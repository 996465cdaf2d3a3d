import { expect, test } from "vitest";
import { parseScenario } from "../../sim/scenario/parse.ts";
import { simulate } from "../../sim/simulation/simulate.ts";
import { pictureBuilder } from "../../viz/load/build.ts";
import { valueAt } from "../../viz/load/lanes.ts";
import type { Picture } from "../../viz/load/picture.ts";
import { headerOf } from "../support/events.ts";

const SECOND = 1e6;

/** The picture of a run of five minutes: two members of a topic of four partitions. */
function pictureOf(events: string): Picture {
  const { scenario } = parseScenario(`
name: told
duration: 5m
cluster: { network: { delay: 1ms } }
topics: { orders: { partitions: 4, rate: 400/s } }
groups: { billing: { config: { metadata.max.age.ms: 30s }, members: 2 } }
events: [${events}]
`);
  const builder = pictureBuilder();
  const { end } = simulate(scenario, { seed: "1", to: [builder] });
  return builder.build({ footer: null, cutOff: null, events: 0, end, header: headerOf() }, "told.ndjson").picture;
}

test("partitions that a topic has grown by stand beneath the others, in order of number", () => {
  const [{ numberOf }] = pictureOf("{ at: 1m, grow: orders, to: 12 }").groups;
  expect([...numberOf]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
});

test("a process that is stopped is shown as that, from its stop until it goes on, expelled or not", () => {
  const [{ stopped, berthOf, clients }] = pictureOf("{ at: 2m, freeze: billing-2, for: 60s }").groups;
  const isStopped = (client: string, seconds: number): boolean =>
    valueAt(stopped, berthOf[clients.indexOf(client)], seconds * SECOND) === 1;
  expect([119, 121, 179, 181].map((seconds) => isStopped("billing-2", seconds))).toEqual([false, true, true, false]);
  expect(isStopped("billing-1", 150)).toBe(false);
});

test("its words are those of a terminal, what readers could not get at among them", () => {
  const { words } = pictureOf("{ at: 2m, cut: { from: { client: billing-1 }, to: { broker: 1 } }, for: 40s }");
  expect(words.summary.replaceAll(/\s+/g, " ")).toMatch(/with a reader that got nothing; .* \(billing-1 cut off from/);
});
