import type { Duration } from "../../../sim/engine/time.ts";
import { defaultsOf } from "../../../sim/kafka/config.ts";
import { BROKERS, childOf, idsOf, topicAt } from "../../../sim/kafka/protocols/zookeeper/paths.ts";
import { ZooKeeperConsumer } from "../../../sim/kafka/protocols/zookeeper/consumer.ts";
import type { ZooKeeperConsumerOutput } from "../../../sim/kafka/protocols/zookeeper/consumer.ts";
import { ZooKeeper, type ZooKeeperOutput } from "../../../sim/kafka/protocols/zookeeper/zookeeper.ts";
import { ZOOKEEPER_CONSUMER_SETTINGS } from "../../../sim/kafka/zookeeper-consumer-config.ts";
import type { ClientId, Partitions, TopicName } from "../../../sim/names.ts";
import type { Happening } from "../../../sim/trace/event.ts";
import { eventText, partitionNames, textLine } from "../../../sim/trace/text.ts";
import { readOffsets } from "../client/partitions.ts";
import { Clock } from "../scripted/clock.ts";
import { Words } from "../scripted/words.ts";
import type { Stage } from "../stage.ts";

const GROUP = "g";

type Settings = { -readonly [K in keyof typeof ZOOKEEPER_CONSUMER_SETTINGS]: unknown };

/** A consumer's process. */
interface Process {
  readonly consumer: ZooKeeperConsumer;
  readonly positions: Map<string, number>;
  /** What reached it while it was stopped: messages, then timers. */
  stopped: { readonly messages: (() => void)[]; readonly timers: (() => void)[] } | undefined;
  alive: boolean;
  /** It has thrown. */
  failed: boolean;
  /** How long ZooKeeper takes for each offset that it commits. */
  writesTake: Duration;
}

/**
 * Consumers of the ZooKeeper era, with a will of their own, and ZooKeeper as it is. Nothing else is there: the application
 * reads what the script says. The language is in `../README.md`.
 */
export class ZooKeeperStage implements Stage {
  readonly happened: Happening[] = [];
  readonly #clock = new Clock();
  readonly #zookeeper: ZooKeeper;
  readonly #settings = { ...defaultsOf(ZOOKEEPER_CONSUMER_SETTINGS, "0.8") } as Settings;
  readonly #processes = new Map<ClientId, Process>();
  readonly #topics = new Map<TopicName, readonly TopicName[]>();
  #rtt: Duration = 2_000;
  #lingering: Duration = 0;
  #messages = 0;
  #answer: string[] = [];
  #says = true;

  constructor() {
    this.#zookeeper = new ZooKeeper(
      { tick: (deadline) => deadline, lingering: () => this.#lingering },
      {
        now: () => this.#clock.now,
        send: (output) => this.#toClient(output),
        after: (delay, timer, subject) =>
          this.#clock.set(`zookeeper ${timer} ${subject}`, delay, () => this.#zookeeper.fire(timer, subject)),
        cancel: (timer, subject) => this.#clock.cancel(`zookeeper ${timer} ${subject}`),
        draw: () => 0,
        record: (happening) => this.#record(happening),
      },
    );
    this.#zookeeper.put(childOf(BROKERS, "1"), "");
    this.#zookeeper.put(topicAt("orders"), "4");
  }

  perform(command: string, input: string): string {
    this.#answer = [];
    for (const text of [command, ...input.split("\n").filter((text) => text !== "")]) {
      const words = new Words(text);
      this.#do(words);
      words.end();
    }
    return this.#answer.join("");
  }

  #do(words: Words): void {
    const first = words.take("a command");
    switch (first) {
      case "zookeeper":
        return;
      case "rtt":
        this.#rtt = words.takeDuration();
        return;
      case "topic":
        return this.#zookeeper.put(topicAt(words.take("a topic")), `${words.takeNumber("a partition count")}`);
      case "nodes":
        words.expect("outlive", "a", "session", "by");
        this.#lingering = words.takeDuration();
        return;
      case "at":
        return this.#clock.runTo(words.takeDuration(), false);
      case "after":
        return this.#clock.runTo(this.#clock.now + words.takeDuration(), false);
      case "run":
        if (words.accept("until")) return this.#clock.runTo(words.takeDuration(), true);
        words.expect("for");
        return this.#clock.runTo(this.#clock.now + words.takeDuration(), true);
      case "skip":
        words.expect("to");
        this.#says = false;
        this.#clock.runTo(words.takeDuration(), true);
        this.#says = true;
        return;
      case "show":
        return this.#show();
    }
    if (first in ZOOKEEPER_CONSUMER_SETTINGS) return this.#set(first as keyof Settings, words);
    this.#process(first, words);
  }

  /** Of consumers that start from now on. */
  #set(key: keyof Settings, words: Words): void {
    const { type } = ZOOKEEPER_CONSUMER_SETTINGS[key];
    if (type === "integer") this.#settings[key] = words.takeNumber(key);
    else if (type === "boolean") this.#settings[key] = words.take("true or false") === "true";
    else this.#settings[key] = words.take("a word");
  }

  #process(client: ClientId, words: Words): void {
    switch (words.take("what it does")) {
      case "subscribes":
        words.expect("to");
        this.#topics.set(client, words.takeUntil([], "a topic"));
        return;
      case "starts":
        return this.#start(client);
      case "reads":
        for (const [partition, offset] of readOffsets(words)) this.#of(client, words).positions.set(partition, offset);
        return;
      case "commits":
        return this.#of(client, words).consumer.commit();
      case "closes":
        return this.#of(client, words).consumer.close();
      case "crashes":
        this.#of(client, words).alive = false;
        return this.#zookeeper.silent(client);
      case "is":
        words.expect("stopped", "for");
        return this.#stop(client, this.#of(client, words), words.takeDuration());
      case "writes":
        words.expect("take");
        this.#of(client, words).writesTake = words.takeDuration();
        return;
      default:
        return words.fail(`${client} does no such thing`);
    }
  }

  #of(client: ClientId, words: Words): Process {
    return this.#processes.get(client) ?? words.fail(`${client} has not been started`);
  }

  #start(client: ClientId): void {
    const positions = new Map<string, number>();
    const consumer: ZooKeeperConsumer = new ZooKeeperConsumer(
      {
        client,
        group: GROUP,
        topics: this.#topics.get(client) ?? ["orders"],
        config: { ...this.#settings } as ConstructorParameters<typeof ZooKeeperConsumer>[0]["config"],
        positions: (partitions) => offsetsOf(partitions, positions),
        start: (offsets) => {
          for (const [topic, found] of Object.entries(offsets)) {
            for (const [partition, offset] of Object.entries(found)) positions.set(`${topic}-${partition}`, offset);
          }
          return {};
        },
      },
      {
        now: () => this.#clock.now,
        send: (output) => this.#fromClient(client, output),
        after: (delay, timer) =>
          this.#clock.set(`${client} ${timer}`, delay, () => this.#reach(client, "timers", () => consumer.fire(timer))),
        cancel: (timer) => this.#clock.cancel(`${client} ${timer}`),
        draw: () => 0, // it connects again at once
        record: (happening) => this.#record(happening),
      },
    );
    const process = { consumer, positions, stopped: undefined, alive: true, failed: false, writesTake: 0 };
    this.#processes.set(client, process);
    consumer.start();
  }

  /** SIGSTOP: nothing is sent, not even pings, and what comes waits. */
  #stop(client: ClientId, process: Process, lasts: Duration): void {
    this.#tell(client, "is stopped", "");
    const stopped = { messages: [], timers: [] };
    process.stopped = stopped;
    this.#zookeeper.silent(client);
    this.#clock.set(`${client} goes on`, lasts, () => {
      process.stopped = undefined;
      this.#tell(client, "goes on", "");
      this.#zookeeper.heard(client);
      for (const act of [...stopped.messages, ...stopped.timers] as (() => void)[]) act();
    });
  }

  // ---------------------------------------------------------------- what is under way

  #fromClient(client: ClientId, output: ZooKeeperConsumerOutput): void {
    if ("close" in output) return;
    if (output.to === "leaders") {
      const { id, partitions } = output.request;
      const reply = { api: "ListOffsets", id, error: "NONE", offsets: offsetsOf(partitions, new Map()) } as const;
      this.#later(this.#rtt, () => this.#reach(client, "messages", (consumer) => consumer.listAnswered(reply)));
      return;
    }
    this.#later(this.#rtt / 2, () => {
      const takes = output.request.op === "write" ? this.#processes.get(client)!.writesTake : 0;
      this.#later(takes, () => this.#zookeeper.receive(output.request));
    });
  }

  #toClient({ to, message }: ZooKeeperOutput): void {
    this.#later(this.#rtt / 2, () => this.#reach(to, "messages", (consumer) => consumer.receive(message)));
  }

  /** Something comes to a process: at once, or when it goes on. */
  #reach(client: ClientId, what: "messages" | "timers", act: (consumer: ZooKeeperConsumer) => void): void {
    const process = this.#processes.get(client);
    if (!process?.alive) return;
    const deed = (): void => {
      act(process.consumer);
      const { failure } = process.consumer;
      if (!failure || process.failed) return;
      process.failed = true;
      this.#tell(client, "createMessageStreams() throws", failure);
      process.consumer.close();
    };
    if (process.stopped) process.stopped[what].push(deed);
    else deed();
  }

  #later(delay: Duration, act: () => void): void {
    this.#clock.set(`message ${++this.#messages}`, delay, act);
  }

  // ---------------------------------------------------------------- answers

  #record(happening: Happening): string {
    this.happened.push(happening);
    const { who, what, detail } = eventText(happening);
    this.#tell(who, what, detail);
    return `${who}#${this.happened.length}`;
  }

  #tell(who: string, what: string, detail: string): void {
    if (this.#says) this.#answer.push(`${textLine(this.#clock.now, { who, what, detail })}\n`);
  }

  /** What is in ZooKeeper: who is registered, who owns which partition, what is committed. */
  #show(): void {
    const ids = this.#zookeeper.children(idsOf(GROUP));
    this.#tell("zk", `ids ${ids.join(" ") || "none"}`, "");
    for (const what of ["owners", "offsets"]) {
      const root = `/consumers/${GROUP}/${what}`;
      const nodes = this.#zookeeper
        .children(root)
        .flatMap((topic) =>
          this.#zookeeper
            .children(`${root}/${topic}`)
            .map((partition) => `${topic}-${partition}=${this.#zookeeper.data(`${root}/${topic}/${partition}`)}`),
        );
      this.#tell("zk", `${what} ${nodes.join(" ") || "none"}`, "");
    }
    for (const [client, { consumer, alive }] of this.#processes) {
      if (!alive || consumer.closed) continue;
      this.#tell(
        client,
        consumer.state,
        `owns ${partitionNames(consumer.owned)}, reads ${partitionNames(consumer.reading)}`,
      );
    }
  }
}

const offsetsOf = (
  partitions: Partitions,
  positions: ReadonlyMap<string, number>,
): Record<string, Record<number, number>> =>
  Object.fromEntries(
    Object.entries(partitions).map(([topic, numbers]) => [
      topic,
      Object.fromEntries(numbers.map((number) => [number, positions.get(`${topic}-${number}`) ?? 0])),
    ]),
  );
