import type { Duration } from "../../engine/time.ts";
import type { Cluster } from "../../kafka/cluster/cluster.ts";
import type { Offsets } from "../../kafka/messages.ts";
import { isEmpty } from "../../kafka/protocols/partitions.ts";
import type { MemberId, Partitions, TopicName } from "../../names.ts";
import type { EventId, Happening } from "../../trace/event.ts";
import type { Recorder } from "../../trace/recorder.ts";
import type { Taken } from "../consumption.ts";
import type { MovedRecords } from "../moved-records.ts";
import type { Origin, Parting } from "../starting-points.ts";
import type { Applications } from "./applications.ts";
import type { BatchCommits } from "./batch-commits.ts";
import type { Consumer } from "./consumer.ts";

/** The states in which a member knows that its group goes on without it: of the classic protocol, and of the consumer protocol. */
const EXPELLED: ReadonlySet<string> = new Set(["UNJOINED", "FENCED", "STALE"]);

/** Why a member stops reading what it is to give up in order. */
const REVOKED: ReadonlySet<string> = new Set(["revocation-pending", "revoked"]);

/** What members do, written down, and what it comes to for the records that they read. */
export class Readers {
  readonly #recorder: Recorder;
  readonly #applications: Applications;
  readonly #commits: BatchCommits;
  readonly #cluster: () => Cluster;

  constructor(recorder: Recorder, applications: Applications, commits: BatchCommits, cluster: () => Cluster) {
    this.#recorder = recorder;
    this.#cluster = cluster;
    this.#applications = applications;
    this.#commits = commits;
  }

  /** Writes down what a member does, and does to the records what follows from it. */
  record(consumer: Consumer, happening: Happening): EventId {
    const id = this.#recorder.record(`client/${consumer.name}`, happening);
    const { parting } = consumer;
    switch (happening.type) {
      case "partition.reading": {
        const { consumption } = consumer.group;
        const { reading, partitions, reason } = happening;
        this.#commits.commitContinuously(consumer);
        if (reading) consumption.read(consumer.lagClient, partitions);
        else {
          this.#commits.readNoFurther(consumer, partitions);
          const parting = partingOf(consumer, reason);
          if (REVOKED.has(reason) && this.#applications.hasCommittedInHand(consumer))
            this.#applications.finishes(consumer, partitions);
          else consumption.stop(consumer.lagClient, partitions, parting, this.#restOf(consumer, reason));
        }
        this.#applications.loadChanged(consumer);
        break;
      }
      case "partition.owner":
        if (happening.how === "lost") consumer.stuckBatch = undefined;
        if (happening.how !== "assigned") {
          consumer.ahead &&= except(consumer.ahead, happening.partitions);
          break;
        }
        parting.refused &&= except(parting.refused, happening.partitions);
        consumer.stuckBatch &&= {
          ...consumer.stuckBatch,
          committed: except(consumer.stuckBatch.committed, happening.partitions),
        };
        parting.current = undefined;
        consumer.ending = undefined;
        break;
      case "client.state":
        if (!EXPELLED.has(happening.to)) break;
        consumer.ending ??= happening.reason === "poll-interval-exceeded" ? happening.reason : "expelled";
        this.#commits.readNoFurther(consumer);
        break;
      case "client.commit":
        if (happening.result === "done" || happening.purpose === "application") break;
        parting.refused = consumer.group.consumption.positions(consumer.member.reading);
        if (parting.current) parting.current.refused = "everywhere";
        break;
    }
    return id;
  }

  /** How long it would still process the batch in its hands when it stops reading for that reason. */
  #restOf(consumer: Consumer, reason: string): Duration | "stopped before" {
    if (REVOKED.has(reason) || reason === "closed")
      return this.#applications.isThroughWithStuckBatch(consumer) ? "stopped before" : 0;
    if (reason !== "crashed") return 0;
    return consumer.frozen ? "stopped before" : this.#applications.restOfBatch(consumer);
  }

  /** Reading of these partitions is about to begin at these offsets; whatever is read again or lost is told. */
  start(consumer: Consumer, offsets: Offsets, origin: Origin): Partitions {
    const { group, lagClient } = consumer;
    const { valid, gone } = group.consumption.validate(offsets, (topic, partition) =>
      origin === "committed" ? this.#cluster().committedAt(group.spec.id, topic, partition) : Infinity,
    );
    const taken = (holder: number): Taken | undefined => {
      const reader = group.readers[holder];
      if (reader.frozen) return undefined; // what it had in hand when it was stopped is known
      return {
        parting: { reason: reader.ending ?? "expelled", holder: "working" },
        rest: this.#applications.restOfBatch(reader),
        finishes: this.#applications.hasCommittedInHand(reader),
      };
    };
    const lost = (topic: TopicName, partition: number, from: number): number | undefined =>
      this.#cluster().takeLostCommit(group.spec.id, topic, partition, from);
    // In the classic protocol an OffsetFetch is not fenced; in either its answer may come when the group has gone on.
    const isLate = (reader: number): boolean => this.#hasComeAfter(group.readers[reader], consumer);
    const moved = group.consumption.start(lagClient, valid, origin, taken, lost, isLate);
    this.tell(consumer, moved);
    return gone;
  }

  /**
   * Whether the group has gone on without a consumer, and given what it had to another one: in a later generation, or, as it is
   * static, with its seat, which moves to another process within one.
   */
  #hasComeAfter({ member: other }: Consumer, { group, member }: Consumer): boolean {
    if (other.generation !== member.generation) return other.generation > member.generation;
    const members = this.#cluster().coordinatorOf(group.spec.id)?.members ?? [];
    const has = (id: MemberId): boolean => members.some((one) => one.id === id);
    return has(other.memberId) && !has(member.memberId);
  }

  /** What this consumer's doing comes to for records. */
  tell(consumer: Consumer, moved: MovedRecords): void {
    const recorder = this.#recorder;
    const { cause } = recorder;
    for (const told of moved.told(consumer.group.spec.id, consumer.name)) this.record(consumer, told);
    recorder.cause = cause;
  }
}

/** How a consumer parts from partitions that it stops reading for that reason. */
function partingOf({ parting, ending }: Consumer, reason: string): Parting {
  switch (reason) {
    case "crashed":
      return { reason: "crash", holder: "gone" };
    case "lost":
      return { reason: ending ?? "expelled", holder: "working" };
    default:
      parting.current = {
        reason: reason === "closed" ? "closed" : "revoked",
        refused: parting.refused,
        holder: "working",
      };
      return parting.current;
  }
}

/** All but those partitions. */
function except(offsets: Offsets, partitions: Partitions): Offsets {
  if (isEmpty(partitions)) return offsets;
  return Object.fromEntries(
    Object.entries(offsets).map(([topic, found]) => [
      topic,
      Object.fromEntries(Object.entries(found).filter(([number]) => !partitions[topic]?.includes(Number(number)))),
    ]),
  );
}
