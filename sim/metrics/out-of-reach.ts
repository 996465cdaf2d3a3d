/** Where partitions had a reader that got nothing of them, for how long, and what was in its way. */
import type { Duration, Instant } from "../engine/time.ts";
import { SECOND } from "../engine/time.ts";
import type { BrokerId, ClientId, GroupId, TopicName } from "../names.ts";
import type { Sink } from "../trace/event.ts";
import { type Leadership, leaderships } from "../trace/readings/leaders.ts";
import { liesBetween, type LinkTrouble, linkTroubles } from "../trace/readings/links.ts";
import { type Starved, starved } from "../trace/readings/starved.ts";

/** What is between a reader and the records of a partition. */
export type Obstacle =
  /** Nothing gets through between them. */
  | { readonly kind: "cut"; readonly broker: BrokerId }
  /** The leader's process is gone, and nobody has taken its place. */
  | { readonly kind: "leader-dead"; readonly broker: BrokerId }
  | { readonly kind: "no-leader" }
  /** It has not heard of the leader, or waits for what it once sent. */
  | { readonly kind: "unheard" };

export interface OutOfReach {
  /** Time with a reader that got nothing though something was there, summed over the partitions: seconds. */
  readonly partitionSeconds: number;
  /** The longest such time; `null`: there was none. */
  readonly worst: {
    readonly topic: TopicName;
    readonly partition: number;
    /** The reader. */
    readonly client: ClientId;
    readonly from: Instant;
    readonly to: Instant;
    /** What was in its way when it began. */
    readonly obstacle: Obstacle;
  } | null;
}

/**
 * Folds a run into what its groups' readers could not get at, from the end of the warm-up on. Who reads nothing by its own
 * doing (it is stopped, stuck in a batch, held up in a commit, or through with what it could commit before it processes) is not
 * kept from it. Where records are simulated one by one, a time begins with the first record that waits.
 */
export function outOfReach(): Sink & { of(group: GroupId): OutOfReach } {
  const groups = new Map<GroupId, { time: Duration; worst: Starved | null }>();
  const leaders: Leadership[] = [];
  const troubles: LinkTrouble[] = [];
  let warmUp: Instant = 0;
  const readers = starved((span) => {
    let group = groups.get(span.group);
    if (!group) groups.set(span.group, (group = { time: 0, worst: null }));
    const from = Math.max(span.from, warmUp);
    if (span.to <= from) return;
    group.time += span.to - from;
    if (!group.worst || span.to - from > group.worst.to - group.worst.from) group.worst = { ...span, from };
  });
  const folds: readonly Sink[] = [
    readers,
    leaderships((span) => leaders.push(span)),
    linkTroubles((trouble) => troubles.push(trouble)),
  ];

  function obstacleOf({ topic, partition, client, from }: Starved): Obstacle {
    const led = leaders.find(
      (one) => one.topic === topic && one.partition === partition && one.from <= from && from < one.to,
    );
    if (!led || led.leader === null) return { kind: "no-leader" };
    const { leader: broker } = led;
    const isBetween = (trouble: LinkTrouble): boolean =>
      trouble.state === "cut" && trouble.begin <= from && from < trouble.end && liesBetween(trouble, client, broker);
    if (troubles.some(isBetween)) return { kind: "cut", broker };
    return led.answers ? { kind: "unheard" } : { kind: "leader-dead", broker };
  }

  return {
    begin(header) {
      warmUp = header.warmUp;
      for (const fold of folds) fold.begin?.(header);
    },
    see(event) {
      for (const fold of folds) fold.see(event);
    },
    end(t) {
      for (const fold of folds) fold.end(t);
    },
    of(id) {
      const { time, worst } = groups.get(id) ?? { time: 0, worst: null };
      if (!worst) return { partitionSeconds: 0, worst };
      const { topic, partition, client, from, to } = worst;
      const obstacle = obstacleOf(worst);
      return { partitionSeconds: time / SECOND, worst: { topic, partition, client, from, to, obstacle } };
    },
  };
}
