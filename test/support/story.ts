import { SECOND } from "../../sim/engine/time.ts";
import type { Happening, TraceHeader } from "../../sim/trace/event.ts";
import { traceWriter } from "../../sim/trace/ndjson.ts";
import { owner, process, reads, state, Story } from "./events.ts";

/** The story as the text of a trace. */
export function written(story: Story, end: number, header: Partial<TraceHeader> = {}): string {
  const lines: string[] = [];
  story.tell(
    traceWriter((line) => lines.push(line)),
    end,
    { seed: "7", until: end * SECOND, ...header },
  );
  return `${lines.join("\n")}\n`;
}

/**
 * Three clients share six partitions from 5 s on. At 20 s the second crashes; at 30 s its session expires, at 31 s the
 * others give up what they have, and at 34 s they share all six. The run ends at 60 s.
 *
 *     seconds  0 4 8 . . 20. 28. 36. . . . 56
 *     0 1      . . a a a a a a . a a a a a a    .  nobody owns them
 *     2        . . b b b B B B . a a a a a a    B  b is dead, and they are unread
 *     3        . . b b b B B B . c c c c c c
 *     4 5      . . c c c c c c . c c c c c c
 */
export function crashStory(): string {
  const group = "billing";
  const story = new Story();
  const clients = ["a", "b", "c"];
  const lagOf = (seconds: number, lag: number | number[], out: number | number[]) =>
    story.lag(seconds, { group, topic: "orders", partitions: [0, 1, 2, 3, 4, 5], lag, in: 10, out });

  for (const name of clients) {
    const process = { type: "client.process", client: name, group, reason: "start" } as const;
    story.at(0, { ...process, from: "Absent", to: "Running" });
  }
  lagOf(0, 0, 0);
  const state = { type: "group.state", group } as const;
  const first = story.at(
    1,
    {
      ...state,
      from: "Empty",
      to: "PreparingRebalance",
      reason: "first-member",
      generation: 0,
      client: "a",
    },
    "client/a#1",
  );
  const member = { type: "group.member", group, reason: "join" } as const;
  for (const name of clients) {
    story.at(1, { ...member, member: `${name}-1`, client: name, change: "added" }, first);
    const joining = { type: "client.state", client: name, group, reason: "join-sent" } as const;
    story.at(1, { ...joining, from: "UNJOINED", to: "PREPARING_REBALANCE" }, first);
  }
  const settled = (seconds: number, generation: number, members: number, slowest: string) => {
    story.at(seconds, {
      type: "group.join-complete",
      group,
      generation,
      how: "all-joined",
      waited: 3 * SECOND,
      members,
      slowest: `${slowest}-1`,
      slowestClient: slowest,
      evicted: [],
      absent: [],
    });
    const states = { ...state, generation, client: slowest } as const;
    const completing = { ...states, from: "PreparingRebalance", to: "CompletingRebalance", reason: "join-complete" };
    story.at(seconds, completing);
    const stable = { ...states, from: "CompletingRebalance", to: "Stable", reason: "assigned" };
    story.at(seconds, stable);
  };
  const gets = (seconds: number, name: string, generation: number, orders: number[]) => {
    const partitions = { orders };
    const owner = { type: "partition.owner", client: name, group, partitions, generation } as const;
    story.at(seconds, { ...owner, how: "assigned" });
    const reading = { type: "partition.reading", client: name, group, partitions } as const;
    story.at(seconds, { ...reading, reading: true, reason: "resumed" });
    const stable = { type: "client.state", client: name, group, reason: "sync-answered" } as const;
    story.at(seconds, { ...stable, from: "COMPLETING_REBALANCE", to: "STABLE", generation });
  };
  const gives = (seconds: number, name: string, generation: number, orders: number[]) => {
    const partitions = { orders };
    const reading = { type: "partition.reading", client: name, group, partitions } as const;
    story.at(seconds, { ...reading, reading: false, reason: "revoked" });
    const owner = { type: "partition.owner", client: name, group, partitions, generation } as const;
    story.at(seconds, { ...owner, how: "revoked" });
    const joining = { type: "client.state", client: name, group, reason: "join-sent" } as const;
    story.at(seconds, { ...joining, from: "STABLE", to: "PREPARING_REBALANCE" });
  };

  settled(4, 1, 3, "c");
  gets(5, "a", 1, [0, 1]);
  gets(5, "b", 1, [2, 3]);
  gets(5, "c", 1, [4, 5]);
  lagOf(5, 50, 60);
  lagOf(6, 0, 10);

  const crashes = { type: "client.process", client: "b", group, reason: "crash" } as const;
  const crash = story.at(20, { ...crashes, from: "Running", to: "Crashed" });
  lagOf(20, 0, [10, 10, 0, 0, 10, 10]);
  const removed = { ...member, member: "b-1", client: "b", change: "removed", reason: "session-expired" } as const;
  const expired = story.at(30, removed, crash);
  story.at(
    30,
    {
      ...state,
      from: "Stable",
      to: "PreparingRebalance",
      reason: "session-expired",
      generation: 1,
      member: "b-1",
      client: "b",
    },
    expired,
  );
  gives(31, "a", 1, [0, 1]);
  gives(31, "c", 1, [4, 5]);
  lagOf(31, [0, 0, 110, 110, 0, 0], 0);
  settled(33, 2, 2, "c");
  gets(34, "a", 2, [0, 1, 2]);
  gets(34, "c", 2, [3, 4, 5]);
  lagOf(34, [30, 30, 140, 140, 30, 30], [40, 40, 150, 150, 40, 40]);
  lagOf(35, 0, 10);
  return written(story, 60, {
    topics: [{ name: "orders", partitions: 6 }],
    groups: [{ id: group, topics: ["orders"] }],
  });
}

/** As large as the page has to bear: everybody hands over everything, again and again, all day. */
export function crowdStory({
  members = 1000,
  partitions = 10_000,
  hours = 24,
  rebalances = 20,
  brokers = 0,
} = {}): string {
  const group = "crowd";
  const until = hours * 3600;
  const story = new Story();
  const names = Array.from({ length: members }, (_, i) => `crowd-${i + 1}`);
  for (const name of names) {
    const process = { type: "client.process", client: name, group, reason: "start" } as const;
    story.at(0, { ...process, from: "Absent", to: "Running" });
    const stable = { type: "client.state", client: name, group, reason: "sync-answered" } as const;
    story.at(0, { ...stable, from: "UNJOINED", to: "STABLE" });
  }
  const all = Array.from({ length: partitions }, (_, i) => i);
  const lagOf = (seconds: number, lag: number, out: number) =>
    story.lag(seconds, { group, topic: "events", partitions: all, lag, in: 5, out });
  lagOf(0, 0, 0);
  const share = (index: number, turn: number) => all.filter((p) => (p + turn * 17) % members === index);
  for (let turn = 0; turn < rebalances; turn++) {
    const at = 60 + (turn * (until - 120)) / rebalances;
    const state = { type: "group.state", group, client: names[turn % members] } as const;
    const before = turn === 0 ? "Empty" : "Stable";
    const begin = {
      ...state,
      from: before,
      to: "PreparingRebalance",
      reason: "metadata-changed",
      generation: turn,
    } as const;
    story.at(at, begin);
    if (turn > 0) {
      names.forEach((name, i) => {
        const owned = { events: share(i, turn - 1) };
        const reading = { type: "partition.reading", client: name, group, partitions: owned } as const;
        story.at(at, { ...reading, reading: false, reason: "revoked" });
        const owner = { type: "partition.owner", client: name, group, partitions: owned, generation: turn } as const;
        story.at(at, { ...owner, how: "revoked" });
      });
      lagOf(at, 0, 0);
    }
    const completing = {
      ...state,
      from: "PreparingRebalance",
      to: "CompletingRebalance",
      generation: turn + 1,
    } as const;
    story.at(at + 20, { ...completing, reason: "join-complete" });
    const stable = { ...state, from: "CompletingRebalance", to: "Stable", generation: turn + 1 } as const;
    story.at(at + 21, { ...stable, reason: "assigned" });
    names.forEach((name, i) => {
      const partitions = { events: share(i, turn) };
      const owner = { type: "partition.owner", client: name, group, partitions, generation: turn + 1 } as const;
      story.at(at + 22, { ...owner, how: "assigned" });
      const reading = { type: "partition.reading", client: name, group, partitions } as const;
      story.at(at + 22, { ...reading, reading: true, reason: "resumed" });
    });
    lagOf(at + 22, turn === 0 ? (at + 22) * 5 : 110, 105);
    lagOf(at + 22 + (turn === 0 ? ((at + 22) * 5) / 100 : 1.1), 0, 5);
  }
  rollBrokers(story, brokers, all, group, until);
  story.events.sort((a, b) => a.t - b.t);
  return written(story, until, {
    topics: [{ name: "events", partitions }],
    groups: [{ id: group, topics: ["events"] }],
    brokers: Array.from({ length: brokers }, (_, i) => ({ id: i + 1 })),
  });
}

/** Each broker is restarted once, one after the other; what it led is led by the next, and by itself again five minutes later. */
function rollBrokers(story: Story, brokers: number, partitions: readonly number[], group: string, until: number): void {
  const leads = (at: number, from: number | null, to: number, own: readonly number[], reason: string) =>
    story.at(at, { type: "partition.leader", topic: "events", partitions: own, from, to, reason });
  const coordinates = (at: number, broker: number, from: string, to: string) =>
    story.at(at, {
      type: "coordinator.state",
      broker,
      partition: 0,
      groups: [group],
      from,
      to,
      reason: "elected",
    });
  for (let broker = 1; broker <= brokers; broker++) {
    const own = partitions.filter((partition) => partition % brokers === broker - 1);
    const next = (broker % brokers) + 1;
    const at = 100 + ((broker - 1) * (until - 1_000)) / brokers;
    const turns = (after: number, from: string, to: string, reason: string) =>
      story.at(at + after, { type: "broker.state", broker, from, to, reason });
    leads(0, null, broker, own, "initial");
    turns(0, "Running", "ShuttingDown", "controlled-shutdown");
    leads(at, broker, next, own, "controlled-shutdown");
    coordinates(at, broker, "Active", "Closed");
    coordinates(at, next, "Initial", "Loading");
    coordinates(at + 1, next, "Loading", "Active");
    turns(2, "ShuttingDown", "Fenced", "exited");
    turns(32, "Fenced", "CatchingUp", "restarted");
    turns(35, "CatchingUp", "Running", "caught-up");
    leads(at + 300, next, broker, own, "preferred");
    story.at(at, {
      type: "scenario.event",
      what: "restart-broker",
      origin: "scripted",
      subject: `broker/${broker}`,
      text: `broker ${broker} is restarted`,
    });
  }
}

/**
 * Two clients share four partitions, a those of the brokers 1 and 2, b those of 3 and 1. Broker 1, the coordinator, crashes
 * at 20 s and is fenced at 29 s, when 3 takes over what it led; 3 has loaded the group at 31 s. Nothing gets through to
 * zone b, where broker 2 and b stand, from 40 s to 50 s. The run ends at 60 s.
 *
 *     partition  owner  leader
 *     0          a      1, dead from 20 to 29; then 3
 *     1          a      2, out of a's reach from 40 to 50
 *     2          b      3, which waits for 1 from 20 to 29; out of b's reach from 40 to 50
 *     3          b      1, dead from 20 to 29; then 3, out of b's reach from 40 to 50
 */
export function brokerStory(): string {
  const story = new Story();
  const coordinates = (at: number, broker: number, from: string, to: string) =>
    story.at(at, { type: "coordinator.state", broker, partition: 9, groups: ["g"], from, to, reason: "elected" });
  const leads = (at: number, from: number | null, to: number, ...partitions: number[]) =>
    story.at(at, { type: "partition.leader", topic: "orders", partitions, from, to, reason: "fenced" });
  const lagOf = (at: number, partitions: number[], lag: number, inflow: number, out: number) =>
    story.lag(at, { group: "g", topic: "orders", partitions, lag, in: inflow, out });
  const does = (at: number, what: "crash-broker" | "cut", subject: string, text: string) =>
    story.at(at, { type: "scenario.event", what, origin: "scripted", subject, text });

  leads(0, null, 1, 0, 3);
  leads(0, null, 2, 1);
  leads(0, null, 3, 2);
  coordinates(0, 1, "Initial", "Loading");
  coordinates(0, 1, "Loading", "Active");
  for (const [name, zone] of [
    ["a", "a"],
    ["b", "b"],
  ] as const) {
    const owned = name === "a" ? [0, 1] : [2, 3];
    story.at(0, { ...process(name, "Absent", "Running"), zone } as Happening);
    story.at(0, { type: "client.state", client: name, group: "g", from: "UNJOINED", to: "STABLE", reason: "x" });
    story.at(0, owner(name, "assigned", 1, ...owned));
    story.at(0, reads(name, ...owned));
  }
  story.at(0, state("Empty", "Stable", "assigned", 1));
  lagOf(0, [0, 1, 2, 3], 0, 10, 10);

  const crash = does(20, "crash-broker", "broker/1", "broker 1, the coordinator of g, crashes");
  story.at(20, { type: "broker.state", broker: 1, from: "Running", to: "Crashed", reason: "crashed" }, crash);
  coordinates(20, 1, "Active", "Closed");
  lagOf(20, [0, 3], 0, 0, 0);
  const watermark = (at: number, moves: boolean, waitsFor: number[]) =>
    story.at(at, { type: "partition.watermark", topic: "orders", partitions: [2], moves, waitsFor });
  watermark(20, false, [1]);
  lagOf(20, [2], 0, 0, 0);
  story.at(29, { type: "broker.state", broker: 1, from: "Crashed", to: "Fenced", reason: "fenced" }, crash);
  leads(29, 1, 3, 0, 3);
  lagOf(29, [0, 3], 0, 10, 10);
  watermark(29, true, []);
  lagOf(29, [2], 90, 10, 100);
  coordinates(29, 3, "Initial", "Loading");
  lagOf(30, [2], 0, 10, 10);
  coordinates(31, 3, "Loading", "Active");

  const cut = does(40, "cut", "network", "nothing gets through between zone b and everybody else for 10s");
  const link = { type: "network.link", from: "zone/b", to: null, oneWay: false } as const;
  const begin = story.at(40, { ...link, state: "cut" }, cut);
  lagOf(40, [1, 2, 3], 0, 10, 0);
  story.at(50, { ...link, state: "mended" }, begin);
  lagOf(50, [1, 2, 3], 100, 10, 60);
  lagOf(52, [1, 2, 3], 0, 10, 10);
  return written(story, 60, {
    brokers: [
      { id: 1, zone: "a" },
      { id: 2, zone: "b" },
      { id: 3, zone: "a" },
    ],
  });
}
