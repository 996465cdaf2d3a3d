import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { fingerprintOfRun } from "../support/fingerprint-of-run.ts";
import { STORMY_IN_BOTH_PROTOCOLS } from "../support/stormy.ts";

/** The registry's own package of Node's binaries; nothing is installed into this project. */
const NEWER = ["--yes", "--package", "node@24", "--", "node"];

test("V27: a newer Node writes the same trace, byte for byte", (context) => {
  const version = spawnSync("npx", [...NEWER, "--version"], { encoding: "utf8" }).stdout?.trim() ?? "";
  if (!version.startsWith("v24")) return context.skip("no Node 24 can be had here");
  const script = fileURLToPath(new URL("../support/fingerprint.js", import.meta.url));
  const run = spawnSync("npx", [...NEWER, script, "4711"], {
    input: STORMY_IN_BOTH_PROTOCOLS,
    encoding: "utf8",
  });
  expect(run.stdout.trim()).toBe(fingerprintOfRun(STORMY_IN_BOTH_PROTOCOLS, "4711"));
});
