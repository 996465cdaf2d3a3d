import type { Engine } from "../../engine/engine.ts";
import type { Duration, Instant } from "../../engine/time.ts";
import { MILLISECOND } from "../../engine/time.ts";
import type { BrokerId, ClientId, Generation, GroupId, MemberId, TopicName } from "../../names.ts";
import type { EventId, Happening } from "../../trace/event.ts";
import type { Recorder } from "../../trace/recorder.ts";
import type { BrokerConfig } from "../config.ts";
import type { CoordinatorRequest, ErrorCode, GroupReply, OffsetCommit, Offsets } from "../messages.ts";
import type { AppendError } from "../protocols/coordination/append-error.ts";
import type { OffsetsRecord } from "../protocols/coordination/committed-offsets.ts";
import { errorReply } from "../protocols/coordination/replies.ts";
import type {
  CoordinatorHost,
  CoordinatorOutput,
  GroupCoordinator,
  GroupTimer,
} from "../protocols/group-coordinator.ts";
import type { GroupImage, GroupRecord } from "../protocols/group-log.ts";
import { emptyImage, replay } from "../protocols/group-log.ts";
import { next } from "../protocols/machine.ts";
import type { OwnTimers, TimerTable } from "../timer-table.ts";
import type { CoordinatorReason, CoordinatorStateName } from "./broker-states.ts";
import { COORDINATOR } from "./broker-states.ts";
import { WritePath } from "./write-path.ts";

/** What the log of one `__consumer_offsets` partition says about its groups: all that survives a coordinator. */
export type GroupLog = Map<GroupId, GroupImage>;

/** What a shard asks of the cluster around it. */
export interface ShardHost {
  readonly engine: Engine;
  readonly recorder: Recorder;
  readonly timers: TimerTable;
  readonly config: Pick<BrokerConfig, "offsets.retention.check.interval.ms">;
  readonly flavour: "java" | "scala";
  /** Topics that have been deleted, as the brokers know. */
  readonly gone: ReadonlySet<TopicName>;
  /** The coordinator of a group, of whichever protocol that speaks, as its log says it is. */
  load(group: GroupId, host: CoordinatorHost, image: GroupImage | undefined): GroupCoordinator;
  reply(client: ClientId, reply: GroupReply): void;
  /** How long an append of this group takes until it is committed. */
  appendDuration(group: GroupId): Duration;
  /** How long the append of this client's regular commit of this number takes: the same, written or only thought of. */
  regularAppendDuration(client: ClientId, commit: number): Duration;
  /** Runs `then` after `delay`, continuing the event that is being handled; of one instant's, those of clients last. */
  later(delay: Duration, then: () => void, client?: ClientId): void;
  /** What the log says to an append at present: nothing, or that it refuses it. */
  refusal(): AppendError | undefined;
  /** Whether everybody who has to have a record would take it at present. */
  commits(): boolean;
  /** Whether what it writes is committed sooner or later. */
  keeps(): boolean;
  /** So many offsets of one commit were written. */
  wroteOffsets(offsets: number): void;
  /** This is in the log. */
  committed(group: GroupId, offsets: Offsets): void;
  /** Whether another broker has loaded these groups since, and leads them by the controller's word. */
  deposed(): boolean;
  /** How long a request waits for the log: `offsets.commit.timeout.ms`. */
  readonly writeTimeout: Duration;
  /** Something is about to happen to this group: its members' heartbeats matter again. */
  touched(group: GroupId): void;
  /** From now on this group's commits are not answered as usual. */
  disturbed(group: GroupId): void;
  /** What silenced this client, if the world knows: a session's end is told as its consequence. */
  silenced(client: ClientId): EventId | undefined;
  /** This client's member is in its group no longer. */
  removed(client: ClientId): void;
}

/** A session that is not simulated: how long, until when, and what its end would continue. */
interface RestingSession {
  readonly timeout: Duration;
  readonly ends: Instant;
  readonly cause: EventId | null;
}

/** A regular commit on its way into the log. */
export type RegularWrite = Extract<CoordinatorOutput, { readonly regular: OffsetCommit }>;

/** Regular commits of a client that are not answered yet, and what it has sent after them. */
interface Busy {
  commits: number;
  readonly behind: { readonly request: CoordinatorRequest; readonly cause: EventId | null }[];
}

interface Hosted {
  readonly coordinator: GroupCoordinator;
  readonly timers: OwnTimers<GroupTimer>;
  /** The last change of state, which every refusal "a rebalance is in progress" continues. */
  lastState: EventId | null;
  /** Whose each member id is, or was. */
  readonly clients: Map<MemberId, ClientId>;
}

/** The coordinators of one `__consumer_offsets` partition on one broker. */
export class Shard {
  readonly broker: BrokerId;
  readonly partition: number;
  readonly #homeOf: readonly GroupId[];
  readonly #log: GroupLog;
  readonly #host: ShardHost;
  readonly #groups = new Map<GroupId, Hosted>();
  #state: CoordinatorStateName = "Initial";
  readonly #writes: WritePath;
  readonly #regular = new Set<WritePath>(); // one for each regular commit under way
  readonly #busy = new Map<ClientId, Busy>();
  #life = 0; // raised whenever this shard loses its memory: appends of an earlier life are not told to a later one
  #isOverruled = false;

  /** `groups`: those that live on the partition. */
  constructor(broker: BrokerId, partition: number, groups: readonly GroupId[], log: GroupLog, host: ShardHost) {
    this.broker = broker;
    this.partition = partition;
    this.#homeOf = groups;
    this.#log = log;
    this.#host = host;
    this.#writes = new WritePath({
      now: () => host.engine.now,
      later: (delay, then) => host.later(delay, then),
      commits: () => this.#commits(),
      timeout: host.writeTimeout,
    });
  }

  get state(): CoordinatorStateName {
    return this.#state;
  }

  /** The brokers have heard that this topic was created or grew, or that it was deleted, and all that was committed of it. */
  topicChanged(topic: TopicName): void {
    for (const [group, { coordinator }] of this.#groups) {
      if (this.#host.gone.has(topic)) coordinator.offsets.dropTopic(topic);
      if (coordinator.topicChanged(topic)) this.#host.touched(group);
    }
  }

  coordinators(): Iterable<GroupCoordinator> {
    return [...this.#groups.values()].map(({ coordinator }) => coordinator);
  }

  /** The controller made this broker leader of the partition; `loaded` follows when its log has been read. */
  elected(): void {
    this.#move("elected");
  }

  /** The log has been read: every group is as it was last persisted, every session fresh. */
  loaded(): void {
    if (this.#state !== "Loading") return; // lost again meanwhile
    this.#move("loaded");
    for (const [group, image] of this.#log) this.#open(group, image);
    this.#sweepLater(this.#life);
  }

  /** The regular look for offsets that are too old, counted from the loading on. Kafka: `scheduleGroupMetadataExpiration`. */
  #sweepLater(life: number): void {
    const { config, later } = this.#host;
    later(config["offsets.retention.check.interval.ms"] * MILLISECOND, () => {
      if (life !== this.#life) return;
      for (const { coordinator } of this.#groups.values()) coordinator.expireOffsets();
      this.#sweepLater(life);
    });
  }

  /** Leadership went elsewhere while this broker lives: whoever waits here is sent away. */
  resigned(): void {
    if (this.#state === "Closed" || this.#state === "Initial") return;
    for (const group of this.#groups.keys()) this.#host.touched(group);
    this.#move("resigned");
    for (const { coordinator } of this.#groups.values()) coordinator.unload();
    const behind = [...this.#busy.values()].flatMap((busy) => busy.behind);
    this.#forget();
    for (const one of behind) this.#goOn(one);
    this.#disturb();
  }

  /** The broker's process died: nobody is told anything. */
  died(): void {
    if (this.#state === "Closed" || this.#state === "Initial") return;
    for (const group of this.#groups.keys()) this.#host.touched(group);
    this.#move("broker-died");
    this.#forget();
    this.#disturb();
  }

  #disturb(): void {
    for (const group of this.#homeOf) this.#host.disturbed(group);
  }

  /** Whether a commit would be accepted and written as usual. */
  get takesCommits(): boolean {
    return this.#state === "Active" && this.#commits() && this.#host.refusal() === undefined;
  }

  /** Whether a commit would be refused, as its log would not take it. */
  get refusesCommits(): boolean {
    return this.#state === "Active" && this.#host.refusal() !== undefined;
  }

  handle(request: CoordinatorRequest): void {
    const busy = waitsItsTurn(request) ? this.#busy.get(request.client) : undefined;
    if (busy) {
      busy.behind.push({ request, cause: this.#host.recorder.cause });
      return;
    }
    if (this.#state === "Active") {
      const hosted = this.#groups.get(request.group) ?? this.#open(request.group, undefined);
      hosted.coordinator.handle(request);
      if (this.#writes.pending > 0) this.#watch(hosted); // it may wait for the log
      return;
    }
    this.#host.reply(request.client, errorReply(request, this.#refusal(request)));
  }

  /**
   * A commit that is not worth an event: it is in the log at once, if the coordinator would accept it and the log take it.
   * Returns whether it is.
   */
  commitUnseen(request: OffsetCommit): boolean {
    const takes = this.#state === "Active" && this.#host.refusal() === undefined && this.#host.keeps();
    const hosted = takes ? this.#groups.get(request.group) : undefined;
    const record = hosted?.coordinator.commitUnseen(request);
    if (record) this.#keep(request.group, record);
    return record !== undefined;
  }

  #keep(group: GroupId, record: GroupRecord): void {
    this.#log.set(group, replay(this.#log.get(group) ?? emptyImage(), record, this.#host.gone));
    if (record.type === "offsets") this.#host.committed(group, record.offsets);
  }

  /**
   * This member's heartbeats are not simulated from now on. Returns its session: how long, and when it would end; or
   * nothing, if the next heartbeat might not be answered NONE at once.
   */
  rest(group: GroupId, member: MemberId, generation: Generation): RestingSession | undefined {
    const hosted = this.#groups.get(group);
    if (!this.takesCommits || !hosted || this.#writes.pending > 0) return undefined;
    const { coordinator, timers } = hosted;
    if (!coordinator.isAtRest(generation)) return undefined;
    const ends = timers.deadline("session", member);
    const timeout = coordinator.sessionTimeoutOf(member);
    if (ends === undefined || timeout === undefined) return undefined;
    timers.cancel("session", member);
    return { timeout, ends, cause: timers.causeOf("session", member) };
  }

  /** They are again; by then its session would end at this instant. */
  rouse(group: GroupId, member: MemberId, sessionEnds: Instant): void {
    const hosted = this.#groups.get(group);
    hosted?.timers.after(sessionEnds - this.#host.engine.now, "session", member);
  }

  /** A regular commit that was worked out is in the log. */
  keepRegular(group: GroupId, record: OffsetsRecord): void {
    this.#keep(group, record);
    this.#groups.get(group)?.coordinator.offsets.keep(record);
  }

  /** One that was worked out arrived then, and is being written: so much longer. */
  resumeRegular(write: RegularWrite, longer: Duration): void {
    const hosted = this.#groups.get(write.regular.group)!;
    hosted.coordinator.offsets.resumeRegular(write.regular);
    this.#writeRegular(hosted, write, longer);
  }

  /** What a coordinator that is not active answers. A loading one believes every heartbeat. Kafka: `withActiveContextOrThrow`. */
  #refusal(request: CoordinatorRequest): ErrorCode {
    if (this.#state !== "Loading") return "NOT_COORDINATOR";
    if (request.api === "Heartbeat") return "NONE";
    if (request.api === "SyncGroup" && this.#host.flavour === "scala") return "REBALANCE_IN_PROGRESS";
    return "COORDINATOR_LOAD_IN_PROGRESS";
  }

  #open(group: GroupId, image: GroupImage | undefined): Hosted {
    const { recorder, engine } = this.#host;
    const life = this.#life;
    const clients = new Map<MemberId, ClientId>();
    const deposed = { deposed: this.broker };
    const timers = this.#host.timers.of<GroupTimer>({
      fire: (timer, subject) => hosted.coordinator.fire(timer, subject),
      causeOf: (timer, subject) => {
        const client = timer === "session" ? clients.get(subject) : undefined;
        return client === undefined ? undefined : this.#host.silenced(client);
      },
    });
    const write = (happening: Happening): EventId => {
      const isOwnOnly = happening.type.startsWith("group.") && this.#host.deposed();
      const id = recorder.record(`group/${group}`, isOwnOnly ? { ...happening, ...deposed } : happening);
      if (happening.type === "group.state") {
        hosted.lastState = id;
        if (happening.from === "Stable") this.#host.touched(group);
      }
      if (happening.type === "group.member") {
        clients.set(happening.member, happening.client);
        if (happening.change === "removed") this.#host.removed(happening.client);
      }
      return id;
    };
    const send = (output: CoordinatorOutput): void => {
      if (output.to === "client") return this.#answer(hosted, output.client, output.reply);
      const refused = this.#host.refusal();
      if (!refused && output.record.type === "offsets") this.#host.wroteOffsets(offsetsIn(output.record));
      if ("regular" in output) {
        const { client, id } = output.regular;
        return this.#writeRegular(hosted, output, this.#host.regularAppendDuration(client, id));
      }
      if (hosted.coordinator.state === "Stable") this.#host.touched(group); // their replies will wait for this write
      if (refused) {
        this.#host.later(0, () => {
          if (life === this.#life) hosted.coordinator.writes.failed(output.append, refused);
        });
        return;
      }
      this.#writes.append(
        this.#host.appendDuration(group),
        () => {
          this.#keep(group, output.record);
          hosted.coordinator.writes.committed(output.append);
        },
        () => this.#giveUp(hosted),
      );
    };
    const host: CoordinatorHost = {
      now: () => engine.now,
      send,
      after: timers.after,
      cancel: timers.cancel,
      refusal: () => this.#host.refusal(),
      draw: () => {
        throw new Error("a coordinator decides nothing by chance");
      },
      record: write,
    };
    const hosted: Hosted = {
      coordinator: undefined as unknown as GroupCoordinator,
      timers,
      lastState: null,
      clients,
    };
    this.#groups.set(group, hosted);
    Object.assign(hosted, { coordinator: this.#host.load(group, host, image) });
    return hosted;
  }

  /** Looks after whatever waits for the log now when it has waited too long. */
  #watch(hosted: Hosted): void {
    const life = this.#life;
    this.#host.later(this.#host.writeTimeout, () => {
      if (life === this.#life) this.#giveUp(hosted);
    });
  }

  #giveUp({ coordinator }: Hosted): void {
    coordinator.writes.overdue(this.#host.engine.now - this.#host.writeTimeout);
  }

  /** Another broker leads with a copy of its own: what is written here until this one hears of it is in no log that counts. */
  overruled(): void {
    this.#isOverruled = true;
  }

  #commits(): boolean {
    return !this.#isOverruled && this.#host.commits();
  }

  /** Whether records are committed may have changed. */
  proceed(): void {
    const healthy = this.#commits() && this.#host.refusal() === undefined;
    if (!healthy) for (const group of this.#groups.keys()) this.#host.touched(group);
    this.#writes.proceed();
    for (const write of this.#regular) write.proceed();
    if (!healthy) this.#disturb();
  }

  /**
   * Regular commits go into the log beside all else: they wait for nothing but that the log takes what it is given; and only
   * what the same client has sent after them, for their answer.
   */
  #writeRegular({ coordinator }: Hosted, { record, regular }: RegularWrite, delay: Duration): void {
    const refused = this.#host.refusal();
    if (refused) return coordinator.offsets.regularFailed(regular, refused);
    const life = this.#life;
    const since = this.#host.engine.now - record.at;
    const write = new WritePath({
      now: () => this.#host.engine.now,
      later: (wait, then) => this.#host.later(wait, then, regular.client),
      commits: () => this.#commits(),
      timeout: this.#host.writeTimeout - since,
    });
    this.#regular.add(write);
    const busy = this.#busy.get(regular.client) ?? { commits: 0, behind: [] };
    this.#busy.set(regular.client, busy);
    busy.commits++;
    let isAnswered = false;
    const answered = (): void => {
      if (isAnswered || life !== this.#life) return;
      isAnswered = true;
      if (--busy.commits > 0) return;
      this.#busy.delete(regular.client);
      for (const one of busy.behind) this.#goOn(one);
    };
    const written = (): void => {
      this.#regular.delete(write);
      if (life !== this.#life) return;
      this.#keep(coordinator.group, record);
      coordinator.offsets.regularCommitted(regular, record);
      answered();
    };
    write.append(delay, written, () => {
      coordinator.offsets.regularFailed(regular, "REQUEST_TIMED_OUT");
      answered();
    });
  }

  /** What is before this request on its connection has been answered. */
  #goOn({ request, cause }: Busy["behind"][number]): void {
    const { recorder } = this.#host;
    const before = recorder.cause;
    recorder.cause = cause;
    this.handle(request);
    recorder.cause = before;
  }

  #answer(hosted: Hosted, client: ClientId, reply: GroupReply): void {
    const { recorder } = this.#host;
    const before = recorder.cause;
    if (reply.error === "REBALANCE_IN_PROGRESS") recorder.cause = hosted.lastState ?? before;
    this.#host.reply(client, reply);
    recorder.cause = before;
  }

  #forget(): void {
    this.#life++;
    this.#isOverruled = false;
    this.#writes.abandon();
    for (const write of this.#regular) write.abandon();
    this.#regular.clear();
    this.#busy.clear();
    for (const { timers } of this.#groups.values()) timers.cancelAll();
    this.#groups.clear();
  }

  #move(reason: CoordinatorReason): void {
    const from = this.#state;
    this.#state = next(COORDINATOR, from, reason);
    this.#host.recorder.record(`broker/${this.broker}`, {
      type: "coordinator.state",
      broker: this.broker,
      partition: this.partition,
      groups: this.#homeOf,
      from,
      to: this.#state,
      reason,
    });
  }
}

/**
 * A broker takes a request from a connection when it has answered the one before (Kafka: `SocketServer` mutes the channel
 * meanwhile): so nobody's JoinGroup overtakes a commit of his. Of what is regular itself, heartbeats and commits, only the
 * moment would be another one, and they are left as they are; but not the heartbeat that says what a member has given up.
 */
function waitsItsTurn(request: CoordinatorRequest): boolean {
  if (request.api === "OffsetCommit") return !request.regular;
  if (request.api === "ConsumerGroupHeartbeat") return request.owned !== undefined;
  return request.api !== "Heartbeat";
}

function offsetsIn({ offsets }: OffsetsRecord): number {
  return Object.values(offsets).reduce((sum, ofTopic) => sum + Object.keys(ofTopic).length, 0);
}
