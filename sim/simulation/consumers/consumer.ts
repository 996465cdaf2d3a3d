import type { Handle } from "../../engine/engine.ts";
import type { Duration, Instant } from "../../engine/time.ts";
import type { Assignor } from "../../kafka/assignors/assignor.ts";
import type { Zone } from "../../kafka/network/links.ts";
import type { MemberTimer } from "../../kafka/protocols/client/client.ts";
import type { ClientTraits } from "../../kafka/protocols/client/profiles.ts";
import type { GroupMember } from "../../kafka/protocols/group-member.ts";
import type { ZooKeeperConsumerTimer } from "../../kafka/protocols/zookeeper/consumer.ts";
import type { OwnTimers } from "../../kafka/timer-table.ts";
import type { Offsets } from "../../kafka/messages.ts";
import type { BrokerId, ClientId, TopicName } from "../../names.ts";
import type { GroupSpec } from "../../scenario/scenario.ts";
import type { EventId, RereadReason } from "../../trace/event.ts";
import type { Polls } from "../../workload/service.ts";
import type { Consumption } from "../consumption.ts";
import type { Frozen } from "../frozen.ts";
import type { MetadataView } from "../metadata.ts";
import type { ProcessStateName } from "../process-states.ts";
import type { Parting } from "../starting-points.ts";

/** A group as the simulation runs it. */
export interface RunningGroup {
  readonly spec: GroupSpec;
  readonly consumption: Consumption;
  /** What its members subscribe to; changed by the scenario. */
  subscription: readonly TopicName[];
  readonly assignors: readonly { readonly name: string; readonly assign: Assignor }[];
  /** Its consumers by the number they go by in `consumption`. */
  readonly readers: Consumer[];
}

/** One consumer process. */
export interface Consumer {
  /** A dense number over all groups, in order of creation: the engine's subject. */
  readonly index: number;
  readonly name: ClientId;
  /** Names its streams: where it comes from, not how many came before it. */
  readonly fate: string;
  readonly group: RunningGroup;
  readonly zone: Zone | undefined;
  readonly member: GroupMember;
  readonly traits: ClientTraits;
  readonly lagClient: number;
  readonly loop: Polls;
  /** Whether one of its batches can take longer than `max.poll.interval.ms`. */
  readonly mayOutrunPollInterval: boolean;
  readonly metadata: MetadataView;
  state: ProcessStateName;
  timers: OwnTimers<MemberTimer | ZooKeeperConsumerTimer>;
  /** The poll that is already in the calendar. */
  poll: Handle | undefined;
  /**
   * What that poll, the start of the process and the end of a long batch continue; and why the next poll joins again, if
   * that is due to news that came while the application was in a batch: it may have had to poll by then anyway.
   */
  readonly causes: { start: EventId | null; poll: EventId | null; batch: EventId | null; news: EventId | null };
  /** Until when the application is inside a batch that takes unusually long. */
  busyUntil: Instant;
  /** Until when it does nothing of that batch. */
  standsUntil: Instant;
  /**
   * Such a batch, until the next one is handed out: with which poll it ends, and what is committed of it. Of an application that
   * commits before it processes; in the fluid.
   */
  stuckBatch: { readonly ends: Instant; readonly committed: Offsets } | undefined;
  /** It was told to be inside such a batch, and not yet to be through with it. */
  busy: boolean;
  /** When it polled last, as far as that was an event; or when the work began for which it came out of poll(). */
  polledAt: Instant;
  /** Whether it was seen to stand still inside a `commitSync()`; or to poll, since it could not commit. */
  heldUp: boolean;
  soughtBack: boolean;
  /** When it came out of a commit that had held it up, to process what that was about. */
  worksFrom: Instant | undefined;
  /** Up to where it has committed what it may process of the batch in hand, if it commits that before; in the fluid. */
  ahead: Offsets | undefined;
  /** Records per second that it can read at present. */
  pace: number;
  /** How long each poll() looks for the coordinator first. */
  search: Duration | undefined;
  /** While its process is stopped, though it will go on. */
  frozen: Frozen | undefined;
  /** The same, until all that waited for it is done. */
  timersEnded: Frozen | undefined;
  /** It was, and has not polled since. */
  wasFrozen: boolean;
  /** What made this process fall silent, if anything did. */
  silencedBy: EventId | undefined;
  /** Where its pending FindCoordinator went, and its pending ListOffsets. */
  readonly asked: Map<"FindCoordinator" | "ListOffsets", { readonly broker: BrokerId; readonly id: number }>;
  /** How it parts from partitions that it gives up in order; and where it had got to when a commit was refused last. */
  readonly parting: { refused: Offsets | undefined; current: Parting | undefined };
  /** What ended its membership, if anything has since it was last assigned partitions: for that it loses them. */
  ending: RereadReason | undefined;
}
