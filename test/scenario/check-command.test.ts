import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { checkFiles } from "../../sim/cli/check.ts";
import { loadScenario } from "../../sim/cli/files.ts";
import { SMALLEST } from "./support.ts";

let folder = "";
const at = (name: string): string => path.join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "regroup-check-"));
  writeFileSync(at("fine.yaml"), SMALLEST);
  writeFileSync(at("unwise.yaml"), SMALLEST.replace("5", "20"));
  writeFileSync(at("wrong.yaml"), `${SMALLEST}duration: 30\n`);
  writeFileSync(at("binary.yaml"), Buffer.from([0xff, 0xfe, 0x00, 0x80]));
  writeFileSync(
    at("law.yaml"),
    "topics: { a: 1 }\ngroups: { g: { members: { initial: 1, startup: { empirical: waits.csv } } } }\n",
  );
  writeFileSync(at("waits.csv"), "startup\n1s\n2s\n");
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

async function check(files: string[], json = false): Promise<{ status: number; printed: string }> {
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  const status = await checkFiles(files.map(at), [], json);
  return {
    status,
    printed: log.mock.calls
      .map(([text]) => String(text))
      .join("\n")
      .replaceAll(folder, ""),
  };
}

describe("regroup check", () => {
  test("reads what comes through a pipe, which nobody can read twice", async () => {
    execFileSync("mkfifo", [at("pipe.yaml")]);
    // Whoever reads a second time finds nothing.
    const writes = 'cat "$0" > "$1"; while :; do : > "$1"; done';
    const writer = spawn("sh", ["-c", writes, at("wrong.yaml"), at("pipe.yaml")]);
    const { status, printed } = await check(["pipe.yaml"]).finally(() => writer.kill());
    expect(status).toBe(2);
    expect(printed).toContain("duration needs a unit of time");
  });

  test("says that a fine file is fine", async () => {
    expect(await check(["fine.yaml"])).toEqual({ status: 0, printed: "/fine.yaml: fine" });
  });

  test("shows what is unwise, and is content", async () => {
    const { status, printed } = await check(["unwise.yaml"]);
    expect(status).toBe(0);
    expect(printed).toBe(`/unwise.yaml:5:14 unwise: billing has 20 members for 12 partitions, so 8 are idle
 5 |     members: 20
   |              ^^
   = a partition has one reader in a group: more partitions, or fewer members
`);
  });

  test("lists what is ignored of a pasted config at once", async () => {
    writeFileSync(
      at("pasted.yaml"),
      `${SMALLEST}cluster:
  config:
    listeners: PLAINTEXT://:9092
    inter.broker.listener.name: PLAINTEXT
    advertised.listeners: PLAINTEXT://localhost:9092
    num.network.threads: 3
    socket.request.max.bytes: 104857600
`,
    );
    const { printed } = await check(["pasted.yaml"]);
    expect(printed).toBe(`/pasted.yaml:8:5 unwise: 5 settings are ignored: regroup does not model them
 8 |     listeners: PLAINTEXT://:9092
   |     ^^^^^^^^^
   = listeners, inter.broker.listener.name, advertised.listeners, num.network.threads,
     socket.request.max.bytes
   = they may stay: they change nothing
`);
    vi.restoreAllMocks();
    const [{ lints }] = JSON.parse((await check(["pasted.yaml"], true)).printed) as {
      lints: { parts: { name: string; at: { line: number } }[] }[];
    }[];
    expect(lints.map(({ parts }) => parts.map(({ name, at: { line } }) => `${line} ${name}`))).toEqual([
      [
        "8 listeners",
        "9 inter.broker.listener.name",
        "10 advertised.listeners",
        "11 num.network.threads",
        "12 socket.request.max.bytes",
      ],
    ]);
  });

  test("looks at every file, and is not content if one is wrong", async () => {
    const { status, printed } = await check(["wrong.yaml", "fine.yaml"]);
    expect(status).toBe(2);
    expect(printed).toContain("/wrong.yaml:6:11 duration needs a unit of time, not just 30");
    expect(printed).toContain("/fine.yaml: fine");
  });

  test("reads plans and experiments to their end, and lets nobody set anything in them", async () => {
    const experiments = new URL("../../scenarios/experiments/", import.meta.url);
    const said = async (name: string, set: string[] = []) => {
      const log = vi.spyOn(console, "log").mockImplementation(() => {});
      const status = await checkFiles([fileURLToPath(new URL(name, experiments))], set, false);
      return { status, said: String(log.mock.lastCall).replace(/.*\.yaml: /, "") };
    };
    expect(await said("plans/headroom.yaml")).toEqual({ status: 0, said: "fine (40 candidates)" }); // 5 % to 200 % by 5 %
    expect(await said("plans/headroom.yaml", ["seed=2"])).toMatchObject({
      status: 2,
      said: expect.stringContaining("--set is for scenarios: a plan says itself what is set"),
    });
    writeFileSync(at("plan.yaml"), "scenario: fine.yaml\nfind: members\ntarget: p99(tomeLag) < 3s\n");
    expect((await check(["plan.yaml"])).status).toBe(2);
  });

  test("suggests the file that was meant", async () => {
    const { status, printed } = await check(["wise.yaml", "unwsie.yaml"]);
    expect(status).toBe(2);
    expect(printed).toContain("there is no file /unwsie.yaml; did you mean /unwise.yaml?");
  });

  test("knows a folder, and a file that is no text", async () => {
    const { printed } = await check([".", "binary.yaml"]);
    expect(printed).toContain("is a folder; a scenario is a file");
    expect(printed).toContain("/binary.yaml is not a text in UTF-8");
  });

  test("speaks JSON to machines", async () => {
    const { status, printed } = await check(["wrong.yaml", "unwise.yaml"], true);
    expect(status).toBe(2);
    expect(JSON.parse(printed)).toEqual([
      {
        file: "/wrong.yaml",
        problems: [
          {
            message: "duration needs a unit of time, not just 30",
            at: { line: 6, column: 11, length: 2 },
            advice: "write 30s, 30ms, 30m …",
          },
        ],
        lints: [],
      },
      {
        file: "/unwise.yaml",
        problems: [],
        lints: [expect.objectContaining({ at: { line: 5, column: 14, length: 2 } })],
      },
    ]);
  });
});

test("files that a scenario names are read from beside it", async () => {
  const { scenario } = await loadScenario(at("law.yaml"));
  expect(scenario.groups[0].members.startup).toEqual({ empirical: [1_000_000, 2_000_000] });
});
