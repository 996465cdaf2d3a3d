import type { Instant } from "../engine/time.ts";
import type { Flow } from "../lag/flow.ts";
import { movedUp } from "../lag/moves.ts";
import { passageFrom } from "../lag/passages.ts";
import type { RereadReason } from "../trace/event.ts";
import { MovedRecords } from "./moved-records.ts";
import type { StartingPlace } from "./starting-points.ts";

/** A partition, by its number in the flow and by name; the flow counts its offsets from `origin` on. */
type Place = Omit<StartingPlace, "offset">;

/** A client that reads a partition on its own account. */
interface Straggler {
  readonly client: number;
  readonly place: Place;
  /** Its line in the flow. */
  readonly line: number;
  /** Up to here, in the flow's offsets, what it reads is in the books. */
  entered: number;
  /** Why the partition was taken from it. */
  readonly reason: RereadReason;
}

/** Less than this many records is the noise of floats. */
const NONE = 1e-5;

/**
 * Who goes on reading partitions that the group has given to others, as it has not heard of that: a member that reaches
 * the leaders of its partitions, but not its coordinator. It reads at its pace, from where it was, or from where it is told to
 * begin when it is too late, as far as there is anything to read, until it hears, closes, dies, or nobody lets it have records any more. All of them are processed
 * twice: by it, and by whom the partition belongs to now, whoever comes first.
 *
 *     expelled at 1000, with 200 in its hands; the next owner begins at 700 and has come to 5000 when it hears, at 4000
 *       300 records are read again at once, and the 200 with them; the 2800 that it has read besides are told then
 *
 * What it was handed before is no business of this: `StartingPoints` tells of that. Nor does somebody read on who gave a partition
 * up, or was expelled, in the midst of a batch; but what of that was committed ahead, and is in its hands, it processes, and so
 * it is here until it is through with it or has crashed.
 */
export class Stragglers {
  readonly #lag: Flow;
  readonly #now: () => Instant;
  readonly #tell: (client: number, moved: MovedRecords) => void;
  readonly #of = new Map<number, readonly Straggler[]>();

  /** `tell`: what one of them has read, whenever it goes to the books. */
  constructor(lag: Flow, now: () => Instant, tell: (client: number, moved: MovedRecords) => void) {
    this.#lag = lag;
    this.#now = now;
    this.#tell = tell;
  }

  /** A partition is about to be taken from its reader, which goes on. It had been handed records up to `handedOut`. */
  begin(client: number, place: Place, handedOut: number, reason: RereadReason): void {
    const line = this.#lag.detach(place.index);
    this.#of.set(place.index, [...this.#at(place.index), { client, place, line, entered: handedOut, reason }]);
  }

  /** This client begins to read a partition that is another's by now: it was told too late from where on. */
  beginLate(client: number, place: StartingPlace): void {
    const { index, offset, origin } = place;
    const entered = offset - origin;
    const line = this.#lag.readAside(client, index, entered);
    this.#of.set(index, [...this.#at(index), { client, place, line, entered, reason: "expelled" }]);
  }

  /** Who reads this partition so, and on which lines. */
  at(partition: number): readonly { readonly client: number; readonly line: number }[] {
    return this.#at(partition);
  }

  /** What they have read of these partitions goes to the books: the group's position is about to be set. */
  enter(partitions: readonly number[]): void {
    this.#enter(partitions.flatMap((partition) => this.#at(partition)));
  }

  /** The same of all, as the run is over. */
  enterAll(): void {
    this.#enter([...this.#of.values()].flat());
  }

  /** This client reads these partitions no longer. */
  end(client: number, partitions: readonly number[]): void {
    this.#end(partitions.flatMap((partition) => this.#at(partition)).filter((one) => one.client === client));
  }

  /** It was through now with what it had been handed of this partition, up to there, and reads no more of it. */
  finish(client: number, partition: number): void {
    const mine = this.#at(partition).filter((one) => one.client === client);
    this.#enter(mine, true);
    this.#end(mine);
  }

  /** Nobody does. */
  endAll(partition: number): void {
    this.#end(this.#at(partition));
  }

  /**
   * What is from this position on is gone with a leader. Who has come further is refused, or has to ask the next leader where to go
   * on, which a consumer of the classic protocol does not do before it has a coordinator: it reads nothing more of it.
   */
  diverged(partition: number, from: number): void {
    this.#end(this.#at(partition).filter(({ line }) => this.#lag.positionNow(line) - from > NONE));
  }

  /** So many records of a partition are gone that lay before this position; all that was read of them is in the books. */
  cutBack(partition: number, gone: number, end: number): void {
    const all = this.#at(partition);
    if (all.length === 0) return;
    this.#of.set(
      partition,
      all.map((one) => {
        const { place, entered } = one;
        return { ...one, place: { ...place, origin: place.origin - gone }, entered: movedUp(entered, gone, end) };
      }),
    );
  }

  /**
   * What is before this offset is deleted. Who would read it next is refused, and reads nothing more of this partition: a
   * consumer does not ask where to go on before it has a coordinator. Kafka: `updateAssignmentMetadataIfNeeded`.
   */
  overtaken(partition: number, start: number): void {
    this.#end(this.#at(partition).filter(({ line }) => this.#lag.positionNow(line) < start));
  }

  #at(partition: number): readonly Straggler[] {
    return this.#of.get(partition) ?? [];
  }

  /** `finished`: they have processed all that was handed to them, where the fluid may be behind. */
  #enter(stragglers: readonly Straggler[], finished = false): void {
    const told = new Map<number, MovedRecords>();
    for (const one of stragglers) {
      const { client, place, line, entered, reason } = one;
      const come = this.#lag.positionNow(line);
      const position = finished ? this.#lag.endOfHandedOut(line) : come;
      if (position - entered < NONE) continue; // not through with what it had been handed
      one.entered = position;
      let moved = told.get(client);
      if (!moved) told.set(client, (moved = new MovedRecords()));
      const { topic, partition, origin } = place;
      moved.addAside(topic, partition, origin, this.#lag.enterAside(line, entered, position, reason));
      const passages = [...this.#lag.passages(line)];
      if (position > come) passages.push({ from: come, to: position, since: this.#now(), until: this.#now() });
      moved.addBeside(topic, partition, origin, passageFrom(entered, passages), "its own");
    }
    for (const [client, moved] of told) this.#tell(client, moved);
  }

  #end(stragglers: readonly Straggler[]): void {
    this.#enter(stragglers);
    for (const { place, line } of stragglers) {
      this.#lag.discard(line);
      const others = this.#at(place.index).filter((other) => other.line !== line);
      if (others.length > 0) this.#of.set(place.index, others);
      else this.#of.delete(place.index);
    }
  }
}
