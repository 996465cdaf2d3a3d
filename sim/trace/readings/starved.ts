import type { Instant } from "../../engine/time.ts";
import type { ClientId, GroupId, TopicName } from "../../names.ts";
import type { LagSlopes, Sink } from "../event.ts";
import { reading, type Reading } from "./reading.ts";

/** A time in which a member was there to read a partition and got nothing of it, though there was something to be read. */
export interface Starved {
  readonly group: GroupId;
  readonly topic: TopicName;
  readonly partition: number;
  /** Who was to read it. */
  readonly client: ClientId;
  readonly from: Instant;
  readonly to: Instant;
}

/** When nothing was read of one partition, though something was there. */
interface Dry {
  /** Where records are simulated one by one: whether its reader gets at none of it. */
  held: boolean;
  /** Since when; `undefined`: something is read, or nothing is there. */
  since: Instant | undefined;
  /** Stretches that are over, and end after the last that was told of the readers. */
  past: { readonly from: Instant; readonly to: Instant }[];
}

/**
 * Tells when a partition had a reader that could not get at its leader: that is gone or cannot be reached, or the reader
 * has not heard of the new one. Of the lag itself: records wait or come in, none is read, and yet somebody reads. Where
 * records are simulated one by one there are no rates to tell it by: records wait, and the trace says that their reader
 * does not get at them (`held`). Who stands still by its own doing is no reader meanwhile (`reading.ts`), or the trace says so
 * (`spent`).
 */
export function starved(tell: (span: Starved) => void): Sink {
  const groups = new Map<GroupId, Map<TopicName, Map<number, Dry>>>();
  const flowing = new Set<GroupId>();

  const dryOf = (group: GroupId, topic: TopicName, partition: number): Dry => {
    let topics = groups.get(group);
    if (!topics) groups.set(group, (topics = new Map()));
    let partitions = topics.get(topic);
    if (!partitions) topics.set(topic, (partitions = new Map()));
    let dry = partitions.get(partition);
    if (!dry) partitions.set(partition, (dry = { held: false, since: undefined, past: [] }));
    return dry;
  };

  const bend = ({ t, group, topic, partitions, lag, in: inflow, out, held, spent = false }: LagSlopes): void => {
    partitions.forEach((partition, i) => {
      const [waits, comes, goes] = [at(lag, i), at(inflow, i), at(out, i)];
      if (comes > 0 || goes > 0) flowing.add(group);
      const dry = dryOf(group, topic, partition);
      if (held !== undefined) dry.held = at(held, i);
      const isDry = goes === 0 && (comes > 0 || waits > 0) && !at(spent, i) && (flowing.has(group) || dry.held);
      if (isDry) dry.since ??= t;
      else if (dry.since !== undefined) {
        if (t > dry.since) dry.past.push({ from: dry.since, to: t });
        dry.since = undefined;
      }
    });
  };

  /** A stretch with one reader, or none, is over. */
  const read = ({ group, topic, partition, client, from, to }: Reading): void => {
    const dry = dryOf(group, topic, partition);
    if (client !== null) {
      const { past, since } = dry;
      for (const one of since === undefined ? past : [...past, { from: since, to }]) {
        const [begin, end] = [Math.max(from, one.from), Math.min(to, one.to)];
        if (end > begin) tell({ group, topic, partition, client, from: begin, to: end });
      }
    }
    dry.past = dry.past.filter((one) => one.to > to);
  };

  const readers = reading(read);
  return {
    begin: (header) => readers.begin?.(header),
    see(event) {
      readers.see(event);
      if (event.type === "lag") bend(event);
    },
    end(t) {
      readers.end(t);
      groups.clear();
      flowing.clear();
    },
  };
}

function at<T extends number | boolean>(column: T | readonly T[], i: number): T {
  return typeof column === "object" ? column[i] : column;
}
