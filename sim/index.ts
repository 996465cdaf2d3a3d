/**
 * regroup as a library. Runs in Node and in browsers alike: no files, no terminal.
 *
 *     const { scenario } = parseScenario(text);
 *     const writer = traceWriter((line) => lines.push(line));
 *     simulate(scenario, { seed: "7", to: [writer] });
 */
export { contrastsOf } from "./experiment/compare.ts";
export type { Contrast } from "./experiment/compare.ts";
export { chancesOf, estimatesOf } from "./experiment/estimates.ts";
export type { Chance, Estimate } from "./experiment/estimates.ts";
export { inProcess } from "./experiment/executor.ts";
export type { Executor, Job, Outcome, Task } from "./experiment/executor.ts";
export { measuresOf } from "./experiment/measures.ts";
export type { Measure } from "./experiment/measures.ts";
export { parseAxis } from "./experiment/plan/axes.ts";
export { candidatesOf } from "./experiment/plan/candidates.ts";
export { parseCost } from "./experiment/plan/cost.ts";
export { makePlan } from "./experiment/plan/make-plan.ts";
export type { PlanOptions } from "./experiment/plan/make-plan.ts";
export type { Plan } from "./experiment/plan/plan.ts";
export { replicate, RunFailed, seedOf } from "./experiment/replicate.ts";
export type { Replications } from "./experiment/replicate.ts";
export { parseExperiment } from "./experiment/sweep/parse.ts";
export type { ParsedExperiment } from "./experiment/sweep/parse.ts";
export type { SweepResults } from "./experiment/sweep/results.ts";
export { memoryStore } from "./experiment/sweep/store.ts";
export type { Store } from "./experiment/sweep/store.ts";
export { resultsOf, sweep } from "./experiment/sweep/sweep.ts";
export type { SweepOptions } from "./experiment/sweep/sweep.ts";
export { parseScenario } from "./scenario/parse.ts";
export { ScenarioError } from "./scenario/problem.ts";
export type { Scenario } from "./scenario/scenario.ts";
export { parseTarget } from "./scenario/targets.ts";
export type { Target } from "./scenario/targets.ts";
export { LawBroken } from "./simulation/laws.ts";
export { simulate, simulation } from "./simulation/simulate.ts";
export type { RunResult, SimulateOptions } from "./simulation/simulate.ts";
export type { Fold, Sink, TraceEvent, TraceFooter, TraceHeader } from "./trace/event.ts";
export { fingerprintOf } from "./trace/fingerprint.ts";
export { fingerprinting, traceReader, traceWriter, TraceError } from "./trace/ndjson.ts";
export { VERSION } from "./version.ts";
