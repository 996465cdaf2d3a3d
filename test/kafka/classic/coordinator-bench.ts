import type { Duration, Instant } from "../../../sim/engine/time.ts";
import type { ClientId, Generation, MemberId } from "../../../sim/names.ts";
import { defaultBrokerConfig } from "../../../sim/kafka/config.ts";
import type { CoordinatorRequest, GroupReply, JoinGroup } from "../../../sim/kafka/messages.ts";
import type { ClassicOptions } from "../../../sim/kafka/protocols/classic/coordinator.ts";
import { ClassicGroupCoordinator } from "../../../sim/kafka/protocols/classic/coordinator.ts";
import type { AppendError } from "../../../sim/kafka/protocols/coordination/append-error.ts";
import { MemberIds } from "../../../sim/kafka/protocols/coordination/member-ids.ts";
import type { CoordinatorHost, GroupTimer } from "../../../sim/kafka/protocols/group-coordinator.ts";
import type { GroupImage } from "../../../sim/kafka/protocols/group-log.ts";
import { emptyImage, replay } from "../../../sim/kafka/protocols/group-log.ts";
import type { Happening } from "../../../sim/trace/event.ts";
import { Clock } from "../../timelines/scripted/clock.ts";

export const GROUP = "g";

/** One coordinator with a clock and a log, and a record of all it did. */
export class CoordinatorBench {
  readonly clock = new Clock();
  readonly happened: Happening[] = [];
  /** How often the coordinator used each of its hands. */
  readonly calls = { send: 0, after: 0, cancel: 0 };
  /** Requests that were neither answered nor given up. */
  readonly open = new Map<number, CoordinatorRequest>();
  readonly replies: { readonly client: ClientId; readonly reply: GroupReply }[] = [];
  readonly options: ClassicOptions;
  coordinator: ClassicGroupCoordinator;
  image: GroupImage = emptyImage();
  appendTime: Duration = 0;
  /** What the log answers from now on, if it refuses. */
  refusal: AppendError | undefined;
  #requests = 0;

  constructor(flavour: "java" | "scala", config: Partial<ClassicOptions["config"]> = {}) {
    const shorterSessions = { "group.min.session.timeout.ms": 1 };
    this.options = {
      flavour,
      config: { ...defaultBrokerConfig("4.0"), ...shorterSessions, ...config },
      ids: new MemberIds(),
    };
    this.coordinator = new ClassicGroupCoordinator(GROUP, this.options, this.#host());
  }

  get now(): Instant {
    return this.clock.now;
  }

  /** Sends a request; tells the reply, if there was one at once. */
  send(request: WithoutEnvelope<CoordinatorRequest>, client: ClientId): GroupReply | undefined {
    const id = ++this.#requests;
    const whole = { ...request, id, client, group: GROUP } as CoordinatorRequest;
    this.open.set(id, whole);
    this.coordinator.handle(whole);
    this.clock.runTo(this.now, this.appendTime === 0);
    return this.replies.findLast(({ reply }) => reply.id === id)?.reply;
  }

  /** The coordinator's broker dies and another one loads the group. */
  failOver(): void {
    this.clock.cancelAll();
    this.open.clear();
    this.coordinator = ClassicGroupCoordinator.load(GROUP, this.options, this.#host(), this.image);
  }

  /** As the log has it; 0 of a group that it does not know. */
  get persistedGeneration(): Generation {
    const { group } = this.image;
    return group?.type === "group" ? group.generation : 0;
  }

  isArmed(timer: GroupTimer, subject: string): boolean {
    return this.clock.pending.some(({ name }) => name === `${timer} ${subject}`);
  }

  /** Whose sessions are running. */
  watched(): MemberId[] {
    const timers = this.clock.pending.filter(({ name }) => name.startsWith("session "));
    return timers.map(({ name }) => name.slice("session ".length));
  }

  #host(): CoordinatorHost {
    return {
      now: () => this.now,
      send: (output) => {
        this.calls.send++;
        if (output.to === "client") {
          if (!this.open.delete(output.reply.id)) throw new Error(`request ${output.reply.id} was answered before`);
          this.replies.push(output);
          return;
        }
        if ("regular" in output) throw new Error("nobody commits at a beat here");
        const { coordinator, refusal } = this;
        this.clock.set(`append ${output.append}`, this.appendTime, () => {
          if (refusal) return coordinator.writes.failed(output.append, refusal);
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
        this.happened.push(happening);
        if (happening.type === "request.dropped") this.open.delete(happening.request);
        return "";
      },
    };
  }
}

type WithoutEnvelope<R> = R extends CoordinatorRequest ? Omit<R, "id" | "client" | "group"> : never;

/** A JoinGroup of a consumer of `orders` with Kafka's defaults, but for what is said here. */
export function joinGroup(said: Partial<JoinGroup>): WithoutEnvelope<JoinGroup> {
  return {
    api: "JoinGroup",
    member: "",
    version: 9,
    sessionTimeout: 45_000_000,
    rebalanceTimeout: 300_000_000,
    protocolType: "consumer",
    protocols: [{ name: "range", metadata: { topics: ["orders"], owned: {}, generation: -1 } }],
    ...said,
  };
}
