import type { Assignor } from "./assignor.ts";
import { inGivenOrder } from "./hand.ts";
import { stickyClaims } from "./sticky/claims.ts";
import { assignSticky, type StickyOptions } from "./sticky/sticky.ts";

/** `sticky`, with the choices that Kafka does not give. */
export const stickyWith =
  (options: StickyOptions): Assignor =>
  (subscribers, topics) => {
    const result = assignSticky(subscribers, topics, stickyClaims, options);
    return inGivenOrder(subscribers, result.places, result.table.write(result.lists));
  };

/**
 * Sticky: as even as round robin, and members keep what they had as far as that allows (KIP-54).
 *
 *     orders(4), a had 0 1 2 3 and b comes new
 *       a: orders-0 orders-1
 *       b: orders-2 orders-3
 *
 * Eager: everybody gives up everything before the round, and so nothing is held back. What a member had is in its user
 * data. Where all subscribe to the same, sizes differ by at most one; else it balances as well as single moves can.
 * Kafka: `StickyAssignor`.
 */
export const sticky: Assignor = stickyWith({});
