import type { Engine, Kind } from "../engine/engine.ts";
import type { Duration, Instant } from "../engine/time.ts";
import type { OffsetQuery, Offsets } from "../kafka/messages.ts";
import { ORDER } from "../kafka/order.ts";
import type { Recorder } from "../trace/recorder.ts";
import type { Flow, LagBatch, Totals } from "../lag/flow.ts";
import type { Route } from "../lag/fluid/fetch-ceilings.ts";
import { FluidLag } from "../lag/fluid.ts";
import type { RecordFlow } from "../lag/records/record-flow.ts";
import type { TopicLog } from "../lag/log.ts";
import type { GroupId, Partitions, TopicName } from "../names.ts";
import type { LossReason, RereadReason } from "../trace/event.ts";
import type { LogReader } from "./production.ts";
import { LEAST, OutOfRange, type PositionLaws } from "./out-of-range.ts";
import { RecordLoop } from "./record-loop.ts";
import { MovedRecords } from "./moved-records.ts";
import { type RecordLaws, singleRecords } from "./single-records.ts";
import type { Origin, Parting, StartingPlace } from "./starting-points.ts";
import { StartingPoints } from "./starting-points.ts";
import { Stragglers } from "./stragglers.ts";

/** A topic that a group reads, now or some day. */
export interface ReadTopic {
  readonly name: TopicName;
  readonly log: TopicLog;
}

/** What it asks of the world. Clients go by the numbers that `addClient` gives them. */
export interface ConsumptionHost {
  readonly engine: Engine;
  readonly recorder: Recorder;
  /** This client fell behind, or caught up; or something arrives for it that did not, or the reverse. */
  saturationChanged(client: number): void;
  /** Whether a client can get at a partition: it has a leader, and the client knows and reaches it. */
  readable(client: number, topic: TopicName, partition: number): boolean;
  /** The way of this client's fetches to a partition's leader, the same object for all that it leads; none if nobody does. */
  route(client: number, topic: TopicName, partition: number): Route | undefined;
  /** Bytes a record. */
  recordSize(topic: TopicName): number;
  /** What this client would read next is not there: retention has taken it, or it went with a leader. */
  outOfRange(client: number, partitions: Partitions): void;
  /** What a client has read that was no longer its own to read. */
  readAside(client: number, moved: MovedRecords): void;
  /** What this group has committed by now is put down, as far as it is only worked out: its positions are about to change. */
  settle(): void;
  /** When this client committed last, and before that, if its commits are worked out. */
  commitsOf(client: number): readonly [last: Instant, previous: Instant | undefined] | undefined;
}

/** How a reader parts from a partition that another begins to read, when it has not noticed that. */
export interface Taken {
  readonly parting: Parting;
  /** How long it would still process the batch in its hands; `stopped before`: it is stuck in that. */
  readonly rest: Duration | "stopped before";
  /** It has committed that batch, and gets it done if it lives; nothing else. */
  readonly finishes: boolean;
}

/** How one group reads its topics: the flow of records, driven by the engine's clock and told to the trace. */
export class Consumption implements LogReader {
  readonly #topics: readonly ReadTopic[];
  readonly #places: ReadonlyMap<TopicName, number>;
  readonly #lag: Flow;
  /** The same, where records are simulated one by one. */
  readonly #records: RecordFlow | undefined;
  /** … and where they are not. */
  readonly #fluid: FluidLag | undefined;
  readonly #engine: Engine;
  readonly #readable: ConsumptionHost["readable"];
  readonly #route: ConsumptionHost["route"];
  readonly #recordSize: ConsumptionHost["recordSize"];
  /** `auto.offset.reset`. */
  readonly #reset: OffsetQuery | "none";
  readonly #settle: () => void;
  #settledAt: Instant | undefined;
  readonly #loadChanged: (client: number) => void;
  readonly #recorder: Recorder;
  readonly #group: GroupId;
  /** Topics it has subscribed to so far: what comes into the others is no business of this group. */
  readonly #followed = new Set<number>();
  /** Those of them that were deleted: nobody can begin to read them any more. */
  readonly #deleted = new Set<number>();
  /** Clients that read nothing at present, whatever there is: stuck in a batch, or stopped. */
  readonly #idle = new Set<number>();
  readonly #outOfRange: OutOfRange;
  /** The log's offset at which a topic's partitions began for this group, where that is not 0; less what is gone since. */
  readonly #origins = new Map<number, number[]>();
  /** Partitions that were taken from clients inside a batch, which they get done. */
  readonly #finishing = new Map<number, Set<number>>();
  readonly #starts: StartingPoints;
  readonly #stragglers: Stragglers;
  /** The first disagreement with a log. */
  #untrue: string | undefined;

  constructor(
    group: GroupId,
    topics: readonly ReadTopic[],
    laws: PositionLaws,
    host: ConsumptionHost,
    records?: RecordLaws,
  ) {
    const { engine, recorder, readable, route, recordSize, outOfRange } = host;
    this.#group = group;
    this.#reset = laws.reset;
    this.#settle = () => host.settle();
    this.#readable = readable;
    this.#route = route;
    this.#recordSize = recordSize;
    this.#outOfRange = new OutOfRange(laws, {
      position: ({ place, partition }) => this.#position(place, partition),
      start: ({ place, partition }) => this.#startOf(place, partition),
      end: ({ place, partition }) => this.#offsetOf(place, partition, "latest"),
      resetTo: ({ place, partition }, policy) => this.#offsetOf(place, partition, policy),
      readerOf: ({ index }) => this.#fetcherOf(index),
      fetches: (client, { place, partition }) =>
        !this.#idle.has(client) && readable(client, topics[place].name, partition),
      skip: ({ place, partition }, to, reason) => this.#skip(place, partition, to, reason),
      refuse: (client, { place, partition }) => outOfRange(client, { [topics[place].name]: [partition] }),
    });
    this.#loadChanged = (client) => host.saturationChanged(client);
    this.#recorder = recorder;
    this.#topics = topics;
    this.#engine = engine;
    this.#places = new Map(topics.map(({ name }, place) => [name, place]));
    const flush: Kind = engine.on(`lag of ${group}`, ORDER.lag, () => {
      recorder.cause = null;
      this.#lag.flush();
    });
    // A fluid's partition runs dry, or the last record of a batch is done before its application polls.
    const order = records ? ORDER.clientTimer : ORDER.lag;
    const wakes = engine.timers(`work of ${group}`, order, (client) => this.#lag.wake(client));
    const flowHost = {
      now: () => engine.now,
      wake: (client: number, at: Instant | undefined) => {
        if (at === undefined) wakes.cancel(client);
        else wakes.armAt(client, at);
      },
      saturationChanged: host.saturationChanged,
      marks: (client: number) => host.commitsOf(client),
      changed: () => engine.post(0, flush, 0),
      emit: ({ topic, ...slopes }: LagBatch) => {
        for (const partition of slopes.partitions) this.#compare(topic, partition);
        recorder.recordLag({ group, topic: topics[topic].name, ...slopes });
      },
    };
    const sizes = topics.map(({ name, log }) => ({ name, partitions: log.partitions }));
    const originOf = (topic: TopicName, partition: number): number =>
      this.#originOf(this.#places.get(topic)!, partition);
    this.#records =
      records && singleRecords({ group, topics: sizes, engine, recorder, originOf, recordSize }, records, flowHost);
    this.#fluid = this.#records
      ? undefined
      : new FluidLag(
          sizes.map(({ partitions }) => partitions),
          flowHost,
        );
    this.#lag = this.#records ?? this.#fluid!;
    this.#starts = new StartingPoints(this.#lag);
    this.#stragglers = new Stragglers(
      this.#lag,
      () => engine.now,
      (client, moved) => host.readAside(client, moved),
    );
  }

  /** When the application of a client polls, where records are simulated one by one. */
  recordLoop(client: number): RecordLoop | undefined {
    return this.#records && new RecordLoop(this.#records, client, () => this.#engine.now);
  }

  written(topic: TopicName, partition: number, recordsPerSecond: number): void {
    const place = this.#places.get(topic);
    if (place === undefined || !this.#followed.has(place)) return;
    this.#bend(this.#lag.indexOf(place, partition), (index) => this.#lag.setRate(index, recordsPerSecond));
  }

  standsStill(topic: TopicName, partition: number, since: Instant | undefined, readable: number): void {
    const place = this.#places.get(topic);
    if (place === undefined || !this.#followed.has(place)) return;
    this.#bend(this.#lag.indexOf(place, partition), (index) => this.#lag.standStill(index, since, readable));
  }

  /**
   * What of it could be read is gone for the group at once, though its reader finds out when it asks the new leader: nobody can
   * read anything meanwhile. (In Kafka that takes a round trip.)
   */
  cutBack(topic: TopicName, partition: number, to: Instant): void {
    const place = this.#places.get(topic);
    if (place === undefined || !this.#followed.has(place) || this.#deleted.has(place)) return;
    const { now } = this.#engine;
    const index = this.#lag.indexOf(place, partition);
    const origin = this.#originOf(place, partition);
    const end = this.#topics[place].log.end(partition, now);
    const missing = this.#lag.produced(index, now) + origin - end;
    if (this.#fluid && missing < LEAST) return;
    if (this.#settledAt !== now) this.#settle(); // once for all that are cut back at one instant
    this.#settledAt = now;
    this.#stragglers.enter([index]);
    if (!this.#outOfRange.bringsBack) this.#stragglers.diverged(index, end - origin);
    const offset = this.#position(place, partition);
    const { gone, ...move } = this.#lag.cutBack(index, to, missing, "truncated");
    if (gone === 0) return;
    const moved = new MovedRecords();
    moved.add(topic, partition, origin, move);
    for (const told of moved.toldOfNobody(this.#group)) this.#recorder.record(`group/${this.#group}`, told);
    const produced = this.#lag.produced(index, now);
    this.#moveOrigin(place, partition, gone);
    this.#starts.cutBack(index, gone, produced);
    this.#stragglers.cutBack(index, gone, produced);
    const newEnd = produced + this.#originOf(place, partition);
    this.#outOfRange.cutBack({ index, place, partition }, offset, newEnd, now);
  }

  /** Does something to what comes into a partition; its reader may have something to do from now on, or nothing more. */
  #bend(index: number, deed: (index: number) => void): void {
    const arrived = this.#lag.inflowOf(index) > 0;
    deed(index);
    const reader = this.#lag.readerOf(index);
    if (reader !== undefined && arrived !== this.#lag.inflowOf(index) > 0) this.#loadChanged(reader);
  }

  /**
   * The group subscribes to these topics. One that it has not read before begins for it where the reset policy would let
   * it begin now: at the log's start, with all that is in it, at its end, or in between. What is written from then on
   * until it has asked where to begin is its loss, if the policy leads to the end. Returns where that is not a topic's first
   * record.
   */
  follow(
    topics: readonly TopicName[],
    reset: OffsetQuery | "none" = this.#reset,
  ): Readonly<Record<TopicName, readonly number[]>> {
    const now = this.#engine.now;
    const begins: Record<TopicName, readonly number[]> = {};
    for (const name of topics) {
      const place = this.#places.get(name)!;
      if (this.#followed.has(place)) continue;
      this.#followed.add(place);
      const { log } = this.#topics[place];
      const partitions = Array.from({ length: log.partitions }, (_, partition) => partition);
      const ends = partitions.map((partition) => log.watermark(partition, now));
      const nothing = reset === "none" || this.#deleted.has(place);
      const origins = nothing ? ends : partitions.map((partition) => this.#offsetOf(place, partition, reset));
      if (origins.some((origin) => origin > 0)) {
        this.#origins.set(place, [...origins]);
        begins[name] = origins;
      }
      for (const partition of partitions) {
        const index = this.#lag.indexOf(place, partition);
        this.#lag.arrive(index, ends[partition] - origins[partition]);
        if (log.standsStill(partition)) {
          this.#lag.standStill(index, now, 0);
          this.#records?.arrive(index, log.end(partition, now) - ends[partition]);
        }
        this.#lag.setRate(index, log.rateOf(partition));
      }
    }
    return begins;
  }

  deleted(topic: TopicName): void {
    const place = this.#places.get(topic);
    if (place === undefined) return;
    this.#deleted.add(place);
    if (!this.#followed.has(place)) return;
    const { log } = this.#topics[place];
    for (let partition = 0; partition < log.partitions; partition++) {
      this.#stragglers.endAll(this.#lag.indexOf(place, partition));
      this.#skip(place, partition, log.watermark(partition, this.#engine.now), "topic-deleted");
    }
  }

  /** What was in it before, if there was one of that name, is gone; nobody reads on who has not heard of that yet. */
  created(topic: TopicName): void {
    const place = this.#places.get(topic);
    if (place === undefined) return;
    this.#deleted.delete(place);
    for (let partition = 0; partition < this.#topics[place].log.partitions; partition++) {
      this.standsStill(topic, partition, undefined, 0);
      this.cutBack(topic, partition, 0);
    }
  }

  deletedBefore(topic: TopicName, partition: number, offset: number): void {
    const place = this.#places.get(topic);
    if (place === undefined) return;
    const start = this.#come(place, partition, offset) - this.#originOf(place, partition);
    this.#stragglers.overtaken(this.#lag.indexOf(place, partition), start);
  }

  isBehind(topic: TopicName, partition: number, offset: number): boolean {
    const place = this.#places.get(topic);
    if (place === undefined || !this.#followed.has(place)) return false;
    return this.#position(place, partition) < this.#come(place, partition, offset);
  }

  /** What readers would read next is deleted. */
  overtaken(topic: TopicName, partitions: readonly number[]): void {
    const place = this.#places.get(topic);
    if (place === undefined) return;
    for (const partition of partitions) {
      this.#outOfRange.overtaken({ index: this.#lag.indexOf(place, partition), place, partition });
    }
    this.#outOfRange.notice();
  }

  /** Who reads a partition for the group, and not only what of it is in its hands. */
  #fetcherOf(index: number): number | undefined {
    const reader = this.#lag.readerOf(index);
    return reader === undefined || this.#finishing.get(reader)?.has(index) ? undefined : reader;
  }

  /** The group moves on to this offset, whoever reads. */
  #skip(place: number, partition: number, to: number, reason: LossReason): void {
    const moved = new MovedRecords();
    const index = this.#lag.indexOf(place, partition);
    const origin = this.#originOf(place, partition);
    this.#stragglers.enter([index]);
    moved.add(this.#topics[place].name, partition, origin, this.#lag.skip(index, to - origin, reason));
    for (const told of moved.toldOfNobody(this.#group)) this.#recorder.record(`group/${this.#group}`, told);
  }

  /** The offset of the next record to be read. */
  #position(place: number, partition: number): number {
    const index = this.#lag.indexOf(place, partition);
    return this.#lag.position(index, this.#engine.now) + this.#originOf(place, partition);
  }

  /** A client that can process so many records per second; the number it goes by from now on. */
  addClient(recordsPerSecond: number): number {
    return this.#lag.addClient(recordsPerSecond);
  }

  setCapacity(client: number, recordsPerSecond: number): void {
    this.#lag.setCapacity(client, recordsPerSecond);
    if (recordsPerSecond === 0) this.#idle.add(client);
    else if (this.#idle.delete(client)) this.#outOfRange.notice();
  }

  /** Each poll() of this client looks for its coordinator for so long before it returns; `longest`: its timeout. */
  searchInPoll(client: number, search: Duration | undefined, longest: Duration): void {
    this.#records?.searchInPoll(client, search, longest);
  }

  /**
   * Of these partitions this client reads no further than up to these offsets, or than it has. Where records are simulated
   * one by one it reads what it has in hand in any case.
   */
  readTo(client: number, limits: Offsets, partitions: Partitions): void {
    const to = new Map<number, number>();
    for (const topic in partitions) {
      const place = this.#places.get(topic)!;
      for (const partition of partitions[topic]) {
        const line = this.#lineOf(client, this.#lag.indexOf(place, partition));
        to.set(line, (limits[topic]?.[partition] ?? 0) - this.#originOf(place, partition));
      }
    }
    if (!this.#fluid) return;
    this.#fluid.limit(client, to);
    this.#loadChanged(client);
  }

  /** It reads whatever there is; of these partitions, if some are named. */
  readOn(client: number, partitions?: Partitions): void {
    const lines = partitions && this.#indices(partitions).map((index) => this.#lineOf(client, index));
    if (this.#fluid?.unlimit(client, lines)) this.#loadChanged(client);
  }

  /** This client could not commit what it was about to process, and seeks back to that, if it has anything in hand. */
  handBack(client: number): void {
    this.#records?.handBack(client);
  }

  read(client: number, partitions: Partitions): void {
    const forGroup = this.#indices(partitions).filter(
      (index) => this.#lineOf(client, index) === index || this.#finishing.get(client)?.has(index),
    );
    this.#lag.read(client, forGroup);
    for (const topic in partitions) this.regate(topic, partitions[topic]);
  }

  /** Whether readers can get at these partitions may have changed. */
  regate(topic: TopicName, partitions: readonly number[]): void {
    const place = this.#places.get(topic);
    if (place === undefined) return;
    const turned = new Set<number>();
    for (const partition of partitions) {
      const index = this.#lag.indexOf(place, partition);
      const reader = this.#lag.readerOf(index);
      if (reader !== undefined && this.#gate(reader, index, topic, partition)) turned.add(reader);
      for (const { client, line } of this.#stragglers.at(index)) this.#gate(client, line, topic, partition);
    }
    this.#outOfRange.notice();
    for (const client of turned) this.#loadChanged(client); // what comes in reaches it again, though nothing may wait
  }

  /** Lets a reader get at a partition, or not; returns whether that is new. */
  #gate(client: number, line: number, topic: TopicName, partition: number): boolean {
    const turned = this.#lag.hold(line, !this.#readable(client, topic, partition));
    this.#routeTo(client, line, topic, partition);
    return turned;
  }

  /** Where records are simulated one by one, each fetch asks for itself how long it takes. */
  #routeTo(client: number, line: number, topic: TopicName, partition: number): void {
    this.#fluid?.route(line, this.#route(client, topic, partition), this.#recordSize(topic));
  }

  /** Fetches may take longer than before, or shorter. */
  linksChanged(): void {
    for (const [place, { name, log }] of this.#topics.entries()) {
      for (let partition = 0; partition < log.partitions; partition++) {
        const index = this.#lag.indexOf(place, partition);
        const reader = this.#lag.readerOf(index);
        if (reader !== undefined) this.#routeTo(reader, index, name, partition);
        for (const { client, line } of this.#stragglers.at(index)) this.#routeTo(client, line, name, partition);
      }
    }
  }

  /** Who reads a partition, for the group and on their own account. */
  readersOf(topic: TopicName, partition: number): readonly number[] {
    const place = this.#places.get(topic);
    if (place === undefined) return [];
    const index = this.#lag.indexOf(place, partition);
    const reader = this.#lag.readerOf(index);
    const aside = this.#stragglers.at(index).map(({ client }) => client);
    return reader === undefined ? aside : [reader, ...aside];
  }

  /**
   * This client reads these no longer; of the batch in its hands so much time was left. `stopped before`: it was frozen, or
   * stuck in that batch, and had in hand what it had then.
   */
  stop(client: number, partitions: Partitions, parting: Parting, rest: Duration | "stopped before"): void {
    const all = this.#indices(partitions);
    const mine = all.filter((index) => this.#lag.readerOf(index) === client);
    this.#starts.part(mine, parting, rest, this.#engine.now);
    this.#lag.stop(client, mine);
    this.#stragglers.end(client, all);
  }

  /**
   * These are taken from this client, which processes what of them is in its hands all the same, and nothing else: it has been
   * told how far that is. It goes on for the group until another begins.
   */
  finish(client: number, partitions: Partitions): void {
    for (const index of this.#indices(partitions))
      if (this.#lag.readerOf(index) === client) this.#finishes(client, index);
  }

  #finishes(client: number, index: number): void {
    let finishing = this.#finishing.get(client);
    if (!finishing) this.#finishing.set(client, (finishing = new Set()));
    this.#lag.handOutNoMore(index);
    finishing.add(index);
  }

  /** It is through with that batch. */
  finished(client: number, parting: Parting): void {
    const finishing = this.#finishing.get(client);
    if (!finishing) return;
    this.#finishing.delete(client);
    for (const index of finishing) {
      this.#stragglers.finish(client, index);
      if (this.#lag.readerOf(index) !== client) continue;
      this.#starts.finish(index, parting, this.#engine.now);
      this.#lag.stop(client, [index]);
    }
  }

  /** It has crashed in the midst of it, or processes nothing of that for another reason. */
  neverFinishes(client: number, parting: Parting): void {
    const finishing = this.#finishing.get(client);
    if (!finishing) return;
    this.#finishing.delete(client);
    const mine = [...finishing].filter((index) => this.#lag.readerOf(index) === client);
    this.#starts.part(mine, parting, 0, this.#engine.now);
    this.#lag.stop(client, mine);
    this.#stragglers.end(client, [...finishing]);
  }

  /**
   * The reader of these is stopped, with a batch in its hands of which so much time was left. `reason`: what is to blame if
   * somebody else goes on with them.
   */
  freeze(client: number, partitions: Partitions, rest: Duration | "stopped before", reason: RereadReason): void {
    const mine = this.#indices(partitions).filter((index) => this.#lag.readerOf(index) === client);
    this.#starts.part(mine, { reason, holder: "stopped", stopped: client }, rest, this.#engine.now);
  }

  /**
   * The reader of these is stuck until then in a batch of which so much time was left, and takes so long for that when it goes
   * on. `stopped before`: it was stuck already.
   */
  stick(
    client: number,
    partitions: Partitions,
    rest: Duration | "stopped before",
    until: Instant,
    takes: Duration,
  ): void {
    const mine = this.#indices(partitions).filter((index) => this.#lag.readerOf(index) === client);
    this.#starts.stick(mine, rest, { at: until, takes });
  }

  /** It goes on: what it had in hand is processed now, though it may have seemed lost. */
  thaw(client: number): MovedRecords {
    return this.#starts.goOn(client, this.#engine.now);
  }

  /**
   * Reading of these partitions is about to begin at these offsets: what becomes of the records between there and where
   * the group has got to. `taken`: how somebody parts from what it has not noticed is taken away; it reads on. `lost`: what
   * had been committed beyond that offset and is gone; asked for once.
   *
   * What somebody has in its hands whom the next reader passes over is not done yet: how much of it gets done turns out when
   * it is through with it, or dies before.
   *
   * `isLate`: whether the group has gone on without this client, and given its partitions to that reader. Then it is this
   * client that reads on its own account, and the group's position stays where it is.
   */
  start(
    client: number,
    offsets: Offsets,
    origin: Origin,
    taken: (from: number) => Taken | undefined,
    lost: (topic: TopicName, partition: number, from: number) => number | undefined,
    isLate: (reader: number) => boolean,
  ): MovedRecords {
    const places: StartingPlace[] = [];
    for (const topic in offsets) {
      for (const [number, offset] of Object.entries(offsets[topic])) {
        const partition = Number(number);
        const place = this.#places.get(topic)!;
        if (this.#deleted.has(place)) continue; // whoever has not heard of it yet finds nothing there
        const index = this.#lag.indexOf(place, partition);
        const at = { index, topic, partition, offset, origin: this.#originOf(place, partition) };
        const reader = this.#lag.readerOf(index);
        if (reader !== undefined && reader !== client && !this.#finishing.get(reader)?.has(index) && isLate(reader)) {
          this.#stragglers.beginLate(client, at);
          continue;
        }
        this.#outOfRange.begins(index);
        const committed = lost(topic, partition, offset);
        const blind = this.#outOfRange.isBlind({ index, place, partition });
        places.push({ ...at, ...(committed !== undefined && { lost: committed }), ...(blind && { blind }) });
      }
    }
    this.#stragglers.enter(places.map(({ index }) => index));
    for (const place of places) {
      const { index } = place;
      const holder = this.#lag.readerOf(index);
      if (holder === undefined || holder === client) continue;
      const isFinishing = this.#finishing.get(holder)?.has(index);
      const parts = isFinishing ? undefined : taken(holder);
      if (isFinishing || parts?.finishes) {
        const reason = isFinishing ? "revoked" : parts!.parting.reason;
        if (!isFinishing) this.#finishes(holder, index);
        this.#starts.part([index], { reason, holder: "working" }, 0, this.#engine.now);
        this.#stragglers.begin(holder, place, this.#lag.positionNow(index), reason);
        continue;
      }
      if (parts) this.#starts.part([index], parts.parting, parts.rest, this.#engine.now);
      const { reason, handedOut } = this.#starts.partingOf(place);
      this.#stragglers.begin(holder, place, handedOut, reason);
    }
    return this.#starts.start(places, origin);
  }

  /** Where the group has got to, or will have after a while: the offset of the next record to be processed. */
  positions(partitions: Partitions, after: Duration = 0): Offsets {
    return this.#offsets(partitions, (place, partition) => {
      const index = this.#lag.indexOf(place, partition);
      const ahead = after > 0 ? this.#lag.within(index, after) : 0;
      return this.#lag.positionNow(index) + ahead + this.#originOf(place, partition);
    });
  }

  /**
   * Where this client has got to by itself, in partitions that it takes for its own: where they are another's by now, that
   * is not where the group has.
   */
  positionsOf(client: number, partitions: Partitions): Offsets {
    return this.#offsets(partitions, (place, partition) => {
      const line = this.#lineOf(client, this.#lag.indexOf(place, partition));
      return this.#lag.positionNow(line) + this.#originOf(place, partition);
    });
  }

  /** Where this client reads a partition: for the group, or on its own account. */
  #lineOf(client: number, index: number): number {
    return this.#stragglers.at(index).find((one) => one.client === client)?.line ?? index;
  }

  /** Where the group had got to when this client committed, at one of the instants that `commitsOf` named. */
  positionsAt(partitions: Partitions, t: Instant): Offsets {
    return this.#offsets(
      partitions,
      (place, partition) =>
        this.#lag.positionAt(this.#lag.indexOf(place, partition), t) + this.#originOf(place, partition),
    );
  }

  /** What the leaders answer when asked for offsets. */
  list(partitions: Partitions, query: OffsetQuery): Offsets {
    return this.#offsets(partitions, (place, partition) => this.#offsetOf(place, partition, query));
  }

  /**
   * Where reading can begin of these offsets, and of which partitions it cannot: their records have been deleted, or went with a
   * leader. `taken`: when an offset was committed; of what a leader has just said it is not asked.
   */
  validate(
    offsets: Offsets,
    taken: (topic: TopicName, partition: number) => Instant,
  ): { readonly valid: Offsets; readonly gone: Partitions } {
    const gone: Record<TopicName, number[]> = {};
    const valid: Record<TopicName, Record<number, number>> = {};
    for (const topic in offsets) {
      const place = this.#places.get(topic)!;
      for (const [number, offset] of Object.entries(offsets[topic])) {
        const partition = Number(number);
        const at = { index: this.#lag.indexOf(place, partition), place, partition };
        const found = this.#deleted.has(place)
          ? offset
          : this.#outOfRange.validOf(at, offset, () => taken(topic, partition));
        if (found === undefined) (gone[topic] ??= []).push(partition);
        else (valid[topic] ??= {})[partition] = found;
      }
    }
    return { valid, gone };
  }

  /** Whether the group reads this topic, now or some day. */
  reads(topic: TopicName): boolean {
    return this.#places.has(topic);
  }

  /** How many records wait in each partition of a topic, and how many a second come in. */
  picture(topic: TopicName, partitions: number): { readonly lag: readonly number[]; readonly rate: readonly number[] } {
    const place = this.#places.get(topic)!;
    const now = this.#engine.now;
    const indices = Array.from({ length: partitions }, (_, number) => this.#lag.indexOf(place, number));
    return {
      lag: indices.map((index) => this.#lag.lagAt(index, now)),
      rate: indices.map((index) => this.#lag.inflowOf(index)),
    };
  }

  backlogged(client: number): boolean {
    return this.#lag.backlogged(client);
  }

  hasWork(client: number): boolean {
    return this.#lag.hasWork(client);
  }

  /** The run is over: what clients have read that is no longer their own to read is told. */
  end(): void {
    this.#stragglers.enterAll();
  }

  /** What is wrong with the books since the last look, or nothing. */
  audit(): string | undefined {
    return this.#lag.audit() ?? this.#untrue;
  }

  /** The same of all partitions, once it is over. */
  finalAudit(): string | undefined {
    this.#topics.forEach(({ log }, topic) => {
      for (let partition = 0; partition < log.partitions; partition++) this.#compare(topic, partition);
    });
    return this.audit();
  }

  totals(t: Instant): Totals {
    return this.#lag.totals(t);
  }

  /** What the group has seen come in is what can be read of the log. */
  #compare(topic: number, partition: number): void {
    // Single records come by chance around what the log says.
    if (!this.#followed.has(topic) || this.#records) return;
    const { name, log } = this.#topics[topic];
    const now = this.#engine.now;
    const readable = log.watermark(partition, now) - this.#originOf(topic, partition);
    const produced = this.#lag.produced(this.#lag.indexOf(topic, partition), now);
    if (Math.abs(readable - produced) <= 1e-6 * Math.max(1, readable)) return;
    this.#untrue ??= `${name}-${partition}: ${readable} can be read, but ${produced} came in`;
  }

  /** The first offset of a partition that is this group's business; the fluid counts from it. */
  #originOf(place: number, partition: number): number {
    return this.#origins.get(place)?.[partition] ?? 0;
  }

  #moveOrigin(place: number, partition: number, gone: number): void {
    let origins = this.#origins.get(place);
    if (!origins) {
      const { partitions } = this.#topics[place].log;
      this.#origins.set(place, (origins = Array.from({ length: partitions }, () => 0)));
    }
    origins[partition] -= gone;
  }

  #offsetOf(place: number, partition: number, query: OffsetQuery): number {
    const { log } = this.#topics[place];
    const { now } = this.#engine;
    if (query === "latest") {
      return this.#records ? this.#come(place, partition, Infinity) : log.watermark(partition, now);
    }
    const start = this.#startOf(place, partition);
    if (query === "earliest") return start;
    const then = log.watermark(partition, Math.max(0, now - query.ago));
    return Math.max(start, Math.min(then, log.watermark(partition, now))); // some of it may be gone since
  }

  /** The log start offset. */
  #startOf(place: number, partition: number): number {
    return this.#come(place, partition, this.#topics[place].log.start(partition));
  }

  /** Single records come by chance around what the log says: up to this offset, or up to as many as have come. */
  #come(place: number, partition: number, offset: number): number {
    if (!this.#records) return offset;
    const come = this.#records.produced(this.#lag.indexOf(place, partition)) + this.#originOf(place, partition);
    return Math.min(offset, come);
  }

  #offsets(partitions: Partitions, offsetOf: (place: number, partition: number) => number): Offsets {
    const offsets: Record<TopicName, Record<number, number>> = {};
    for (const topic in partitions) {
      const place = this.#places.get(topic)!;
      const ofTopic: Record<number, number> = (offsets[topic] = {});
      for (const number of partitions[topic]) ofTopic[number] = offsetOf(place, number);
    }
    return offsets;
  }

  #indices(partitions: Partitions): number[] {
    const indices: number[] = [];
    for (const topic in partitions) {
      const place = this.#places.get(topic)!;
      for (const number of partitions[topic]) indices.push(this.#lag.indexOf(place, number));
    }
    return indices;
  }
}
