import { fingerprinting, parseScenario, simulate } from "../../sim/index.ts";

/** Runs a scenario given as YAML; the fingerprint of its trace. Runs anywhere: Node, a worker, a browser. */
export function fingerprintOfRun(yaml: string, seed: string): string {
  const print = fingerprinting();
  simulate(parseScenario(yaml, { file: "scenario.yaml" }).scenario, { seed, to: [print] });
  return print.footer().fingerprint;
}
