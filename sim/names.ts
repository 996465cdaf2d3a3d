/**
 * The names of things, shared by every room. A leaf: imports nothing.
 *
 * All of them are plain strings and numbers in the trace; the aliases say which is meant where.
 */

/** A consumer process of the simulated world, for instance `billing-3`. Lives through restarts of its membership. */
export type ClientId = string;

/** The identity a coordinator gave to a member (`billing-3-1`); a client that rejoins anew gets another. */
export type MemberId = string;

/** Kafka's `group.instance.id`: the identity of a static member, chosen by its owner, kept over restarts. */
export type InstanceId = string;

/** Kafka's `group.id`. */
export type GroupId = string;

/** A topic's name. */
export type TopicName = string;

/** A broker's id: 1, 2, 3 … */
export type BrokerId = number;

/** The count of completed join phases of a classic group; −1 means none. */
export type Generation = number;

/**
 * Epochs of the consumer protocol (KIP-848): a group's counts its changes, a member's is that of the target it has
 * reached. In a heartbeat 0 joins, −1 leaves for good, −2 leaves a static member's seat reserved.
 */
export type MemberEpoch = number;

/** In place of its own while a static member is away: it has left for a while, and its seat is reserved. */
export const AWAY = -2;

/** Partition numbers by topic, each list ascending: the form every assignment has in messages, trace and files. */
export type Partitions = Readonly<Record<TopicName, readonly number[]>>;

/** What each member was given. */
export type Assignment = ReadonlyMap<MemberId, Partitions>;
