import assert from "node:assert/strict";
import type { Step } from "./coordinator-town.ts";
import { SECOND, Town, violation } from "./coordinator-town.ts";

/** Every script of this many steps. */
function* everyScript(steps: readonly Step[], length: number): Iterable<readonly Step[]> {
  if (length === 0) yield [];
  else for (const first of steps) for (const rest of everyScript(steps, length - 1)) yield [first, ...rest];
}

/**
 * Plays every script of so many steps that begins with a Stable group of two, one of them static, while a third is about
 * to join; then lets them fall silent.
 *
 * @returns What went wrong, and in which script.
 */
export function failuresOf(flavour: "java" | "scala", length: number): readonly string[] {
  const steps: Step[] = [
    { does: "goes on", client: 0 },
    { does: "goes on", client: 1 },
    { does: "goes on", client: 2 },
    { does: "restarts", client: 2 },
    { does: "joins", client: 0, metadata: 1 },
    { does: "leaves", client: 1 },
    { does: "lets time pass" },
  ];
  const failures: string[] = [];
  for (const script of everyScript(steps, length)) {
    const town = stableTown(flavour);
    const { bench } = town;
    const tell = (what: string): void => void failures.push(`${what}: ${JSON.stringify(script)}`);
    for (const step of script) {
      town.take(step);
      const wrong = violation(town);
      if (wrong !== undefined) tell(wrong);
    }
    bench.clock.runTo(bench.now + 3_600 * SECOND, true);
    if (bench.open.size > 0) tell("a request is never answered");
    if (bench.coordinator.state !== "Empty") tell("the group does not become empty");
  }
  return failures;
}

/** a and the static c are in a Stable group; b is about to join. */
function stableTown(flavour: "java" | "scala"): Town {
  const town = new Town(flavour, 2147483647);
  for (const client of [0, 0, 2]) town.take({ does: "goes on", client });
  town.take({ does: "waits", seconds: 6 });
  for (const client of [0, 2]) town.take({ does: "goes on", client });
  assert.equal(town.bench.coordinator.state, "Stable");
  return town;
}
