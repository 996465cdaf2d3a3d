import { parseScenario } from "../../sim/scenario/parse.ts";
import type { Scenario } from "../../sim/scenario/scenario.ts";
import { simulate } from "../../sim/simulation/simulate.ts";
import type { TraceEvent } from "../../sim/trace/event.ts";

/** Parsing takes about as long as a short run, and many runs differ in their seed only. The last one is kept. */
let parsed: { readonly yaml: string; readonly scenario: Scenario } | undefined;

/** A scenario given as YAML. */
export function scenarioOf(yaml: string): Scenario {
  if (parsed?.yaml !== yaml) parsed = { yaml, scenario: parseScenario(yaml, { file: "test.yaml" }).scenario };
  return parsed.scenario;
}

/** All events of one run of a scenario, which may be given as YAML, or those that are kept. */
export function eventsOf(
  what: string | Scenario,
  seed = "1",
  keeps: (event: TraceEvent) => boolean = () => true,
): TraceEvent[] {
  const events: TraceEvent[] = [];
  const scenario = typeof what === "string" ? scenarioOf(what) : what;
  simulate(scenario, { seed, to: [{ see: (event) => void (keeps(event) && events.push(event)), end: () => {} }] });
  return events;
}

/**
 * Keeps what is told now and then. Where records are simulated one by one, each is told of with the lag that it leaves: nearly all
 * events, and half of the time goes into keeping them.
 */
export const keepsRare = ({ type }: TraceEvent): boolean => type !== "record.done" && type !== "lag";

type Of<T extends TraceEvent["type"]> = Extract<TraceEvent, { type: T }>;

/** The events of one type. */
export function only<T extends TraceEvent["type"]>(events: readonly TraceEvent[], type: T): Of<T>[] {
  return events.filter((event): event is Of<T> => event.type === type);
}

/** The first event of a type that fits. */
export function first<T extends TraceEvent["type"]>(
  events: readonly TraceEvent[],
  type: T,
  fits: (event: Of<T>) => boolean = () => true,
): Of<T> {
  const found = only(events, type).find(fits);
  if (!found) throw new Error(`no ${type} that fits`);
  return found;
}
