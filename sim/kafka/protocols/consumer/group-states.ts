/**
 * What a group of the consumer protocol is called, by its epochs and members: labels, which nothing depends on. Kafka:
 * `ConsumerGroup.ConsumerGroupState`.
 *
 * - `Absent`: Kafka has no such state; nobody has named the group yet, or it was removed.
 * - `Empty`: it has no members, but an epoch or committed offsets.
 * - `Assigning`: its target assignment is out of date, until some member's heartbeat has the next one computed.
 * - `Reconciling`: some member has not reached the target; a static one that is away has not either.
 * - `Stable`: everybody has.
 * - `Dead`: another broker coordinates it.
 */
export type ConsumerGroupState = "Absent" | "Empty" | "Assigning" | "Reconciling" | "Stable" | "Dead";

/** Why it has another state. Those up to `assignor-changed` are also why a group's epoch is raised. */
export type ConsumerGroupReason =
  | "member-joined"
  | "subscription-changed" // of a member
  | "metadata-changed" //     a subscribed topic came, grew, or went
  | "member-left"
  | "session-expired"
  | "rebalance-timeout" //    a member took too long to give partitions up
  | "assignor-changed" //     from 4.4 on: another is preferred
  | "target-computed" //      for an epoch that was raised before
  | "reconciled" //           a member has come nearer to its target, or has reached it
  | "member-away" //          a static member has left for a while
  | "member-returned" //      and is back
  | "member-updated" //       said something of itself that changes nothing for the group
  | "created" //              offsets are stored under a name that nobody knew
  | "creation-failed"
  | "removed" //              no committed offset is left
  | "loaded" //               by a new coordinator, from the log
  | "loaded-empty"
  | "unloaded";
