import { once } from "node:events";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { EXIT } from "../../sim/cli/failure.ts";
import { shell } from "../support/cli.ts";
import { perform } from "../support/here.ts";

/** What lies in the folder of a shell besides what it began with. */
const left = (folder: string): string[] => readdirSync(folder).filter((name) => name !== "bin" && name !== "scenarios");

describe("regroup run --trace", () => {
  test("writes the same bytes for the same scenario and seed, and others for another", async () => {
    const sh = shell();
    const bytes = async (name: string, seed: string, run = perform): Promise<Buffer> => {
      const line = `regroup run scenarios/crash.yaml --seed ${seed} --trace ${name}`;
      expect((await run(sh, line)).status).toBe(EXIT.done);
      return readFileSync(path.join(sh.folder, name));
    };
    for (const ending of ["ndjson", "ndjson.gz"]) {
      const [a, b, c] = [
        await bytes(`a.${ending}`, "7", (_, line) => sh.run(line)), // in another process than the next one
        await bytes(`b.${ending}`, "7"),
        await bytes(`c.${ending}`, "8"),
      ];
      expect(a.equals(b)).toBe(true);
      expect(a.equals(c)).toBe(false);
    }
  });

  test("makes the folders it needs, and leaves nothing beside", async () => {
    const sh = shell();
    await perform(sh, "regroup run scenarios/crash.yaml --trace some/where/t.ndjson");
    expect(readdirSync(path.join(sh.folder, "some/where"))).toEqual(["t.ndjson"]);
  });

  test("leaves nothing when it is interrupted, and what was there before as it was", async () => {
    const { folder, start } = shell();
    writeFileSync(path.join(folder, "t.ndjson"), "before\n");
    // A year of heartbeats, each simulated, takes far longer than this test.
    const child = start(
      "exec regroup run scenarios/poisson-churn.yaml --set duration=8760h --heartbeats explicit --trace t.ndjson",
    );
    const exit = once(child, "exit");
    while (left(folder).length < 2) await setTimeout(20);
    child.kill("SIGINT");
    expect(await exit).toEqual([null, "SIGINT"]);
    expect(left(folder)).toEqual(["t.ndjson"]);
    expect(readFileSync(path.join(folder, "t.ndjson"), "utf8")).toBe("before\n");
  });

  test("leaves nothing when the scenario is wrong", async () => {
    const sh = shell();
    const { status } = await perform(sh, "regroup run scenarios/crash.yaml --set duration=-1s --trace t.ndjson");
    expect(status).toBe(EXIT.mistake);
    expect(left(sh.folder)).toEqual([]);
  });

  test("says why a trace cannot be written, before it simulates anything", async () => {
    const { folder, run } = shell();
    writeFileSync(path.join(folder, "file"), "");
    for (const place of ["scenarios", "file/t.ndjson", "/proc/nowhere/t.ndjson"]) {
      const { status, stdout, stderr } = await run(`regroup run scenarios/crash.yaml --trace ${place}`);
      expect({ status, stdout }).toEqual({ status: EXIT.mistake, stdout: "" });
      expect(stderr).toMatch(new RegExp(`^the trace cannot be written to ${place}: .+\n$`));
    }
    expect(left(folder)).toEqual(["file"]);
  });
});
