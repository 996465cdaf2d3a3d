import type { TopicName } from "../../../names.ts";
import type { Topics } from "../assignor.ts";
import { HashOrder } from "../java/hash-order.ts";
import { stringHash, uuidHash } from "../java/hashes.ts";
import { parseUuid, type Uuid } from "../java/uuid.ts";

/** The topics' ids, by which the coordinator orders and hashes them. */
export class TopicIds {
  readonly #topics: Topics;
  readonly #ids = new Map<TopicName, Uuid>();

  constructor(topics: Topics) {
    this.#topics = topics;
  }

  of(topic: TopicName): Uuid {
    let id = this.#ids.get(topic);
    if (id === undefined) {
      const text = this.#topics.get(topic)?.id;
      this.#ids.set(topic, (id = text === undefined ? idFor(topic) : parseUuid(text)));
    }
    return id;
  }

  readonly hash = (topic: TopicName): number => uuidHash(this.of(topic));

  /**
   * A subscription's topics in the order in which the coordinator goes through them: the names in a `HashSet`, those
   * that exist as ids in another, whose size was reckoned from all the names.
   */
  subscribed(names: readonly TopicName[], exists: (topic: TopicName) => boolean): TopicName[] {
    const set = HashOrder.from(stringHash, names);
    return HashOrder.from(this.hash, set.keys().filter(exists), set.size).keys();
  }
}

/** An id for a topic without one: four words that differ from name to name. */
function idFor(topic: TopicName): Uuid {
  const word = (salt: string): number => Math.imul(stringHash(salt + topic), 0x9e3779b1);
  return [word("a"), word("b"), word("c"), word("d")];
}
