/** How long records take from `send()` until they are processed: what producers need, and what they wait for in the log. */
import type { Duration, Instant } from "../engine/time.ts";
import type { GroupId, TopicName } from "../names.ts";
import type { Sink } from "../trace/event.ts";
import type { FirstRead } from "./first-reads.ts";
import { occupancy, type Distribution, type Occupancy } from "./occupancy.ts";

export interface EndToEnd extends Sink {
  /** A group reads these for the first time, where lag is a fluid. */
  read(group: GroupId, records: FirstRead): void;
  /** Over records, in microseconds; a distribution's weights count records. `null` if there were none. */
  of(group: GroupId): Distribution | null;
}

/** What producers of a topic need to bring a record into the log, from then on. */
interface Way {
  readonly at: Instant;
  readonly takes: Duration;
}

/**
 * Folds a run into the end-to-end latency of every group's records: of those that were first read after the warm-up, or,
 * where records are simulated one by one, of those produced after it and processed before the end. Of topics of whose
 * producers nothing is told there are none.
 */
export function endToEnd(): EndToEnd {
  const groups = new Map<GroupId, Occupancy>();
  const ways = new Map<TopicName, Way[]>();
  let from: Instant = 0;
  const add = (
    group: GroupId,
    topic: TopicName,
    written: Instant,
    [first, last]: FirstRead["age"],
    records: number,
  ) => {
    const way = ways.get(topic);
    if (!way) return;
    const { takes } = way.findLast(({ at }) => at <= written) ?? way[0];
    let all = groups.get(group);
    if (!all) groups.set(group, (all = occupancy()));
    all.add(takes + first, takes + last, records);
  };
  return {
    begin({ warmUp }) {
      from = warmUp;
    },
    see(event) {
      if (event.type === "topic.producers") {
        const way = { at: event.t, takes: event.latency };
        const ofTopic = ways.get(event.topic);
        if (ofTopic) ofTopic.push(way);
        else ways.set(event.topic, [way]);
      } else if (event.type === "record.done" && event.produced >= from) {
        const { t, group, topic, produced } = event;
        add(group, topic, produced, [t - produced, t - produced], 1);
      }
    },
    end: () => undefined,
    read: (group, { topic, records, at, age }) => add(group, topic, at - age[0], age, records),
    of: (group) => groups.get(group)?.distribution() ?? null,
  };
}
