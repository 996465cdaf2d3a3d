import type { Instant } from "../engine/time.ts";
import type { ClientId, GroupId } from "../names.ts";
import type { EventId, Happening, LagSlopes, RecordDone, RecordsPolled, TraceEvent } from "./event.ts";

/**
 * Stamps what happens with its time, its name and its cause, and hands it on.
 *
 * The cause is a register: whoever dispatches something (a message that arrives, a timer that ends, a line of the
 * scenario) sets it to the event which that continues; every event recorded then becomes the cause of what follows it.
 * Messages and timers carry the register away with them. So each event names the one that made it happen, and a
 * rebalance can be followed backwards to the crash that began it.
 */
export class Recorder {
  readonly #now: () => Instant;
  readonly #tell: (event: TraceEvent) => void;
  readonly #ordinals = new Map<string, number>();

  /** The event whose consequences are being worked out; `null` where nothing recorded came before. */
  cause: EventId | null = null;

  constructor(now: () => Instant, tell: (event: TraceEvent) => void) {
    this.#now = now;
    this.#tell = tell;
  }

  /** Writes down what happened to `subject` (`group/billing`, `client/billing-3`). */
  record(subject: string, happening: Happening): EventId {
    const ordinal = (this.#ordinals.get(subject) ?? 0) + 1;
    this.#ordinals.set(subject, ordinal);
    const id = `${subject}#${ordinal}`;
    // What it is stands in front, whatever the order of its other fields.
    this.#tell({ t: this.#now(), id, cause: this.cause, type: happening.type, ...(happening as object) } as TraceEvent);
    this.cause = id;
    return id;
  }

  /** Writes down a breakpoint of the lag. It is dense, has no name, and causes nothing. */
  recordLag(slopes: Omit<LagSlopes, "type" | "t" | "cause">): void {
    this.#tell({ t: this.#now(), cause: this.cause, type: "lag", ...slopes });
  }

  /** Writes down that poll() handed records out. */
  recordPolled(polled: Omit<RecordsPolled, "type" | "t" | "cause">): void {
    this.#tell({ t: this.#now(), cause: null, type: "records.polled", ...polled });
  }

  /** Writes down that a record is processed. */
  recordDone(done: Omit<RecordDone, "type" | "t" | "cause">): void {
    this.#tell({ t: this.#now(), cause: null, type: "record.done", ...done });
  }

  /** Writes down a heartbeat that changed nothing, where they are all wanted. */
  recordHeartbeat(client: ClientId, group: GroupId): void {
    this.#tell({ t: this.#now(), cause: null, type: "heartbeat", client, group });
  }
}
