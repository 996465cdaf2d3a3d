/**
 * regroup as a library. Runs in Node and in browsers alike: no files, no terminal.
 *
 *     const { scenario } = parseScenario(text);
 *     const writer = traceWriter((line) => lines.push(line));
 *     simulate(scenario, { seed: "7", to: [writer] });
 */
export { parseScenario } from "./scenario/parse.ts";
export { ScenarioError } from "./scenario/problem.ts";
export type { Scenario } from "./scenario/scenario.ts";
export { LawBroken } from "./simulation/laws.ts";
export { simulate, simulation } from "./simulation/simulate.ts";
export type { RunResult, SimulateOptions } from "./simulation/simulate.ts";
export type { Fold, Sink, TraceEvent, TraceFooter, TraceHeader } from "./trace/event.ts";
export { fingerprinting, traceReader, traceWriter, TraceError } from "./trace/ndjson.ts";
export { VERSION } from "./version.ts";
