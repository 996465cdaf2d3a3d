// Prints the fingerprint of a scenario's trace, by the built library: `node test/support/fingerprint.js <seed> < scenario.yaml`.
// As a worker it takes both as its data, and answers with it.
import { readFileSync } from "node:fs";
import { isMainThread, parentPort, workerData } from "node:worker_threads";
import { fingerprinting, parseScenario, simulate } from "../../dist/cli/lib.js";

const { yaml, seed } = isMainThread ? { yaml: readFileSync(0, "utf8"), seed: process.argv[2] } : workerData;
const print = fingerprinting();
simulate(parseScenario(yaml, { file: "scenario.yaml" }).scenario, { seed, to: [print] });
const { fingerprint } = print.footer();
if (isMainThread) console.log(fingerprint);
else parentPort.postMessage(fingerprint);
