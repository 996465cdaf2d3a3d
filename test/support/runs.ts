import { parseScenario } from "../../sim/scenario/parse.ts";
import { simulate } from "../../sim/simulation/simulate.ts";
import type { TraceEvent } from "../../sim/trace/event.ts";

/** All events of one run of a scenario given as YAML. */
export function eventsOf(yaml: string, seed = "1"): TraceEvent[] {
  const events: TraceEvent[] = [];
  const { scenario } = parseScenario(yaml, { file: "test.yaml" });
  simulate(scenario, { seed, to: [{ see: (event) => void events.push(event), end: () => {} }] });
  return events;
}

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
