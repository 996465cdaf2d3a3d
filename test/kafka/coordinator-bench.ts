import type { Duration, Instant } from "../../sim/engine/time.ts";
import type { CoordinatorRequest, GroupReply } from "../../sim/kafka/messages.ts";
import type { AppendError } from "../../sim/kafka/protocols/coordination/append-error.ts";
import type { CoordinatorHost, GroupCoordinator } from "../../sim/kafka/protocols/group-coordinator.ts";
import type { GroupImage } from "../../sim/kafka/protocols/group-log.ts";
import { emptyImage, replay } from "../../sim/kafka/protocols/group-log.ts";
import type { ClientId } from "../../sim/names.ts";
import type { Happening } from "../../sim/trace/event.ts";
import { Clock } from "../timelines/scripted/clock.ts";

export const GROUP = "g";

/** What a test says of a request; the bench puts it into an envelope. */
export type WithoutEnvelope<R> = R extends CoordinatorRequest ? Omit<R, "id" | "client" | "group"> : never;

/** One coordinator, of whichever protocol, with a clock and a log, and a record of all it did. */
export abstract class Bench<C extends GroupCoordinator> {
  readonly clock = new Clock();
  readonly happened: Happening[] = [];
  /** How often the coordinator used each of its hands. */
  readonly calls = { reply: 0, append: 0, after: 0, cancel: 0, record: 0 };
  /** Requests that were neither answered nor given up. */
  readonly open = new Map<number, CoordinatorRequest>();
  image: GroupImage = emptyImage();
  appendTime: Duration = 0;
  /** What the log answers from now on, if it refuses. */
  refusal: AppendError | undefined;
  onReply: (client: ClientId, reply: GroupReply) => void = () => {};
  onRecord: (happening: Happening) => void = () => {};
  #requests = 0;

  abstract coordinator: C;
  /** A coordinator that has read the log. */
  protected abstract load(host: CoordinatorHost, image: GroupImage): C;

  get now(): Instant {
    return this.clock.now;
  }

  /** The number of the request that is sent next. */
  get nextRequest(): number {
    return this.#requests + 1;
  }

  /** Sends a request; what the log answers at once belongs to it. */
  send(request: WithoutEnvelope<CoordinatorRequest>, client: ClientId): void {
    const id = ++this.#requests;
    const whole = { ...request, id, client, group: GROUP } as CoordinatorRequest;
    this.open.set(id, whole);
    this.coordinator.handle(whole);
    this.clock.runTo(this.now, this.appendTime === 0);
  }

  /** The coordinator's broker dies and another one loads the group: requests under way are lost. */
  failOver(): void {
    this.clock.cancelAll();
    this.open.clear();
    this.coordinator = this.load(this.host(), this.image);
  }

  get writing(): boolean {
    return this.clock.pending.some(({ name }) => name.startsWith("append "));
  }

  protected host(): CoordinatorHost {
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
        this.calls.record++;
        this.happened.push(happening);
        if (happening.type === "request.dropped") this.open.delete(happening.request);
        this.onRecord(happening);
        return "";
      },
    };
  }
}
