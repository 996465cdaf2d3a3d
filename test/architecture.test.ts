import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const SIM = fileURLToPath(new URL("../sim", import.meta.url));

/** Who may import whom. A new arrow is a decision: it comes with a reason. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  "names.ts": [],
  "version.ts": [],
  engine: [],
  trace: ["names.ts", "engine"],
  kafka: ["names.ts", "engine", "trace"],
  workload: ["names.ts", "engine"],
  lag: ["names.ts", "engine", "trace"],
  scenario: ["names.ts", "engine", "kafka", "workload"],
  simulation: ["names.ts", "version.ts", "engine", "trace", "kafka", "workload", "lag", "scenario"],
  metrics: ["names.ts", "engine", "trace"],
  // experiment names results by what they are of (trace/fingerprint.ts, the version), and reads how pilot runs settle
  // (trace/readings/)
  experiment: ["engine", "version.ts", "trace", "scenario", "simulation", "metrics"],
  executors: ["experiment", "index.ts"],
  // report prints times as people write them: engine/time.ts has the one grammar of durations; and it prints names
  report: ["names.ts", "engine", "trace", "metrics", "experiment"],
  // cli prints durations and reads them (`--until 5m`): engine/time.ts again; its own version; and says of what kind
  // the names in a file are
  cli: [
    "names.ts",
    "engine",
    "version.ts",
    "kafka",
    "scenario",
    "simulation",
    "trace",
    "metrics",
    "experiment",
    "executors",
    "report",
  ],
  "index.ts": ["version.ts", "trace", "scenario", "simulation", "metrics", "experiment", "kafka"],
};

/** Packages the model core may use; all others belong to the edge. */
const CORE_PACKAGES = ["seedrandom/lib/tychei.js", "yaml", "zod"];

interface Import {
  readonly file: string;
  readonly room: string;
  readonly to: string;
}

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts") && !name.endsWith("vite.config.ts"))
    .map((name) => path.join(folder, name));
}

function importsOf(file: string): string[] {
  const text = readFileSync(file, "utf8");
  return [
    ...text.matchAll(/^\s*(?:import|export)\b[^;]*?\bfrom\s+"([^"]+)"|\bimport\("([^"]+)"\)|^\s*import\s+"([^"]+)"/gm),
  ].map(([, from, dynamic, bare]) => (from ?? dynamic ?? bare)!);
}

const roomOf = (file: string): string => path.relative(SIM, file).split(path.sep)[0];

const IMPORTS: Import[] = sources(SIM).flatMap((file) =>
  importsOf(file).map((to) => ({ file: path.relative(SIM, file), room: roomOf(file), to })),
);

test("reads the imports of every room", () => {
  expect(IMPORTS.length).toBeGreaterThan(100);
  for (const room of new Set(IMPORTS.map(({ room }) => room))) expect(Object.keys(MAY_IMPORT)).toContain(room);
});

test("a room imports only the rooms it may", () => {
  const forbidden = IMPORTS.filter(({ to }) => to.startsWith("."))
    .map(({ file, room, to }) => ({ file, room, target: roomOf(path.join(SIM, path.dirname(file), to)) }))
    .filter(({ room, target }) => room !== target && !MAY_IMPORT[room].includes(target))
    .map(({ file, target }) => `${file} imports ${target}`);
  expect(forbidden).toEqual([]);
});

test("only the edge uses Node and packages of its own", () => {
  const forbidden = IMPORTS.filter(({ room, to }) => room !== "cli" && room !== "executors" && !to.startsWith("."))
    .filter(({ to }) => !CORE_PACKAGES.includes(to))
    .map(({ file, to }) => `${file} imports ${to}`);
  expect(forbidden).toEqual([]);
});

// The types of results, and one file that simulates a run again where somebody clicks on it in a sweep.
const PAGE_TOO: readonly string[] = [
  "load/simulated.ts imports ../../sim/scenario/parse.ts",
  "load/simulated.ts imports ../../sim/simulation/simulate.ts",
];

test("the page imports the trace, the metrics, what experiments come to, the words of reports, and d3, nothing else of ours", () => {
  const viz = fileURLToPath(new URL("../viz", import.meta.url));
  const forbidden = sources(viz).flatMap((file) =>
    importsOf(file)
      .filter((to) => to.includes("sim/"))
      .filter((to) => !/sim\/(trace|metrics|experiment|report|engine\/time\.ts|names\.ts)/.test(to))
      .map((to) => `${path.relative(viz, file)} imports ${to}`),
  );
  expect(forbidden.filter((arrow) => !PAGE_TOO.includes(arrow))).toEqual([]);
});

test("nothing in the core counts on powers, logarithms or clocks of the runtime", () => {
  const forbidden = sources(SIM)
    .filter((file) => !["cli", "executors"].includes(roomOf(file)))
    .flatMap((file) => {
      const code = readFileSync(file, "utf8").replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
      return [...code.matchAll(/\*\*|\blocaleCompare\b|\bIntl\b|\bnew Date\b|\.sort\(\)(?!.*\/\/ strings)/g)].map(
        ([found]) => `${path.relative(SIM, file)}: ${found}`,
      );
    });
  expect(forbidden).toEqual([]);
});
