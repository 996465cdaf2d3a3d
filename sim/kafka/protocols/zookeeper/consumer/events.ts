import type { Path } from "../messages.ts";
import { idsOf, topicAt } from "../paths.ts";
import type { Parts } from "./parts.ts";
import { ask, type Steps, type Threads } from "./threads.ts";

/** What has changed in ZooKeeper, as the consumer is told. */
export type Change = "members-changed" | "partitions-changed";

/**
 * The thread that events of ZooKeeper come to, one at a time. A watch acts once, so whoever hears of a change first watches
 * again and reads what is there now, and only then acts on it. Kafka's: `ZkEventThread` of I0Itec.
 */
export class Events {
  readonly #options: Parts["options"];
  readonly #threads: Threads;
  readonly #changed: (change: Change) => void;
  readonly #waiting: (() => Steps)[] = [];
  #busy = false;

  constructor(options: Parts["options"], threads: Threads, changed: (change: Change) => void) {
    this.#options = options;
    this.#threads = threads;
    this.#changed = changed;
  }

  /** Watches who belongs to the group, and how many partitions its topics have. */
  *watch(): Steps {
    const { group, topics } = this.#options;
    yield* ask({ op: "exists", path: idsOf(group), watch: true });
    yield* ask({ op: "children", path: idsOf(group), watch: true });
    for (const topic of topics) yield* ask({ op: "exists", path: topicAt(topic), watch: true });
  }

  /** Something that was watched has changed. */
  told(path: Path): void {
    this.do(() => this.#look(path));
  }

  /** The session is another one, and nothing is watched any more: everything may have changed. */
  tellAll(): void {
    const { group, topics } = this.#options;
    for (const path of [idsOf(group), ...topics.map(topicAt)]) this.told(path);
  }

  /** Does this when it is through with what came before. */
  do(act: () => Steps): void {
    this.#waiting.push(act);
    if (!this.#busy) this.#next();
  }

  #next(): void {
    const act = this.#waiting.shift();
    this.#busy = act !== undefined;
    if (act) this.#threads.run(act(), () => this.#next());
  }

  *#look(path: Path): Steps {
    const ids = path === idsOf(this.#options.group);
    yield* ask({ op: "exists", path, watch: true });
    const { error } = yield* ask({ op: ids ? "children" : "read", path, watch: true });
    // A topic that was deleted is none of its business: Kafka has only a warning for that.
    if (error === "OK") this.#changed(ids ? "members-changed" : "partitions-changed");
  }
}
