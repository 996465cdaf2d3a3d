import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { planScenario, type PlanCommandOptions } from "../../../sim/cli/plan.ts";
import { runScenario } from "../../../sim/cli/run.ts";

let folder = "";
let scenario = "";
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "regroup-plan-"));
  scenario = write(
    "orders.yaml",
    "duration: 1m\ntopics: { orders: { partitions: 12, rate: 1200/s } }\ngroups: { g: { members: { initial: 2, capacity: 450/s } } }\n",
  );
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

function write(name: string, text: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return file;
}

/** 1200/s in 12 partitions: two members of 450/s are too few, three are just enough, four can catch up. */
const QUESTION = { find: ["members"], target: ["final(lag) < 1"] };

async function planned(options: Partial<PlanCommandOptions>) {
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  const status = await planScenario({ scenario, threads: 1, json: false, ...QUESTION, ...options });
  return { status, printed: String(log.mock.calls.at(-1)?.[0]) };
}

test("prints the answer in a sentence, the evidence, how it was found, and what repeats a run of it", async () => {
  const { status, printed } = await planned({ cost: "members * 0.25/h" });
  expect(status).toBe(0);
  const lines = printed.split("\n");
  expect(lines[0]).toBe("orders  4 of 12 candidates examined, 244 runs");
  expect(printed.replaceAll(/\s+/g, " ")).toMatch(
    /members = 3 is the cheapest that meets final\(lag\) < 1, at 0\.75\/h: final\(lag\) is 0; with members = 2 final\(lag\) is \S+ k – \S+ k \(95 %\)\./,
  );
  expect(printed).toMatch(/^members +cost +final\(lag\) +interval +runs$/m);
  expect(printed).toMatch(/^ +2 +0\.5\/h +\S+ k +\S+ k – \S+ k +102 {2}fails$/m);
  expect(printed).toMatch(/^ +3 +0\.75\/h +0 +0 – 0 +102 {2}meets {2}← the answer$/m);
  expect(printed.replaceAll(/\s+/g, " ")).toContain(
    "Searched by bisection, run after run until each test was decided. Of the risk of 5 %, 90 % is spent on the search, in equal parts over the 4 tests it can take;",
  );
  expect(printed).toMatch(
    /^a run of it: regroup run \S+orders\.yaml --seed 1\/1 --set groups\.g\.members\.initial=3$/m,
  );
});

test("exits with 1 if nothing meets the target", async () => {
  const { status, printed } = await planned({ find: ["members in 1..2"] });
  expect(status).toBe(1);
  expect(printed.replaceAll(/\s+/g, " ")).toMatch(
    /Nothing meets final\(lag\) < 1 from members = 1 to 2; with members = 2 final\(lag\) is \S+ k – \S+ k \(95 %\)\./,
  );
});

describe("as JSON", () => {
  test("holds the question, the answer, every candidate with its evidence, and the sentence", async () => {
    const { printed } = await planned({ json: true, seed: "7" });
    const plan = JSON.parse(printed);
    expect(plan).toMatchObject({
      regroup: "plan",
      schema: 1,
      scenario: { file: scenario, set: [] },
      name: "orders",
      question: { confidence: 0.95, seed: "7", possible: 12, cost: null, objectives: [] },
      answer: { kind: "found", isLast: true },
      runs: 244, // two on the way, of 20 each; the answer and its neighbour of 102 each
      surprises: [],
      method: { kind: "bisection", wasGivenUp: false },
    });
    expect(plan.sentence).toMatch(/^members = 3 is the least that meets /);
    const found = plan.candidates[plan.answer.candidate];
    expect(found).toMatchObject({
      set: ["groups.g.members.initial=3"],
      runs: 102,
      verdict: "meets",
      evidence: [{ count: 102, value: 0, interval: { low: 0, high: 0 }, verdict: "met" }],
    });
    expect(plan.question.goals[0]).toMatchObject({ name: "final(lag)", unit: "records", target: { bound: 1 } });
  });

  test("a run of a candidate is the run that its line repeats", async () => {
    const { printed } = await planned({ json: true, replications: 2, find: ["members in 1, 2"] });
    const { candidates, question } = JSON.parse(printed);
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    const [two] = candidates.filter(({ at }: { at: number[] }) => at[0] === 1);
    const values: number[] = [];
    for (const seed of ["1/1", "1/2"]) {
      const set = two.set;
      await runScenario({
        scenario,
        seed,
        set,
        json: true,
        expect: false,
        heartbeats: "elided",
        view: false,
        open: false,
      });
      values.push(JSON.parse(String(log.mock.calls.at(-1)![0])).groups[0].lag.final);
    }
    expect(question.find[0].points[1].label).toBe("2");
    expect(two.evidence[0].value).toBeCloseTo((values[0] + values[1]) / 2, 6);
  });
});

describe("a plan file", () => {
  const file = (text: string): string => write("plan.yaml", text);

  test("asks what it says, of the scenario beside it", async () => {
    const { printed } = await planned({
      scenario: file(
        "scenario: orders.yaml\nset: { duration: 2m }\nfind: members in 1..6\ntarget: final(lag) < 1\ncost: members * 1/d\n",
      ),
      find: undefined,
      target: undefined,
    });
    expect(printed).toContain("members = 3 is the cheapest");
    expect(printed).toMatch(
      /regroup run \S+orders\.yaml --seed 1\/1 --set duration=2m --set groups\.g\.members\.initial=3$/,
    );
  });

  test("gives way to options", async () => {
    const { printed } = await planned({
      scenario: file("scenario: orders.yaml\nfind: members in 1..6\ntarget: final(lag) < 1\n"),
      find: ["capacity in 500/s..700/s by 50/s"],
      target: undefined,
    });
    // Two of them read from about 6 s on, when 7,200 wait; 54 s with 50/s each to spare are too few, with 100/s enough.
    expect(printed).toContain("capacity = 700/s is the least");
  });

  test.each([
    ["find: members\n", /plan\.yaml:1:1 scenario is missing\n[^]*which file is it about\?/],
    [
      "scenario: orders.yaml\nfind: members\ntarget: 3\n",
      /plan\.yaml:3:9 target must be a target or a list of them, not 3/,
    ],
    [
      "scenario: orders.yaml\nfind: members\ntraget: x\n",
      /plan\.yaml:3:1 traget is not known here\n[^]*did you mean target\?/,
    ],
    ["scenario: none.yaml\nfind: members\ntarget: final(lag) < 1\n", /there is no file \S+none\.yaml/],
  ])("%j is refused", async (text, message) => {
    await expect(planned({ scenario: file(text), find: undefined, target: undefined })).rejects.toThrow(message);
  });
});

test.each<[Partial<PlanCommandOptions>, string]>([
  [{ find: [] }, "--find what? For instance --find members"],
  [{ find: ["membrs"] }, "--find membrs: membrs is nothing that can be looked for\n = did you mean members?"],
  [{ find: ["session.timeout.ms"] }, "between what?"],
  [{ between: ["1..2", "3..4"] }, "--between 3..4: there is nothing to find for it"],
  [{ target: [] }, "--target what?"],
  [{ target: ["final(lag)"] }, "--target: cannot be read"],
  [{ confidence: "often" }, "--confidence NaN: write a share"],
  [{ replications: 1 }, "a test takes at least 2"],
  [{ find: ["members", "g.members"] }, "members and g.members both set groups.g.members.initial"],
  [{ find: ["members", "headroom in 1%..5%"] }, "headroom is reckoned from everything else"],
  [{ cost: "brokrs * 3" }, "brokrs is no setting with a price\n = use what is looked for: members"],
  [{ find: ["members in 1..100"], notMonotone: true }, "there are 100 candidates, and each has to be examined"],
  [{ minimise: "mean(lag)" }, "--minimise"],
  [{ minimise: "mean(lag) 5%" }, "how large a difference matters has to be said beforehand"],
  [{ minimise: "mean(lag) 5", pareto: ["cost", "mean(lag)"] }, "two questions: ask one at a time"],
  [{ pareto: ["mean(lag)"] }, "--pareto takes two: --pareto 'p99(timeLag), cost'"],
  [{ pareto: ["cost", "mean(lag)"] }, "--pareto cost: nobody said what it is"],
  [
    { find: ["groups.g.config.session.timeout.ms in 1s..5s"] },
    "candidate groups.g.config.session.timeout.ms=1s session.timeout.ms must exceed heartbeat.interval.ms (3000)",
  ],
  [
    { find: ["heartbeat.interval.ms in 1s..50s"], set: ["groups.g.config.session.timeout.ms=40s"] },
    "must exceed heartbeat.interval.ms (50000) (candidate groups.g.config.heartbeat.interval.ms=50s)",
  ],
])("%j is the user's mistake: %s", async (options, message) => {
  await expect(planned(options)).rejects.toThrow(message);
});
