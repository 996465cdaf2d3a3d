import { ofSorted } from "../metrics/expectations.ts";
import { toSeconds } from "../engine/time.ts";
import { mean, quantile, type Distribution } from "../metrics/occupancy.ts";
import type { Delivery } from "../metrics/delivery.ts";
import type { OutOfReach } from "../metrics/out-of-reach.ts";
import {
  nothingMeasured,
  type GroupSummary,
  type Levels,
  type RebalancesSummary,
  type Summary,
  type UnreadSummary,
} from "../metrics/summary.ts";
import type { Standstill, TopicSummary } from "../metrics/topics.ts";
import type { Transit } from "../metrics/transit.ts";
import { aligned, room, wrapped, type Cell } from "./columns.ts";
import { amount, counted, length, moment, percentage } from "./humane.ts";
import { missingCommits } from "./missing-commits.ts";
import { MOOT } from "./notes.ts";
import { paint, type Paint } from "./paint.ts";
import { rebalanceList } from "./rebalance-list.ts";
import { sparkline } from "./sparkline.ts";

export interface TableOptions {
  /** Off unless the reader's terminal can. */
  readonly colour?: boolean;
  /** Characters in a line. */
  readonly width?: number;
  /** The command that repeats this run. */
  readonly replay?: string;
  /** How many rebalances to list. */
  readonly rebalances?: number;
}

/** What `regroup run` prints: one run at a glance. */
export function summaryTable(summary: Summary, options: TableOptions = {}): string {
  const { colour = false, width = 96, replay, rebalances = 10 } = options;
  const tones = paint(colour);
  const { strong, faint } = tones;
  const { name, from, end } = summary;
  const nothing = nothingMeasured(summary);
  const since = from > 0 ? `, measured from ${moment(from)} on` : "";
  const measured = nothing ? ", nothing measured: the run ended in its warm-up" : since;
  const lines = [`${strong(name)}${faint(`  ${length(end)} simulated${measured}`)}`];
  for (const group of summary.groups)
    lines.push(
      "",
      ...(nothing ? finalLines(summary, group, tones, width) : groupLines(summary, group, tones, width, rebalances)),
    );
  lines.push(
    "",
    ...mootLines(summary, tones, width),
    ...topicLines(summary, tones, width),
    ...requestLines(summary, tones, width),
    ...footerLines(summary, tones, width, replay),
  );
  return lines.join("\n");
}

function groupLines(run: Summary, group: GroupSummary, tones: Paint, width: number, listed: number): string[] {
  const { produced, consumed, unread, outOfReach, rebalances, delivery } = group;
  const rate = `${amount(consumed / toSeconds(run.end - run.from))}/s`;
  const lines = [
    ...heading(run, group, tones, width, `; ${amount(produced)} records produced, ${amount(consumed)} read (${rate})`),
    ...indented(statistics(group, tones, width - 2)),
    ...(group.outages.member.length > 0
      ? [tones.faint("  coordinator unknown: how long a member knew of none that serves it, each time")]
      : []),
    standing(group, tones),
  ];
  lines.push(...prose(loadParts(group), width), ...failureLines(group, tones, width));
  if (group.outages.unfinished) lines.push(`  ${tones.bad("NO COORDINATOR")}  in the end the group had none`);
  lines.push(...prose(deliveryParts(delivery, consumed), width));
  lines.push(...prose(rebalanceParts(rebalances), width), ...prose(unreadParts(unread), width));
  if (outOfReach?.worst) lines.push(...prose(reachParts(outOfReach, outOfReach.worst), width));
  if (group.transit) lines.push(...prose(transitParts(group.transit), width));
  if (rebalances.costliest.length > 0) {
    const shown = rebalances.costliest.slice(0, listed);
    const more = rebalances.count + rebalances.unfinished - shown.length;
    lines.push("", ...indented(rebalanceList(shown, more, tones, width - 2)));
  }
  return lines;
}

/** Of a run that ended in its warm-up there is only how things stood then. */
function finalLines(run: Summary, group: GroupSummary, tones: Paint, width: number): string[] {
  const { members, lag, timeLag, overload } = group;
  const values = [`members ${members.alive.final}`, `lag ${amount(lag.final)}`, `time lag ${length(timeLag.final)}`];
  return [
    ...heading(run, group, tones, width),
    `  in the end: ${values.join(", ")}`,
    ...(overload || lag.final >= 1 ? [standing(group, tones)] : []),
    ...failureLines(group, tones, width),
  ];
}

/** What its numbers are of: all topics that the group has read, those too that it has left or that are gone. */
function heading(run: Summary, group: GroupSummary, { strong, faint }: Paint, width: number, flow = ""): string[] {
  const all = [...group.topics, ...group.formerTopics];
  const named = all.map((name) => {
    const partitions = run.topics.find(({ topic }) => topic === name)?.partitions ?? 0;
    const notes = [
      group.formerTopics.includes(name) && "unsubscribed",
      partitions === 0 && "not there in the end",
    ].filter((note) => note !== false);
    return { partitions, name: notes.length > 0 ? `${name} (${notes.join(", ")})` : name };
  });
  const each = named.map(({ partitions, name }) => (all.length > 1 ? `${partitions} of ${name}` : name)).join(", ");
  const what = all.length > 3 ? ` of ${counted(all.length, "topic")}` : `${all.length > 1 ? ":" : " of"} ${each}`;
  const of = `${counted(group.partitions, "partition")}${what}`;
  const [first, ...more] = wrapped(`${group.group}  ${of}${flow}`.split(" "), width, 4, 1);
  return [strong(group.group) + faint(first.slice(group.group.length)), ...more.map(faint)];
}

/** Whether the group keeps up, as far as the end of the run tells. */
function standing({ overload, lag, produced, consumed, delivery }: GroupSummary, tones: Paint): string {
  const { warn, bad } = tones;
  if (overload) {
    const { clients, growth } = overload;
    const who = clients.length > 3 ? counted(clients.length, "member") : clients.join(", ");
    const get = clients.length > 1 ? "get more than they" : "gets more than it";
    // Once retention overtakes it, what it does not get to is lost rather than waiting.
    const overtaken = (delivery.lostBy["out-of-range"] ?? 0) > 0;
    const then = overtaken
      ? `, by ${amount(growth)}/s, until retention takes what it has not read`
      : `; the lag grows by ${amount(growth)}/s`;
    return `  ${bad("OVERLOADED")}  ${who} ${get} can take${then}`;
  }
  if (lag.final < 1) return `  ${keptUp(produced, consumed, delivery.lost, tones)}`;
  const left = amount(lag.final);
  return `  ${warn("behind")}  ${left} ${left === "1" ? "record waits" : "records wait"} in the end`;
}

/** Nothing waits: as all was read, or as there was nothing to read, or is nothing any more. */
function keptUp(produced: number, consumed: number, lost: number, { good, bad, faint }: Paint): string {
  const isLost = amount(lost) !== "0";
  if (amount(consumed) !== "0")
    return `${good("kept up")}  everything produced was read in the end${isLost ? ", but for what is lost" : ""}`;
  if (isLost) return `${bad("NOTHING READ")}  all that waited is lost`;
  return amount(produced) === "0"
    ? faint("nothing was produced, so there was nothing to read")
    : faint("nothing was read");
}

/** Members, lag, time lag, rebalances and outages, if any: the same statistics of each, one below the other. */
function statistics(
  { members, lag, timeLag, endToEnd, latency, rebalances, outages }: GroupSummary,
  { faint, strong }: Paint,
  width: number,
) {
  const row = (name: string, values: readonly string[], shape = ""): Cell[] => [
    { text: name, paint: strong },
    ...values.map((text) => ({ text })),
    { text: shape, paint: faint },
  ];
  const lengths = (durations: readonly number[]): string[] => [
    ...["mean", "p50", "p95", "p99", "max"].map((statistic) => {
      const value = ofSorted(durations, statistic);
      return value === undefined ? "–" : length(value);
    }),
    "",
  ];
  const outage = (name: string, durations: readonly number[]): Cell[][] =>
    durations.length > 0 ? [row(name, lengths(durations))] : [];
  const head = ["", "mean", "p50", "p95", "p99", "max", "end", ""].map((text) => ({ text, paint: faint }));
  const rows = (width: number) => [
    head,
    row("members", levelValues(members.alive), sparkline(members.curve, width)),
    row("lag", [...values(lag.distribution, amount), amount(lag.final)], sparkline(lag.curve, width)),
    row("time lag", [...values(timeLag.distribution, length), length(timeLag.final)], sparkline(timeLag.curve, width)),
    ...(endToEnd ? [row("end to end", [...values(endToEnd, length), ""])] : []),
    ...(latency ? [row("latency", [...values(latency.inSystem, length), ""])] : []),
    row("rebalance", lengths(rebalances.durations)),
    ...outage("coordinator outage", outages.coordinator),
    ...outage("coordinator unknown", outages.member),
  ];
  const shape = room(rows(0), 7, width);
  return aligned(rows(shape < 8 ? 0 : shape), [
    { align: "left" },
    ...Array.from({ length: 6 }, () => ({ align: "right" as const })),
    { align: "left" },
  ]);
}

function values(distribution: Distribution, write: (value: number) => string): string[] {
  const quantiles = [0.5, 0.95, 0.99, 1].map((share) => quantile(distribution, share));
  return [mean(distribution), ...quantiles].map(write);
}

function levelValues({ values, lengths, mean, max, final }: Levels): string[] {
  const whole = lengths.reduce((sum, length) => sum + length, 0);
  const at = (share: number) => {
    let rest = share * whole;
    return values[lengths.findIndex((length) => (rest -= length) <= 0)] ?? max;
  };
  return [amount(mean), ...[at(0.5), at(0.95), at(0.99), max, final].map((value) => `${value}`)];
}

function loadParts({ load: { mean, max, idle }, utilisation }: GroupSummary): string[] {
  const each = amount(mean);
  const parts = [`${each} ${each === "1" ? "partition" : "partitions"} a member, at most ${amount(max)}`];
  if (utilisation !== null) parts.push(`${percentage(utilisation)} of their capacity used`);
  if (idle.mean >= 0.05) parts.push(`${amount(idle.mean)} members without any, on average`);
  return parts;
}

function failureLines({ failures }: GroupSummary, { bad }: Paint, width: number): string[] {
  if (failures.length === 0) return [];
  const what = `  ${bad("FAILED")}  ${counted(failures.length, "member")} ended by an exception:`;
  const errors = [...new Set(failures.map(({ error }) => error))];
  const parts = errors.map((one) => {
    const [{ client, at }, ...more] = failures.filter(({ error }) => error === one);
    const why = Object.hasOwn(WHY_FAILED, one) ? ` (${WHY_FAILED[one]})` : "";
    const who = more.length > 0 ? `${more.length + 1} of them, ${client} first` : client;
    return `${one}${why}, ${who} at ${moment(at)}`;
  });
  return wrapped([what, ...joined(parts, ";").flatMap((part) => part.split(" "))], width, 4, 1);
}

/** What is behind some errors, where their names do not say it. */
const WHY_FAILED: Readonly<Record<string, string>> = {
  NO_OFFSET_FOR_PARTITION: "nothing was committed, and auto.offset.reset is none",
  OFFSET_OUT_OF_RANGE: "what it was to read is no longer there, and auto.offset.reset is none",
};

function rebalanceParts({ count, unfinished, byCause, share, failedAttempts }: RebalancesSummary): string[] {
  const named = (kind: string): string => (kind === "topics" ? "change of topics" : kind.replace("-", " "));
  const causes = Object.entries(byCause).map(([kind, number]) => `${number} ${named(kind)}`);
  const parts = [counted(count, "rebalance") + (causes.length > 0 ? ` (${causes.join(", ")})` : "")];
  if (unfinished > 0) parts.push(`${unfinished} unfinished`);
  if (failedAttempts > 0) parts.push(counted(failedAttempts, "failed attempt"));
  if (count + unfinished > 0) parts.push(`under way ${percentage(share)} of the time`);
  return parts;
}

/** What was read twice and what never, and what is to blame. */
function deliveryParts(delivery: Delivery, consumed: number): string[] {
  const { duplicates, aside, lost, duplicatesBy, lostBy, exactlyOnce } = delivery;
  if (duplicates === 0 && lost === 0)
    return [amount(consumed) === "0" ? "no record was read" : "every record read was read once"];
  const because = (by: Readonly<Record<string, number>>) => {
    const reasons = Object.entries(by).map(([reason, records]) => `${amount(records)} ${reason.replaceAll("-", " ")}`);
    return reasons.length > 0 ? ` (${reasons.join(", ")})` : "";
  };
  const readAside = aside >= 1 ? `, ${amount(aside)} of them read aside` : "";
  return [
    `${amount(duplicates)} ${amount(duplicates) === "1" ? "duplicate" : "duplicates"}${because(duplicatesBy)}${readAside}`,
    `${amount(lost)} lost${because(lostBy)}`,
    `exactly once: ${exactlyOnce === null ? "–" : percentage(exactlyOnce)} of all processed or lost`,
  ];
}

function unreadParts({ partitionSeconds, worst }: UnreadSummary): string[] {
  const parts = [`${amount(partitionSeconds)} partition-seconds without a reader`];
  if (worst) {
    const { topic, partition, from, to } = worst;
    parts.push(`${topic}-${partition} the longest: ${length(to - from)} from ${moment(from)} on`);
  }
  return parts;
}

/** What somebody was there to read, and could not: that is not what the group is to blame for. */
function reachParts({ partitionSeconds }: OutOfReach, worst: NonNullable<OutOfReach["worst"]>): string[] {
  const { topic, partition, from, to } = worst;
  return [
    `${amount(partitionSeconds)} partition-seconds with a reader that got nothing`,
    `${topic}-${partition} the longest: ${length(to - from)} from ${moment(from)} on (${inItsWay(worst)})`,
  ];
}

function inItsWay({ client, obstacle }: NonNullable<OutOfReach["worst"]>): string {
  switch (obstacle.kind) {
    case "cut":
      return `${client} cut off from its leader, broker ${obstacle.broker}`;
    case "leader-dead":
      return `its leader, broker ${obstacle.broker}, was dead`;
    case "no-leader":
      return "it had no leader";
    case "unheard":
      return `${client} had not found its leader`;
  }
}

/** What the figures above leave out, so that nobody takes them for all. */
function transitParts({ readers, client, broker, topic, partition, from, least, most, records }: Transit): string[] {
  const whose = readers > 1 ? `${counted(readers, "member")} read` : `${client} reads`;
  const way = `${client} has ${topic}-${partition} from broker ${broker}, from ${moment(from)} on`;
  return [
    `${whose} over slow links, which lag and ages above leave out`,
    `${readers > 1 ? `the slowest: ${way}` : way}`,
    `a record is under way for ${length(least)} to ${length(most)}, and up to ${amount(records)} of a partition at once`,
    "with flow: records they count",
  ];
}

/** Parts of a sentence, indented, on one line if it is wide enough. */
function prose(parts: readonly string[], width: number): string[] {
  const words = joined(parts, ";");
  return wrapped([`  ${words[0]}`, ...words.slice(1)], width, 4, 1);
}

/** So many are listed of what did nothing; a scenario that has more of it has something wrong with it altogether. */
const MOOT_SHOWN = 5;

/** What the scenario wants and did not get. */
function mootLines({ moot }: Summary, { strong, faint }: Paint, width: number): string[] {
  if (moot.length === 0) return [];
  const title = `${strong("events")}${faint(`  ${MOOT}`)}`;
  const shown = moot
    .slice(0, MOOT_SHOWN)
    .flatMap(({ at, why }) => wrapped([`  ${moment(at)}`, ` ${why}`], width, 4, 1));
  const more = moot.length - MOOT_SHOWN;
  return [title, ...shown, ...(more > 0 ? [faint(`  and ${more} more`)] : []), ""];
}

/** What became of records that should have been produced, where they were not simply written, and there to be read. */
function topicLines({ topics }: Summary, { strong, faint }: Paint, width: number): string[] {
  const lines = topics.flatMap((topic) => {
    const sentences = [balanceParts(topic), heldParts(topic), standstillParts(topic)].filter(
      ({ length }) => length > 0,
    );
    const indent = Math.min(topic.topic.length + 4, 24);
    return sentences.flatMap((words, i) =>
      wrapped(
        [(i === 0 ? `  ${topic.topic}  ` : " ".repeat(indent)) + words[0], ...words.slice(1)],
        width,
        indent + 2,
        1,
      ),
    );
  });
  const title = `${strong("production")}${faint("  over the whole run, where it was not simply written and read")}`;
  return lines.length > 0 ? [title, ...lines, ""] : [];
}

/** All that was to be written adds up. */
function balanceParts(topic: TopicSummary): string[] {
  const { written, expired, unsent, repeated, truncated, unacknowledged, waiting } = topic;
  const taken = unacknowledged ? "sent (acks 0: never acknowledged)" : "acknowledged";
  const rest = [
    unsent >= 1 && `${amount(unsent)} never sent`,
    expired >= 1 && `${amount(expired)} given up by the producers`,
    truncated >= 1 && `${amount(truncated)} ${taken} and gone with a leader`,
    waiting >= 1 && `${amount(waiting)} in flight in the end`,
  ].filter((part) => part !== false);
  if (rest.length === 0 && repeated < 1) return [];
  const once = written - repeated;
  const twice = repeated >= 1 ? ` (${amount(repeated)} of them twice)` : "";
  const asked = amount(once + expired + unsent + truncated + waiting);
  return joined([`${asked} records were to be written: ${amount(once)} were${twice}`, ...rest], ",");
}

/** No group is to blame for the lag when that comes all at once. */
const heldParts = ({ held }: TopicSummary): string[] =>
  held > 0 ? [`producers had to hold records back, for ${length(held)} at most`] : [];

function standstillParts({ topic, standstill }: TopicSummary): string[] {
  if (!standstill) return [];
  const { partition, from, to } = standstill.longest;
  return joined(
    [
      `nothing new could be read of ${counted(standstill.partitions, "partition")}`,
      `${topic}-${partition} the longest: ${length(to - from)} from ${moment(from)} on (${whyItStood(standstill.longest)})`,
    ],
    ";",
  );
}

function whyItStood({ waitsFor, overruled }: Standstill["longest"]): string {
  if (overruled !== undefined) return `broker ${overruled} did not know that it led no more`;
  if (waitsFor.length === 0) return "too few copies counted";
  const brokers = waitsFor.length > 1 ? `brokers ${waitsFor.join(" and ")}` : `broker ${waitsFor[0]}`;
  return `a copy on ${brokers} did not follow`;
}

const joined = (parts: readonly string[], by: string): string[] =>
  parts.map((part, i) => (i < parts.length - 1 ? part + by : part));

function requestLines({ brokers, uncountedCommits }: Summary, { strong, faint }: Paint, width: number): string[] {
  const served = brokers.filter(({ requests }) => Object.keys(requests).length > 0);
  if (served.length === 0) return [];
  const shown = served.slice(0, 8);
  const lines = shown.flatMap(({ broker, requests, offsets }) => {
    const counts = Object.entries(requests).sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
    const name = `  broker ${broker}`;
    const parts = [
      ...counts.map(([api, number]) => `${api} ${amount(number)}`),
      ...(offsets > 0 ? [`offsets written ${amount(offsets)}`] : []),
    ];
    return wrapped([name, ...parts], width, name.length + 2);
  });
  const more = served.length - shown.length;
  return [
    `${strong("requests received")}${faint("  by coordinators, heartbeats included")}`,
    ...missingCommits(uncountedCommits).flatMap((note) => wrapped([" ", ...note.split(" ")], width, 2, 1).map(faint)),
    ...lines,
    ...(more > 0 ? [faint(`  and by ${counted(more, "more broker")}`)] : []),
    "",
  ];
}

function footerLines({ seed, fingerprint, events }: Summary, { faint, strong }: Paint, width: number, replay?: string) {
  const print = fingerprint === null ? "" : ` · trace ${fingerprint} (${counted(events!, "event")})`;
  const repeat = replay === undefined ? "" : `replay: ${replay}`;
  const oneLine = `seed ${seed}${print} · ${repeat}`.length <= width;
  const first = `${faint("seed")} ${strong(seed)}${faint(print)}`;
  if (repeat === "") return [first];
  return oneLine ? [`${first}${faint(" · ")}${repeat}`] : [first, repeat];
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => (line === "" ? "" : `  ${line}`));
}
