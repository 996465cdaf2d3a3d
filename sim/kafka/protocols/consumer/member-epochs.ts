/**
 * The epochs that say something else than which target a member has reached. Kafka: `ConsumerGroupHeartbeatRequest`.
 */

/** In a request: somebody joins, or begins anew. */
export const JOIN = 0;

/** In a request: a member leaves for good. */
export const LEAVE = -1;
