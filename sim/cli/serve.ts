/**
 * Serves the page and one or two traces to this machine's own browser.
 *
 * Only the loopback interface listens, on a port of the system's choosing, and only requests that name this very
 * address are answered: another site that resolves its own name to 127.0.0.1 learns nothing.
 */
import { createReadStream, statSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import path from "node:path";
import process from "node:process";
import sirv from "sirv";
import { builtPage } from "./built-page.ts";
import { Mistake, quoted } from "./failure.ts";
import { viewable } from "./viewable.ts";

export interface ViewOptions {
  /** Open a browser on it. */
  readonly open: boolean;
}

/** A page that is being served. */
export interface Served {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Shows traces: on a terminal serves the page until Ctrl-C; elsewhere nobody could end that, so it says how to view
 * them and returns.
 *
 * @throws {Mistake} if one of the files is not there.
 */
export async function viewTraces(files: readonly string[], { open }: ViewOptions): Promise<void> {
  mustBeThere(files);
  if (!process.stdout.isTTY) {
    for (const file of files) await viewable(file);
    console.log(`To look at it: regroup view ${files.map(quoted).join(" ")}`);
    return;
  }
  const { url, close } = await serveTraces(files);
  console.log(`\nThe page is at ${url} (Ctrl-C ends it)`);
  if (open) await openBrowser(url);
  await new Promise<void>((done) => {
    process.once("SIGINT", done);
    process.once("SIGTERM", done);
  });
  await close();
}

/** Starts to serve; the traces are at `/traces/0`, `/traces/1`, their names at `/traces`. */
export async function serveTraces(files: readonly string[], pages = builtPage()): Promise<Served> {
  mustBeThere(files);
  const page = sirv(pages, { etag: true });
  const server = createServer((request, response) => {
    const { port } = server.address() as { port: number };
    const host = request.headers.host;
    if (host !== `127.0.0.1:${port}` && host !== `localhost:${port}`) return refuse(response, 403);
    if (request.method !== "GET" && request.method !== "HEAD") return refuse(response, 405);
    response.setHeader("X-Content-Type-Options", "nosniff");
    response.setHeader("Cache-Control", "no-cache");
    if (!sendTrace(request, response, files)) page(request, response, () => refuse(response, 404));
  });
  await new Promise<void>((listening, failed) => {
    server.once("error", failed);
    server.listen(0, "127.0.0.1", listening);
  });
  const { port } = server.address() as { port: number };
  return { url: `http://127.0.0.1:${port}/`, close: () => closing(server) };
}

/** Answers what is asked of `/traces…`; `false` if it was something else. */
function sendTrace(
  { url = "/", method }: IncomingMessage,
  response: ServerResponse,
  files: readonly string[],
): boolean {
  const [, place] = /^\/traces(?:\/(\d+))?(?:\?|$)/.exec(url) ?? [undefined, undefined];
  if (place === undefined) {
    if (!/^\/traces(?:\?|$)/.test(url)) return false;
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify(files.map((file) => path.basename(file))));
    return true;
  }
  const file = files[Number(place)] as string | undefined;
  const about = file === undefined ? undefined : statSync(file, { throwIfNoEntry: false });
  if (file === undefined || !about) {
    refuse(response, 404);
    return true;
  }
  // As it is, compressed or not: the page looks at the first bytes. A Content-Encoding would unpack it on the way.
  response.setHeader("Content-Type", "application/octet-stream");
  response.setHeader("Content-Length", about.size);
  if (method === "HEAD") response.end();
  else
    createReadStream(file)
      .on("error", () => response.destroy())
      .pipe(response);
  return true;
}

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status).end();
}

function closing(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((closed) => server.close(() => closed()));
}

function mustBeThere(files: readonly string[]): void {
  for (const file of files) {
    const about = statSync(file, { throwIfNoEntry: false });
    if (!about) throw new Mistake(`there is no file ${file}`);
    if (!about.isFile()) throw new Mistake(`${file} is not a file; a trace is one (regroup run … --trace FILE)`);
  }
}

async function openBrowser(url: string): Promise<void> {
  const { default: open } = await import("open");
  try {
    const started = await open(url);
    started.on("error", () => undefined); // no browser here: the address is on the screen
  } catch {
    // The same.
  }
}
