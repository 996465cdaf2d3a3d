import { parse, stringify } from "yaml";
import { Engine } from "../../../sim/engine/engine.ts";
import { formatInstant } from "../../../sim/engine/time.ts";
import { Cluster } from "../../../sim/kafka/cluster/cluster.ts";
import type { RollWatcher } from "../../../sim/kafka/cluster/lifecycle.ts";
import type { CoordinatorRequest, GroupReply, FindCoordinator } from "../../../sim/kafka/messages.ts";
import type { BrokerId, ClientId, GroupId } from "../../../sim/names.ts";
import { parseScenario } from "../../../sim/scenario/parse.ts";
import type { Happening } from "../../../sim/trace/event.ts";
import { Recorder } from "../../../sim/trace/recorder.ts";
import { eventText, textLine } from "../../../sim/trace/text.ts";
import { detailsOf, isTold } from "../scripted/lines.ts";
import { Words } from "../scripted/words.ts";
import type { Stage } from "../stage.ts";
import type { Cast } from "./cast.ts";
import { ClassicCast, ConsumerCast } from "./cast.ts";
import { FixedChance } from "./chance.ts";

type Fields = Record<string, unknown>;

/** Unless a story says otherwise, nothing takes time but what it is about. */
const AT_ONCE = {
  metadataPropagation: "0s",
  catchUp: "0s",
  appendDelay: "0s",
  loading: { base: "0s", size: "0KiB" },
};
const CONFIG = {
  "group.coordinator.append.linger.ms": 0,
  "group.initial.rebalance.delay.ms": 0,
  "group.min.session.timeout.ms": 1,
  "offsets.topic.num.partitions": 1,
};

/** Nobody has to be told how a rolling restart goes. */
const NOBODY: RollWatcher = {
  begins: () => {},
  passesOver: () => {},
  waitsForDead: () => {},
  waitsForUnheard: () => {},
};

/** Told of a cluster: its brokers, who leads and who coordinates, and what becomes of groups. */
const TOLD: readonly Happening["type"][] = [
  "broker.state",
  "controller.changed",
  "coordinator.state",
  "partition.watermark",
  "group.state",
  "group.member",
  "group.epoch",
  "group.reconciled",
];

/**
 * Brokers and their controller as they are, and members without a will of their own that send what the script says, to
 * the broker it says. Requests and replies take no time. The language is in `../README.md`.
 */
export class ClusterStage implements Stage {
  readonly happened: Happening[] = [];
  readonly #engine = new Engine();
  readonly #deaf = new Set<BrokerId>();
  readonly #apart = new Set<string>();
  #cluster: Cluster | undefined;
  #cast: Cast | undefined;
  #group: GroupId = "";
  #request = 0;
  #answer: string[] = [];
  #silent = true;

  perform(command: string, input: string): string {
    this.#answer = [];
    if (!this.#cluster) this.#open(command, input);
    else for (const text of [command, ...input.split("\n").filter((line) => line !== "")]) this.#do(new Words(text));
    return this.#answer.join("");
  }

  /** `cluster of 3 brokers`, and below it, as YAML, what differs from the defaults. */
  #open(command: string, input: string): void {
    const words = new Words(command);
    words.expect("cluster", "of");
    const brokers = words.takeNumber("a number of brokers");
    words.expect("brokers");
    words.end();
    const {
      protocol = "classic",
      groups = ["g"],
      topics = {},
      chance = {},
      config = {},
      ...rest
    } = (parse(input) ?? {}) as Fields;
    const ids = groups as readonly GroupId[];
    const { scenario } = parseScenario(
      stringify({
        cluster: { brokers, ...AT_ONCE, ...rest, config: { ...CONFIG, ...(config as Fields) } },
        topics: { orders: 1, ...(topics as Fields) },
        groups: Object.fromEntries(
          ids.map((id) => [id, { members: 0, clientVersion: "4.0", config: { "group.protocol": protocol } }]),
        ),
      }),
      { file: "the story's settings" },
    );
    [this.#group] = ids;
    this.#cast = protocol === "consumer" ? new ConsumerCast(this.#group) : new ClassicCast(this.#group);
    const recorder = new Recorder(
      () => this.#engine.now,
      (event) => {
        if (!("id" in event)) return;
        this.happened.push(event);
        if (!this.#isTold(event)) return;
        const { who, what, detail } = eventText(event, { severalGroups: ids.length > 1 });
        this.#tell(who, what, detail);
      },
    );
    this.#cluster = new Cluster(
      {
        ...scenario.cluster,
        topics: scenario.topics.filter(({ name }) => name in (topics as Fields)),
        groups: scenario.groups.map(({ id, groupConfig }) =>
          groupConfig ? { id, protocol: "consumer", config: groupConfig } : { id, protocol: "classic" },
        ),
      },
      {
        engine: this.#engine,
        streams: new FixedChance("story", chance as Record<string, number>),
        recorder,
        reply: (_, client, reply) => this.#received(client, reply),
        brokerDied: () => {},
        brokerStarts: () => {},
        brokerReturned: () => {},
        dataLeadersMoved: ({ topic, partitions }) => this.#cluster!.handOver(topic, partitions), // producers hear at once
        brokerHears: () => {},
        watermarksChanged: () => {},
        logCutBack: (topic, partition, to) => {
          const what = `${topic}-${partition} ends with what was written until ${formatInstant(to)}`;
          this.#tell("cluster", what, "");
        },
        brokersReach: (one, other) => !this.#apart.has(pair(one, other)),
        hearsController: (id) => !this.#deaf.has(id),
        touched: () => {},
        disturbed: () => {},
        silenced: () => undefined,
        removed: () => {},
        known: (client) => ({ index: ids.indexOf(client), fate: client }),
      },
    );
    this.#cluster.start();
    this.#settle();
    this.#silent = false;
  }

  #isTold(event: Happening): boolean {
    if (this.#silent) return false;
    if (event.type === "partition.leader") return true;
    return TOLD.includes(event.type) && isTold(event);
  }

  #do(words: Words): void {
    const first = words.take("a command");
    switch (first) {
      case "run":
        if (words.accept("until")) this.#engine.runUntil(words.takeDuration());
        else if (words.accept("for")) this.#engine.runUntil(this.#engine.now + words.takeDuration());
        else words.fail('"run until 6s" or "run for 3s"');
        break;
      case "given":
        this.#given(words);
        break;
      case "crash":
        if (words.accept("controller")) this.#here.crashController(this.#here.controller!);
        else this.#here.crash(this.#takeBroker(words));
        break;
      case "restart": {
        const broker = this.#takeBroker(words);
        words.expect("for");
        this.#here.restart(broker, words.takeDuration());
        break;
      }
      case "roll":
        words.expect("brokers", "for");
        this.#here.roll(words.takeDuration(), 0, NOBODY);
        break;
      case "cut":
      case "mend":
        this.#link(first, words);
        break;
      default:
        this.#memberDoes(first, words);
    }
    words.end();
    this.#settle();
  }

  /** `given a stable group of a and b`: they join, and have their partitions. */
  #given(words: Words): void {
    words.expect("a", "stable", "group", "of");
    const clients: ClientId[] = [];
    while (words.left) {
      words.accept("and");
      clients.push(words.take("a client"));
    }
    const broker = this.#here.leaderOf(this.#group);
    this.#silent = true;
    this.#cast!.assemble(clients, (request) => this.#send(broker, request(++this.#request)));
    this.#silent = false;
  }

  #link(what: "cut" | "mend", words: Words): void {
    const broker = this.#takeBroker(words);
    words.expect(what === "cut" ? "from" : "to");
    if (words.accept("the", "controller")) {
      if (what === "cut") this.#deaf.add(broker);
      else this.#deaf.delete(broker);
    } else {
      const ways = pair(broker, this.#takeBroker(words));
      if (what === "cut") this.#apart.add(ways);
      else this.#apart.delete(ways);
    }
    this.#here.reachChanged();
  }

  #memberDoes(client: ClientId, words: Words): void {
    const id = ++this.#request;
    const verb = words.take("what the member does");
    const asks = verb === "asks";
    words.expect(...(asks ? [] : ["at"]), "broker");
    const broker = words.takeNumber("a broker");
    if (asks) this.#send(broker, { api: "FindCoordinator", id, client, group: this.#group });
    else this.#send(broker, this.#cast!.request(client, verb, id, words));
  }

  #send(broker: BrokerId, request: FindCoordinator | CoordinatorRequest): void {
    if (!this.#here.listens(broker)) return this.#tell(request.client, `→ ${request.api}`, "connection refused");
    this.#here.handle(broker, request);
    this.#settle();
  }

  #received(client: ClientId, reply: GroupReply): void {
    this.#cast!.learn(client, reply);
    if (this.#silent) return;
    const where = reply.api === "FindCoordinator" && reply.broker !== undefined ? `, broker ${reply.broker}` : "";
    this.#tell(client, `← ${reply.error}`, detailsOf(reply) + where);
  }

  /** What is due at this very instant belongs to what was just done. */
  #settle(): void {
    this.#engine.runUntil(this.#engine.now);
  }

  #takeBroker(words: Words): BrokerId {
    words.expect("broker");
    return words.takeNumber("a broker");
  }

  get #here(): Cluster {
    return this.#cluster!;
  }

  #tell(who: string, what: string, detail: string): void {
    this.#answer.push(`${textLine(this.#engine.now, { who, what, detail })}\n`);
  }
}

const pair = (one: BrokerId, other: BrokerId): string => `${Math.min(one, other)} ${Math.max(one, other)}`;
