/**
 * Reads a trace away from the page, so that the page never stops: bytes in, a picture out; then looks at the lag more
 * closely whenever somebody zooms in.
 */
import { TraceError, traceReader } from "../../sim/trace/ndjson.ts";
import { pictureBuilder, type Built } from "./build.ts";
import type { Answer, Question } from "./messages.ts";
import { simulated, type RunOrder } from "./simulated.ts";

let built: Built | undefined;

function answer(message: Answer, moved: Transferable[] = []): void {
  self.postMessage(message, { transfer: moved });
}

self.addEventListener("message", ({ data }: MessageEvent<Question>) => {
  if (data.ask === "load") void load(data);
  else if (data.ask === "simulate") simulate(data.order);
  else {
    const { group, from, to, count } = data;
    const curves = built!.lag[group].look(from, to, count);
    answer({ tell: "lag", group, curves }, buffersOf(curves));
  }
});

async function load({ source, file }: Extract<Question, { ask: "load" }>): Promise<void> {
  try {
    built = await read(source, file);
    answer({ tell: "picture", picture: built.picture }, buffersOf(built.picture));
  } catch (error) {
    const problem = error instanceof TraceError ? error.message : `it cannot be read: ${(error as Error).message}`;
    answer({ tell: "failure", problem });
  }
}

function simulate(order: RunOrder): void {
  try {
    built = simulated(order, (share) => answer({ tell: "progress", share }));
    answer({ tell: "picture", picture: built.picture }, buffersOf(built.picture));
  } catch (error) {
    answer({ tell: "failure", problem: (error as Error).message });
  }
}

/** A source is the bytes themselves, or the address they are served at. */
async function read(source: Blob | string, file: string): Promise<Built> {
  let bytes: ReadableStream<Uint8Array>;
  let size = 0;
  if (typeof source === "string") {
    const response = await fetch(source);
    if (!response.ok || !response.body) throw new Error(`${source} answers ${response.status}`);
    bytes = response.body;
    size = Number(response.headers.get("Content-Length") ?? 0);
  } else {
    bytes = source.stream();
    size = source.size;
  }

  const picture = pictureBuilder();
  const reader = traceReader(picture, { tolerate: "cut-off" });
  const text = new TextDecoder();
  let interrupted: string | undefined;
  try {
    const counted = bytes.pipeThrough(counting(size, (share) => answer({ tell: "progress", share })));
    const pieces = (await unpacked(counted)).getReader();
    for (let piece = await next(pieces); piece; piece = await next(pieces))
      reader.push(text.decode(piece, { stream: true }));
  } catch (error) {
    // A compressed file that was cut off ends in the middle of a block; what came before is good.
    if (!(error instanceof Unpacking)) throw error;
    interrupted = "its compressed data end too early";
  }
  return picture.build(reader.end(interrupted), file);
}

class Unpacking extends Error {}

async function next(pieces: ReadableStreamDefaultReader<Uint8Array>): Promise<Uint8Array | undefined> {
  try {
    return (await pieces.read()).value;
  } catch (error) {
    throw error instanceof TypeError ? new Unpacking(error.message) : error;
  }
}

/** Unpacks what begins with gzip's two bytes, whatever its name or its headers say. */
async function unpacked(bytes: ReadableStream<Uint8Array>): Promise<ReadableStream<Uint8Array>> {
  const pieces = bytes.getReader();
  const { value: first = new Uint8Array(0) } = await pieces.read();
  const whole = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start: (into) => into.enqueue(first as Uint8Array<ArrayBuffer>),
    async pull(into) {
      const { value, done } = await pieces.read();
      if (done) into.close();
      else into.enqueue(value as Uint8Array<ArrayBuffer>);
    },
  });
  return first[0] === 0x1f && first[1] === 0x8b ? whole.pipeThrough(new DecompressionStream("gzip")) : whole;
}

/** Passes bytes on and tells which share of them has come. */
function counting(size: number, tell: (share: number) => void): TransformStream<Uint8Array, Uint8Array> {
  let count = 0;
  return new TransformStream({
    transform(piece, into) {
      count += piece.length;
      if (size > 0) tell(count / size);
      into.enqueue(piece);
    },
  });
}

/** All typed arrays in a value of plain data: they move, the rest is copied. */
function buffersOf(value: unknown, found: Set<ArrayBuffer> = new Set()): ArrayBuffer[] {
  if (ArrayBuffer.isView(value)) found.add(value.buffer as ArrayBuffer);
  else if (typeof value === "object" && value !== null) for (const part of Object.values(value)) buffersOf(part, found);
  return [...found];
}
