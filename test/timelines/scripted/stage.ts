import type { Duration } from "../../../sim/engine/time.ts";
import { formatInstant } from "../../../sim/engine/time.ts";
import { defaultBrokerConfig } from "../../../sim/kafka/config.ts";
import type { BrokerConfig } from "../../../sim/kafka/config.ts";
import type { CoordinatorRequest, GroupReply } from "../../../sim/kafka/messages.ts";
import type { AppendError } from "../../../sim/kafka/protocols/coordination/append-error.ts";
import type { CoordinatorHost, GroupCoordinator, GroupTimer } from "../../../sim/kafka/protocols/group-coordinator.ts";
import type { GroupImage, GroupRecord } from "../../../sim/kafka/protocols/group-log.ts";
import { emptyImage, replay } from "../../../sim/kafka/protocols/group-log.ts";
import type { ClientId } from "../../../sim/names.ts";
import type { Happening } from "../../../sim/trace/event.ts";
import { eventText, textLine } from "../../../sim/trace/text.ts";
import type { Stage } from "../stage.ts";
import { ClassicCompany } from "./classic-company.ts";
import { Clock } from "./clock.ts";
import type { Company, StageConfig } from "./company.ts";
import { GROUP } from "./company.ts";
import { ConsumerCompany } from "./consumer-company.ts";
import { detailsOf, isTold } from "./lines.ts";
import { Words } from "./words.ts";

/** What the brokers have besides their defaults: sessions may be as short as the stories need. */
const BROKER_SETTINGS = { "group.min.session.timeout.ms": 1, "group.initial.rebalance.delay.ms": 3_000 };

/**
 * One coordinator, one group, and members that do what the script says. Requests and replies take no time; a record
 * takes as long to be committed as the script wants.
 */
export class ScriptedStage implements Stage {
  readonly happened: Happening[] = [];
  readonly #clock = new Clock();
  readonly #config: StageConfig = { ...defaultBrokerConfig("4.0"), ...BROKER_SETTINGS };
  #company: Company | undefined;
  #coordinator: GroupCoordinator | undefined;
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
        this.#load();
        this.#settleLog();
        break;
      case "expire":
        words.expect("offsets");
        this.#running.expireOffsets();
        this.#settleLog();
        break;
      default:
        if (this.#company?.perform(first, words)) break;
        if (first in this.#config) this.#setBroker(first as keyof BrokerConfig, words);
        else this.#memberDoes(first, words, text);
    }
    words.end();
  }

  #begin(words: Words): void {
    const kind = words.take("java, scala or consumer");
    if (kind !== "java" && kind !== "scala" && kind !== "consumer")
      words.fail("a coordinator is java, scala or consumer");
    const release = words.left ? words.take("a release") : "4.0";
    if (kind === "consumer") {
      Object.assign(this.#config, defaultBrokerConfig(release));
      this.#company = new ConsumerCompany(release, this.#config);
    } else {
      this.#company = new ClassicCompany(kind, release, this.#config);
    }
    this.#load();
  }

  #load(): void {
    this.#coordinator = this.#company!.load(this.#host(), this.#image);
  }

  #setBroker(name: keyof BrokerConfig, words: Words): void {
    Object.assign(this.#config, { [name]: words.takeNumber(name) });
  }

  /** `given a stable group of …`: as a coordinator finds it in its log, with every session as fresh as after a load. */
  #given(words: Words): void {
    words.expect("a", "stable", "group", "of");
    const record = this.#company!.given?.(words, this.#clock.now);
    if (!record) return words.fail("members of this protocol join one after the other");
    this.#image = replay(this.#image, record);
    this.#clock.cancelAll();
    this.#silent = true;
    this.#load();
    this.#silent = false;
    this.#showGroup();
  }

  #memberDoes(client: ClientId, words: Words, text: string): void {
    const request = this.#company!.request(client, ++this.#request, words, text);
    if (request) this.#send(request);
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
    this.#company!.learn(client, reply);
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
      refusal: () => this.#refusal,
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
    for (const [who, what, detail] of this.#company!.show()) this.#tell(who, what, detail);
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

  get #running(): GroupCoordinator {
    if (!this.#coordinator) throw new Error('there is no coordinator: "coordinator java", or "load" after a crash');
    return this.#coordinator;
  }
}

const timerName = (timer: GroupTimer, subject: string): string => (subject === GROUP ? timer : `${timer} ${subject}`);
