import { ClockStandsStill, MOST_AT_AN_INSTANT } from "../engine/engine.ts";
import { type Instant, SECOND } from "../engine/time.ts";
import { canonicalJson } from "../scenario/canonical.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { Offsets } from "../kafka/messages.ts";
import type { GroupId, MemberId, Partitions, TopicName } from "../names.ts";
import type { Sink, TraceEvent, TraceHeader } from "../trace/event.ts";
import { SCHEMA_VERSION } from "../trace/event.ts";
import { fingerprintOf } from "../trace/fingerprint.ts";
import { VERSION } from "../version.ts";
import type { OwnAssignors } from "./assignors.ts";
import type { HeartbeatMode } from "./heartbeats.ts";
import { LawBroken } from "./laws.ts";
import { GroupPopulation } from "./population.ts";
import { beginsLater } from "../scenario/topic-checks.ts";
import { Script } from "./script.ts";
import { type LogEnds, World } from "./world.ts";

export interface SimulateOptions {
  /** Same scenario and seed, same trace, byte for byte. */
  readonly seed: string;
  /** Who looks on: writers, summaries, readings. They see the header first, then every event in order of time. */
  readonly to?: readonly Sink[];
  /** Stop at this simulated time instead of the scenario's end. */
  readonly until?: Instant;
  /**
   * `explicit` simulates every heartbeat and writes the healthy ones down; `elided`, the default, works them out when
   * something needs them. The trace is the same but for the healthy heartbeats themselves.
   */
  readonly heartbeats?: HeartbeatMode;
  /** The code of users' own assignors that the scenario names, by that name. */
  readonly assignors?: OwnAssignors;
}

/** What a run was, beside what its sinks made of it. */
export interface RunResult {
  readonly end: Instant;
  /** Engine events executed. */
  readonly executed: number;
  /** What a group has committed in the end; `undefined` if no coordinator is there to be asked. */
  committed(group: GroupId): Offsets | undefined;
  /** What the coordinator of a group has assigned to each member in the end, whether or not that has heard of it; likewise. */
  assigned(group: GroupId): ReadonlyMap<MemberId, Partitions> | undefined;
  /** Log end offsets in the end, of the topics that a group subscribes to or has committed offsets of. Fluid: not whole. */
  ends(group: GroupId): LogEnds;
  /** Partitions of a topic whose leader, as the brokers name it in the end, answers nobody. */
  silent(topic: TopicName): readonly number[];
}

/** A run is cut into at least so many slices; the events are the same for any number. */
const SLICES = 200;

/** A slice with more events is followed by a shorter one, so that none takes longer than a moment. */
const MANY_EVENTS = 20_000;

/**
 * Runs a scenario: a pure function of scenario and seed.
 *
 * @throws {LawBroken} when a law of the model is broken: a defect of ours.
 */
export function simulate(scenario: Scenario, options: SimulateOptions): RunResult {
  const run = simulation(scenario, options);
  for (;;) {
    const step = run.next();
    if (step.done) return step.value;
  }
}

/**
 * The same run, slice by slice: yields the share of it that is done, from 0 to 1, so that whoever drives it can show a
 * bar, or let go of the thread, in between.
 */
export function* simulation(scenario: Scenario, options: SimulateOptions): Generator<number, RunResult> {
  const { seed, to = [], until, heartbeats = "elided", assignors } = options;
  const end = Math.min(until ?? scenario.duration, scenario.duration);
  const header = traceHeader(scenario, seed, end);
  for (const sink of to) sink.begin?.(header);
  const tell = (event: TraceEvent): void => {
    for (const sink of to) sink.see(event);
  };
  const world = new World(scenario, seed, heartbeats, tell, assignors);
  const populations = new Map([...world.groups].map(([id, group]) => [id, new GroupPopulation(world, group)]));
  const script = new Script(world, populations);
  world.start();
  for (const population of populations.values()) population.start();
  script.start();
  const { engine } = world;
  const longest = Math.max(1, Math.floor(end / SLICES));
  let length = Math.min(longest, SECOND);
  while (engine.now + length < end) {
    const before = engine.executed;
    advance(world, engine.now + length);
    yield engine.now / end;
    const many = engine.executed - before > MANY_EVENTS;
    length = many ? Math.ceil(length / 2) : Math.min(longest, length * 2);
  }
  advance(world, end);
  world.end();
  for (const sink of to) sink.end(end);
  return {
    end,
    executed: engine.executed,
    committed: (group) => world.committed(group),
    assigned: (group) => world.assigned(group),
    ends: (group) => world.ends(group),
    silent: (topic) => world.silent(topic),
  };
}

/** An instant that has no end is a defect of ours: whatever the scenario says, what the model does takes time. */
function advance({ engine, recorder }: World, to: Instant): void {
  try {
    engine.runUntil(to);
  } catch (error) {
    if (!(error instanceof ClockStandsStill)) throw error;
    const what = `${MOST_AT_AN_INSTANT} events of this one have run, and there are more to come`;
    throw new LawBroken("every instant ends", what, error.at, recorder.cause);
  }
}

/** The first line of a run's trace. */
export function traceHeader(scenario: Scenario, seed: string, until: Instant): TraceHeader {
  const { brokers, zones } = scenario.cluster;
  return {
    regroup: "trace",
    schema: SCHEMA_VERSION,
    version: VERSION,
    scenario,
    scenarioHash: hashOf(scenario),
    seed,
    topics: scenario.topics.map(({ name, partitions }) => ({
      name,
      partitions: beginsLater(name, scenario.events) ? 0 : partitions,
    })),
    groups: scenario.groups.map(({ id, topics }) => ({ id, topics })),
    brokers: Array.from({ length: brokers }, (_, i) => ({
      id: i + 1,
      ...(zones && { zone: zones[i % zones.length] }),
    })),
    warmUp: scenario.warmUp,
    until,
  };
}

/** A short name for a scenario, by what it says: any difference in it gives another. */
export function hashOf(scenario: Scenario): string {
  return fingerprintOf(canonicalJson(scenario));
}
