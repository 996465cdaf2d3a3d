import process from "node:process";

/** A bar on the terminal for what takes longer than a moment; silent elsewhere, and for what is quick. */
export interface Progress {
  /** How much is done, from 0 to 1. */
  update(share: number): void;
  /** Takes the bar away. */
  done(): void;
}

/** Nobody needs a bar for what is over in this time. */
const PATIENCE_MS = 1_000;

export async function progressBar(what: string): Promise<Progress> {
  if (!process.stderr.isTTY) return { update: () => {}, done: () => {} };
  const { default: cliProgress } = await import("cli-progress");
  const bar = new cliProgress.SingleBar({
    stream: process.stderr,
    format: `${what} {bar} {percentage} %  {eta_formatted} left`,
    barCompleteChar: "█",
    barIncompleteChar: "░",
    hideCursor: true,
    clearOnComplete: true,
    noTTYOutput: false,
  });
  const began = performance.now();
  let shown = false;
  return {
    update(share) {
      if (!shown && performance.now() - began > PATIENCE_MS) {
        bar.start(1000, Math.round(share * 1000));
        shown = true;
      }
      if (shown) bar.update(Math.round(share * 1000));
      if (shown) bar.render(); // the simulation is synchronous: no timer of the bar's own would run
    },
    done() {
      if (shown) bar.stop();
    },
  };
}
