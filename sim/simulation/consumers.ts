import type { Engine, Kind } from "../engine/engine.ts";
import type { Streams } from "../engine/random.ts";
import { type Duration, MILLISECOND } from "../engine/time.ts";
import { drawDuration, reachOf } from "../engine/variates.ts";
import { assignmentCost } from "../kafka/assignors/cost.ts";
import type { Cluster } from "../kafka/cluster/cluster.ts";
import type { ErrorCode, GroupReply, Offsets } from "../kafka/messages.ts";
import type { Role } from "../kafka/network/connection.ts";
import type { Network } from "../kafka/network/network.ts";
import { ORDER } from "../kafka/order.ts";
import { ClassicMember } from "../kafka/protocols/classic/member.ts";
import type { ClientOptions, MemberOutput, MemberTimer } from "../kafka/protocols/client/client.ts";
import { clientTraits } from "../kafka/protocols/client/profiles.ts";
import { ConsumerMember } from "../kafka/protocols/consumer/member.ts";
import type { GroupMember } from "../kafka/protocols/group-member.ts";
import { next } from "../kafka/protocols/machine.ts";
import type { Host } from "../kafka/protocols/host.ts";
import { isEmpty } from "../kafka/protocols/partitions.ts";
import type { ZooKeeperConsumerOutput, ZooKeeperConsumerTimer } from "../kafka/protocols/zookeeper/consumer.ts";
import { ZooKeeperMember } from "../kafka/protocols/zookeeper/member.ts";
import type { ZooKeeperNotice, ZooKeeperReply } from "../kafka/protocols/zookeeper/messages.ts";
import { TimerTable } from "../kafka/timer-table.ts";
import type { BrokerId, ClientId, Generation, InstanceId, Partitions, TopicName } from "../names.ts";
import type { MembersSpec } from "../scenario/scenario.ts";
import type { Recorder } from "../trace/recorder.ts";
import { fullBatch, PollLoop } from "../workload/service.ts";
import { Applications } from "./consumers/applications.ts";
import { BatchCommits } from "./consumers/batch-commits.ts";
import type { Consumer, RunningGroup } from "./consumers/consumer.ts";
import { commitsAhead, commitsEachBatch } from "./consumers/pace.ts";
import { Readers } from "./consumers/readers.ts";
import { Requests } from "./consumers/requests.ts";
import type { Ensemble } from "./ensemble.ts";
import { Frozen } from "./frozen.ts";
import type { Metadata } from "./metadata.ts";
import type { ProcessReason } from "./process-states.ts";
import { PROCESS } from "./process-states.ts";

/** What consumers of any kind send, and the timers that they have. */
type Output = MemberOutput | ZooKeeperConsumerOutput;
type Timer = MemberTimer | ZooKeeperConsumerTimer;

/** What a consumer needs of the world around it. */
export interface ConsumersHost {
  readonly engine: Engine;
  readonly streams: Streams;
  readonly recorder: Recorder;
  cluster(): Cluster;
  network(): Network;
  metadata(): Metadata;
  /** Whom this client takes for the leader of a partition, if anybody. */
  leaderFor(consumer: Consumer, topic: TopicName, partition: number): BrokerId | null;
  /** A process that closed has ended. */
  stopped(consumer: Consumer): void;
  /** Its application got an exception that no retry mends: whoever keeps count of the processes may end it. */
  failed(consumer: Consumer): void;
  /** Something touches this consumer: its heartbeats matter again. */
  touched(consumer: Consumer): void;
  /** ZooKeeper, where the consumers of its era register. */
  ensemble(): Ensemble;
  /** One of its heartbeats was answered NONE. */
  heartbeatAnswered(consumer: Consumer): void;
  /** So was an automatic commit that was due. */
  commitAnswered(consumer: Consumer): void;
}

/** The answer to a heartbeat that has told a member of this generation no more than that it is one. */
function saysNothingNew(reply: GroupReply, generation: Generation): boolean {
  if (reply.error !== "NONE") return false;
  if (reply.api !== "ConsumerGroupHeartbeat") return reply.api === "Heartbeat";
  return reply.assignment === undefined && reply.epoch === generation;
}

/** A consumer of the protocol that its group speaks. */
function memberOf(
  { spec, assignors, subscription }: RunningGroup,
  options: ClientOptions,
  hands: Host<Output, Timer>,
): GroupMember {
  if (spec.zookeeperConfig) {
    const { client, group, start } = options;
    const positions = (partitions: Partitions): Offsets => options.positions(partitions, "interval");
    const config = spec.zookeeperConfig;
    return new ZooKeeperMember({ client, group, topics: subscription, config, positions, start }, hands);
  }
  if (spec.config["group.protocol"] === "consumer") {
    const { commits } = options;
    // whoever commits after each batch also does so in onPartitionsRevoked, and all others have no use for a listener
    return new ConsumerMember({ ...options, listens: commits === "sync" || commits === "async" }, hands);
  }
  return new ClassicMember(
    {
      ...options,
      assignors,
      assignmentCost: (assignor, size) => assignmentCost(assignor, spec.assignmentCost, size),
    },
    hands,
  );
}

/**
 * How long one batch can take at most: one of a law of its own, or a full one; record by record of records that each have their
 * law.
 */
function longestBatch({ batch, service }: MembersSpec, records: number, full: Duration, single: boolean): Duration {
  if (single && service) return records * reachOf(service).most;
  return batch && !single ? reachOf(batch).most : full;
}

/** All consumer processes: their start, what reaches them, their ends. What happens inside them is in `consumers/`. */
export class Consumers {
  readonly applications: Applications;
  readonly commits: BatchCommits;
  readonly requests: Requests;
  readonly readers: Readers;
  readonly #host: ConsumersHost;
  readonly #all: Consumer[] = [];
  readonly #byName = new Map<ClientId, Consumer>();
  readonly #timers: TimerTable;
  readonly #thaws: Kind;

  constructor(host: ConsumersHost) {
    this.#host = host;
    const { engine, recorder } = host;
    this.#timers = new TimerTable(engine, "client timer", ORDER.clientTimer, recorder);
    this.commits = new BatchCommits(host);
    this.requests = new Requests(host);
    this.applications = new Applications(
      {
        engine,
        recorder,
        consumer: (index) => this.#all[index],
        record: (consumer, happening) => this.readers.record(consumer, happening),
        touched: (consumer) => host.touched(consumer),
        failed: (consumer, error) => this.#failed(consumer, error),
        closed: (consumer) => this.#stopped(consumer),
      },
      this.commits,
    );
    this.readers = new Readers(recorder, this.applications, this.commits, () => host.cluster());
    this.#thaws = engine.on("process goes on", ORDER.application, (index) => this.#thaw(this.#all[index]));
  }

  get all(): readonly Consumer[] {
    return this.#all;
  }

  at(index: number): Consumer {
    return this.#all[index];
  }

  named(name: ClientId): Consumer | undefined {
    return this.#byName.get(name);
  }

  /**
   * A process of this group begins; its consumer polls for the first time when it is `ready`. `line`: where it stands
   * among the places of its group, from 1 on; a replacement stands where its predecessor did.
   */
  start(
    group: RunningGroup,
    name: ClientId,
    fate: string,
    instance?: InstanceId,
    line = group.readers.length + 1,
  ): Consumer {
    const { engine, recorder, streams } = this.#host;
    const { config, members, clientProfile, clientVersion } = group.spec;
    const traits = clientTraits(clientProfile, clientVersion);
    const index = this.#all.length;
    const metadata = this.#host.metadata().view();
    const options: ClientOptions = {
      client: name,
      group: group.spec.id,
      subscribed: group.subscription,
      config,
      traits,
      metadata: () => metadata.topics,
      available: (broker) => this.#host.network().available(index, broker),
      positions: (partitions, purpose) => this.applications.positions(consumer, partitions, purpose),
      commits: members.commit,
      answersAsUsual: () => this.commits.answersAsUsual(consumer),
      commitsTakeTime: () => consumer.loop.handsOutLast,
      takesAtOnce: (commit) => this.commits.takesAtOnce(consumer, commit),
      took: (offsets) => this.commits.took(consumer, offsets),
      start: (offsets, origin) => {
        this.#host.metadata().missesLeadersOf(consumer, offsets);
        return this.readers.start(consumer, offsets, origin);
      },
      ...(instance && traits.knowsStaticMembers ? { instance } : {}),
    };
    const hands: Host<Output, Timer> = {
      now: () => engine.now,
      send: (output) => this.requests.send(consumer, output),
      after: (delay, timer, subject) => {
        consumer.timersEnded?.forget(`${timer} ${subject}`);
        consumer.timers.after(delay, timer, subject);
      },
      cancel: (timer, subject) => {
        consumer.timersEnded?.forget(`${timer} ${subject}`);
        consumer.timers.cancel(timer, subject);
      },
      draw: (purpose, law) => drawDuration(law, streams.stream(`${fate}/${purpose}`)),
      record: (happening) => this.readers.record(consumer, happening),
    };
    const member = memberOf(group, options, hands);
    const timers = this.#timers.of<Timer>({
      fire: (timer, subject) => {
        const act = (): void => {
          this.#host.touched(consumer);
          if (timer === "poll") this.commits.leaves(consumer);
          member.fire(timer, subject);
          this.applications.settle(consumer);
        };
        if (consumer.frozen) consumer.frozen.ended(`${timer} ${subject}`, recorder.cause, act);
        else act();
      },
    });
    const lagClient = group.consumption.addClient(members.capacity);
    const full = fullBatch(config["max.poll.records"], members.capacity);
    const single = group.consumption.recordLoop(lagClient);
    timers.reserve("request", "OffsetCommit"); // else the first regular commit would decide
    const consumer: Consumer = {
      index,
      name,
      fate,
      group,
      zone: members.zones?.[(line - 1) % members.zones.length],
      member,
      traits,
      lagClient,
      loop: single ?? new PollLoop({ batch: members.batch, full }, streams.stream(`${fate}/batches`), engine.now),
      mayOutrunPollInterval:
        traits.enforcesPollInterval &&
        longestBatch(members, config["max.poll.records"], full, single !== undefined) >
          config["max.poll.interval.ms"] * MILLISECOND,
      metadata,
      state: "Absent",
      timers,
      poll: undefined,
      frozen: undefined,
      timersEnded: undefined,
      wasFrozen: false,
      causes: { start: null, poll: null, batch: null, news: null },
      busyUntil: 0,
      standsUntil: 0,
      stuckBatch: undefined,
      busy: false,
      polledAt: 0,
      heldUp: false,
      soughtBack: false,
      worksFrom: undefined,
      ahead: undefined,
      pace: members.capacity,
      search: undefined,
      silencedBy: undefined,
      asked: new Map(),
      parting: { refused: undefined, current: undefined },
      ending: undefined,
    };
    this.#all.push(consumer);
    this.#byName.set(name, consumer);
    group.readers[consumer.lagClient] = consumer;
    this.#move(consumer, "starts");
    consumer.causes.start = recorder.cause;
    return consumer;
  }

  /** The process has started up: its consumer polls for the first time. */
  ready(consumer: Consumer): void {
    if (consumer.state !== "Starting") return;
    this.#host.recorder.cause = consumer.causes.start;
    this.#move(consumer, "polls");
    this.#host.metadata().refresh(consumer);
    this.applications.poll(consumer);
  }

  /** The application closes its consumer and the process ends in order. */
  close(consumer: Consumer): void {
    if (consumer.state === "Starting") {
      this.#move(consumer, "closes");
      return this.#host.stopped(consumer);
    }
    if (consumer.state !== "Running") return;
    if (this.#waits(consumer, () => this.close(consumer))) return;
    this.#host.touched(consumer);
    this.#move(consumer, "closes");
    this.applications.stopInBatch(consumer);
    this.applications.adaptPace(consumer);
    // What it has done of its batch, or could not commit until now.
    consumer.member.close(commitsEachBatch(consumer) && (consumer.loop.working || consumer.heldUp));
    this.applications.settle(consumer);
  }

  /** All members of a group, those included that are only starting up, subscribe to what it says now. */
  resubscribe(group: RunningGroup): void {
    const { recorder } = this.#host;
    const { cause } = recorder;
    for (const consumer of group.readers) {
      if (consumer.state !== "Starting" && consumer.state !== "Running") continue;
      recorder.cause = cause;
      this.#host.touched(consumer);
      this.#hears(consumer, () => consumer.member.subscribe(group.subscription));
      if (consumer.state === "Running") this.#host.metadata().refresh(consumer); // it asks for the new names at once
      this.applications.settle(consumer);
    }
  }

  /** What this client knows of the topics has changed. */
  metadataChanged(consumer: Consumer): void {
    if (this.#waits(consumer, () => this.metadataChanged(consumer))) return;
    this.#host.touched(consumer);
    this.#hears(consumer, () => consumer.member.metadataChanged());
    this.applications.settle(consumer);
  }

  /** News of the topics: if its next poll joins again, this is why, unless it would have done so before. */
  #hears({ member, causes }: Consumer, act: () => void): void {
    const joins = member.joinsAgain;
    act();
    if (!member.joinsAgain) causes.news = null;
    else if (!joins) causes.news = this.#host.recorder.cause;
  }

  /** The process is gone at once; nobody is told. */
  crash(consumer: Consumer): void {
    if (consumer.state !== "Starting" && consumer.state !== "Running" && consumer.state !== "Closing") return;
    this.#host.touched(consumer);
    this.commits.commitContinuously(consumer);
    this.#move(consumer, "crashes");
    consumer.silencedBy = this.#host.recorder.cause ?? undefined;
    consumer.group.consumption.neverFinishes(consumer.lagClient, { reason: "crash", holder: "gone" });
    const { reading } = consumer.member;
    if (!isEmpty(reading)) {
      this.readers.record(consumer, {
        type: "partition.reading",
        client: consumer.name,
        group: consumer.group.spec.id,
        reading: false,
        partitions: reading,
        reason: "crashed",
      });
    }
    this.#gone(consumer);
  }

  /** The application is stuck in one batch: it does not poll, and reads nothing more, while heartbeats go on. */
  pause(consumer: Consumer, lasts: Duration): void {
    if (consumer.state !== "Running") return;
    if (this.#waits(consumer, () => this.pause(consumer, lasts))) return;
    this.applications.pause(consumer, lasts);
  }

  /** The process is stopped for a while: no heartbeat, no poll, nothing is read or answered. Then it goes on. */
  freeze(consumer: Consumer, lasts: Duration): void {
    if (consumer.state !== "Running" || consumer.frozen) return;
    this.#host.touched(consumer);
    this.commits.leaves(consumer);
    const { engine } = this.#host;
    const { group, lagClient, name } = consumer;
    const rest = this.applications.restOfBatch(consumer);
    group.consumption.freeze(lagClient, consumer.member.reading, rest, consumer.ending ?? "zombie");
    consumer.loop.stop(engine.now, lasts);
    if (engine.now < consumer.busyUntil) consumer.busyUntil += lasts;
    if (engine.now < consumer.standsUntil) consumer.standsUntil += lasts;
    const { stuckBatch } = consumer;
    if (stuckBatch) consumer.stuckBatch = { ...stuckBatch, ends: stuckBatch.ends + lasts };
    consumer.frozen = consumer.timersEnded = new Frozen();
    consumer.wasFrozen = true;
    this.applications.adaptPace(consumer);
    const told = { client: name, group: group.spec.id, frozen: true, lasts } as const;
    consumer.silencedBy = this.readers.record(consumer, { type: "client.frozen", ...told });
    if (consumer.poll !== undefined) {
      const { poll } = consumer.causes;
      engine.cancel(consumer.poll);
      consumer.poll = undefined;
      consumer.frozen.ended("poll", poll, () => this.applications.pollWhenDone(consumer));
    }
    engine.schedule(lasts, this.#thaws, consumer.index);
    this.#host.ensemble().reconsider(consumer);
  }

  #thaw(consumer: Consumer): void {
    const { frozen, name, group } = consumer;
    const { recorder } = this.#host;
    if (consumer.state !== "Running" || !frozen) return;
    recorder.cause = consumer.silencedBy ?? null;
    consumer.frozen = undefined;
    consumer.silencedBy = undefined;
    this.readers.record(consumer, { type: "client.frozen", client: name, group: group.spec.id, frozen: false });
    this.readers.tell(consumer, group.consumption.thaw(consumer.lagClient));
    this.applications.adaptPace(consumer);
    this.#host.ensemble().reconsider(consumer);
    if (commitsAhead(consumer) && !consumer.heldUp) this.applications.pollWhenDone(consumer); // before it gets anything new
    frozen.thaw((cause) => {
      recorder.cause = cause;
    });
    consumer.timersEnded = undefined;
    this.applications.expectDelay(consumer);
    this.applications.settle(consumer);
  }

  /** Whether the process is stopped; then it will do this when it goes on. */
  #waits({ frozen }: Consumer, act: () => void): boolean {
    frozen?.arrived(this.#host.recorder.cause, act);
    return frozen !== undefined;
  }

  /** Its coordinator has given its member up: while it is stopped, that is why. */
  removed(client: ClientId): void {
    const consumer = this.#byName.get(client);
    if (consumer?.frozen) consumer.ending ??= "zombie";
    if (consumer) this.applications.removed(consumer);
  }

  /** A reply has come. */
  receive(index: number, reply: GroupReply): void {
    const consumer = this.#all[index];
    if (this.#waits(consumer, () => this.receive(index, reply))) return;
    if (reply.api === "FindCoordinator" || reply.api === "ListOffsets") consumer.asked.delete(reply.api);
    this.#host.touched(consumer);
    const { generation } = consumer.member;
    consumer.member.receive(reply);
    this.applications.settle(consumer);
    if (reply.api === "ConsumerGroupHeartbeat" && consumer.member.generation !== generation)
      this.applications.hearsEpoch(consumer);
    if (saysNothingNew(reply, generation)) this.#host.heartbeatAnswered(consumer);
    // (To rest between two commits of an application that commits each batch would only cost: the next one touches it.)
    else if (reply.api === "OffsetCommit" && reply.error === "NONE" && reply.regular && !commitsEachBatch(consumer))
      this.#host.commitAnswered(consumer);
  }

  /** Something has come from ZooKeeper. */
  told(consumer: Consumer, message: ZooKeeperReply | ZooKeeperNotice): void {
    const { index, member } = consumer;
    if (!this.alive(index) || !(member instanceof ZooKeeperMember)) return;
    if (this.#waits(consumer, () => this.told(consumer, message))) return;
    member.told(message);
    this.applications.settle(consumer);
  }

  disconnected(index: number, broker: BrokerId, role: Role): void {
    const consumer = this.#all[index];
    if (this.#waits(consumer, () => this.disconnected(index, broker, role))) return;
    this.#host.touched(consumer);
    const { asked, member } = consumer;
    if (role === "coordination") member.disconnected(broker);
    else {
      for (const [api, { broker: at, id }] of [...asked]) {
        if (at !== broker) continue;
        asked.delete(api);
        member.receive({ api, id, error: "DISCONNECTED", offsets: {} });
      }
    }
    this.applications.settle(consumer);
  }

  alive(index: number): boolean {
    const { state } = this.#all[index];
    return state === "Running" || state === "Closing";
  }

  /** An exception has come out of poll(): the application closes its consumer, as Kafka's examples do, and ends. */
  #failed(consumer: Consumer, error: ErrorCode): void {
    this.readers.record(consumer, {
      type: "client.failed",
      client: consumer.name,
      group: consumer.group.spec.id,
      error,
    });
    this.#host.failed(consumer);
    this.close(consumer); // unless it is closing already
  }

  /** Retention has taken what this consumer would read next: its fetch is refused. */
  fellOutOfRange(consumer: Consumer, partitions: Partitions): void {
    this.#host.touched(consumer);
    consumer.member.fellOutOfRange(partitions);
    this.applications.settle(consumer);
  }

  #stopped(consumer: Consumer): void {
    this.#move(consumer, "closed");
    consumer.silencedBy = this.#host.recorder.cause ?? undefined;
    this.#gone(consumer);
    this.#host.stopped(consumer);
  }

  #gone(consumer: Consumer): void {
    consumer.timers.cancelAll();
    if (consumer.poll !== undefined) this.#host.engine.cancel(consumer.poll);
    this.#host.network().clientGone(consumer.index);
    this.#host.ensemble().reconsider(consumer);
  }

  #move(consumer: Consumer, reason: ProcessReason): void {
    const from = consumer.state;
    consumer.state = next(PROCESS, from, reason);
    this.#host.recorder.record(`client/${consumer.name}`, {
      type: "client.process",
      client: consumer.name,
      group: consumer.group.spec.id,
      from,
      to: consumer.state,
      reason,
      ...(from === "Absent" && consumer.zone !== undefined && { zone: consumer.zone }),
    });
  }
}
