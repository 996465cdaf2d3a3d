import type { Assignor } from "../../../assignors/assignor.ts";
import { assignorNamed } from "../../../assignors/assignors.ts";
import type { ConsumerTraits } from "./traits.ts";

/** The brokers' assignors, as `group.consumer.assignors` lists them; their range is called as the clients'. */
export class ServerAssignors {
  /** By the names that members use, in the list's order. */
  readonly #byName: ReadonlyMap<string, Assignor>;

  constructor(listed: readonly string[], { keepsLargerShares }: ConsumerTraits) {
    this.#byName = new Map(
      listed.map((name) => {
        const assignor = assignorNamed(name === "range" ? "server-range" : name, { faithful: !keepsLargerShares });
        if (!assignor) throw new Error(`brokers have no assignor ${name}`);
        return [name, assignor];
      }),
    );
  }

  has(name: string): boolean {
    return this.#byName.has(name);
  }

  /**
   * The one most members prefer, or, if none does any, the first; of equals the one that is listed first (Kafka: that a
   * hash map happens to have first). Kafka: `computePreferredServerAssignor`.
   */
  preferred(votes: ReadonlyMap<string, number>): string {
    let [winner] = this.#byName.keys();
    for (const name of this.#byName.keys()) if ((votes.get(name) ?? 0) > (votes.get(winner) ?? 0)) winner = name;
    return winner;
  }

  get(name: string): Assignor {
    return this.#byName.get(name)!;
  }
}
