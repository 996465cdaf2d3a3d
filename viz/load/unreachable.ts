import { liesBetween, type LinkTrouble } from "../../sim/trace/readings/links.ts";
import { eachStretchOf, type Lanes, type Layer } from "./lanes.ts";

/** Who was to read each partition, whether anybody did, and who led it; rows: partitions. */
interface Readers {
  readonly owners: Lanes;
  readonly readers: Lanes;
  readonly leaders: Lanes;
}

/** Where a cut lay between a partition's reader and its leader, as layers of this value. */
export function unreachable(
  { owners, readers, leaders }: Readers,
  clients: readonly string[],
  troubles: readonly LinkTrouble[],
  end: number,
  value: number,
): Layer[] {
  const found: Layer[] = [];
  for (const trouble of troubles) {
    if (trouble.state !== "cut") continue;
    const apart = (client: number, leader: number) =>
      client >= 0 && leader > 0 && liesBetween(trouble, clients[client], leader);
    for (let row = 0; row < owners.rows; row++)
      eachStretchOf(leaders, row, end, (led, until, leader) =>
        eachStretchOf(owners, row, end, (owned, given, client) => {
          const from = Math.max(trouble.begin, led, owned);
          const to = Math.min(trouble.end, until, given);
          if (to <= from || !apart(client, leader)) return;
          eachStretchOf(readers, row, end, (begins, ends, reads) => {
            if (reads === 1) found.push({ row, from: Math.max(from, begins), to: Math.min(to, ends), value });
          });
        }),
      );
  }
  return found;
}
