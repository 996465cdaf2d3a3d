import type { Duration } from "../../../sim/engine/time.ts";
import { formatInstant } from "../../../sim/engine/time.ts";
import type { ClientId, GroupId, MemberId, Partitions, TopicName } from "../../../sim/names.ts";
import { defaultBrokerConfig } from "../../../sim/kafka/config.ts";
import type { BrokerConfig } from "../../../sim/kafka/config.ts";
import type { CoordinatorRequest, GroupReply, LeaveGroup, Offsets } from "../../../sim/kafka/messages.ts";
import type { ClassicOptions } from "../../../sim/kafka/protocols/classic/coordinator.ts";
import { ClassicGroupCoordinator, offsetExpiryOf } from "../../../sim/kafka/protocols/classic/coordinator.ts";
import type { AppendError } from "../../../sim/kafka/protocols/coordination/append-error.ts";
import { MemberIds } from "../../../sim/kafka/protocols/coordination/member-ids.ts";
import type { CoordinatorHost, GroupTimer } from "../../../sim/kafka/protocols/group-coordinator.ts";
import type { GroupImage, GroupRecord } from "../../../sim/kafka/protocols/group-log.ts";
import { emptyImage, replay } from "../../../sim/kafka/protocols/group-log.ts";
import type { Happening } from "../../../sim/trace/event.ts";
import { eventText, partitionNames, textLine } from "../../../sim/trace/text.ts";
import type { Stage } from "../stage.ts";
import { Clock } from "./clock.ts";
import { detailsOf, isTold } from "./lines.ts";
import type { MemberSettings } from "./member.ts";
import { MEMBER_SETTINGS, readMemberSetting, ScriptedMember } from "./member.ts";
import { Words } from "./words.ts";

const GROUP: GroupId = "g";
const TOPICS: readonly TopicName[] = ["orders"];

/** What the brokers have besides their defaults: sessions may be as short as the stories need. */
const BROKER_SETTINGS = { "group.min.session.timeout.ms": 1, "group.initial.rebalance.delay.ms": 3_000 };

/**
 * One coordinator, one group, and members that do what the script says. Requests and replies take no time; a record
 * takes as long to be committed as the script wants.
 */
export class ScriptedStage implements Stage {
  readonly happened: Happening[] = [];
  readonly #clock = new Clock();
  readonly #members = new Map<ClientId, ScriptedMember>();
  readonly #memberSettings: MemberSettings = { ...MEMBER_SETTINGS };
  readonly #config: { -readonly [K in keyof BrokerConfig]: BrokerConfig[K] } = {
    ...defaultBrokerConfig("4.0"),
    ...BROKER_SETTINGS,
  };
  #options: ClassicOptions = { flavour: "java", config: this.#config, ids: new MemberIds() };
  #coordinator: ClassicGroupCoordinator | undefined;
  #image: GroupImage = emptyImage();
  #appendTime: Duration = 0;
  #refusal: AppendError | undefined;
  #request = 0;
  readonly #open = new Set<number>();
  #answer: string[] = [];
  #silent = false;

  perform(command: string, input: string): string {
    this.#answer = [];
    for (const text of [command, ...input.split("\n").filter((text) => text !== "")]) {
      this.#do(new Words(text), text);
    }
    return this.#answer.join("");
  }

  #do(words: Words, text: string): void {
    const first = words.take("a command");
    switch (first) {
      case "coordinator":
        this.#begin(words);
        break;
      case "given":
        this.#given(words);
        break;
      case "at":
        this.#clock.runTo(words.takeDuration(), false);
        break;
      case "after":
        this.#clock.runTo(this.#clock.now + words.takeDuration(), false);
        break;
      case "run":
        if (words.accept("until")) this.#clock.runTo(words.takeDuration(), true);
        else if (words.accept("for")) this.#clock.runTo(this.#clock.now + words.takeDuration(), true);
        else words.fail('"run until 6s" or "run for 3s"');
        break;
      case "show":
        this.#show(words);
        break;
      case "append":
        this.#appendTime = words.takeDuration();
        break;
      case "log":
        if (words.accept("accepts")) this.#refusal = undefined;
        else {
          words.expect("refuses", "with");
          this.#refusal = words.take("an error") as AppendError;
        }
        break;
      case "unload":
        this.#running.unload();
        break;
      case "crash":
        this.#clock.cancelAll();
        this.#coordinator = undefined;
        break;
      case "load":
        this.#clock.cancelAll();
        this.#coordinator = ClassicGroupCoordinator.load(GROUP, this.#options, this.#host(), this.#image);
        this.#settleLog();
        break;
      case "expire":
        words.expect("offsets");
        this.#running.expireOffsets();
        this.#settleLog();
        break;
      default:
        if (readMemberSetting(this.#memberSettings, first, words)) break;
        if (first in this.#config) this.#setBroker(first as keyof BrokerConfig, words);
        else this.#memberDoes(this.#member(first), words, text);
    }
    words.end();
  }

  #begin(words: Words): void {
    const flavour = words.take("java or scala");
    if (flavour !== "java" && flavour !== "scala") words.fail("a coordinator is java or scala");
    const offsetExpiry = offsetExpiryOf(words.left ? words.take("a release") : "4.0");
    this.#options = { ...this.#options, flavour, offsetExpiry };
    this.#coordinator = new ClassicGroupCoordinator(GROUP, this.#options, this.#host());
  }

  #setBroker(name: keyof BrokerConfig, words: Words): void {
    Object.assign(this.#config, { [name]: words.takeNumber(name) });
  }

  /**
   * `given a stable group of a, b as i2 in generation 7`: the group as a coordinator finds it in its log, with one
   * partition for each member and every session as fresh as after a load.
   */
  #given(words: Words): void {
    words.expect("a", "stable", "group", "of");
    const members: ScriptedMember[] = [];
    while (words.left && words.peek() !== "in") {
      const member = this.#member(words.take("a client"));
      if (words.accept("as")) member.instance = words.take("an instance id");
      members.push(member);
    }
    words.expect("in", "generation");
    const generation = words.takeNumber("a generation");
    const record: GroupRecord = {
      type: "group",
      generation,
      protocolType: "consumer",
      protocolName: this.#memberSettings["partition.assignment.strategy"][0],
      leader: undefined,
      since: this.#clock.now,
      members: members.map((member, index) => {
        const { sessionTimeout, rebalanceTimeout, protocols } = member.joinGroup(0, new Words(""));
        member.id = this.#options.ids!.next(member.instance ?? member.client);
        member.generation = generation;
        return {
          id: member.id,
          instance: member.instance,
          client: member.client,
          sessionTimeout,
          rebalanceTimeout,
          protocols,
          assignment: { [TOPICS[0]]: [index] },
        };
      }),
    };
    this.#image = replay(this.#image, { ...record, leader: members[0].id });
    this.#clock.cancelAll();
    this.#silent = true;
    this.#coordinator = ClassicGroupCoordinator.load(GROUP, this.#options, this.#host(), this.#image);
    this.#silent = false;
    this.#showGroup();
  }

  #memberDoes(member: ScriptedMember, words: Words, text: string): void {
    const id = ++this.#request;
    switch (words.take("what the member does")) {
      case "has":
        member.configure(words);
        break;
      case "joins":
        this.#send(member.joinGroup(id, words));
        break;
      case "syncs": {
        const braces = /\{(?<assignments>.*)\}/.exec(text);
        const assignments = braces ? this.#readAssignments(braces.groups!.assignments) : undefined;
        this.#send(member.syncGroup(id, braces ? afterBraces(text) : words, assignments));
        if (braces) while (words.left) words.take("the rest");
        break;
      }
      case "heartbeats":
        this.#send(member.heartbeat(id, words));
        break;
      case "commits": {
        const offsets = readOffsets(words);
        this.#send(member.offsetCommit(id, words, offsets));
        break;
      }
      case "fetches":
        this.#send(member.offsetFetch(id, readPartitions(words)));
        break;
      case "leaves":
        this.#send(member.leaveGroup(id, words));
        break;
      case "removes":
        this.#send(member.removal(id, this.#readIdentities(words)));
        break;
      default:
        words.fail("a member joins, syncs, heartbeats, commits, fetches, leaves, removes others, or has options");
    }
  }

  #send(request: CoordinatorRequest): void {
    const before = this.#answer.length;
    this.#open.add(request.id);
    this.#running.handle(request);
    this.#settleLog();
    if (this.#open.has(request.id)) {
      this.#answer.splice(before, 0, this.#line(request.client, `→ ${request.api}`, "parked"));
    }
  }

  #received(client: ClientId, reply: GroupReply): void {
    this.#open.delete(reply.id);
    this.#members.get(client)?.learn(reply);
    this.#tell(client, `← ${reply.error}`, detailsOf(reply));
  }

  /** What the log answers at once belongs to the request that wrote it. */
  #settleLog(): void {
    while (this.#appendTime === 0) {
      const append = this.#clock.pending.find(({ name, due }) => name.startsWith("append ") && due === this.#clock.now);
      if (!append) return;
      this.#clock.cancel(append.name);
      append.act();
    }
  }

  #host(): CoordinatorHost {
    return {
      now: () => this.#clock.now,
      send: (output) => {
        if (output.to === "client") this.#received(output.client, output.reply);
        else if ("append" in output) this.#append(output.append, output.record);
      },
      after: (delay, timer, subject) =>
        this.#clock.set(timerName(timer, subject), delay, () => {
          this.#running.fire(timer, subject);
          this.#settleLog();
        }),
      cancel: (timer, subject) => this.#clock.cancel(timerName(timer, subject)),
      draw: () => {
        throw new Error("a coordinator decides nothing by chance");
      },
      record: (happening) => {
        this.happened.push(happening);
        const { who, what, detail } = eventText(happening, { verbose: true });
        if (!this.#silent && isTold(happening)) this.#tell(who, what, detail);
        return `group/${GROUP}#${this.happened.length}`;
      },
    };
  }

  #append(append: number, record: GroupRecord): void {
    const coordinator = this.#running;
    const refusal = this.#refusal;
    this.#clock.set(`append ${append}`, this.#appendTime, () => {
      if (coordinator.state === "Dead") return; // it has told everybody who waited, and the record is nobody's
      if (refusal) {
        coordinator.writes.failed(append, refusal);
      } else {
        this.#image = replay(this.#image, record);
        coordinator.writes.committed(append);
      }
    });
  }

  #show(words: Words): void {
    const what = words.left ? words.take("group or timers") : "all";
    if (!["all", "group", "timers"].includes(what)) words.fail('"show", "show group" or "show timers"');
    if (what !== "timers") this.#showGroup();
    if (what !== "group") this.#showTimers();
  }

  #showGroup(): void {
    const { state, generation, leader, protocolName, members, pendingMembers } = this.#running;
    const details = [`generation ${generation}`];
    if (protocolName !== undefined) details.push(protocolName);
    if (leader !== undefined) details.push(`leader ${leader}`);
    this.#tell("group", state, details.join(", "));
    for (const { id, client, instance, assignment, awaitsJoin, awaitsSync } of members) {
      const states = [
        instance,
        assignment && partitionNames(assignment),
        awaitsJoin && "in JoinGroup",
        awaitsSync && "in SyncGroup",
      ];
      this.#tell(client, `member ${id}`, states.filter(Boolean).join(", "));
    }
    for (const id of pendingMembers) this.#tell("", `pending ${id}`, "");
  }

  #showTimers(): void {
    for (const { name, due } of this.#clock.pending) {
      if (!name.startsWith("append ")) this.#tell("timer", name, `due ${formatInstant(due)}`);
    }
  }

  #tell(subject: string, text: string, detail: string): void {
    this.#answer.push(this.#line(subject, text, detail));
  }

  #line(who: string, what: string, detail: string): string {
    return `${textLine(this.#clock.now, { who, what, detail })}\n`;
  }

  #member(client: ClientId): ScriptedMember {
    let member = this.#members.get(client);
    if (!member) this.#members.set(client, (member = new ScriptedMember(client, GROUP, this.#memberSettings, TOPICS)));
    return member;
  }

  get #running(): ClassicGroupCoordinator {
    if (!this.#coordinator) throw new Error('there is no coordinator: "coordinator java", or "load" after a crash');
    return this.#coordinator;
  }

  /** A client's name stands for the member id it has; anything else is a member id. */
  #idOf(name: string): MemberId {
    return this.#members.get(name)?.id ?? name;
  }

  /** `a: orders-0 orders-1, b: orders-2` */
  #readAssignments(text: string): Record<MemberId, Partitions> {
    const entries = text.split(",").filter((entry) => entry.trim() !== "");
    return Object.fromEntries(
      entries.map((entry) => {
        const [name, partitions] = entry.split(":");
        return [this.#idOf(name.trim()), readPartitions(new Words(partitions))];
      }),
    );
  }

  /** `instance i1, c, b instance i2` */
  #readIdentities(words: Words): LeaveGroup["members"] {
    const identities: { member: MemberId; instance?: string }[] = [];
    while (words.left) {
      if (words.accept("instance")) {
        identities.push({ member: "", instance: words.take("an instance id") });
        continue;
      }
      const member = this.#idOf(words.take("a client"));
      identities.push({ member, ...(words.accept("with", "instance") && { instance: words.take("an instance id") }) });
    }
    return identities;
  }
}

const timerName = (timer: GroupTimer, subject: string): string => (timer === "session" ? `session ${subject}` : timer);

const afterBraces = (text: string): Words => new Words(text.slice(text.indexOf("}") + 1));

/** `orders-0 orders-1`, to the end of the line. */
function readPartitions(words: Words): Partitions {
  const partitions: Record<TopicName, number[]> = {};
  while (words.left) {
    const { topic, number } = split(words.take("a partition"), words);
    (partitions[topic] ??= []).push(number);
  }
  return partitions;
}

/** `orders-0=100 orders-1=7`; nothing means the first record of the first partition. */
function readOffsets(words: Words): Offsets {
  const offsets: Record<TopicName, Record<number, number>> = {};
  while (words.peek()?.includes("=")) {
    const [partition, offset] = words.take("an offset").split("=");
    const { topic, number } = split(partition, words);
    (offsets[topic] ??= {})[number] = Number(offset);
  }
  return Object.keys(offsets).length > 0 ? offsets : { [TOPICS[0]]: { 0: 1 } };
}

function split(partition: string, words: Words): { topic: TopicName; number: number } {
  const match = /^(?<topic>.+)-(?<number>\d+)$/.exec(partition);
  if (!match) words.fail(`"${partition}" is no partition: orders-0`);
  return { topic: match.groups!.topic, number: Number(match.groups!.number) };
}
