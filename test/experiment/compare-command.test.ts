import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { compareVariants, type CompareOptions } from "../../sim/cli/compare.ts";
import { POPULATION } from "./population.ts";

let folder = "";
let scenario = "";
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "regroup-compare-"));
  scenario = path.join(folder, "population.yaml");
  writeFileSync(scenario, POPULATION);
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

async function compared(options: Partial<CompareOptions>): Promise<string> {
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  expect(
    await compareVariants({
      scenario,
      variant: ["twin:"],
      seed: "1",
      confidence: 0.95,
      threads: 1,
      json: false,
      ...options,
    }),
  ).toBe(0);
  return String(log.mock.calls.at(-1)![0]);
}

test("a variant is what is different; the same name may come again with another setting", async () => {
  const printed = await compared({
    variant: ["large:groups.g.members.initial=40", "twin:", "large:groups.g.members.joins=0/m"],
    replications: 4,
    measure: ["mean(members)", "g.rebalances"],
    json: true,
  });
  const { among, variants, seeds } = JSON.parse(printed);
  expect(among).toBe(4); // two measures of two variants
  expect(seeds).toEqual({ first: "1/1", last: "1/4" });
  const [large, twin] = variants;
  expect(large).toMatchObject({
    name: "large",
    set: ["groups.g.members.initial=40", "groups.g.members.joins=0/m"],
    measures: [{ name: "mean(g.members)", finding: "higher" }, { name: "g.rebalances" }],
  });
  expect(twin.measures.map(({ finding }: { finding: string }) => finding)).toEqual(["same", "same"]);
});

test("prints a table, a verdict for each variant, and what repeats a replication", async () => {
  const printed = await compared({ replications: 2 });
  expect(printed).toMatch(/^population {2}2 replications, each with common random numbers; 6 intervals/);
  expect(printed).toMatch(/^twin makes no difference: /m);
  expect(printed).toMatch(/^replication 2, as it is: regroup run \S+population\.yaml --seed 1\/2$/m);
});

test.for([
  [{ variant: ["groups.g.members.initial=4"] }, "write name:path=value"],
  [
    { variant: ["twin:", "a:groups.g.members.initail=4"] },
    "--variant a:groups.g.members.initail=4 leads nowhere: groups.g.members has no initail",
  ],
  [{ variant: ["a:groups.g.members.initail=4"] }, "did you mean groups.g.members.initial?"],
  [
    {
      variant: ["twin:", "next:groups.g.config.group.protocol=consumer"],
      set: ["groups.g.config.session.timeout.ms=20s"],
    },
    "session.timeout.ms cannot be set with group.protocol: consumer (variant next)",
  ],
  [{ replications: 1 }, "a comparison takes at least 2"],
  [{ measure: ["p99(lags)"] }, "did you mean lag?"],
] as const)("%j is the user's mistake: %s", async ([options, message]) => {
  await expect(compared(options)).rejects.toThrow(message);
});
