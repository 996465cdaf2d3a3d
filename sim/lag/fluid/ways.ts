import { fetchCeilings, isFelt, type Route } from "./fetch-ceilings.ts";
import type { Lines } from "./lines.ts";
import { fairLevelOf, isWithin } from "./sharing.ts";

/** How the reader of a line gets at its records, where that is felt. */
interface Way {
  readonly route: Route;
  /** Bytes a record. */
  readonly recordSize: number;
  /** How fast the line can be read for that, records per second. */
  ceiling: number;
}

/** What a client reads over each of its ways that are felt. */
export type Routes = ReadonlyMap<Route, readonly number[]>;

/** Of a reader whose leaders are all near. */
export const NO_ROUTES: Routes = new Map();

/**
 * The ways to leaders that are far away, and what they leave of a client's capacity (`fetch-ceilings.ts`). Most lines have
 * none.
 */
export class Ways {
  readonly #lines: Lines;
  readonly #ways = new Map<number, Way>();

  constructor(lines: Lines) {
    this.#lines = lines;
  }

  /** The way to a line from now on, of a reader of such a capacity; returns whether that is new. */
  set(line: number, route: Route | undefined, recordSize: number, capacity: number): boolean {
    const felt = route && isFelt(route, recordSize, capacity) ? route : undefined;
    if (felt === this.#ways.get(line)?.route) return false;
    if (felt) this.#ways.set(line, { route: felt, recordSize, ceiling: Infinity });
    else this.#ways.delete(line);
    return true;
  }

  /** Nobody reads this line for the time being. */
  clear(line: number): void {
    this.#ways.delete(line);
  }

  of(line: number): Way | undefined {
    return this.#ways.get(line);
  }

  /** Whoever went this way reads this line from now on. */
  put(line: number, way: Way | undefined): void {
    if (way) this.#ways.set(line, { ...way, ceiling: Infinity });
  }

  /** Which of these lines have a way that is felt, by route. */
  among(lines: readonly number[]): Routes {
    if (this.#ways.size === 0) return NO_ROUTES;
    const routes = new Map<Route, number[]>();
    for (const line of lines) {
      const way = this.#ways.get(line);
      if (!way) continue;
      const others = routes.get(way.route);
      if (others) others.push(line);
      else routes.set(way.route, [line]);
    }
    return routes;
  }

  /** How fast a line can be read, as was found last: records per second. */
  ceilingOf(line: number): number {
    return this.#ways.get(line)?.ceiling ?? Infinity;
  }

  /** Finds how fast these lines can be read, as things are, and how their reader shares its capacity among them then. */
  level(capacity: number, lines: readonly number[], routes: Routes): number {
    if (capacity === 0) return 0;
    const { inflow, lag } = this.#lines;
    for (const [route, routed] of routes) {
      const ways = routed.map((line) => this.#ways.get(line)!);
      const ceilings = fetchCeilings(
        capacity,
        route,
        routed.map((line, i) => ({ recordSize: ways[i].recordSize, inflow: inflow[line], behind: lag[line] > 0 })),
      );
      ways.forEach((way, i) => (way.ceiling = ceilings[i]));
    }
    const wants = lines.map((line) => Math.min(lag[line] > 0 ? Infinity : inflow[line], this.ceilingOf(line)));
    return fairLevelOf(
      capacity,
      wants.sort((a, b) => a - b),
    );
  }

  /** Does anything wait in these lines, or more arrive than can be fetched? */
  areBehind(lines: readonly number[]): boolean {
    const { inflow, lag } = this.#lines;
    return lines.some((line) => lag[line] > 0 || !isWithin(inflow[line], this.ceilingOf(line)));
  }
}
