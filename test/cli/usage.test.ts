import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test, vi } from "vitest";
import { EXIT, Mistake, tell } from "../../sim/cli/failure.ts";
import { LawBroken } from "../../sim/simulation/laws.ts";
import { VERSION } from "../../sim/version.ts";
import { ROOT, shell } from "../support/cli.ts";
import { perform } from "../support/here.ts";

const ANSI = "\u001B[";

describe("help", () => {
  test("names the commands, and each command's help shows how it is used", async () => {
    const sh = shell();
    const { stdout } = await sh.run("regroup --help");
    const commands = [...stdout.matchAll(/^ {2}regroup (\w+) [<[]/gm)].map(([, command]) => command);
    expect(commands).toEqual(expect.arrayContaining(["run", "check", "view", "assign", "schema"]));
    expect(stdout).toContain("Exit status");
    for (const command of commands) {
      const help = await perform(sh, `regroup ${command} --help`);
      expect(help).toMatchObject({ status: EXIT.done, stderr: "" });
      expect(help.stdout).toMatch(new RegExp(`Examples:\n {2}regroup ${command} `));
    }
  });

  test("the version is the package's", async () => {
    const { version } = JSON.parse(readFileSync(path.join(ROOT, "package.json"), "utf8")) as { version: string };
    expect(VERSION).toBe(version);
    expect((await shell().run("regroup --version")).stdout).toBe(`${version}\n`);
  });

  test("completion knows the commands", async () => {
    const sh = shell();
    expect((await sh.run("regroup completion")).stdout).toContain("regroup --get-yargs-completions");
    const { stdout } = await sh.run("regroup --get-yargs-completions regroup ''");
    expect(stdout.split("\n")).toEqual(expect.arrayContaining(["run", "check", "view", "assign", "schema"]));
  });
});

describe("exit status", () => {
  test("is that of the process", async () => {
    const sh = shell();
    const line = "regroup run scenarios/crash.yaml --expect";
    expect(await sh.run(line)).toMatchObject({ status: EXIT.done, stderr: "" });
    expect(await sh.run(`${line} --set 'expect=[rebalances == 7]'`)).toMatchObject({ status: EXIT.unmet, stderr: "" });
    expect(await sh.run("regroup run nothing.yaml")).toMatchObject({ status: EXIT.mistake, stdout: "" });
  });

  test.each([
    ["regroup run scenarios/crash.yaml --expect", EXIT.done],
    ["regroup run scenarios/crash.yaml --expect --set 'expect=[rebalances == 7]'", EXIT.unmet],
    ["regroup run scenarios/crash.yaml --set 'expect=[rebalances == 7]'", EXIT.done],
    ["regroup check scenarios/overload.yaml", EXIT.done],
  ])("%s: %i", async (line, status) => {
    expect(await perform(shell(), line)).toMatchObject({ status, stderr: "" });
  });

  test.each([
    ["regroup", "Which command?"],
    ["regroup rnu", "Did you mean run?"],
    ["regroup run", "Not enough"],
    ["regroup run -", "- is no file; what comes through a pipe is in /dev/stdin"],
    ["regroup run nothing.yaml", "there is no file nothing.yaml; there is scenarios/"],
    ["regroup run crahs.yaml", "there is no file crahs.yaml; did you mean scenarios/crash.yaml?"],
    ["regroup run scenarios", "is a folder"],
    ["regroup run scenarios/crash.yaml scenarios/steady.yaml", "Unknown argument: scenarios/steady.yaml"],
    ["regroup run scenarios/crash.yaml --sede 7", "Unknown argument: sede"],
    ["regroup run scenarios/crash.yaml --seed", "Not enough arguments following: seed"],
    ["regroup run scenarios/crash.yaml --until 5", "--until 5: a time needs its unit: 5s, 5m or 5h"],
    ["regroup run scenarios/crash.yaml --until -5m", "a run begins at 0s"],
    ["regroup run scenarios/crash.yaml --heartbeats none", "Choices:"],
    ["regroup run scenarios/crash.yaml --set nonsense=1", "leads nowhere"],
    ["regroup run scenarios/crash.yaml --set groups.billing.config.session.timeout.ms=2s", "must exceed"],
    ["regroup run scenarios/crash.yaml --view", "add --trace FILE"],
    ["regroup view nothing.ndjson", "there is no file nothing.ndjson"],
    ["regroup assign nothing.jsonl", "there is no file nothing.jsonl"],
    ["regroup schema trace", "Choices:"],
  ])("%s: 2, and says why on stderr alone", async (line, why) => {
    const { status, stdout, stderr } = await perform(shell(), line);
    expect({ status, stdout }).toEqual({ status: EXIT.mistake, stdout: "" });
    expect(stderr).toContain(why);
    expect(stderr).not.toContain("    at "); // no stack: it is no bug of ours
  });

  test("check says what is wrong with each file, on stdout, since that is its result: 2", async () => {
    const { status, stdout, stderr } = await shell().run("regroup check nothing.yaml scenarios/crash.yaml");
    expect({ status, stderr }).toEqual({ status: EXIT.mistake, stderr: "" });
    expect(stdout).toMatch(/nothing\.yaml.*\n[^]*scenarios\/crash\.yaml: fine/);
  });

  test("a bug of ours is 3, with the line that replays it", () => {
    const told = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const law = new LawBroken("clocks never go back", "1 after 2", 28_007_000, "group/billing#1");
    const replay = { command: "regroup run scenarios/crash.yaml --seed 4711 --until 28007000us" };
    expect(tell(law, replay)).toBe(EXIT.bug);
    expect(tell(new RangeError("out of range"), replay)).toBe(EXIT.bug);
    expect(tell(new Mistake("there is no file x"), replay)).toBe(EXIT.mistake);
    const lines = told.mock.calls.map(([line]) => String(line));
    told.mockRestore();
    expect(lines[0]).toContain("clocks never go back: 1 after 2 (at 28.007");
    expect(lines[1]).toContain(`replay: ${replay.command}`);
    expect(lines[2]).toContain("RangeError: out of range");
    expect(lines[3]).toContain(`replay: ${replay.command}`);
    expect(lines[4]).toBe("there is no file x"); // no word of bugs or replays
    expect(lines).toHaveLength(5);
  });
});

describe("output", () => {
  test.each([
    "regroup run scenarios/crash.yaml --json",
    "regroup run scenarios/crash.yaml --replications 2 --threads 1 --json",
    "regroup check scenarios/crash.yaml scenarios/overload.yaml --json",
    "regroup schema",
    "regroup compare scenarios/crash.yaml --replications 2 --threads 1 --json --variant b:topics.orders.rate=600/s",
  ])("%s prints one JSON value and nothing else", async (line) => {
    const { status, stdout, stderr } = await perform(shell(), line);
    expect({ status, stderr }).toEqual({ status: EXIT.done, stderr: "" });
    expect(() => JSON.parse(stdout) as unknown).not.toThrow();
  });

  test("results go to stdout, everything else to stderr", async () => {
    const sh = shell();
    const { stdout, stderr } = await sh.run("regroup run scenarios/crash.yaml --json --trace t.ndjson");
    expect(() => JSON.parse(stdout) as unknown).not.toThrow();
    expect(stderr).toBe("The trace is in t.ndjson\n");
  });

  test("a run tells on stderr that there is something to think about, and where to read it", async () => {
    const line = "scenarios/crash.yaml --set 'groups.billing.config.session.timeout.ms=6000'";
    for (const many of ["", " --replications 2"]) {
      const { stderr } = await perform(shell(), `regroup run ${line}${many}`);
      expect(stderr).toMatch(/legal but unwise: regroup check scenarios\/crash\.yaml --set /);
    }
    expect((await shell().run("regroup run scenarios/steady.yaml")).stderr).not.toContain("unwise");
  });

  test("has colours on terminals only: none in a pipe, with NO_COLOR or without", async () => {
    const sh = shell();
    const environments: Readonly<Record<string, string>>[] = [{}, { NO_COLOR: "1" }, { TERM: "xterm-256color" }];
    for (const env of environments) {
      const run = await sh.run("regroup run scenarios/crash.yaml", env);
      const check = await sh.run("regroup check scenarios/overload.yaml", env);
      expect(run.stdout + run.stderr + check.stdout + check.stderr).not.toContain(ANSI);
    }
  });

  test("a reader that goes away is no failure", async () => {
    const sh = shell();
    for (const line of ["regroup schema | head -1", "regroup run scenarios/crash.yaml --json | head -1"]) {
      expect(await sh.run(line)).toEqual({ status: 0, signal: null, stdout: "{\n", stderr: "" });
    }
  });
});
