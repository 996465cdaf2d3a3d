import type { World } from "../../sim/simulation/world.ts";

/**
 * What is wrong with a group that has been left in peace for long enough: nothing, if its coordinator and all living
 * consumers agree that it is stable, and every partition is owned and read by exactly one of them.
 */
export function unsettled(world: World, group: string): string[] {
  const complaints: string[] = [];
  const { consumers, cluster, groups, production } = world;
  const living = consumers.all.filter(({ state, group: { spec } }) => state === "Running" && spec.id === group);
  const coordinator = cluster.coordinatorOf(group);
  if (!coordinator) return living.length > 0 ? ["the group has no coordinator"] : [];
  if (living.length === 0) {
    return coordinator.members.length === 0 ? [] : [`nobody lives, but ${coordinator.members.length} are members`];
  }
  if (coordinator.state !== "Stable") complaints.push(`the group is ${coordinator.state}`);
  const members = coordinator.members.map(({ client }) => client).sort();
  const names = living.map(({ name }) => name).sort();
  if (members.join() !== names.join())
    complaints.push(`the members are ${members.join(" ")}, the living ${names.join(" ")}`);
  for (const topic of groups.get(group)!.subscription) {
    const { partitions = 0 } = production.metadata.get(topic) ?? {};
    for (let partition = 0; partition < partitions; partition++) {
      const owners = living.filter(({ member }) => member.owned[topic]?.includes(partition)).map(({ name }) => name);
      const readers = living.filter(({ member }) => member.reading[topic]?.includes(partition)).map(({ name }) => name);
      if (owners.length !== 1) complaints.push(`${topic}-${partition} is owned by ${owners.join(" and ") || "nobody"}`);
      if (readers.length !== 1)
        complaints.push(`${topic}-${partition} is read by ${readers.join(" and ") || "nobody"}`);
    }
  }
  for (const { name, member } of living) {
    if (member.generation !== coordinator.generation) {
      complaints.push(`${name} is in generation ${member.generation}, the group in ${coordinator.generation}`);
    }
  }
  return complaints;
}
