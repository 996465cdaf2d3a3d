import type { Kind } from "../engine/engine.ts";
import type { Duration } from "../engine/time.ts";
import { formatDuration } from "../engine/time.ts";
import { drawDuration } from "../engine/variates.ts";
import type { Process } from "../kafka/cluster/cluster.ts";
import type { Rolling, RollWatcher } from "../kafka/cluster/lifecycle.ts";
import type { ControllerId } from "../kafka/cluster/controller/controller.ts";
import { ORDER } from "../kafka/order.ts";
import type { Zone } from "../kafka/network/links.ts";
import type { BrokerId, GroupId, TopicName } from "../names.ts";
import { everTalk } from "../scenario/parties.ts";
import { rateInWords } from "../scenario/rate-in-words.ts";
import type { BrokerTarget, ControllerTarget, EventSpec, LinkEvent, LinkSide, Target } from "../scenario/scenario.ts";
import { SlowBatches } from "../workload/service.ts";
import type { Consumer } from "./consumers/consumer.ts";
import type { GroupPopulation } from "./population.ts";
import type { World } from "./world.ts";

type What = EventSpec["what"];

/** Carries out a scenario's events, each at its time or a random one, in the order of the file where times are equal. */
export class Script {
  readonly #world: World;
  readonly #populations: ReadonlyMap<GroupId, GroupPopulation>;
  readonly #kind: Kind;
  readonly #rates: Kind;
  readonly #bursts: Kind;
  readonly #late: Kind;
  readonly #unheard: Kind;
  readonly #events: EventSpec[] = [];
  /** Brokers that a rolling restart was seen to wait for, since the controller did not hear of them. */
  readonly #lookedAfter = new Set<BrokerId>();
  /** How much later than at its time each is to happen. */
  readonly #delays: Duration[] = [];
  /** When the next burst of each topic comes, and how long it lasts: the same alternation as that of slow batches. */
  readonly #laws: SlowBatches[] = [];
  readonly #lengths: Duration[] = [];

  constructor(world: World, populations: ReadonlyMap<GroupId, GroupPopulation>) {
    this.#world = world;
    this.#populations = populations;
    this.#kind = world.engine.on("scripted event", ORDER.scenario, (index) => this.perform(this.#events[index]));
    this.#late = world.engine.on("event too late", ORDER.scenario, (index) => this.#tooLate(index));
    this.#unheard = world.engine.on("roll that waits", ORDER.scenario, (broker) => this.#stillUnheard(broker));
    this.#rates = world.engine.on("production rate", ORDER.scenario, (topic, step) => this.#step(topic, step));
    this.#bursts = world.engine.on("burst of production", ORDER.scenario, (topic, begins) =>
      this.#burst(topic, begins === 1),
    );
  }

  start(): void {
    const { engine, scenario, streams } = this.#world;
    for (const event of scenario.events) {
      const index = this.#events.push(event) - 1;
      const later = event.plus ? drawDuration(event.plus, streams.stream(`event/${index}/plus`)) : 0;
      this.#delays.push(later);
      if (event.at + later <= scenario.duration) engine.scheduleAt(event.at + later, this.#kind, index);
      else engine.scheduleAt(event.at, this.#late, index);
    }
    scenario.topics.forEach(({ rate, bursts, name }, topic) => {
      for (let step = 1; step < rate.length; step++) engine.scheduleAt(rate[step].at, this.#rates, topic, step);
      if (!bursts) return;
      this.#laws[topic] = new SlowBatches(bursts, streams.stream(`topic/${name}/bursts`));
      this.#nextBurst(topic);
    });
  }

  /** Makes it happen now. */
  perform(event: EventSpec): void {
    this.#world.recorder.cause = null;
    switch (event.what) {
      case "join":
        this.#say(
          "join",
          `group/${event.group}`,
          `${event.count} ${event.count === 1 ? "member joins" : "members join"} ${event.group}`,
        );
        return this.#population(event.group).join(event.count);
      case "leave":
        return this.#end(event.target, "close", "leave", "leaves");
      case "crash":
        return this.#end(event.target, "crash", "crash", "crashes");
      case "pause":
        return this.#each(event.target, (consumer) => {
          if (consumer.state !== "Running") return this.#moot(`client/${consumer.name}`, consumer.name, STARTS_UP);
          const text = `${consumer.name} has a batch that takes ${formatDuration(event.lasts)}`;
          this.#say("pause", `client/${consumer.name}`, text);
          this.#world.consumers.pause(consumer, event.lasts);
        });
      case "freeze":
        return this.#each(event.target, (consumer) => {
          const why = consumer.state !== "Running" ? STARTS_UP : consumer.frozen ? "it is stopped already" : undefined;
          if (why !== undefined) return this.#moot(`client/${consumer.name}`, consumer.name, why);
          const text = `${consumer.name} is stopped for ${formatDuration(event.lasts)}`;
          this.#say("freeze", `client/${consumer.name}`, text);
          this.#world.consumers.freeze(consumer, event.lasts);
        });
      case "roll":
        if (this.#population(event.group).size === 0)
          return this.#moot(`group/${event.group}`, event.group, "it has no member");
        this.#say("roll", `group/${event.group}`, `a rolling restart of ${event.group} begins`);
        return this.#population(event.group).roll(event);
      case "rate":
        if (this.#world.production.rateOf(event.topic) === event.recordsPerSecond)
          return this.#moot(
            `topic/${event.topic}`,
            event.topic,
            `it is produced at ${rateInWords(event.recordsPerSecond)} already`,
          );
        this.#say(
          "rate",
          `topic/${event.topic}`,
          `${event.topic} is produced at ${rateInWords(event.recordsPerSecond)} from now on`,
        );
        return this.#world.production.setRate(event.topic, event.recordsPerSecond);
      case "producers":
        return this.#producers(event);
      case "create":
        this.#say("create", `topic/${event.topic}`, `${event.topic} is created`);
        return this.#world.production.create(event.topic);
      case "grow":
        this.#say("grow", `topic/${event.topic}`, `${event.topic} gets more partitions`);
        return this.#world.production.grow(event.topic, event.shares);
      case "delete":
        this.#say("delete", `topic/${event.topic}`, `${event.topic} is deleted`);
        return this.#world.production.delete(event.topic);
      case "subscribe":
        if (this.#subscribesTo(event.group, event.topics))
          return this.#moot(`group/${event.group}`, event.group, "it subscribes to that already");
        this.#say("subscribe", `group/${event.group}`, `${event.group} subscribes to ${event.topics.join(", ")}`);
        return this.#world.subscribe(event.group, event.topics);
      case "crash-broker":
        return this.#broker(
          event.target,
          "crash-broker",
          event.silent ? "vanishes with its host" : "crashes",
          (broker) => this.#world.crashBroker(broker, event.silent),
        );
      case "roll-brokers":
        if (this.#world.cluster.listening.length === 0)
          return this.#moot("cluster", "the brokers", "all of them are down");
        this.#say("roll-brokers", "cluster", rollText(this.#world.cluster.rolling));
        return this.#world.cluster.roll(event.downtime, event.pause, this.#rollWatcher);
      case "crash-controller":
        return this.#controller(event.controller, "crash-controller", "crashes", (id) =>
          this.#world.cluster.crashController(id),
        );
      case "restart-controller":
        return this.#controller(
          event.controller,
          "restart-controller",
          "is restarted",
          (id) => this.#world.cluster.restartController(id, event.downtime),
          event.downtime,
        );
      case "power-down":
        return this.#powerDown(event.zone);
      case "cut":
      case "slow":
        return this.#link(event);
      case "restart-broker":
        return this.#broker(
          event.target,
          "restart-broker",
          "is restarted",
          (broker) => this.#world.cluster.restart(broker, event.downtime),
          event.downtime,
        );
    }
  }

  #nextBurst(topic: number): void {
    const { engine } = this.#world;
    const { at, lasts } = this.#laws[topic].next(engine.now);
    this.#lengths[topic] = lasts;
    engine.scheduleAt(at, this.#bursts, topic, 1);
  }

  /** A burst begins, or ends. */
  #burst(topic: number, begins: boolean): void {
    const lasts = this.#lengths[topic];
    const { engine, production, recorder, scenario } = this.#world;
    const { name, bursts } = scenario.topics[topic];
    const more = begins ? bursts!.recordsPerSecond : 0;
    const text = begins
      ? `${rateInWords(more)} more come to ${name} for ${formatDuration(lasts)}`
      : `the burst of ${name} is over`;
    recorder.cause = null;
    recorder.record("scenario", {
      type: "scenario.event",
      what: "rate",
      origin: "chance",
      subject: `topic/${name}`,
      text,
    });
    production.setExtraRate(name, more);
    if (begins) engine.schedule(lasts, this.#bursts, topic, 0);
    else this.#nextBurst(topic);
  }

  #step(topic: number, step: number): void {
    const { name, rate } = this.#world.scenario.topics[topic];
    const { recordsPerSecond } = rate[step];
    this.#world.recorder.cause = null;
    this.#say("rate", `topic/${name}`, `${name} is produced at ${rateInWords(recordsPerSecond)} from now on`);
    this.#world.production.setRate(name, recordsPerSecond);
  }

  #end(target: Target, how: "close" | "crash", what: What & ("leave" | "crash"), verb: string): void {
    this.#each(target, (consumer) => {
      this.#say(what, `client/${consumer.name}`, `${consumer.name} ${verb}`);
      this.#population(target.group).depart([consumer], how);
    });
  }

  #each(target: Target, deed: (consumer: Consumer) => void): void {
    for (const consumer of this.#targets(target)) {
      this.#world.recorder.cause = null;
      deed(consumer);
    }
  }

  #targets(target: Target): Consumer[] {
    if ("count" in target) {
      const { group, count } = target;
      const there = this.#population(group).oldest(count);
      if (there.length < count) this.#tooFew(`group/${group}`, group, "member", there.length, count);
      return there;
    }
    const consumer = this.#world.consumers.named(target.client);
    const alive = consumer && (consumer.state === "Starting" || consumer.state === "Running");
    if (alive) return [consumer];
    this.#moot(`client/${target.client}`, target.client, "it is not there");
    return [];
  }

  #producers({ topic, how, count }: Extract<EventSpec, { what: "producers" }>): void {
    const { production } = this.#world;
    const subject = `topic/${topic}`;
    const there = how === "join" ? count : Math.min(count, production.producing(topic));
    if (there > 0) {
      this.#say("producers", subject, `${there} ${DEEDS[how](there)} ${topic}`);
      production.producers(topic, how, there);
    }
    if (there < count) this.#tooFew(subject, topic, "producer", there, count);
  }

  #broker(
    target: BrokerTarget,
    what: "crash-broker" | "restart-broker",
    verb: string,
    deed: (id: BrokerId) => boolean,
    downtime: Duration = 0,
  ): void {
    const id = "broker" in target ? target.broker : this.#world.cluster.leaderOf(target.coordinatorOf);
    const role = "broker" in target ? "" : `, the coordinator of ${target.coordinatorOf},`;
    const now = this.#world.cluster.process(id);
    const why = what === "crash-broker" ? noCrash(now) : this.#noRestart(now, downtime);
    if (why !== undefined) return this.#moot(`broker/${id}`, `broker ${id}${role.replace(/,$/, "")}`, why);
    this.#say(what, `broker/${id}`, `broker ${id}${role} ${verb}`);
    deed(id);
  }

  /** One that is down begins anew; unless it is about to by itself, no later than it would. */
  #noRestart({ runs, shutsDown, comesBy }: Process, downtime: Duration): string | undefined {
    if (shutsDown) return "it is being restarted already";
    if (runs || comesBy > this.#world.engine.now + downtime) return undefined;
    return "it is down, and on its way back already";
  }

  #controller(
    target: ControllerTarget,
    what: "crash-controller" | "restart-controller",
    verb: string,
    deed: (id: ControllerId) => void,
    downtime: Duration = 0,
  ): void {
    const { cluster } = this.#world;
    const id = target === "active" ? cluster.controller : target;
    const subject = id === null ? "controller" : `controller/${id}`;
    if (id === null) return this.#moot(subject, "the controller", "there is none");
    const now = cluster.controllerProcess(id);
    const why = what === "crash-controller" ? noCrash(now) : this.#noRestart(now, downtime);
    if (why !== undefined) return this.#moot(subject, `controller ${id}`, why);
    this.#say(what, subject, `controller ${id}${id === cluster.controller ? ", the active one," : ""} ${verb}`);
    deed(id);
  }

  /** A rolling restart leaves a broker out: it is none of the causes of what comes next. */
  #passedOver(id: BrokerId): void {
    const { cluster, recorder } = this.#world;
    const { cause } = recorder;
    const { runs, shutsDown, comesBy } = cluster.process(id);
    const down = comesBy === Infinity ? "it is down" : "it is down, and on its way back already,";
    const how = shutsDown ? "it is being restarted already" : runs ? "the controller does not hear of it" : down;
    this.#moot(`broker/${id}`, `broker ${id}`, `${how} when its turn in the rolling restart comes`);
    recorder.cause = cause;
  }

  readonly #rollWatcher: RollWatcher = {
    begins: () => {
      this.#world.recorder.cause = null;
      this.#say("roll-brokers", "cluster", rollText(undefined));
    },
    passesOver: (id) => this.#passedOver(id),
    waitsForDead: (id) => this.#waitedFor(id),
    waitsForUnheard: (id) => this.#waitsForUnheard(id),
  };

  /** It may be heard of again: what comes of that is known at the end. */
  #waitsForUnheard(id: BrokerId): void {
    const { engine, recorder, scenario } = this.#world;
    if (!this.#isWaited(id)) return;
    const { cause } = recorder;
    this.#say("roll-brokers", `broker/${id}`, `the rolling restart waits for broker ${id}, ${UNHEARD}`);
    recorder.cause = cause;
    if (!this.#lookedAfter.has(id)) engine.scheduleAt(scenario.duration, this.#unheard, id);
    this.#lookedAfter.add(id);
  }

  #stillUnheard(id: BrokerId): void {
    const { cluster, network, recorder } = this.#world;
    const { runs, comesBy } = cluster.process(id);
    const isDead = !runs && comesBy === Infinity;
    if (cluster.rolling?.awaits !== id || isDead || network.brokersReach(id, "controller")) return;
    recorder.cause = null;
    this.#moot(`broker/${id}`, this.#whoWaits(id), `the rolling restart waits for broker ${id}, ${UNHEARD}`);
  }

  /** Whether anything is to come after this broker in a rolling restart. */
  #isWaited(id: BrokerId): boolean {
    const { cluster, scenario } = this.#world;
    return id < scenario.cluster.brokers || (cluster.rolling?.others ?? 0) > 0;
  }

  #whoWaits(id: BrokerId): string {
    const { brokers } = this.#world.scenario.cluster;
    return id < brokers ? brokersFrom(id + 1, brokers) : "the brokers";
  }

  /** A rolling restart goes no further than this broker, which has died in it; unless the script is to restart that. */
  #waitedFor(id: BrokerId): void {
    const { engine, recorder, scenario } = this.#world;
    if (!this.#isWaited(id)) return;
    const comesBack = this.#events.some((event, i) => {
      const isIt = event.what === "restart-broker" && "broker" in event.target && event.target.broker === id;
      const at = event.at + this.#delays[i];
      return isIt && at >= engine.now && at <= scenario.duration;
    });
    if (comesBack) return;
    const { cause } = recorder;
    const why = `the rolling restart waits for broker ${id}, which has died before it was in sync again`;
    this.#moot(`broker/${id}`, this.#whoWaits(id), why);
    recorder.cause = cause;
  }

  /** All that stands in a zone loses its power at once. */
  #powerDown(zone: Zone): void {
    const { cluster, consumers } = this.#world;
    const brokers = cluster.brokersIn(zone);
    const members = consumers.all.filter((one) => one.zone === zone);
    if (!brokers.some((id) => cluster.listens(id)) && !members.some(isAlive))
      return this.#moot(`zone/${zone}`, `zone ${zone}`, "nobody is alive there");
    this.#say("power-down", `zone/${zone}`, `zone ${zone} loses its power`);
    const { cause } = this.#world.recorder;
    for (const id of brokers) {
      this.#world.recorder.cause = cause;
      this.#world.crashBroker(id, true);
    }
    for (const consumer of members) {
      this.#world.recorder.cause = cause;
      this.#population(consumer.group.spec.id).depart([consumer], "crash");
    }
  }

  #link(event: LinkEvent): void {
    const { cluster, consumers, troubles } = this.#world;
    const clients = [event.from, event.to].flatMap((side) => (side && "client" in side ? [side.client] : []));
    const absent = clients.find((name) => {
      const consumer = consumers.named(name);
      return !consumer || !isAlive(consumer);
    });
    if (absent !== undefined) return this.#moot(`client/${absent}`, absent, "it is not there");
    const [from, to] = [event.from, event.to].map((side) => {
      if (side && "coordinatorOf" in side) return cluster.leaderOf(side.coordinatorOf);
      return side && "broker" in side ? side.broker : undefined;
    });
    if (from !== undefined && from === to)
      return this.#moot(`broker/${from}`, `broker ${from}`, "both ends of this link are the same then");
    if (!everTalk(event.from, event.to, this.#world.scenario))
      return this.#moot("network", `the link ${linkName(event)}`, "nothing is ever sent over it");
    this.#say(event.what, "network", linkText(event));
    troubles.begin(event);
  }

  #subscribesTo(group: GroupId, topics: readonly TopicName[]): boolean {
    const before = new Set(this.#world.groups.get(group)!.subscription);
    return topics.length === before.size && topics.every((topic) => before.has(topic));
  }

  #population(group: GroupId): GroupPopulation {
    return this.#populations.get(group)!;
  }

  /** It was to come so much later that the run is over before. */
  #tooLate(index: number): void {
    this.#world.recorder.cause = null;
    const event = this.#events[index];
    const past = event.at + this.#delays[index] - this.#world.scenario.duration;
    const text = `${event.what} does not come: by chance it would be ${formatDuration(past)} after the end of the run`;
    this.#say("nothing", "scenario", text);
  }

  /** There are not as many as the script wants. */
  #tooFew(subject: string, whose: string, kind: string, there: number, wanted: number): void {
    const has = there === 0 ? `no ${kind}` : there === 1 ? `only one ${kind}` : `only ${there} ${kind}s`;
    const whom = there === 0 ? whose : `the other ${wanted - there} of ${wanted}`;
    this.#moot(subject, whom, there === 0 ? `it has ${has}` : `${whose} has ${has}`);
  }

  /** What was written cannot happen, or would change nothing. */
  #moot(subject: string, whom: string, why: string): void {
    this.#say("nothing", subject, `nothing happens to ${whom}: ${why}`);
  }

  #say(what: What | "nothing", subject: string, text: string): void {
    this.#world.recorder.record("scenario", { type: "scenario.event", what, origin: "scripted", subject, text });
  }
}

const UNHEARD = "which the controller does not hear of";

function rollText(before: Rolling | undefined): string {
  if (!before) return "a rolling restart of all brokers begins";
  const awaits = before.awaits === undefined ? "" : `, which waits for broker ${before.awaits}`;
  return `another rolling restart of all brokers is to begin when the one under way is over${awaits}`;
}

function brokersFrom(first: BrokerId, last: BrokerId): string {
  if (first === last) return `broker ${first}`;
  return `brokers ${first} ${first + 1 === last ? "and" : "to"} ${last}`;
}

const noCrash = ({ runs }: Process): string | undefined => (runs ? undefined : "it is down already");

const STARTS_UP = "it is still starting up";

const isAlive = ({ state }: Consumer): boolean => state !== "Stopped" && state !== "Crashed";

function linkText(event: LinkEvent): string {
  const lasts = event.lasts === undefined ? "" : ` for ${formatDuration(event.lasts)}`;
  const direction = linkName(event);
  return event.what === "cut" ? `nothing gets through ${direction}${lasts}` : `messages ${direction} are slow${lasts}`;
}

function linkName(event: LinkEvent): string {
  const [from, to] = [nameOf(event.from), event.to ? nameOf(event.to) : "everybody else"];
  return event.oneWay ? `from ${from} to ${to}` : `between ${from} and ${to}`;
}

function nameOf(side: LinkSide): string {
  if ("zone" in side) return `zone ${side.zone}`;
  if ("client" in side) return side.client;
  if ("group" in side) return `the members of ${side.group}`;
  if ("coordinatorOf" in side) return `the coordinator of ${side.coordinatorOf}`;
  return "broker" in side ? `broker ${side.broker}` : "the controller";
}

/** What becomes of so many producers of a topic. */
const DEEDS: Readonly<Record<"join" | "leave" | "crash", (count: number) => string>> = {
  join: (count) => (count === 1 ? "producer joins those of" : "producers join those of"),
  leave: (count) => (count === 1 ? "producer leaves" : "producers leave"),
  crash: (count) => (count === 1 ? "producer crashes, of" : "producers crash, of"),
};
