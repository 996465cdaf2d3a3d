/**
 * An event as one line for people: when, who, what, and what else is to be said.
 *
 *      20.000s  a      crashed
 *      28.007s  group  expired a                                     silent for 10 s
 *      28.007s  group  Stable → PreparingRebalance                   session expired
 *      30.008s  b      ← REBALANCE_IN_PROGRESS
 *      30.008s  b      revoked orders-2 orders-3
 *      30.008s  b      → JoinGroup
 *      30.012s  b      assigned orders-0 orders-1 orders-2 orders-3  generation 2
 *
 * **Who**: a client by its name; `group` for what its coordinator did (by name where there are several groups);
 * `broker 2`; `cluster` for who leads what; `net` for cuts and slow links; `scenario` for the hand of the scenario or of chance; `lag` for the fluid.
 *
 * **What**: Kafka's own words (states, requests, errors) as Kafka writes them, all others in plain English. `→` before
 * a request: it was sent; `←` before an error: it was the answer; `→` between two names leads from the old to the new.
 * Of a list of more than a dozen partitions, runs are drawn together (`orders-0…99`).
 *
 * **What else**: the reason, with spaces instead of hyphens, or what makes the line unambiguous. An answer without the
 * name of its request is one to a heartbeat, the request that is answered most often. The long form (`verbose`) adds
 * the rest: who caused it, member ids, generations, brokers, lengths of time. Ids and causes are left to the trace.
 *
 * The columns do not depend on neighbouring lines, so that one event more in a story is one line more in its diff; a
 * name too long for its column pushes only its own line out.
 */
import { formatDuration, formatInstant, type Duration, type Instant } from "../engine/time.ts";
import type { BrokerId, Generation, MemberId, Partitions } from "../names.ts";
import type { Happening, ProcessState, TopicChanged, TraceEvent } from "./event.ts";

/** An event in words. */
export interface EventText {
  readonly who: string;
  readonly what: string;
  /** "" if there is nothing more to say. */
  readonly detail: string;
}

/** How events are put into words. */
export interface TextOptions {
  /** Say all there is to say. */
  readonly verbose?: boolean;
  /** With several groups each is called by its name. */
  readonly severalGroups?: boolean;
  /** Room for who. */
  readonly whoWidth?: number;
}

const WHEN_WIDTH = 8;
const WHO_WIDTH = 5;
const WHAT_WIDTH = 44;

/** One line, without a newline. */
export function eventLine(event: TraceEvent, options: TextOptions = {}): string {
  return textLine(event.t, eventText(event, options), options);
}

/** What is not an event, in the same columns. */
export function textLine(t: Instant, { who, what, detail }: EventText, options: TextOptions = {}): string {
  const columns = [
    formatInstant(t).padStart(WHEN_WIDTH),
    who.padEnd(options.whoWidth ?? WHO_WIDTH),
    what.padEnd(WHAT_WIDTH),
    detail,
  ];
  return columns.join("  ").trimEnd();
}

/**
 * Whether an event belongs into the short form of a story: what the scenario did, who lives and dies, who came into
 * the group and who went, its states, who asked to join or leave, refusals, and who got which partitions.
 */
export function isMain(event: TraceEvent | Happening): boolean {
  switch (event.type) {
    case "scenario.event":
    case "client.coordinator":
    case "client.busy":
    case "client.frozen":
    case "client.committing":
    case "client.failed":
    case "client.refused":
    case "partition.owner":
    case "group.state":
    case "group.epoch":
    case "group.reconciled":
    case "broker.state":
    case "network.link":
    case "coordinator.state":
    case "controller.changed":
    case "request.dropped":
    case "partition.truncated":
    case "topic.changed":
    case "topic.trimmed":
    case "group.subscribed":
    case "records.reread":
    case "records.spared":
    case "records.lost":
    case "records.found":
      return true;
    case "client.process":
      return event.to !== "Starting";
    case "group.member":
      return MAIN_CHANGES.has(event.change);
    case "group.window":
      return event.kind !== "barrier";
    case "request.sent":
      return MAIN_REQUESTS.includes(event.api);
    case "request.answered":
      return event.error !== "NONE";
    case "client.state":
    case "client.commit":
    case "client.commits":
    case "client.rejoin":
    case "partition.reading":
    case "group.join-complete":
    case "group.leader":
    case "group.assignment":
    case "partition.leader":
    case "partition.watermark":
    case "broker.served":
    case "topic.producers":
    case "topic.flushed":
    case "topic.produced":
    case "lag":
    case "records.polled":
    case "records.beside":
    case "record.done":
    case "heartbeat":
      return false;
  }
}

/** By which somebody comes or goes. */
const MAIN_CHANGES: ReadonlySet<string> = new Set(["added", "replaced", "away", "removed"]);

/** Those that are about coming and going; healthy heartbeats of the consumer protocol are not written at all. */
const MAIN_REQUESTS: readonly string[] = ["JoinGroup", "LeaveGroup", "ConsumerGroupHeartbeat"];

/** What else is to be said; what is not so is left out. */
type Details = readonly (string | false | undefined)[];

/** An event in words. */
export function eventText(
  event: TraceEvent | Happening,
  { verbose = false, severalGroups = false }: TextOptions = {},
): EventText {
  const own = "deposed" in event && event.deposed !== undefined && `only at broker ${event.deposed}, deposed`;
  const text = (who: string, what: string, details: Details = [], more: Details = []): EventText => {
    const said = [...details, ...(verbose ? [...more, own] : [])].filter((detail) => detail);
    return { who, what, detail: said.join(", ") };
  };
  const group = "group" in event && severalGroups ? event.group : "group";

  switch (event.type) {
    case "scenario.event":
      return text("scenario", event.text, [event.origin === "chance" && "by chance"], [event.subject]);

    case "client.process":
      return text(event.client, BECAME[event.to], [], [words(event.reason)]);
    case "client.state":
      return text(
        event.client,
        `${event.from} → ${event.to}`,
        [words(event.reason), event.attempt !== undefined && `attempt ${event.attempt}`],
        [as(event.member), generation(event.generation)],
      );
    case "client.commit":
      return text(event.client, `commit: ${words(event.result)}`, [words(event.purpose)]);
    case "client.commits": {
      const { client, answered, timed, took, longest } = event;
      const average = `${time(Math.round(took / timed))} on average`;
      const times = timed === 0 ? [] : [average, `${time(longest)} at most`];
      return text(client, `${count(answered, "regular commit")} answered`, times);
    }
    case "client.failed":
      return text(event.client, "its application got an exception", [], [event.error]);
    case "client.rejoin":
      return text(event.client, "is to join again", [words(event.reason)]);
    case "client.refused":
      return text(
        event.client,
        `may not have ${partitionNames(event.partitions)} yet`,
        [event.holders.length > 0 ? `owned by ${event.holders.join(", ")}` : "let go just now"],
        [`attempt ${event.attempt}`],
      );
    case "client.coordinator":
      return event.broker === null
        ? text(event.client, "lost its coordinator", [words(event.reason)])
        : text(event.client, `found its coordinator, ${broker(event.broker)}`, [], [words(event.reason)]);
    case "client.busy":
      return event.busy
        ? text(event.client, "is stuck in a batch", [event.lasts !== undefined && `for ${time(event.lasts)}`])
        : text(event.client, "is through with the batch");

    case "client.frozen":
      return event.frozen
        ? text(event.client, "is stopped", [event.lasts !== undefined && `for ${time(event.lasts)}`])
        : text(event.client, "goes on");
    case "client.committing":
      return text(event.client, event.committing ? "waits for its commit" : "goes on after its commit");

    case "request.sent":
      return text(
        event.client,
        `→ ${event.api}`,
        [event.api === "ConsumerGroupHeartbeat" && `epoch ${event.generation}`],
        [as(event.member), generation(event.generation), `to ${broker(event.broker)}`, `request ${event.request}`],
      );
    case "request.answered":
      return text(
        event.client,
        `← ${event.error}`,
        [event.api !== "Heartbeat" && event.api],
        [generation(event.generation), `request ${event.request}`, `after ${time(event.took)}`],
      );
    case "request.dropped":
      return text(
        event.client,
        `${event.api} will never be answered`,
        [words(event.reason)],
        [`request ${event.request}`],
      );

    case "partition.owner": {
      const what = `${event.how} ${partitionNames(event.partitions)}`;
      const of = generation(event.generation);
      return event.how === "assigned" ? text(event.client, what, [of]) : text(event.client, what, [], [of]);
    }
    case "partition.reading": {
      const what = `${event.reading ? "reads" : "stopped reading"} ${partitionNames(event.partitions)}`;
      return text(event.client, what, [words(event.reason)]);
    }

    case "records.reread": {
      const { topic, partitions, from, records, inHand, reason, aside } = event;
      const some = count(sumOf(records, partitions), "record");
      return text(
        event.client,
        aside ? `has read ${some} on its own account` : `reads ${some} again`,
        [words(reason)],
        [
          `${partitionNames({ [topic]: partitions })} from ${column(from)} on`,
          !aside && sumOf(inHand, partitions) > 0 && `${column(inHand)} were still in hand`,
        ],
      );
    }
    case "records.spared":
    case "records.lost":
    case "records.found": {
      const { type, topic, partitions, from, records, reason } = event;
      const some = count(sumOf(records, partitions), "record");
      const what = {
        "records.spared": `does not read ${some} again after all`,
        "records.lost": `never reads ${some}`,
        "records.found": `reads ${some} that seemed lost`,
      };
      const where = `${partitionNames({ [topic]: partitions })} from ${column(from)} on`;
      return text(event.client ?? group, what[type], [words(reason)], [where]);
    }

    case "records.beside": {
      const { client, topic, partitions, from, records } = event;
      const some = count(sumOf(records, partitions), "record");
      const where = `${partitionNames({ [topic]: partitions })} from ${column(from)} on`;
      return text(client ?? group, `processes ${some} beside its group`, [], [where]);
    }

    case "group.state": {
      const by = event.client ?? event.member;
      return text(
        group,
        `${event.from} → ${event.to}`,
        [words(event.reason)],
        [by !== undefined && `by ${by}`, generation(event.generation)],
      );
    }
    case "group.member": {
      const { client, member, instance, change, reason, silentFor } = event;
      const more = [member !== client && `member ${member}`, instance !== undefined && `instance ${instance}`];
      switch (change) {
        case "pending":
          return text(group, `gave ${client} the id ${member}`, [words(reason)]);
        case "added":
          return text(group, `added ${client}`, [], [words(reason), ...more]);
        case "updated":
          return text(group, `${client} joined again`, [words(reason)], more);
        case "rejoined":
          return text(group, `${client} joined again`, [], [words(reason), ...more]);
        case "away":
          return text(group, `keeps the seat of ${instance ?? client}`, [words(reason)], more);
        case "replaced":
          return text(group, `gave ${client} the seat of ${instance ?? "its instance"}`, [words(reason)], more);
        case "restored":
          return text(group, `restored ${client}`, [], [words(reason), ...more]);
        case "removed":
          return reason === "session-expired"
            ? text(
                group,
                `expired ${client}`,
                [silentFor === undefined ? "silent" : `silent for ${time(silentFor)}`],
                more,
              )
            : text(group, `removed ${client}`, [words(reason)], more);
      }
    }
    case "group.window": {
      const { kind, delay, remaining } = event;
      return text(group, `${WINDOW[kind]} ${time(delay)}`, [
        remaining !== undefined && `${time(remaining)} left to extend it`,
      ]);
    }
    case "group.join-complete": {
      const { members, how, waited, leader, protocolName, slowest, slowestClient, evicted, absent } = event;
      return text(
        group,
        `generation ${event.generation} of ${count(members, "member")}`,
        [
          `${words(how)} after ${time(waited)}`,
          slowest !== undefined && `last ${slowestClient ?? slowest}`,
          evicted.length > 0 && `evicted ${evicted.join(" ")}`,
          absent.length > 0 && `absent ${absent.join(" ")}`,
        ],
        [leader !== undefined && `leader ${leader}`, protocolName !== undefined && `assignor ${protocolName}`],
      );
    }
    case "group.leader":
      return text(group, `leader ${event.from ?? "nobody"} → ${event.to ?? "nobody"}`, [words(event.reason)]);
    case "group.epoch":
      return text(group, `epoch ${event.generation}`, [words(event.reason)], [event.client && `by ${event.client}`]);
    case "group.reconciled": {
      const { client, state, granted, revoking, released } = event;
      const some = (what: string, partitions: Partitions): string | false =>
        Object.keys(partitions).length > 0 && `${what} ${partitionNames(partitions)}`;
      return text(
        group,
        `${client} is ${state} in epoch ${event.generation}`,
        [some("gets", granted), some("is to give up", revoking), some("has given up", released)],
        [as(event.member)],
      );
    }
    case "group.assignment":
      return text(
        event.client,
        `assigned ${count(event.partitions, "partition")} to ${count(event.members, "member")}`,
        [event.assignor, generation(event.generation)],
        [`in ${time(event.took)}`],
      );

    case "broker.state":
      return text(broker(event.broker), `${event.from} → ${event.to}`, [words(event.reason)]);
    case "network.link": {
      const [from, to] = [party(event.from), event.to === null ? "everybody else" : party(event.to)];
      return text(
        "net",
        `${LINK[event.state]} ${event.oneWay ? `from ${from} to ${to}` : `between ${from} and ${to}`}`,
      );
    }
    case "coordinator.state":
      return text(broker(event.broker), `coordinator of offsets ${event.partition}: ${event.from} → ${event.to}`, [
        words(event.reason),
      ]);
    case "controller.changed": {
      const name = (id: number | null) => (id === null ? "nobody" : `${id}`);
      return text("cluster", `controller ${name(event.from)} → ${name(event.to)}`, [words(event.reason)]);
    }
    case "partition.leader": {
      const { topic, partitions, from, to, reason } = event;
      const name = (id: BrokerId | null) => (id === null ? "nobody" : broker(id));
      const what = `leader of ${partitionNames({ [topic]: partitions })}: ${name(from)} → ${name(to)}`;
      return text("cluster", what, [words(reason)]);
    }
    case "partition.watermark": {
      const { topic, partitions, moves, waitsFor, overruled } = event;
      const what = `watermark of ${partitionNames({ [topic]: partitions })} ${moves ? "moves" : "stands still"}`;
      const missing = waitsFor.length > 0 ? `waits for ${waitsFor.map(broker).join(" ")}` : "too few copies in sync";
      const misled = overruled !== undefined && `${broker(overruled)} does not know that it leads no more`;
      return text("cluster", what, [!moves && missing, misled]);
    }
    case "partition.truncated": {
      const { topic, partition, records } = event;
      return text("cluster", `lost ${count(records, "record")} of ${partitionNames({ [topic]: [partition] })}`, [
        "not in the new leader's log",
      ]);
    }
    case "topic.changed":
      return text("cluster", topicChange(event), [event.change === "grown" && `${event.before} before`]);
    case "topic.trimmed":
      return text("cluster", `deleted unread records of ${partitionNames({ [event.topic]: event.partitions })}`, [
        `begin at ${event.start.join(" ")}`,
      ]);
    case "topic.producers": {
      const { topic, instances, demand, carried, latency } = event;
      return text("cluster", `${topic} is produced by ${count(instances, "instance")}`, [
        `${demand}/s asked for`,
        carried < 1 && `${Math.round(carried * 1000) / 10} % of it produced`,
        `${time(latency)} on the way`,
      ]);
    }
    case "topic.flushed": {
      const { topic, partitions, after, waited } = event;
      return text("cluster", `producers send what waited for ${partitionNames({ [topic]: partitions })}`, [
        `for ${time(Math.max(...waited))} at most`,
        `done after ${time(after[after.length - 1])}`,
      ]);
    }
    case "topic.produced": {
      const { topic, written, expired, unsent, repeated, truncated = 0, unacknowledged, waiting = 0 } = event;
      return text("cluster", `${count(written, "record")} written to ${topic}`, [
        expired > 0 && `${expired} given up`,
        unsent > 0 && `${unsent} never sent`,
        repeated > 0 && `${repeated} written twice`,
        truncated > 0 && `${truncated} ${unacknowledged ? "taken for written" : "acknowledged"} and gone`,
        waiting > 0 && `${waiting} in flight`,
      ]);
    }
    case "group.subscribed":
      return text(group, `subscribes to ${event.topics.join(" ")}`);
    case "broker.served": {
      const served = Object.entries(event.requests).sort(([a], [b]) => (a < b ? -1 : 1));
      return text(
        broker(event.broker),
        `received ${count(
          served.reduce((sum, [, number]) => sum + number, 0),
          "request",
        )}`,
        [
          ...served.map(([api, number]) => `${number} ${api}`),
          event.offsets > 0 && `${count(event.offsets, "offset")} written`,
        ],
      );
    }

    case "heartbeat":
      return text(event.client, "heartbeat answered");

    case "records.polled": {
      const { client, topic, partition, records, position, end } = event;
      return text(client, `polls ${count(records, "record")} of ${topic}-${partition}`, [
        `position ${position}`,
        `records-lag ${end - position}`,
      ]);
    }

    case "record.done": {
      const { topic, partition, offset, produced, t } = event;
      return text(event.client, `is through with ${topic}-${partition}@${offset}`, [], [`${time(t - produced)} old`]);
    }

    case "lag": {
      const { topic, partitions, lag, in: inflow, out, held, spent } = event;
      const those = (are: typeof held) => partitions.filter((_, i) => (typeof are === "object" ? are[i] : are));
      const away = those(held);
      return text("lag", partitionNames({ [topic]: partitions }), [
        `${column(lag)} records`,
        `${column(inflow)}/s in`,
        `${column(out)}/s out`,
        held !== undefined &&
          (away.length > 0
            ? `readers do not get at ${partitionNames({ [topic]: away })}`
            : "readers get at them again"),
        spent !== undefined && `nothing in hand of ${partitionNames({ [topic]: those(spent) })}`,
        severalGroups && `for ${event.group}`,
      ]);
    }
  }
}

const BECAME: Readonly<Record<ProcessState, string>> = {
  Absent: "is not there",
  Starting: "is starting",
  Running: "is running",
  Closing: "is closing",
  Stopped: "stopped",
  Crashed: "crashed",
};

const LINK = { cut: "nothing gets through", slow: "slow", mended: "all is well again" } as const;

/** `broker/1`, `client/billing-3`, `zone/a` … as people name them. */
export function party(subject: string): string {
  const [kind, name = ""] = subject.split(/\/(.*)/s);
  if (kind === "client") return name;
  if (kind === "controller") return "the controller";
  if (kind === "group") return `the members of ${name}`;
  return kind === "coordinator" ? `the coordinator of ${name}` : `${kind} ${name}`;
}

const WINDOW = {
  initial: "waits for first members for",
  extended: "waits for more first members for",
  barrier: "waits for all to join, at most",
  rearmed: "waits on for all to join, at most",
} as const;

function topicChange({ topic, change, partitions }: TopicChanged): string {
  if (change === "deleted") return `${topic} is deleted`;
  return `${topic} ${change === "created" ? "is created with" : "has"} ${count(partitions, "partition")}`;
}

/** A reason of the trace, as people write it. */
export function words(reason: string): string {
  return reason.replaceAll("-", " ");
}

/** A duration as people write it: `10 s`, `1 h 30 m`. */
export function time(duration: Duration): string {
  return formatDuration(duration)
    .replaceAll(/(\d)([a-z])/g, "$1 $2")
    .replaceAll(/([a-z])(\d)/g, "$1 $2");
}

/** `orders-0 orders-1 returns-5`, topics in order of code units; `nothing` for none. */
export function partitionNames(partitions: Partitions): string {
  const topics = Object.entries(partitions).sort(([a], [b]) => (a < b ? -1 : 1));
  const drawTogether = topics.reduce((sum, [, numbers]) => sum + numbers.length, 0) > 12;
  const names = topics.flatMap(([topic, numbers]) => {
    if (!drawTogether) return numbers.map((number) => `${topic}-${number}`);
    return runs(numbers).map(([first, last]) => (first === last ? `${topic}-${first}` : `${topic}-${first}…${last}`));
  });
  return names.length > 0 ? names.join(" ") : "nothing";
}

/** Consecutive numbers as pairs of their first and last. */
function runs(numbers: readonly number[]): readonly (readonly [first: number, last: number])[] {
  const found: [number, number][] = [];
  for (const number of numbers) {
    const run = found.at(-1);
    if (run && number === run[1] + 1) run[1] = number;
    else found.push([number, number]);
  }
  return found;
}

function broker(id: BrokerId | "any" | "leaders"): string {
  if (id === "leaders") return "the leaders";
  return id === "any" ? "any broker" : `broker ${id}`;
}

function generation(number: Generation | undefined): string | false {
  return number !== undefined && number >= 0 && `generation ${number}`;
}

function as(member: MemberId | undefined): string | false {
  return member !== undefined && member !== "" && `as ${member}`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/** Of all partitions, to the sixth decimal. */
function sumOf(values: number | readonly number[], { length }: readonly number[]): number {
  const sum = typeof values === "number" ? values * length : values.reduce((total, value) => total + value, 0);
  return Math.round(sum * 1e6) / 1e6;
}

/** One number for all, or each its own. */
function column(values: number | readonly number[]): string {
  return typeof values === "number" ? `${values}` : values.join(" ");
}
