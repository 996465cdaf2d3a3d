/**
 * What each consumer would report of its fetching, under Kafka's own names (`consumer-fetch-manager-metrics`; Kafka:
 * `FetchMetricsManager`).
 *
 * A consumer's own `records-lag` of a partition is the high watermark in the reply of the fetch whose records it is
 * handing out, less its position (`SubscriptionState.partitionLag`). It is told whenever poll() hands out records of that
 * partition, and only then: while its reader is stuck, or its leader away, it stays what it was, and it is gone with the
 * partition. So it is not the lag itself, and is smallest where it matters most.
 *
 * - Single records: exact, from `records.polled`.
 * - The fluid: as if every poll() fetched, and handed out what is processed next. So it is the lag itself whenever something
 *   is read. Kafka's is lower, by a batch and by what came in since the fetch: at most while
 *   `max.partition.fetch.bytes` of the partition were worked off.
 *
 * Maxima, averages and rates cover the measured time, where Kafka's cover the last 30 to 60 seconds. An average is over
 * time, as whoever looks regularly sees it; in Kafka's window each poll counts alike, however long ago the one before.
 *
 * Left out: what counts bytes or requests, and `fetch-latency-*`, because a trace does not tell of fetch requests;
 * `fetch-throttle-time-*`, for there are no quotas; `records-lead*`, because what retention deletes is told only where
 * somebody had not read it.
 */
import type { Duration, Instant } from "../engine/time.ts";
import { SECOND } from "../engine/time.ts";
import type { ClientId, GroupId, Partitions, TopicName } from "../names.ts";
import type { LagSlopes, RecordsPolled, Sink } from "../trace/event.ts";
import { records } from "../trace/readings/records.ts";
import { isGone } from "../trace/readings/states.ts";
import { isOfSingleRecords } from "./overload.ts";

/** What one consumer would report of its fetching. */
export interface FetchMetrics {
  /**
   * Records handed out. Those that are read again count again, and those that are read aside. Of the fluid, what is handed
   * out counts as it is processed, and what is not processed any more when its reader parts from it.
   */
  readonly "records-consumed-total": number;
  /** Records per second. */
  readonly "records-consumed-rate": number;
  /** Over all partitions that it read, for as long as it read them; `null` if it never read any. */
  readonly "records-lag-max": number | null;
  /** The partitions it has at the end, in the order in which it got them. */
  readonly partitions: readonly PartitionFetchMetrics[];
}

/** What a consumer would report of one partition, from its assignment on; `null` if it has not read any of it. */
export interface PartitionFetchMetrics {
  readonly topic: TopicName;
  readonly partition: number;
  /** When records of it were last handed out. */
  readonly "records-lag": number | null;
  readonly "records-lag-avg": number | null;
  readonly "records-lag-max": number | null;
}

/** Folds a run into every consumer's metrics of fetching, those of the warm-up left out. */
export function fetchMetrics(): Sink & { of(client: ClientId): FetchMetrics | undefined } {
  const clients = new Map<ClientId, Client>();
  let from: Instant = 0;
  const lines = new Lines(() => from);
  let end: Instant = 0;
  let isFluid = true;
  // What the fluid hands out and no line tells of. Who parted from the partitions read them last, when that is told.
  const beside = records({
    reread: ({ t, client, group, topic, partition, inHand, aside }) => {
      if (t >= from) (aside ? clients.get(client) : lines.lastReader(group, topic, partition))?.handOut(inHand);
    },
    found: ({ t, client, group, topic, partition, records: found, beside }) => {
      if (t < from || !beside) return;
      (client === undefined ? lines.lastReader(group, topic, partition) : clients.get(client))?.handOut(found);
    },
  });
  return {
    begin(header) {
      from = header.warmUp;
      isFluid = !isOfSingleRecords(header);
    },
    see(event) {
      if (isFluid) beside.see(event);
      switch (event.type) {
        case "lag":
          return lines.bend(event);
        case "records.polled":
          return clients.get(event.client)?.polled(event, from);
        case "partition.reading": {
          const client = clients.get(event.client);
          if (!client) return;
          if (event.reading) lines.reads(client, event.group, event.partitions, event.t);
          else lines.stops(client, event.group, event.partitions, event.t);
          return;
        }
        case "partition.owner": {
          const client = clients.get(event.client);
          if (!client) return;
          lines.settle(event.group, event.partitions, event.t); // what was read until now belongs to what ends now
          if (event.how === "assigned") client.assigned(event.partitions);
          else client.unassigned(event.partitions);
          return;
        }
        case "client.process": {
          const client = clients.get(event.client);
          if (!client) clients.set(event.client, new Client(event.t));
          else if (isGone(event.to)) client.ends(event.t);
        }
      }
    },
    end(t) {
      end = t;
      lines.end(t);
    },
    of: (client) => clients.get(client)?.metrics(from, end),
  };
}

/** A value that is told all through a stretch of time, in which it goes straight, or at a single instant. */
interface Told {
  readonly begin: Instant;
  readonly end: Instant;
  readonly first: number;
  readonly last: number;
}

/** Such a value over the measured time; in between it stays what it was. */
class Gauge {
  last: number | null = null;
  max: number | null = null;
  #since: Instant = 0;
  /** The value times microseconds, and those. */
  #area = 0;
  #time: Duration = 0;

  tell({ begin, end, first, last }: Told, from: Instant): void {
    this.#pass(begin, this.last, this.last, from);
    this.#pass(end, first, last, from);
    this.last = last;
    if (end >= from) this.max = Math.max(this.max ?? 0, first, last);
  }

  average(from: Instant, end: Instant): number | null {
    this.#pass(end, this.last, this.last, from);
    return this.#time > 0 ? this.#area / this.#time : null;
  }

  /** From where it was left until `t` it went straight from one value to the other. */
  #pass(t: Instant, first: number | null, last: number | null, from: Instant): void {
    const length = t - Math.max(this.#since, from);
    this.#since = t;
    if (first === null || last === null || length <= 0) return;
    this.#area += ((first + last) / 2) * length;
    this.#time += length;
  }
}

class Client {
  readonly #started: Instant;
  #ended: Instant | undefined;
  #consumed = 0;
  #lagMax: number | null = null;
  readonly #lags = new Map<TopicName, Map<number, Gauge>>();

  constructor(started: Instant) {
    this.#started = started;
  }

  ends(t: Instant): void {
    this.#ended = t;
    this.#lags.clear();
  }

  assigned(partitions: Partitions): void {
    for (const topic in partitions) {
      let lags = this.#lags.get(topic);
      if (!lags) this.#lags.set(topic, (lags = new Map()));
      for (const partition of partitions[topic]) lags.set(partition, new Gauge());
    }
  }

  unassigned(partitions: Partitions): void {
    for (const topic in partitions) {
      for (const partition of partitions[topic]) this.#lags.get(topic)?.delete(partition);
    }
  }

  polled({ t, topic, partition, records, position, end }: RecordsPolled, from: Instant): void {
    const lag = end - position;
    this.read(topic, partition, { begin: t, end: t, first: lag, last: lag }, records, from);
  }

  /** So many records of a partition were handed out, and its lag was told. */
  read(topic: TopicName, partition: number, told: Told, records: number, from: Instant): void {
    this.#lags.get(topic)?.get(partition)?.tell(told, from);
    if (told.end < from) return;
    this.handOut(records);
    this.#lagMax = Math.max(this.#lagMax ?? 0, told.first, told.last);
  }

  handOut(records: number): void {
    this.#consumed += records;
  }

  metrics(from: Instant, end: Instant): FetchMetrics {
    const seconds = ((this.#ended ?? end) - Math.max(from, this.#started)) / SECOND;
    return {
      "records-consumed-total": this.#consumed,
      "records-consumed-rate": seconds > 0 ? this.#consumed / seconds : 0,
      "records-lag-max": this.#lagMax,
      partitions: [...this.#lags].flatMap(([topic, lags]) =>
        [...lags].map(([partition, gauge]) => ({
          topic,
          partition,
          "records-lag": gauge.last,
          "records-lag-avg": gauge.average(from, end),
          "records-lag-max": gauge.max,
        })),
      ),
    };
  }
}

/** The fluid's line of one partition, from `since` on, and who reads it. */
interface Line {
  since: Instant;
  lag: number;
  in: number;
  out: number;
  reader: Client | null;
  /** Who reads it, or read it before nobody did. */
  lastReader: Client | null;
}

/** What the fluid's lines come to for those who read them. */
class Lines {
  readonly #from: () => Instant;
  readonly #groups = new Map<GroupId, Map<TopicName, Line[]>>();

  constructor(from: () => Instant) {
    this.#from = from;
  }

  bend({ t, group, topic, partitions, lag, in: inflow, out }: LagSlopes): void {
    const lines = this.#linesOf(group, topic);
    partitions.forEach((partition, i) => {
      const line = this.#settled(lines, topic, partition, t);
      line.lag = at(lag, i);
      line.in = at(inflow, i);
      line.out = at(out, i);
    });
  }

  reads(client: Client, group: GroupId, partitions: Partitions, t: Instant): void {
    this.#each(group, partitions, t, (line) => {
      line.reader = line.lastReader = client;
    });
  }

  lastReader(group: GroupId, topic: TopicName, partition: number): Client | null {
    return this.#linesOf(group, topic)[partition]?.lastReader ?? null;
  }

  /** What another has taken over meanwhile stays with that one. */
  stops(client: Client, group: GroupId, partitions: Partitions, t: Instant): void {
    this.#each(group, partitions, t, (line) => {
      if (line.reader === client) line.reader = null;
    });
  }

  /** Whatever was read of these until now is told. */
  settle(group: GroupId, partitions: Partitions, t: Instant): void {
    this.#each(group, partitions, t, () => undefined);
  }

  end(t: Instant): void {
    for (const topics of this.#groups.values()) {
      for (const [topic, lines] of topics) lines.forEach((_, partition) => this.#settled(lines, topic, partition, t));
    }
  }

  #each(group: GroupId, partitions: Partitions, t: Instant, act: (line: Line) => void): void {
    for (const topic in partitions) {
      const lines = this.#linesOf(group, topic);
      for (const partition of partitions[topic]) act(this.#settled(lines, topic, partition, t));
    }
  }

  #linesOf(group: GroupId, topic: TopicName): Line[] {
    let topics = this.#groups.get(group);
    if (!topics) this.#groups.set(group, (topics = new Map()));
    let lines = topics.get(topic);
    if (!lines) topics.set(topic, (lines = []));
    return lines;
  }

  /** The line of a partition, brought up to now. */
  #settled(lines: Line[], topic: TopicName, partition: number, t: Instant): Line {
    const line = (lines[partition] ??= { since: 0, lag: 0, in: 0, out: 0, reader: null, lastReader: null });
    const { since, reader, lastReader, out } = line;
    if (t === since) return line;
    const slope = (line.in - out) / SECOND;
    const lagAt = (instant: Instant): number => Math.max(0, line.lag + slope * (instant - since));
    const last = lagAt(t);
    const by = reader ?? lastReader;
    if (by && out > 0) {
      // Of a stretch that begins in the warm-up only the rest is measured.
      const begin = Math.max(since, Math.min(t, this.#from()));
      const told = { begin, end: t, first: lagAt(begin), last };
      // A line bends at whole microseconds, and may have run dry a little before.
      const records = Math.min((out * (t - begin)) / SECOND, told.first + (line.in * (t - begin)) / SECOND);
      if (reader) reader.read(topic, partition, told, records, this.#from());
      else if (t >= this.#from()) by.handOut(records); // what it had in hand as its partition was taken from it
    }
    line.since = t;
    line.lag = last;
    return line;
  }
}

const at = (column: number | readonly number[], i: number): number => (typeof column === "number" ? column : column[i]);
