import { MILLISECOND } from "../../../../engine/time.ts";
import type { Partitions, TopicName } from "../../../../names.ts";
import type { ListOffsetsReply, Offsets as Found } from "../../../messages.ts";
import { only, partitionsOf } from "../../offsets.ts";
import { common, isEmpty, NO_PARTITIONS, union, without } from "../../partitions.ts";
import type { Path } from "../messages.ts";
import { offsetOf } from "../paths.ts";
import type { Parts } from "./parts.ts";
import { listed } from "./parts.ts";
import { ask, Lock, locked, type Steps } from "./threads.ts";

type On = Pick<Parts, "options" | "host" | "holdings">;

/**
 * Committed offsets, a node each, written and read one after the other; and where reading begins by them. Nobody asks who
 * writes: an owner that has not heard that it is one no longer writes over what its successor has written.
 */
export class Offsets {
  readonly #on: On;
  /** By node. What did not change since is not written again. Kafka: `checkpointedZkOffsets`. */
  readonly #known = new Map<Path, number>();
  /** Kafka: `offsetsChannelLock`. */
  readonly #lock = new Lock();
  /** Where the reset policy decides, and which of those are out of range. */
  #toReset: Partitions = NO_PARTITIONS;
  #outOfRange: Partitions = NO_PARTITIONS;
  /** Owned, and not yet begun: there is nothing to commit of them. */
  #unbegun: Partitions = NO_PARTITIONS;
  /** The number of the ListOffsets that is under way. */
  #listing: number | undefined;
  #lists = 0;

  constructor(on: On) {
    this.#on = on;
  }

  /** Kafka: `commitOffsets`. What is committed is what has been read at the moment at which it begins. */
  commit(): Steps {
    return locked(this.#lock, this.#write());
  }

  *#write(): Steps {
    const { options, holdings } = this.#on;
    const positions = options.positions(without(holdings.owned, this.#unbegun));
    for (const { topic, partition } of listed(partitionsOf(positions))) {
      const offset = positions[topic][partition];
      const path = offsetOf(options.group, topic, partition);
      if (this.#known.get(path) === offset) continue;
      yield* ask({ op: "write", path, data: `${offset}` });
      this.#known.set(path, offset);
    }
  }

  /** Reads what is committed of these partitions; of what nothing was, nothing is found. */
  *fetch(partitions: Partitions): Steps<Found> {
    const found: Record<TopicName, Record<number, number>> = {};
    for (const { topic, partition } of listed(partitions)) {
      const path = offsetOf(this.#on.options.group, topic, partition);
      const { error, data } = yield* ask({ op: "read", path, watch: false });
      this.#known.delete(path);
      if (error !== "OK") continue;
      (found[topic] ??= {})[partition] = Number(data);
      this.#known.set(path, Number(data));
    }
    return found;
  }

  /** The fetchers of these partitions start, each where something was committed, or where the reset policy leads. */
  begin(partitions: Partitions, committed: Found): void {
    this.#outOfRange = NO_PARTITIONS;
    this.#unbegun = partitions;
    this.#toReset = without(partitions, partitionsOf(committed));
    this.#startAt(committed, "committed");
    this.ask();
  }

  /** The fetchers have stopped. */
  end(): void {
    this.#toReset = this.#outOfRange = NO_PARTITIONS;
    this.#listing = undefined;
    this.#on.host.cancel("list", "");
  }

  /** A Fetch was answered OFFSET_OUT_OF_RANGE: retention has taken what was to be read next, or it went with a leader. */
  fellOutOfRange(partitions: Partitions): void {
    const gone = common(this.#on.holdings.reading, partitions);
    if (isEmpty(gone)) return;
    this.#on.holdings.stopReading(gone, "out-of-range");
    this.#toReset = union(this.#toReset, gone);
    this.#outOfRange = union(this.#outOfRange, gone);
    this.ask();
  }

  /** The leaders answer where the logs begin, or end. Those that have not are asked again. */
  listAnswered({ id, offsets }: ListOffsetsReply): void {
    if (id !== this.#listing) return;
    const { host, options } = this.#on;
    this.#listing = undefined;
    host.cancel("list", "");
    const answered = common(this.#toReset, partitionsOf(offsets));
    const outOfRange = common(answered, this.#outOfRange);
    this.#toReset = without(this.#toReset, answered);
    this.#outOfRange = without(this.#outOfRange, answered);
    this.#startAt(only(offsets, without(answered, outOfRange)), "reset");
    this.#startAt(only(offsets, outOfRange), "out-of-range");
    if (!isEmpty(this.#toReset)) host.after(options.config["refresh.leader.backoff.ms"] * MILLISECOND, "list", "");
  }

  /** It is time to ask the leaders again, because they have not answered, or not all of them. */
  askAgain(): void {
    if (this.#listing !== undefined) this.#on.host.send({ to: "leaders", close: true });
    this.#listing = undefined;
    this.ask();
  }

  /** The leaders are asked where the logs begin, or end, if that is what decides. */
  ask(): void {
    const { options, host } = this.#on;
    if (isEmpty(this.#toReset) || this.#listing !== undefined) return;
    const query = options.config["auto.offset.reset"] === "smallest" ? "earliest" : "latest";
    this.#listing = ++this.#lists;
    const { client, group } = options;
    const request = { api: "ListOffsets", id: this.#listing, client, group, partitions: this.#toReset, query } as const;
    host.after(options.config["socket.timeout.ms"] * MILLISECOND, "list", "");
    host.send({ to: "leaders", request });
  }

  #startAt(offsets: Found, origin: "committed" | "reset" | "out-of-range"): void {
    const { options, holdings } = this.#on;
    const partitions = partitionsOf(offsets);
    if (isEmpty(partitions)) return;
    const gone = options.start(offsets, origin);
    this.#toReset = union(this.#toReset, gone);
    this.#outOfRange = union(this.#outOfRange, gone);
    const begun = without(partitions, gone);
    this.#unbegun = without(this.#unbegun, begun);
    holdings.startReading(begun);
  }
}
