/**
 * Reads the lag: exact straight lines for every partition and for each group as a whole, in records and in time.
 *
 * The trace has a line's value and slopes wherever it bends. Time lag is the age of the next record to be read,
 *
 *     timeLag(t) = t − P⁻¹(C(t))
 *
 * with P what was produced up to an instant and C what has been read of it. P is made of straight lines, one for each
 * production rate, and so is P⁻¹(C(t)): it bends where the lag does, and where the record being read was the first of
 * a new rate. Rates behind the position are remembered, too (`production-curve.ts`): it may be set back to them.
 */
import type { Duration, Instant } from "../../engine/time.ts";
import { SECOND } from "../../engine/time.ts";
import type { GroupId, TopicName } from "../../names.ts";
import type { LagSlopes, Sink } from "../event.ts";
import { type Came, NONE, ProductionCurve } from "./production-curve.ts";

/** A stretch in which both lags of one partition are straight. */
export interface LagPiece {
  readonly group: GroupId;
  readonly topic: TopicName;
  readonly partition: number;
  readonly from: Instant;
  /** Not always whole: a position meets a new rate when it does. */
  readonly to: Instant;
  /** Records not yet read, at `from`. */
  readonly lag: number;
  /** Records per second. */
  readonly slope: number;
  /** Age of the next record to be read, at `from`; 0 when there is none. Not always whole. */
  readonly timeLag: Duration;
  /** Microseconds a microsecond: 1 while nothing is read. */
  readonly timeSlope: number;
  /** The next record to be read, at `from`: counted from the first that was produced since the trace speaks of it. */
  readonly position: number;
  /** Consumption, records per second. */
  readonly out: number;
}

/** A stretch in which the lag of a whole group is straight. */
export interface GroupLagPiece {
  readonly group: GroupId;
  readonly from: Instant;
  readonly to: Instant;
  /** Records not yet read, of all partitions, at `from`. */
  readonly lag: number;
  /** Records per second, as are the other two: slope = in − out. */
  readonly slope: number;
  readonly in: number;
  readonly out: number;
}

/** Tells every straight stretch of every partition's lag; those without any lag too. */
export function lagPieces(tell: (piece: LagPiece) => void): Sink {
  return lagLines({ piece: tell });
}

/** Tells every straight stretch of every group's total lag. */
export function totalLag(tell: (piece: GroupLagPiece) => void): Sink {
  return lagLines({ total: tell });
}

interface Listeners {
  /** All lines are known up to here, before anything bends at this instant. */
  readonly before?: (t: Instant) => void;
  readonly piece?: (piece: LagPiece) => void;
  readonly total?: (piece: GroupLagPiece) => void;
  /** So many records of this partition are gone that lay before this position: what was before them moves up to it. */
  readonly cutBack?: (line: LagLine, records: number, end: number) => void;
}

/** The lines themselves, for readings that want to look at all of them at chosen instants. */
export interface LagLines extends Sink {
  groups(): Iterable<GroupLines>;
}

/** All partitions of one group. */
export interface GroupLines {
  readonly group: GroupId;
  /** Partitions of the topics that it reads or has read, with or without a line. */
  readonly partitions: number;
  /** The same over time: partitions times microseconds. */
  partitionTime(from: Instant, to: Instant): number;
  /** Those the trace has spoken of. */
  readonly lines: readonly LagLine[];
  line(topic: TopicName, partition: number): LagLine | undefined;
  totalAt(t: Instant): number;
}

export function lagLines(listeners: Listeners): LagLines {
  const groups = new Map<GroupId, Group>();
  const sizes = new Map<TopicName, number>();
  const groupOf = (id: GroupId): Group => {
    let group = groups.get(id);
    if (!group) groups.set(id, (group = new Group(id)));
    return group;
  };
  return {
    groups: () => groups.values(),
    begin(header) {
      for (const { name, partitions } of header.topics) sizes.set(name, partitions);
      for (const { id, topics } of header.groups) groupOf(id).subscribe(0, topics, sizes);
    },
    see(event) {
      if (event.type === "topic.changed") {
        sizes.set(event.topic, event.partitions);
        for (const group of groups.values()) group.resize(event.t, sizes);
      } else if (event.type === "group.subscribed") groupOf(event.group).subscribe(event.t, event.topics, sizes);
      else if (event.type === "partition.truncated")
        for (const group of groups.values()) group.line(event.topic, event.partition)?.cutBack(event.t, event.records);
      if (event.type !== "lag") return;
      listeners.before?.(event.t);
      groupOf(event.group).bend(event, listeners);
    },
    end(t) {
      listeners.before?.(t);
      for (const group of groups.values()) group.settle(t, listeners);
      groups.clear();
      sizes.clear();
    },
  };
}

/**
 * So many stretches of production are remembered behind the positions of a group's partitions, all together; and at least
 * so many of each.
 */
const REMEMBERED = 250_000;
const REMEMBERED_OF_EACH = 25;

class Group implements GroupLines {
  readonly group: GroupId;
  readonly lines: LagLine[] = [];
  readonly #topics = new Map<TopicName, (LagLine | undefined)[]>();
  /**
   * Topics the group has subscribed to so far, and how many partitions each has, as header and trace say. What it left
   * unread in a topic that it has turned from is still its lag.
   */
  readonly #listed = new Map<TopicName, number>();
  /** How many partitions there are for the group from each instant on, with those that nobody has listed. */
  readonly #sizes: { readonly from: Instant; readonly partitions: number }[] = [{ from: 0, partitions: 0 }];
  #since: Instant = 0;
  #lag = 0;
  /** What rounding has taken from `#lag` so far (Neumaier's compensated sum). */
  #lost = 0;
  /** Lines that are not at rest: without lag, and reading what comes. */
  #moving = 0;
  readonly #in = new RateSum();
  readonly #out = new RateSum();

  constructor(group: GroupId) {
    this.group = group;
  }

  get partitions(): number {
    return this.#sizes.at(-1)!.partitions;
  }

  partitionTime(from: Instant, to: Instant): number {
    return this.#sizes.reduce((sum, { from: begin, partitions }, i) => {
      const end = Math.min(to, this.#sizes[i + 1]?.from ?? to);
      return sum + partitions * Math.max(0, end - Math.max(from, begin));
    }, 0);
  }

  subscribe(t: Instant, topics: readonly TopicName[], sizes: ReadonlyMap<TopicName, number>): void {
    for (const topic of topics) if (!this.#listed.has(topic)) this.#listed.set(topic, 0);
    this.resize(t, sizes);
  }

  resize(t: Instant, sizes: ReadonlyMap<TopicName, number>): void {
    for (const [topic, before] of this.#listed) {
      const partitions = sizes.get(topic) ?? 0;
      this.#listed.set(topic, partitions);
      this.#count(t, partitions - before);
    }
  }

  #count(from: Instant, more: number): void {
    if (more === 0) return;
    const partitions = this.partitions + more;
    if (this.#sizes.at(-1)!.from === from) this.#sizes.pop();
    this.#sizes.push({ from, partitions });
  }

  line(topic: TopicName, partition: number): LagLine | undefined {
    return this.#topics.get(topic)?.[partition];
  }

  totalAt(t: Instant): number {
    return Math.max(0, this.#lag + this.#lost + (this.#in.minus(this.#out) * (t - this.#since)) / SECOND);
  }

  bend(event: LagSlopes, listeners: Listeners): void {
    const { t, topic, partitions, lag, in: inflow, out, gone = 0, arrived = 0, above = null } = event;
    this.#advance(t, listeners);
    const remembered = Math.max(REMEMBERED_OF_EACH, REMEMBERED / Math.max(1, this.lines.length));
    let lines = this.#topics.get(topic);
    if (!lines) this.#topics.set(topic, (lines = []));
    partitions.forEach((partition, i) => {
      let line = lines[partition];
      if (!line) {
        this.lines.push((line = lines[partition] = new LagLine(this.group, topic, partition)));
        if (partition >= (this.#listed.get(topic) ?? 0)) this.#count(t, 1);
      }
      if (listeners.piece) line.tellUntil(t, listeners.piece);
      if (line.moves) this.#moving--;
      this.#in.add(line.in, -1);
      this.#out.add(line.out, -1);
      this.#add(-line.reckonedAt(t));
      const came = { gone: at(gone, i), arrived: at(arrived, i), above: at(above, i) };
      if (came.gone > 0) listeners.cutBack?.(line, came.gone, line.producedUntil(t));
      line.bend(t, at(lag, i), at(inflow, i), at(out, i), came, remembered);
      this.#in.add(line.in, 1);
      this.#out.add(line.out, 1);
      this.#add(line.lag);
      if (line.moves) this.#moving++;
    });
    if (this.#moving === 0) this.#lag = this.#lost = 0; // exactly, whatever rounding has left
  }

  settle(t: Instant, listeners: Listeners): void {
    this.#advance(t, listeners);
    if (listeners.piece) for (const line of this.lines) line.tellUntil(t, listeners.piece);
  }

  #advance(t: Instant, { total }: Listeners): void {
    if (t <= this.#since) return;
    const lag = this.totalAt(this.#since);
    const slope = this.#in.minus(this.#out);
    total?.({ group: this.group, from: this.#since, to: t, lag, slope, in: this.#in.value, out: this.#out.value });
    this.#add((slope * (t - this.#since)) / SECOND);
    this.#since = t;
  }

  #add(records: number): void {
    const sum = this.#lag + records;
    this.#lost += Math.abs(this.#lag) >= Math.abs(records) ? this.#lag - sum + records : records - sum + this.#lag;
    this.#lag = sum;
  }
}

/** Parts of a record a second: as fine as the parts below one of 32,000 partitions still add up to a whole number. */
const PARTS = 0x40_0000_0000;

/** The sum of rates that come and go, without any error: what was added and is taken away again leaves nothing. */
class RateSum {
  #whole = 0;
  #parts = 0;

  /** Adds a rate, in records per second, or takes it away. */
  add(rate: number, sign: 1 | -1): void {
    const whole = Math.floor(rate);
    this.#whole += sign * whole;
    this.#parts += sign * Math.round((rate - whole) * PARTS);
  }

  get value(): number {
    return this.#whole + this.#parts / PARTS;
  }

  minus(other: RateSum): number {
    return this.#whole - other.#whole + (this.#parts - other.#parts) / PARTS;
  }
}

function at<T extends number | null>(column: T | readonly T[], i: number): T {
  return typeof column === "object" && column !== null ? column[i] : column;
}

/** The lag of one partition, now and until it bends. */
export class LagLine {
  readonly group: GroupId;
  readonly topic: TopicName;
  readonly partition: number;
  since: Instant = 0;
  lag = 0;
  in = 0;
  out = 0;
  readonly #production = new ProductionCurve();
  #told: Instant = 0;

  constructor(group: GroupId, topic: TopicName, partition: number) {
    this.group = group;
    this.topic = topic;
    this.partition = partition;
  }

  get moves(): boolean {
    return this.lag > NONE || this.in !== this.out;
  }

  lagAt(t: Instant): number {
    return Math.max(0, this.reckonedAt(t));
  }

  /** Where the line leads: below zero for less than a microsecond, because the trace bends it at a whole one. */
  reckonedAt(t: Instant): number {
    return this.lag + ((this.in - this.out) * (t - this.since)) / SECOND;
  }

  timeLagAt(t: Instant): Duration {
    const lag = this.lagAt(t);
    if (lag <= NONE) return 0;
    const { from, recordsPerSecond } = this.#production.newest;
    const sinceNewest = (recordsPerSecond * (t - from)) / SECOND;
    if (lag <= sinceNewest) return (lag / recordsPerSecond) * SECOND;
    return Math.max(0, t - this.#production.producedAt(this.#production.producedUntil(t) - lag));
  }

  /**
   * When the records from one position to another were produced: the first and the last of each stretch in which they came
   * at an even pace.
   */
  produced(from: number, to: number, tell: (from: number, to: number, first: Instant, last: Instant) => void): void {
    for (let position = from; position < to;) {
      const { recordsPerSecond, ends = Infinity } = this.#production.stretchOf(position);
      const next = Math.min(to, Math.max(ends, position + NONE));
      const first = this.#production.producedAt(position);
      const last = recordsPerSecond > 0 ? first + ((next - position) / recordsPerSecond) * SECOND : first;
      tell(position, next, first, last);
      position = next;
    }
  }

  /** Records that could be read up to then, since the trace speaks of it. */
  producedUntil(t: Instant): number {
    return this.#production.producedUntil(t);
  }

  /** The next record to be read: counted from the first that was produced since the trace speaks of it. */
  positionAt(t: Instant): number {
    return this.producedUntil(t) - this.lagAt(t);
  }

  /**
   * The line goes on from here, at another slope or from another value. Of what was produced behind the position so many
   * stretches are to be remembered.
   */
  bend(t: Instant, lag: number, inflow: number, out: number, came: Came, remembered: number): void {
    const production = this.#production;
    production.bend(t, inflow, came);
    production.forget(production.producedUntil(t) - lag, remembered);
    this.since = this.#told = t;
    this.lag = lag;
    this.in = inflow;
    this.out = out;
  }

  /** So many records are gone, the last that were written; this is about those that nobody could read. */
  cutBack(t: Instant, records: number): void {
    this.#production.cutBack(t, records);
  }

  tellUntil(t: Instant, tell: (piece: LagPiece) => void): void {
    const { group, topic, partition, out } = this;
    const slope = this.in - out;
    while (this.#told < t) {
      const from = this.#told;
      const lag = this.lagAt(from);
      const position = this.#production.producedUntil(from) - lag;
      const timeLag = this.timeLagAt(from);
      let to = t;
      let timeSlope = 0;
      if (lag <= NONE && slope > 0) {
        timeSlope = 1 - out / this.in; // the oldest unread record is the one that comes now
      } else if (lag > NONE) {
        const { recordsPerSecond, ends } = this.#production.stretchOf(position);
        if (out === 0 || recordsPerSecond === 0) timeSlope = 1;
        else timeSlope = 1 - out / recordsPerSecond;
        if (ends !== undefined && out > 0) {
          // At least a billionth of a microsecond further, so that rounding cannot stop us here.
          const meets = from + Math.max(((ends - position) / out) * SECOND, from * 1e-15 + 1e-9);
          if (meets < t) to = meets;
        }
      }
      tell({ group, topic, partition, from, to, lag, slope, timeLag, timeSlope, position, out });
      this.#told = to;
    }
  }
}
