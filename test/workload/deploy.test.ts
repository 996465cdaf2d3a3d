import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RollingRestart, type RollPolicy } from "../../sim/workload/deploy.ts";

/** A yard in which a roll does its work: `2→5` is 5 starting in place of 2. Successors are numbered on. */
class Yard {
  readonly log: string[] = [];
  readonly roll: RollingRestart;
  readonly present: Set<number>;
  readonly starting = new Set<number>();
  readonly pausing: number[] = [];
  readonly closing: number[] = [];
  #last: number;

  constructor(members: number, policy: Partial<RollPolicy>, unready: readonly number[] = []) {
    const numbers = Array.from({ length: members }, (_, i) => i + 1);
    this.present = new Set(numbers);
    for (const number of unready) this.starting.add(number);
    this.#last = members;
    this.roll = new RollingRestart(
      numbers.map((number) => [number, !unready.includes(number)] as const),
      { maxUnavailable: 1, maxSurge: 0, pause: 0, static: false, ...policy },
      {
        close: (member) => {
          this.log.push(`close ${member}`);
          this.present.delete(member);
          this.starting.delete(member);
          this.closing.push(member);
        },
        start: (predecessor) => {
          this.log.push(`${predecessor}→${++this.#last}`);
          this.present.add(this.#last);
          this.starting.add(this.#last);
          return this.#last;
        },
        after: (pause, member) => {
          this.log.push(`wait ${pause}`);
          this.pausing.push(member);
        },
      },
    );
    this.roll.begin();
  }

  /** What the roll does next when this happens. */
  does(happens: (roll: RollingRestart) => void): string {
    this.log.length = 0;
    happens(this.roll);
    return this.log.join(", ");
  }

  ready(member: number): void {
    this.starting.delete(member);
    this.roll.ready(member);
  }

  depart(member: number): void {
    this.present.delete(member);
    this.starting.delete(member);
    this.closing.push(member);
    this.roll.departed(member);
  }

  stop(member: number): void {
    this.closing.splice(this.closing.indexOf(member), 1);
    this.roll.stopped(member);
  }
}

describe("a rolling restart", () => {
  test("with one unavailable closes one, and the next when its successor is ready", () => {
    const yard = new Yard(3, { maxUnavailable: 1, maxSurge: 0 });
    expect(yard.log.join(", ")).toBe("close 1, 1→4");
    expect(yard.does(() => yard.ready(4))).toBe("close 2, 2→5");
    expect(yard.does(() => yard.ready(5))).toBe("close 3, 3→6");
    expect(yard.roll.done).toBe(false);
    expect(yard.does(() => yard.ready(6))).toBe("");
    expect(yard.roll.done).toBe(true);
  });

  test("with a surge of one starts a successor before it closes anybody", () => {
    const yard = new Yard(3, { maxUnavailable: 0, maxSurge: 1 });
    expect(yard.log.join(", ")).toBe("1→4");
    expect(yard.does(() => yard.ready(4))).toBe("close 1, 2→5");
    expect(yard.does(() => yard.ready(5))).toBe("close 2, 3→6");
    expect(yard.does(() => yard.ready(6))).toBe("close 3");
    expect(yard.roll.done).toBe(true);
  });

  test("with more room does several at a time", () => {
    const yard = new Yard(5, { maxUnavailable: 2, maxSurge: 1 });
    expect(yard.log.join(", ")).toBe("1→6, close 1, 2→7, close 2, 3→8");
    expect(yard.does(() => yard.ready(7))).toBe("close 3, 4→9");
  });

  test("counts a successor only when it has been ready for the pause", () => {
    const yard = new Yard(2, { pause: 30 });
    expect(yard.does(() => yard.ready(3))).toBe("wait 30");
    expect(yard.does((roll) => roll.elapsed(3))).toBe("close 2, 2→4");
    expect(yard.does(() => yard.depart(4))).toBe("4→5");
    expect(yard.does((roll) => roll.elapsed(4))).toBe("");
  });

  test("of static members waits until a predecessor has stopped, and never surges", () => {
    const yard = new Yard(2, { static: true, maxSurge: 3 });
    expect(yard.log.join(", ")).toBe("close 1");
    expect(yard.does(() => yard.stop(1))).toBe("1→3");
    expect(yard.does(() => yard.ready(3))).toBe("close 2");
    expect(yard.does(() => yard.stop(2))).toBe("2→4");
    expect(yard.roll.done).toBe(false);
    yard.ready(4);
    expect(yard.roll.done).toBe(true);
  });

  test("succeeds those who depart on their own, old or new, and takes them for unavailable", () => {
    const yard = new Yard(3, {});
    expect(yard.does(() => yard.depart(3))).toBe("2→5");
    expect(yard.does(() => yard.ready(4))).toBe("");
    expect(yard.does(() => yard.ready(5))).toBe("close 2, 3→6");
    expect(yard.does(() => yard.depart(4))).toBe("4→7");
    yard.ready(6);
    expect(yard.roll.done).toBe(false);
    yard.ready(7);
    expect(yard.roll.done).toBe(true);
  });

  test("closes those first that are not available anyway", () => {
    expect(new Yard(3, {}, [2]).log.join(", ")).toBe("close 2, 1→4");
  });

  test("needs room to begin with", () => {
    expect(() => new Yard(3, { maxUnavailable: 0, maxSurge: 0 })).toThrow("needs room");
    expect(() => new Yard(3, { maxUnavailable: 0, maxSurge: 1, static: true })).toThrow("needs room");
  });

  test("of nobody is done at once", () => {
    expect(new Yard(0, {}).roll.done).toBe(true);
  });

  test("keeps its limits and comes to its end, whatever the order of things", () => {
    const policies = fc
      .record({
        maxUnavailable: fc.integer({ min: 0, max: 3 }),
        maxSurge: fc.integer({ min: 0, max: 3 }),
        pause: fc.constantFrom(0, 10),
        static: fc.boolean(),
      })
      .filter((policy) => policy.maxUnavailable + (policy.static ? 0 : policy.maxSurge) > 0);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), policies, fc.infiniteStream(fc.nat()), (size, policy, choices) => {
        const yard = new Yard(size, policy);
        for (let turns = 0; !yard.roll.done; turns++) {
          expect(turns).toBeLessThan(10 * size);
          const available = yard.present.size - yard.starting.size - yard.pausing.length;
          expect(available).toBeGreaterThanOrEqual(size - policy.maxUnavailable);
          expect(yard.present.size).toBeLessThanOrEqual(size + (policy.static ? 0 : policy.maxSurge));
          const possible = [
            ...[...yard.starting].map((member) => () => yard.ready(member)),
            ...yard.pausing.map((member, i) => () => {
              yard.pausing.splice(i, 1);
              yard.roll.elapsed(member);
            }),
            ...yard.closing.map((member) => () => yard.stop(member)),
          ];
          possible[choices.next().value % possible.length]();
        }
        expect([...yard.present].every((member) => member > size)).toBe(true);
        expect(yard.present.size).toBe(size);
      }),
      { seed: 20_261_121, numRuns: 500 },
    );
  });
});
