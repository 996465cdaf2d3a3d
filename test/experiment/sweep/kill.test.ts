import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { Streams } from "../../../sim/engine/random.ts";
import { shell } from "../../support/cli.ts";
import { POPULATION } from "../population.ts";
import { GRID } from "./support.ts";

/* A sweep that is killed, as the built program, with its threads, at moments nobody chose. */

const sh = shell(afterAll);
writeFileSync(path.join(sh.folder, "population.yaml"), POPULATION);
writeFileSync(
  path.join(sh.folder, "churn.yaml"),
  `scenario: population.yaml\nreplications: 30\ncurves: [lag]${GRID}\n`,
);

/** Every file of a folder, by name. */
function contents(folder: string): Record<string, string> {
  const all = readdirSync(path.join(sh.folder, folder), { recursive: true, withFileTypes: true });
  const files = all.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  const named = files.map((file) => [path.relative(path.join(sh.folder, folder), file), readFileSync(file, "utf8")]);
  return Object.fromEntries(named) as Record<string, string>;
}

const line = (folder: string): string =>
  `regroup sweep churn.yaml --threads 2 --results ${folder} --csv ${folder}.csv --json`;

/** Starts the sweep and kills it, with all that belongs to it, after so many milliseconds. */
function killedAfter(folder: string, ms: number): Promise<string | null> {
  return new Promise((done, failed) => {
    const child = sh.start(`exec ${line(folder)}`);
    const timer = setTimeout(() => child.kill("SIGKILL"), ms);
    child.on("error", failed);
    child.on("close", (_, signal) => {
      clearTimeout(timer);
      done(signal);
    });
  });
}

test(
  "killed again and again, a sweep ends with the same bytes as one that nobody disturbed",
  { timeout: 300_000 },
  async () => {
    const began = performance.now();
    const undisturbed = await sh.run(line("whole"));
    const takes = performance.now() - began;
    expect({ status: undisturbed.status, stderr: undisturbed.stderr }).toEqual({ status: 0, stderr: "" });

    const killed = path.join(sh.folder, "killed");
    const moments = new Streams("kill").stream("moments");
    // Each life goes on where the last one ended. One that was through before it could be killed leaves nothing to go on with, and
    // all begins anew: how long it takes depends on what else the machine has to do.
    for (let kills = 0; kills < 3;) {
      mkdirSync(killed, { recursive: true });
      if ((await killedAfter("killed", takes * moments.uniform53())) === "SIGKILL") kills++;
      else rmSync(killed, { recursive: true });
    }
    const last = await sh.run(line("killed"));
    expect(last.status).toBe(0);
    expect(last.stdout).toBe(undisturbed.stdout);
    expect(contents("killed")).toEqual(contents("whole"));
    expect(readFileSync(path.join(sh.folder, "killed.csv"), "utf8")).toBe(
      readFileSync(path.join(sh.folder, "whole.csv"), "utf8"),
    );
  },
);
