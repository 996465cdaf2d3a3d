/**
 * The folder in which a sweep keeps what it has:
 *
 *     sweep.json            what was asked, with the scenario's text: all that the rest needs to be understood
 *     cells/<name>.ndjson   one line a run, in order of replication, behind a line that says of what
 *     results.json          what all of it comes to (`SweepResults`), once everything is there
 *
 * Lines are only ever added, each with a checksum, each in one write; the other files are written beside and renamed. So
 * a program that is killed leaves at worst a torn last line, which is taken off.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { hostname } from "node:os";
import path from "node:path";
import process from "node:process";
import type { Experiment } from "../../experiment/sweep/experiment.ts";
import type { Cell, ParsedExperiment } from "../../experiment/sweep/parse.ts";
import {
  shelfName,
  type Row,
  type Shelf,
  type ShelfKey,
  type Source,
  type Store,
} from "../../experiment/sweep/store.ts";
import { canonicalJson } from "../../scenario/canonical.ts";
import { KnownKeys } from "../../scenario/keys.ts";
import { parseScenario } from "../../scenario/parse.ts";
import { fingerprintOf } from "../../trace/fingerprint.ts";
import { VERSION } from "../../version.ts";
import { Mistake } from "../failure.ts";
import { makeFolder } from "../files.ts";

/** What `sweep.json` holds. */
interface Asked {
  readonly regroup: "experiment";
  readonly schema: 1;
  readonly version: string;
  readonly experiment: Experiment;
  readonly scenario: ParsedExperiment["scenario"];
  readonly cells: readonly Cell[];
}

export interface ResultsFolder extends Store {
  readonly folder: string;
  /** Writes one of the whole files. */
  write(name: string, text: string): void;
  close(): void;
}

const ASKED = "sweep.json";

/**
 * Opens a results folder to write into it; it is made if it is not there. One program at a time may do that.
 *
 * @throws {Mistake} if that cannot be, or another program is at it.
 */
export function openResults(folder: string, { experiment, scenario, cells }: ParsedExperiment): ResultsFolder {
  const unlock = refusing(folder, () => {
    makeFolder(path.resolve(folder, "cells"));
    const unlock = lock(folder);
    // What a killed program had written beside and not yet renamed.
    for (const name of readdirSync(folder)) if (/\.\d+\.tmp$/.test(name)) rmSync(path.join(folder, name));
    return unlock;
  });
  const shelves = new Shelves(folder, true);
  const write = (name: string, text: string): void => refusing(folder, () => writeWhole(path.join(folder, name), text));
  const asked: Asked = { regroup: "experiment", schema: 1, version: VERSION, experiment, scenario, cells };
  write(ASKED, `${JSON.stringify(asked)}\n`);
  return {
    folder,
    shelf: (key) => refusing(folder, () => shelves.shelf(key)),
    write,
    close() {
      shelves.close();
      unlock();
    },
  };
}

/**
 * Reads a results folder: what was asked, and what is there. Nothing is written.
 *
 * @throws {Mistake} if it is none.
 */
export function readResults(folder: string): { readonly parsed: ParsedExperiment; readonly store: Source } {
  const file = path.join(folder, ASKED);
  let asked: Partial<Asked>;
  try {
    asked = JSON.parse(readFileSync(file, "utf8")) as Partial<Asked>;
  } catch (error) {
    throw new Mistake(
      `${folder} is no results folder of a sweep: ${ASKED} cannot be read (${(error as Error).message})`,
    );
  }
  const { regroup, schema, version, experiment, scenario, cells } = asked;
  if (regroup !== "experiment" || !experiment || !scenario || !cells)
    throw new Mistake(`${file} does not say what was asked of a sweep`);
  if (schema !== 1 || version !== VERSION)
    throw new Mistake(`${folder} is of regroup ${version}, and this is ${VERSION}: its numbers may be others`);
  const keys = new KnownKeys();
  const { file: name, text, files } = scenario;
  const scenarioWith = (set: readonly string[]) =>
    parseScenario(text, { file: name, set, keys, read: (wanted) => files[wanted] }).scenario;
  return { parsed: { experiment, scenario, cells, scenarioWith }, store: new Shelves(folder, false) };
}

/** Whether a folder is the results folder of a sweep. */
export const isResultsFolder = (folder: string): boolean => existsSync(path.join(folder, ASKED));

/** All or nothing: beside, and then renamed. */
export function writeWhole(file: string, text: string | Uint8Array): void {
  const beside = `${file}.${process.pid}.tmp`;
  const descriptor = openSync(beside, "w");
  try {
    writeFileSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(beside, file);
}

/** The system's refusals (no space, no permission) are not our failures. */
function refusing<T>(folder: string, deed: () => T): T {
  try {
    return deed();
  } catch (error) {
    if (!(error instanceof Error && "syscall" in error)) throw error;
    throw new Mistake(`results cannot be kept in ${folder}: ${error.message}\n = --results names another folder`);
  }
}

/** Makes this program the one that writes into a folder; returns what ends that. What a killed one left is taken over. */
function lock(folder: string): () => void {
  const file = path.join(folder, "lock");
  const mine = `${process.pid} ${hostname()}\n`;
  for (;;) {
    try {
      writeFileSync(file, mine, { flag: "wx" });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const theirs = existsSync(file) ? readFileSync(file, "utf8") : "";
    const [pid, host] = theirs.trim().split(" ");
    const isOver = host === hostname() && !isAlive(Number(pid));
    if (!isOver && theirs !== "")
      throw new Mistake(
        `another sweep writes into ${folder}: process ${pid} on ${host}\n = if it is gone, remove ${file}`,
      );
    // Whoever gets to move it away has it; if that was a newer one meanwhile, it is put back.
    const aside = `${file}.${process.pid}.tmp`;
    try {
      renameSync(file, aside);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      continue;
    }
    if (readFileSync(aside, "utf8") !== theirs) renameSync(aside, file);
    else rmSync(aside);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Files that are open at a time: the one that is written to. */
class Shelves implements Store {
  readonly #folder: string;
  readonly #mayWrite: boolean;
  readonly #shelves = new Map<string, FileShelf>();
  #open: FileShelf | undefined;

  constructor(folder: string, mayWrite: boolean) {
    this.#folder = folder;
    this.#mayWrite = mayWrite;
  }

  shelf(key: ShelfKey): FileShelf {
    const name = shelfName(key);
    let shelf = this.#shelves.get(name);
    if (!shelf) {
      const file = path.join(this.#folder, "cells", `${name}.ndjson`);
      shelf = new FileShelf(file, key, this.#mayWrite, (one) => {
        if (this.#open !== one) this.#open?.close();
        this.#open = one;
      });
      this.#shelves.set(name, shelf);
    }
    return shelf;
  }

  close(): void {
    this.#open?.close();
  }
}

class FileShelf implements Shelf {
  readonly #file: string;
  readonly #head: string;
  readonly #name: string;
  readonly #mayWrite: boolean;
  /** Told before this file is opened to be written to. */
  readonly #opening: (shelf: FileShelf) => void;
  #descriptor: number | undefined;
  count = 0;
  last = 0;

  constructor(file: string, key: ShelfKey, mayWrite: boolean, opening: (shelf: FileShelf) => void) {
    this.#file = file;
    this.#name = shelfName(key);
    this.#head = `${canonicalJson(key)}\n`;
    this.#mayWrite = mayWrite;
    this.#opening = opening;
    if (existsSync(file)) this.#takeStock();
  }

  add(row: Row): void {
    if (!this.#mayWrite) throw new Error("a folder that is only read is not written to");
    if (row.replication <= this.last) throw new Error("replications are kept in their order");
    if (this.#descriptor === undefined) {
      this.#opening(this);
      this.#descriptor = openSync(this.#file, "a");
      if (this.count === 0) ftruncateSync(this.#descriptor);
      if (this.count === 0) writeSync(this.#descriptor, this.#head);
    }
    writeSync(this.#descriptor, lineOf(row, this.#name));
    this.count++;
    this.last = row.replication;
  }

  *rows(): Generator<Row> {
    if (this.count === 0) return;
    let left = this.count;
    let isHead = true;
    for (const { text } of linesIn(this.#file)) {
      if (!isHead) {
        yield rowOf(text, this.#name)!;
        if (--left === 0) return;
      }
      isHead = false;
    }
  }

  close(): void {
    if (this.#descriptor === undefined) return;
    fsyncSync(this.#descriptor);
    closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  /** Counts the rows, and takes off what a killed program, or a failing disk, left behind the last good one. */
  #takeStock(): void {
    let good = 0;
    let isHead = true;
    for (const { text, end } of linesIn(this.#file)) {
      if (isHead) {
        if (`${text}\n` !== this.#head) break;
        isHead = false;
      } else {
        const row = rowOf(text, this.#name);
        if (!row || row.replication <= this.last) break;
        this.count++;
        this.last = row.replication;
      }
      good = end;
    }
    if (!this.#mayWrite) return;
    const descriptor = openSync(this.#file, "r+");
    ftruncateSync(descriptor, good);
    closeSync(descriptor);
  }
}

const SUM = ',"sum":"';

/** A row and its checksum: `{"replication":7,"values":[12.5,null],"sum":"93f0…"}`. */
function lineOf({ replication, values, curves }: Row, name: string): string {
  const body = JSON.stringify({ replication, values, ...(curves && { curves }) }).slice(0, -1);
  return `${body}${SUM}${fingerprintOf(name + body)}"}\n`;
}

/** The row of a line; `undefined` if the line is not whole. */
function rowOf(line: string, name: string): Row | undefined {
  const end = line.lastIndexOf(SUM);
  if (end < 0 || line.slice(end) !== `${SUM}${fingerprintOf(name + line.slice(0, end))}"}`) return undefined;
  return JSON.parse(`${line.slice(0, end)}}`) as Row;
}

/** So much is read at a time. */
const PIECE = 64 * 1024;

/** The whole lines of a file, and where each ends, in bytes. Our lines are ASCII but for names of groups, which are too. */
function* linesIn(file: string): Generator<{ readonly text: string; readonly end: number }> {
  const descriptor = openSync(file, "r");
  try {
    const piece = Buffer.alloc(PIECE);
    let rest = "";
    let end = 0;
    for (;;) {
      const size = readSync(descriptor, piece);
      if (size === 0) return;
      const lines = (rest + piece.toString("latin1", 0, size)).split("\n");
      rest = lines.pop()!;
      for (const text of lines) {
        end += text.length + 1;
        yield { text, end };
      }
    }
  } finally {
    closeSync(descriptor);
  }
}
