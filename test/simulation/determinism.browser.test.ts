import { commands } from "vitest/browser";
import { expect, test } from "vitest";
import { fingerprintOfRun } from "../support/fingerprint-of-run.ts";
import { STORMY_IN_BOTH_PROTOCOLS } from "../support/stormy.ts";

declare module "vitest/browser" {
  interface BrowserCommands {
    /** The fingerprint of a run in the Node that serves this page. */
    fingerprintInNode(yaml: string, seed: string): Promise<string>;
  }
}

test("V27: a browser writes the same trace as Node, byte for byte", async () => {
  expect(fingerprintOfRun(STORMY_IN_BOTH_PROTOCOLS, "4711")).toBe(
    await commands.fingerprintInNode(STORMY_IN_BOTH_PROTOCOLS, "4711"),
  );
});
