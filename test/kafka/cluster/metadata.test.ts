import { expect, test } from "vitest";
import { Engine } from "../../../sim/engine/engine.ts";
import { MILLISECOND } from "../../../sim/engine/time.ts";
import { Metadata, type MetadataHost } from "../../../sim/kafka/cluster/metadata.ts";
import { Tasks } from "../../../sim/kafka/cluster/tasks.ts";
import { Recorder } from "../../../sim/trace/recorder.ts";

// Metadata is a log: what was decided later is not known sooner, however long either takes to get there.
test("brokers hear of what the controller decides in order, whatever each decision takes", () => {
  const engine = new Engine();
  const recorder = new Recorder(
    () => engine.now,
    () => undefined,
  );
  const takes = [200, 50, 50].map((ms) => ms * MILLISECOND);
  const metadata = new Metadata({
    tasks: new Tasks(engine, "metadata", 0, recorder),
    recorder,
    brokers: [1, 2, 3],
    now: () => engine.now,
    propagation: () => takes.shift()!,
  } as unknown as MetadataHost);
  const heard: string[] = [];
  const announce = (what: string): void => metadata.announce(() => heard.push(`${what} ${engine.now / MILLISECOND}`));
  announce("first");
  engine.runUntil(20 * MILLISECOND);
  announce("second");
  expect(metadata.allApplied).toBe(200 * MILLISECOND);
  engine.runUntil(300 * MILLISECOND);
  announce("third");
  engine.runUntil(1000 * MILLISECOND);
  expect(heard).toEqual(["first 200", "second 200", "third 350"]);
});
