/** What `regroup describe` does. */
import process from "node:process";
import { formatInstant, type Instant, MILLISECOND } from "../engine/time.ts";
import type { Offsets } from "../kafka/messages.ts";
import type { GroupId, Partitions, TopicName } from "../names.ts";
import { asked, describe, TOOL_TIMEOUT_MS, unanswered, unavailable } from "../report/describe.ts";
import {
  byName,
  type Described,
  type DescribeView,
  type WholeEnds,
  type WholeOffsets,
} from "../report/describe-table.ts";
import { unansweredOfOld } from "../report/describe-zookeeper.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { simulate, type RunResult } from "../simulation/simulate.ts";
import type { LogEnds } from "../simulation/world.ts";
import type { Sink, TraceHeader } from "../trace/event.ts";
import { TraceError, type TraceOutcome } from "../trace/ndjson.ts";
import { groupsAt, type GroupAt } from "../trace/readings/group-at.ts";
import { VERSION } from "../version.ts";
import { EXIT, Mistake } from "./failure.ts";
import { momentOf } from "./moment.ts";
import { readTrace } from "./trace-files.ts";

export interface DescribeOptions {
  readonly at?: string;
  readonly group?: readonly GroupId[];
  readonly view: DescribeView;
  readonly verbose: boolean;
  readonly json: boolean;
}

/**
 * Prints how the groups of a trace stood at a moment of its run; returns the exit status. Of those asked for the run never
 * has, that is told behind the others, in the tool's words (which exits with 0 all the same).
 */
export async function describeTrace(file: string, options: DescribeOptions): Promise<number> {
  const wanted = options.at === undefined ? undefined : momentOf("--at", options.at);
  const reading = groupsAt(wanted);
  const { header, end } = await readAll(file, reading);
  const at = wanted ?? end;
  if (at > end) throw new Mistake(`--at ${options.at}: the trace ends before that, at ${formatInstant(end)}`);
  const all = reading.groups();
  const unknown = (options.group ?? []).filter((id) => all.every(({ group }) => group !== id));
  const known = chosen(all, options.group);
  if (known.length > 0 || unknown.length === 0) print(known, header, at, options);
  if (unknown.length === 0) return EXIT.done;
  const errors = [...new Set(unknown)].sort(byName).map((id) => `Error: Consumer group '${id}' does not exist.`);
  throw new Mistake([...errors, `The trace has ${all.map(({ group }) => group).join(", ")}`].join("\n"));
}

function print(known: readonly GroupAt[], header: TraceHeader, at: Instant, options: DescribeOptions): void {
  const run = again(header, at);
  const groups = known.map((group) => asTold(group, header, run));
  const silentTo = (some: readonly GroupAt[]): Partitions =>
    options.view === "offsets" ? silentFor(some, header, at, run) : {};
  const silent = silentTo(groups.filter(({ state }) => state !== null));
  const endsOf = ({ group, state }: GroupAt): WholeEnds => (state === "Dead" ? {} : wholeEnds(run.ends(group)));
  const committedOf = ({ group, state, error }: GroupAt): WholeOffsets | undefined => {
    if (error) return undefined;
    const known = state === "Dead" ? {} : run.committed(group);
    return known && whole(known);
  };
  if (options.json) {
    const told = groups.map((group) => {
      const toNobody = group.state === null ? silentTo([group]) : silent;
      return {
        ...group,
        ends: endsOf(group),
        committed: committedOf(group) ?? null,
        ...(!isEmpty(toNobody) && { unanswered: toNobody }),
      };
    });
    console.log(JSON.stringify(told, null, 2));
    return;
  }
  const say = ({ out, err }: Described): void => {
    process.stderr.write(err);
    process.stdout.write(out);
  };
  if (!isEmpty(silent)) say(unanswered(silent));
  for (const group of groups) {
    if (group.state !== null && !isEmpty(silent)) continue;
    const ownSilent = group.state === null ? silentTo([group]) : {};
    if (!isEmpty(ownSilent)) {
      say(unansweredOfOld(ownSilent));
      continue;
    }
    const committed = committedOf(group);
    if (!committed) {
      say(unavailable(group));
      continue;
    }
    const offsets = { committed, ends: endsOf(group) };
    say(describe(group, offsets, options.view, options.verbose));
  }
}

/** Partitions that the tool asks for and of which no leader answers, neither at that moment nor as long as it waits. */
function silentFor(groups: readonly GroupAt[], header: TraceHeader, at: Instant, run: RunResult): Partitions {
  const all: Record<TopicName, number[]> = {};
  let later: RunResult | undefined;
  for (const group of groups) {
    const partitions =
      group.state === "Dead" || group.error ? {} : asked(group, whole(run.committed(group.group) ?? {}));
    for (const topic in partitions) {
      const now = run.silent(topic).filter((partition) => partitions[topic].includes(partition));
      if (now.length === 0) continue;
      later ??= again(header, at + TOOL_TIMEOUT_MS * MILLISECOND);
      const still = later.silent(topic);
      const found = now.filter((partition) => still.includes(partition) && !all[topic]?.includes(partition));
      if (found.length > 0) all[topic] = [...(all[topic] ?? []), ...found].sort((a, b) => a - b);
    }
  }
  return all;
}

const isEmpty = (partitions: Partitions): boolean => Object.keys(partitions).length === 0;

function whole(offsets: Offsets): WholeOffsets {
  const ofTopics = Object.entries(offsets).map(([topic, of]) => {
    const rounded = Object.entries(of).map(([partition, offset]) => [partition, wholeRecords(offset)]);
    return [topic, Object.fromEntries(rounded)];
  });
  return Object.fromEntries(ofTopics);
}

function wholeEnds(ends: LogEnds): WholeEnds {
  const ofTopics = Object.entries(ends).map(([topic, of]) => [
    topic,
    of.map((end) => (end === null ? null : wholeRecords(end))),
  ]);
  return Object.fromEntries(ofTopics);
}

/** A millionth is what sums of floats may lack. */
const wholeRecords = (offset: number): number => Math.floor(offset + 1e-6);

/**
 * The groups that were asked for, each once and in order of their names, as Kafka's tool has them (`TreeMap`). One that the
 * run has, but not at that moment, is described as Kafka's tool does it.
 */
function chosen(known: readonly GroupAt[], wanted?: readonly GroupId[]): readonly GroupAt[] {
  const those = wanted === undefined ? [...known] : known.filter(({ group }) => wanted.includes(group));
  return those.sort((a, b) => byName(a.group, b.group));
}

/**
 * What the trace does not say of a group, and its coordinator does. A stable classic one: which partitions each member has,
 * though it may not have heard of them yet, or never will (Kafka: `GroupMetadata.summary`). One of the consumer protocol in
 * which nobody prefers an assignor: the brokers' default (Kafka: `ConsumerGroup.asDescribedGroup`).
 */
function asTold(group: GroupAt, { scenario }: TraceHeader, run: RunResult): GroupAt {
  if (group.epochs) {
    const [first] = (scenario as Scenario).cluster.config["group.consumer.assignors"];
    return { ...group, assignor: group.assignor ?? first };
  }
  const assigned = group.state === "Stable" ? run.assigned(group.group) : undefined;
  if (!assigned) return group;
  const members = group.members.map((one) => ({ ...one, assigned: inOrder(assigned.get(one.member) ?? {}) }));
  return { ...group, members };
}

/** Numbers ascending, and no topic without any. */
function inOrder(partitions: Partitions): Partitions {
  const some = Object.entries(partitions).filter(([, numbers]) => numbers.length > 0);
  return Object.fromEntries(some.map(([topic, numbers]) => [topic, [...numbers].sort((a, b) => a - b)]));
}

/** Reads a trace, as far as it goes. */
async function readAll(file: string, to: Sink): Promise<TraceOutcome> {
  try {
    const outcome = await readTrace(file, to, { tolerate: "cut-off" });
    if (outcome.cutOff !== null) console.error(`${file} is not whole: ${outcome.cutOff}`);
    return outcome;
  } catch (error) {
    if (error instanceof TraceError) throw new Mistake(`${file} is not a trace: ${error.message}`);
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") throw new Mistake(`there is no file ${file}`);
    if (code === "EISDIR") throw new Mistake(`${file} is a folder; a trace is a file`);
    throw new Mistake(`${file} cannot be read: ${message}`);
  }
}

/**
 * Neither committed offsets nor the ends of logs are in a trace, which tells of a topic only what a group reads of it: the
 * run is made again up to that moment, and its brokers are asked.
 */
function again({ scenario, seed, version }: TraceHeader, at: number): RunResult {
  if (version !== VERSION)
    throw new Mistake(`the trace was written by regroup ${version}; its run cannot be made again by ${VERSION}`);
  const known = scenario as Scenario;
  const own = known.groups.find(({ assignor }) => assignor !== undefined);
  if (own) throw new Mistake(`${own.id} has an assignor of its own (${own.assignor}), whose code is not in the trace`);
  return simulate(known, { seed, until: at });
}
