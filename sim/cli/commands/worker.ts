import type { CommandModule } from "yargs";
import type { WorkerOptions } from "../sweep/worker.ts";

/** `regroup worker`: makes runs for sweeps on other machines. */
export const worker: CommandModule<object, WorkerOptions> = {
  command: "worker",
  describe: "Make runs for the sweeps of a queue (regroup sweep --redis URL), until it is stopped",
  builder: (yargs) =>
    yargs
      .option("redis", { type: "string", nargs: 1, demandOption: true, describe: "The queue: redis://host:6379" })
      .option("threads", { type: "number", describe: "Threads to run on; one for each core if not given" })
      .option("patience", {
        type: "string",
        nargs: 1,
        default: "10s",
        describe: "After this time without a sign of life of it, others take over what a worker was at",
      })
      .example("$0 worker --redis redis://queue.example:6379", "on each machine, while sweeps come and go"),
  handler: async (options) => {
    const { work } = await import("../sweep/worker.ts");
    process.exitCode = await work(options);
  },
};
