import type { Again, Aside, Move, Stretch } from "../lag/moves.ts";
import type { Passage } from "../lag/passages.ts";
import type { ClientId, GroupId, TopicName } from "../names.ts";
import type { Happening, LossReason, RereadReason } from "../trace/event.ts";

/** Records of one topic that have one fate for one reason. */
interface Columns {
  readonly topic: TopicName;
  readonly reason: string;
  readonly crashed: boolean;
  readonly partitions: number[];
  readonly from: number[];
  readonly records: number[];
  readonly inHand: number[];
}

/** Records of one topic that somebody processes beside the group, and when. */
interface Beside {
  readonly topic: TopicName;
  readonly whose: "its own" | "of another";
  readonly passages: { readonly partition: number; readonly origin: number; readonly passage: Passage }[];
}

type Fate = "reread" | "found" | "spared" | "lost";

/** Collects what becomes of records where positions are set, to be told together: of one topic, for one reason. */
export class MovedRecords {
  readonly #fates: Readonly<Record<Fate, Columns[]>> = { reread: [], found: [], spared: [], lost: [] };
  readonly #recovered: Columns[] = [];
  readonly #kept: Columns[] = [];
  readonly #aside: Columns[] = [];
  readonly #beside: Beside[] = [];

  /** A position was set. The flow counts offsets of this partition from `origin` on. */
  add(topic: TopicName, partition: number, origin: number, move: Partial<Move>): void {
    for (const fate of ["reread", "found", "spared", "lost"] as const) {
      for (const stretch of move[fate] ?? []) this.#add(this.#fates[fate], topic, partition, origin, stretch);
    }
  }

  /** These were passed, but who has them in hand goes on, and processes them. */
  addRecovered(topic: TopicName, partition: number, origin: number, recovered: readonly Stretch[]): void {
    for (const stretch of recovered) this.#add(this.#recovered, topic, partition, origin, stretch);
  }

  /** The same of who has parted from them. */
  keep(topic: TopicName, partition: number, origin: number, kept: readonly Stretch[]): void {
    for (const stretch of kept) this.#add(this.#kept, topic, partition, origin, stretch);
  }

  /** These were processed beside whoever reads them for the group. */
  addAside(topic: TopicName, partition: number, origin: number, { twice, found }: Aside): void {
    for (const stretch of twice) this.#add(this.#aside, topic, partition, origin, stretch);
    this.addRecovered(topic, partition, origin, found);
  }

  /** So these are processed beside the group: by whose doing the rest is, or by somebody who has parted from them. */
  addBeside(
    topic: TopicName,
    partition: number,
    origin: number,
    passages: readonly Passage[],
    whose: Beside["whose"],
  ): void {
    if (passages.length === 0) return;
    let beside = this.#beside.find((one) => one.topic === topic && one.whose === whose);
    if (!beside) this.#beside.push((beside = { topic, whose, passages: [] }));
    for (const passage of passages) beside.passages.push({ partition, origin, passage });
  }

  #add(all: Columns[], topic: TopicName, partition: number, origin: number, stretch: Stretch | Again): void {
    const { from, records, cause } = stretch;
    const crashed = "crashed" in stretch && stretch.crashed;
    let columns = all.find(
      (one) =>
        one.topic === topic && one.reason === cause && one.crashed === crashed && !one.partitions.includes(partition),
    );
    if (!columns) {
      columns = { topic, reason: cause, crashed, partitions: [], from: [], records: [], inHand: [] };
      all.push(columns);
    }
    columns.partitions.push(partition);
    columns.from.push(toSixDecimals(from + origin));
    columns.records.push(toSixDecimals(records));
    columns.inHand.push(toSixDecimals("inHand" in stretch ? stretch.inHand : 0));
  }

  /** In the words of the trace; `client`: whose doing it is. */
  told(group: GroupId, client: ClientId): readonly Happening[] {
    const { reread, found, spared, lost } = this.#fates;
    return [
      ...reread.map((one) => ({ type: "records.reread" as const, client, ...again(group, one) })),
      ...found.map((one) => ({ type: "records.found" as const, client, ...never(group, one) })),
      ...this.#recovered.map((one) => ({ type: "records.found" as const, client, ...beside(group, one) })),
      ...this.#aside.map((one) => ({ type: "records.reread" as const, client, ...aside(group, one) })),
      ...spared.map((one) => ({ type: "records.spared" as const, client, ...again(group, one) })),
      ...lost.map((one) => ({ type: "records.lost" as const, client, ...never(group, one) })),
      ...this.#kept.map((one) => ({ type: "records.found" as const, ...beside(group, one) })),
      ...this.#beside.map((one) => ({
        type: "records.beside" as const,
        ...(one.whose === "its own" && { client }),
        ...passages(group, one),
      })),
    ];
  }

  /** The same of what is nobody's doing: positions only move on. */
  toldOfNobody(group: GroupId): readonly Happening[] {
    const { spared, lost } = this.#fates;
    return [
      ...spared.map((one) => ({ type: "records.spared" as const, ...again(group, one) })),
      ...lost.map((one) => ({ type: "records.lost" as const, ...never(group, one) })),
    ];
  }
}

const again = (group: GroupId, columns: Columns) => ({
  ...common(group, columns),
  inHand: column(columns.inHand),
  reason: columns.reason as RereadReason,
  ...(columns.crashed && columns.reason !== "crash" && { afterCrash: true as const }),
});

const aside = (group: GroupId, columns: Columns) => ({
  ...common(group, columns),
  inHand: column(columns.records),
  reason: columns.reason as RereadReason,
  aside: true as const,
});

const never = (group: GroupId, columns: Columns) => ({
  ...common(group, columns),
  reason: columns.reason as LossReason,
});

const beside = (group: GroupId, columns: Columns) => ({ ...never(group, columns), beside: true as const });

const passages = (group: GroupId, { topic, passages: all }: Beside) => ({
  ...common(group, {
    topic,
    partitions: all.map(({ partition }) => partition),
    from: all.map(({ origin, passage }) => toSixDecimals(passage.from + origin)),
    records: all.map(({ passage: { from, to } }) => toSixDecimals(to - from)),
  }),
  since: column(all.map(({ passage }) => Math.round(passage.since))),
  until: column(all.map(({ passage }) => Math.round(passage.until))),
});

const common = (
  group: GroupId,
  { topic, partitions, from, records }: Pick<Columns, "topic" | "partitions" | "from" | "records">,
) => ({
  group,
  topic,
  partitions,
  from: column(from),
  records: column(records),
});

/** One number for all if they are all the same. */
function column(values: readonly number[]): number | readonly number[] {
  return values.every((value) => value === values[0]) ? values[0] : values;
}

/** Records as the trace has them. */
const toSixDecimals = (records: number): number => Math.round(records * 1e6) / 1e6;
