import type { Machine, ReasonOf, StateOf } from "../machine.ts";

/**
 * The life of a membership of the consumer protocol (KIP-848), as the consumer itself sees it. Kafka: `MemberState`.
 *
 * Most of it needs no poll(): heartbeats and requests are the background thread's. What is the application's, callbacks
 * above all, waits for it; meanwhile the member stays RECONCILING, FENCED or STALE.
 */
export const CONSUMER_MEMBER = {
  UNSUBSCRIBED: { polled: "JOINING" },
  JOINING: {
    "assignment-received": "RECONCILING", // even if it is empty: there was none before
    fenced: "FENCED",
    failed: "FATAL",
    leaves: "PREPARE_LEAVING",
  },
  RECONCILING: {
    reconciled: "ACKNOWLEDGING", // its next heartbeat says so, at once
    fenced: "FENCED",
    failed: "FATAL",
    leaves: "PREPARE_LEAVING",
  },
  ACKNOWLEDGING: {
    acknowledged: "STABLE", //              said, not heard
    "newer-target": "RECONCILING", //       the same, and another one waits
    "assignment-received": "RECONCILING",
    fenced: "FENCED",
    failed: "FATAL",
    leaves: "PREPARE_LEAVING",
  },
  STABLE: {
    "assignment-received": "RECONCILING",
    fenced: "FENCED",
    failed: "FATAL",
    leaves: "PREPARE_LEAVING",
  },
  FENCED: {
    "partitions-lost": "JOINING", // onPartitionsLost has run
    leaves: "UNSUBSCRIBED",
  },
  PREPARE_LEAVING: { "callbacks-done": "LEAVING" },
  LEAVING: {
    left: "UNSUBSCRIBED", //               said, or there was nobody to say it to
    "poll-interval-exceeded": "STALE",
  },
  STALE: { polled: "JOINING" },
  FATAL: {}, // poll() throws
} as const satisfies Machine;

export type ConsumerMemberState = StateOf<typeof CONSUMER_MEMBER>;
export type ConsumerMemberReason = ReasonOf<typeof CONSUMER_MEMBER>;
