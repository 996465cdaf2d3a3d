import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Assignment, Partitions } from "../../sim/names.ts";
import {
  AssignorError,
  type Assignor,
  type Subscriber,
  type TopicMetadata,
  type Topics,
} from "../../sim/kafka/assignors/assignor.ts";
import { ASSIGNOR_NAMES, assignorNamed } from "../../sim/kafka/assignors/assignors.ts";
import { sizeOf } from "../../sim/kafka/assignors/explain.ts";
import { interests } from "../../sim/kafka/assignors/interest.ts";

/** Chosen beforehand; a failure prints the path to replay it. */
const SEED = 20261121;
const runs = (numRuns: number) => ({ seed: SEED, numRuns });

/** Assignors whose result has nothing to do with the order in which members are given. */
const ORDERLESS = ["range", "roundrobin", "server-range", "weighted", "lag-aware", "bin-packing", "stable-set"];
/** Assignors that look at what members own, and leave it alone when nothing has changed. */
const STICKY = ["sticky", "cooperative-sticky", "uniform", "weighted", "stable-set"];

interface Group {
  readonly subscribers: readonly Subscriber[];
  readonly topics: Topics;
}

const RACKS = ["r0", "r1", "r2"];
const TOPICS = ["t0", "t1", "t2", "t3"];

/** Groups of up to 9 members in random order and 4 topics, with racks, static members, capacities, lags, rates. */
const group = (sameTopics?: boolean): fc.Arbitrary<Group> =>
  fc
    .record({
      topics: fc.array(topic, { minLength: TOPICS.length, maxLength: TOPICS.length }),
      members: fc.uniqueArray(member, { minLength: 1, maxLength: 9, selector: ({ id }) => id }),
      same: sameTopics === undefined ? fc.boolean() : fc.constant(sameTopics),
    })
    .map(({ topics, members, same }) => ({
      topics: new Map(topics.map((metadata, index) => [TOPICS[index], metadata])),
      subscribers: members.map((one, index) => ({
        ...one,
        topics: same ? members[0].topics : one.topics,
        ...(one.instanceId !== undefined && { instanceId: `${one.instanceId}${index}` }),
      })),
    }));

/**
 * The same groups without racks. With racks the sticky pair is less sticky: it gives up every partition that has no
 * replica in its owner's rack, each time anew.
 */
const withoutRacks = (groups: fc.Arbitrary<Group>): fc.Arbitrary<Group> =>
  groups.map(({ subscribers, topics }) => ({
    subscribers: subscribers.map((one) => ({ ...one, rack: undefined })),
    topics: new Map([...topics].map(([name, metadata]) => [name, { ...metadata, racks: undefined }])),
  }));

const topic: fc.Arbitrary<TopicMetadata> = fc.integer({ min: 0, max: 9 }).chain((partitions) => {
  const each = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
    fc.array(of, { minLength: partitions, maxLength: partitions });
  return fc.record(
    {
      partitions: fc.constant(partitions),
      racks: each(fc.subarray(RACKS)),
      lag: each(fc.oneof(fc.constant(0), fc.nat(1000))),
      rate: each(fc.nat(500)),
    },
    { requiredKeys: ["partitions"] },
  );
});

const member = fc.record(
  {
    id: fc.string({ minLength: 1, maxLength: 8 }),
    topics: fc.subarray(TOPICS, { minLength: 1 }),
    rack: fc.constantFrom(...RACKS, ""),
    instanceId: fc.string({ minLength: 1, maxLength: 3 }),
    capacity: fc.nat(2000),
  },
  { requiredKeys: ["id", "topics"] },
);

/** The members with what they were assigned, of generation 1. */
const owning = (subscribers: readonly Subscriber[], assignment: Assignment): Subscriber[] =>
  subscribers.map((one) => ({ ...one, owned: assignment.get(one.id)!, generation: 1 }));

/** The answer; undefined where Kafka's balancing never ends, which no law covers. */
function ask(assignor: Assignor, { subscribers, topics }: Group): Assignment | undefined {
  try {
    return assignor(subscribers, topics);
  } catch (error) {
    if (error instanceof AssignorError && error.kind === "NonTermination") return undefined;
    throw error;
  }
}

/** What is wrong with an assignment: partitions given twice or to nobody, to strangers, or that do not exist. */
function faults({ subscribers, topics }: Group, assignment: Assignment, mayWithhold: boolean): string[] {
  const found: string[] = [];
  if (assignment.size !== subscribers.length) found.push("not every member is there");
  const open = new Set<string>();
  for (const { topic: name, partitions } of interests(subscribers, topics)) {
    for (let partition = 0; partition < partitions; partition++) open.add(`${name}-${partition}`);
  }
  for (const { id, topics: subscribed } of subscribers) {
    for (const [name, partitions] of Object.entries<readonly number[]>(assignment.get(id) ?? {})) {
      for (const partition of partitions) {
        if (!subscribed.includes(name)) found.push(`${id} does not subscribe to ${name}`);
        if (!open.delete(`${name}-${partition}`)) found.push(`${name}-${partition} is there twice, or does not exist`);
      }
    }
  }
  const claims = new Set(subscribers.flatMap(({ owned = {} }) => partitionsOf(owned)));
  for (const partition of open) if (!mayWithhold || !claims.has(partition)) found.push(`nobody has ${partition}`);
  return found;
}

const partitionsOf = (hand: Partitions): string[] =>
  Object.entries<readonly number[]>(hand).flatMap(([name, list]) => list.map((partition) => `${name}-${partition}`));

const plain = (assignment: Assignment): unknown =>
  [...assignment].map(([id, hand]) => [id, partitionsOf(hand).sort()] as const).sort(([a], [b]) => (a < b ? -1 : 1));

const sizes = (assignment: Assignment): number[] => [...assignment.values()].map(sizeOf);
const spread = (numbers: readonly number[]): number => Math.max(...numbers) - Math.min(...numbers);

describe.for(ASSIGNOR_NAMES)("%s", (name) => {
  const assignor = assignorNamed(name)!;
  const mends = assignorNamed(name, { faithful: false })!;
  const mayWithhold = name === "cooperative-sticky";

  test("gives every partition of a subscribed topic to exactly one subscriber, also after joins and leaves", () => {
    fc.assert(
      fc.property(group(), fc.nat(8), fc.array(member, { maxLength: 2 }), (before, leaver, joiners) => {
        const first = ask(assignor, before);
        if (first === undefined) return;
        expect(faults(before, first, mayWithhold)).toEqual([]);
        const staying = owning(before.subscribers, first).filter((_, index) => index !== leaver);
        const known = new Set(staying.map(({ id }) => id));
        const after = {
          ...before,
          subscribers: [...staying, ...joiners.slice(0, 1).filter(({ id }) => !known.has(id))],
        };
        const second = ask(assignor, after);
        if (second !== undefined) expect(faults(after, second, mayWithhold)).toEqual([]);
      }),
      runs(200),
    );
  });

  test("does so whatever members claim, when Kafka's defects are mended", () => {
    const claim = fc.dictionary(fc.constantFrom(...TOPICS, "gone"), fc.uniqueArray(fc.nat(12), { maxLength: 8 }), { noNullPrototype: true }); // prettier-ignore
    const messy = fc
      .tuple(
        group(),
        fc.array(fc.tuple(claim, fc.integer({ min: -1, max: 3 }), fc.boolean()), { minLength: 9, maxLength: 9 }),
      )
      .map(([{ subscribers, topics }, claims]) => ({
        topics,
        subscribers: subscribers.map((one, index) => {
          const [owned, generation, idle] = claims[index];
          return { ...one, owned, generation, ...(idle && { topics: [] }) };
        }),
      }));
    fc.assert(
      fc.property(messy, (before) => {
        const assignment = mends(before.subscribers, before.topics);
        expect(faults(before, assignment, mayWithhold)).toEqual([]);
      }),
      runs(200),
    );
  });

  test("gives the same answer to the same question", () => {
    fc.assert(
      fc.property(group(), (before) => {
        const [once, again] = [ask(assignor, before), ask(assignor, structuredClone(before))];
        expect(again && plain(again)).toEqual(once && plain(once));
      }),
      runs(100),
    );
  });
});

test.for(STICKY)("%s moves nothing when nothing has changed", (name) => {
  const assignor = assignorNamed(name)!;
  fc.assert(
    fc.property(withoutRacks(group()), (before) => {
      const first = ask(assignor, before);
      if (first === undefined) return;
      const again = { ...before, subscribers: owning(before.subscribers, first) };
      expect(plain(assignor(again.subscribers, again.topics))).toEqual(plain(first));
    }),
    runs(200),
  );
});

test.for(ORDERLESS)("%s does not care in which order members and topics are given", (name) => {
  const assignor = assignorNamed(name)!;
  fc.assert(
    fc.property(group(), ({ subscribers, topics }) => {
      const first = assignor(subscribers, topics);
      const reversed = [...subscribers].reverse().map((one) => ({ ...one, topics: [...one.topics].reverse() }));
      expect(plain(assignor(reversed, new Map([...topics].reverse())))).toEqual(plain(first));
    }),
    runs(150),
  );
});

test.for(["sticky", "cooperative-sticky"])("%s, fresh and with equal subscriptions, does not either", (name) => {
  const assignor = assignorNamed(name)!;
  fc.assert(
    fc.property(group(true), ({ subscribers, topics }) => {
      const first = assignor(subscribers, topics);
      expect(plain(assignor([...subscribers].reverse(), new Map([...topics].reverse())))).toEqual(plain(first));
    }),
    runs(150),
  );
});

describe("balance", () => {
  test.for(["range", "server-range"])("%s: of one topic no subscriber has two more than another", (name) => {
    fc.assert(
      fc.property(group(), ({ subscribers, topics }) => {
        const assignment = assignorNamed(name)!(subscribers, topics);
        for (const { topic: of, audience } of interests(subscribers, topics)) {
          const counts = audience.map((index) => assignment.get(subscribers[index].id)![of]?.length ?? 0);
          expect(spread(counts)).toBeLessThanOrEqual(1);
        }
      }),
      runs(200),
    );
  });

  test.for(["roundrobin", "sticky", "uniform"])(
    "%s: with equal subscriptions no member has two more than another",
    (name) => {
      fc.assert(
        fc.property(group(true), fc.nat(8), (before, leaver) => {
          const first = assignorNamed(name)!(before.subscribers, before.topics);
          expect(spread(sizes(first))).toBeLessThanOrEqual(1);
          const staying = owning(before.subscribers, first).filter((_, index) => index !== leaver);
          if (staying.length === 0) return;
          expect(spread(sizes(assignorNamed(name)!(staying, before.topics)))).toBeLessThanOrEqual(1);
        }),
        runs(200),
      );
    },
  );

  test("cooperative-sticky: with equal subscriptions no member has two more than another once nothing is held back", () => {
    fc.assert(
      fc.property(withoutRacks(group(true)), fc.nat(8), (before, leaver) => {
        const assignor = assignorNamed("cooperative-sticky")!;
        let members = owning(before.subscribers, assignor(before.subscribers, before.topics));
        members = members.filter((_, index) => index !== leaver);
        if (members.length === 0) return;
        for (let round = 0; round < 2; round++) members = owning(members, assignor(members, before.topics));
        expect(faults({ ...before, subscribers: members }, assignor(members, before.topics), false)).toEqual([]);
        expect(spread(members.map(({ owned = {} }) => sizeOf(owned)))).toBeLessThanOrEqual(1);
      }),
      runs(200),
    );
  });

  test("weighted: with equal subscriptions nobody has less than its exact share rounded down", () => {
    fc.assert(
      fc.property(group(true), ({ subscribers, topics }) => {
        const assignment = assignorNamed("weighted")!(subscribers, topics);
        const total = sizes(assignment).reduce((sum, size) => sum + size, 0);
        const capacity = subscribers.reduce((sum, { capacity: own = 1 }) => sum + own, 0);
        for (const { id, capacity: own = 1 } of subscribers) {
          if (capacity > 0)
            expect(sizeOf(assignment.get(id)!)).toBeGreaterThanOrEqual(Math.floor((total * own) / capacity));
        }
      }),
      runs(200),
    );
  });

  test("lag-aware: with equal subscriptions nobody has more than the mean and (1 − 1/members) of the largest lag", () => {
    fc.assert(
      fc.property(group(true), ({ subscribers, topics }) => {
        const lagOf = (of: string, partition: number): number => topics.get(of)!.lag?.[partition] ?? 0;
        const lags = [...assignorNamed("lag-aware")!(subscribers, topics).values()].map((hand) =>
          Object.entries<readonly number[]>(hand).flatMap(([of, list]) =>
            list.map((partition) => lagOf(of, partition)),
          ),
        );
        const all = lags.flat();
        const sum = (list: readonly number[]): number => list.reduce((total, lag) => total + lag, 0);
        const bound = sum(all) / lags.length + (1 - 1 / lags.length) * Math.max(0, ...all);
        for (const own of lags) expect(sum(own)).toBeLessThanOrEqual(bound + 1e-9);
      }),
      runs(200),
    );
  });

  test("bin-packing: no member is given more than it can do, if a single one could do it all", () => {
    fc.assert(
      fc.property(group(true), ({ subscribers, topics }) => {
        const rates = [...topics].flatMap(([, { partitions, rate = [], lag = [] }]) =>
          Array.from({ length: partitions }, (_, partition) => rate[partition] ?? lag[partition] ?? 1),
        );
        const all = rates.reduce((sum, rate) => sum + rate, 0);
        const strong = subscribers.map((one) => ({ ...one, capacity: all }));
        const atWork = sizes(assignorNamed("bin-packing")!(strong, topics)).filter((size) => size > 0);
        expect(atWork.length).toBeLessThanOrEqual(1);
      }),
      runs(200),
    );
  });

  test("stable-set: a leave moves only what the leaver had, and a join moves partitions only to the newcomer", () => {
    fc.assert(
      fc.property(withoutRacks(group()), fc.nat(8), ({ subscribers, topics }, index) => {
        if (subscribers.length < 2) return;
        const one = subscribers[index % subscribers.length];
        const others = subscribers.filter((other) => other !== one);
        const withIt = assignorNamed("stable-set")!(subscribers, topics);
        const without = assignorNamed("stable-set")!(others, topics);
        for (const { id } of others) {
          expect(partitionsOf(without.get(id)!)).toEqual(expect.arrayContaining(partitionsOf(withIt.get(id)!)));
        }
      }),
      runs(200),
    );
  });
});

describe("uniform with its weak point mended", () => {
  test("takes nothing from a member of an evenly loaded group beyond what a newcomer needs", () => {
    fc.assert(
      fc.property(group(true), ({ subscribers, topics }) => {
        const assignor = assignorNamed("uniform", { faithful: false })!;
        const first = assignor(subscribers, topics);
        const total = sizes(first).reduce((sum, size) => sum + size, 0);
        const joined = [...owning(subscribers, first), { id: "newcomer", topics: subscribers[0].topics }];
        const second = assignor(joined, topics);
        const kept = subscribers.reduce((sum, { id }) => {
          const own = new Set(partitionsOf(first.get(id)!));
          return sum + partitionsOf(second.get(id)!).filter((partition) => own.has(partition)).length;
        }, 0);
        expect(total - kept).toBe(sizeOf(second.get("newcomer")!));
      }),
      runs(200),
    );
  });
});

describe("every group of up to 4 members and 6 partitions in two topics, whoever subscribes to which", () => {
  /** All ways to pick one of `choices` for each of `count` places. */
  function* picks<T>(choices: readonly T[], count: number): Generator<T[]> {
    if (count === 0) yield [];
    else for (const rest of picks(choices, count - 1)) for (const choice of choices) yield [...rest, choice];
  }
  const worlds: Group[] = [];
  for (let a = 0; a <= 6; a++) {
    for (let b = 0; a + b <= 6; b++) {
      for (let members = 1; members <= 4; members++) {
        for (const subscribed of picks([["a"], ["b"], ["a", "b"]], members)) {
          const subscribers = subscribed.map((topics, index) => ({ id: `m${index}`, topics }));
          worlds.push({ subscribers, topics: new Map([["a", { partitions: a }], ["b", { partitions: b }]]) }); // prettier-ignore
        }
      }
    }
  }

  test.for(ASSIGNOR_NAMES)("%s gives each partition to one subscriber, and again when any member has left", (name) => {
    const assignor = assignorNamed(name)!;
    const wrong: unknown[] = [];
    for (const world of worlds) {
      const first = assignor(world.subscribers, world.topics);
      if (faults(world, first, false).length > 0) wrong.push(world);
      for (const leaver of world.subscribers) {
        const staying = owning(world.subscribers, first).filter(({ id }) => id !== leaver.id);
        const rest = { ...world, subscribers: staying };
        if (faults(rest, assignor(staying, world.topics), name === "cooperative-sticky").length > 0) wrong.push(rest);
      }
    }
    expect(wrong).toEqual([]);
  });
});
