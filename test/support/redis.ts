import { spawn, spawnSync } from "node:child_process";
import { createServer } from "node:net";

const PROGRAM = process.env.REGROUP_REDIS_SERVER ?? "redis-server";

/** Whether this machine has a Redis to start. */
export const hasRedis = spawnSync(PROGRAM, ["--version"]).status === 0;

if (!hasRedis)
  console.warn(`SKIPPED: tests of the queue need ${PROGRAM}, which is not here (Debian: apt-get install redis-server)`);

export interface RedisServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts a Redis of our own, on a free port of this machine only, which keeps nothing on disk. */
export async function redisServer(): Promise<RedisServer> {
  const port = await freePort();
  const options = { port, bind: "127.0.0.1", save: "", appendonly: "no", "maxmemory-policy": "noeviction" };
  const server = spawn(
    PROGRAM,
    Object.entries(options).flatMap(([name, value]) => [`--${name}`, `${value}`]),
  );
  await new Promise<void>((ready, failed) => {
    let said = "";
    server.on("error", failed);
    server.on("exit", (status) => failed(new Error(`${PROGRAM} ended with status ${status}: ${said}`)));
    server.stdout.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      if (said.includes("Ready to accept connections")) ready();
    });
  });
  return {
    url: `redis://127.0.0.1:${port}`,
    stop: () =>
      new Promise((stopped) => {
        server.removeAllListeners("exit").on("exit", () => stopped());
        server.kill();
      }),
  };
}

function freePort(): Promise<number> {
  return new Promise((found, failed) => {
    const probe = createServer();
    probe.on("error", failed);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => found(typeof address === "object" && address ? address.port : 0));
    });
  });
}
