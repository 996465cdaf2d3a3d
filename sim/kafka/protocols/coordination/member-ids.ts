import type { ClientId, InstanceId, MemberId } from "../../../names.ts";

/** Hands out member ids: `billing-3-1`, `billing-3-2` … Kafka's end in a UUID, or are one. */
export class MemberIds {
  readonly #counts = new Map<string, number>();

  next(name: ClientId | InstanceId): MemberId {
    const count = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, count);
    return `${name}-${count}`;
  }
}
