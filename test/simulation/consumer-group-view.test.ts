import { expect, test } from "vitest";
import { SECOND } from "../../sim/engine/time.ts";
import type { ConsumerMemberView } from "../../sim/kafka/protocols/consumer/coordinator.ts";
import { parseScenario } from "../../sim/scenario/parse.ts";
import { GroupPopulation } from "../../sim/simulation/population.ts";
import { Script } from "../../sim/simulation/script.ts";
import { traceHeader } from "../../sim/simulation/simulate.ts";
import { World } from "../../sim/simulation/world.ts";
import type { TraceEvent } from "../../sim/trace/event.ts";
import { groupsAt } from "../../sim/trace/readings/group-at.ts";

/* What a reader of the trace knows of a group of the consumer protocol is held against the coordinator itself. */

const STORY = `
duration: 4m
cluster: { brokers: 1 }
topics: { orders: { partitions: 7, rate: 70/s }, returns: { partitions: 2, rate: 10/s } }
groups:
  g:
    config: { group.protocol: consumer }
    members: { initial: 3, static: true, startup: 4s, replaceAfter: 1s }
events:
  - { at: 22s, join: { group: g, count: 2 } }
  - { at: 51s, leave: g-2 }
  - { at: 80s, grow: orders, to: 9 }
  - { at: 100s, crash: g-1 }
  - { at: 160s, delete: returns }
  - { at: 180s, roll: g }
`;

test("the trace says at any moment who has which partitions, who is to have which, and in which epochs", () => {
  const { scenario } = parseScenario(STORY);
  const events: TraceEvent[] = [];
  const world = new World(scenario, "view", "elided", (event) => void events.push(event));
  const populations = new Map([...world.groups].map(([id, group]) => [id, new GroupPopulation(world, group)]));
  const script = new Script(world, populations);
  world.start();
  for (const population of populations.values()) population.start();
  script.start();
  const reading = groupsAt();
  reading.begin!(traceHeader(scenario, "view", 240 * SECOND));
  let seen = 0;
  let unequal = 0; // moments at which somebody has yet to reach its target, so that the two are not the same by accident
  for (let now = SECOND / 4; now <= 240 * SECOND; now += SECOND / 4) {
    world.engine.runUntil(now);
    while (seen < events.length) reading.see(events[seen++]);
    const coordinator = world.cluster.coordinatorOf("g")!;
    const [group] = reading.groups();
    const members = coordinator.members as readonly ConsumerMemberView[];
    expect(group.state).toBe(coordinator.state === "Absent" ? "Dead" : coordinator.state);
    expect(group.epochs?.group ?? 0).toBe(coordinator.generation);
    const byId = <T extends { readonly member: string }>(all: readonly T[]): T[] =>
      all.toSorted((a, b) => (a.member < b.member ? -1 : 1));
    expect(
      byId(group.members.map(({ member, epoch, assigned, target }) => ({ member, epoch, assigned, target }))),
    ).toEqual(
      byId(
        members.map(({ id, epoch, assignment, target }) => ({
          member: id,
          epoch,
          assigned: sorted(assignment),
          target: sorted(target),
        })),
      ),
    );
    if (members.some(({ assignment, target }) => count(assignment) !== count(target))) unequal++;
  }
  expect(unequal).toBeGreaterThan(20);
});

type Partitions = Readonly<Record<string, readonly number[]>>;
const sorted = (partitions: Partitions): Partitions =>
  Object.fromEntries(Object.entries(partitions).map(([topic, numbers]) => [topic, numbers.toSorted((a, b) => a - b)]));
const count = (partitions: Partitions): number =>
  Object.values(partitions).reduce((sum, { length }) => sum + length, 0);
