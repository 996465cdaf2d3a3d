import { expect, test } from "vitest";
import { Engine } from "../../../sim/engine/engine.ts";
import { MILLISECOND, SECOND } from "../../../sim/engine/time.ts";
import { WritePath } from "../../../sim/kafka/cluster/write-path.ts";

/** A log whose writers wait for 5 s, and what becomes of appends to it, in order: `a safe 10` is milliseconds. */
function log() {
  const engine = new Engine();
  const told: string[] = [];
  const deeds: (() => void)[] = [];
  const due = engine.on("due", 0, (_, deed) => deeds[deed]());
  let inSync = true;
  const path = new WritePath({
    now: () => engine.now,
    later: (delay, then) => void engine.schedule(delay, due, 0, deeds.push(then) - 1),
    commits: () => inSync,
    timeout: 5 * SECOND,
  });
  const say = (what: string) => (): void => void told.push(`${what} ${engine.now / MILLISECOND}`);
  return {
    told,
    append: (name: string, takes: number): void =>
      path.append(takes * MILLISECOND, say(`${name} safe`), say(`${name} overdue`)),
    until: (ms: number): void => engine.runUntil(ms * MILLISECOND),
    follow(follows: boolean): void {
      inSync = follows;
      path.proceed();
    },
  };
}

test("nothing is safe before what was written in front of it", () => {
  const { append, until, told } = log();
  append("a", 30);
  until(10);
  append("b", 5); // by itself at 15 ms
  until(40);
  append("c", 5);
  until(100);
  expect(told).toEqual(["a safe 30", "b safe 30", "c safe 45"]);
});

test("whoever writes to a log that is slower than offsets.commit.timeout.ms waits in vain, and it is written all the same", () => {
  const { append, until, told } = log();
  append("a", 7000);
  until(10_000);
  expect(told).toEqual(["a overdue 5000", "a safe 7000"]);
});

test("so does who waits for a follower, and the time that the append took counts", () => {
  const { append, until, follow, told } = log();
  follow(false);
  append("a", 100);
  until(9000);
  follow(true);
  until(10_000);
  expect(told).toEqual(["a overdue 5000", "a safe 9000"]);
});

test("nobody waits in vain who is answered in time", () => {
  const { append, until, follow, told } = log();
  follow(false);
  append("a", 100);
  until(4999);
  follow(true);
  until(10_000);
  expect(told).toEqual(["a safe 4999"]);
});
