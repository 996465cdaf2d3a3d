import { assignorNamed } from "../../../sim/kafka/assignors/assignors.ts";
import { compareReleases } from "../../../sim/kafka/config.ts";
import type { ConsumerGroupCoordinator } from "../../../sim/kafka/protocols/consumer/coordinator.ts";
import type { Partitions } from "../../../sim/names.ts";
import type { Client, Town } from "./town.ts";

const names = (partitions: Partitions): string[] =>
  Object.entries(partitions).flatMap(([topic, numbers]) => numbers.map((number) => `${topic}-${number}`));

/** What is wrong at any time; nothing, if all is well. */
export function violation({ bench, clients }: Town): string | undefined {
  const { coordinator, image } = bench;
  const members = new Map(coordinator.members.map((member) => [member.id, member]));

  const readers = new Map<string, string>();
  for (const client of clients) {
    const member = members.get(client.id);
    if (!member) continue; // expelled, and does not know yet
    const own = new Set([...names(member.assignment), ...names(member.pending)]);
    for (const partition of names(client.using)) {
      if (!own.has(partition)) return `${client.name} uses ${partition}, which its coordinator does not know`;
      const other = readers.get(partition);
      if (other !== undefined) return `${partition} is used by ${other} and ${client.name}`;
      readers.set(partition, client.name);
    }
  }
  for (const { id, epoch, state, pending } of members.values()) {
    if (epoch > coordinator.generation) return `${id} is in epoch ${epoch}, the group in ${coordinator.generation}`;
    const gives = Object.keys(pending).length > 0;
    if (gives && state !== "UNREVOKED_PARTITIONS") return `${id} is ${state} with partitions to give up`;
  }
  if (coordinator.targetEpoch > coordinator.generation) return "the target is ahead of the group";

  if (bench.writing || image.group?.type !== "consumer-group") return undefined;
  const [now, loaded] = [coordinator, bench.reloaded()].map(described);
  return now === loaded ? undefined : `the log says ${loaded}, the coordinator ${now}`;
}

function described({ generation, targetEpoch, state, members }: ConsumerGroupCoordinator): string {
  const byId = [...members].sort((a, b) => (a.id < b.id ? -1 : 1));
  return JSON.stringify({ generation, targetEpoch, state, byId });
}

/** Compares every target with what the assignor makes of the one before. */
export function holdTargetsToTheAssignor({ bench }: Town): void {
  const { brokerVersion } = bench.options;
  const uniform = assignorNamed("uniform", { faithful: compareReleases(brokerVersion, "4.2") < 0 })!;
  let before: ReadonlyMap<string, Partitions> | undefined;
  bench.onRecord = ({ type }) => {
    // It is told before it is in force.
    if (type !== "group.assignment") return;
    before = new Map(bench.coordinator.members.map(({ id, instance, target }) => [instance ?? id, target]));
  };
  const { send } = bench;
  bench.send = (...request) => {
    before = undefined;
    const { refusal } = bench;
    send.apply(bench, request);
    if (!before || refusal) return;
    const { members } = bench.coordinator;
    const wanted = uniform(
      members.map(({ id, instance, topics }) => ({
        id,
        ...(instance !== undefined && { instanceId: instance }),
        topics,
        owned: before!.get(instance ?? id) ?? {},
      })),
      new Map([...bench.topics].map(([topic, partitions]) => [topic, { partitions }])),
    );
    for (const { id, target } of members) {
      if (names(target).sort().join() === names(wanted.get(id)!).sort().join()) continue;
      throw new Error(
        `${id} is to have ${names(target).join()}, but the assignor says ${names(wanted.get(id)!).join()}`,
      );
    }
  };
}

/** What is wrong with a group that was left in peace. */
export function unsettled({ bench, clients }: Town): string | undefined {
  const { coordinator, topics } = bench;
  const living = clients.filter(({ state }) => state !== "out");
  if (living.length === 0) {
    return coordinator.members.length === 0 ? undefined : `nobody lives, but the group is ${coordinator.state}`;
  }
  if (coordinator.state !== "Stable") return `the group is ${coordinator.state}`;
  if (coordinator.members.length !== living.length)
    return `of ${coordinator.members.length} members ${living.length} live`;
  for (const { id, epoch, state, assignment, target, client } of coordinator.members) {
    if (state !== "STABLE" || epoch !== coordinator.generation) return `${id} is ${state} in epoch ${epoch}`;
    if (names(assignment).sort().join() !== names(target).sort().join()) return `${id} has not what it is to have`;
    const its = living.find(({ name }) => name === client)!;
    if (its.epoch !== epoch || JSON.stringify(its.using) !== JSON.stringify(assignment)) return `${id} does not know`;
  }
  return uneven(living) ?? unread(living, topics);
}

/** Every partition of every topic that somebody subscribes to has its reader. */
function unread(living: readonly Client[], topics: ReadonlyMap<string, number>): string | undefined {
  const read = new Set(living.flatMap(({ using }) => names(using)));
  for (const [topic, partitions] of topics) {
    if (!living.some((client) => client.topics.includes(topic))) continue;
    for (let partition = 0; partition < partitions; partition++) {
      if (!read.has(`${topic}-${partition}`)) return `nobody reads ${topic}-${partition}`;
    }
  }
  return undefined;
}

/** Who all subscribe to the same have the same number of partitions, or one more. */
function uneven(living: readonly Client[]): string | undefined {
  if (living.some(({ topics }) => topics !== living[0].topics)) return undefined;
  const counts = living.map(({ using }) => names(using).length);
  return Math.max(...counts) - Math.min(...counts) > 1 ? `they have ${counts.join(", ")} partitions` : undefined;
}
