import { parseScenario, simulate, traceWriter } from "../../sim/index.ts";
import type { Instant } from "../../sim/engine/time.ts";
import type { HeartbeatMode } from "../../sim/simulation/heartbeats.ts";

const HEARTBEAT = '"type":"heartbeat"';

/**
 * V28: the lines of a run's trace with heartbeats worked out when needed, and with every heartbeat simulated; these last but
 * for the heartbeats themselves, so that the two have to be equal, byte for byte.
 */
export function bothModes(
  yaml: string,
  seed: string,
  until?: Instant,
): { readonly elided: string[]; readonly explicit: string[]; readonly heartbeats: number } {
  const { scenario } = parseScenario(yaml, { file: "scenario.yaml" });
  const run = (heartbeats: HeartbeatMode): string[] => {
    const lines: string[] = [];
    const to = [traceWriter((line) => void lines.push(line))];
    simulate(scenario, { seed, heartbeats, to, ...(until !== undefined && { until }) });
    return lines;
  };
  const all = run("explicit");
  const explicit = all.filter((line) => !line.includes(HEARTBEAT));
  return { elided: run("elided"), explicit, heartbeats: all.length - explicit.length };
}
