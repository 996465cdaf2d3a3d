// Finds a Chromium that really starts. Order: REGROUP_CHROMIUM, the packaged one (Linux x64), the system's, Playwright's own.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** A browser to launch: where it is, with which environment and arguments, and where it came from. */
export interface Browser {
  readonly executablePath: string;
  readonly env: Readonly<Record<string, string>>;
  readonly args: string[];
  readonly from: string;
}

/** The packaged browser's own defaults hold `--single-process` and `--disable-web-security`: not these. */
const ARGS = [
  "--no-sandbox",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--use-angle=swiftshader",
  "--enable-unsafe-swiftshader",
];

const SYSTEM = [
  "chromium",
  "chromium-browser",
  "google-chrome-stable",
  "google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** A candidate counts only if it prints a version: some distributions install a stub of that name. */
function starts(executable: string, env: Readonly<Record<string, string>> = {}): boolean {
  const run = spawnSync(executable, ["--version"], {
    env: { ...process.env, ...env },
    encoding: "utf8",
    timeout: 20_000,
  });
  return run.status === 0 && /(Chromium|Chrome)\D+\d+/i.test(run.stdout ?? "");
}

/** Unpacks the browser of the package beside its final place and renames it, so no half-written one is ever found. */
async function packaged(): Promise<Browser | undefined> {
  if (process.platform !== "linux" || process.arch !== "x64") return undefined;
  let version: string;
  try {
    const entry = createRequire(import.meta.url).resolve("@sparticuz/chromium");
    version = JSON.parse(readFileSync(path.join(path.dirname(entry), "../../package.json"), "utf8")).version;
  } catch {
    return undefined;
  }
  const base = fileURLToPath(new URL("../../node_modules/.cache/regroup-browser/", import.meta.url));
  const home = path.join(base, version);
  if (!existsSync(path.join(home, "chromium"))) await unpack(base, home);
  const env: Record<string, string> = {
    LD_LIBRARY_PATH: [process.env.LD_LIBRARY_PATH, path.join(home, "al2023/lib")].filter(Boolean).join(":"),
  };
  if (!existsSync("/etc/fonts/fonts.conf")) {
    env.FONTCONFIG_FILE = path.join(home, "fonts.conf");
    if (!existsSync(env.FONTCONFIG_FILE)) {
      const fonts = `<dir>${home}/fonts</dir><cachedir>${home}/fonts-cache</cachedir>`;
      writeFileSync(env.FONTCONFIG_FILE, `<?xml version="1.0"?><fontconfig>${fonts}</fontconfig>`);
    }
  }
  const executablePath = path.join(home, "chromium");
  if (!starts(executablePath, env)) return undefined;
  return { executablePath, env, args: ARGS, from: `@sparticuz/chromium ${version}` };
}

async function unpack(base: string, home: string): Promise<void> {
  const touched = ["TMPDIR", "AWS_LAMBDA_JS_RUNTIME", "LD_LIBRARY_PATH", "FONTCONFIG_PATH", "HOME"];
  const saved = touched.map((name) => [name, process.env[name]] as const);
  mkdirSync(base, { recursive: true });
  const beside = mkdtempSync(path.join(base, "unpack-"));
  try {
    process.env.TMPDIR = beside; // the package unpacks into the temporary folder
    process.env.AWS_LAMBDA_JS_RUNTIME = "nodejs22.x"; // …and its shared libraries only when it believes to be there
    const { default: chromium } = await import("@sparticuz/chromium");
    await chromium.executablePath();
    try {
      renameSync(beside, home);
    } catch (error) {
      rmSync(beside, { recursive: true, force: true });
      if (!existsSync(path.join(home, "chromium"))) throw error; // otherwise another run was first
    }
  } finally {
    for (const [name, value] of saved) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}

/**
 * The browser that tests run in.
 *
 * @throws when none starts, with the one command that mends it: a browser test is never skipped in silence.
 */
export async function findBrowser(): Promise<Browser> {
  const wanted = process.env.REGROUP_CHROMIUM;
  if (wanted) {
    if (!starts(wanted)) throw new Error(`REGROUP_CHROMIUM=${wanted} does not start`);
    return { executablePath: wanted, env: {}, args: ARGS, from: "REGROUP_CHROMIUM" };
  }
  const own = await packaged();
  if (own) return own;
  for (const name of SYSTEM) {
    if (!starts(name)) continue;
    const found = path.isAbsolute(name)
      ? name
      : spawnSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).stdout.trim();
    return { executablePath: found, env: {}, args: ARGS, from: name };
  }
  const { chromium } = await import("playwright");
  if (existsSync(chromium.executablePath())) {
    return { executablePath: chromium.executablePath(), env: {}, args: ARGS, from: "playwright" };
  }
  throw new Error(
    'No Chromium starts here. Install one (Debian: "apt-get install chromium") or name it in REGROUP_CHROMIUM.',
  );
}
