import type { Duration, Instant } from "../engine/time.ts";
import { SECOND } from "../engine/time.ts";
import type { ClientId, GroupId, TopicName } from "../names.ts";
import type { Sink, TraceEvent, TraceFooter, TraceHeader } from "../trace/event.ts";
import type { CauseKind } from "../trace/readings/causes.ts";
import { outages, type Outage } from "../trace/readings/outages.ts";
import { reading, type Reading } from "../trace/readings/reading.ts";
import { rebalances, type Rebalance } from "../trace/readings/rebalances.ts";
import { records } from "../trace/readings/records.ts";
import { memberCounts, type MemberCount } from "../trace/readings/states.ts";
import { clientMetrics, type ClientMetrics } from "./client-metrics.ts";
import { curve, type CurveMaker } from "./curve.ts";
import { DeliveryFold } from "./delivery.ts";
import { lagMeasures, type LagMeasures } from "./lag-measures.ts";
import { endToEnd } from "./end-to-end.ts";
import type { Distribution } from "./occupancy.ts";
import { recordLatency, type RecordLatency } from "./record-latency.ts";
import { memberLoad, type MemberLoad } from "./member-load.ts";
import { capacityIn, inflows, isOfSingleRecords, overload, type Inflow } from "./overload.ts";
import { topicMeasures } from "./topics.ts";
import { type Transit, transit } from "./transit.ts";
import { type OutOfReach, outOfReach } from "./out-of-reach.ts";
import { uncountedCommits } from "./uncounted-commits.ts";
import type {
  BrokerSummary,
  GroupSummary,
  Levels,
  MembersSummary,
  OutagesSummary,
  RebalancesSummary,
  Summary,
  UnreadSummary,
} from "./summary.ts";

export interface SummaryOptions {
  /** Where count and fingerprint come from: whoever writes the trace, or `fingerprinting()`. Asked after the end. */
  readonly footer?: () => TraceFooter;
  /** How many of the costliest rebalances to keep. */
  readonly keep?: number;
  /** Whether to find out what readers could not get at, or had from far away; it takes a while. */
  readonly reach?: boolean;
  /** Whether to find out what slow links keep from lag and ages (`Transit`), if not by `reach`. */
  readonly transit?: boolean;
}

export interface Summariser extends Sink {
  /** Once the run is over. */
  result(): Summary;
}

/** Folds a run into its summary. Feed it the trace of one run, from its header to its end. */
export function summarise({
  footer,
  keep = 20,
  reach = false,
  transit: slow = reach,
}: SummaryOptions = {}): Summariser {
  let header: TraceHeader | undefined;
  let end: Instant | undefined;
  const groups = new Map<GroupId, GroupFold>();
  const brokers: BrokerSummary[] = [];
  const moot: Summary["moot"][number][] = [];
  const journeys = endToEnd();
  const lag = lagMeasures((group, read) => journeys.read(group, read));
  const load = memberLoad();
  const latency = recordLatency();
  const clients = clientMetrics();
  const topics = topicMeasures();
  const inflow = inflows();
  const unreached = reach ? outOfReach() : undefined;
  let far: ReturnType<typeof transit>;
  const folds: Sink[] = [
    lag, // first, because the end of the readings asks for the lines as they stand then
    load,
    latency,
    journeys,
    clients,
    topics,
    inflow,
    ...(unreached ? [unreached] : []),
    memberCounts((span) => groups.get(span.group)?.seeMembers(span)),
    rebalances((rebalance) => groups.get(rebalance.group)?.seeRebalance(rebalance)),
    reading((span) => groups.get(span.group)?.seeReading(span)),
    outages((outage) => groups.get(outage.group)?.seeOutage(outage)),
    records({
      reread: (reread) => groups.get(reread.group)?.delivery.seeReread(reread),
      spared: (spared) => groups.get(spared.group)?.delivery.seeSpared(spared),
      lost: (loss) => groups.get(loss.group)?.delivery.seeLoss(loss),
      found: (found) => groups.get(found.group)?.delivery.seeFound(found),
    }),
  ];
  return {
    begin(found) {
      header = found;
      for (const group of found.groups) groups.set(group.id, new GroupFold(group, found, keep));
      for (const fold of folds) fold.begin?.(found);
      far = slow ? transit(found) : undefined;
      if (far) folds.push(far);
    },
    see(event: TraceEvent) {
      for (const fold of folds) fold.see(event);
      if (event.type === "group.subscribed") groups.get(event.group)?.seeSubscription(event.topics);
      if (event.type === "broker.served") {
        const { broker, requests, offsets } = event;
        brokers.push({ broker, requests, offsets });
      }
      if (event.type === "client.failed") groups.get(event.group)?.seeFailure(event.client, event.error, event.t);
      if (event.type === "scenario.event" && event.what === "nothing") moot.push({ at: event.t, why: event.text });
      if (event.type === "scenario.event" && event.what === "roll")
        groups.get(event.subject.slice("group/".length))?.seeDeploy(event.t);
    },
    end(t) {
      end = t;
      for (const fold of folds) fold.end(t);
    },
    result() {
      if (!header || end === undefined) throw new Error("a run has a summary when it is over");
      const { scenario, seed, scenarioHash, version, warmUp } = header;
      const last = footer?.();
      const at = end;
      const produced = topics.result();
      return {
        name: nameOf(scenario),
        seed,
        scenarioHash,
        version,
        from: Math.min(warmUp, end),
        end,
        events: last?.count ?? null,
        fingerprint: last?.fingerprint ?? null,
        groups: [...groups.values()].map((group) =>
          group.summary(at, {
            ...lag.of(group.id)!,
            load: load.of(group.id),
            inflow: inflow.at,
            latency: latency.of(group.id),
            endToEnd: journeys.of(group.id),
            clients: clients.result().filter(({ group: id }) => id === group.id),
            outOfReach: unreached?.of(group.id) ?? null,
            transit: far?.of(group.id) ?? null,
          }),
        ),
        topics: produced,
        brokers,
        uncountedCommits: uncountedCommits(header),
        moot,
      };
    },
  };
}

/** The scenario is its own business, but its name is everybody's. */
function nameOf(scenario: unknown): string {
  const { name } = (scenario ?? {}) as { name?: unknown };
  return typeof name === "string" ? name : "";
}

/** What other folds have found out of a group. */
interface Measures extends LagMeasures {
  readonly load: MemberLoad;
  readonly latency: RecordLatency | null;
  readonly endToEnd: Distribution | null;
  readonly clients: readonly ClientMetrics[];
  readonly inflow: Inflow;
  readonly outOfReach: OutOfReach | null;
  readonly transit: Transit | null;
}

class GroupFold {
  readonly id: GroupId;
  readonly delivery: DeliveryFold;
  #topics: readonly TopicName[];
  readonly #everRead: Set<TopicName>;
  readonly #from: Instant;
  readonly #alive = levels();
  readonly #known = levels();
  readonly #membersCurve: CurveMaker;
  readonly #rebalances: RebalancesFold;
  readonly #outages: OutagesFold;
  readonly #unread: UnreadFold;
  readonly #failures: GroupSummary["failures"][number][] = [];
  /** Records per second that one member can process, if the scenario says. */
  readonly #capacity: number | undefined;
  readonly #isOfSingleRecords: boolean;
  #deploys = 0;

  constructor({ id, topics }: TraceHeader["groups"][number], header: TraceHeader, keep: number) {
    this.id = id;
    this.#topics = topics;
    this.#everRead = new Set(topics);
    this.#from = header.warmUp;
    this.#capacity = capacityIn(header, id);
    this.#isOfSingleRecords = isOfSingleRecords(header);
    this.delivery = new DeliveryFold(header.warmUp);
    this.#membersCurve = curve(header.warmUp, header.until);
    this.#rebalances = new RebalancesFold(header.warmUp, keep);
    this.#outages = new OutagesFold(header.warmUp);
    this.#unread = new UnreadFold(header.warmUp);
  }

  seeSubscription(topics: readonly TopicName[]): void {
    this.#topics = topics;
    for (const topic of topics) this.#everRead.add(topic);
  }

  seeMembers({ from, to, alive, known }: MemberCount): void {
    this.#membersCurve.level(from, to, alive);
    const length = to - Math.max(from, this.#from);
    this.#alive.add(alive, length);
    this.#known.add(known, length);
  }

  seeRebalance(rebalance: Rebalance): void {
    this.#rebalances.see(rebalance);
  }

  seeOutage(outage: Outage): void {
    this.#outages.see(outage);
  }

  seeReading(span: Reading): void {
    this.#unread.see(span);
  }

  seeFailure(client: ClientId, error: string, at: Instant): void {
    this.#failures.push({ client, error, at }); // whoever failed in the warm-up is missing all the same
  }

  seeDeploy(t: Instant): void {
    if (t >= this.#from) this.#deploys++;
  }

  summary(end: Instant, measures: Measures): GroupSummary {
    const { lag, timeLag, produced, consumed, lines, partitions, load, latency, endToEnd, clients, inflow } = measures;
    const handedOut = consumed + this.delivery.handedOutBeside;
    const delivery = this.delivery.result(handedOut);
    const members: MembersSummary = {
      alive: this.#alive.levels(),
      known: this.#known.levels(),
      curve: this.#membersCurve.values(),
    };
    return {
      group: this.id,
      topics: this.#topics,
      formerTopics: [...this.#everRead].filter((topic) => !this.#topics.includes(topic)),
      partitions,
      members,
      load,
      utilisation: this.#utilisation(handedOut - delivery.unprocessed, members.alive.mean, end),
      clients,
      failures: this.#failures,
      rebalances: this.#rebalances.summary(end - this.#from),
      deploys: this.#deploys,
      outages: this.#outages.summary(),
      unread: this.#unread.summary(),
      outOfReach: measures.outOfReach,
      transit: measures.transit,
      lag,
      timeLag,
      latency,
      produced,
      consumed: handedOut,
      endToEnd,
      delivery,
      overload: overload(
        this.#unread.readers(end),
        lines,
        end,
        this.#isOfSingleRecords ? { inflow, capacity: this.#capacity ?? 0 } : undefined,
      ),
    };
  }

  #utilisation(processed: number, members: number, end: Instant): number | null {
    const most = (this.#capacity ?? 0) * members * Math.max(0, (end - this.#from) / SECOND);
    return most > 0 ? processed / most : null;
  }
}

/** A whole number over time, added up from its stretches. */
function levels() {
  const lengths = new Map<number, Duration>();
  let final = 0;
  return {
    add(value: number, length: Duration) {
      final = value;
      if (length > 0) lengths.set(value, (lengths.get(value) ?? 0) + length);
    },
    levels(): Levels {
      const values = [...lengths.keys()].sort((a, b) => a - b);
      let weight = 0;
      let sum = 0;
      for (const value of values) {
        weight += lengths.get(value)!;
        sum += value * lengths.get(value)!;
      }
      return {
        min: values[0] ?? final,
        mean: weight > 0 ? sum / weight : final,
        max: values.at(-1) ?? final,
        final,
        values,
        lengths: values.map((value) => lengths.get(value)!),
      };
    },
  };
}

class RebalancesFold {
  readonly #from: Instant;
  readonly #keep: number;
  readonly #durations: Duration[] = [];
  readonly #byCause = new Map<CauseKind, number>();
  #unfinished = 0;
  #failedAttempts = 0;
  #underWay = 0;
  #costliest: Rebalance[] = [];

  constructor(from: Instant, keep: number) {
    this.#from = from;
    this.#keep = keep;
  }

  see(rebalance: Rebalance): void {
    const { protocol, from, to, resumed, outcome, attempts, cause } = rebalance;
    this.#underWay += Math.max(0, to - Math.max(from, this.#from));
    if (from < this.#from) return;
    if (outcome === "unfinished") {
      this.#unfinished++;
    } else {
      this.#durations.push((resumed ?? to) - from);
    }
    this.#byCause.set(cause.kind, (this.#byCause.get(cause.kind) ?? 0) + 1);
    if (protocol !== "consumer") this.#failedAttempts += Math.max(0, attempts.length - 1);
    this.#costliest.push(rebalance);
    // Sorted rarely, so a day of rebalances costs no more than a few times their number.
    if (this.#costliest.length >= 4 * this.#keep + 16) this.#cut();
  }

  summary(measured: Duration): RebalancesSummary {
    this.#cut();
    return {
      count: this.#durations.length,
      unfinished: this.#unfinished,
      byCause: Object.fromEntries(
        [...this.#byCause].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)),
      ) as RebalancesSummary["byCause"],
      durations: this.#durations.toSorted((a, b) => a - b),
      share: measured > 0 ? this.#underWay / measured : 0,
      failedAttempts: this.#failedAttempts,
      costliest: this.#costliest,
    };
  }

  #cut(): void {
    this.#costliest = this.#costliest
      .sort((a, b) => b.partitionSecondsUnread - a.partitionSecondsUnread || a.ordinal - b.ordinal)
      .slice(0, this.#keep);
  }
}

/** Times without a coordinator. */
class OutagesFold {
  readonly #from: Instant;
  readonly #coordinator: Duration[] = [];
  readonly #member: Duration[] = [];
  #unfinished = false;

  constructor(from: Instant) {
    this.#from = from;
  }

  see({ client, from, to, over }: Outage): void {
    if (from < this.#from) return;
    (client === undefined ? this.#coordinator : this.#member).push(to - from);
    if (client === undefined && !over) this.#unfinished = true;
  }

  summary(): OutagesSummary {
    return {
      coordinator: this.#coordinator.toSorted((a, b) => a - b),
      member: this.#member.toSorted((a, b) => a - b),
      unfinished: this.#unfinished,
    };
  }
}

/** What nobody read, and who read what in the end. */
class UnreadFold {
  readonly #from: Instant;
  readonly #last = new Map<string, Reading>();
  #partitionTime = 0;
  #worst: UnreadSummary["worst"] = null;

  constructor(from: Instant) {
    this.#from = from;
  }

  see(span: Reading): void {
    const { topic, partition, client, from, to } = span;
    const key = `${topic} ${partition}`;
    const before = this.#last.get(key);
    // A partition may stay without a reader for one reason after another: that is one time without.
    const since = client === null && before?.client === null && before.to === from ? before.from : from;
    this.#last.set(key, { ...span, from: since });
    if (client !== null || to <= this.#from) return;
    this.#partitionTime += to - Math.max(from, this.#from);
    const begin = Math.max(since, this.#from);
    if (to - begin > (this.#worst ? this.#worst.to - this.#worst.from : 0))
      this.#worst = { topic, partition, from: begin, to };
  }

  summary(): UnreadSummary {
    return { partitionSeconds: this.#partitionTime / SECOND, worst: this.#worst };
  }

  readers(end: Instant): readonly Reading[] {
    return [...this.#last.values()].filter(({ client, to }) => client !== null && to === end);
  }
}
