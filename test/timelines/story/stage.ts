import { parse, stringify } from "yaml";
import type { Instant } from "../../../sim/engine/time.ts";
import { formatInstant, parseDuration } from "../../../sim/engine/time.ts";
import { parseScenario } from "../../../sim/scenario/parse.ts";
import type { LinkEvent, LinkSide } from "../../../sim/scenario/scenario.ts";
import type { Consumer, RunningGroup } from "../../../sim/simulation/consumers/consumer.ts";
import { Script } from "../../../sim/simulation/script.ts";
import { World } from "../../../sim/simulation/world.ts";
import type { Happening, TraceEvent } from "../../../sim/trace/event.ts";
import { eventLine, isMain, partitionNames } from "../../../sim/trace/text.ts";
import type { Stage } from "../stage.ts";

type Fields = Record<string, unknown>;

/** A command of the language: what it looks like, and what it does. The answer is what happened meanwhile. */
interface Command {
  readonly form: RegExp;
  readonly example: string;
  perform(words: Readonly<Record<string, string>>): string | void;
}

/** Unless a story says otherwise, what a coordinator writes is safe in no time. */
const AT_ONCE = { appendDelay: "0ms", config: { "group.coordinator.append.linger.ms": 0 } };

/** Which assignor a classic group's members have; with the consumer protocol the brokers'. */
const CLASSIC = { "partition.assignment.strategy": ["range"] };
const isOfConsumers = (config: Fields): boolean => config["group.protocol"] === "consumer";

/** How much a story tells. */
const TOLD = {
  everything: (event: TraceEvent) => event.type !== "lag",
  "the main things": (event: TraceEvent) => isMain(event),
  "the polls": (event: TraceEvent) => isMain(event) || event.type === "records.polled",
} as const;
type Telling = keyof typeof TOLD;

const GROUP = "group";
const NAMES = /[\w-]+/g;

/**
 * Whole-group stories: the real simulation, with members called by the names the story gives them. The language is in
 * `../README.md`.
 */
export class StoryStage implements Stage {
  readonly happened: Happening[] = [];
  #world: World | undefined;
  #telling: Telling = "the main things";
  #unsaid: TraceEvent[] = [];

  readonly #commands: readonly Command[] = [
    {
      form: /^run until (?<instant>\S+)$/,
      example: "run until 31s",
      perform: ({ instant }) => this.#runUntil(duration(instant)),
    },
    {
      form: /^run for (?<length>\S+)$/,
      example: "run for 500ms",
      perform: ({ length }) => this.#runUntil(this.#here.engine.now + duration(length)),
    },
    {
      form: /^skip to (?<instant>\S+)$/,
      example: "skip to 20s",
      perform: ({ instant }) => {
        this.#runUntil(duration(instant));
        this.#unsaid = [];
      },
    },
    {
      form: /^join (?<names>[\w-]+(?:(?:, | and )[\w-]+)*)$/,
      example: "join c and d",
      perform: ({ names }) => {
        for (const [name] of withoutAnd(names).matchAll(NAMES)) this.#start(name);
      },
    },
    {
      form: /^join (?<name>[\w-]+) as (?<instance>[\w-]+)$/,
      example: "join b2 as i2",
      perform: ({ name, instance }) => this.#start(name, instance),
    },
    {
      form: /^leave (?<name>[\w-]+)$/,
      example: "leave b",
      perform: ({ name }) => this.#here.consumers.close(this.#consumer(name)),
    },
    {
      form: /^crash broker (?<id>\d+)(?<silent> silently)?$/,
      example: "crash broker 1 silently",
      perform: ({ id, silent }) => void this.#here.crashBroker(Number(id), silent !== undefined),
    },
    {
      form: /^cut (?<from>(?:zone |broker )?[\w-]+)(?: from (?<to>(?:zone |broker )?[\w-]+))?(?<oneWay>,? one way)?(?: for (?<length>\S+))?$/,
      example: "cut a from broker 1 one way for 30s",
      perform: ({ from, to, oneWay, length }) =>
        this.#here.troubles.begin({ what: "cut", ...link(from, to, oneWay, length) }),
    },
    {
      form: /^slow (?<from>(?:zone |broker )?[\w-]+)(?: to (?<to>(?:zone |broker )?[\w-]+))?(?<oneWay>,? one way)? by (?<delay>\S+)(?: for (?<length>\S+))?$/,
      example: "slow a to broker 1 by 2s for 30s",
      perform: ({ from, to, oneWay, delay, length }) =>
        this.#here.troubles.begin({
          what: "slow",
          ...link(from, to, oneWay, length),
          delay: { constant: duration(delay) },
        }),
    },
    {
      form: /^restart broker (?<id>\d+) for (?<length>\S+)$/,
      example: "restart broker 1 for 30s",
      perform: ({ id, length }) => void this.#here.cluster.restart(Number(id), duration(length)),
    },
    {
      form: /^crash (?<name>[\w-]+)$/,
      example: "crash a",
      perform: ({ name }) => this.#here.consumers.crash(this.#consumer(name)),
    },
    {
      form: /^pause (?<name>[\w-]+) for (?<length>\S+)$/,
      example: "pause a for 40s",
      perform: ({ name, length }) => this.#here.consumers.pause(this.#consumer(name), duration(length)),
    },
    {
      form: /^freeze (?<name>[\w-]+) for (?<length>\S+)$/,
      example: "freeze a for 60s",
      perform: ({ name, length }) => this.#here.consumers.freeze(this.#consumer(name), duration(length)),
    },
    {
      form: /^produce (?<topic>\S+) at (?<rate>\d+)\/s$/,
      example: "produce orders at 500/s",
      perform: ({ topic, rate }) => this.#here.production.setRate(topic, Number(rate)),
    },
    { form: /^end$/, example: "end", perform: () => this.#end() },
    { form: /^show$/, example: "show", perform: () => this.#show() },
    { form: /^show offsets$/, example: "show offsets", perform: () => this.#showOffsets() },
    {
      form: /^say (?<how>everything|the main things|the polls)$/,
      example: "say everything",
      perform: ({ how }) => {
        this.#telling = how as Telling;
      },
    },
  ];

  perform(command: string, input: string): string {
    if (!this.#world) {
      this.#open(command, input);
      return this.#told();
    }
    const lines = [command, ...input.split("\n").filter((line) => line !== "")];
    return lines.map((line) => this.#do(line)).join("");
  }

  #do(command: string): string {
    for (const { form, perform } of this.#commands) {
      const match = form.exec(command);
      if (!match) continue;
      this.#here.recorder.cause = null;
      const answer = perform(match.groups ?? {}) ?? "";
      return this.#told() + answer;
    }
    const examples = this.#commands.map(({ example }) => `  ${example}`).join("\n");
    throw new Error(`a story does not know "${command}"; it knows\n${examples}`);
  }

  /** `group of a and b`, and below it, as YAML, what differs from the defaults. */
  #open(command: string, input: string): void {
    const match = /^group(?: of (?<names>.+))?$/.exec(command);
    if (!match) throw new Error(`a story begins with "group of a and b", not with "${command}"`);
    const fields = (parse(input) ?? {}) as Fields;
    const { topics = { orders: 4 }, cluster = {}, config = {}, members = {}, ...others } = fields;
    const { clientProfile = "java", committed = "start", ...rest } = others;
    const scenario = {
      name: "story",
      duration: "30d",
      cluster: { brokers: 1, network: { delay: "1ms" }, ...AT_ONCE, ...(cluster as Fields) },
      topics,
      groups: {
        [GROUP]: {
          topics: Object.keys(topics as Fields),
          clientProfile,
          assignmentCost: "none",
          config: isOfConsumers(config as Fields) ? config : { ...CLASSIC, ...(config as Fields) },
          members: { initial: 0, ...(members as Fields) },
          committed,
        },
      },
      ...rest,
    };
    const parsed = parseScenario(stringify(scenario), { file: "the story's settings" });
    this.#world = new World(parsed.scenario, "story", "elided", (event) => {
      if ("id" in event) this.happened.push(event);
      this.#unsaid.push(event);
    });
    new Script(this.#world, new Map()).start();
    this.#here.start();
    this.#unsaid = [];
    for (const [name] of withoutAnd(match.groups?.names ?? "").matchAll(NAMES)) this.#start(name);
  }

  get #here(): World {
    return this.#world!;
  }

  get #group(): RunningGroup {
    return this.#here.groups.get(GROUP)!;
  }

  #start(name: string, instance?: string): void {
    const { consumers, recorder } = this.#here;
    recorder.cause = null;
    consumers.ready(consumers.start(this.#group, name, `member/${name}`, instance));
  }

  #consumer(name: string): Consumer {
    const consumer = this.#here.consumers.named(name);
    if (!consumer) throw new Error(`nobody in this story is called ${name}`);
    return consumer;
  }

  #runUntil(instant: Instant): void {
    this.#here.engine.runUntil(instant);
  }

  /** What happened since it was last told. */
  #told(told = TOLD[this.#telling]): string {
    const verbose = this.#telling === "everything";
    const events = this.#unsaid.filter(told);
    this.#unsaid = [];
    return events.map((event) => `${eventLine(event, { verbose })}\n`).join("");
  }

  /** The run is over: what brokers have done and what became of all records is written then. */
  #end(): string {
    this.#here.end();
    return this.#told(TOLD.everything);
  }

  /** The group as its coordinator sees it, and each living member as it sees itself. */
  #show(): string {
    const { cluster, engine, consumers } = this.#here;
    const when = formatInstant(engine.now).padStart(8);
    const coordinator = cluster.coordinatorOf(GROUP);
    const names = coordinator?.members.map(({ client }) => client).join(" ") ?? "";
    const lines = coordinator
      ? [`group  ${coordinator.state}, generation ${coordinator.generation}, members ${names || "none"}`]
      : ["group  has no coordinator"];
    for (const { name, state, member } of consumers.all) {
      if (state !== "Running" && state !== "Closing") continue;
      lines.push(
        `${name.padEnd(5)}  ${member.state}, generation ${member.generation}, owns ${partitionNames(member.owned)}`,
      );
    }
    return lines.map((line) => `${when}  ${line}\n`).join("");
  }

  /** Of each partition: what is committed, how far its records are processed, and where its log ends. */
  #showOffsets(): string {
    const when = formatInstant(this.#here.engine.now).padStart(8);
    const { consumption, subscription } = this.#group;
    const { production } = this.#here;
    const partitions = Object.fromEntries(
      subscription.map((topic) => [topic, Array.from({ length: production.partitionsOf(topic) }, (_, i) => i)]),
    );
    const committed = this.#here.committed(GROUP);
    const processed = consumption.positions(partitions);
    const ends = consumption.list(partitions, "latest");
    return Object.entries(partitions)
      .flatMap(([topic, numbers]) =>
        numbers.map((number) => {
          const offset = committed?.[topic]?.[number];
          const offsets = [
            `committed ${offset === undefined ? "nothing" : rounded(offset)}`,
            `processed up to ${rounded(processed[topic][number])}`,
            `log end ${rounded(ends[topic][number])}`,
          ];
          return `${when}  ${`${topic}-${number}`.padEnd(5)}  ${offsets.join(", ")}\n`;
        }),
      )
      .join("");
  }
}

type LinkParts = Pick<LinkEvent, "from" | "to" | "oneWay" | "lasts">;

function link(from: string, to: string | undefined, oneWay: string | undefined, length: string | undefined): LinkParts {
  return {
    from: side(from),
    ...(to !== undefined && { to: side(to) }),
    oneWay: oneWay !== undefined,
    ...(length !== undefined && { lasts: duration(length) }),
  };
}

/** `zone x`, `broker 1`, `controller`, `group` for all members, or one of them by name. */
function side(text: string): LinkSide {
  const [kind, name] = text.split(" ");
  if (kind === "zone") return { zone: name };
  if (kind === "broker") return { broker: Number(name) };
  if (kind === "controller") return { controller: true };
  return kind === GROUP ? { group: GROUP } : { client: kind };
}

function duration(text: string): number {
  const parsed = parseDuration(text);
  if (parsed === undefined) throw new Error(`"${text}" is no duration: write 31s, 500ms, 2m`);
  return parsed;
}

/** Offsets of the fluid to the sixth decimal, as a trace has them. */
const rounded = (offset: number): number => Math.round(offset * 1e6) / 1e6;

const withoutAnd = (names: string): string => names.replaceAll(" and ", " ");
