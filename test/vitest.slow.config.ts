import { defineConfig } from "vitest/config";

/** The second tier: slow statistics. CI runs it after the first. */
export default defineConfig({
  root: new URL("..", import.meta.url).pathname,
  test: {
    name: "slow",
    include: ["test/**/*.slow.test.ts"],
    passWithNoTests: true,
    testTimeout: 600_000,
    server: { deps: { external: [/\/dist\//] } }, // the built program is run as it is
    maxWorkers: "100%",
    reporters: ["default", new URL("./support/plain-reporter.ts", import.meta.url).pathname],
  },
});
