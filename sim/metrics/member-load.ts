/** How the work is spread over the members of each group: who has how many partitions, and who has none. */
import type { Instant } from "../engine/time.ts";
import type { ClientId, GroupId } from "../names.ts";
import type { Sink } from "../trace/event.ts";
import { isAlive } from "../trace/readings/states.ts";

export interface MemberLoad {
  /** Mean over time and over the members that run. */
  readonly mean: number;
  /** The most that one member ever had. */
  readonly max: number;
  /** Members that ran without any partition: mean over time, and the most at once. */
  readonly idle: { readonly mean: number; readonly max: number };
}

/** Folds a run into the load of every group's members, from the end of the warm-up on. */
export function memberLoad(): Sink & { of(group: GroupId): MemberLoad } {
  const groups = new Map<GroupId, Group>();
  const groupOf = (id: GroupId): Group => {
    let group = groups.get(id);
    if (!group) groups.set(id, (group = new Group()));
    return group;
  };
  let from: Instant = 0;
  return {
    begin: ({ warmUp }) => {
      from = warmUp;
    },
    see(event) {
      if (event.type === "client.process" && isAlive(event.from) !== isAlive(event.to)) {
        const group = groupOf(event.group);
        group.pass(from, event.t);
        group.lives(event.client, isAlive(event.to));
      } else if (event.type === "partition.owner") {
        const count = Object.values(event.partitions).reduce((sum, numbers) => sum + numbers.length, 0);
        const group = groupOf(event.group);
        group.pass(from, event.t);
        group.owns(event.client, event.how === "assigned" ? count : -count);
      }
    },
    end(t) {
      for (const group of groups.values()) group.pass(from, t);
    },
    of: (id) => groupOf(id).load(),
  };
}

class Group {
  readonly #owned = new Map<ClientId, number>();
  /** Whose number has changed since time last passed. */
  readonly #fresh = new Set<ClientId>();
  #since: Instant = 0;
  #idle = 0;
  #sum = 0;
  #max = 0;
  #idleMax = 0;
  // Microseconds, times members, partitions or idle members.
  #memberTime = 0;
  #partitionTime = 0;
  #idleTime = 0;
  #time = 0;

  /** Nothing changed from the last change until `t`. */
  pass(from: Instant, t: Instant): void {
    const length = t - Math.max(from, this.#since);
    this.#since = t;
    if (length <= 0) return;
    const unseen = this.#time === 0 ? this.#owned.keys() : this.#fresh;
    for (const client of unseen) this.#max = Math.max(this.#max, this.#owned.get(client) ?? 0);
    this.#fresh.clear();
    this.#time += length;
    this.#memberTime += length * this.#owned.size;
    this.#partitionTime += length * this.#sum;
    this.#idleTime += length * this.#idle;
    this.#idleMax = Math.max(this.#idleMax, this.#idle);
  }

  lives(client: ClientId, alive: boolean): void {
    if (alive) {
      this.#owned.set(client, 0);
      this.#idle++;
      return;
    }
    const owned = this.#owned.get(client) ?? 0;
    this.#sum -= owned;
    if (owned === 0) this.#idle--;
    this.#owned.delete(client);
  }

  owns(client: ClientId, more: number): void {
    const before = this.#owned.get(client);
    if (before === undefined || more === 0) return;
    const owned = before + more;
    this.#owned.set(client, owned);
    this.#fresh.add(client);
    this.#sum += more;
    if (before === 0) this.#idle--;
    if (owned === 0) this.#idle++;
  }

  load(): MemberLoad {
    const over = (sum: number, of: number): number => (of > 0 ? sum / of : 0);
    return {
      mean: over(this.#partitionTime, this.#memberTime),
      max: this.#max,
      idle: { mean: over(this.#idleTime, this.#time), max: this.#idleMax },
    };
  }
}
