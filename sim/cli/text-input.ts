/** Text that comes in pieces: from a file or standard input, packed with gzip or not. */
import { createReadStream } from "node:fs";
import process from "node:process";
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { Mistake } from "./failure.ts";

/**
 * The text of a file, or of standard input for `-`, piece by piece as it arrives.
 *
 * @throws {Mistake} if it cannot be read.
 */
export async function* textOf(file: string): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  try {
    for await (const piece of unpacked(file === "-" ? process.stdin : createReadStream(file))) {
      yield decoder.decode(piece, { stream: true });
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    if (code === "ENOENT") throw new Mistake(`there is no file ${file}`);
    throw new Mistake(`${file} cannot be read: ${message}`);
  }
  yield decoder.decode();
}

/** The lines of a text, without their ends. */
export async function* linesOf(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = "";
  for await (const piece of pieces) {
    const lines = (rest + piece).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
  if (rest !== "") yield rest;
}

/** Gzip is known by its first two bytes, whatever the name says. */
async function* unpacked(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const pieces = source[Symbol.asyncIterator]();
  let head: Uint8Array = new Uint8Array();
  while (head.length < 2) {
    const { done, value } = await pieces.next();
    if (done) break;
    head = Buffer.concat([head, value]);
  }
  const whole = async function* (): AsyncGenerator<Uint8Array> {
    yield head;
    for (let next = await pieces.next(); !next.done; next = await pieces.next()) yield next.value;
  };
  if (head[0] === 0x1f && head[1] === 0x8b) yield* Readable.from(whole()).pipe(createGunzip());
  else yield* whole();
}
