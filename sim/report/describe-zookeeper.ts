/**
 * What `kafka-consumer-groups.sh --zookeeper … --describe` printed of a group whose consumers register in ZooKeeper, title for
 * title and space for space as Kafka 1.1 had it, the last release that knew such groups. Source:
 * `kafka.admin.ConsumerGroupCommand.ZkConsumerGroupService`.
 */
import type { Partitions, TopicName } from "../names.ts";
import type { GroupAt } from "../trace/readings/group-at.ts";
import { byName, count, type Described, type DescribeView, type GroupOffsets, NONE, table } from "./describe-table.ts";

const NOTE =
  "Note: This will only show information about consumers that use ZooKeeper (not those using the Java consumer API).\n";

/** One group, as the tool showed it: with one view, which was not any wider for `--verbose`. */
export function describeRegistered(group: GroupAt, known: GroupOffsets, view: DescribeView): Described {
  if (view !== "offsets") return failed(`--${view} is for groups with a coordinator only`);
  return { out: offsets(group, known), err: NOTE };
}

/** The tool asked each partition's leader, and one that did not answer was the end of it. Kafka: `SimpleConsumer`. */
export function unansweredOfOld(partitions: Partitions): Described {
  const names = Object.keys(partitions)
    .sort(byName)
    .flatMap((topic) => partitions[topic].map((partition) => `${topic}-${partition}`));
  const ends = names.length === 1 ? "ends: its leader is dead" : "end: their leaders are dead";
  return failed(`nobody says where ${names.join(" ")} ${ends}, and not yet given up`);
}

/** Neither exception has a message, and the tool told of it where its tables go. */
const failed = (why: string): Described => ({
  out: `Error: Executing consumer group command failed due to null\n(${why})\n`,
  err: NOTE,
});

/** A row for each partition of the group's topics, and for each topic that a consumer without any partition wants. */
function offsets({ group, members }: GroupAt, { committed, ends }: GroupOffsets): string {
  const owners = new Map<string, string>();
  for (const { member, assigned } of members) {
    for (const topic in assigned) for (const number of assigned[topic]) owners.set(`${topic} ${number}`, member);
  }
  const errors: string[] = [];
  const row = (topic: TopicName, partition: number): readonly string[] => {
    const offset = committed[topic]?.[partition];
    const end = ends[topic]?.[partition] ?? undefined;
    const lag = offset === undefined || end === undefined ? NONE : String(end - offset);
    if (offset === undefined) errors.push(missing(group, topic, partition));
    const owner = owners.get(`${topic} ${partition}`) ?? NONE;
    return [topic, String(partition), String(offset ?? NONE), String(end ?? NONE), lag, owner, ""];
  };
  const topics = Object.keys(ends).sort(byName);
  const rows = topics.flatMap((topic) => ends[topic].map((_, partition) => row(topic, partition)));
  const idle = members.filter((member) => count(member) === 0);
  for (const { member } of idle) rows.push(...topics.map(() => [NONE, NONE, NONE, NONE, NONE, member, ""]));
  const titles = ["TOPIC", "PARTITION", "CURRENT-OFFSET", "LOG-END-OFFSET", "LAG", "CONSUMER-ID", ""]; // a space is left
  const grows = new Set(["TOPIC", "CONSUMER-ID"]);
  return errors.join("") + table(titles, rows, [15, 10, 15, 15, 15, 15], grows);
}

const missing = (group: string, topic: TopicName, partition: number): string =>
  `Error: Could not fetch offset from zookeeper for group '${group}' partition '${topic}-${partition}' due to missing ` +
  "offset data in zookeeper.\n";
