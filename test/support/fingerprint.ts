// Prints the fingerprint of a scenario's trace: `node --import tsx test/support/fingerprint.ts <seed> < scenario.yaml`.
import { readFileSync } from "node:fs";
import { fingerprintOfRun } from "./fingerprint-of-run.ts";

console.log(fingerprintOfRun(readFileSync(0, "utf8"), process.argv[2]));
