/**
 * Traces on disk, as `.ndjson` or `.ndjson.gz`. Whoever reads one decides by its first bytes whether it is compressed,
 * never by its name.
 */
import { closeSync, createReadStream, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { StringDecoder } from "node:string_decoder";
import { constants, crc32, createGunzip, deflateRawSync } from "node:zlib";
import type { Sink } from "../trace/event.ts";
import {
  TraceError,
  traceReader,
  traceWriter,
  type ReaderOptions,
  type TraceOutcome,
  type TraceWriter,
} from "../trace/ndjson.ts";

/** A trace that is being written to a file. */
export interface TraceFile extends TraceWriter {
  /** The run is over and the file is whole: gives it its name. */
  close(): void;
  /** Something went wrong: nothing remains of it. Does nothing after `close`. */
  abandon(): void;
}

/** So much text is gathered before it is compressed and written. */
const CHUNK = 1 << 20;

/** Files that are being written, to be removed if the process ends before they are whole. */
const unfinished = new Set<TraceFile>();

/**
 * Writes a trace to `path`, compressed if that ends in `.gz`. It is written beside, under a name of its own, and gets
 * its real name only in `close`; so whoever sees the file sees all of it. Writing is synchronous, as the simulation
 * is: no part of a run waits in memory for the disk.
 */
export function traceFile(path: string): TraceFile {
  const beside = join(dirname(path), `.${basename(path)}.${process.pid}.part`);
  const out = watched(() => openSync(beside, "w"));
  const encode = path.endsWith(".gz") ? gzip() : plain();
  let state: "open" | "done" = "open";
  let parts: string[] = [];
  let length = 0;

  const writeAll = (bytes: Uint8Array) => {
    for (let written = 0; written < bytes.length;) written += writeSync(out, bytes, written);
  };
  const flush = (last: boolean) => {
    writeAll(encode(Buffer.from(parts.join("")), last));
    parts = [];
    length = 0;
  };
  const leave = () => {
    state = "done";
    unfinished.delete(file);
    if (unfinished.size === 0) stopWatching();
    closeSync(out);
  };

  const writer = traceWriter((line) => {
    parts.push(line, "\n");
    length += line.length + 1;
    if (length >= CHUNK) flush(false);
  });
  const file: TraceFile = {
    ...writer,
    close() {
      if (state === "done") return;
      flush(true);
      leave();
      try {
        renameSync(beside, path);
      } catch (error) {
        rmSync(beside, { force: true });
        throw error;
      }
    },
    abandon() {
      if (state === "done") return;
      leave();
      rmSync(beside, { force: true });
    },
  };
  unfinished.add(file);
  return file;
}

function plain() {
  return (text: Uint8Array): Uint8Array => text;
}

/**
 * One gzip member, made piece by piece without waiting for anything: each piece is deflated on its own and flushed to
 * a whole byte, which is a legal continuation of the stream (RFC 1951, 3.2.4: an empty stored block). Members one
 * after another would be legal too (RFC 1952, 2.2), but not every browser's DecompressionStream reads past the first.
 */
function gzip() {
  let sum = 0;
  let size = 0;
  let begun = false;
  return (text: Uint8Array, last: boolean): Uint8Array => {
    sum = crc32(text, sum);
    size = (size + text.length) >>> 0;
    const pieces: Uint8Array[] = [];
    // No name and no time in the header: the same run gives the same file.
    if (!begun) pieces.push(Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255));
    begun = true;
    pieces.push(deflateRawSync(text, { finishFlush: last ? constants.Z_FINISH : constants.Z_SYNC_FLUSH }));
    if (last) {
      const trailer = Buffer.alloc(8);
      trailer.writeUInt32LE(sum, 0);
      trailer.writeUInt32LE(size, 4);
      pieces.push(trailer);
    }
    return Buffer.concat(pieces);
  };
}

// A process that ends early takes its unfinished files with it: by an exit, or by a signal, which then acts as if
// nobody had listened. (A signal is heard only between two slices of a run: see `simulate`'s progress.)

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

function abandonAll(): void {
  for (const file of unfinished) file.abandon();
}

function onSignal(signal: NodeJS.Signals): void {
  abandonAll();
  process.kill(process.pid, signal);
}

/** Opens a file while signals are heard already: one that comes meanwhile finds it among the unfinished. */
function watched(open: () => number): number {
  if (unfinished.size === 0) watch();
  try {
    return open();
  } catch (error) {
    if (unfinished.size === 0) stopWatching();
    throw error;
  }
}

function watch(): void {
  process.on("exit", abandonAll);
  for (const signal of SIGNALS) process.on(signal, onSignal);
}

function stopWatching(): void {
  process.off("exit", abandonAll);
  for (const signal of SIGNALS) process.off(signal, onSignal);
}

/**
 * Reads a trace from a file into a fold, however long it is.
 *
 * @throws {TraceError} when it is no trace, or not a whole one.
 */
export async function readTrace(path: string, to: Sink, options: ReaderOptions = {}): Promise<TraceOutcome> {
  const reader = traceReader(to, options);
  const decoder = new StringDecoder("utf8");
  let lines = 1;
  const take = async (chunks: AsyncIterable<Buffer>): Promise<void> => {
    for await (const chunk of chunks) {
      const text = decoder.write(chunk);
      for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lines++;
      reader.push(text);
    }
  };

  const compressed = await isGzip(path);
  const file = createReadStream(path, { highWaterMark: CHUNK });
  if (!compressed) {
    await take(file);
  } else {
    // With this flush the end of cut-off data is an end, and the reader sees what there is; that something is missing
    // it sees by the missing footer.
    const gunzip = createGunzip({ finishFlush: constants.Z_SYNC_FLUSH, chunkSize: CHUNK });
    try {
      file.on("error", (error) => gunzip.destroy(error));
      await take(file.pipe(gunzip));
    } catch (error) {
      if (!isDamage(error)) throw error;
      throw new TraceError(lines, `the compressed data are damaged here or soon after (${error.message})`);
    }
  }
  reader.push(decoder.end());
  return reader.end();
}

async function isGzip(path: string): Promise<boolean> {
  for await (const chunk of createReadStream(path, { end: 1 })) {
    const bytes = chunk as Buffer;
    return bytes.length === 2 && bytes[0] === 0x1f && bytes[1] === 0x8b;
  }
  return false;
}

function isDamage(error: unknown): error is Error {
  return error instanceof Error && "code" in error && String(error.code).startsWith("Z_");
}
