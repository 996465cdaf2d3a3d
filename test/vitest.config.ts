import { defineConfig } from "vitest/config";
import { playwright } from "@vitest/browser-playwright";
import { findBrowser } from "./support/browser.ts";

/** Unit tests in Node and browser tests in a real Chromium, in one run, so that one closing line counts both. */
export default defineConfig(async () => {
  const browser = await findBrowser();
  return {
    root: new URL("..", import.meta.url).pathname,
    test: {
      reporters: ["default", new URL("./support/plain-reporter.ts", import.meta.url).pathname],
      projects: [
        {
          test: {
            name: "unit",
            include: ["test/**/*.test.ts"],
            exclude: ["test/**/*.browser.test.ts", "test/**/*.slow.test.ts"],
            testTimeout: 60_000,
          },
        },
        {
          test: {
            name: "browser",
            include: ["test/**/*.browser.test.ts"],
            testTimeout: 60_000,
            browser: {
              enabled: true,
              headless: true,
              api: { host: "127.0.0.1" },
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
