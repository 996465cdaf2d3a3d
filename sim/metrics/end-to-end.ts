/** How long records take from `send()` until they are processed: what producers need, and what they wait for in the log. */
import type { Duration, Instant } from "../engine/time.ts";
import type { GroupId, TopicName } from "../names.ts";
import type { Sink } from "../trace/event.ts";
import { FirstOfSingles, type FirstRead } from "./first-reads.ts";
import { occupancy, type Distribution, type Occupancy } from "./occupancy.ts";

export interface EndToEnd extends Sink {
  /** A group reads these for the first time, where lag is a fluid. */
  read(group: GroupId, records: FirstRead): void;
  /** Over records, in microseconds; a distribution's weights count records. `null` if there were none. */
  of(group: GroupId): Distribution | null;
}

/**
 * Folds a run into the end-to-end latency of every group's records: of those that were first read after the warm-up, or,
 * where records are simulated one by one, of those produced after it and processed before the end, whenever each was
 * processed first. What only somebody beside the group has read counts when he did. Of topics of whose producers nothing is
 * told there are none.
 */
export function endToEnd(): EndToEnd {
  const groups = new Map<GroupId, Occupancy>();
  const ways = new Map<TopicName, Way>();
  const singles = new FirstOfSingles();
  let from: Instant = 0;
  const of = (group: GroupId): Occupancy => {
    let all = groups.get(group);
    if (!all) groups.set(group, (all = occupancy()));
    return all;
  };
  return {
    begin({ warmUp }) {
      from = warmUp;
    },
    see(event) {
      if (event.type === "topic.producers") {
        const way = ways.get(event.topic);
        if (way) way.takesFrom(event.t, event.latency);
        else ways.set(event.topic, new Way(event.latency));
      } else if (event.type === "topic.flushed") {
        for (const partition of event.partitions) ways.get(event.topic)?.flushed(partition, event);
      } else if (event.type === "lag") singles.seeLag(event);
      else if (event.type === "record.done" && singles.isFirst(event) && event.produced >= from) {
        const { t, group, topic, partition, produced } = event;
        const all = of(group);
        ways.get(topic)?.stretches(partition, produced, produced, (_, takes) => {
          all.add(takes + t - produced, takes + t - produced, 1);
        });
      }
    },
    end: () => undefined,
    read(group, { topic, partition, records, at, age }) {
      const all = of(group);
      ways.get(topic)?.stretches(partition, at[0] - age[0], at[1] - age[1], (part, first, last) => {
        const ageAt = (share: number) => age[0] + (age[1] - age[0]) * share;
        all.add(first + ageAt(part.from), last + ageAt(part.to), records * (part.to - part.from));
      });
    },
    of(group) {
      const distribution = groups.get(group)?.distribution();
      return distribution && distribution.weight > 0 ? distribution : null;
    },
  };
}

/** From some share of something to another: 0 is its begin, 1 its end. */
interface Part {
  readonly from: number;
  readonly to: number;
}

/** What has waited in the producers' buffers is sent in a straight line: written then, after such a wait. */
interface Line {
  readonly from: Instant;
  readonly to: Instant;
  readonly first: Duration;
  readonly last: Duration;
}

const NO_LINES: readonly Line[] = [];

/** How long records of one topic take into its log: gathering and the way, and what they waited for a leader. */
class Way {
  readonly #takes: { readonly at: Instant; readonly takes: Duration }[];
  readonly #lines: Line[][] = [];

  constructor(takes: Duration) {
    this.#takes = [{ at: -Infinity, takes }];
  }

  takesFrom(at: Instant, takes: Duration): void {
    if (takes !== this.#takes[this.#takes.length - 1].takes) this.#takes.push({ at, takes });
  }

  flushed(
    partition: number,
    { t, after, waited }: { t: Instant; after: readonly Duration[]; waited: readonly Duration[] },
  ) {
    const lines = (this.#lines[partition] ??= []);
    // The partition was lost again before all was sent.
    const last = lines.findLast(({ from }) => from < t);
    lines.length = last ? lines.indexOf(last) + 1 : 0;
    if (last && last.to > t) lines[lines.length - 1] = { ...last, to: t, last: waitAt(last, t) };
    for (let i = 1; i < after.length; i++) {
      if (after[i] === after[i - 1]) continue;
      lines.push({ from: t + after[i - 1], to: t + after[i], first: waited[i - 1], last: waited[i] });
    }
  }

  /** Tells how long records take that were written from one moment to another, straight stretch by straight stretch. */
  stretches(
    partition: number,
    from: Instant,
    to: Instant,
    tell: (part: Part, first: Duration, last: Duration) => void,
  ): void {
    const { takes } = this.#takes.findLast(({ at }) => at <= from) ?? this.#takes[0];
    const lines = this.#lines[partition] ?? NO_LINES;
    let next = lines.length; // reading is mostly at the end
    while (next > 0 && lines[next - 1].to > from) next--;
    if (from === to) {
      const wait = next < lines.length && lines[next].from <= from ? waitAt(lines[next], from) : 0;
      return tell({ from: 0, to: 1 }, takes + wait, takes + wait);
    }
    const shareAt = (t: Instant) => (t - from) / (to - from);
    let told = from;
    const tellUntil = (t: Instant, first: Duration, last: Duration): void => {
      if (t > told) tell({ from: shareAt(told), to: shareAt(t) }, takes + first, takes + last);
      told = Math.max(told, t);
    };
    for (; next < lines.length && lines[next].from <= to; next++) {
      const line = lines[next];
      tellUntil(Math.min(line.from, to), 0, 0);
      const end = Math.min(line.to, to);
      tellUntil(end, waitAt(line, Math.max(told, line.from)), waitAt(line, end));
    }
    tellUntil(to, 0, 0);
  }
}

const waitAt = ({ from, to, first, last }: Line, t: Instant): Duration =>
  first + ((last - first) * (t - from)) / (to - from);
