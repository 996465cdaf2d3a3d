import { expect, test } from "vitest";
import { SECOND } from "../../../sim/engine/time.ts";
import type { Happening } from "../../../sim/trace/event.ts";
import { slowBatches } from "../../../sim/trace/readings/batches.ts";
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
