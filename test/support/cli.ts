import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { onTestFinished } from "vitest";

/** The folder of the package. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** The file of the built program; `npm test` builds it first. */
export function built(name: string): string {
  const file = path.join(ROOT, "dist/cli", name);
  if (!existsSync(file)) throw new Error("not built yet: run `npm run build` first");
  return file;
}

/** What threads of the built program load. */
export const builtWorker = (): URL => pathToFileURL(built("worker.js"));

/** What the command line left behind. */
export interface Outcome {
  readonly status: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * A folder to run commands in, gone after the test: with the shipped scenarios, and `regroup` on the path. It is the
 * built program; `npm test` builds it first.
 */
export function shell(finished: (clean: () => void) => void = onTestFinished) {
  built("main.js");
  const folder = mkdtempSync(path.join(tmpdir(), "regroup-shell-"));
  finished(() => rmSync(folder, { recursive: true, force: true }));
  symlinkSync(path.join(ROOT, "scenarios"), path.join(folder, "scenarios"));
  mkdirSync(path.join(folder, "bin"));
  const program = (name: string, text: string): void => {
    writeFileSync(path.join(folder, "bin", name), `#!/bin/sh\n${text}\n`);
    chmodSync(path.join(folder, "bin", name), 0o755);
  };
  program("regroup", `exec '${process.execPath}' '${path.join(ROOT, "bin/regroup.js")}' "$@"`);

  // As in a user's shell: a test runner sets colours of its own.
  const { NO_COLOR: _, FORCE_COLOR: __, ...inherited } = process.env;
  const environment = { ...inherited, PATH: `${path.join(folder, "bin")}:${process.env.PATH}` };

  const start = (line: string, env: Readonly<Record<string, string>> = {}) =>
    spawn("bash", ["-o", "pipefail", "-c", line], { cwd: folder, env: { ...environment, ...env } });
  return {
    folder,
    program,
    start,
    /** Runs a line as a shell does; nothing of it is a terminal. */
    run(line: string, env?: Readonly<Record<string, string>>): Promise<Outcome> {
      return new Promise((done, failed) => {
        const child = start(line, env);
        let [stdout, stderr] = ["", ""];
        child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
        child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
        child.stdin.end();
        child.on("error", failed);
        child.on("close", (status, signal) => done({ status, signal, stdout, stderr }));
      });
    },
  };
}
