import { createHash } from "node:crypto";

/** Takes in the lines of a trace and keeps only their digest; healthy heartbeats are counted instead. */
export class LinesDigest {
  readonly #hash = createHash("sha256");
  #lines = 0;
  #heartbeats = 0;

  add(line: string): void {
    if (line.includes('"type":"heartbeat"')) {
      this.#heartbeats++;
      return;
    }
    this.#lines++;
    this.#hash.update(line).update("\n");
  }

  result(): { lines: number; heartbeats: number; digest: string } {
    return { lines: this.#lines, heartbeats: this.#heartbeats, digest: this.#hash.digest("hex") };
  }
}
