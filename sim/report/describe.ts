/**
 * What `kafka-consumer-groups.sh --describe` prints, title for title and space for space as Kafka 4.1 has it. Source:
 * `org.apache.kafka.tools.consumer.group.ConsumerGroupCommand`. Two things no simulation can know are filled in: a
 * client's host is named as the client is, and brokers listen at `broker-<id>:9092`.
 */
import type { BrokerId, Partitions, TopicName } from "../names.ts";
import type { GroupAt, MemberAt } from "../trace/readings/group-at.ts";
import {
  byName,
  count,
  type Described,
  type DescribeView,
  type GroupOffsets,
  NONE,
  table,
  type WholeOffsets,
} from "./describe-table.ts";
import { describeRegistered } from "./describe-zookeeper.ts";

/** One group, as one of the tool's views shows it. */
export function describe(group: GroupAt, known: GroupOffsets, view: DescribeView, verbose: boolean): Described {
  if (group.state === "Dead") return { out: "", err: `\nError: Consumer group '${group.group}' does not exist.\n` };
  if (group.state === null) return describeRegistered(group, known, view);
  const out = TABLES[view](group, known, verbose);
  return { out, err: remark(group) };
}

/** A group of which nobody can tell anything: its coordinator loads it, or is gone. */
export function unavailable({ group, coordinator, error }: GroupAt): Described {
  const why = error === "COORDINATOR_LOAD_IN_PROGRESS" ? `: broker ${coordinator} is loading the group (${error})` : "";
  return { out: "", err: `\nError: the coordinator of group '${group}' is not available${why}.\n` };
}

/** How long the tool waits for an answer. Kafka: `--timeout`, in milliseconds. */
export const TOOL_TIMEOUT_MS = 5000;

/** Whose log ends the tool asks for: partitions of members, and those of which something is committed. */
export function asked({ members }: GroupAt, committed: WholeOffsets): Partitions {
  const all = new Map<TopicName, Set<number>>();
  const add = (topic: TopicName, partitions: readonly number[]): void =>
    void all.set(topic, new Set([...(all.get(topic) ?? []), ...partitions]));
  for (const { assigned } of members) for (const topic in assigned) add(topic, assigned[topic]);
  for (const topic in committed) add(topic, Object.keys(committed[topic]).map(Number));
  return Object.fromEntries([...all].map(([topic, of]) => [topic, [...of].sort((a, b) => a - b)]));
}

/**
 * What becomes of the whole command, whatever groups it asks for, if one of these partitions' leaders does not answer in
 * time: it waits for all of them. Kafka: `getLogOffsets`, `listOffsets(…).all().get()`.
 */
export function unanswered(partitions: Partitions): Described {
  const names = Object.keys(partitions)
    .sort(byName)
    .flatMap((topic) => partitions[topic].map((partition) => `${topic}-${partition}`));
  const error = "org.apache.kafka.common.errors.TimeoutException";
  const ends = names.length === 1 ? "ends: its leader is dead" : "end: their leaders are dead";
  const why = `in ${TOOL_TIMEOUT_MS} ms nobody says where ${names.join(" ")} ${ends}, and not yet given up`;
  // The tool prints a stack trace behind it.
  return { out: "", err: `\nError: Executing consumer group command failed due to ${error}\n(${why})\n` };
}

function remark({ group, state }: GroupAt): string {
  if (state === "Empty") return `\nConsumer group '${group}' has no active members.\n`;
  return state === "Stable" ? "" : `\nWarning: Consumer group '${group}' is rebalancing.\n`;
}

const TABLES: Readonly<Record<DescribeView, (group: GroupAt, known: GroupOffsets, verbose: boolean) => string>> = {
  offsets,
  members,
  state: states,
};

/**
 * A row a partition: those of members with many first; last, those that are nobody's but have a committed offset, be it of
 * a topic that the group has left. Kafka: `collectGroupsOffsets`.
 */
function offsets({ group, members }: GroupAt, { committed, ends }: GroupOffsets, verbose: boolean): string {
  const rows: (readonly string[])[] = [];
  const assigned = new Set<string>();
  const row = (topic: TopicName, partition: number, who: readonly [string, string, string]): void => {
    const offset = committed[topic]?.[partition];
    const end = ends[topic]?.[partition] ?? undefined;
    const lag = offset === undefined || end === undefined ? NONE : String(end - offset);
    const epoch = verbose ? [NONE] : []; // Kafka: that of `OffsetAndMetadata`; which batch was written under which leader is not modelled
    rows.push([group, topic, String(partition), ...epoch, String(offset ?? NONE), String(end ?? NONE), lag, ...who]);
  };
  const most = members.map((member) => [member, count(member)] as const).sort(([, a], [, b]) => b - a);
  for (const [{ member, client, assigned: of }] of most) {
    for (const topic of Object.keys(of).sort(byName)) {
      for (const partition of of[topic]) {
        assigned.add(`${topic} ${partition}`);
        row(topic, partition, [member, hostOf(client), client]);
      }
    }
  }
  for (const topic of Object.keys(committed).sort(byName)) {
    const numbers = Object.keys(committed[topic]).map(Number);
    for (const partition of numbers.sort((a, b) => a - b)) {
      if (!assigned.has(`${topic} ${partition}`)) row(topic, partition, [NONE, NONE, NONE]);
    }
  }
  if (rows.length === 0) return "";
  const titles = ["GROUP", "TOPIC", "PARTITION", ...(verbose ? ["LEADER-EPOCH"] : [])];
  titles.push("CURRENT-OFFSET", "LOG-END-OFFSET", "LAG", "CONSUMER-ID", "HOST", "CLIENT-ID");
  const least = verbose ? [15, 15, 10, 15, 15, 15, 15, 15, 15] : [15, 15, 10, 15, 15, 15, 15, 15];
  const grows = new Set(["GROUP", "TOPIC", "CONSUMER-ID", "HOST"]);
  return table(titles, rows, least, grows);
}

function members({ group, members, epochs }: GroupAt, _: GroupOffsets, verbose: boolean): string {
  const instances = members.some(({ instance }) => instance !== undefined);
  const rows = members.map((one) => [
    group,
    one.member,
    ...(instances ? [one.instance ?? ""] : []),
    hostOf(one.client),
    one.client,
    String(count(one)),
    ...(verbose ? [...epochAnd(one.epoch, one.assigned), ...epochAnd(epochs?.target, one.target)] : []),
  ]);
  const titles = ["GROUP", "CONSUMER-ID", ...(instances ? ["GROUP-INSTANCE-ID"] : []), "HOST", "CLIENT-ID"];
  titles.push("#PARTITIONS");
  const least = [15, 15, ...(instances ? [17] : []), 15, 15, 15];
  if (verbose) {
    titles.push("CURRENT-EPOCH", "CURRENT-ASSIGNMENT", "TARGET-EPOCH", "TARGET-ASSIGNMENT");
    least.push(15, 20, 15, 20);
  } else {
    titles.push(""); // the tool leaves a space behind the last column
  }
  const grows = new Set(["GROUP", "CONSUMER-ID", "GROUP-INSTANCE-ID", "HOST", "CLIENT-ID"]);
  grows.add("CURRENT-ASSIGNMENT").add("TARGET-ASSIGNMENT"); // the last column is padded, too
  const padded = verbose ? rows : rows.map((row) => [...row, ""]);
  return table(titles, padded, least, grows);
}

function states({ group, coordinator, assignor, state, members, epochs }: GroupAt, _: GroupOffsets, verbose: boolean) {
  const strategy = assignor ?? NONE;
  const counted = verbose ? [String(epochs?.group ?? NONE), String(epochs?.target ?? NONE)] : [];
  const row = [group, brokerAt(coordinator), strategy, state ?? NONE, ...counted, String(members.length)];
  const titles = ["GROUP", "COORDINATOR (ID)", "ASSIGNMENT-STRATEGY", "STATE"];
  titles.push(...(verbose ? ["GROUP-EPOCH", "TARGET-ASSIGNMENT-EPOCH"] : []), "#MEMBERS");
  return table(titles, [row], [15, 25, 20, 20, ...(verbose ? [15, 25] : [])], new Set(["GROUP", "COORDINATOR (ID)"]));
}

/** Only groups of the consumer protocol (KIP-848) have epochs, and targets. */
const epochAnd = (epoch: number | undefined, assignment: MemberAt["assigned"] = {}): readonly string[] => [
  String(epoch ?? NONE),
  textOf(assignment),
];

/** Kafka: `getAssignmentString`. */
function textOf(assigned: MemberAt["assigned"]): string {
  const topics = Object.keys(assigned).sort(byName);
  return topics.length === 0 ? NONE : topics.map((topic) => `${topic}:${assigned[topic].join(",")}`).join(";");
}

const hostOf = (client: string): string => `/${client}`;

const brokerAt = (broker: BrokerId | null): string => (broker === null ? NONE : `broker-${broker}:9092  (${broker})`);
