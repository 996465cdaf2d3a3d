import type { Assignor } from "../kafka/assignors/assignor.ts";
import { assignorNamed } from "../kafka/assignors/assignors.ts";
import type { GroupSpec } from "../scenario/scenario.ts";
import type { Consumption } from "./consumption.ts";

/** Assignors of a user's own, by the file that a scenario names. They are code, so they come from the edge. */
export type OwnAssignors = ReadonlyMap<string, Assignor>;

/** Kafka's assignors see what is on the wire; all others may see what a member can process and what waits for it. */
const OF_KAFKA: readonly string[] = ["range", "roundrobin", "sticky", "cooperative-sticky"];

/** The assignors that a group's members support, by name, in order of preference. */
export function assignorsOf(
  spec: GroupSpec,
  own: OwnAssignors,
  consumption: Consumption,
): readonly { readonly name: string; readonly assign: Assignor }[] {
  const names = spec.assignor === undefined ? spec.config["partition.assignment.strategy"] : [spec.assignor];
  return names.map((name) => {
    const assign = own.get(name) ?? assignorNamed(name);
    if (!assign) throw new Error(`the assignor ${name} of ${spec.id} is a user's own, and nobody has brought its code`);
    return { name, assign: OF_KAFKA.includes(name) ? assign : seeing(assign, spec, consumption) };
  });
}

/** The same assignor, shown the capacity of members and the lag and production of partitions at this moment. */
function seeing(assign: Assignor, { members: { capacity } }: GroupSpec, consumption: Consumption): Assignor {
  return (subscribers, topics) =>
    assign(
      subscribers.map((subscriber) => ({ ...subscriber, capacity })),
      new Map(
        [...topics]
          .filter(([name]) => consumption.reads(name))
          .map(([name, topic]) => [name, { ...topic, ...consumption.picture(name, topic.partitions) }]),
      ),
    );
}
