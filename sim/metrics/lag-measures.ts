import type { Instant } from "../engine/time.ts";
import { SECOND } from "../engine/time.ts";
import type { GroupId, TopicName } from "../names.ts";
import type { LagSlopes, Sink, TraceEvent } from "../trace/event.ts";
import { lagLines, type GroupLagPiece, type GroupLines, type LagLine, type LagPiece } from "../trace/readings/lag.ts";
import { curve, type CurveMaker } from "./curve.ts";
import { type FirstRead, FirstReads, type ReadBeside } from "./first-reads.ts";
import { occupancy, type Occupancy } from "./occupancy.ts";
import type { LagSummary, TimeLagSummary } from "./summary.ts";

type RecordsBeside = Extract<TraceEvent, { type: "records.beside" }>;

export interface LagMeasures {
  readonly lag: LagSummary;
  readonly timeLag: TimeLagSummary;
  readonly produced: number;
  /** Records that positions have moved over because they were read. */
  readonly consumed: number;
  /** Of the topics that it reads or has read, at the end. */
  readonly partitions: number;
  /** Each partition's line as it stands at the end. */
  readonly lines: readonly LagLine[];
}

/** Measures the lag of every group, from the end of the warm-up on. `read`: what its members then read for the first time. */
export function lagMeasures(
  read: (group: GroupId, records: FirstRead) => void = () => undefined,
): Sink & { of(group: GroupId): LagMeasures | undefined } {
  let from: Instant = 0;
  let until: Instant = 0;
  const groups = new Map<GroupId, Group>();
  const results = new Map<GroupId, LagMeasures>();
  const groupOf = (id: GroupId): Group => {
    let group = groups.get(id);
    if (!group) groups.set(id, (group = new Group(from, until, (records) => read(id, records))));
    return group;
  };
  /** The offsets at which the partitions of some topics begin for a group. */
  const begins = new Map<GroupId, Readonly<Record<TopicName, readonly number[]>>>();
  /** How many records of a line have gone since: what is left has moved up by as many. */
  const gone = new Map<LagLine, number>();
  const originOf = (group: GroupId, topic: TopicName, partition: number): number => {
    const begin = begins.get(group)?.[topic]?.[partition] ?? 0;
    if (gone.size === 0) return begin;
    const line = [...lines.groups()].find((one) => one.group === group)?.line(topic, partition);
    return begin - ((line && gone.get(line)) ?? 0);
  };
  const seeBeside = ({ group, topic, partitions, from, records, since, until }: RecordsBeside): void => {
    const known = [...lines.groups()].find((one) => one.group === group);
    partitions.forEach((partition, i) => {
      const line = known?.line(topic, partition);
      const position = at(from, i) - originOf(group, topic, partition);
      const read = { topic, partition, position, records: at(records, i), since: at(since, i), until: at(until, i) };
      if (line) groupOf(group).seeBeside(read, line);
    });
  };
  let isMeasured = false;
  const lines = lagLines({
    before(t) {
      if (isMeasured || t < from) return;
      isMeasured = true;
      for (const { group, lines: all } of lines.groups()) groupOf(group).beginAt(from, all);
    },
    piece: (piece) => groupOf(piece.group).seePiece(piece),
    total: (piece) => groupOf(piece.group).seeTotal(piece),
    cutBack(line, records, end) {
      gone.set(line, (gone.get(line) ?? 0) + records);
      groupOf(line.group).cutBack(line, records, end);
    },
  });
  return {
    of: (group) => results.get(group),
    begin(header) {
      from = header.warmUp;
      until = header.until;
      lines.begin!(header);
    },
    see(event) {
      lines.see(event);
      if (event.type === "record.done") {
        const { group, topic, partition, offset } = event;
        groupOf(group).seeSingle(topic, partition, offset - originOf(group, topic, partition));
      } else if (event.type === "records.beside") seeBeside(event);
      else if (event.type === "group.subscribed" && event.begins)
        begins.set(event.group, { ...begins.get(event.group), ...event.begins });
      if (event.t < from) return;
      if (event.type === "lag" && event.arrived !== undefined) groupOf(event.group).seeArrivals(event);
      else if (event.type === "record.done") groupOf(event.group).seeDone();
    },
    end(t) {
      const last = [...lines.groups()];
      lines.end(t);
      for (const lines of last) results.set(lines.group, groupOf(lines.group).measures(t, lines));
    },
  };
}

const at = (column: number | readonly number[], i: number): number => (typeof column === "number" ? column : column[i]);

class Group {
  readonly #from: Instant;
  readonly #lag: Occupancy = occupancy();
  readonly #timeLag: Occupancy = occupancy();
  readonly #lagCurve: CurveMaker;
  readonly #ageCurve: CurveMaker;
  readonly #firstReads: FirstReads;
  #initial = 0;
  #area = 0;
  #produced = 0;
  #consumed = 0;
  #peak = { records: 0, at: 0 };
  #worst: { topic: TopicName; partition: number; records: number; at: Instant } | null = null;
  #oldest: { topic: TopicName; partition: number; age: number; at: Instant } | null = null;
  /** Time of all partitions with a lag. */
  #partitionTime = 0;

  constructor(from: Instant, until: Instant, read: (records: FirstRead) => void) {
    this.#from = from;
    this.#lagCurve = curve(from, until);
    this.#ageCurve = curve(from, until);
    this.#firstReads = new FirstReads(from, read);
  }

  /** The measured time begins, and so stand the lines then. */
  beginAt(t: Instant, lines: readonly LagLine[]): void {
    this.#initial = lagOf(lines, t);
  }

  seeTotal({ from, to, lag, slope, in: inflow, out }: GroupLagPiece): void {
    const last = Math.max(0, lag + (slope * (to - from)) / SECOND);
    this.#lagCurve.line(from, to, lag, last);
    if (to <= this.#from) return;
    const begin = Math.max(from, this.#from);
    const first = Math.max(0, lag + (slope * (begin - from)) / SECOND);
    const seconds = (to - begin) / SECOND;
    this.#lag.add(first, last, to - begin);
    this.#area += ((first + last) / 2) * seconds;
    this.#produced += inflow * seconds;
    this.#consumed += out * seconds;
    if (first > this.#peak.records) this.#peak = { records: first, at: begin };
    if (last > this.#peak.records) this.#peak = { records: last, at: to };
  }

  /** Records that came in at once are in no line. */
  seeArrivals({ partitions, arrived = 0 }: LagSlopes): void {
    this.#produced +=
      typeof arrived === "number" ? arrived * partitions.length : arrived.reduce((sum, records) => sum + records, 0);
  }

  /** Nor are those that are processed one by one. */
  seeDone(): void {
    this.#consumed++;
  }

  seeSingle(topic: TopicName, partition: number, position: number): void {
    this.#firstReads.seeSingle(topic, partition, position);
  }

  cutBack({ topic, partition }: LagLine, records: number, end: number): void {
    this.#firstReads.cutBack(topic, partition, records, end);
  }

  seeBeside(read: ReadBeside, line: LagLine): void {
    this.#firstReads.seeBeside(read, line);
  }

  seePiece(piece: LagPiece): void {
    const { topic, partition, from, to, lag, slope, timeLag, timeSlope } = piece;
    this.#firstReads.see(piece);
    if (slope < 0 && to > this.#from) this.#consumed -= overshoot(piece, this.#from);
    const ageAt = (t: Instant) => Math.max(0, timeLag + timeSlope * (t - from));
    const lagAt = (t: Instant) => Math.max(0, lag + (slope * (t - from)) / SECOND);
    // Most of the time most partitions have no lag: what is not measured here is rest, and added at the end.
    if (lag === 0 && timeLag === 0 && timeSlope === 0) return;
    this.#ageCurve.line(from, to, timeLag, ageAt(to));
    if (to <= this.#from) return;
    const begin = Math.max(from, this.#from);
    this.#timeLag.add(ageAt(begin), ageAt(to), to - begin);
    this.#partitionTime += to - begin;
    for (const t of [begin, to]) {
      const records = lagAt(t);
      const age = ageAt(t);
      if (records > (this.#worst?.records ?? 0)) this.#worst = { topic, partition, records, at: Math.round(t) };
      if (age > (this.#oldest?.age ?? 0)) this.#oldest = { topic, partition, age, at: Math.round(t) };
    }
  }

  measures(end: Instant, group: GroupLines): LagMeasures {
    const { lines } = group;
    this.#firstReads.end((topic, partition) => group.line(topic, partition)!.positionAt(end));
    this.#timeLag.add(0, 0, group.partitionTime(this.#from, end) - this.#partitionTime);
    const final = lagOf(lines, end);
    return {
      lag: {
        distribution: this.#lag.distribution(),
        peak: this.#peak,
        initial: end > this.#from ? this.#initial : final,
        final,
        area: this.#area,
        worst: this.#worst,
        curve: this.#lagCurve.values(),
      },
      timeLag: {
        distribution: this.#timeLag.distribution(),
        peak: this.#oldest,
        final: lines.reduce((most, line) => Math.max(most, line.timeLagAt(end)), 0),
        curve: this.#ageCurve.values(),
      },
      produced: this.#produced,
      consumed: this.#consumed,
      partitions: group.partitions,
      lines,
    };
  }
}

const lagOf = (lines: readonly LagLine[], t: Instant): number => lines.reduce((sum, line) => sum + line.lagAt(t), 0);

/**
 * Records that a falling line reads too many, as it bends at a whole microsecond and has run dry a little before. Those of
 * a long run add up.
 */
function overshoot({ from, to, lag, slope }: LagPiece, since: Instant): number {
  const begin = Math.max(from, since);
  const first = Math.max(0, lag + (slope * (begin - from)) / SECOND);
  return Math.max(0, -(first + (slope * (to - begin)) / SECOND));
}
