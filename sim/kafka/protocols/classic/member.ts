import type { Duration, Instant } from "../../../engine/time.ts";
import { MILLISECOND, SECOND } from "../../../engine/time.ts";
import type {
  BrokerId,
  ClientId,
  Generation,
  GroupId,
  InstanceId,
  MemberId,
  Partitions,
  TopicName,
} from "../../../names.ts";
import type { Assignor, Subscriber, Topics } from "../../assignors/assignor.ts";
import type { ClientConfig } from "../../config.ts";
import type {
  Api,
  ErrorCode,
  FindCoordinatorReply,
  GroupReply,
  GroupRequest,
  JoinGroupReply,
  Protocol,
  SyncGroupReply,
} from "../../messages.ts";
import { exponentialBackoff } from "../backoff.ts";
import type { Happening } from "../../../trace/event.ts";
import type { Host } from "../host.ts";
import { next } from "../machine.ts";
import type { ClassicMemberReason, ClassicMemberState } from "./member-states.ts";
import { CLASSIC_MEMBER } from "./member-states.ts";
import { countOf, isEmpty, NO_PARTITIONS, union, without } from "./partitions.ts";

/** What a consumer sends, and to whom. `any`: whichever broker the client likes best (Kafka: the least loaded node). */
export type MemberOutput =
  | { readonly to: "any"; readonly request: GroupRequest }
  | { readonly to: BrokerId; readonly request: GroupRequest }
  /** Opens the coordination connection; if that fails the world says `disconnected`. */
  | { readonly to: BrokerId; readonly open: true };

/**
 * The consumer's timers. `request` has the API as its subject, the others have none ("").
 * `heartbeat`: the next one is due. `session`: no good heartbeat reply for `session.timeout.ms`. `poll`: no poll() for
 * `max.poll.interval.ms`. `rejoin`, `lookup`, `offsets`: the wait before the next attempt. `assigned`: the leader has
 * finished computing. `close`: the close() of the application gives up waiting.
 */
export type MemberTimer =
  "heartbeat" | "session" | "poll" | "request" | "rejoin" | "lookup" | "offsets" | "assigned" | "close";

/** Who this consumer is and what it was configured to do. */
export interface MemberOptions {
  readonly client: ClientId;
  readonly group: GroupId;
  readonly instance?: InstanceId;
  readonly rack?: string;
  readonly capacity?: number;
  readonly topics: readonly TopicName[];
  readonly config: ClientConfig;
  /** By name, in order of preference (`partition.assignment.strategy`). */
  readonly assignors: readonly { readonly name: string; readonly assign: Assignor }[];
  /** The client's picture of the topics, when it computes an assignment. */
  readonly metadata: () => Topics;
  /** What computing an assignment costs the leader. */
  readonly assignmentCost: (assignor: string, members: number, topics: Topics) => Duration;
}

/** Kafka's constant: a JoinGroup may take this much longer than the rebalance timeout. */
const JOIN_GROUP_EXTRA: Duration = 5 * SECOND;

/** How long `close()` waits for its requests by default. Kafka: `ConsumerConfig`, 30 s. */
const CLOSE_TIMEOUT: Duration = 30 * SECOND;

const NO_GENERATION: Generation = -1;

/** Errors after which a JoinGroup is tried again at once, without backoff. Kafka: `AbstractCoordinator.joinGroupIfNeeded`. */
const RETRIED_AT_ONCE: ReadonlySet<ErrorCode> = new Set([
  "UNKNOWN_MEMBER_ID",
  "ILLEGAL_GENERATION",
  "REBALANCE_IN_PROGRESS",
  "MEMBER_ID_REQUIRED",
]);

const COORDINATOR_LOST: ReadonlySet<ErrorCode> = new Set([
  "NOT_COORDINATOR",
  "COORDINATOR_NOT_AVAILABLE",
  "DISCONNECTED",
  "TIMED_OUT",
]);

/** What a member leaves behind when its heartbeats are no longer simulated. */
export interface Rest {
  /** When the next heartbeat is due, and the id its request will have. */
  readonly next: Instant;
  readonly nextRequest: number;
  /** When its own session timer would end. */
  readonly sessionEnds: Instant;
}

/** What the heartbeats since then have come to. */
export interface Roused {
  readonly sent: number;
  readonly heartbeatDue: Instant;
  readonly sessionEnds: Instant;
  /** The last one, if it has not been answered yet. */
  readonly waiting?: { readonly id: number; readonly sentAt: Instant };
}

/** What a member writes down: everything that names a client. */
type MemberHappening = Extract<Happening, { readonly client: ClientId; readonly group: GroupId }>;
type Own = "type" | "client" | "group";

interface InFlight {
  readonly id: number;
  readonly api: Api;
  readonly sentAt: Instant;
  readonly generation: Generation;
  readonly member: MemberId;
}

/**
 * A consumer of the classic protocol: what the application's thread does inside poll(), and what the heartbeat thread
 * does beside it. Kafka: `AbstractCoordinator`, `ConsumerCoordinator`, `ClassicKafkaConsumer`.
 *
 * The world calls `poll()` when the application does, and after anything else only if `wantsPoll` says that the
 * application's thread has something to do (a healthy consumer polls all the time and nothing comes of it, so those
 * polls need not be events). JoinGroup replies wait for poll(); heartbeats do not.
 */
export class ClassicMember {
  readonly #options: MemberOptions;
  readonly #host: Host<MemberOutput, MemberTimer>;

  #state: ClassicMemberState = "UNJOINED";
  #generation: Generation = NO_GENERATION;
  #member: MemberId = "";
  #coordinator: BrokerId | undefined;

  #connected = false; //  the coordinator has answered something since it was found

  #rejoin: string | undefined = "initial"; // why; undefined while there is no need
  #prepared = false; //        the callbacks before a rejoin have run
  #joining = false; //         a JoinGroup or the SyncGroup after it is under way
  #joinReply: JoinGroupReply | undefined; // arrived, waits for poll()
  #synced: Partitions | undefined; //        likewise
  #waiting = false; //         between a failed join and the next attempt
  #preparing: Instant | undefined; // since when the commit before a rejoin is tried

  #owned: Partitions = NO_PARTITIONS;
  #reading: Partitions = NO_PARTITIONS;
  #unpositioned: Partitions = NO_PARTITIONS; // owned, but where to start is not known yet
  #positions: Partitions | undefined; //        an answered OffsetFetch, waits for poll()

  #longBatch = false; // one that will exceed the poll interval
  readonly #inFlight = new Map<Api, InFlight>();
  #requests = 0;
  #lookups = 0; //         failed attempts since the coordinator was last known
  #heartbeatFailures = 0;
  #offsetFailures = 0;
  #closing: "committing" | "leaving" | "closed" | undefined;
  #pendingAssignments:
    { readonly generation: Generation; readonly assignments: Record<MemberId, Partitions> } | undefined;

  constructor(options: MemberOptions, host: Host<MemberOutput, MemberTimer>) {
    this.#options = options;
    this.#host = host;
  }

  get state(): ClassicMemberState {
    return this.#state;
  }

  get generation(): Generation {
    return this.#generation;
  }

  get memberId(): MemberId {
    return this.#member;
  }

  get owned(): Partitions {
    return this.#owned;
  }

  /** What it reads: owned, and the place to start is known. */
  get reading(): Partitions {
    return this.#reading;
  }

  get coordinator(): BrokerId | undefined {
    return this.#coordinator;
  }

  /** Whether nothing can come of its next heartbeats but that they push its session on, until something touches it. */
  get canRest(): boolean {
    return (
      this.#state === "STABLE" &&
      this.#coordinator !== undefined &&
      this.#rejoin === undefined &&
      !this.#closing &&
      !this.#longBatch &&
      this.#inFlight.size === 0 &&
      isEmpty(this.#unpositioned)
    );
  }

  /** Its heartbeats are not simulated from now on: puts its timers away. Told when they are due. */
  rest(due: { readonly heartbeat: Instant; readonly session: Instant }): Rest {
    this.#host.cancel("heartbeat", "");
    this.#host.cancel("session", "");
    return { next: due.heartbeat, nextRequest: this.#requests + 1, sessionEnds: due.session };
  }

  /**
   * They are again: everything is as `sent` heartbeats would have left it. Returns the heartbeat that still waits for
   * its reply, if one does.
   */
  rouse({ sent, heartbeatDue, sessionEnds, waiting }: Roused): GroupRequest | undefined {
    const now = this.#host.now();
    this.#requests += sent;
    this.#host.after(heartbeatDue - now, "heartbeat", "");
    this.#host.after(sessionEnds - now, "session", "");
    if (!waiting) return undefined;
    const { id, sentAt } = waiting;
    this.#inFlight.set("Heartbeat", {
      id,
      api: "Heartbeat",
      sentAt,
      generation: this.#generation,
      member: this.#member,
    });
    this.#host.after(sentAt + this.#ms("request.timeout.ms") - now, "request", "Heartbeat");
    return this.#heartbeat(id);
  }

  get closed(): boolean {
    return this.#closing === "closed";
  }

  /** Requests sent and neither answered, nor timed out, nor failed with their connection. */
  get requestsInFlight(): number {
    return this.#inFlight.size;
  }

  /** Whether the application's thread, once inside poll(), has anything to do for the group. */
  get wantsPoll(): boolean {
    if (this.#closing) return false;
    if (this.#joinReply || this.#synced || this.#positions) return true;
    if (this.#coordinator === undefined) return false; // the search goes on by itself
    if (this.#rejoin !== undefined && !this.#joining) return !this.#waiting && !this.#inFlight.has("OffsetCommit");
    return this.#needsPositions();
  }

  // ---------------------------------------------------------------- the application's thread

  /** The application calls poll(): everything that waited for its thread happens now. */
  poll(): void {
    if (this.#closing) return;
    this.#host.cancel("poll", "");
    this.#longBatch = false;
    if (this.#coordinator === undefined) this.#lookUp();
    this.#advanceJoin();
    this.#advancePositions();
  }

  /**
   * The application will not poll for that long: a slow batch. Only batches longer than `max.poll.interval.ms` matter
   * to the consumer, so the world may leave the others out.
   */
  startBatch(lasts: Duration): void {
    const interval = this.#ms("max.poll.interval.ms");
    if (lasts <= interval || this.#closing) return;
    this.#longBatch = true;
    this.#host.after(interval, "poll", "");
  }

  /** The application closes the consumer: commit, callbacks, LeaveGroup (dynamic members), end. */
  close(): void {
    if (this.#closing) return;
    this.#closing = "committing";
    this.#host.after(Math.min(CLOSE_TIMEOUT, this.#ms("request.timeout.ms")), "close", "");
    if (!this.#sendCommit()) this.#leave();
  }

  #advanceJoin(): void {
    while (this.#rejoin !== undefined || this.#joining) {
      if (this.#joinReply) {
        const reply = this.#joinReply;
        this.#joinReply = undefined;
        this.#joinAnswered(reply);
      } else if (this.#synced) {
        const assignment = this.#synced;
        this.#synced = undefined;
        this.#joinComplete(assignment);
      } else {
        if (this.#joining || this.#waiting || this.#coordinator === undefined) return;
        if (!this.#prepared && !this.#prepare()) return;
        this.#sendJoin();
      }
    }
  }

  /**
   * Commit and callbacks before a rejoin; false while the commit is under way. It is tried again until the rebalance
   * timeout, then given up. Kafka: `onJoinPrepare`.
   */
  #prepare(): boolean {
    if (this.#inFlight.has("OffsetCommit")) return false;
    const now = this.#host.now();
    if (this.#preparing === undefined) {
      this.#preparing = now;
      this.#record("client.rejoin", { reason: this.#rejoin! });
      this.#commitDone = false;
    }
    const inTime = now - this.#preparing < this.#ms("max.poll.interval.ms");
    if (!this.#commitDone && inTime && this.#sendCommit()) {
      this.#stopReading("revocation-pending");
      return false;
    }
    this.#giveUpOwned();
    return true;
  }

  #commitDone = false;

  /** The callbacks of an eager member: everything it owns, revoked, or lost if it has been expelled. */
  #giveUpOwned(): void {
    const expelled = this.#generation === NO_GENERATION || this.#member === "";
    const how = expelled ? "lost" : "revoked";
    if (!isEmpty(this.#owned)) {
      this.#stopReading(how);
      this.#record("partition.owner", { how, partitions: this.#owned, generation: this.#generation });
    }
    this.#owned = NO_PARTITIONS;
    this.#unpositioned = NO_PARTITIONS;
    this.#prepared = true;
    this.#preparing = undefined;
  }

  #sendJoin(): void {
    const { config, topics, instance, rack } = this.#options;
    const rebalanceTimeout = this.#ms("max.poll.interval.ms");
    const metadata = {
      topics: [...topics].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)),
      owned: this.#owned,
      generation: this.#generation,
      ...(rack ? { rack } : {}),
    };
    const protocols: Protocol[] = this.#options.assignors.map(({ name }) => ({ name, metadata }));
    this.#joining = true;
    if (this.#state !== "PREPARING_REBALANCE") this.#move("join-sent");
    this.#host.cancel("heartbeat", "");
    this.#host.cancel("session", "");
    this.#sendToCoordinator(
      {
        api: "JoinGroup",
        ...this.#envelope(),
        member: this.#member,
        ...(instance ? { instance } : {}),
        version: 9,
        sessionTimeout: this.#ms("session.timeout.ms"),
        rebalanceTimeout,
        protocolType: "consumer",
        protocols,
      },
      Math.max(config["request.timeout.ms"] * MILLISECOND, rebalanceTimeout + JOIN_GROUP_EXTRA),
    );
  }

  /** JoinGroup is answered and the application's thread looks at it. */
  #joinAnswered(reply: JoinGroupReply): void {
    if (reply.error !== "NONE") return this.#joinFailed(reply.error, reply.member);
    this.#generation = reply.generation;
    this.#member = reply.member;
    this.#move("join-answered");
    this.#restartHeartbeats();
    if (reply.leader !== reply.member) return this.#sendSync({});
    const { assignments, took } = this.#assign(reply);
    if (took === 0) return this.#sendSync(assignments);
    this.#pendingAssignments = { generation: this.#generation, assignments };
    this.#host.after(took, "assigned", "");
  }

  /** The group leader's work. Kafka: `ConsumerCoordinator.onLeaderElected`. */
  #assign(reply: JoinGroupReply): { assignments: Record<MemberId, Partitions>; took: Duration } {
    if (reply.skipAssignment) return { assignments: {}, took: 0 };
    const { assignors, metadata, assignmentCost } = this.#options;
    const chosen = assignors.find(({ name }) => name === reply.protocolName)!;
    const topics = metadata();
    const subscribers = reply.members.map(
      ({ id, instance, metadata: { topics: subscribed, owned, generation, rack } }): Subscriber => ({
        id,
        topics: subscribed,
        owned,
        generation,
        ...(instance ? { instanceId: instance } : {}),
        ...(rack ? { rack } : {}),
      }),
    );
    const assignments = Object.fromEntries(chosen.assign(subscribers, topics));
    const took = assignmentCost(chosen.name, subscribers.length, topics);
    let partitions = 0;
    for (const member in assignments) partitions += countOf(assignments[member]);
    this.#record("group.assignment", {
      assignor: chosen.name,
      generation: this.#generation,
      members: subscribers.length,
      partitions,
      took,
    });
    return { assignments, took };
  }

  #sendSync(assignments: Record<MemberId, Partitions>): void {
    const { instance } = this.#options;
    this.#sendToCoordinator({
      api: "SyncGroup",
      ...this.#envelope(),
      member: this.#member,
      ...(instance ? { instance } : {}),
      generation: this.#generation,
      assignments,
    });
  }

  /** The join is over: the assignment becomes ownership. Kafka: `onJoinComplete`. */
  #joinComplete(assignment: Partitions): void {
    this.#joining = false;
    this.#prepared = false;
    if (this.#state !== "STABLE") {
      return this.#askRejoin("reset");
    }
    const added = without(assignment, this.#owned);
    this.#owned = assignment;
    this.#unpositioned = union(this.#unpositioned, added);
    this.#record("partition.owner", { how: "assigned", partitions: added, generation: this.#generation });
  }

  #joinFailed(error: ErrorCode, member?: MemberId): void {
    this.#joining = false;
    this.#rejoin ??= "retry";
    if (error === "MEMBER_ID_REQUIRED") this.#member = member!;
    if (error === "UNKNOWN_MEMBER_ID") this.#reset("", "unknown-member");
    if (error === "ILLEGAL_GENERATION") this.#reset(this.#member, "illegal-generation");
    if (COORDINATOR_LOST.has(error)) this.#loseCoordinator(error);
    if (!RETRIED_AT_ONCE.has(error)) this.#retryLater();
  }

  /** The join loop's wait is constant, unlike all others. Kafka: `AbstractCoordinator.joinGroupIfNeeded`. */
  #retryLater(): void {
    this.#waiting = true;
    this.#host.after(this.#ms("retry.backoff.ms"), "rejoin", "");
  }

  // ---------------------------------------------------------------- positions

  #needsPositions(): boolean {
    return (
      this.#state === "STABLE" &&
      !isEmpty(this.#unpositioned) &&
      !this.#inFlight.has("OffsetFetch") &&
      !this.#offsetsWaiting
    );
  }

  #offsetsWaiting = false;

  #advancePositions(): void {
    if (this.#positions) {
      const found = this.#positions;
      this.#positions = undefined;
      const resumed = without(found, without(found, this.#unpositioned));
      this.#unpositioned = without(this.#unpositioned, resumed);
      if (!isEmpty(resumed)) {
        this.#reading = union(this.#reading, resumed);
        this.#record("partition.reading", { reading: true, partitions: resumed, reason: "resumed" });
      }
    }
    if (this.#coordinator === undefined || !this.#needsPositions()) return;
    this.#sendToCoordinator({ api: "OffsetFetch", ...this.#envelope(), partitions: this.#unpositioned });
  }

  #stopReading(reason: string): void {
    if (isEmpty(this.#reading)) return;
    const partitions = this.#reading;
    this.#reading = NO_PARTITIONS;
    this.#record("partition.reading", { reading: false, partitions, reason });
  }

  // ---------------------------------------------------------------- replies

  /** A reply arrives, or the client's network layer gives a request up (`DISCONNECTED`, `TIMED_OUT`). */
  receive(reply: GroupReply): void {
    const request = this.#inFlight.get(reply.api);
    if (!request || request.id !== reply.id) return; // of a connection that was given up
    const lost = reply.error === "DISCONNECTED" || reply.error === "TIMED_OUT";
    if (!lost && reply.api !== "FindCoordinator") this.#connected = true;
    this.#settle(request, reply);
    switch (reply.api) {
      case "FindCoordinator":
        return this.#coordinatorFound(reply);
      case "JoinGroup":
        this.#joinReply = reply;
        return;
      case "SyncGroup":
        return this.#syncAnswered(reply, request);
      case "Heartbeat":
        return this.#heartbeatAnswered(reply.error, request);
      case "OffsetCommit":
        return this.#commitAnswered(reply.error);
      case "OffsetFetch":
        return this.#offsetsAnswered(reply.error);
      case "LeaveGroup":
        if (this.#closing) this.#end();
    }
  }

  #settle(request: InFlight, reply: GroupReply): void {
    this.#inFlight.delete(request.api);
    this.#host.cancel("request", request.api);
    if (request.api === "Heartbeat" && reply.error === "NONE") return; // healthy: not worth a line
    this.#record("request.answered", {
      api: request.api,
      request: request.id,
      error: reply.error,
      took: this.#host.now() - request.sentAt,
      ...(reply.api === "JoinGroup" && reply.error === "NONE" ? { generation: reply.generation } : {}),
    });
  }

  /** May run on either thread: SyncGroup success needs no poll() to count, its callbacks do. */
  #syncAnswered(reply: SyncGroupReply, request: InFlight): void {
    const current = request.generation === this.#generation && this.#state === "COMPLETING_REBALANCE";
    if (reply.error === "NONE" && current) {
      this.#move("sync-answered");
      this.#rejoin = undefined;
      this.#synced = reply.assignment ?? NO_PARTITIONS;
    } else {
      this.#joinFailed(reply.error === "NONE" ? "ILLEGAL_GENERATION" : reply.error);
    }
  }

  #commitAnswered(error: ErrorCode): void {
    if (this.#closing === "committing") return this.#leave();
    if (error === "UNKNOWN_MEMBER_ID") this.#reset("", "unknown-member");
    if (error === "ILLEGAL_GENERATION") this.#reset(this.#member, "illegal-generation");
    const lost = COORDINATOR_LOST.has(error);
    if (lost) this.#loseCoordinator(error);
    this.#commitDone = !lost && error !== "COORDINATOR_LOAD_IN_PROGRESS";
    if (!this.#commitDone) this.#retryLater();
  }

  #offsetsAnswered(error: ErrorCode): void {
    if (error === "NONE") {
      this.#offsetFailures = 0;
      this.#positions = this.#unpositioned;
      return;
    }
    if (COORDINATOR_LOST.has(error)) this.#loseCoordinator(error);
    this.#offsetsWaiting = true;
    this.#host.after(this.#backoff(this.#offsetFailures++), "offsets", "");
  }

  // ---------------------------------------------------------------- the heartbeat thread

  #restartHeartbeats(): void {
    this.#heartbeatFailures = 0;
    this.#host.after(this.#ms("heartbeat.interval.ms"), "heartbeat", "");
    this.#host.after(this.#ms("session.timeout.ms"), "session", "");
  }

  #heartbeatDue(): void {
    if (this.#state !== "STABLE" && this.#state !== "COMPLETING_REBALANCE") return;
    if (this.#coordinator === undefined) {
      this.#lookUp();
      this.#host.after(this.#ms("retry.backoff.ms"), "heartbeat", "");
      return;
    }
    this.#host.after(this.#ms("heartbeat.interval.ms"), "heartbeat", "");
    if (this.#inFlight.has("Heartbeat")) return;
    this.#sendToCoordinator(this.#heartbeat(++this.#requests));
  }

  #heartbeat(id: number): GroupRequest {
    const { client, group, instance } = this.#options;
    const identity = { member: this.#member, generation: this.#generation, ...(instance ? { instance } : {}) };
    return { api: "Heartbeat", id, client, group, ...identity };
  }

  #heartbeatAnswered(error: ErrorCode, request: InFlight): void {
    if (error === "NONE" || error === "REBALANCE_IN_PROGRESS") {
      this.#heartbeatFailures = 0;
      this.#host.after(this.#ms("session.timeout.ms"), "session", "");
      if (error === "REBALANCE_IN_PROGRESS" && this.#state === "STABLE") this.#askRejoin("heartbeat-rebalance");
      return;
    }
    const unchanged = request.generation === this.#generation && request.member === this.#member;
    if (error === "UNKNOWN_MEMBER_ID" && unchanged) return this.#reset("", "unknown-member");
    if (error === "ILLEGAL_GENERATION" && unchanged) return this.#reset(this.#member, "illegal-generation");
    if (error === "FENCED_INSTANCE_ID" && unchanged) return this.#reset("", "fenced");
    if (COORDINATOR_LOST.has(error)) this.#loseCoordinator(error);
    this.#host.after(this.#backoff(this.#heartbeatFailures++), "heartbeat", "");
  }

  /** No poll() for `max.poll.interval.ms`: the heartbeat thread leaves the group in the application's place. */
  #pollIntervalExceeded(): void {
    if (this.#state !== "STABLE" && this.#state !== "COMPLETING_REBALANCE") return;
    if (!this.#options.instance) this.#sendLeave();
    this.#reset("", "poll-interval-exceeded");
  }

  // ---------------------------------------------------------------- the coordinator, found and lost

  #lookingUp = false; // waits before the next FindCoordinator

  #lookUp(): void {
    if (this.#inFlight.has("FindCoordinator") || this.#lookingUp) return;
    this.#send("any", { api: "FindCoordinator", ...this.#envelope() }, this.#ms("request.timeout.ms"));
  }

  #coordinatorFound(reply: FindCoordinatorReply): void {
    if (reply.error !== "NONE" || reply.broker === undefined) return this.#lookUpLater();
    this.#coordinator = reply.broker;
    this.#connected = false;
    this.#record("client.coordinator", { broker: reply.broker, reason: "found" });
    this.#host.send({ to: reply.broker, open: true });
    if (this.#state === "STABLE" || this.#state === "COMPLETING_REBALANCE") {
      this.#host.after(this.#ms("session.timeout.ms"), "session", "");
    }
  }

  #lookUpLater(): void {
    this.#lookingUp = true;
    this.#host.after(this.#backoff(this.#lookups++), "lookup", "");
  }

  /** The connection to this broker broke, or could not be opened: every request on it has failed. */
  disconnected(broker: BrokerId): void {
    if (broker === this.#coordinator) this.#loseCoordinator("DISCONNECTED");
  }

  #loseCoordinator(reason: ErrorCode | "SESSION_TIMEOUT"): void {
    if (this.#coordinator === undefined) return;
    this.#coordinator = undefined;
    this.#record("client.coordinator", { broker: null, reason: reason.toLowerCase().replaceAll("_", "-") });
    for (const request of this.#inFlight.values()) {
      if (request.api !== "FindCoordinator") this.receive(failed(request, "DISCONNECTED"));
    }
    if (!this.#connected) return this.#lookUpLater(); // named a broker that refuses us: ask again, but not at once
    this.#lookups = 0;
    this.#lookUp();
  }

  // ---------------------------------------------------------------- timers

  fire(timer: MemberTimer, subject: string): void {
    switch (timer) {
      case "heartbeat":
        return this.#heartbeatDue();
      case "session":
        return this.#loseCoordinator("SESSION_TIMEOUT");
      case "poll":
        return this.#pollIntervalExceeded();
      case "rejoin":
        this.#waiting = false;
        return;
      case "lookup":
        this.#lookingUp = false;
        return this.#lookUp();
      case "offsets":
        this.#offsetsWaiting = false;
        return;
      case "assigned": {
        const pending = this.#pendingAssignments;
        this.#pendingAssignments = undefined;
        if (pending && pending.generation === this.#generation) this.#sendSync(pending.assignments);
        return;
      }
      case "close":
        return this.#end();
      case "request": {
        const request = this.#inFlight.get(subject as Api);
        if (request) this.receive(failed(request, "TIMED_OUT"));
      }
    }
  }

  // ---------------------------------------------------------------- leaving

  #leave(): void {
    this.#closing = "leaving";
    this.#stopReading("closed");
    if (!isEmpty(this.#owned)) {
      const expelled = this.#generation === NO_GENERATION || this.#state !== "STABLE";
      this.#record("partition.owner", {
        how: expelled ? "lost" : "revoked",
        partitions: this.#owned,
        generation: this.#generation,
      });
      this.#owned = NO_PARTITIONS;
    }
    const leaves = !this.#options.instance && this.#state !== "UNJOINED" && this.#member !== "";
    if (leaves && this.#coordinator !== undefined) this.#sendLeave();
    else this.#end();
  }

  #sendLeave(): void {
    if (this.#coordinator === undefined) return;
    this.#sendToCoordinator({ api: "LeaveGroup", ...this.#envelope(), members: [{ member: this.#member }] });
  }

  #end(): void {
    this.#closing = "closed";
    if (this.#state !== "UNJOINED") this.#move("reset", "closed");
  }

  // ---------------------------------------------------------------- small hands

  /** The only line that changes the state, so no change goes unrecorded. */
  #move(reason: ClassicMemberReason, detail: string = reason): void {
    const from = this.#state;
    this.#state = next(CLASSIC_MEMBER, from, reason);
    this.#record("client.state", {
      from,
      to: this.#state,
      reason: detail,
      ...(this.#member ? { member: this.#member } : {}),
      generation: this.#generation,
    });
  }

  #record<T extends MemberHappening["type"]>(type: T, fields: Omit<Extract<MemberHappening, { type: T }>, Own>): void {
    const { client, group } = this.#options;
    this.#host.record({ type, client, group, ...fields } as unknown as Happening);
  }

  /** Commits all positions; false if there is nothing to commit, or auto-commit is off. */
  #sendCommit(): boolean {
    const { config, instance } = this.#options;
    if (!config["enable.auto.commit"] || this.#state !== "STABLE" || this.#coordinator === undefined) return false;
    if (isEmpty(without(this.#owned, this.#unpositioned))) return false;
    this.#sendToCoordinator({
      api: "OffsetCommit",
      ...this.#envelope(),
      member: this.#member,
      ...(instance ? { instance } : {}),
      generation: this.#generation,
      offsets: {},
    });
    return true;
  }

  /** Forgets generation and (with `member` "") identity; the next poll() rejoins, with everything owned lost. */
  #reset(member: MemberId, reason: string): void {
    this.#generation = NO_GENERATION;
    this.#member = member;
    this.#prepared = false;
    this.#joining = false;
    this.#synced = undefined;
    this.#askRejoin(reason);
    if (this.#state !== "UNJOINED") this.#move("reset", reason);
  }

  #askRejoin(reason: string): void {
    this.#rejoin ??= reason;
  }

  #backoff(attempts: number): Duration {
    const { config } = this.#options;
    const uniform = this.#host.draw("backoff", { uniform: [0, SECOND] }) / SECOND;
    return exponentialBackoff(attempts, config["retry.backoff.ms"], config["retry.backoff.max.ms"], uniform);
  }

  #ms(
    key:
      | "session.timeout.ms"
      | "heartbeat.interval.ms"
      | "max.poll.interval.ms"
      | "request.timeout.ms"
      | "retry.backoff.ms",
  ): Duration {
    return this.#options.config[key] * MILLISECOND;
  }

  #envelope(): { id: number; client: ClientId; group: GroupId } {
    return { id: ++this.#requests, client: this.#options.client, group: this.#options.group };
  }

  #sendToCoordinator(request: GroupRequest, timeout = this.#ms("request.timeout.ms")): void {
    this.#send(this.#coordinator!, request, timeout);
  }

  #send(to: BrokerId | "any", request: GroupRequest, timeout: Duration): void {
    const { api, id } = request;
    this.#inFlight.set(api, {
      id,
      api,
      sentAt: this.#host.now(),
      generation: this.#generation,
      member: this.#member,
    });
    this.#host.after(timeout, "request", api);
    if (api !== "Heartbeat") {
      this.#record("request.sent", {
        api,
        request: id,
        broker: to,
        ...(this.#member ? { member: this.#member } : {}),
        generation: this.#generation,
      });
    }
    this.#host.send(to === "any" ? { to, request } : { to, request });
  }
}

/** What the client's own network layer says in place of a reply that will not come. */
function failed({ id, api }: InFlight, error: "DISCONNECTED" | "TIMED_OUT"): GroupReply {
  const nothing = {
    generation: NO_GENERATION,
    leader: "",
    member: "",
    skipAssignment: false,
    members: [],
    offsets: {},
  };
  return { ...nothing, id, api, error } as GroupReply;
}
