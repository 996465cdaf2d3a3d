import type { Engine, Handle, Kind } from "../engine/engine.ts";
import type { Streams } from "../engine/random.ts";
import { type Duration, type Instant, MICROSECOND, MILLISECOND, SECOND } from "../engine/time.ts";
import { drawDuration, reachOf } from "../engine/variates.ts";
import type { Assignor } from "../kafka/assignors/assignor.ts";
import { assignmentCost } from "../kafka/assignors/cost.ts";
import type { Cluster } from "../kafka/cluster/cluster.ts";
import type { ErrorCode, GroupReply, ListOffsets, ListOffsetsReply, Offsets } from "../kafka/messages.ts";
import type { Role } from "../kafka/network/connection.ts";
import type { Zone } from "../kafka/network/links.ts";
import type { Network } from "../kafka/network/network.ts";
import { ORDER } from "../kafka/order.ts";
import type { ClientTraits, CommitPurpose, MemberOutput, MemberTimer } from "../kafka/protocols/classic/member.ts";
import { ClassicMember, clientTraits, waitsForCommits } from "../kafka/protocols/classic/member.ts";
import { isEmpty } from "../kafka/protocols/classic/partitions.ts";
import { next } from "../kafka/protocols/machine.ts";
import type { OwnTimers } from "../kafka/timer-table.ts";
import { TimerTable } from "../kafka/timer-table.ts";
import type { BrokerId, ClientId, InstanceId, Partitions, TopicName } from "../names.ts";
import type { GroupSpec } from "../scenario/scenario.ts";
import type { EventId, Happening, RereadReason } from "../trace/event.ts";
import type { Recorder } from "../trace/recorder.ts";
import { fullBatch, PollLoop, type Polls } from "../workload/service.ts";
import type { Consumption } from "./consumption.ts";
import type { Metadata, MetadataView } from "./metadata.ts";
import { Frozen } from "./frozen.ts";
import type { ProcessReason, ProcessStateName } from "./process-states.ts";
import { PROCESS } from "./process-states.ts";
import type { MovedRecords } from "./moved-records.ts";
import type { Origin, Parting } from "./starting-points.ts";

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
  readonly member: ClassicMember;
  readonly traits: ClientTraits;
  readonly lagClient: number;
  readonly loop: Polls;
  /** Whether one of its batches can take longer than `max.poll.interval.ms`. */
  readonly mayOutrunPollInterval: boolean;
  readonly metadata: MetadataView;
  state: ProcessStateName;
  timers: OwnTimers<MemberTimer>;
  /** The poll that is already in the calendar. */
  poll: Handle | undefined;
  /** What that poll, the start of the process and the end of a long batch continue. */
  readonly causes: { start: EventId | null; poll: EventId | null; batch: EventId | null };
  /** Since when, and until when, the application is inside a batch that takes unusually long. */
  busySince: Instant;
  busyUntil: Instant;
  /** When it polled last, as far as that was an event; or when the work began for which it came out of poll(). */
  polledAt: Instant;
  /** Whether it was seen to stand still inside a `commitSync()`. */
  heldUp: boolean;
  /** Records per second that it can read at present. */
  pace: number;
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
  /** How it parts from partitions that it gives up in order: told once its commit was refused. */
  readonly parting: { refused: boolean; current: Parting | undefined };
  /** What ended its membership, if anything has since it was last assigned partitions: for that it loses them. */
  ending: RereadReason | undefined;
}

/** What a consumer needs of the world around it. */
export interface ConsumersHost {
  readonly engine: Engine;
  readonly streams: Streams;
  readonly recorder: Recorder;
  cluster(): Cluster;
  network(): Network;
  metadata(): Metadata;
  /** A process that closed has ended. */
  stopped(consumer: Consumer): void;
  /** Its application got an exception that no retry mends: whoever keeps count of the processes may end it. */
  failed(consumer: Consumer): void;
  /** Something touches this consumer: its heartbeats matter again. */
  touched(consumer: Consumer): void;
  /** One of its heartbeats was answered NONE. */
  heartbeatAnswered(consumer: Consumer): void;
}

/** All consumer processes: their start, their poll loops, their ends. */
export class Consumers {
  readonly #host: ConsumersHost;
  readonly #all: Consumer[] = [];
  readonly #byName = new Map<ClientId, Consumer>();
  readonly #timers: TimerTable;
  readonly #polls: Kind;
  readonly #batchEnds: Kind;
  readonly #thaws: Kind;

  constructor(host: ConsumersHost) {
    this.#host = host;
    const { engine, recorder } = host;
    this.#timers = new TimerTable(engine, "client timer", ORDER.clientTimer, recorder);
    this.#polls = engine.on("poll", ORDER.application, (index) => {
      const consumer = this.#all[index];
      consumer.poll = undefined;
      recorder.cause = consumer.causes.poll;
      this.#poll(consumer);
    });
    this.#batchEnds = engine.on("batch ends", ORDER.application, (index) => this.#batchEnded(this.#all[index]));
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
    const member = new ClassicMember(
      {
        client: name,
        group: group.spec.id,
        subscribed: group.subscription,
        config,
        assignors: group.assignors,
        traits,
        metadata: () => metadata.topics,
        available: (broker) => this.#host.network().available(index, broker),
        positions: (partitions, purpose) => this.#positions(consumer, partitions, purpose),
        commits: members.commit,
        answersAsUsual: () => this.#answersAsUsual(consumer),
        start: (offsets, origin) => this.#start(consumer, offsets, origin),
        assignmentCost: (assignor, size) => assignmentCost(assignor, group.spec.assignmentCost, size),
        ...(instance && traits.knowsStaticMembers ? { instance } : {}),
      },
      {
        now: () => engine.now,
        send: (output) => this.#send(consumer, output),
        after: (delay, timer, subject) => {
          consumer.timersEnded?.forget(`${timer} ${subject}`);
          consumer.timers.after(delay, timer, subject);
        },
        cancel: (timer, subject) => {
          consumer.timersEnded?.forget(`${timer} ${subject}`);
          consumer.timers.cancel(timer, subject);
        },
        draw: (purpose, law) => drawDuration(law, streams.stream(`${fate}/${purpose}`)),
        record: (happening) => this.#record(consumer, happening),
      },
    );
    const timers = this.#timers.of<MemberTimer>({
      fire: (timer, subject) => {
        const act = (): void => {
          this.#host.touched(consumer);
          member.fire(timer, subject);
          this.#settle(consumer);
        };
        if (consumer.frozen) consumer.frozen.ended(`${timer} ${subject}`, recorder.cause, act);
        else act();
      },
    });
    const lagClient = group.consumption.addClient(members.capacity);
    const full = fullBatch(config["max.poll.records"], members.capacity);
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
      loop:
        group.consumption.recordLoop(lagClient) ??
        new PollLoop({ batch: members.batch, full }, streams.stream(`${fate}/batches`), engine.now),
      mayOutrunPollInterval:
        traits.enforcesPollInterval &&
        members.batch !== undefined &&
        reachOf(members.batch).most > config["max.poll.interval.ms"] * MILLISECOND,
      metadata,
      state: "Absent",
      timers,
      poll: undefined,
      frozen: undefined,
      timersEnded: undefined,
      wasFrozen: false,
      causes: { start: null, poll: null, batch: null },
      busySince: 0,
      busyUntil: 0,
      polledAt: 0,
      heldUp: false,
      pace: members.capacity,
      silencedBy: undefined,
      asked: new Map(),
      parting: { refused: false, current: undefined },
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
    this.#poll(consumer);
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
    this.#adaptPace(consumer);
    // What it has done of its batch, or could not commit until now.
    consumer.member.close(commitsEachBatch(consumer) && (consumer.loop.working || consumer.heldUp));
    this.#settle(consumer);
  }

  /** All members of a group, those included that are only starting up, subscribe to what it says now. */
  resubscribe(group: RunningGroup): void {
    const { recorder } = this.#host;
    const { cause } = recorder;
    for (const consumer of group.readers) {
      if (consumer.state !== "Starting" && consumer.state !== "Running") continue;
      recorder.cause = cause;
      this.#host.touched(consumer);
      consumer.member.subscribe(group.subscription);
      if (consumer.state === "Running") this.#host.metadata().refresh(consumer); // it asks for the new names at once
      this.#settle(consumer);
    }
  }

  /** What this client knows of the topics has changed. */
  metadataChanged(consumer: Consumer): void {
    if (this.#waits(consumer, () => this.metadataChanged(consumer))) return;
    this.#host.touched(consumer);
    consumer.member.metadataChanged();
    this.#settle(consumer);
  }

  /** The process is gone at once; nobody is told. */
  crash(consumer: Consumer): void {
    if (consumer.state !== "Starting" && consumer.state !== "Running" && consumer.state !== "Closing") return;
    this.#host.touched(consumer);
    this.commitContinuously(consumer);
    this.#move(consumer, "crashes");
    consumer.silencedBy = this.#host.recorder.cause ?? undefined;
    const { reading } = consumer.member;
    if (!isEmpty(reading)) {
      this.#record(consumer, {
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
    this.#host.touched(consumer);
    this.commitContinuously(consumer);
    const { engine } = this.#host;
    if (engine.now >= consumer.busyUntil) consumer.busySince = engine.now; // otherwise the batch in hand gets longer
    consumer.busyUntil = Math.max(consumer.busyUntil, engine.now + lasts);
    consumer.loop.hold(engine.now, lasts);
    this.#adaptPace(consumer);
    this.#record(consumer, {
      type: "client.busy",
      client: consumer.name,
      group: consumer.group.spec.id,
      busy: true,
      lasts,
    });
    consumer.causes.batch = this.#host.recorder.cause;
    const { busySince, busyUntil } = consumer;
    // Who stands still in a commit has not polled for longer than that, and does so after both.
    if (!consumer.heldUp) consumer.member.startBatch(busyUntil - busySince, engine.now - busySince);
    if (consumer.poll !== undefined) engine.cancel(consumer.poll);
    consumer.poll = undefined;
    engine.schedule(lasts, this.#batchEnds, consumer.index);
  }

  /** The process is stopped for a while: no heartbeat, no poll, nothing is read or answered. Then it goes on. */
  freeze(consumer: Consumer, lasts: Duration): void {
    if (consumer.state !== "Running" || consumer.frozen) return;
    this.#host.touched(consumer);
    this.commitContinuously(consumer);
    const { engine } = this.#host;
    const { group, lagClient, name } = consumer;
    const rest = this.#restOfBatch(consumer);
    group.consumption.freeze(lagClient, consumer.member.reading, rest, consumer.ending ?? "zombie");
    consumer.loop.hold(engine.now, rest + lasts); // the batch in hand goes on where it was
    if (engine.now < consumer.busyUntil) consumer.busyUntil += lasts;
    consumer.frozen = consumer.timersEnded = new Frozen();
    consumer.wasFrozen = true;
    this.#adaptPace(consumer);
    const told = { client: name, group: group.spec.id, frozen: true, lasts } as const;
    consumer.silencedBy = this.#record(consumer, { type: "client.frozen", ...told });
    if (consumer.poll !== undefined) {
      const { poll } = consumer.causes;
      engine.cancel(consumer.poll);
      consumer.poll = undefined;
      consumer.frozen.ended("poll", poll, () => this.#pollWhenDone(consumer));
    }
    engine.schedule(lasts, this.#thaws, consumer.index);
  }

  #thaw(consumer: Consumer): void {
    const { frozen, name, group } = consumer;
    const { recorder } = this.#host;
    if (consumer.state !== "Running" || !frozen) return;
    recorder.cause = consumer.silencedBy ?? null;
    consumer.frozen = undefined;
    consumer.silencedBy = undefined;
    this.#record(consumer, { type: "client.frozen", client: name, group: group.spec.id, frozen: false });
    this.#tell(consumer, group.consumption.thaw(consumer.lagClient));
    this.#adaptPace(consumer);
    frozen.thaw((cause) => {
      recorder.cause = cause;
    });
    consumer.timersEnded = undefined;
    this.#expectDelay(consumer);
    this.#settle(consumer);
  }

  /** The batch in hand is done first. */
  #pollWhenDone(consumer: Consumer): void {
    if (consumer.state !== "Running" || consumer.poll !== undefined) return;
    const { engine, recorder } = this.#host;
    consumer.causes.poll = recorder.cause;
    consumer.poll = engine.scheduleAt(this.#nextPoll(consumer), this.#polls, consumer.index);
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
  }

  /** A reply has come. */
  receive(index: number, reply: GroupReply): void {
    const consumer = this.#all[index];
    if (this.#waits(consumer, () => this.receive(index, reply))) return;
    if (reply.api === "FindCoordinator" || reply.api === "ListOffsets") consumer.asked.delete(reply.api);
    this.#host.touched(consumer);
    consumer.member.receive(reply);
    this.#settle(consumer);
    if (reply.api === "Heartbeat" && reply.error === "NONE") this.#host.heartbeatAnswered(consumer);
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
    this.#settle(consumer);
  }

  alive(index: number): boolean {
    const { state } = this.#all[index];
    return state === "Running" || state === "Closing";
  }

  #batchEnded(consumer: Consumer): void {
    const { engine, recorder } = this.#host;
    if (consumer.state !== "Running") return;
    if (engine.now < consumer.busyUntil) {
      // It was stopped in the midst of it, or got another; one event for each end is enough.
      if (consumer.wasFrozen) engine.scheduleAt(consumer.busyUntil, this.#batchEnds, consumer.index);
      return;
    }
    recorder.cause = consumer.causes.batch;
    const { spec } = consumer.group;
    this.#record(consumer, { type: "client.busy", client: consumer.name, group: spec.id, busy: false });
    this.#poll(consumer);
  }

  /**
   * Between two batches: the application commits the one it is through with, polls, and perhaps commits the next. Where a
   * commit holds it up, what follows comes when that is over.
   */
  #poll(consumer: Consumer): void {
    const { member } = consumer;
    if (consumer.state !== "Running" || member.heldUp) return;
    this.#host.touched(consumer);
    const { commit } = consumer.group.spec.members;
    if (commit === "sync" || commit === "async") member.commitBatch();
    if (!member.heldUp) {
      this.#callPoll(consumer);
      if (commit === "before-processing") member.commitBatch();
    }
    this.#settle(consumer);
  }

  #callPoll(consumer: Consumer): void {
    consumer.member.poll();
    consumer.polledAt = this.#host.engine.now;
    consumer.wasFrozen = false;
  }

  /** Something is the matter between these consumers and their coordinator, or with that: commits may take their time. */
  coordinatorDisturbed(consumers: readonly Consumer[]): void {
    const { recorder } = this.#host;
    const { cause } = recorder;
    for (const consumer of consumers) {
      if (!awaitsCommits(consumer) || consumer.state !== "Running" || consumer.frozen) continue;
      recorder.cause = cause;
      this.#expectDelay(consumer);
      this.#settle(consumer);
    }
    recorder.cause = cause;
  }

  /** A commit that is under way takes its time, if it would when sent now. */
  #expectDelay(consumer: Consumer): void {
    if (!this.#answersAsUsual(consumer)) consumer.member.coordinatorDisturbed();
  }

  /** Whether a commit is sent, written and answered within the time that counts as part of the application's work. */
  #answersAsUsual({ index, member, group }: Consumer): boolean {
    const { coordinator } = member;
    if (coordinator === undefined || !this.#host.network().healthy(index, coordinator)) return false;
    return this.#host.cluster().takesCommits(coordinator, group.spec.id);
  }

  /** The application has come to stand still inside a `commitSync()`, or goes on. */
  #watchCommit(consumer: Consumer): void {
    const { member, loop } = consumer;
    if (member.heldUp === consumer.heldUp) return;
    consumer.heldUp = member.heldUp;
    const { engine } = this.#host;
    if (!consumer.heldUp) return loop.resume(Math.max(engine.now, consumer.busyUntil));
    // Nobody knows for how long; its time between two polls runs on.
    if (loop.continuous) consumer.polledAt = engine.now;
    member.startBatch(Infinity, engine.now - consumer.polledAt);
    if (consumer.poll !== undefined) engine.cancel(consumer.poll);
    consumer.poll = undefined;
  }

  /** After anything that touched a member: let it poll as soon as its application does, if it wants to. */
  #settle(consumer: Consumer): void {
    const { member } = consumer;
    this.#watchCommit(consumer);
    this.#adaptPace(consumer);
    if (member.closed) {
      if (consumer.state === "Closing") this.#stopped(consumer);
      return;
    }
    const { engine } = this.#host;
    if (consumer.state !== "Running" || consumer.frozen || consumer.heldUp) return;
    if (awaitsCommits(consumer)) this.#loadChanged(consumer);
    if (consumer.poll !== undefined) return;
    if (engine.now < consumer.busyUntil && consumer.traits.reacts === "between-batches") return; // polls when that is over
    while (member.wantsPoll) {
      const at = this.#nextPoll(consumer);
      if (at > engine.now) {
        consumer.causes.poll = this.#host.recorder.cause;
        consumer.poll = engine.scheduleAt(at, this.#polls, consumer.index);
        return;
      }
      this.#callPoll(consumer);
    }
    if (member.failure) this.#failed(consumer, member.failure);
    else if (consumer.mayOutrunPollInterval || commitsEachBatch(consumer)) this.#watchBatch(consumer);
  }

  /**
   * Where a batch can take longer than `max.poll.interval.ms`, every batch is looked at: the consumer has to know of
   * those that do. So it is where the application commits each. (Of the others nothing comes, so elsewhere polls are no
   * events.)
   */
  #watchBatch(consumer: Consumer): void {
    const { engine } = this.#host;
    this.#loadChanged(consumer);
    if (consumer.poll !== undefined) return; // its first batch begins now
    const soonest = engine.now + MICROSECOND;
    let next = consumer.loop.nextPoll(soonest);
    const { member, polledAt } = consumer;
    // Who comes out of a commit to process what it committed has not polled since.
    const since = member.hasYetToPoll ? polledAt : engine.now;
    if (next === soonest) {
      if (member.hasYetToPoll) this.#callPoll(consumer);
      return; // inside poll, with nothing to do
    }
    const search = awaitsCommits(consumer) ? searchInPoll(consumer) : undefined;
    if (search !== undefined) {
      consumer.loop.hold(engine.now, search + next - engine.now);
      next = consumer.loop.nextPoll(soonest);
    }
    if (consumer.mayOutrunPollInterval) member.startBatch(next - since, engine.now - since);
    consumer.causes.poll = this.#host.recorder.cause;
    consumer.poll = engine.scheduleAt(next, this.#polls, consumer.index);
  }

  /** An exception has come out of poll(): the application closes its consumer, as Kafka's examples do, and ends. */
  #failed(consumer: Consumer, error: ErrorCode): void {
    this.#record(consumer, { type: "client.failed", client: consumer.name, group: consumer.group.spec.id, error });
    this.#host.failed(consumer);
    this.close(consumer); // unless it is closing already
  }

  /** How fast it can read at present. */
  #adaptPace(consumer: Consumer): void {
    // Inside commitSync() and close() nothing is processed, nor while the process is stopped.
    const { busyUntil, frozen, heldUp, state } = consumer;
    const idle = this.#host.engine.now < busyUntil || frozen || heldUp || state === "Closing";
    const pace = idle ? 0 : paceOf(consumer);
    if (pace === consumer.pace) return;
    consumer.pace = pace;
    consumer.group.consumption.setCapacity(consumer.lagClient, pace);
  }

  /** When the application's thread is inside poll() next: now, unless it is busy with a batch. */
  #nextPoll(consumer: Consumer): Instant {
    this.#loadChanged(consumer);
    const { now } = this.#host.engine;
    if (consumer.traits.reacts === "between-records") return Math.max(now, consumer.busyUntil);
    return consumer.loop.nextPoll(now);
  }

  /** What this consumer has to do may have changed. */
  #loadChanged(consumer: Consumer): void {
    const { group, lagClient, loop } = consumer;
    const { engine, recorder } = this.#host;
    const arriving = group.consumption.hasWork(lagClient);
    const backlogged = group.consumption.backlogged(lagClient);
    const worked = loop.working;
    this.commitContinuously(consumer);
    const first = loop.supply(engine.now, { arriving, backlogged });
    if (first !== undefined && !consumer.heldUp) consumer.polledAt = engine.now; // until now it was inside poll
    if (worked && !loop.working) return this.#pollSooner(consumer);
    if (!commitsEachBatch(consumer) || consumer.heldUp || consumer.frozen) return;
    // Its batches matter from now on; or the next commit does, which is due as soon as there is something to commit.
    const mustWait = arriving && loop.continuous && awaitsCommits(consumer) && this.#isCommittingInVain(consumer);
    const at = first ?? (mustWait ? engine.now : undefined);
    if (at === undefined) return;
    if (consumer.state !== "Running" || consumer.poll !== undefined || engine.now < consumer.busyUntil) return;
    consumer.causes.poll = recorder.cause;
    consumer.poll = engine.scheduleAt(at, this.#polls, consumer.index);
  }

  /** The batch in hand turns out to be the last of a backlog, and shorter than it seemed. */
  #pollSooner(consumer: Consumer): void {
    const { engine } = this.#host;
    if (consumer.poll === undefined) return;
    engine.cancel(consumer.poll);
    consumer.poll = engine.scheduleAt(consumer.loop.nextPoll(engine.now), this.#polls, consumer.index);
  }

  /**
   * An application that commits after every batch, and whose batches are so short that any instant is a poll, has always
   * just committed. That is no event: it is done whenever something could ask what was committed.
   */
  commitContinuously(consumer: Consumer): void {
    const { member, loop, index, state } = consumer;
    if (
      !commitsEachBatch(consumer) ||
      !loop.continuous ||
      member.heldUp ||
      (state !== "Running" && state !== "Closing")
    )
      return;
    const commit = member.positionsAsCommit();
    if (commit && this.#host.network().reachable(index, member.coordinator!)) {
      this.#host.cluster().commitUnseen(member.coordinator!, commit);
    }
  }

  /** It has what it would commit, and somebody who would take it, but not as usual. */
  #isCommittingInVain(consumer: Consumer): boolean {
    const { state, positioned } = consumer.member;
    return state === "STABLE" && !isEmpty(positioned) && !this.#answersAsUsual(consumer);
  }

  /** Where this consumer has got to, or, of a commit before processing, will have when the batch that begins is done. */
  #positions({ group, loop }: Consumer, partitions: Partitions, purpose: CommitPurpose): Offsets {
    const { now } = this.#host.engine;
    const ahead = purpose === "batch" && group.spec.members.commit === "before-processing" && loop.working;
    return group.consumption.positions(partitions, ahead ? loop.nextPoll(now + MICROSECOND) - now : 0);
  }

  /** This consumer fell behind, or caught up. */
  saturationChanged(consumer: Consumer): void {
    this.#loadChanged(consumer);
  }

  /** When this consumer committed last, and before that, if its commits are worked out. */
  commitsOf({ loop }: Consumer): readonly [last: Instant, previous: Instant | undefined] | undefined {
    const made = loop.commits?.made(this.#host.engine.now);
    return made?.last && [made.last.at, made.previous?.at];
  }

  /** It was time to commit, and the next poll will: the one that its application comes to. */
  commitAtNextPoll(consumer: Consumer, cause: EventId | null): void {
    const { engine } = this.#host;
    if (consumer.poll !== undefined || engine.now <= consumer.busyUntil) return; // it polls when that is over
    consumer.causes.poll = cause;
    consumer.poll = engine.scheduleAt(consumer.loop.nextPoll(engine.now), this.#polls, consumer.index);
  }

  /** Retention has taken what this consumer would read next: its fetch is refused. */
  fellOutOfRange(consumer: Consumer, partitions: Partitions): void {
    this.#host.touched(consumer);
    consumer.member.fellOutOfRange(partitions);
    this.#settle(consumer);
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
  }

  #send(consumer: Consumer, output: MemberOutput): void {
    const network = this.#host.network();
    if ("open" in output) return network.open(consumer.index, output.to);
    if ("close" in output) return this.#close(consumer, output.to);
    const { to, request } = output;
    if (to !== "any" && to !== "leaders") return network.request(consumer.index, to, request, "coordination");
    const broker = to === "any" ? this.#anyBroker(consumer) : this.#leader(consumer, request as ListOffsets);
    consumer.asked.set(to === "any" ? "FindCoordinator" : "ListOffsets", { broker, id: request.id });
    network.request(consumer.index, broker, request, "lookup");
  }

  /**
   * One leader stands for those of all partitions that are asked about: the first that answers, or, if none does, the
   * first that there is.
   */
  #leader(consumer: Consumer, { partitions }: ListOffsets): BrokerId {
    let silent: BrokerId | undefined;
    for (const topic in partitions) {
      for (const partition of partitions[topic]) {
        const leader = this.#host.cluster().leaderOfData(topic, partition);
        if (leader === null) continue;
        if (this.#answers(consumer.index, leader)) return leader;
        silent ??= leader;
      }
    }
    return silent ?? this.#anyBroker(consumer); // which does not lead it, and says so
  }

  #answers(index: number, broker: BrokerId): boolean {
    return this.#host.cluster().listens(broker) && this.#host.network().reachable(index, broker);
  }

  /** What the leaders answer: where the logs end now, or begin. Who has none that answers is left out. */
  listOffsets(index: number, { id, partitions, query }: ListOffsets): ListOffsetsReply {
    const { consumption } = this.#all[index].group;
    const cluster = this.#host.cluster();
    const answered = (topic: TopicName, partition: number): boolean => {
      const leader = cluster.leaderOfData(topic, partition);
      return leader !== null && this.#answers(index, leader);
    };
    const led = Object.fromEntries(
      Object.entries(partitions).map(([topic, numbers]) => [
        topic,
        numbers.filter((number) => answered(topic, number)),
      ]),
    );
    return { api: "ListOffsets", id, error: "NONE", offsets: consumption.list(led, query) };
  }

  #close(consumer: Consumer, to: BrokerId | "any" | "leaders"): void {
    const network = this.#host.network();
    const { index, asked } = consumer;
    if (to !== "any" && to !== "leaders") return network.close(index, to, "coordination");
    const api = to === "any" ? "FindCoordinator" : "ListOffsets";
    const broker = asked.get(api)?.broker;
    if (broker !== undefined) network.close(index, broker, "lookup");
    asked.delete(api);
  }

  /**
   * Kafka asks the least loaded node it has no trouble with. Which of those that answer is left to chance here; if none
   * does, it is any that it does not know to be dead.
   */
  #anyBroker({ fate, index }: Consumer): BrokerId {
    const { listening } = this.#host.cluster();
    const answering = listening.filter((broker) => this.#host.network().reachable(index, broker));
    const candidates = answering.length > 0 ? answering : listening;
    if (candidates.length === 0) return 1;
    const stream = this.#host.streams.stream(`${fate}/node`);
    return candidates[Math.floor(stream.uniform() * candidates.length)];
  }

  #record(consumer: Consumer, happening: Happening): EventId {
    const id = this.#host.recorder.record(`client/${consumer.name}`, happening);
    const { parting } = consumer;
    switch (happening.type) {
      case "partition.reading": {
        const { consumption } = consumer.group;
        const { reading, partitions, reason } = happening;
        this.commitContinuously(consumer);
        if (reading) consumption.read(consumer.lagClient, partitions);
        else
          consumption.stop(
            consumer.lagClient,
            partitions,
            partingOf(consumer, reason),
            reason === "crashed" ? (consumer.frozen ? "stopped before" : this.#restOfBatch(consumer)) : 0,
          );
        this.#loadChanged(consumer);
        break;
      }
      case "partition.owner":
        if (happening.how !== "assigned") break;
        Object.assign(parting, { refused: false, current: undefined });
        consumer.ending = undefined;
        break;
      case "client.state":
        if (happening.to !== "UNJOINED") break;
        consumer.ending ??= happening.reason === "poll-interval-exceeded" ? happening.reason : "expelled";
        break;
      case "client.commit":
        if (happening.result === "done" || happening.purpose === "application") break;
        parting.refused = true;
        if (parting.current) parting.current.reason = "commit-refused";
        break;
    }
    return id;
  }

  /** Reading of these partitions is about to begin at these offsets; whatever is read again or lost is told. */
  #start(consumer: Consumer, offsets: Offsets, origin: Origin): Partitions {
    const { group, lagClient } = consumer;
    const gone = group.consumption.outOfRange(offsets);
    const moved = group.consumption.start(lagClient, except(offsets, gone), origin, (holder) => {
      const taken = group.readers[holder];
      if (taken.frozen) return undefined; // what it had in hand when it was stopped is known
      return { parting: { reason: taken.ending ?? "expelled", holder: "working" }, rest: this.#restOfBatch(taken) };
    });
    this.#tell(consumer, moved);
    return gone;
  }

  /** What this consumer's doing comes to for records. */
  #tell(consumer: Consumer, moved: MovedRecords): void {
    const { recorder } = this.#host;
    const { cause } = recorder;
    for (const told of moved.told(consumer.group.spec.id, consumer.name)) this.#record(consumer, told);
    recorder.cause = cause;
  }

  /** How long the application would still process the batch in its hands. */
  #restOfBatch(consumer: Consumer): Duration {
    const { now } = this.#host.engine;
    if (consumer.heldUp) return 0; // it is through with one batch, and has not begun the next
    return this.#nextPoll(consumer) - now;
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
    });
  }
}

/**
 * Records per second that come out of poll(). While that looks for the coordinator first, it returns one batch in its
 * timeout, or whenever it may connect again, at last every `reconnect.backoff.max.ms`.
 */
function paceOf(consumer: Consumer): number {
  const { capacity } = consumer.group.spec.members;
  const search = searchInPoll(consumer);
  if (search === undefined) return capacity;
  const records = consumer.group.spec.config["max.poll.records"];
  return (records * SECOND) / (search + fullBatch(records, capacity));
}

/** How long poll() looks for the coordinator before it returns a batch; absent: it does not have to. */
function searchInPoll({ member, group: { spec } }: Consumer): Duration | undefined {
  const waitsFor = member.pollWaitsFor;
  if (waitsFor === "nothing") return undefined;
  const longest = waitsFor === "coordinator" ? Infinity : spec.config["reconnect.backoff.max.ms"] * MILLISECOND;
  return Math.min(spec.members.pollTimeout, longest);
}

/** Whether the application commits every batch by itself. */
function commitsEachBatch({ group }: Consumer): boolean {
  const { commit } = group.spec.members;
  return commit === "sync" || commit === "async" || commit === "before-processing";
}

/** Whether it waits until they are answered. */
function awaitsCommits({ group }: Consumer): boolean {
  return waitsForCommits(group.spec.members.commit);
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
        reason: parting.refused ? "commit-refused" : reason === "closed" ? "closed" : "revoked",
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
