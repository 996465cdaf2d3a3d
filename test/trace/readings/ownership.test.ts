import { describe, expect, test } from "vitest";
import type { Happening } from "../../../sim/trace/event.ts";
import { ownership } from "../../../sim/trace/readings/ownership.ts";
import { reading, unread } from "../../../sim/trace/readings/reading.ts";
import type { Holding } from "../../../sim/trace/readings/holdings.ts";
import { cpuSeconds } from "../../support/cpu.ts";
import { collect, headerOf, member, owner, process, reads, stops, Story } from "../../support/events.ts";

const s = 1_000_000;
const ONE = headerOf({ topics: [{ name: "orders", partitions: 1 }] });

const row = ({ partition, client, from, to, reason }: Holding) => [partition, client, from / s, to / s, reason];

describe("ownership", () => {
  test("follows a partition from hand to hand, and nobody's hands between", () => {
    const story = new Story();
    story.at(2, owner("a", "assigned", 1, 0));
    story.at(5, owner("a", "revoked", 1, 0));
    story.at(6, owner("b", "assigned", 2, 0));
    expect(collect(ownership, story, 10, ONE).map(row)).toEqual([
      [0, null, 0, 2, "begin"],
      [0, "a", 2, 5, "assigned"],
      [0, null, 5, 6, "revoked"],
      [0, "b", 6, 10, "assigned"],
    ]);
  });

  test("stays with a dead process until the coordinator has removed its member", () => {
    const story = new Story();
    story.at(1, member("a", "added"));
    story.at(2, owner("a", "assigned", 1, 0));
    story.at(4, process("a", "Running", "Crashed"));
    story.at(8, member("a", "removed", "session-expired"));
    expect(collect(ownership, story, 10, ONE).map(row)).toEqual([
      [0, null, 0, 2, "begin"],
      [0, "a", 2, 8, "assigned"],
      [0, null, 8, 10, "expired"],
    ]);
  });

  test("ends at once with a process that had been expelled before", () => {
    const story = new Story();
    story.at(1, member("a", "added"));
    story.at(2, owner("a", "assigned", 1, 0));
    story.at(4, member("a", "removed", "session-expired"));
    story.at(7, process("a", "Running", "Crashed"));
    expect(collect(ownership, story, 10, ONE).map(row)[1]).toEqual([0, "a", 2, 7, "assigned"]);
  });

  test("of an expelled member that lives on is its own until another gets the partition, and is not lost twice", () => {
    const story = new Story();
    story.at(1, member("a", "added"));
    story.at(2, owner("a", "assigned", 1, 0));
    story.at(4, member("a", "removed", "session-expired"));
    story.at(5, owner("b", "assigned", 2, 0));
    story.at(7, owner("a", "lost", 1, 0));
    expect(collect(ownership, story, 10, ONE).map(row)).toEqual([
      [0, null, 0, 2, "begin"],
      [0, "a", 2, 5, "assigned"],
      [0, "b", 5, 10, "assigned"],
    ]);
  });

  test("keeps the generation of the assignment", () => {
    const story = new Story();
    story.at(2, owner("a", "assigned", 7, 0));
    expect(collect(ownership, story, 10, ONE).map(({ generation }) => generation)).toEqual([undefined, 7]);
  });

  test("knows partitions the header did not tell of from the moment they are seen", () => {
    const story = new Story();
    story.at(2, owner("a", "assigned", 1, 1));
    const spans = collect(ownership, story, 10, headerOf({ topics: [], groups: [] }));
    expect(spans.filter(({ client }) => client === "a").map(row)).toEqual([[1, "a", 2, 10, "assigned"]]);
  });
});

describe("reading", () => {
  test("goes on and off with what the client says", () => {
    const story = new Story();
    story.at(2, reads("a", 0));
    story.at(5, stops("a", "revoked", 0));
    story.at(6, reads("b", 0));
    expect(collect(reading, story, 10, ONE).map(row)).toEqual([
      [0, null, 0, 2, "begin"],
      [0, "a", 2, 5, "resumed"],
      [0, null, 5, 6, "revoked"],
      [0, "b", 6, 10, "resumed"],
    ]);
  });

  test("ends with the process, whether it says so or not", () => {
    const story = new Story();
    story.at(2, reads("a", 0));
    story.at(5, process("a", "Running", "Crashed"));
    story.at(6, reads("b", 0));
    story.at(8, stops("b", "closed", 0));
    story.at(8, process("b", "Closing", "Stopped"));
    expect(collect(unread, story, 10, ONE).map(row)).toEqual([
      [0, null, 0, 2, "begin"],
      [0, null, 5, 6, "crashed"],
      [0, null, 8, 10, "closed"],
    ]);
  });

  test("is by the newer of two while an expelled member reads on, and by the older again when the newer stops", () => {
    const story = new Story();
    story.at(1, reads("a", 0));
    story.at(3, reads("b", 0));
    story.at(5, stops("b", "revoked", 0));
    story.at(7, stops("a", "lost", 0));
    expect(collect(reading, story, 10, ONE).map(({ client, from, to }) => [client, from / s, to / s])).toEqual([
      [null, 0, 1],
      ["a", 1, 3],
      ["b", 3, 5],
      ["a", 5, 7],
      [null, 7, 10],
    ]);
  });

  const frozen = (is: boolean): Happening => ({ type: "client.frozen", client: "a", group: "g", frozen: is });
  const busy = (is: boolean): Happening => ({ type: "client.busy", client: "a", group: "g", busy: is });
  const a = { client: "a", group: "g" } as const;

  test("is by nobody while the process that reads is stopped, though it holds on", () => {
    const story = new Story();
    story.at(1, reads("a", 0));
    const stopped = story.at(2, frozen(true));
    const goesOn = story.at(5, frozen(false));
    const told = collect(reading, story, 10, ONE);
    expect(told.map(row)).toEqual([
      [0, null, 0, 1, "begin"],
      [0, "a", 1, 2, "resumed"],
      [0, null, 2, 5, "frozen"],
      [0, "a", 5, 10, "resumed"],
    ]);
    expect(told.map(({ event }) => event).slice(2)).toEqual([stopped, goesOn]);
  });

  test("is by the next one from its begin on, and what a stopped one holds on to beneath that counts for nothing", () => {
    const story = new Story();
    story.at(1, reads("a", 0));
    story.at(2, frozen(true));
    story.at(4, reads("b", 0));
    story.at(6, stops("b", "revoked", 0));
    story.at(7, frozen(false));
    story.at(8, stops("a", "lost", 0));
    expect(collect(reading, story, 10, ONE).map(row)).toEqual([
      [0, null, 0, 1, "begin"],
      [0, "a", 1, 2, "resumed"],
      [0, null, 2, 4, "frozen"],
      [0, "b", 4, 6, "resumed"],
      [0, null, 6, 7, "revoked"],
      [0, "a", 7, 8, "resumed"],
      [0, null, 8, 10, "lost"],
    ]);
  });

  test("is by nobody while the application is stuck in a batch; why it leaves the group meanwhile is told", () => {
    const story = new Story();
    story.at(1, reads("a", 0));
    story.at(2, busy(true));
    const left = { from: "STABLE", to: "UNJOINED", reason: "poll-interval-exceeded" };
    story.at(5, { type: "client.state", ...a, ...left });
    story.at(8, busy(false));
    story.at(8, stops("a", "lost", 0));
    expect(collect(unread, story, 10, ONE).map(row)).toEqual([
      [0, null, 0, 1, "begin"],
      [0, null, 2, 5, "busy"],
      [0, null, 5, 8, "poll-interval-exceeded"],
      [0, null, 8, 10, "lost"],
    ]);
  });

  test("is by nobody while the application waits for its commit, whatever else befalls it; why it leaves is told here, too", () => {
    const committing = (is: boolean): Happening => ({ type: "client.committing", ...a, committing: is });
    const story = new Story();
    story.at(1, reads("a", 0));
    story.at(2, committing(true));
    story.at(3, frozen(true));
    story.at(4, frozen(false));
    story.at(5, { type: "client.state", ...a, from: "STABLE", to: "UNJOINED", reason: "unknown-member" });
    story.at(8, committing(false));
    story.at(9, committing(true));
    story.at(9.5, process("a", "Running", "Crashed"));
    expect(collect(reading, story, 10, ONE).map(row)).toEqual([
      [0, null, 0, 1, "begin"],
      [0, "a", 1, 2, "resumed"],
      [0, null, 2, 3, "commit-pending"],
      [0, null, 3, 4, "frozen"],
      [0, null, 4, 5, "commit-pending"],
      [0, null, 5, 8, "unknown-member"],
      [0, "a", 8, 9, "resumed"],
      [0, null, 9, 9.5, "commit-pending"],
      [0, null, 9.5, 10, "crashed"],
    ]);
  });

  test("is by nobody either when a stuck application gets something new, or is stopped on top of it", () => {
    const story = new Story();
    story.at(1, busy(true));
    story.at(2, reads("a", 0));
    story.at(3, frozen(true));
    story.at(5, frozen(false));
    story.at(6, busy(false));
    expect(collect(reading, story, 10, ONE).map(row)).toEqual([
      [0, null, 0, 2, "begin"],
      [0, null, 2, 3, "busy"],
      [0, null, 3, 5, "frozen"],
      [0, null, 5, 6, "busy"],
      [0, "a", 6, 10, "resumed"],
    ]);
  });

  test("is by nobody while a consumer that closes waits for its last commit", () => {
    const story = new Story();
    story.at(1, reads("a", 0));
    story.at(4, process("a", "Running", "Closing"));
    story.at(5, stops("a", "closed", 0));
    story.at(6, process("a", "Closing", "Stopped"));
    expect(collect(unread, story, 10, ONE).map(row)).toEqual([
      [0, null, 0, 1, "begin"],
      [0, null, 4, 5, "closing"],
      [0, null, 5, 10, "closed"],
    ]);
  });

  test("tells why it stays away when the reason changes", () => {
    const story = new Story();
    story.at(1, reads("a", 0));
    story.at(2, stops("a", "busy", 0));
    story.at(4, stops("a", "revoked", 0));
    expect(collect(unread, story, 10, ONE).map(row)).toEqual([
      [0, null, 0, 1, "begin"],
      [0, null, 2, 4, "busy"],
      [0, null, 4, 10, "revoked"],
    ]);
  });
});

test("10,000 partitions and 1,000 members rebalanced a hundred times are read in linear time", () => {
  const header = headerOf({ topics: [{ name: "orders", partitions: 10_000 }] });
  const time = (rounds: number) => {
    const story = new Story();
    for (let round = 0; round < rounds; round++)
      for (let m = 0; m < 1000; m++) {
        const mine = Array.from({ length: 10 }, (_, i) => m * 10 + i);
        story.at(round * 10 + m / 1000, owner(`c${m}`, "revoked", round, ...mine));
        story.at(round * 10 + 5 + m / 1000, owner(`c${m}`, "assigned", round + 1, ...mine));
      }
    let spans = 0;
    const seconds = cpuSeconds(() =>
      story.tell(
        ownership(() => spans++),
        rounds * 10,
        header,
      ),
    );
    expect(spans).toBe(10_000 * rounds * 2 + (10_000 - 10)); // all but c0's ten, given up at 0, have a "begin"
    return seconds;
  };
  time(2); // warm
  expect(time(20)).toBeLessThan(40 * Math.max(time(2), 0.02)); // ten times the work; quadratic would be a hundred
});
