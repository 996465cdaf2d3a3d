import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { BROKER, COORDINATOR } from "../../sim/kafka/cluster/broker-states.ts";
import { CLASSIC_GROUP } from "../../sim/kafka/protocols/classic/group-states.ts";
import { CLASSIC_MEMBER } from "../../sim/kafka/protocols/classic/member-states.ts";
import { CONSUMER_MEMBER } from "../../sim/kafka/protocols/consumer/member-states.ts";
import type { Machine } from "../../sim/kafka/protocols/machine.ts";
import { ZOOKEEPER_CONSUMER } from "../../sim/kafka/protocols/zookeeper/consumer-states.ts";
import { replay } from "./replay.ts";
import { STAGES } from "./stages.ts";

const HERE = new URL("./", import.meta.url);
const TIMELINES = readdirSync(HERE, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".txt"))
  .sort();
const read = (name: string): string => readFileSync(new URL(name, HERE), "utf8");

// `npm test -- -u` rewrites the answers. Read that diff as carefully as code: it is the behaviour.
test.for(TIMELINES)("%s", async (name) => {
  await expect(replay(read(name), STAGES).text).toMatchFileSnapshot(`./${name}`);
});

test("every row of the classic member's transition table is reached by some timeline", () => {
  const reached = new Set<string>();
  for (const name of TIMELINES) {
    for (const happening of replay(read(name), STAGES).happened) {
      // the trace says why a member was reset; the table only that it was
      if (happening.type === "client.state") reached.add(`${happening.from} → ${happening.to}`);
    }
  }
  const ways = Object.entries(CLASSIC_MEMBER).flatMap(([from, ways]) =>
    Object.values(ways).map((to) => `${from} → ${to}`),
  );
  expect(ways.filter((way) => !reached.has(way))).toEqual([]);
});

test("every row of the consumer protocol's member table is reached by some timeline", () => {
  const reached = new Set<string>();
  for (const name of TIMELINES) {
    for (const happening of replay(read(name), STAGES).happened) {
      if (happening.type === "client.state") reached.add(`${happening.from} → ${happening.to}`);
    }
  }
  const ways = Object.entries(CONSUMER_MEMBER).flatMap(([from, ways]) =>
    Object.values(ways).map((to) => `${from} → ${to}`),
  );
  expect(ways.filter((way) => !reached.has(way))).toEqual([]);
});

test("every row of the classic group's transition table is reached by some timeline", () => {
  const reached = new Set<string>();
  for (const name of TIMELINES) {
    for (const happening of replay(read(name), STAGES).happened) {
      if (happening.type === "group.state") reached.add(row(happening));
    }
  }
  expect(rows(CLASSIC_GROUP).filter((row) => !reached.has(row))).toEqual([]);
});

test.each([
  ["broker.state", BROKER],
  ["coordinator.state", COORDINATOR],
  ["client.state", ZOOKEEPER_CONSUMER],
] as const)("every row of the transition table behind %s is reached by some timeline", (type, machine) => {
  const reached = new Set<string>();
  for (const name of TIMELINES) {
    for (const happening of replay(read(name), STAGES).happened)
      if (happening.type === type) reached.add(row(happening));
  }
  expect(rows(machine).filter((row) => !reached.has(row))).toEqual([]);
});

function rows(machine: Machine): string[] {
  return Object.entries(machine).flatMap(([from, ways]) =>
    Object.entries(ways).map(([reason, to]) => row({ from, reason, to })),
  );
}

function row({ from, reason, to }: { readonly from: string; readonly reason: string; readonly to: string }): string {
  return `${from} → ${to}: ${reason}`;
}
