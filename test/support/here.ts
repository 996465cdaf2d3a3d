import { Console } from "node:console";
import process from "node:process";
import { Writable } from "node:stream";
import { pathToFileURL } from "node:url";
import { built, type Outcome, type shell } from "./cli.ts";

/*
 * Command lines without a process for each: a process takes half a second of the processor's time to load the program, and
 * to run it for the first time. It is the built program that runs here too, and it ends with the same status, says the same
 * on both outputs and finds the same folder to work in. What only a process can show stays with `shell()`: pipes, threads
 * that are killed, signals, a terminal.
 */

/**
 * Does what a line says: in this process if it is `regroup` with plain words, and in a shell what needs one (pipes, patterns,
 * other programs, comments). One line at a time.
 */
export function perform(sh: ReturnType<typeof shell>, line: string): Promise<Outcome> {
  const [program, ...words] = plainWords(line) ?? [];
  return program === "regroup" ? runHere(words, sh.folder) : sh.run(line);
}

/** The words of a line that needs no shell: no pipe, no pattern, no variable, no comment. Nothing, of one that does. */
function plainWords(line: string): string[] | undefined {
  const word = /(?:'[^']*'|"[^"$`\\]*"|[\w./:=,%@+-])+/y;
  const words: string[] = [];
  while (word.lastIndex < line.length) {
    const [text] = word.exec(line) ?? [];
    if (text === undefined) return undefined;
    words.push(text.replaceAll(/'([^']*)'|"([^"]*)"/g, "$1$2"));
    if (line[word.lastIndex] === " ") word.lastIndex++;
  }
  return words;
}

/** Does in this process what `regroup` with these words does in one of its own, in this folder. */
async function runHere(words: readonly string[], folder: string): Promise<Outcome> {
  const { main } = (await import(pathToFileURL(built("main.js")).href)) as {
    main(argv: readonly string[]): Promise<void>;
  };
  const said = { stdout: "", stderr: "" };
  const restore = [capture("stdout", said), capture("stderr", said)];
  const { console } = globalThis;
  const { exitCode } = process;
  const before = process.cwd();
  globalThis.console = new Console({ stdout: process.stdout, stderr: process.stderr });
  process.exitCode = undefined;
  process.chdir(folder);
  try {
    await main(words);
    return { status: Number(process.exitCode ?? 0), signal: null, ...said };
  } finally {
    process.chdir(before);
    process.exitCode = exitCode;
    globalThis.console = console;
    for (const undo of restore) undo();
  }
}

/** Puts a stream that nobody sees, and that is no terminal, in the place of one of the process. */
function capture(name: "stdout" | "stderr", said: Record<typeof name, string>): () => void {
  const stream = new Writable({
    decodeStrings: false,
    write(chunk: string | Buffer, _, done) {
      said[name] += chunk.toString();
      done();
    },
  });
  const before = Object.getOwnPropertyDescriptor(process, name)!;
  Object.defineProperty(process, name, { configurable: true, enumerable: true, get: () => stream });
  return () => Object.defineProperty(process, name, before);
}
