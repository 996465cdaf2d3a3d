import type { Duration, Instant } from "../../../sim/engine/time.ts";
import { defaultBrokerConfig, defaultGroupConfig } from "../../../sim/kafka/config.ts";
import type { CoordinatorRequest, GroupReply } from "../../../sim/kafka/messages.ts";
import type { ConsumerOptions } from "../../../sim/kafka/protocols/consumer/coordinator.ts";
import { ConsumerGroupCoordinator } from "../../../sim/kafka/protocols/consumer/coordinator.ts";
import type { AppendError } from "../../../sim/kafka/protocols/coordination/append-error.ts";
import { MemberIds } from "../../../sim/kafka/protocols/coordination/member-ids.ts";
import type { CoordinatorHost } from "../../../sim/kafka/protocols/group-coordinator.ts";
import type { GroupImage } from "../../../sim/kafka/protocols/group-log.ts";
import { copyImage, emptyImage, replay } from "../../../sim/kafka/protocols/group-log.ts";
import type { ClientId, TopicName } from "../../../sim/names.ts";
import type { Happening } from "../../../sim/trace/event.ts";
import { Clock } from "../../timelines/scripted/clock.ts";

export const GROUP = "g";

type WithoutEnvelope<R> = R extends CoordinatorRequest ? Omit<R, "id" | "client" | "group"> : never;

/** One coordinator of the consumer protocol with a clock, topics and a log, and a record of all it did. */
export class ConsumerBench {
  readonly clock = new Clock();
  readonly topics = new Map<TopicName, number>();
  readonly happened: Happening[] = [];
  /** How often the coordinator used each of its hands. */
  readonly calls = { reply: 0, append: 0, after: 0, cancel: 0, record: 0 };
  /** Requests that were not answered yet. */
  readonly open = new Map<number, ClientId>();
  readonly options: ConsumerOptions;
  coordinator: ConsumerGroupCoordinator;
  image: GroupImage = emptyImage();
  appendTime: Duration = 0;
  /** What the log answers from now on, if it refuses. */
  refusal: AppendError | undefined;
  onReply: (client: ClientId, reply: GroupReply) => void = () => {};
  onRecord: (happening: Happening) => void = () => {};
  #requests = 0;

  constructor(release: string, topics: Readonly<Record<TopicName, number>>) {
    const config = defaultBrokerConfig(release);
    for (const [topic, partitions] of Object.entries(topics)) this.topics.set(topic, partitions);
    this.options = {
      brokerVersion: release,
      config,
      groupConfig: defaultGroupConfig(config, release),
      ids: new MemberIds(),
      partitionsOf: (topic) => this.topics.get(topic) ?? 0,
    };
    this.coordinator = ConsumerGroupCoordinator.load(GROUP, this.options, this.#host(), undefined);
  }

  get now(): Instant {
    return this.clock.now;
  }

  /** Sends a request; what the log answers at once belongs to it. */
  send(request: WithoutEnvelope<CoordinatorRequest>, client: ClientId): void {
    const id = ++this.#requests;
    this.open.set(id, client);
    this.coordinator.handle({ ...request, id, client, group: GROUP } as CoordinatorRequest);
    this.clock.runTo(this.now, true);
  }

  /** The number of the request that is sent next. */
  get nextRequest(): number {
    return this.#requests + 1;
  }

  layOut(topic: TopicName, partitions: number): void {
    this.topics.set(topic, partitions);
    this.coordinator.topicChanged(topic);
  }

  /** The coordinator's broker dies and another one loads the group: requests under way are lost. */
  failOver(): void {
    this.clock.cancelAll();
    this.open.clear();
    this.coordinator = this.reloaded(this.#host());
  }

  /** What a coordinator that loads the group now would be like. */
  reloaded(host: CoordinatorHost = this.#idle): ConsumerGroupCoordinator {
    return ConsumerGroupCoordinator.load(GROUP, this.options, host, copyImage(this.image));
  }

  get writing(): boolean {
    return this.clock.pending.some(({ name }) => name.startsWith("append "));
  }

  readonly #idle: CoordinatorHost = {
    now: () => this.now,
    send: () => {},
    after: () => {},
    cancel: () => {},
    refusal: () => undefined,
    draw: () => 0,
    record: () => "",
  };

  #host(): CoordinatorHost {
    return {
      now: () => this.now,
      send: (output) => {
        if (output.to === "client") {
          this.calls.reply++;
          if (!this.open.delete(output.reply.id)) throw new Error(`request ${output.reply.id} was answered before`);
          return this.onReply(output.client, output.reply);
        }
        if ("regular" in output) throw new Error("nobody commits at a beat here");
        this.calls.append++;
        if (this.refusal) throw new Error("nobody writes to a log that refuses it");
        const { coordinator } = this;
        this.clock.set(`append ${output.append}`, this.appendTime, () => {
          this.image = replay(this.image, output.record);
          coordinator.writes.committed(output.append);
        });
      },
      after: (delay, timer, subject) => {
        this.calls.after++;
        this.clock.set(`${timer} ${subject}`, delay, () => this.coordinator.fire(timer, subject));
      },
      cancel: (timer, subject) => {
        this.calls.cancel++;
        this.clock.cancel(`${timer} ${subject}`);
      },
      refusal: () => this.refusal,
      draw: () => {
        throw new Error("a coordinator decides nothing by chance");
      },
      record: (happening) => {
        this.calls.record++;
        this.happened.push(happening);
        this.onRecord(happening);
        return "";
      },
    };
  }
}
