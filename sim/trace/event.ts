/**
 * The schema of a trace: everything that can happen in the simulated world, in plain JSON, the contract with every
 * reader. A recording of a real cluster uses the same words.
 *
 * Times are whole microseconds since the run began. Names of states, errors and requests are Kafka's own; reasons are
 * kebab-case words from closed lists.
 */
import type { Duration, Instant } from "../engine/time.ts";
import type { Law } from "../engine/variates.ts";
import type { BrokerId, ClientId, Generation, GroupId, InstanceId, MemberId, Partitions, TopicName } from "../names.ts";

/** Raised when a reader of older traces would misunderstand newer ones. */
export const SCHEMA_VERSION = 1;

/**
 * Names an event for ever: its subject and its ordinal among that subject's events (`group/billing#12`,
 * `client/billing-3#4`). Never a line number, so leaving healthy heartbeats out renames nothing.
 */
export type EventId = string;

interface Stamp {
  /** When it happened. Source: the engine's clock. */
  readonly t: Instant;
  readonly id: EventId;
  /** The event that made this one happen; `null` for what the scenario or chance began. */
  readonly cause: EventId | null;
}

/** The scenario's hand: a scripted event, or one that its laws of chance decided. */
interface ScenarioEvent {
  readonly type: "scenario.event";
  readonly what:
    | "join"
    | "leave"
    | "crash"
    | "roll"
    | "pause"
    | "freeze"
    | "rate"
    | "create"
    | "grow"
    | "delete"
    | "subscribe"
    | "producers"
    | "crash-broker"
    | "restart-broker"
    | "roll-brokers"
    | "crash-controller"
    | "restart-controller"
    | "power-down"
    | "cut"
    | "slow"
    /** What was written cannot happen, or changes nothing: nobody there, or not as many; down already; so already. */
    | "nothing";
  readonly origin: "scripted" | "chance";
  /** The entity concerned (`client/billing-3`, `broker/1`, `group/billing`, `topic/orders`). */
  readonly subject: string;
  /** One sentence for people. */
  readonly text: string;
}

/** The life of a consumer process. */
interface ClientProcess {
  readonly type: "client.process";
  readonly client: ClientId;
  readonly group: GroupId;
  readonly from: ProcessState;
  readonly to: ProcessState;
  readonly reason: string;
  /** Where it stands (a data centre, an availability zone), when it comes into being; absent: in no zone. */
  readonly zone?: string;
}
export type ProcessState = "Absent" | "Starting" | "Running" | "Closing" | "Stopped" | "Crashed";

/**
 * The consumer's own view of its membership. Kafka: `AbstractCoordinator.MemberState`, and of the consumer protocol
 * `org.apache.kafka.clients.consumer.internals.MemberState`, where `generation` is the member's epoch. A consumer of the
 * ZooKeeper era is UNJOINED, REBALANCING, BACKING_OFF, STABLE or STRANDED: it has given up, and owns nothing.
 */
interface ClientState {
  readonly type: "client.state";
  readonly client: ClientId;
  readonly group: GroupId;
  readonly from: string;
  readonly to: string;
  readonly reason: string;
  readonly member?: MemberId;
  readonly generation?: Generation;
  /** Of a consumer that rebalances by itself (the ZooKeeper era): in the how-manieth attempt, from 1 on. */
  readonly attempt?: number;
}

/** A request left the client. Healthy heartbeats are not written. */
interface RequestSent {
  readonly type: "request.sent";
  readonly client: ClientId;
  readonly group: GroupId;
  readonly api: string;
  /** The client's own number for it. */
  readonly request: number;
  /** `any`: whichever the client likes best. `leaders`: those of the partitions concerned. */
  readonly broker: BrokerId | "any" | "leaders";
  readonly member?: MemberId;
  readonly generation?: Generation;
}

/** A reply reached the client, or will never (`DISCONNECTED`, `TIMED_OUT`). Heartbeats answered NONE are not written. */
interface RequestAnswered {
  readonly type: "request.answered";
  readonly client: ClientId;
  readonly group: GroupId;
  readonly api: string;
  readonly request: number;
  readonly error: string;
  /** From sending to this moment. */
  readonly took: Duration;
  readonly generation?: Generation;
}

/** The coordinator will never answer this request: it has lost sight of it. Only the client's timeout ends it. */
interface RequestDropped {
  readonly type: "request.dropped";
  readonly client: ClientId;
  readonly group: GroupId;
  readonly api: string;
  readonly request: number;
  /** `superseded`: the member sent another of the kind. `member-removed`, `group-removed`: nobody is left to answer. */
  readonly reason: "superseded" | "member-removed" | "group-removed";
}

/** What a commit came to: written for those the application asked for, and for all others that failed. */
interface ClientCommit {
  readonly type: "client.commit";
  readonly client: ClientId;
  readonly group: GroupId;
  /** `interval`: it was time for an automatic one. `batch`: the application's own, after or before a batch. */
  readonly purpose: "before-rebalance" | "closing" | "application" | "interval" | "batch";
  /**
   * Kafka's exceptions of these names; `retriable` will be tried again, unless it is the application's own and
   * that does not wait for it. `timed-out`: a `commitSync()` was not answered within `default.api.timeout.ms`.
   */
  readonly result: "done" | "retriable" | "rebalance-in-progress" | "commit-failed" | "fenced" | "timed-out";
}

/**
 * Regular commits of a client, at a beat or of a batch, that were answered NONE since the warm-up: they are not written one
 * by one. At the end, of those who made some.
 */
interface ClientCommits {
  readonly type: "client.commits";
  readonly client: ClientId;
  readonly group: GroupId;
  readonly answered: number;
  /**
   * Of a process's first 200 commits the time is taken of each, from sending to the answer, of the next 200 of each second, of
   * the next 400 of each fourth, and so on. For how many those stand that were timed, and how long so many took in all.
   */
  readonly timed: number;
  readonly took: Duration;
  /** The longest time that was taken. */
  readonly longest: Duration;
}

/** The client decided to join again, and why. */
interface ClientRejoin {
  readonly type: "client.rejoin";
  readonly client: ClientId;
  readonly group: GroupId;
  readonly reason: string;
}

/**
 * A consumer of the ZooKeeper era could not make these partitions its own, because they are others' still: its attempt at a
 * rebalance fails.
 */
interface ClientRefused {
  readonly type: "client.refused";
  readonly client: ClientId;
  readonly group: GroupId;
  /** From 1 on. */
  readonly attempt: number;
  readonly partitions: Partitions;
  /** Whose they were, by their consumer ids, in order; who let go meanwhile is left out. */
  readonly holders: readonly MemberId[];
}

/** An exception that no retry mends came out of the consumer's poll(); its application closes it. */
interface ClientFailed {
  readonly type: "client.failed";
  readonly client: ClientId;
  readonly group: GroupId;
  /**
   * Kafka's error behind the exception; `ASSIGNOR_FAILED`: it leads its group, and its assignor threw; `REBALANCE_FAILED`:
   * `ConsumerRebalanceFailedException`, of a consumer of the ZooKeeper era that has given up its first rebalance.
   */
  readonly error: string;
}

/** The client found its coordinator, or lost it (`broker` null). */
interface ClientCoordinator {
  readonly type: "client.coordinator";
  readonly client: ClientId;
  readonly group: GroupId;
  readonly broker: BrokerId | null;
  readonly reason: string;
}

/** The application's thread is inside a batch that takes unusually long, or through with it. */
interface ClientBusy {
  readonly type: "client.busy";
  readonly client: ClientId;
  readonly group: GroupId;
  readonly busy: boolean;
  /** How long the batch takes; on its beginning. */
  readonly lasts?: Duration;
}

/** The client's process is stopped, or goes on: no heartbeat, no poll, nothing is read meanwhile. */
interface ClientFrozen {
  readonly type: "client.frozen";
  readonly client: ClientId;
  readonly group: GroupId;
  readonly frozen: boolean;
  /** For how long; on its beginning. */
  readonly lasts?: Duration;
}

/**
 * The application's thread stands still inside a `commitSync()` that is not answered as usual, or has come out of it: it
 * reads nothing meanwhile, and does not call poll(). Or that was refused, of an application that commits before it processes: it
 * seeks back to what it could not commit, and polls, and reads nothing until a commit is taken.
 */
interface ClientCommitting {
  readonly type: "client.committing";
  readonly client: ClientId;
  readonly group: GroupId;
  readonly committing: boolean;
}

/** Partitions changed hands, as the client's application knows them (its rebalance callback). */
interface PartitionOwner {
  readonly type: "partition.owner";
  readonly client: ClientId;
  readonly group: GroupId;
  /** `revoked`: given up after a commit. `lost`: taken away, so work since the last commit is redone. */
  readonly how: "assigned" | "revoked" | "lost";
  readonly partitions: Partitions;
  /**
   * Of the assignment; with the consumer protocol the member's epoch. In the ZooKeeper era, which has none, the number of
   * ZooKeeper's transaction that made the last of the client's claims; no two clients have the same, unless they own nothing.
   */
  readonly generation: Generation;
}

/**
 * Records of these partitions are being read by this client from now on, or not any more. A client that is frozen, busy,
 * committing or closing reads nothing meanwhile, though its partitions are its own to read.
 */
interface PartitionReading {
  readonly type: "partition.reading";
  readonly client: ClientId;
  readonly group: GroupId;
  readonly reading: boolean;
  readonly partitions: Partitions;
  /** `resumed`, `revoked`, `lost`, `crashed`, `closed` … */
  readonly reason: string;
}

/** Consecutive records, of each partition of one topic; a number in place of a list stands for all of them. */
interface RecordsFrom {
  readonly group: GroupId;
  readonly topic: TopicName;
  readonly partitions: readonly number[];
  /** The offset of the first of them. Offsets of the fluid are not always whole. */
  readonly from: number | readonly number[];
  /** How many. */
  readonly records: number | readonly number[];
}

/**
 * Records that an application had been handed are read again: reading begins behind where the group had got to. Told
 * when reading begins, with the offset at which it begins.
 */
interface RecordsReread extends RecordsFrom {
  readonly type: "records.reread";
  /** Who reads them again; or who has, aside. */
  readonly client: ClientId;
  /**
   * Those of them, the last ones, that the last reader had in hand, of a batch it was not through with. After a crash
   * they were never processed before; whoever lives on processes them all the same. All of them, if they were read aside.
   */
  readonly inHand: number | readonly number[];
  readonly reason: RereadReason;
  /**
   * This client has read them aside, on its own account, while the partition was another's: it had not heard that it was
   * taken from it. They are processed twice, whoever of the two came first. Told when that reading ends, when the group's
   * position is set, and at the end, of what it has read since it was last told; `reason`: why the partition was taken.
   */
  readonly aside?: true;
  /** What was in hand was so when its reader crashed, though something else says where reading begins. */
  readonly afterCrash?: true;
}

/**
 * `crash`: of the last reader, before it had committed. `poll-interval-exceeded`: it was too slow, and left the group.
 * `zombie`: it was frozen for longer than its session, or while the group went on without it. `expelled`: its session
 * ended, or it was fenced, for another reason. `commit-refused`: it gave its partitions up in order, but its last commit
 * came to nothing. `commit-lost`: a commit was acknowledged, and is gone since an incomplete copy of the group's partition of
 * `__consumer_offsets` was made its leader: what lies between where that would have led and what is still committed (or,
 * without any, where the reset policy leads). `revoked`: it read on between its commit and the revocation, or did not commit before. `closed`: it
 * closed without a commit. `reset`: nothing was committed, and the reset policy leads back to the beginning.
 * `out-of-range`: what was to be read next is not there, deleted or gone with a leader, and the reset policy leads back.
 */
export type RereadReason =
  | "crash"
  | "poll-interval-exceeded"
  | "zombie"
  | "expelled"
  | "commit-refused"
  | "commit-lost"
  | "revoked"
  | "closed"
  | "reset"
  | "out-of-range";

/**
 * Records that were to be read again, as `records.reread` told, are not: the position moves on over them before anybody
 * has come to them again. Of each partition of one topic; a number in place of a list stands for all of them.
 *
 * What was read again up to an instant, or is still to be, is the sum of `records.reread` less that of these.
 */
interface RecordsSpared extends RecordsFrom {
  readonly type: "records.spared";
  /** Whose position moves on; absent where it is nobody's doing. */
  readonly client?: ClientId;
  /** Those of them that were told as in hand. */
  readonly inHand: number | readonly number[];
  /** What was to blame that they were to be read again. */
  readonly reason: RereadReason;
  readonly afterCrash?: true;
}

/**
 * Records nobody of this group will ever read: its position moves on over them. Of each partition of one topic; a number
 * in place of a list stands for all of them. Those that had been read before are not among them.
 */
interface RecordsLost extends RecordsFrom {
  readonly type: "records.lost";
  /** Whose position moves on; absent where it is nobody's doing. */
  readonly client?: ClientId;
  readonly reason: LossReason;
}

/**
 * `reset`: nothing was committed, and the reset policy leads to the end. `out-of-range`: retention was faster than the
 * group, or it was ahead of its log, and its reset policy leads to the end. `truncated`: they could be read, and are gone since
 * an incomplete copy was made leader; or a client that does not ask for them goes on behind them. `committed-ahead`: they were
 * committed before they were processed, and then never were. `topic-deleted`: with all that waited in it.
 */
export type LossReason = "reset" | "out-of-range" | "truncated" | "committed-ahead" | "topic-deleted";

/**
 * Records that were lost, as `records.lost` told, are read after all: reading begins before them, as of a member that was
 * told an earlier offset; or who had them in hand still processes them. Of each partition of one topic; a number in place
 * of a list stands for all of them.
 *
 * What is lost at an instant is the sum of `records.lost` less that of these.
 */
interface RecordsFound extends RecordsFrom {
  readonly type: "records.found";
  /** Who reads them; absent where it is somebody whom the group has parted with. */
  readonly client?: ClientId;
  /** He processes them beside the group: its position is not set back to them. */
  readonly beside?: true;
  /** What was to blame that they were lost. */
  readonly reason: LossReason;
}

/**
 * Records that somebody processes beside the group, whose position does not tell of it: read aside, or still in hand when
 * the partition was given to another. A partition comes as often as the pace changes. What else that is, a second reading or
 * the only one, other events say.
 */
interface RecordsBeside extends RecordsFrom {
  readonly type: "records.beside";
  /** Who processes them; absent where it is somebody whom the group has parted with. */
  readonly client?: ClientId;
  /** When the first and the last of them are processed, and the others at an even pace in between. It may be yet to come. */
  readonly since: Instant | readonly Instant[];
  readonly until: Instant | readonly Instant[];
}

/** What a group's coordinator says of it. */
interface Coordinated {
  /**
   * The broker that wrote this, if another one has loaded the group since, by the controller's word, and this one has not
   * heard of it: it is true of the copy in its memory only, and of members that still take it for their coordinator. Absent:
   * who wrote it speaks for the group.
   */
  readonly deposed?: BrokerId;
}

/** The group changed its state at its coordinator. */
interface GroupState extends Coordinated {
  readonly type: "group.state";
  readonly group: GroupId;
  readonly from: string;
  readonly to: string;
  readonly reason: string;
  /** With the consumer protocol the group's epoch. */
  readonly generation: Generation;
  /** Whose request or silence did it. */
  readonly member?: MemberId;
  readonly client?: ClientId;
}

/** A member came, changed or went, at the coordinator; in the ZooKeeper era its registration did, in ZooKeeper. */
interface GroupMember extends Coordinated {
  readonly type: "group.member";
  readonly group: GroupId;
  readonly member: MemberId;
  readonly client: ClientId;
  readonly instance?: InstanceId;
  /** `away`: a static member of the consumer protocol has left for a while, and its partitions stay reserved. */
  readonly change: "pending" | "added" | "updated" | "rejoined" | "replaced" | "away" | "removed" | "restored";
  readonly reason: string;
  /** How long nothing was heard of it, if it was removed for that. */
  readonly silentFor?: Duration;
}

/** The join phase waits: for the initial delay, an extension of it, or the rebalance timeout. */
interface GroupWindow extends Coordinated {
  readonly type: "group.window";
  readonly group: GroupId;
  readonly kind: "initial" | "extended" | "barrier" | "rearmed";
  readonly delay: Duration;
  /** For the initial delay: how much extension is left after this window. */
  readonly remaining?: Duration;
}

/** The join phase is over. */
interface GroupJoinComplete extends Coordinated {
  readonly type: "group.join-complete";
  readonly group: GroupId;
  readonly generation: Generation;
  readonly how: "all-joined" | "timer" | "expiry";
  /** Since the group entered PreparingRebalance. */
  readonly waited: Duration;
  readonly members: number;
  readonly leader?: MemberId;
  readonly protocolName?: string;
  /** The member whose JoinGroup came last. */
  readonly slowest?: MemberId;
  readonly slowestClient?: ClientId;
  /** Dynamic members that did not come back in time. */
  readonly evicted: readonly MemberId[];
  /** Static members that did not come back and keep their seat. */
  readonly absent: readonly MemberId[];
}

/** The group leader at the coordinator changed. */
interface GroupLeader extends Coordinated {
  readonly type: "group.leader";
  readonly group: GroupId;
  readonly from: MemberId | null;
  readonly to: MemberId | null;
  readonly reason: string;
}

/** The group leader, or with the consumer protocol the coordinator, computed an assignment. */
interface GroupAssignment extends Coordinated {
  readonly type: "group.assignment";
  readonly group: GroupId;
  /** The group leader, or whose heartbeat made the coordinator compute it. */
  readonly client: ClientId;
  readonly assignor: string;
  /** With the consumer protocol the epoch of the target assignment. */
  readonly generation: Generation;
  readonly members: number;
  readonly partitions: number;
  /** What the computation itself cost. */
  readonly took: Duration;
  /**
   * With the consumer protocol: what each member is to have from now on that it was not to have before, and what no more.
   * Who has left, or was replaced in its seat, is to have nothing.
   */
  readonly gains?: Readonly<Record<MemberId, Partitions>>;
  readonly losses?: Readonly<Record<MemberId, Partitions>>;
}

/**
 * A group of the consumer protocol has another epoch: from now on its target assignment is out of date, until some
 * member's heartbeat has the next one computed.
 */
interface GroupEpoch extends Coordinated {
  readonly type: "group.epoch";
  readonly group: GroupId;
  /** From now on; one more than before. */
  readonly generation: Generation;
  /**
   * `member-joined`, `member-left`, `session-expired`, `rebalance-timeout`, `subscription-changed`, `metadata-changed`,
   * `assignor-changed`.
   */
  readonly reason: string;
  /** Whose request or silence did it. */
  readonly member?: MemberId;
  readonly client?: ClientId;
}

/**
 * A member of the consumer protocol has come nearer to its target, at its coordinator. What it owns there, it or nobody
 * may use: a partition is granted only after everybody else has released it. Whoever is `replaced` leaves all it has to the
 * one in its seat, and whoever is `removed` leaves it free.
 */
interface GroupReconciled extends Coordinated {
  readonly type: "group.reconciled";
  readonly group: GroupId;
  readonly member: MemberId;
  readonly client: ClientId;
  /** From now on; Kafka: `MemberState`. The second waits for its own revocations, the third for those of others. */
  readonly state: "STABLE" | "UNREVOKED_PARTITIONS" | "UNRELEASED_PARTITIONS";
  /** The member's epoch from now on. */
  readonly generation: Generation;
  /** It may use these from now on. */
  readonly granted: Partitions;
  /** It is told to give these up, and has yet to say that it has. */
  readonly revoking: Partitions;
  /** It has given these up: they are free for whoever is to have them. */
  readonly released: Partitions;
}

/** A broker's life, as the controller and the network see it. */
interface BrokerState {
  readonly type: "broker.state";
  readonly broker: BrokerId;
  readonly from: string;
  readonly to: string;
  readonly reason: string;
}

/**
 * What is between some parties and others has changed: nothing gets through any more, messages take longer, or all is as
 * it was. A party is named as the subject of its events: `broker/1`, `client/billing-3`, `group/billing` for its members,
 * and besides `zone/a`, `controller`, and `coordinator/billing` for whichever broker that was at the time. What is `mended`
 * is what its cause began.
 */
interface NetworkLink {
  readonly type: "network.link";
  readonly state: "cut" | "slow" | "mended";
  readonly from: string;
  /** `null`: everybody else. */
  readonly to: string | null;
  /** Only what goes from the one to the other. */
  readonly oneWay: boolean;
  /** While slow: the law of a message's delay. */
  readonly delay?: Law;
}

/**
 * The cluster lost its active controller (`to` null), or got one: a node of the quorum, or, in the ZooKeeper era, a broker.
 * While there is none nobody notices that brokers fail, and no partition gets another leader.
 */
interface ControllerChanged {
  readonly type: "controller.changed";
  readonly from: number | null;
  readonly to: number | null;
  /** `crashed`, `resigned`, `no-majority`, `cut-off`, `elected`, `heard-again`. */
  readonly reason: string;
}

/**
 * Partitions of one topic got another leader, by one decision of the controller: all that went from the same broker to
 * the same. The brokers, and through them the clients, hear of it a while later.
 */
interface PartitionLeader {
  readonly type: "partition.leader";
  readonly topic: TopicName;
  /** Ascending. */
  readonly partitions: readonly number[];
  readonly from: BrokerId | null;
  /** `null`: no complete copy is left on a broker that may lead. */
  readonly to: BrokerId | null;
  /** `initial`, `fenced`, `controlled-shutdown`, `returned`, `preferred` … */
  readonly reason: string;
}

/**
 * The high watermarks of some partitions of a topic stand still, because copies that count do not follow or too few copies
 * count; or they move again, and all that has been written can be read. Consumers read up to it, and what is written with
 * `acks: all` is acknowledged when it is passed.
 */
interface PartitionWatermark {
  readonly type: "partition.watermark";
  readonly topic: TopicName;
  /** Ascending. */
  readonly partitions: readonly number[];
  readonly moves: boolean;
  /** Brokers with a copy in sync that does not follow; none, though it stands still: fewer than `min.insync.replicas`. */
  readonly waitsFor: readonly BrokerId[];
  /** Their leader, if that is why they stand still: these brokers follow it no more, and it does not know. */
  readonly overruled?: BrokerId;
}

/**
 * A partition has a leader that lacks what was written last: those records are gone. Mostly they lie above the high watermark,
 * and with `acks: 1` or `0` their producers had been told, or had taken for granted, that they were written; where the leader's
 * copy was incomplete (`unclean.leader.election.enable`), below, and then what a group had not read is told as lost.
 */
interface PartitionTruncated {
  readonly type: "partition.truncated";
  readonly topic: TopicName;
  readonly partition: number;
  /** Records that are gone; to the sixth decimal. */
  readonly records: number;
}

/** The coordinator of one `__consumer_offsets` partition on one broker. Kafka: `CoordinatorRuntime.CoordinatorState`. */
interface CoordinatorState {
  readonly type: "coordinator.state";
  readonly broker: BrokerId;
  readonly partition: number;
  /** The groups of the scenario that live on it. */
  readonly groups: readonly GroupId[];
  readonly from: string;
  readonly to: string;
  readonly reason: string;
}

/**
 * A topic came into being, got more partitions, or was deleted. Clients learn of it when they next fetch metadata. The
 * trace's header has the partitions it begins with, 0 for a topic that is created later.
 */
export interface TopicChanged {
  readonly type: "topic.changed";
  readonly topic: TopicName;
  readonly change: "created" | "grown" | "deleted";
  /** Until now; 0: it did not exist. */
  readonly before: number;
  /** From now on; 0: it does not exist any more. */
  readonly partitions: number;
}

/** Retention has deleted records that a group had not read yet. Deletions that concern nobody are not written. */
interface TopicTrimmed {
  readonly type: "topic.trimmed";
  readonly topic: TopicName;
  readonly partitions: readonly number[];
  /** The log start offset of each, from now on; to the sixth decimal. */
  readonly start: readonly number[];
}

/** Who produces a topic and how: written at the begin, and whenever it changes. */
interface TopicProducers {
  readonly type: "topic.producers";
  readonly topic: TopicName;
  /** Instances that run. */
  readonly instances: number;
  /** Records per second that the applications are asked for. */
  readonly demand: number;
  /** The part of the demand that some instance produces: below 1 while the share of a crashed one is nobody's. */
  readonly carried: number;
  /** Mean time from `send()` until consumers can read a record: gathered into a batch, sent, written and copied. */
  readonly latency: Duration;
}

/**
 * What has waited for these partitions in the producers' buffers is sent from now on, and what comes meanwhile behind it.
 * Records that are written so long after now have waited so long: straight from each moment to the next, and a jump where
 * two moments are one. At the last of them nothing waits any more.
 */
interface TopicFlushed {
  readonly type: "topic.flushed";
  readonly topic: TopicName;
  /** Ascending. */
  readonly partitions: readonly number[];
  /** Ascending. */
  readonly after: readonly Duration[];
  readonly waited: readonly Duration[];
}

/** What became of all that was to be produced to a topic; written at the end. Records, to the sixth decimal. */
interface TopicProduced {
  readonly type: "topic.produced";
  readonly topic: TopicName;
  readonly written: number;
  /** Given up by the producers: after `delivery.timeout.ms`, or without a retry when a leader died. */
  readonly expired: number;
  /** Never sent: nobody carried the load, `send()` blocked, or an instance crashed with it. */
  readonly unsent: number;
  /** Written a second time, which `written` counts too. */
  readonly repeated: number;
  /** Written, acknowledged with `acks: 1` or taken for granted with `0`, and gone with a leader that died; absent: none. */
  readonly truncated?: number;
  /** Nobody had been told that those were written: `acks: 0`. */
  readonly unacknowledged?: true;
  /** Made, and still in the producers' buffers: for want of a leader, or in the burst after. Absent: none. */
  readonly waiting?: number;
}

/** A group's applications subscribed to other topics, all that are subscribed to from now on. */
interface GroupSubscribed {
  readonly type: "group.subscribed";
  readonly group: GroupId;
  readonly topics: readonly TopicName[];
  /**
   * The first offset of each partition that is the group's business, of topics that it has not read before, where that is
   * not 0: lag and positions are reckoned from there.
   */
  readonly begins?: Readonly<Record<TopicName, readonly number[]>>;
}

/** What a broker has done as coordinator; written at the end. Commits after batches too short to be events are left out. */
interface BrokerServed {
  readonly type: "broker.served";
  readonly broker: BrokerId;
  /** How many requests of each kind have come to it, healthy heartbeats included. */
  readonly requests: Readonly<Record<string, number>>;
  /** Offsets it wrote to `__consumer_offsets`: a record for each partition of each commit. Kafka: `offset-commit-count`. */
  readonly offsets: number;
}

/**
 * A breakpoint of the fluid lag of some partitions of one topic: from here on each line is straight until the next.
 * A number in place of a list stands for all of them. Dense, so it has no id of its own.
 */
export interface LagSlopes {
  readonly type: "lag";
  readonly t: Instant;
  readonly cause: EventId | null;
  readonly group: GroupId;
  readonly topic: TopicName;
  readonly partitions: readonly number[];
  /** Records not yet read, at `t`. */
  readonly lag: number | readonly number[];
  /** Production, records per second, from `t` on. */
  readonly in: number | readonly number[];
  /** Consumption, records per second, from `t` on. */
  readonly out: number | readonly number[];
  /** Records that came in at this very instant: simulated one by one, or written before and readable now. Absent: none. */
  readonly arrived?: number | readonly number[];
  /**
   * Records that could be read until this instant and are gone, the newest; before any came in. Positions and offsets of what is
   * left have the same distance from each other: what comes in follows the last of them. Absent: none.
   */
  readonly gone?: number | readonly number[];
  /**
   * Records per second that are written from `t` on and cannot be read yet, because the high watermark stands still. What
   * arrives of a partition later was written so, the oldest first. `null`: its watermark moves; absent: all of theirs do,
   * or records are simulated one by one, and `record.done` says when each was produced.
   */
  readonly above?: number | null | readonly (number | null)[];
  /**
   * Whether its reader gets at none of it from `t` on: it has no leader that answers, or none that the reader knows and
   * reaches. Written where records are simulated one by one, whenever it turns; absent: as before, and false at first.
   */
  readonly held?: boolean | readonly boolean[];
  /**
   * Whether its reader, which commits before it processes, is through with what it may process of it from `t` on, and gets more
   * of it when a commit is taken: that is its own affair, and nothing is in its way. Absent: of none is that so.
   */
  readonly spent?: boolean | readonly boolean[];
}

/**
 * A poll() handed records of one partition to its application, all of them from one fetch; written where records are
 * simulated one by one. Dense, so it has no id of its own. The consumer's own lag is `end − position`.
 */
export interface RecordsPolled {
  readonly type: "records.polled";
  readonly t: Instant;
  readonly cause: null;
  readonly client: ClientId;
  readonly group: GroupId;
  readonly topic: TopicName;
  readonly partition: number;
  /** How many. */
  readonly records: number;
  /** The offset of the next record to be handed out: the consumer's position from now on. */
  readonly position: number;
  /** The log end offset that the fetch found: the high watermark in its reply. It may have been a while ago. */
  readonly end: number;
}

/**
 * An application is through with one record; written where records are simulated one by one. Dense, so it has no id of its
 * own.
 */
export interface RecordDone {
  readonly type: "record.done";
  readonly t: Instant;
  readonly cause: null;
  readonly client: ClientId;
  readonly group: GroupId;
  readonly topic: TopicName;
  readonly partition: number;
  readonly offset: number;
  /** When it was produced, and when the application began to work on it. */
  readonly produced: Instant;
  readonly started: Instant;
}

/**
 * A heartbeat that was answered NONE: it changed nothing. Written only where every heartbeat is simulated; counts
 * neither in the footer's number nor in its fingerprint, has no name and causes nothing.
 */
export interface HealthyHeartbeat {
  readonly type: "heartbeat";
  /** When its reply arrived. */
  readonly t: Instant;
  readonly cause: null;
  readonly client: ClientId;
  readonly group: GroupId;
}

/** What a protocol or the world writes down; the simulation stamps it. */
export type Happening =
  | ScenarioEvent
  | ClientProcess
  | ClientState
  | RequestSent
  | RequestAnswered
  | RequestDropped
  | ClientCommit
  | ClientCommits
  | ClientRejoin
  | ClientRefused
  | ClientFailed
  | ClientCoordinator
  | ClientBusy
  | ClientFrozen
  | ClientCommitting
  | PartitionOwner
  | PartitionReading
  | RecordsReread
  | RecordsSpared
  | RecordsLost
  | RecordsFound
  | RecordsBeside
  | GroupState
  | GroupMember
  | GroupWindow
  | GroupJoinComplete
  | GroupLeader
  | GroupAssignment
  | GroupEpoch
  | GroupReconciled
  | BrokerState
  | NetworkLink
  | ControllerChanged
  | PartitionLeader
  | PartitionWatermark
  | PartitionTruncated
  | TopicChanged
  | TopicTrimmed
  | TopicProducers
  | TopicFlushed
  | TopicProduced
  | GroupSubscribed
  | CoordinatorState
  | BrokerServed;

/** One line of a trace. */
export type TraceEvent = (Happening & Stamp) | LagSlopes | RecordsPolled | RecordDone | HealthyHeartbeat;

/** The first line of a trace. */
export interface TraceHeader {
  readonly regroup: "trace";
  readonly schema: typeof SCHEMA_VERSION;
  /** Version of the program that wrote it. */
  readonly version: string;
  /** The whole scenario, resolved, so that the run can be repeated from the trace alone. */
  readonly scenario: unknown;
  /** Fingerprint of the scenario's canonical JSON. */
  readonly scenarioHash: string;
  readonly seed: string;
  /** The names a reader needs before the first event. */
  readonly topics: readonly { readonly name: TopicName; readonly partitions: number }[];
  readonly groups: readonly { readonly id: GroupId; readonly topics: readonly TopicName[] }[];
  /** The cluster, and where each broker stands; `zone` absent: in no zone. Absent: not known before events name them. */
  readonly brokers?: readonly { readonly id: BrokerId; readonly zone?: string }[];
  /** Where measurements begin. */
  readonly warmUp: Duration;
  /** Where the run was meant to end. */
  readonly until: Instant;
}

/** The last line of a trace; a file without one was cut off. */
export interface TraceFooter {
  readonly end: Instant;
  /** Events between header and footer; healthy heartbeats count in neither number. */
  readonly count: number;
  /** Of all those events, in order. Same scenario and seed, same fingerprint, in every runtime. */
  readonly fingerprint: string;
}

/** Looks at every event of a run in order of time, then once at its end. Results are folds, so nobody needs to store a trace. */
export interface Fold {
  see(event: TraceEvent): void;
  end(t: Instant): void;
}

/** A fold that also wants to know what run it looks at. */
export interface Sink extends Fold {
  begin?(header: TraceHeader): void;
}
