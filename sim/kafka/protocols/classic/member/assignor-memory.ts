import type { Generation, Partitions } from "../../../../names.ts";
import type { Subscriber } from "../../../assignors/assignor.ts";
import type { JoinGroupReply } from "../../../messages.ts";

/** What an assignor was last told of its own member's assignment. */
interface Remembered {
  readonly owned: Partitions;
  readonly generation: Generation;
}

/**
 * What this client's assignors keep from generation to generation, and send to the next leader as user data. Each
 * hears only of the generations in which it was chosen. Kafka: `onAssignment` and `subscriptionUserData`.
 *
 * - `sticky`: the whole assignment, because an eager member owns nothing any more when it joins.
 * - `cooperative-sticky`: the generation; what the member owns is a field of its own.
 * - the others: nothing.
 */
export class AssignorMemory {
  readonly #remembered = new Map<string, Remembered>();

  assigned(assignor: string, owned: Partitions, generation: Generation): void {
    this.#remembered.set(assignor, { owned, generation });
  }

  userData(assignor: string): string | undefined {
    const remembered = this.#remembered.get(assignor);
    if (assignor === "sticky") return remembered && JSON.stringify(remembered);
    return assignor === "cooperative-sticky" ? String(remembered?.generation ?? -1) : undefined;
  }
}

/** A member as the leader's assignor sees it. Kafka: `memberData`. */
export function subscriberOf(
  assignor: string,
  { id, instance, metadata }: JoinGroupReply["members"][number],
): Subscriber {
  const { topics, owned, generation, rack, userData } = metadata;
  const who = { id, topics, ...(instance ? { instanceId: instance } : {}), ...(rack ? { rack } : {}) };
  switch (assignor) {
    case "sticky": {
      const claims = userData === undefined ? {} : (JSON.parse(userData) as Remembered);
      return { ...who, ...claims, subscriptionGeneration: generation };
    }
    case "cooperative-sticky": {
      const userDataGeneration = userData === undefined ? {} : { userDataGeneration: Number(userData) };
      return { ...who, owned, generation, ...userDataGeneration };
    }
    default:
      return { ...who, owned, generation };
  }
}
