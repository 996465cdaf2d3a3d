import { defineConfig, type ViteUserConfig } from "vitest/config";
import { playwright } from "@vitest/browser-playwright";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { BrowserCommand } from "vitest/node";
import { findBrowser } from "./support/browser.ts";
import { bundledWorkers } from "./support/bundled-workers.ts";
import { LongestFirst } from "./support/longest-first.ts";

/** What the browser's results are held against: the same run in this Node, by the built library. */
const fingerprintInNode: BrowserCommand<[yaml: string, seed: string]> = (_, yaml, seed) => {
  const script = fileURLToPath(new URL("./support/fingerprint.js", import.meta.url));
  const run = spawnSync(process.execPath, [script, seed], { input: yaml, encoding: "utf8" });
  if (run.status !== 0) throw new Error(run.stderr);
  return run.stdout.trim();
};

/** Files that weigh the process they run in: what files before them left behind would be on the scales too. */
const WEIGHING = [
  "test/engine/calendar.test.ts",
  "test/experiment/sweep/memory.test.ts",
  "test/metrics/occupancy.test.ts",
  "test/trace/readings/lag.test.ts",
  "test/trace/readings/ownership.test.ts",
];

const IN_NODE = {
  include: ["test/**/*.test.ts"],
  exclude: ["test/**/*.browser.test.ts", "test/**/*.slow.test.ts"],
  testTimeout: 180_000,
  // the built program is run as it is
  server: { deps: { external: [/\/dist\//] } },
};

/**
 * Unit tests in Node and browser tests in a real Chromium, in one run, so that one closing line counts both.
 *
 * The model keeps nothing at module level, so files of unit tests share their process: the sources are loaded, and
 * compiled by the machine that runs them, once for each core rather than once for each file.
 */
export default defineConfig(async (): Promise<ViteUserConfig> => {
  const browser = await findBrowser();
  return {
    root: new URL("..", import.meta.url).pathname,
    test: {
      // all cores: vitest leaves one out, which of two is half
      maxWorkers: "100%",
      sequence: { sequencer: LongestFirst },
      reporters: ["default", new URL("./support/plain-reporter.ts", import.meta.url).pathname],
      projects: [
        {
          test: { ...IN_NODE, name: "unit", exclude: [...IN_NODE.exclude, ...WEIGHING], isolate: false },
        },
        {
          test: { ...IN_NODE, name: "weighing", include: WEIGHING },
        },
        {
          plugins: [bundledWorkers()],
          test: {
            name: "browser",
            include: ["test/**/*.browser.test.ts"],
            testTimeout: 60_000,
            browser: {
              enabled: true,
              headless: true,
              api: { host: "127.0.0.1" },
              commands: { fingerprintInNode },
              screenshotFailures: false,
              provider: playwright({
                launchOptions: {
                  executablePath: browser.executablePath,
                  args: browser.args,
                  env: { ...process.env, ...browser.env } as Record<string, string>,
                },
              }),
              instances: [{ browser: "chromium" }],
            },
          },
        },
      ],
    },
  };
});
