import { MILLISECOND } from "../../../../engine/time.ts";
import type { MemberId, Partitions, TopicName } from "../../../../names.ts";
import { byCodeUnit } from "../../../assignors/standing-order.ts";
import { record } from "../../client/client.ts";
import type { ZooKeeperConsumerReason } from "../consumer-states.ts";
import { BROKERS, childOf, idsOf, ownerOf, topicAt } from "../paths.ts";
import { shareOf } from "./assignment.ts";
import type { Parts } from "./parts.ts";
import { consumerOf, listed, threadOf } from "./parts.ts";
import { ask, sleep, type Steps } from "./threads.ts";

/** Why an attempt fails. */
type Failure = Extract<ZooKeeperConsumerReason, "claim-refused" | "read-failed" | "topics-differ" | "closing">;

/** Writes down that this consumer's state has changed, in the how-manieth attempt. */
type Move = (reason: ZooKeeperConsumerReason, attempt: number) => void;

/**
 * A rebalance of one consumer: attempts, until one succeeds or there have been enough. It is told what this did to the
 * consumer's state, and whether it succeeded. Each step of an attempt is a round trip to ZooKeeper for each node that it reads
 * or changes: with n members each of them reads n registrations whenever one comes or goes. Kafka:
 * `ZKRebalancerListener.syncedRebalance`.
 */
export function* rebalance(on: Parts, why: ZooKeeperConsumerReason, move: Move): Steps<boolean> {
  const { config } = on.options;
  for (let attempt = 1; attempt <= config["rebalance.max.retries"]; attempt++) {
    move(attempt === 1 ? why : "tries-again", attempt);
    const outcome = yield* tryOnce(on, attempt);
    move(outcome, attempt);
    if (outcome === "claimed") return true;
    yield* stopAndCommit(on);
    yield* sleep(config["rebalance.backoff.ms"] * MILLISECOND, "backoff");
  }
  move("retries-exhausted", config["rebalance.max.retries"]);
  return false;
}

/** Kafka: `ZKRebalancerListener.rebalance`. */
function* tryOnce(on: Parts, attempt: number): Steps<Failure | "claimed"> {
  yield* readBrokers();
  if (!(yield* readTopicsOf(on, on.consumer))) return "read-failed";
  yield* readBrokers(); // once more: the first time to have a copy of the cluster, now to see whether there are any
  yield* stopAndCommit(on);
  yield* release(on);
  const share = yield* workOutShare(on);
  if (typeof share === "string") return share;
  const committed = yield* on.offsets.fetch(share);
  if (on.closing()) return "closing";
  if (!(yield* claim(on, share, attempt))) return "claim-refused";
  on.holdings.own(share, on.zxid());
  on.offsets.begin(share, committed);
  return "claimed";
}

/** What they say is of no consequence here, but reading them takes its time. */
function* readBrokers(): Steps {
  const { children = [] } = yield* ask({ op: "children", path: BROKERS, watch: false });
  for (const broker of children) yield* ask({ op: "read", path: childOf(BROKERS, broker), watch: false });
}

function* readTopicsOf({ options }: Parts, consumer: MemberId): Steps<readonly TopicName[] | undefined> {
  const { data } = yield* ask({ op: "read", path: childOf(idsOf(options.group), consumer), watch: false });
  return data?.split(" ", 1)[0].split(",");
}

/**
 * The fetchers stop, what they have fetched is thrown away, and what has been read of what it owns is committed: nobody shall
 * read that again.
 */
function* stopAndCommit({ options, holdings, offsets }: Parts): Steps {
  offsets.end();
  holdings.stopReading();
  if (options.config["auto.commit.enable"]) yield* offsets.commit();
}

/** Whoever's the nodes are by now: Kafka does not look. */
function* release({ options, holdings }: Parts): Steps {
  const { owned } = holdings;
  holdings.giveUp("revoked");
  for (const { topic, partition } of listed(owned)) {
    yield* ask({ op: "delete", path: ownerOf(options.group, topic, partition) });
  }
}

/** Kafka: `AssignmentContext`, and the assignor. */
function* workOutShare(on: Parts): Steps<Partitions | Failure> {
  const { options, consumer } = on;
  const ids = idsOf(options.group);
  const topics = new Map<TopicName, number>();
  const own = yield* readTopicsOf(on, consumer);
  if (!own) return "read-failed";
  for (const topic of own) {
    const { data } = yield* ask({ op: "read", path: topicAt(topic), watch: true });
    if (data !== undefined) topics.set(topic, Number(data));
  }
  const { children = [] } = yield* ask({ op: "children", path: ids, watch: true });
  const subscriptions = new Map<MemberId, readonly TopicName[]>();
  for (const other of children) {
    const subscribed = yield* readTopicsOf(on, other);
    if (!subscribed) return "read-failed"; // gone since it was listed
    subscriptions.set(other, subscribed);
  }
  yield* ask({ op: "children", path: ids, watch: true }); // for its log
  if (!subscriptions.has(consumer)) return "read-failed";
  return (
    shareOf(consumer, options.config["partition.assignment.strategy"], { subscriptions, topics }) ?? "topics-differ"
  );
}

/** All or nothing; but all are tried. Kafka: `reflectPartitionOwnershipDecision`. */
function* claim(on: Parts, share: Partitions, attempt: number): Steps<boolean> {
  const { options, consumer } = on;
  const claimed: string[] = [];
  const refused: Record<TopicName, number[]> = {};
  const holders = new Set<MemberId>();
  for (const { topic, partition } of listed(share)) {
    const path = ownerOf(options.group, topic, partition);
    const data = threadOf(consumer);
    const { error } = yield* ask({ op: "create", path, data, ephemeral: true });
    const holder = error === "OK" ? data : (yield* ask({ op: "read", path, watch: false })).data;
    if (holder === data) claimed.push(path);
    else {
      (refused[topic] ??= []).push(partition);
      if (holder !== undefined) holders.add(consumerOf(holder));
    }
  }
  if (Object.keys(refused).length === 0) return true;
  record(on, "client.refused", { attempt, partitions: refused, holders: [...holders].sort(byCodeUnit) });
  for (const path of claimed) yield* ask({ op: "delete", path });
  return false;
}
