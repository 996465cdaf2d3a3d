import type { Sink } from "../../sim/trace/event.ts";
import {
  brokerRuns,
  brokerStates,
  controllers,
  coordinators,
  type BrokerSpan,
  type ControllerSpan,
  type CoordinatorSpan,
} from "../../sim/trace/readings/brokers.ts";
import { leaderships, type Leadership } from "../../sim/trace/readings/leaders.ts";
import { linkTroubles, type LinkTrouble } from "../../sim/trace/readings/links.ts";
import { standingWatermarks, type StandingWatermark } from "../../sim/trace/readings/watermarks.ts";
import { Crowd, LaneBuilder, layered, type Lanes } from "./lanes.ts";
import { ACTIVE, CUT, LOADING, SLOW, type ClusterPicture } from "./picture.ts";

/** So many brokers all have a row each; of more, only those of which there is something to tell. */
const ALL_SHOWN = 12;
/** Troubles of the network that have rows of their own at a time; of more, only those are seen whom they concern. */
const MOST_TROUBLES = 4;

/** What the readings say of brokers, the network and the controller. */
export class ClusterBuilder {
  readonly folds: readonly Sink[];
  readonly troubles: LinkTrouble[] = [];
  readonly leaderships: Leadership[] = [];
  readonly watermarks: StandingWatermark[] = [];
  readonly #coordinators: CoordinatorSpan[] = [];
  readonly #states: BrokerSpan[] = [];
  readonly #controllers: ControllerSpan[] = [];
  readonly #zones = new Map<number, string | undefined>();

  constructor() {
    this.folds = [
      brokerStates((span) => this.#states.push(span)),
      coordinators((span) => this.#coordinators.push(span)),
      controllers((span) => this.#controllers.push(span)),
      linkTroubles((trouble) => this.troubles.push(trouble)),
      leaderships((span) => this.leaderships.push(span)),
      standingWatermarks((span) => this.watermarks.push(span)),
      {
        begin: ({ brokers = [] }) => brokers.forEach(({ id, zone }) => this.#zones.set(id, zone)),
        see: () => undefined,
        end: () => undefined,
      },
    ];
  }

  build(end: number): ClusterPicture {
    const troubles = this.troubles.sort((a, b) => a.begin - b.begin);
    const rows = this.#shown().map((broker) => ({ broker, zone: this.#zones.get(broker) }));
    const rowOf = rowsOf(rows);
    const states = new LaneBuilder();
    const stateNames: string[] = [];
    const running = new Crowd();
    for (const { broker, state, from, to } of this.#states) {
      if (brokerRuns(state)) running.add(from, to);
      const row = rowOf.get(broker);
      if (row === undefined) continue;
      if (!stateNames.includes(state)) stateNames.push(state);
      states.add(row, from, to, stateNames.indexOf(state));
    }
    const links = troubles.flatMap(({ brokers, state, begin, end: to }) =>
      [...brokers.from, ...brokers.to].map((broker) => ({
        row: rowOf.get(broker)!,
        from: begin,
        to,
        value: state === "cut" ? CUT : SLOW,
      })),
    );
    return {
      rows,
      states: states.build(rows.length, end),
      stateNames,
      links: layered(links, rows.length, end),
      brokers: new Set(this.#states.map(({ broker }) => broker)).size,
      running: running.build(),
      troubles,
      controllers: this.#controllers,
      ...this.#network(troubles, end),
    };
  }

  #network(troubles: readonly LinkTrouble[], end: number): Pick<ClusterPicture, "network" | "controllerRow"> {
    const berths = moorTroubles(troubles);
    const count = berths.reduce((most, berth) => Math.max(most, berth + 1), 0);
    const controlled = this.#controllers.length > 1;
    const lanes = new LaneBuilder();
    troubles.forEach(({ begin, end: to }, i) => berths[i] >= 0 && lanes.add(berths[i], begin, to, i));
    if (controlled) this.#controllers.forEach(({ from, to }, i) => lanes.add(count, from, to, i));
    return { network: lanes.build(count + (controlled ? 1 : 0), end), controllerRow: controlled ? count : -1 };
  }

  /** Where this group's coordinator is, in these rows. */
  coordinatorOf(group: string, rows: ClusterPicture["rows"], end: number): Lanes {
    const rowOf = rowsOf(rows);
    const lanes = new LaneBuilder();
    for (const { group: of, broker, state, from, to } of this.#coordinators) {
      const row = rowOf.get(broker);
      if (of === group && row !== undefined) lanes.add(row, from, to, state === "Active" ? ACTIVE : LOADING);
    }
    return lanes.build(rows.length, end);
  }

  /** Brokers with a row, ascending; none where there is nothing to tell. */
  #shown(): number[] {
    const told = new Set<number>();
    for (const { broker, event } of this.#states) if (event !== null) told.add(broker);
    for (const { brokers } of this.troubles) for (const broker of [...brokers.from, ...brokers.to]) told.add(broker);
    const coordinating = new Set(this.#coordinators.map(({ broker }) => broker));
    const seats = new Set(this.#coordinators.map(({ group, broker }) => `${broker} ${group}`));
    const moved = seats.size > new Set(this.#coordinators.map(({ group }) => group)).size;
    if (told.size === 0 && !moved) return [];
    const all = [...new Set(this.#states.map(({ broker }) => broker))].sort((a, b) => a - b);
    return all.length <= ALL_SHOWN ? all : all.filter((broker) => told.has(broker) || coordinating.has(broker));
  }
}

function rowsOf(rows: ClusterPicture["rows"]): ReadonlyMap<number, number> {
  return new Map(rows.map(({ broker }, row) => [broker, row]));
}

/** The first row that is free when each begins; −1: so many at a time are not told apart. */
function moorTroubles(troubles: readonly LinkTrouble[]): number[] {
  const free: number[] = [];
  return troubles.map(({ begin, end }) => {
    const found = free.findIndex((until) => until <= begin);
    const berth = found >= 0 ? found : free.length;
    if (berth >= MOST_TROUBLES) return -1;
    free[berth] = end;
    return berth;
  });
}
