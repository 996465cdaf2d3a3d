import { defineConfig } from "vitest/config";
import { LongestFirst } from "./support/longest-first.ts";

/** The second tier: slow statistics. CI runs it after the first. */
export default defineConfig({
  root: new URL("..", import.meta.url).pathname,
  test: {
    name: "slow",
    include: ["test/**/*.slow.test.ts"],
    passWithNoTests: true,
    // What takes three minutes on an idle machine took more than ten on one with four times as much to do as it can.
    testTimeout: 1_800_000,
    server: { deps: { external: [/\/dist\//] } }, // the built program is run as it is
    maxWorkers: "100%",
    isolate: false, // as in the first tier
    sequence: { sequencer: LongestFirst },
    reporters: ["default", new URL("./support/plain-reporter.ts", import.meta.url).pathname],
  },
});
