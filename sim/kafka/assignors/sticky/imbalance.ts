import { AssignorError } from "../assignor.ts";
import type { Holdings } from "./holdings.ts";

/**
 * Whether some partition could still move to a member that has at least two fewer.
 *
 * Kafka asks this before *every* partition of every pass, and looks through everything each time, which makes its
 * general path quadratic: ten seconds for one member joining 2,000 with 20,000 partitions. But between two questions at
 * most one partition moves. So we keep one *witness*, a member and a partition it should have, and look again only
 * when that witness no longer holds. The answer is the same.
 * Kafka: `GeneralAssignmentBuilder.isBalanced`.
 */
export class Imbalance {
  readonly #holdings: Holdings;
  /** Partitions in the order in which they are gone through; late ones keep their holders longest. */
  readonly #order: Int32Array;
  #witness: { readonly member: number; readonly id: number } | undefined;

  constructor(holdings: Holdings, order: Int32Array) {
    this.#holdings = holdings;
    this.#order = order;
  }

  balanced(): boolean {
    const { least, largest, sizes, holder, most } = this.#holdings;
    if (least >= largest - 1) return true;
    if (this.#holdings.ghosts.length > 0) return this.#balancedWithGhosts();
    if (this.#witness !== undefined) {
      const { member, id } = this.#witness;
      if (sizes[member] !== most[member] && sizes[holder[id]] > sizes[member] + 1) return false;
    }
    this.#witness = this.#widestGap();
    return this.#witness === undefined;
  }

  /** For each set of subscribers: the largest holder of their partitions against the smallest of them. */
  #widestGap(): { member: number; id: number } | undefined {
    const { table, audiences, audienceOf, sizes, holder, most, fixed } = this.#holdings;
    const largest = new Int32Array(audiences.length).fill(-1);
    const held = new Int32Array(audiences.length);
    for (const id of this.#order) {
      const audience = audienceOf[table.topicOf(id)];
      const size = sizes[holder[id]];
      if (size < largest[audience]) continue;
      largest[audience] = size;
      held[audience] = id;
    }
    let widest = 1;
    let witness: { member: number; id: number } | undefined;
    audiences.forEach((members, audience) => {
      const reach = largest[audience] - widest;
      for (const member of members) {
        // A member that has as many as its topics can give is passed over, even if some are of other topics.
        if (sizes[member] >= reach || fixed[member] || sizes[member] === most[member]) continue;
        const gap = largest[audience] - sizes[member];
        if (gap <= widest) continue;
        widest = gap;
        witness = { member, id: held[audience] };
      }
    });
    return witness;
  }

  /** Word for word what Kafka does, for the rare group in which a partition is in two lists. */
  #balancedWithGhosts(): boolean {
    const { table, sizes, holder, most, fixed, ghosts, keyOf } = this.#holdings;
    const having = Array.from(holder, (member) => [member]);
    for (const { member, id } of ghosts) having[id].push(member);
    const active = Array.from(sizes, (_, member) => member).filter((member) => !fixed[member]);
    for (const member of active.sort((a, b) => keyOf(a) - keyOf(b))) {
      if (sizes[member] === most[member]) continue;
      for (let id = 0; id < table.real; id++) {
        if (having[id].includes(member) || !this.#holdings.subscribes(member, id)) continue;
        const other = Math.max(...having[id].filter((owner) => !fixed[owner])); // the last in member order
        if (other < 0) throw new AssignorError("NullPointerException", "A member that is set aside has the partition.");
        if (sizes[member] + 1 < sizes[other]) return false;
      }
    }
    return true;
  }
}
