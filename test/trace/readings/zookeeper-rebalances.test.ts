import { describe, expect, test } from "vitest";
import type { Happening } from "../../../sim/trace/event.ts";
import { PHASES, phases, rebalances, type Rebalance } from "../../../sim/trace/readings/rebalances.ts";
import { collect, member, owner, process, reads, stops, Story } from "../../support/events.ts";

const s = 1_000_000;

const read = (story: Story) => collect<Rebalance>(rebalances, story, 60);

/** A consumer of the ZooKeeper era gets from one state into another. */
const turns = (client: string, from: string, to: string, reason: string, attempt?: number): Happening => ({
  type: "client.state",
  client,
  group: "g",
  from,
  to,
  reason,
  ...(attempt && { attempt }),
});

/** a and b start together, and have two partitions each; a from 1.2 s on, b from 1.3 s on. */
function two(): Story {
  const story = new Story();
  for (const [client, at, generation, ...own] of [
    ["a", 1.2, 5, 0, 1],
    ["b", 1.3, 6, 2, 3],
  ] as const) {
    const runs = story.at(0.5, process(client, "Starting", "Running"));
    const added = story.at(1, member(client, "added", "registered"), runs);
    story.at(1.1, turns(client, "UNJOINED", "REBALANCING", "registered", 1), added);
    story.at(at, owner(client, "assigned", generation, ...own));
    story.at(at, reads(client, ...own));
    story.at(at, turns(client, "REBALANCING", "STABLE", "claimed", 1));
  }
  story.events.sort((one, other) => one.t - other.t);
  return story;
}

/** a crashes at 20 s; its session is over at 26 s. b is refused once, at 26.5 s, and has all at 28.9 s. */
function crashed(): Story {
  const story = two();
  const crash = story.at(20, process("a", "Running", "Crashed"));
  story.at(20, stops("a", "crashed", 0, 1), crash);
  const removed = story.at(26, member("a", "removed", "session-expired"), crash);
  story.at(26.1, turns("b", "STABLE", "REBALANCING", "members-changed", 1), removed);
  story.at(26.2, stops("b", "revoked", 2, 3));
  story.at(26.2, owner("b", "revoked", 6, 2, 3));
  story.at(26.5, turns("b", "REBALANCING", "BACKING_OFF", "claim-refused", 1));
  story.at(28.5, turns("b", "BACKING_OFF", "REBALANCING", "tries-again", 2));
  story.at(28.9, owner("b", "assigned", 9, 0, 1, 2, 3));
  story.at(28.9, reads("b", 0, 1, 2, 3));
  story.at(28.9, turns("b", "REBALANCING", "STABLE", "claimed", 2));
  return story;
}

describe("a rebalance that nobody coordinates", () => {
  test("is from the first consumer's beginning until none is at it any more", () => {
    const [first] = read(two());
    expect(first).toMatchObject({
      protocol: "zookeeper",
      cause: { kind: "start" },
      from: 1.1 * s,
      to: 1.3 * s,
      outcome: "stable",
      membersBefore: 0,
      membersAfter: 2,
      generationAfter: 6,
      waitedFor: { client: "b" },
    });
  });

  test("has the cause of whoever came or went, not of the one who noticed first", () => {
    const [, second, ...more] = read(crashed());
    expect(more).toEqual([]);
    expect(second.cause).toMatchObject({ kind: "crash", client: "a", at: 20 * s });
    expect(second).toMatchObject({ reason: "session-expired", client: "a", membersBefore: 2, membersAfter: 1 });
  });

  test("is the doing of all whose registrations come at one instant, the first before the others", () => {
    const story = two();
    for (const client of ["c", "d"]) {
      const runs = story.at(20, process(client, "Starting", "Running"));
      story.at(20.1, member(client, "added", "registered"), runs);
    }
    story.at(20.2, turns("a", "STABLE", "REBALANCING", "members-changed", 1));
    const second = read(story)[1];
    expect(second.cause).toMatchObject({ kind: "join", client: "c" });
    expect(second.others).toEqual(["d"]);
  });

  test("goes on while somebody sleeps between two attempts, and counts them", () => {
    const [, second] = read(crashed());
    expect([second.from, second.to, second.resumed]).toEqual([26.1 * s, 28.9 * s, 28.9 * s]);
    expect(second.attempts.map(({ from, reason }) => [from / s, reason])).toEqual([
      [26.1, "members-changed"],
      [28.5, "tries-again"],
    ]);
    expect([second.generationBefore, second.generationAfter]).toEqual([6, 9]);
  });

  test("has three phases: until it began, until all were through, until all was read", () => {
    const [, second] = read(crashed());
    expect(Object.keys(phases(second))).toEqual(PHASES.zookeeper);
    expect(phases(second)).toEqual({ detection: 6.1 * s, reconciliation: 2.8 * s, resumption: 0 });
  });

  test("costs from its cause on: of a's partitions 8.9 s each, of b's 2.7 s", () => {
    const [, second] = read(crashed());
    expect(second.partitionSecondsUnread).toBeCloseTo(2 * 8.9 + 2 * 2.7, 9);
  });

  test("goes on where a consumer begins again at the instant at which it was through", () => {
    const story = crashed();
    story.at(28.9, turns("b", "STABLE", "REBALANCING", "partitions-changed", 1));
    story.at(29, turns("b", "REBALANCING", "STABLE", "claimed", 1));
    expect(read(story).map(({ to }) => to)).toEqual([1.3 * s, 29 * s]);
  });

  test("is over for those who have given up, too; what they should read is unread until the next one", () => {
    const story = two();
    const grown = story.at(30, turns("a", "STABLE", "REBALANCING", "partitions-changed", 1));
    story.at(30.1, stops("a", "revoked", 0, 1));
    story.at(30.1, owner("a", "revoked", 5, 0, 1), grown);
    story.at(38, turns("a", "BACKING_OFF", "STRANDED", "retries-exhausted", 4));
    const [, second] = read(story);
    expect([second.to, second.resumed, second.outcome]).toEqual([38 * s, null, "stable"]);
    expect(second.partitionSecondsUnread).toBeCloseTo(2 * (60 - 30.1), 9); // to the end of the run
  });
});
