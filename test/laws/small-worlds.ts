import { MINUTE, SECOND } from "../../sim/engine/time.ts";
import { parseScenario } from "../../sim/scenario/parse.ts";
import { World } from "../../sim/simulation/world.ts";
import { unsettled } from "./settled.ts";

/**
 * Small worlds, all of them: every sequence of a few events among up to three members, with every choice of gaps
 * between them, on both barrier-heavy moments (no gap, inside a heartbeat, inside the initial delay) and quiet ones. In
 * each the laws hold after every event (the world throws if not), and once nothing disturbs it the group settles.
 */
const YAML = (strategy: string): string => `
duration: 1d
cluster: { brokers: 1, network: { delay: 2ms }, config: { group.initial.rebalance.delay.ms: 1000 } }
topics: { orders: { partitions: 4, rate: 40/s } }
groups:
  g:
    topics: [orders]
    members: { initial: 0, capacity: 100/s }
    config: { session.timeout.ms: 10000, max.poll.interval.ms: 30000, partition.assignment.strategy: [${strategy}] }
`;

type Deed = { readonly what: "join" } | { readonly what: "leave" | "crash" | "pause" | "stall"; readonly who: number };

/** Everything that can happen to a group of which members 0 … n−1 have come so far. */
function deeds(come: number): Deed[] {
  const among = Array.from({ length: come }, (_, who) => who);
  const kinds = ["leave", "crash", "pause", "stall"] as const;
  const joins: Deed[] = come < 3 ? [{ what: "join" }] : [];
  return [...joins, ...kinds.flatMap((what) => among.map((who) => ({ what, who })))];
}

/** Every sequence of so many deeds, the first being a join. */
function* sequences(length: number, begun: readonly Deed[] = [{ what: "join" }]): Iterable<readonly Deed[]> {
  if (begun.length === length) return void (yield begun);
  const come = begun.filter(({ what }) => what === "join").length;
  for (const deed of deeds(come)) yield* sequences(length, [...begun, deed]);
}

function* choices(gaps: readonly number[], count: number): Iterable<readonly number[]> {
  if (count === 0) return void (yield []);
  for (const rest of choices(gaps, count - 1)) for (const gap of gaps) yield [gap, ...rest];
}

const GROUP = "g";

function play(world: World, sequence: readonly Deed[], gaps: readonly number[]): string[] {
  const { consumers, engine, groups, recorder } = world;
  const group = groups.get(GROUP)!;
  let come = 0;
  world.start();
  sequence.forEach((deed, index) => {
    if (index > 0) engine.runUntil(engine.now + gaps[index - 1]);
    recorder.cause = null;
    if (deed.what === "join") {
      const name = `m${come++}`;
      consumers.ready(consumers.start(group, name, name));
      return;
    }
    const consumer = consumers.named(`m${deed.who}`)!;
    if (deed.what === "leave") consumers.close(consumer);
    else if (deed.what === "crash") consumers.crash(consumer);
    else consumers.pause(consumer, deed.what === "pause" ? 5 * SECOND : 40 * SECOND); // 40 s outruns the poll interval
  });
  engine.runUntil(engine.now + 5 * MINUTE);
  const complaints = unsettled(world, GROUP);
  world.end();
  return complaints;
}

function story(sequence: readonly Deed[], gaps: readonly number[]): string {
  return sequence
    .map(
      (deed, index) =>
        `${index > 0 ? `+${gaps[index - 1] / SECOND}s ` : ""}${deed.what}${"who" in deed ? ` m${deed.who}` : ""}`,
    )
    .join(", ");
}

/** Plays every story of so many events with every choice of these gaps; what went wrong in which. */
export function everyWorld(
  strategy: string,
  length: number,
  gaps: readonly number[],
): { worlds: number; wrong: string[] } {
  const { scenario } = parseScenario(YAML(strategy), { file: "small.yaml" });
  const wrong: string[] = [];
  let worlds = 0;
  for (const sequence of sequences(length)) {
    for (const choice of choices(gaps, length - 1)) {
      worlds++;
      const complaints = play(new World(scenario, "small", "elided", () => {}), sequence, choice);
      if (complaints.length > 0) wrong.push(`${story(sequence, choice)}: ${complaints.join("; ")}`);
    }
  }
  return { worlds, wrong };
}
