/** A rebalance in sentences: what began it, who noticed when, whom it waited for, what it cost. */
import { waitedFor } from "../sim/report/waited-for.ts";
import { type GroupProtocol, phases, type Rebalance } from "../sim/trace/readings/rebalances.ts";
import { words } from "../sim/trace/text.ts";
import { count, clock, span } from "./time-axis.ts";

/** What a group's assignments are numbered by. */
export const COUNTED: Readonly<Record<GroupProtocol, string>> = {
  classic: "generation",
  consumer: "group epoch",
  zookeeper: "ZooKeeper's transaction",
};

/** Why it began, in a few words. */
export function headline({ cause: { kind, client, decision }, others, reason }: Rebalance): string {
  const who = (client ?? "a member") + (others.length > 0 ? ` and ${count(others.length)} more` : "");
  const was = others.length > 0 ? "were" : "was";
  switch (kind) {
    case "start":
      return "the first members came";
    case "join":
      return `${who} joined`;
    case "leave":
      return `${who} left`;
    case "crash":
      return `${who} crashed`;
    case "roll":
      return `rolling restart, ${who}`;
    case "slow-batch":
      return `slow batch, ${who}`;
    case "slow-commit":
      return `slow commit, ${who}`;
    case "rejoin":
      return `${who} came back`;
    case "failover":
      return "the coordinator moved";
    case "silence":
      if (!decision) return `${who} ${was} not heard of`;
      return `${who} ${was} ${decision.what === "freeze" ? "stopped" : "cut off"}`;
    case "topics":
      return "topics changed";
    case "group":
      return words(reason);
  }
}

/** What a bracket may be called, the fullest first: whoever draws it takes the first there is room for. */
export function labels(rebalance: Rebalance, index: number): string[] {
  const { cause } = rebalance;
  const short = headline(rebalance);
  const waited = waitedFor(rebalance);
  const names = [
    waited !== "" && rebalance.waitedFor?.client !== cause.client ? `${short}, waited for ${waited}` : "",
    short,
    cause.kind === "start" ? "" : (cause.client ?? ""), // of many who came, one is as good as another
    `${index + 1}`,
  ];
  return names.filter((name) => name !== "");
}

/** Back to its cause, in the order of time. */
export function story(rebalance: Rebalance): string[] {
  const { protocol, others, attempts, outcome, to, resumed, membersBefore, membersAfter } = rebalance;
  const sentences = [...beginning(rebalance)];
  if (others.length > 0) sentences.push(`${list(others)} did the same at the same instant.`);

  if (outcome === "unfinished") sentences.push("The run ended before the group was stable again.");
  else if (outcome === "empty") sentences.push("Nobody was left, and the group was empty.");
  else if (outcome === "gone") sentences.push("Then the group went away with its coordinator.");

  if (attempts.length > 1 && protocol !== "zookeeper") {
    const overtakers = attempts
      .slice(1)
      .map(({ reason, client }) => (client ? `${words(reason)}, ${client}` : words(reason)));
    const again = attempts.length - 1;
    const targets = again === 1 ? "One more target" : `${count(again)} more targets`;
    const times = again === 1 ? "once" : `${count(again)} times`;
    sentences.push(
      protocol === "consumer"
        ? `${targets} followed before all had come to theirs (${list(overtakers)}).`
        : `It was overtaken ${times} before it could finish (${list(overtakers)}).`,
    );
  }
  sentences.push(...COURSES[protocol](rebalance));
  if (outcome === "stable" && resumed !== null) {
    sentences.push(
      resumed < to
        ? `The last partition had been read again ${span(to - resumed)} before that: the others only had the epoch to learn.`
        : `The last partition was read again ${span(resumed - to)} after that.`,
    );
  }
  if (membersBefore !== membersAfter)
    sentences.push(`The group went from ${count(membersBefore)} to ${count(membersAfter)} members.`);
  return sentences;
}

/** The join phases, and what the group leader did. */
function joined(rebalance: Rebalance): string[] {
  const { waitedFor: waited, outcome, generationAfter } = rebalance;
  const { joining = 0, assignment = 0, sync = 0 } = phases(rebalance);
  const sentences: string[] = [];
  if (waited) {
    const { how, client, evicted, absent } = waited;
    const end =
      how === "all-joined"
        ? client && joining > 0
          ? `until all had joined; ${client} came last`
          : "until all had joined"
        : how === "timer"
          ? "until the time for it ran out"
          : "until the missing ones had expired";
    sentences.push(`Joining took ${span(joining)}, ${end}.`);
    if (evicted.length > 0) sentences.push(`Too late, and so no longer members: ${list(evicted)}.`);
    if (absent.length > 0) sentences.push(`Absent, but they keep their places: ${list(absent)}.`);
  }
  if (outcome === "stable") {
    sentences.push(
      `The group leader needed ${span(assignment)} for the assignment, and ${span(sync)} later generation ${generationAfter} was stable.`,
    );
  }
  return sentences;
}

/** How the coordinator's target came about, and how the members came to it. */
function reconciled(rebalance: Rebalance): string[] {
  const { from, to, attempts, assigned, waitedFor: waited, outcome, generationAfter } = rebalance;
  const { assignment = 0 } = phases(rebalance);
  const sentences: string[] = [];
  // A static member that goes away asks for no target.
  const asked = attempts[0]?.from === from;
  if (asked && assigned !== null) {
    sentences.push(
      assignment > 0
        ? `A heartbeat had the coordinator compute the next target ${span(assignment)} later.`
        : "The coordinator computed the next target in the same heartbeat.",
    );
  }
  if (waited) {
    const { how, client, member, removed, absent } = waited;
    const who = client ?? "a member";
    if (how === "expiry")
      sentences.push(
        member !== null && absent.includes(member)
          ? `What ${who} had stayed reserved, and nobody read it, until its place expired.`
          : `What ${who} had nobody else could have until its session expired.`,
      );
    else if (how === "released" && removed !== null)
      sentences.push(`${who} had yet to give up what others were to have when it left.`);
    else if (how === "returned")
      sentences.push(`What it had stayed reserved, and nobody read it, until ${who} took its seat.`);
    else if (how === "released") sentences.push(`${who} was the last to give up what others were to have.`);
    else if (how === "timer")
      sentences.push(`${who} did not give up in time what others were to have, and was removed.`);
    else sentences.push(`Nobody had to give anything up; ${who} was the last to come for its share.`);
  }
  if (outcome === "stable") {
    const returned = waited?.how === "returned";
    const target = !asked ? "a new target" : attempts.length > 1 ? "the last target" : "it";
    const took = to - from - assignment;
    sentences.push(
      returned
        ? `The group was stable again after ${span(took)}, still in epoch ${generationAfter}: nobody else noticed.`
        : took > 0
          ? `All members had reached ${target} ${span(took)} later, each by its own heartbeats, and epoch ${generationAfter} was stable.`
          : `All members had reached ${target} at once, and epoch ${generationAfter} was stable.`,
    );
  }
  return sentences;
}

/** Nobody coordinates: how long it took them all. */
function tried(rebalance: Rebalance): string[] {
  const { waitedFor: waited, outcome, attempts } = rebalance;
  if (outcome !== "stable") return [];
  const { reconciliation = 0 } = phases(rebalance);
  const last = waited?.client ? `; ${waited.client} was the last` : "";
  return [
    `Each consumer worked its share out by itself, and after ${span(reconciliation)} none was at it any more${last}.`,
    ...(attempts.length > 1 ? [`It took up to ${count(attempts.length)} attempts, with waits in between.`] : []),
  ];
}

const COURSES: Readonly<Record<GroupProtocol, (rebalance: Rebalance) => string[]>> = {
  classic: joined,
  consumer: reconciled,
  zookeeper: tried,
};

/** The coordinator's reasons that mean that a member has gone in order. */
const LEAVES: ReadonlySet<string> = new Set(["leave", "member-left", "member-away"]);

/** What tells of a member's coming, and of its going. */
const WORDS: Readonly<Record<GroupProtocol, readonly [join: string, leave: string]>> = {
  classic: ["JoinGroup", "LeaveGroup"],
  consumer: ["first heartbeat", "last heartbeat"],
  zookeeper: ["registration", "last request"],
};

function beginning(rebalance: Rebalance): string[] {
  const { protocol, cause, client, from, reason } = rebalance;
  const [join, leave] = WORDS[protocol];
  const judge = protocol === "zookeeper" ? "ZooKeeper" : "the coordinator";
  const who = cause.client ?? "a member";
  const at = clock(cause.at);
  const detection = from - cause.at;
  const decided = cause.decision
    ? cause.decision.origin === "scripted"
      ? " (the scenario's script)"
      : " (chance)"
    : "";
  const noticed = detection > 0 ? `${span(detection)} later` : "at once";
  const isExpelled = reason === "session-expired";
  const expelled = `It was expelled when its session was over, ${noticed}.`;
  switch (cause.kind) {
    case "start":
      return [`At ${clock(from)} the first member joined, and the group began to form.`];
    case "join":
      return [
        `At ${at} ${who} was up and polled for the first time${decided}.`,
        `Its ${join} began this rebalance ${noticed}.`,
      ];
    case "leave":
      return [`At ${at} ${who} closed${decided}.`, `Its ${leave} reached ${judge} ${noticed}.`];
    case "crash":
      return [
        `At ${at} ${who} crashed${decided}.`,
        `It said nothing, so its partitions stayed assigned to it, unread, until its session expired ${noticed}.`,
      ];
    case "roll":
      if (isExpelled)
        return [
          `At ${at} the rolling restart closed ${who}.`,
          `It keeps its place until its session expires: ${noticed}.`,
        ];
      return LEAVES.has(reason)
        ? [`At ${at} the rolling restart closed ${who}.`, `Its ${leave} reached ${judge} ${noticed}.`]
        : [
            `At ${at} ${who}, a replacement in the rolling restart, was up.`,
            protocol === "zookeeper"
              ? `The first of the others began anew ${noticed}.`
              : `The coordinator began anew ${noticed} (${words(reason)}).`,
          ];
    case "slow-batch":
      if (!cause.decision)
        return [
          `At ${at} a batch of ${who} had lasted longer than max.poll.interval.ms.`,
          isExpelled ? expelled : `Its consumer left the group, and the coordinator knew ${noticed}.`,
        ];
      return isExpelled
        ? [`At ${at} ${who} began a batch so long that no heartbeats went out any more${decided}.`, expelled]
        : [
            `At ${at} ${who} began a batch that took longer than max.poll.interval.ms${decided}.`,
            `Its consumer gave up waiting for a poll and left the group ${noticed}.`,
          ];
    case "slow-commit":
      return [
        `At ${at} the application of ${who} came to wait for a commit, for longer than max.poll.interval.ms${decided}.`,
        isExpelled ? expelled : `Its consumer gave up waiting for a poll and left the group ${noticed}.`,
      ];
    case "rejoin":
      return [`${who} had been expelled, came back at ${at}, and was a new member ${noticed}.`];
    case "failover":
      return [`At ${at} a broker failed or moved${decided}.`, `The group's coordinator began anew ${noticed}.`];
    case "silence":
      return [
        ...(cause.decision ? [`At ${at} ${cause.decision.text}.`] : []),
        `${who} lives, but was not heard of for a whole session; ${judge} expelled it at ${clock(from)}.`,
      ];
    case "topics":
      return [
        `At ${at} ${cause.decision?.text ?? "topics changed"}.`,
        {
          classic: `${who} learned of it and asked to join again; the coordinator began anew ${noticed}.`,
          consumer: `The coordinator knew, and acted at the next heartbeat, that of ${who}, ${noticed}.`,
          zookeeper: `ZooKeeper told all consumers, and the first of them began anew ${noticed}.`,
        }[protocol],
      ];
    case "group":
      return [`At ${clock(from)} the group itself asked for it (${words(reason)}${client ? `, ${client}` : ""}).`];
  }
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, 8).join(", ");
  return names.length > 8 ? `${shown} and ${count(names.length - 8)} more` : shown;
}
