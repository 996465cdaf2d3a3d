import { evaluate, type Hope } from "../../sim/metrics/expectations.ts";
import { summarise } from "../../sim/metrics/summarise.ts";
import type { GroupSummary, Summary } from "../../sim/metrics/summary.ts";
import { quoted } from "../../sim/report/command-line.ts";
import { summaryTable } from "../../sim/report/summary-table.ts";
import { verdictLines } from "../../sim/report/verdicts.ts";
import type { Sink, TraceEvent, TraceHeader } from "../../sim/trace/event.ts";
import type { TraceOutcome } from "../../sim/trace/ndjson.ts";
import { slowBatches, stops, waitingCommits, type Standstill } from "../../sim/trace/readings/batches.ts";
import type { Holding } from "../../sim/trace/readings/holdings.ts";
import { totalLag } from "../../sim/trace/readings/lag.ts";
import { ownership } from "../../sim/trace/readings/ownership.ts";
import { reading } from "../../sim/trace/readings/reading.ts";
import { outages, type Outage } from "../../sim/trace/readings/outages.ts";
import { rebalances, type Rebalance } from "../../sim/trace/readings/rebalances.ts";
import { seats } from "../../sim/trace/readings/seats.ts";
import { starved, type Starved } from "../../sim/trace/readings/starved.ts";
import { clientStates, groupStates, memberCounts, processes } from "../../sim/trace/readings/states.ts";
import type { GroupStateSpan } from "../../sim/trace/readings/states.ts";
import type { StandingWatermark } from "../../sim/trace/readings/watermarks.ts";
import { ClusterBuilder } from "./cluster.ts";
import { LagEvents } from "./lag-events.ts";
import {
  Crowd,
  eachStretch,
  LaneBuilder,
  layered,
  LineBuilder,
  StepsBuilder,
  type Lanes,
  type Layer,
} from "./lanes.ts";
import { moor, tellLife, type Life } from "./lives.ts";
import { unreachable } from "./unreachable.ts";
import {
  CUT,
  memberValue,
  NO_LEADER,
  NOBODY,
  reachValue,
  SLOW,
  type ClusterPicture,
  type Deed,
  type GroupPicture,
  type Picture,
  type RunWords,
} from "./picture.ts";

/** So many samples of the lag over the whole run; a nearer look is taken when somebody zooms in. */
export const LAG_SAMPLES = 1200;

/** Rebalances that are listed in words. */
const LISTED = 10;

/** What the worker keeps of a trace. */
export interface Built {
  readonly picture: Picture;
  /** In the order of the picture's groups. */
  readonly lag: readonly LagEvents[];
}

/** Folds a trace into a picture. `replay`: the command that repeats it; a trace does not know its scenario's file. */
export function pictureBuilder(): Sink & { build(outcome: TraceOutcome, file: string, replay?: string): Built } {
  let header: TraceHeader | undefined;
  const groups = new Map<string, GroupBuilder>();
  const of = (group: string) => {
    let builder = groups.get(group);
    if (!builder) groups.set(group, (builder = new GroupBuilder(header!, group)));
    return builder;
  };
  const summary = summarise({ keep: LISTED, reach: true });
  const cluster = new ClusterBuilder();
  const deeds: Deed[] = [];
  const folds: readonly Sink[] = [
    summary,
    ...cluster.folds,
    outages((outage) => outage.client === undefined && of(outage.group).outages.push(outage)),
    starved((span) => of(span.group).starved.push(span)),
    groupStates((span) => of(span.group).states.push(span)),
    processes((span) => of(span.group).life(span.client).processes.push(span)),
    clientStates((span) => of(span.group).life(span.client).memberships.push(span)),
    seats((span) => of(span.group).life(span.client).seats.push(span)),
    slowBatches((span) => of(span.group).batches.push(span)),
    waitingCommits((span) => of(span.group).commits.push(span)),
    stops((span) => of(span.group).stops.push(span)),
    memberCounts((span) => of(span.group).counts(span.from, span.alive, span.known)),
    ownership((span) => of(span.group).owned(span)),
    reading((span) => of(span.group).read(span)),
    rebalances((rebalance) => of(rebalance.group).rebalances.push(rebalance)),
    totalLag((piece) => of(piece.group).total.add(piece.from, piece.to, piece.lag, piece.slope / 1e6)),
  ];
  return {
    begin(first) {
      header = first;
      for (const { id } of first.groups) of(id);
      for (const fold of folds) fold.begin?.(first);
    },
    see(event) {
      if (event.type === "lag" || event.type === "group.subscribed") of(event.group).lag.add(event);
      else if (event.type === "topic.changed") for (const group of groups.values()) group.topicChanged(event);
      else if (event.type === "client.process") of(event.group).client(event.client);
      else if (event.type === "scenario.event")
        deeds.push({ at: event.t, text: event.text, scripted: event.origin === "scripted", event: event.id });
      for (const fold of folds) fold.see(event);
    },
    end(t) {
      for (const fold of folds) fold.end(t);
    },
    build({ footer, cutOff, events, end }, file, replay) {
      const { scenario, seed, version, until } = header!;
      const named = (scenario as { name?: unknown } | null)?.name;
      const { count = null, fingerprint = null } = footer ?? {};
      const result = { ...summary.result(), events: count, fingerprint };
      const shown = cluster.build(end);
      return {
        picture: {
          title: typeof named === "string" ? named : file.replace(/\.ndjson(\.gz)?$/, ""),
          file,
          seed,
          version,
          fingerprint,
          cutOff,
          events,
          end,
          until,
          groups: [...groups.values()].map((group) =>
            group.build(end, result.groups.find((one) => one.group === group.id) ?? null, cluster, shown),
          ),
          cluster: shown,
          deeds,
          words: wordsOf(result, scenario, replay),
        },
        lag: [...groups.values()].map((group) => group.lag),
      };
    },
  };
}

/** Of the whole run, as on a terminal; expectations are in the scenario, which recordings of real clusters lack. */
function wordsOf(summary: Summary, scenario: unknown, replay: string | undefined): RunWords {
  const { expect } = (scenario ?? {}) as { readonly expect?: readonly Hope[] };
  const verdicts = evaluate(expect ?? [], summary);
  return {
    summary: summaryTable(summary, {
      rebalances: LISTED,
      replay: replay ?? `regroup run <file of ${summary.name}> --seed ${quoted(summary.seed)}`,
    }),
    expectations: verdictLines(verdicts),
    met: verdicts.filter(({ met }) => met).length,
    hopes: verdicts.length,
  };
}

class GroupBuilder {
  readonly id: string;
  readonly states: GroupStateSpan[] = [];
  readonly rebalances: Rebalance[] = [];
  readonly outages: Outage[] = [];
  readonly starved: Starved[] = [];
  readonly batches: Standstill[] = [];
  readonly commits: Standstill[] = [];
  readonly stops: Standstill[] = [];
  readonly lag: LagEvents;
  readonly total = new LineBuilder();
  /** Clients by name, in order of appearance. */
  readonly #clients = new Map<string, number>();
  readonly #lives: Life[] = [];
  /** Rows of partitions: those of the header, topic by topic, then those that came later. */
  readonly #rows = new Map<string, Map<number, number>>();
  readonly #topics: string[] = [];
  readonly #partitions: { readonly topic: number; readonly partition: number }[] = [];
  readonly #owners = new LaneBuilder();
  readonly #readers = new LaneBuilder();
  readonly #unowned = new Crowd();
  readonly #unread = new Crowd();
  readonly #alive = new StepsBuilder();
  readonly #known = new StepsBuilder();

  constructor(header: TraceHeader, id: string) {
    this.id = id;
    this.lag = new LagEvents(header, id);
    const names = header.groups.find((group) => group.id === id)?.topics ?? [];
    for (const name of names) {
      const partitions = header.topics.find((topic) => topic.name === name)?.partitions ?? 0;
      for (let partition = 0; partition < partitions; partition++) this.#row(name, partition);
    }
  }

  client(name: string): number {
    let index = this.#clients.get(name);
    if (index === undefined) {
      this.#clients.set(name, (index = this.#clients.size));
      this.#lives.push({ processes: [], memberships: [], seats: [] });
    }
    return index;
  }

  /** What a topic has grown by has rows in order of number, whoever is told of first. */
  topicChanged(event: Extract<TraceEvent, { type: "topic.changed" }>): void {
    this.lag.add(event);
    if (!this.#rows.has(event.topic)) return;
    for (let partition = 0; partition < event.partitions; partition++) this.#row(event.topic, partition);
  }

  #row(topic: string, partition: number): number {
    let rows = this.#rows.get(topic);
    if (!rows) {
      this.#rows.set(topic, (rows = new Map()));
      this.#topics.push(topic);
    }
    let row = rows.get(partition);
    if (row === undefined) {
      rows.set(partition, (row = this.#partitions.length));
      this.#partitions.push({ topic: this.#topics.indexOf(topic), partition });
    }
    return row;
  }

  life(client: string): Life {
    return this.#lives[this.client(client)];
  }

  counts(from: number, alive: number, known: number): void {
    this.#alive.set(from, alive);
    this.#known.set(from, known);
  }

  owned({ topic, partition, client, from, to }: Holding): void {
    const value = client === null ? NOBODY : this.client(client);
    this.#owners.add(this.#row(topic, partition), from, to, value);
    if (value === NOBODY) this.#unowned.add(from, to);
  }

  read({ topic, partition, client, from, to }: Holding): void {
    this.#readers.add(this.#row(topic, partition), from, to, client === null ? 0 : 1);
    if (client === null) this.#unread.add(from, to);
  }

  /** Who led this group's partitions, and where that was to no avail. */
  #leaders({ leaderships, troubles }: ClusterBuilder, owners: Lanes, readers: Lanes, end: number) {
    const leaders = new LaneBuilder();
    const away: Layer[] = this.starved.map(({ topic, partition, from, to }) => ({
      row: this.#row(topic, partition),
      from,
      to,
      value: reachValue("starved"),
    }));
    for (const { topic, partition, leader, answers, from, to } of leaderships) {
      const row = this.#rows.get(topic)?.get(partition);
      if (row === undefined) continue;
      leaders.add(row, from, to, leader ?? NO_LEADER);
      if (!answers) away.push({ row, from, to, value: reachValue(leader === null ? "no-leader" : "leader-dead") });
    }
    const rows = this.#partitions.length;
    const led = leaders.build(rows, end);
    const sides = { owners, readers, leaders: led };
    const apart = unreachable(sides, [...this.#clients.keys()], troubles, end, reachValue("unreachable"));
    const reach = layered([...away, ...apart], rows, end);
    const outOfReach = new Crowd();
    eachStretch(reach, end, (_row, from, to) => outOfReach.add(from, to));
    return { leaders: led, reach, outOfReach: outOfReach.build() };
  }

  /** Where nothing new of this group's partitions could be read. */
  #watermarks(watermarks: readonly StandingWatermark[], end: number) {
    const held = new LaneBuilder();
    const standing = new Crowd();
    const places = new Map<string, number>();
    const heldBy: (readonly number[])[] = [];
    for (const { topic, partition, waitsFor, from, to } of watermarks) {
      const row = this.#rows.get(topic)?.get(partition);
      if (row === undefined) continue;
      const key = waitsFor.join(" ");
      let place = places.get(key);
      if (place === undefined) places.set(key, (place = heldBy.push(waitsFor) - 1));
      held.add(row, from, to, place);
      standing.add(from, to);
    }
    return { held: held.build(this.#partitions.length, end), heldBy, standing: standing.build() };
  }

  build(end: number, summary: GroupSummary | null, cluster: ClusterBuilder, { rows }: ClusterPicture): GroupPicture {
    const members = new LaneBuilder();
    const { berthOf, berths } = moor(this.#lives);
    this.#lives.forEach((life, client) => {
      tellLife(life, (state, from, to) => members.add(berthOf[client], from, to, memberValue(client, state)));
    });
    const standing = (stretches: readonly Standstill[]): Lanes => {
      const lanes = new LaneBuilder();
      for (const { client, from, to } of stretches.toSorted((a, b) => a.from - b.from)) {
        lanes.add(berthOf[this.client(client)], from, to, 1);
      }
      return lanes.build(berths, end);
    };
    const links = cluster.troubles.flatMap(({ state, clients }) =>
      clients
        .filter(({ group }) => group === this.id)
        .map(({ client, from, to }) => ({
          row: berthOf[this.client(client)],
          from,
          to,
          value: state === "cut" ? CUT : SLOW,
        })),
    );
    const partitions = this.#partitions.length;
    const owners = this.#owners.build(partitions, end);
    const readers = this.#readers.build(partitions, end);
    const topicOf = Int32Array.from(this.#partitions, ({ topic }) => topic);
    const numberOf = Int32Array.from(this.#partitions, ({ partition }) => partition);
    return {
      id: this.id,
      topics: this.#topics,
      topicOf,
      numberOf,
      clients: [...this.#clients.keys()],
      states: this.states,
      rebalances: this.rebalances,
      members: members.build(berths, end),
      busy: standing(this.batches),
      committing: standing(this.commits),
      stopped: standing(this.stops),
      links: layered(links, berths, end),
      coordinator: cluster.coordinatorOf(this.id, rows, end),
      outages: this.outages,
      berthOf,
      ...this.#leaders(cluster, owners, readers, end),
      ...this.#watermarks(cluster.watermarks, end),
      owners,
      readers,
      alive: this.#alive.build(),
      known: this.#known.build(),
      unowned: this.#unowned.build(),
      unread: this.#unread.build(),
      total: this.total.build(),
      summary,
      lag: this.lag.look(0, end, LAG_SAMPLES),
    };
  }
}
