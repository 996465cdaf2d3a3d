// A worker cannot load TypeScript by itself in Node 20.
import { parentPort, workerData } from "node:worker_threads";
import { register } from "tsx/esm/api";

register();
const { fingerprintOfRun } = await import("./fingerprint-of-run.ts");
parentPort.postMessage(fingerprintOfRun(workerData.yaml, workerData.seed));
