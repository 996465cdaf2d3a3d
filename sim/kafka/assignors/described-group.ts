import type { GroupId, MemberId, TopicName } from "../../names.ts";
import type { Subscriber, TopicMetadata } from "./assignor.ts";
import { assignorNamed } from "./assignors.ts";
import { add, type Hand } from "./hand.ts";
import { type Question, QuestionError } from "./question.ts";
import { byCodeUnit } from "./standing-order.ts";

/** A group as `kafka-consumer-groups.sh --describe` prints it. */
export interface DescribedGroup {
  readonly group: GroupId;
  readonly members: readonly { readonly id: MemberId; readonly instanceId?: string; readonly owned: Hand }[];
  /** Partition counts as far as they can be seen, and the lag of each partition where it was printed. */
  readonly topics: ReadonlyMap<TopicName, TopicMetadata>;
  /** The assignor, if `--state` was printed too. */
  readonly assignor?: string;
}

/** Kafka's `MISSING_COLUMN_VALUE`. */
const NONE = "-";

/** One table's cells by column title. */
type Row = Readonly<Record<string, string>>;

/**
 * Reads what `kafka-consumer-groups.sh` prints for `--describe`, with `--offsets`, `--members`, `--verbose` or
 * `--state`, one such table after the other, in any order, of one group or several.
 *
 *     GROUP    TOPIC   PARTITION  CURRENT-OFFSET  LOG-END-OFFSET  LAG  CONSUMER-ID  HOST        CLIENT-ID
 *     billing  orders  0          10              15              5    c-1-8f6e     /127.0.0.1  c-1
 *
 * Columns go by their titles, since releases differ in which there are. Lines that belong to no table ("Consumer group
 * 'billing' has no active members.", warnings, blank lines) are passed over. What members subscribe to is not printed
 * anywhere: all are taken to subscribe to all of the group's topics. A topic has at least as many partitions as the
 * largest number seen, which is the number it has if all are owned or have a committed offset.
 */
export function readDescribed(text: string): DescribedGroup[] {
  const groups = new Map<GroupId, GroupDraft>();
  for (const row of rows(text)) {
    let draft = groups.get(row.GROUP);
    if (draft === undefined) groups.set(row.GROUP, (draft = new GroupDraft(row.GROUP)));
    draft.take(row);
  }
  return [...groups.values()].map((draft) => draft.finished());
}

/**
 * The group as a question. Who owns what counts as of one and the same generation.
 *
 * @throws {QuestionError} if there is nothing that could be asked.
 */
export function questionOf(group: DescribedGroup, assignor: string): Question {
  if (assignorNamed(assignor) === undefined)
    throw new QuestionError(`there is no assignor ${JSON.stringify(assignor)}`);
  if (group.members.length === 0) throw new QuestionError(`group ${group.group} has no active members`);
  const topics = [...group.topics.keys()];
  const subscribers = group.members.map(({ id, instanceId, owned }): Subscriber => {
    const generation = Object.keys(owned).length > 0 ? { generation: 1 } : {};
    return { id, ...(instanceId !== undefined && { instanceId }), topics, owned, ...generation };
  });
  return { assignor, subscribers, topics: group.topics };
}

class GroupDraft {
  readonly #group: GroupId;
  readonly #members = new Map<MemberId, { instanceId?: string; readonly owned: Map<TopicName, Set<number>> }>();
  readonly #lag = new Map<TopicName, number[]>();
  #assignor: string | undefined;

  constructor(group: GroupId) {
    this.#group = group;
  }

  take(row: Row): void {
    const strategy = row["ASSIGNMENT-STRATEGY"];
    if (strategy !== undefined && strategy !== NONE && strategy !== "") this.#assignor = strategy;
    const id = row["CONSUMER-ID"] ?? NONE;
    if (id !== NONE) {
      const member = this.#member(id);
      const instanceId = row["GROUP-INSTANCE-ID"] ?? NONE;
      if (instanceId !== NONE && instanceId !== "") member.instanceId = instanceId;
      const owned = row["CURRENT-ASSIGNMENT"] ?? row.ASSIGNMENT ?? NONE;
      for (const [topic, partition] of partitionsIn(owned)) this.#own(id, topic, partition);
    }
    if (row.TOPIC !== undefined && row.TOPIC !== NONE && /^\d+$/.test(row.PARTITION)) {
      const partition = Number(row.PARTITION);
      this.#see(row.TOPIC, partition)[partition] = /^\d+$/.test(row.LAG ?? NONE) ? Number(row.LAG) : 0;
      if (id !== NONE) this.#own(id, row.TOPIC, partition);
    }
  }

  finished(): DescribedGroup {
    const topics = new Map<TopicName, TopicMetadata>();
    for (const [topic, lag] of [...this.#lag].sort(([a], [b]) => byCodeUnit(a, b))) {
      topics.set(topic, { partitions: lag.length, lag: Array.from(lag, (records) => records ?? 0) });
    }
    const members = [...this.#members].map(([id, { instanceId, owned }]) => {
      const hand: Hand = {};
      for (const [topic, partitions] of owned) {
        for (const partition of [...partitions].sort((a, b) => a - b)) add(hand, topic, partition);
      }
      return { id, ...(instanceId !== undefined && { instanceId }), owned: hand };
    });
    return { group: this.#group, members, topics, ...(this.#assignor !== undefined && { assignor: this.#assignor }) };
  }

  #member(id: MemberId): { instanceId?: string; readonly owned: Map<TopicName, Set<number>> } {
    let member = this.#members.get(id);
    if (member === undefined) this.#members.set(id, (member = { owned: new Map() }));
    return member;
  }

  #own(id: MemberId, topic: TopicName, partition: number): void {
    const { owned } = this.#member(id);
    this.#see(topic, partition);
    owned.set(topic, (owned.get(topic) ?? new Set()).add(partition));
  }

  /** The topic's lags, long enough for this partition. */
  #see(topic: TopicName, partition: number): number[] {
    let lag = this.#lag.get(topic);
    if (lag === undefined) this.#lag.set(topic, (lag = []));
    if (lag.length <= partition) lag.length = partition + 1;
    return lag;
  }
}

/** `orders:0,1;returns:2`, as releases since 4.0 print it, and `orders(0,1), returns(2)`, as those before. */
function* partitionsIn(assignment: string): Generator<[TopicName, number]> {
  for (const [, topic, list] of assignment.matchAll(/([\w.-]+)[:(](\d+(?:,\s*\d+)*)\)?/g)) {
    for (const partition of list.split(",")) yield [topic, Number(partition)];
  }
}

/** The rows of all tables: a table begins with a line of titles, the first of which is GROUP, and ends with a blank line. */
function* rows(text: string): Generator<Row> {
  let titles: readonly Title[] = [];
  for (const line of text.split(/\r?\n/)) {
    if (/^\s*GROUP\s+[A-Z#]/.test(line)) titles = titlesOf(line);
    else if (titles.length > 0 && line.trim() !== "" && !isRemark(line)) yield cells(line, titles);
  }
}

/** What the tool prints around its tables: sentences. */
const isRemark = (line: string): boolean => /^\s*(?:Warning|Error|Consumer group|The consumer group|\[)/.test(line);

interface Title {
  readonly text: string;
  readonly start: number;
}

function titlesOf(line: string): Title[] {
  return [...line.matchAll(/\S+(?: \(ID\))?/g)].map((match) => ({ text: match[0], start: match.index }));
}

/**
 * Cells are parted by blanks; but one can be empty (a member without instance id, when another has one), and the lists
 * of old releases have blanks inside. Where the counts differ, the place under its title says what a cell belongs to.
 */
function cells(line: string, titles: readonly Title[]): Row {
  const parted = line.trim().split(/\s+/);
  if (parted.length === titles.length)
    return Object.fromEntries(titles.map(({ text }, column) => [text, parted[column]]));
  return Object.fromEntries(
    titles.map(({ text, start }, column) => [text, line.slice(start, titles[column + 1]?.start).trim()]),
  );
}
