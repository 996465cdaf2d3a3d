import type { Assignment, InstanceId, MemberId, Partitions, TopicName } from "../../names.ts";

/** What an assignor knows of one member: what its JoinGroup (or, in KIP-848, the coordinator's state) says. */
export interface Subscriber {
  readonly id: MemberId;
  readonly instanceId?: InstanceId;
  /** Kafka's `client.rack`; "" counts as none. */
  readonly rack?: string;
  /** Subscribed topic names. The order matters only to `uniform` (see `java/`). */
  readonly topics: readonly TopicName[];
  /** What the member says it owns, or (KIP-848) its target assignment before. */
  readonly owned?: Partitions;
  /** The generation in which it got `owned`; absent or negative: none. */
  readonly generation?: number;
  /** `sticky` only: the generation field of the subscription where it differs from `generation` (−1: fenced). */
  readonly subscriptionGeneration?: number;
  /** `cooperative-sticky` only: the generation in the user data, used when `generation` is absent. */
  readonly userDataGeneration?: number;
  /** Records per second it can process; for assignors beyond Kafka's. */
  readonly capacity?: number;
}

/** What an assignor knows of one topic. */
export interface TopicMetadata {
  readonly partitions: number;
  /** For each partition the racks of its replicas. */
  readonly racks?: readonly (readonly string[])[];
  /**
   * Topic id, 22 characters of base64. `uniform` alone looks at it, and derives one from the topic's name where there is
   * none: then its result is *a* result of Kafka's rules, but not that of a cluster in which the topic has another id.
   */
  readonly id?: string;
  /** Not there any more, nor does it take part: listed for its id, because somebody still owns some of it. */
  readonly deleted?: boolean;
  /** Current lag of each partition in records; for assignors beyond Kafka's. */
  readonly lag?: readonly number[];
  /** Current production rate of each partition in records per second; for assignors beyond Kafka's. */
  readonly rate?: readonly number[];
}

/** Topics by name. Subscribed names that are not in here do not take part. */
export type Topics = ReadonlyMap<TopicName, TopicMetadata>;

/**
 * Who gets what: a pure function. Subscribers come in member order (the order in which they are put into Kafka's
 * member map). The result has every subscriber; a partition nobody has is withheld for this round
 * (`cooperative-sticky`).
 *
 * @throws {AssignorError} where Kafka's own class throws, or would never end.
 */
export type Assignor = (subscribers: readonly Subscriber[], topics: Topics) => Assignment;

/** An input that Kafka's class answers with an exception, or with an endless loop (`NonTermination`). */
export class AssignorError extends Error {
  readonly kind: string;
  constructor(kind: string, message: string) {
    super(message);
    this.name = "AssignorError";
    this.kind = kind;
  }

  /** Whether Kafka's own class throws here, too. */
  get isKafkas(): boolean {
    return this.kind.endsWith("Exception");
  }
}
