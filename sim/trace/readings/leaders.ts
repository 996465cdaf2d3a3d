import type { Instant } from "../../engine/time.ts";
import type { BrokerId, TopicName } from "../../names.ts";
import type { Sink } from "../event.ts";
import { brokerRuns } from "./brokers.ts";

/** A stretch of time in which a partition had one leader, or none. */
export interface Leadership {
  readonly topic: TopicName;
  readonly partition: number;
  /** As the controller has decided; brokers and clients hear of it a while later. `null`: nobody may lead it. */
  readonly leader: BrokerId | null;
  /** Whether the leader's process runs: without, nobody writes or reads the partition, wherever they are. */
  readonly answers: boolean;
  readonly from: Instant;
  readonly to: Instant;
}

interface Seen {
  readonly topic: TopicName;
  readonly partition: number;
  leader: BrokerId | null;
  answers: boolean;
  from: Instant;
}

/** Tells who led each partition, and whether that one's process ran, each stretch when it is over. */
export function leaderships(tell: (span: Leadership) => void): Sink {
  const topics = new Map<TopicName, Map<number, Seen>>();
  const led = new Map<BrokerId, Set<Seen>>();
  const down = new Set<BrokerId>();

  const close = ({ topic, partition, leader, answers, from }: Seen, to: Instant) => {
    if (to > from) tell({ topic, partition, leader, answers, from, to });
  };
  const turn = (seen: Seen, t: Instant, leader: BrokerId | null) => {
    const answers = leader !== null && !down.has(leader);
    if (leader === seen.leader && answers === seen.answers) return;
    close(seen, t);
    if (seen.leader !== null) led.get(seen.leader)?.delete(seen);
    Object.assign(seen, { leader, answers, from: t });
    if (leader === null) return;
    let own = led.get(leader);
    if (!own) led.set(leader, (own = new Set()));
    own.add(seen);
  };

  return {
    see(event) {
      switch (event.type) {
        case "partition.leader": {
          const { topic, t, to } = event;
          let partitions = topics.get(topic);
          if (!partitions) topics.set(topic, (partitions = new Map()));
          for (const partition of event.partitions) {
            let seen = partitions.get(partition);
            if (!seen) partitions.set(partition, (seen = { topic, partition, leader: null, answers: false, from: t }));
            turn(seen, t, to);
          }
          return;
        }
        case "broker.state": {
          const { broker, to, t } = event;
          if (brokerRuns(to)) down.delete(broker);
          else down.add(broker);
          for (const seen of [...(led.get(broker) ?? [])]) turn(seen, t, broker);
          return;
        }
        case "topic.changed": {
          if (event.partitions > 0) return;
          for (const seen of topics.get(event.topic)?.values() ?? []) {
            close(seen, event.t);
            if (seen.leader !== null) led.get(seen.leader)?.delete(seen);
          }
          topics.delete(event.topic);
        }
      }
    },
    end(t) {
      for (const partitions of topics.values()) for (const seen of partitions.values()) close(seen, t);
      topics.clear();
      led.clear();
      down.clear();
    },
  };
}
