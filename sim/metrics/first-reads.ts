/**
 * How old records are when they are first read, where lag is a fluid: over each straight stretch of a partition the age
 * of what is read is the time lag.
 */
import type { Duration, Instant } from "../engine/time.ts";
import { SECOND } from "../engine/time.ts";
import type { TopicName } from "../names.ts";
import type { LagSlopes, TraceEvent } from "../trace/event.ts";
import type { LagLine, LagPiece } from "../trace/readings/lag.ts";

/** A jump over less than this many records is none: rates are rounded, and a long line misses the next by a little. */
const LEAST_JUMP = 1;

type RecordDone = Extract<TraceEvent, { type: "record.done" }>;

/** Records of one partition that are read at an even pace, for the first time. */
export interface FirstRead {
  readonly topic: TopicName;
  readonly partition: number;
  readonly records: number;
  /** When the first and the last of them are read; not always whole. */
  readonly at: readonly [first: Instant, last: Instant];
  /** How long these have been in the log by then; in between it runs straight. */
  readonly age: readonly [first: Duration, last: Duration];
}

/** Records of one partition that somebody processes beside the group, at an even pace. */
export interface ReadBeside {
  readonly topic: TopicName;
  readonly partition: number;
  /** The position of the first of them; and how many. */
  readonly position: number;
  readonly records: number;
  /** When the first and the last are processed. */
  readonly since: Instant;
  readonly until: Instant;
}

/** Which single records a group processes for the first time. */
export class FirstOfSingles {
  readonly #unread = new Map<string, Unread>();
  /** When a log was cut back: its offsets have other records from then on. */
  readonly #cuts = new Map<string, Instant[]>();

  /** Records may be gone. */
  seeLag({ t, group, topic, partitions, gone }: LagSlopes): void {
    if (gone === undefined) return;
    partitions.forEach((partition, i) => {
      if ((typeof gone === "number" ? gone : gone[i]) === 0) return;
      const name = `${group} ${topic} ${partition}`;
      this.#cuts.set(name, [...(this.#cuts.get(name) ?? []), t]);
    });
  }

  /** One is done; whether it was not before. */
  isFirst({ group, topic, partition, offset, produced }: RecordDone): boolean {
    let name = `${group} ${topic} ${partition}`;
    const before = this.#cuts.size > 0 ? (this.#cuts.get(name) ?? []).filter((t) => t <= produced).length : 0;
    if (before > 0) name += ` ${before}`;
    let unread = this.#unread.get(name);
    if (!unread) this.#unread.set(name, (unread = new Unread()));
    return unread.read(offset, offset + 1).length > 0;
  }
}

/** The same with what they are then. */
interface Beside extends FirstRead {
  readonly position: number;
}

/**
 * Tells what one group reads for the first time, from an instant on. What somebody has read beside it counts when it turns
 * out that nobody else has, at the end.
 */
export class FirstReads {
  readonly #from: Instant;
  readonly #tell: (read: FirstRead) => void;
  readonly #topics = new Map<TopicName, Unread[]>();
  #beside: Beside[] = [];

  constructor(from: Instant, tell: (read: FirstRead) => void) {
    this.#from = from;
    this.#tell = tell;
  }

  see({ topic, partition, from, to, position, out, timeLag, timeSlope }: LagPiece): void {
    if (out <= 0) return; // nobody reads: wherever the position is put meanwhile, it only matters where reading goes on
    const unread = this.#unreadOf(topic, partition);
    const positionAt = (t: Instant) => position + (out * (t - from)) / SECOND;
    const begin = Math.min(Math.max(from, this.#from), to);
    if (begin > from) unread.read(position, positionAt(begin)); // in the warm-up: read, and not counted
    if (begin >= to) return;
    const readAt = (offset: number) => from + ((offset - position) / out) * SECOND;
    const ageAt = (t: Instant) => Math.max(0, timeLag + timeSlope * (t - from));
    for (const [first, last] of unread.read(positionAt(begin), positionAt(to))) {
      const [from, to] = [readAt(first), readAt(last)];
      this.#tell({ topic, partition, records: last - first, at: [from, to], age: [ageAt(from), ageAt(to)] });
    }
  }

  /** The group has read a single record; how old that was is told elsewhere. */
  seeSingle(topic: TopicName, partition: number, position: number): void {
    this.#unreadOf(topic, partition).read(position, position + 1);
  }

  /** `line` knows when they were produced. */
  seeBeside({ topic, partition, position, records, since, until }: ReadBeside, line: LagLine): void {
    const readAt = (offset: number) => since + ((until - since) * (offset - position)) / records;
    line.produced(position, position + records, (from, to, first, last) => {
      const at = [readAt(from), readAt(to)] as const;
      const age = [Math.max(0, at[0] - first), Math.max(0, at[1] - last)] as const;
      this.#beside.push({ topic, partition, position: from, records: to - from, at, age });
    });
  }

  /** So many records of a partition are gone that lay before this position: what of them was read beside the group, only was. */
  cutBack(topic: TopicName, partition: number, records: number, end: number): void {
    const left = end - records;
    this.#beside = this.#beside.flatMap((read) => {
      if (read.topic !== topic || read.partition !== partition) return [read];
      this.#tellBeside(read, Math.max(read.position, left), end);
      const share = Math.min(1, (left - read.position) / read.records);
      return share > 0 ? [{ ...part(read, 0, share), position: movedUp(read.position, records, end) }] : [];
    });
    this.#unreadOf(topic, partition).cutBack(records, end);
  }

  /** The run is over, and the group has come so far in each partition. */
  end(positionOf: (topic: TopicName, partition: number) => number): void {
    for (const read of this.#beside) {
      this.#tellBeside(read, read.position, positionOf(read.topic, read.partition));
    }
  }

  /** What of these records, between two positions, nobody else has read. */
  #tellBeside({ position, ...read }: Beside, from: number, before: number): void {
    const { topic, partition, records } = read;
    const to = Math.min(position + records, before);
    if (to <= from) return;
    for (const range of this.#unreadOf(topic, partition).read(from, to)) {
      const of = part(read, (range[0] - position) / records, (range[1] - position) / records);
      const [first, last] = of.at;
      if (first >= this.#from) this.#tell(of);
      else if (last > this.#from) this.#tell(part(of, (this.#from - first) / (last - first), 1));
    }
  }

  #unreadOf(topic: TopicName, partition: number): Unread {
    let partitions = this.#topics.get(topic);
    if (!partitions) this.#topics.set(topic, (partitions = []));
    return (partitions[partition] ??= new Unread());
  }
}

/** Of records that are read at an even pace those from one share of them up to another: 0 is the first, 1 the last. */
function part<R extends FirstRead>(read: R, from: number, to: number): R {
  const of = ([first, last]: readonly [number, number]): readonly [number, number] => [
    first + (last - first) * from,
    first + (last - first) * to,
  ];
  return { ...read, records: read.records * (to - from), at: of(read.at), age: of(read.age) };
}

/** Where a position is once so many records before `end` are gone. */
const movedUp = (position: number, gone: number, end: number): number => Math.min(position + gone, end);

/** From one position up to another. */
type Range = readonly [from: number, to: number];

/** What has not been read of a partition: all beyond the furthest position, and what positions have jumped over. */
export class Unread {
  /** Ascending, apart. */
  #gaps: Range[] = [];
  #furthest = -Infinity;

  /** So many before this position are gone. */
  cutBack(records: number, end: number): void {
    const moved = this.#gaps.map(([from, to]) => [movedUp(from, records, end), movedUp(to, records, end)] as const);
    this.#gaps = moved.filter(([from, to]) => to > from);
    this.#furthest = movedUp(this.#furthest, records, end);
  }

  /** Reads so far; returns what of it had not been read before. */
  read(from: number, to: number): Range[] {
    const first: Range[] = [];
    if (from < this.#furthest && this.#gaps.length > 0) {
      const left: Range[] = [];
      for (const [begin, end] of this.#gaps) {
        const [firstOf, lastOf] = [Math.max(begin, from), Math.min(end, to)];
        if (firstOf >= lastOf) {
          left.push([begin, end]);
          continue;
        }
        first.push([firstOf, lastOf]);
        if (begin < firstOf) left.push([begin, firstOf]);
        if (lastOf < end) left.push([lastOf, end]);
      }
      this.#gaps = left;
    }
    if (from - this.#furthest >= LEAST_JUMP) this.#gaps.push([this.#furthest, from]);
    if (to > this.#furthest) {
      first.push([Math.max(from, this.#furthest), to]);
      this.#furthest = to;
    }
    return first;
  }
}
