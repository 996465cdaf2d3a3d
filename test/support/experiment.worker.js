// A worker cannot load TypeScript by itself in Node 20.
import { register } from "tsx/esm/api";

register();
await import("../../sim/executors/worker.ts");
