import type { Instant } from "../../engine/time.ts";
import type { BrokerId, TopicName } from "../../names.ts";
import type { Sink } from "../event.ts";

/** A stretch of time in which nothing new of a partition could be read: its high watermark stood still. */
export interface StandingWatermark {
  readonly topic: TopicName;
  readonly partition: number;
  /** Brokers whose copies counted and did not follow; none: too few copies counted. */
  readonly waitsFor: readonly BrokerId[];
  /** The leader that did not know that these followed another, if that is why. */
  readonly overruled?: BrokerId;
  readonly from: Instant;
  readonly to: Instant;
}

/** Tells every stretch in which a watermark stood still for the same reason, each when it is over. */
export function standingWatermarks(tell: (span: StandingWatermark) => void): Sink {
  type Open = Omit<StandingWatermark, "to">;
  const topics = new Map<TopicName, Map<number, Open>>();
  const close = (span: Open | undefined, to: Instant) => {
    if (span && to > span.from) tell({ ...span, to });
  };
  return {
    see(event) {
      if (event.type === "partition.watermark") {
        const { topic, moves, waitsFor, overruled, t: from } = event;
        let partitions = topics.get(topic);
        if (!partitions) topics.set(topic, (partitions = new Map()));
        for (const partition of event.partitions) {
          close(partitions.get(partition), from);
          if (moves) partitions.delete(partition);
          else
            partitions.set(partition, {
              topic,
              partition,
              waitsFor,
              ...(overruled !== undefined && { overruled }),
              from,
            });
        }
      } else if (event.type === "topic.changed" && event.partitions === 0) {
        for (const span of topics.get(event.topic)?.values() ?? []) close(span, event.t);
        topics.delete(event.topic);
      }
    },
    end(t) {
      for (const partitions of topics.values()) for (const span of partitions.values()) close(span, t);
      topics.clear();
    },
  };
}
