import { expect, test } from "vitest";
import { SECOND } from "../../../sim/engine/time.ts";
import type { Happening } from "../../../sim/trace/event.ts";
import { slowBatches, waitingCommits } from "../../../sim/trace/readings/batches.ts";
import { collect, process, Story } from "../../support/events.ts";

const busy = (client: string, is: boolean): Happening => ({ type: "client.busy", client, group: "g", busy: is });

test("a slow batch lasts until the next poll, the end of its process, or the end of the run", () => {
  const story = new Story();
  story.at(1, busy("a", true));
  story.at(2, busy("b", true));
  story.at(3, busy("c", true));
  story.at(10, busy("a", false));
  story.at(20, process("b", "Running", "Crashed"));
  expect(collect(slowBatches, story, 60).map(({ client, from, to }) => [client, from / SECOND, to / SECOND])).toEqual([
    ["a", 1, 10],
    ["b", 2, 20],
    ["c", 3, 60],
  ]);
});

test("and so does a commit that waits, whatever batch it falls into", () => {
  const committing = (client: string, is: boolean): Happening => ({
    type: "client.committing",
    client,
    group: "g",
    committing: is,
  });
  const story = new Story();
  story.at(1, committing("a", true));
  story.at(2, busy("a", true));
  story.at(3, committing("b", true));
  story.at(5, busy("a", false));
  story.at(10, committing("a", false));
  story.at(20, process("b", "Running", "Crashed"));
  story.at(30, committing("c", true));
  const spans = collect(waitingCommits, story, 60);
  expect(spans.map(({ client, from, to }) => [client, from / SECOND, to / SECOND])).toEqual([
    ["a", 1, 10],
    ["b", 3, 20],
    ["c", 30, 60],
  ]);
});
