/** How long records are under way from far leaders to readers that keep up, which a fluid leaves out. */
import { type Duration, type Instant, MILLISECOND, SECOND } from "../engine/time.ts";
import { durationOf, type Law, meanOf } from "../engine/variates.ts";
import type { BrokerId, ClientId, GroupId, TopicName } from "../names.ts";
import type { LagSlopes, Sink, TraceHeader } from "../trace/event.ts";
import { type Leadership, leaderships } from "../trace/readings/leaders.ts";
import { isOnTheWay, type LinkTrouble, linkTroubles } from "../trace/readings/links.ts";
import { type Reading, reading } from "../trace/readings/reading.ts";
import { isOfSingleRecords } from "./overload.ts";

/**
 * What lag and ages of a group leave out, since the fluid hands over what comes in at once. In truth a record that finds a
 * fetch waiting at its leader is under way for the answer alone; one that just missed it waits for that answer to arrive, the
 * next fetch to come, and the answer to that. So over a link of d each way it takes from d to 3d, 2d on average, and at r
 * records a second as much as r·3d of its partition may be under way at once.
 */
export interface Transit {
  /** Members that read over such a way at some time. */
  readonly readers: number;
  /** The longest way, and when it was first so long; of several as long the one that most came in by. */
  readonly client: ClientId;
  readonly broker: BrokerId;
  readonly topic: TopicName;
  readonly partition: number;
  readonly from: Instant;
  readonly to: Instant;
  /** What a record takes on it, by the means of the links' laws. */
  readonly least: Duration;
  readonly most: Duration;
  /** At most, of one partition, on any of these ways, if they come evenly, at the highest rate while links stay as they are. */
  readonly records: number;
}

/** As much of a scenario as it takes, as far as the header of a trace has one. */
interface Simulated {
  readonly cluster?: {
    readonly delay?: Law;
    readonly between?: readonly { readonly zones: readonly [string, string]; readonly delay: Law }[];
  };
  readonly groups?: readonly { readonly id: GroupId; readonly config?: Readonly<Record<string, unknown>> }[];
  readonly events?: readonly { readonly what: string; readonly delay?: Law }[];
}

type Span = Pick<Leadership, "from" | "to">;

/**
 * Folds a run into that, from the end of the warm-up on; `undefined` where there is nothing of the kind: single records
 * have it in their figures, recordings too, and most scenarios have no link that is slow enough.
 *
 * That is one over which a record may need as long as `retry.backoff.ms`. It is the shortest time that Kafka's clients
 * wait when something is the matter, so whatever a run tells of trouble is made of such times, and less is not seen beside it.
 */
export function transit(header: TraceHeader): (Sink & { of(group: GroupId): Transit | null }) | undefined {
  const scenario = (header.scenario ?? {}) as Simulated;
  const base = scenario.cluster?.delay;
  if (isOfSingleRecords(header) || base === undefined) return undefined;
  const between = scenario.cluster?.between ?? [];
  const worthwhile = new Map((scenario.groups ?? []).map((group) => [group.id, shortestWait(group.config)]));
  const least = Math.min(...worthwhile.values());
  const isFar = (law: Law | undefined): boolean => law !== undefined && 3 * usual(law) >= least;
  const stands = [base, ...between.map(({ delay }) => delay)].some(isFar);
  if (!stands && !(scenario.events ?? []).some(({ delay }) => isFar(delay))) return undefined;

  const zones = new Map<ClientId | BrokerId, string | undefined>(header.brokers?.map(({ id, zone }) => [id, zone]));
  const leaders = new Map<string, Leadership[]>();
  const readings: (Reading & { readonly client: ClientId })[] = [];
  const slow: LinkTrouble[] = [];
  const inflows = new Map<string, Peaks>();
  /** When something about the links changed, ascending, and how many are in trouble. */
  const epochs: Instant[] = [0];
  let troubled = 0;
  const folds: readonly Sink[] = [
    reading((span) => {
      const { client } = span;
      const isFelt = stands || troubled > 0 || span.from < epochs.at(-1)!;
      if (client !== null && span.to > header.warmUp && isFelt) readings.push({ ...span, client });
    }),
    leaderships((span) => appendTo(leaders, `${span.topic} ${span.partition}`, span)),
    linkTroubles((trouble) => trouble.state === "slow" && slow.push(trouble)),
  ];
  for (const fold of folds) fold.begin?.(header);

  function bend({ group, topic, partitions, in: inflow }: LagSlopes): void {
    partitions.forEach((partition, i) => {
      const rate = typeof inflow === "number" ? inflow : inflow[i];
      const key = `${group} ${topic} ${partition}`;
      let peaks = inflows.get(key);
      if (!peaks) inflows.set(key, (peaks = new Peaks()));
      peaks.add(epochs.at(-1)!, rate);
    });
  }

  /** How long a message takes then, one way. Of several slow links the last one that began counts. */
  function delay(client: ClientId, broker: BrokerId, way: "there" | "back", { from }: Span): Duration {
    const trouble = slow.findLast((one) => one.begin <= from && from < one.end && isOnTheWay(one, client, broker, way));
    if (trouble?.delay) return usual(trouble.delay);
    const [here, there] = [zones.get(client), zones.get(broker)];
    const apart = between.findLast(({ zones: [a, b] }) => (a === here && b === there) || (a === there && b === here));
    return usual(apart?.delay ?? base!);
  }

  /** The parts of a span in which its way is the same. */
  function* pieces({ from, to }: Span, client: ClientId, broker: BrokerId): Generator<Span> {
    const bends = slow
      .filter((one) => isOnTheWay(one, client, broker, "there") || isOnTheWay(one, client, broker, "back"))
      .flatMap(({ begin, end }) => [begin, end])
      .filter((t) => from < t && t < to)
      .sort((a, b) => a - b);
    for (const [i, t] of [from, ...bends].entries()) yield { from: t, to: bends[i] ?? to };
  }

  function* waysOf(group: GroupId): Generator<Omit<Transit, "readers">> {
    for (const span of readings) {
      if (span.group !== group) continue;
      const { client, topic, partition } = span;
      for (const led of leaders.get(`${topic} ${partition}`) ?? []) {
        const { leader: broker } = led;
        const both = { from: Math.max(span.from, led.from, header.warmUp), to: Math.min(span.to, led.to) };
        if (broker === null || both.to <= both.from) continue;
        for (const piece of pieces(both, client, broker)) {
          const reply = delay(client, broker, "back", piece);
          const most = reply + delay(client, broker, "there", piece) + reply;
          if (most < (worthwhile.get(group) ?? least)) continue;
          const since = epochs.findLast((epoch) => epoch <= piece.from)!;
          const rate = inflows.get(`${group} ${topic} ${partition}`)?.between(since, piece.to) ?? 0;
          if (rate > 0)
            yield { client, broker, topic, partition, ...piece, least: reply, most, records: (rate * most) / SECOND };
        }
      }
    }
  }

  return {
    see(event) {
      for (const fold of folds) fold.see(event);
      if (event.type === "network.link") {
        epochs.push(event.t);
        troubled += event.state === "mended" ? -1 : 1;
      } else if (event.type === "client.process" && event.zone !== undefined) zones.set(event.client, event.zone);
      else if (event.type === "lag") bend(event);
    },
    end(t) {
      for (const fold of folds) fold.end(t);
      slow.sort((a, b) => a.begin - b.begin);
    },
    of(group) {
      const readers = new Set<ClientId>();
      let longest: Omit<Transit, "readers"> | undefined;
      let records = 0;
      for (const way of waysOf(group)) {
        readers.add(way.client);
        records = Math.max(records, way.records);
        const isLonger =
          !longest || (way.most - longest.most || way.records - longest.records || longest.from - way.from) > 0;
        if (isLonger) longest = way;
      }
      return longest ? { ...longest, readers: readers.size, records } : null;
    },
  };
}

/** The highest rate of each stretch of time in which the links stay as they are: there are few of those. */
class Peaks {
  readonly #stretches: { readonly from: Instant; most: number; last: number }[] = [];

  /** So much comes in from now on. `from`: when the stretch began. */
  add(from: Instant, rate: number): void {
    const now = this.#stretches.at(-1);
    if (now?.from === from) {
      now.most = Math.max(now.most, rate);
      now.last = rate;
    } else this.#stretches.push({ from, most: Math.max(now?.last ?? 0, rate), last: rate });
  }

  /** The highest between the begin of a stretch and an instant. */
  between(since: Instant, to: Instant): number {
    const before = this.#stretches.findLast(({ from }) => from < since)?.last ?? 0;
    const within = this.#stretches.filter(({ from }) => since <= from && from < to);
    return within.reduce((peak, { most }) => Math.max(peak, most), before);
  }
}

/** A law without a mean is taken by its median, as where fetches bound what is read. */
const usual = (law: Law): Duration => meanOf(law) ?? durationOf(law, 0.5);

/** `retry.backoff.ms`, which every group has. */
function shortestWait(config: Readonly<Record<string, unknown>> = {}): Duration {
  const ms = config["retry.backoff.ms"];
  return typeof ms === "number" ? ms * MILLISECOND : 0;
}

function appendTo<Name, One>(lists: Map<Name, One[]>, name: Name, one: One): void {
  const list = lists.get(name);
  if (list) list.push(one);
  else lists.set(name, [one]);
}
