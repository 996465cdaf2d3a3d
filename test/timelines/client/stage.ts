import type { Duration, Instant } from "../../../sim/engine/time.ts";
import { drawDuration } from "../../../sim/engine/variates.ts";
import { Streams } from "../../../sim/engine/random.ts";
import type { Assignor, Topics } from "../../../sim/kafka/assignors/assignor.ts";
import { assignorNamed } from "../../../sim/kafka/assignors/assignors.ts";
import type { ClientConfig } from "../../../sim/kafka/config.ts";
import { CLIENT_SETTINGS, defaultClientConfig } from "../../../sim/kafka/config.ts";
import type { Api, GroupReply, GroupRequest } from "../../../sim/kafka/messages.ts";
import { isHeartbeat } from "../../../sim/kafka/messages.ts";
import type { ConfiguredAssignor } from "../../../sim/kafka/protocols/classic/member.ts";
import { ClassicMember } from "../../../sim/kafka/protocols/classic/member.ts";
import type { ClientOptions, MemberOutput, MemberTimer } from "../../../sim/kafka/protocols/client/client.ts";
import type { CommitPolicy } from "../../../sim/kafka/protocols/client/commits.ts";
import { clientTraits, isClientProfile } from "../../../sim/kafka/protocols/client/profiles.ts";
import { ConsumerMember } from "../../../sim/kafka/protocols/consumer/member.ts";
import type { GroupMember } from "../../../sim/kafka/protocols/group-member.ts";
import type { Host } from "../../../sim/kafka/protocols/host.ts";
import { union, without } from "../../../sim/kafka/protocols/partitions.ts";
import type { InstanceId, Partitions, TopicName } from "../../../sim/names.ts";
import type { Happening } from "../../../sim/trace/event.ts";
import { eventText, partitionNames, textLine } from "../../../sim/trace/text.ts";
import { Clock } from "../scripted/clock.ts";
import { Words } from "../scripted/words.ts";
import type { Stage } from "../stage.ts";
import { contentOf, detailsOfRequest, readReply, type Answer } from "./messages.ts";
import { readOffsets, readPartitions } from "./partitions.ts";

const BROKER = 1;
const GROUP = "g";

type Settings = { -readonly [K in keyof ClientConfig]: ClientConfig[K] };

/** What is answered without being asked for in the script. JoinGroup, SyncGroup and a heartbeat that joins wait for it. */
const USUAL_ANSWERS: readonly (readonly [Api, string])[] = [
  ["FindCoordinator", "NONE"],
  ["Heartbeat", "NONE"],
  ["OffsetCommit", "NONE"],
  ["OffsetFetch", "NONE"],
  ["ListOffsets", "NONE"],
  ["LeaveGroup", "NONE"],
  ["ConsumerGroupHeartbeat", "NONE"],
];

/** An assignor that only knows how to rebalance cooperatively, such as somebody might write. */
const HOME_MADE: ConfiguredAssignor = {
  name: "home-made",
  assign: assignorNamed("cooperative-sticky") as Assignor,
  protocols: ["COOPERATIVE"],
};

/**
 * One consumer, and a coordinator that answers what the script says, when it says so. The application polls back to
 * back, unless the script keeps it busy. The language is in `../README.md`.
 */
export class ClientStage implements Stage {
  readonly happened: Happening[] = [];
  readonly #clock = new Clock();
  readonly #streams = new Streams("client");
  readonly #topics = new Map<TopicName, number>([["orders", 4]]);
  readonly #settings: Settings = {
    ...defaultClientConfig("4.0"),
    "partition.assignment.strategy": ["range"],
    "enable.auto.commit": false,
  };
  readonly #answers = new Map<Api, string>(USUAL_ANSWERS);
  readonly #nextAnswers = new Map<Api, string>();
  readonly #open: GroupRequest[] = [];
  #name = "";
  #instance: InstanceId | undefined;
  #version = "4.0";
  #profile = "java";
  #subscribed: readonly TopicName[] | { readonly matching: RegExp } = ["orders"];
  #positions = new Map<string, number>();
  #rtt: Duration = 2_000;
  #append: Duration = 0;
  #member: GroupMember | undefined;
  #listens = true;
  #commits: CommitPolicy = "never";
  #polling = false;
  #busyUntil: Instant = 0;
  #answer: string[] = [];
  #delivering: GroupReply | undefined;
  #messages = 0;
  #silent = false;
  #saysHeartbeats = false;
  #failed = false;
  #ended = false;

  perform(command: string, input: string): string {
    this.#answer = [];
    for (const text of [command, ...input.split("\n").filter((text) => text !== "")]) {
      const words = new Words(text);
      this.#do(words);
      words.end();
      this.#settle();
    }
    return this.#answer.join("");
  }

  #do(words: Words): void {
    const first = words.take("a command");
    switch (first) {
      case "client":
        this.#name = words.take("a name");
        if (words.accept("as")) this.#instance = words.take("an instance id");
        return;
      case "version":
        this.#version = words.take("a release");
        return;
      case "profile":
        this.#profile = words.take("a profile");
        return;
      case "rtt":
        this.#rtt = words.takeDuration();
        return;
      case "append":
        this.#append = words.takeDuration();
        return;
      case "topic": {
        const topic = words.take("a topic");
        this.#topics.set(topic, words.takeNumber("a partition count"));
        this.#member?.metadataChanged();
        return;
      }
      case "subscribes":
        return this.#subscribe(words);
      case "listens":
        words.expect("to", "nothing");
        this.#listens = false;
        return;
      case "given":
        return this.#given(words);
      case "starts":
        return this.#start();
      case "polls":
        this.#polling = !words.accept("once");
        this.#here.poll();
        return;
      case "batch":
        return this.#batch(words.takeDuration());
      case "reads": {
        for (const [partition, offset] of readOffsets(words)) this.#positions.set(partition, offset);
        return;
      }
      case "misses":
        return this.#here.fellOutOfRange(readPartitions(words));
      case "commits":
        if (words.accept("each", "batch")) {
          this.#commits = words.accept("and", "waits") ? "sync" : "async";
          return;
        }
        if (this.#commits === "sync") this.#commitAndWait(0);
        else this.#here.commit();
        return;
      case "closes":
        return this.#here.close(this.#commits === "sync" || this.#commits === "async");
      case "answer":
        return this.#answerNow(words);
      case "always": {
        words.expect("answer");
        const api = this.#api(words);
        this.#answers.set(api, words.rest());
        return;
      }
      case "next": {
        words.expect("answer");
        const api = this.#api(words);
        this.#nextAnswers.set(api, words.rest());
        return;
      }
      case "never":
        words.expect("answer");
        this.#answers.delete(this.#api(words));
        return;
      case "disconnect":
        return this.#arrive(() => this.#here.disconnected(BROKER));
      case "at":
        return this.#runTo(words.takeDuration(), false);
      case "after":
        return this.#runTo(this.#clock.now + words.takeDuration(), false);
      case "run":
        if (words.accept("until")) return this.#runTo(words.takeDuration(), true);
        words.expect("for");
        return this.#runTo(this.#clock.now + words.takeDuration(), true);
      case "say":
        words.expect("heartbeats");
        this.#saysHeartbeats = true;
        return;
      case "show":
        return this.#show();
      default:
        if (!(first in CLIENT_SETTINGS)) words.fail(`"${first}" is no command, and no setting of consumers`);
        this.#set(first as keyof ClientConfig, words);
    }
  }

  #set(key: keyof ClientConfig, words: Words): void {
    if (this.#member) words.fail("a consumer is configured before it does anything");
    const { type } = CLIENT_SETTINGS[key];
    const value =
      type === "list"
        ? words.takeUntil([], "a name")
        : type === "boolean"
          ? words.take("true or false") === "true"
          : type === "integer"
            ? words.takeNumber(key)
            : words.take("a word");
    Object.assign(this.#settings, { [key]: value });
  }

  #subscribe(words: Words): void {
    words.expect("to");
    this.#subscribed = words.accept("all", "like")
      ? { matching: new RegExp(`^${words.take("a pattern")}$`) }
      : words.takeUntil([], "a topic");
    this.#member?.subscribe(this.#subscribed);
  }

  /**
   * `given a member a-1 in generation 7 with orders-0 orders-1`, and `as leader`; with the consumer protocol
   * `given a member a-1 in epoch 7 with orders-0`: as if it had been so for long.
   */
  #given(words: Words): void {
    words.expect("a", "member");
    const id = words.take("a member id");
    words.expect("in", this.#speaksConsumer ? "epoch" : "generation");
    const generation = words.takeNumber("a generation");
    const leader = words.accept("as", "leader") ? id : "x-1";
    const partitions = words.accept("with") ? words.rest() : "";
    const rtt = this.#rtt;
    this.#silent = true;
    this.#rtt = 0;
    this.#nextAnswers.set("JoinGroup", `NONE generation ${generation} id ${id} leader ${leader}`);
    this.#nextAnswers.set("SyncGroup", `NONE ${partitions}`);
    this.#nextAnswers.set(
      "ConsumerGroupHeartbeat",
      `NONE id ${id} epoch ${generation} with ${partitions || "nothing"}`,
    );
    this.#polling = true;
    this.#here.poll();
    this.#settle();
    this.#nextAnswers.clear();
    this.#rtt = rtt;
    this.#silent = false;
    this.#show();
  }

  /** The application's thread is inside a batch, and polls again at its end; or, if it waits for its commits, then. */
  #batch(lasts: Duration): void {
    this.#busyUntil = this.#clock.now + lasts;
    this.#here.startBatch(lasts);
    this.#clock.set("batch ends", lasts, () => {
      if (this.#commits === "sync") this.#commitAndWait(lasts);
      if (this.#commits === "async") this.#here.commitBatch();
      this.#here.poll(); // unless it waits
    });
  }

  /** It polled so long ago. */
  #commitAndWait(ago: Duration): void {
    this.#here.commitBatch();
    if (this.#here.heldUp) this.#here.startBatch(Infinity, ago);
  }

  // ---------------------------------------------------------------- the coordinator

  #api(words: Words): Api {
    const api = words.take("a request's name");
    const known: readonly string[] = [...USUAL_ANSWERS.map(([name]) => name), "JoinGroup", "SyncGroup"];
    return known.includes(api) ? (api as Api) : words.fail(`"${api}" is no request`);
  }

  #answerNow(words: Words): void {
    const api = this.#api(words);
    const request = this.#open.find((open) => open.api === api);
    if (!request) return words.fail(`no ${api} waits for an answer`);
    this.#reply(request, words.rest());
  }

  #reply(request: GroupRequest, answer: string): void {
    this.#open.splice(this.#open.indexOf(request), 1);
    const reply = readReply(request, new Words(answer), this.#answerContext());
    this.#arrive(() => {
      this.#delivering = answer === "NONE" ? undefined : reply; // what the script does not say is not told
      this.#here.receive(reply);
      this.#delivering = undefined;
    });
  }

  #answerContext(): Answer {
    return {
      broker: BROKER,
      assignor: this.#settings["partition.assignment.strategy"][0],
      topics: "matching" in this.#subscribed ? [...this.#topics.keys()] : this.#subscribed,
    };
  }

  #request(request: GroupRequest): void {
    if (saysMore(request) || this.#saysHeartbeats) {
      this.#tell(`→ ${request.api}`, detailsOfRequest(request));
    }
    this.#later(this.#rtt / 2, () => {
      this.#open.push(request);
      const answer = this.#answerTo(request);
      if (answer === undefined) return;
      if (request.api === "OffsetCommit") this.#later(this.#append, () => this.#reply(request, answer));
      else this.#reply(request, answer);
    });
  }

  #answerTo(request: GroupRequest): string | undefined {
    const { api } = request;
    const next = this.#nextAnswers.get(api);
    this.#nextAnswers.delete(api);
    const usual = this.#answers.get(api);
    return next ?? (api === "ConsumerGroupHeartbeat" && request.epoch === 0 && usual === "NONE" ? undefined : usual);
  }

  #arrive(act: () => void): void {
    this.#later(this.#rtt / 2, () => {
      if (!this.#here.closed) act();
    });
  }

  #later(delay: Duration, act: () => void): void {
    this.#clock.set(`message ${++this.#messages}`, delay, act);
  }

  // ---------------------------------------------------------------- the consumer

  get #here(): GroupMember {
    return (this.#member ??= this.#begin());
  }

  get #speaksConsumer(): boolean {
    return this.#settings["group.protocol"] === "consumer";
  }

  /** The application makes its consumer, and does not poll yet. */
  #start(): void {
    try {
      this.#tell("is a consumer", protocolOf(this.#here));
    } catch (error) {
      this.#tell("is refused", (error as Error).message);
    }
  }

  #begin(): GroupMember {
    return this.#speaksConsumer
      ? new ConsumerMember({ ...this.#options(), listens: this.#listens }, this.#host())
      : new ClassicMember({ ...this.#options(), assignors: this.#assignors(), assignmentCost: () => 0 }, this.#host());
  }

  #assignors(): ConfiguredAssignor[] {
    const names = this.#settings["partition.assignment.strategy"];
    return names.map((name) =>
      name === HOME_MADE.name ? HOME_MADE : { name, assign: assignorNamed(name) as Assignor },
    );
  }

  #options(): ClientOptions {
    const profile = this.#profile;
    if (!isClientProfile(profile)) throw new Error(`"${profile}" is no client profile`);
    return {
      client: this.#name,
      group: GROUP,
      subscribed: this.#subscribed,
      config: this.#settings,
      traits: clientTraits(profile, this.#version),
      metadata: (): Topics => new Map([...this.#topics].map(([topic, partitions]) => [topic, { partitions }])),
      available: () => true,
      positions: (partitions) =>
        Object.fromEntries(
          Object.entries(partitions).map(([topic, numbers]) => [
            topic,
            Object.fromEntries(numbers.map((number) => [number, this.#positions.get(`${topic}-${number}`) ?? 0])),
          ]),
        ),
      start: () => ({}),
      commits: this.#settings["enable.auto.commit"] ? "auto" : this.#commits,
      answersAsUsual: () => false, // what takes a round trip is told here
      commitsTakeTime: () => false,
      takesAtOnce: () => false,
      took: () => {},
      ...(this.#instance ? { instance: this.#instance } : {}),
    };
  }

  #host(): Host<MemberOutput, MemberTimer> {
    return {
      now: () => this.#clock.now,
      send: (output) => {
        if ("request" in output) this.#request(output.request);
      },
      after: (delay, timer, subject) =>
        this.#clock.set(timerName(timer, subject), delay, () => this.#here.fire(timer, subject)),
      cancel: (timer, subject) => this.#clock.cancel(timerName(timer, subject)),
      draw: (purpose, law) => drawDuration(law, this.#streams.stream(purpose)),
      record: (happening) => this.#record(happening),
    };
  }

  #record(happening: Happening): string {
    this.happened.push(happening);
    if (happening.type !== "request.sent") {
      const { what, detail } = eventText(happening, { verbose: happening.type === "client.state" });
      const content = happening.type === "request.answered" && this.#delivering ? contentOf(this.#delivering) : [];
      this.#tell(what, [detail, ...content].filter(Boolean).join(", "));
    }
    return `client/${this.#name}#${this.happened.length}`;
  }

  /** What is due at this very instant, messages only, and the polls that follow from it. */
  #settle(): void {
    for (;;) {
      this.#pollIfFree();
      const [first] = this.#clock.pending;
      if (!first || first.due > this.#clock.now || !first.name.startsWith("message ")) return;
      this.#clock.cancel(first.name);
      first.act();
    }
  }

  #runTo(end: Instant, including: boolean): void {
    for (;;) {
      this.#settle();
      const [first] = this.#clock.pending;
      if (!first || first.due > end || (first.due === end && !including)) break;
      this.#clock.runNext();
      this.#pollIfFree();
    }
    this.#clock.runTo(end, false);
  }

  #pollIfFree(): void {
    const member = this.#member;
    if (!member) return;
    while (this.#polling && this.#clock.now >= this.#busyUntil && member.wantsPoll) member.poll();
    if (member.closed && !this.#ended) {
      this.#ended = true;
      this.#tell("is closed", "");
    }
    if (member.failure && !this.#failed) {
      this.#failed = true;
      this.#tell("poll() throws", member.failure);
    }
  }

  #show(): void {
    const { state, generation, memberId, owned, reading } = this.#here;
    const details = [
      `${this.#speaksConsumer ? "epoch" : "generation"} ${generation}`,
      memberId ? `id ${memberId}` : "no id",
      protocolOf(this.#here),
    ];
    this.#tell(state, details.join(", "));
    const paused = without(owned, reading);
    this.#tell(`owns ${partitionNames(owned)}`, describe(reading, paused));
  }

  #tell(what: string, detail: string): void {
    if (this.#silent) return;
    this.#answer.push(`${textLine(this.#clock.now, { who: this.#name, what, detail })}\n`);
  }
}

/** How it rebalances. */
const protocolOf = (member: GroupMember): string => (member instanceof ClassicMember ? member.protocol : "CONSUMER");

/** Whether a request says more than that its sender lives. */
function saysMore(request: GroupRequest): boolean {
  if (request.api === "ConsumerGroupHeartbeat") return request.epoch <= 0 || "topics" in request || "owned" in request;
  return !isHeartbeat(request.api);
}

const timerName = (timer: MemberTimer, subject: string): string => (subject === "" ? timer : `${timer} ${subject}`);

function describe(reading: Partitions, paused: Partitions): string {
  if (partitionNames(union(reading, paused)) === "nothing") return "";
  return partitionNames(paused) === "nothing" ? "reads all of it" : `reads ${partitionNames(reading)}`;
}
