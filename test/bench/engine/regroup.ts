import { Engine } from "../../../sim/engine/engine.ts";
import { AMOUNTS, type Inputs, MASK, type Measurement, measure, timed } from "./inputs.ts";

/** The engine workloads on our own engine. `simjs.ts` and `heap.c` do the same, each in its own style. */

type Result = Omit<Measurement, "bytes">;

const FOREVER = Number.MAX_SAFE_INTEGER;

/** Runs `size` events at first untimed, at least the usual warm-up, then the timed ones. `count` counts as they run. */
function timedEvents(engine: Engine, size: number, limit: { at: number }): number {
  const warmUp = Math.max(AMOUNTS.warmUp, size);
  limit.at = warmUp;
  engine.runUntil(FOREVER);
  limit.at = warmUp + AMOUNTS.timed;
  return timed(AMOUNTS.timed, () => engine.runUntil(FOREVER));
}

/** N events are pending at any time; each schedules the next. */
function holdWith(delays: Float64Array, size: number): Result {
  const engine = new Engine();
  const limit = { at: 0 };
  let k = 0;
  let count = 0;
  const kind = engine.on("event", 3, (subject) => {
    engine.post(delays[k++ & MASK], kind, subject);
    if (++count === limit.at) engine.stop();
  });
  for (let subject = 0; subject < size; subject++) engine.post(delays[k++ & MASK], kind, subject);
  const ns = timedEvents(engine, size, limit);
  return { ns, check: String(engine.now) };
}

const hold = ({ x }: Inputs, size: number): Result => holdWith(x, size);

/** A thousand parties send 16 messages each around, at random. */
function phold({ p, d }: Inputs): Result {
  const engine = new Engine();
  const limit = { at: 0 };
  const hashes = new Uint32Array(1_000);
  let k = 0;
  let count = 0;
  const message = engine.on("message", 3, (party, id) => {
    hashes[party] = Math.imul(31, hashes[party]) + id;
    engine.post(p[k & MASK], message, d[k & MASK], id);
    k++;
    if (++count === limit.at) engine.stop();
  });
  for (let id = 0; id < 16_000; id++) engine.post(p[k++ & MASK], message, id >> 4, id);
  const ns = timedEvents(engine, 16_000, limit);
  return { ns, check: `${engine.now} ${hashes.reduce((xor, hash) => xor ^ hash, 0) >>> 0}` };
}

/**
 * Ten thousand members heartbeat every 3 s, and each heartbeat pushes the member's session timer of 45 s back; one
 * member in a hundred falls silent after 34 heartbeats. In milliseconds, as the numbers it must give.
 */
function churnUntil(end: number): { heartbeats: number; check: string } {
  const members = 10_000;
  const engine = new Engine();
  const left = new Int32Array(members).map((_, member) => (member % 100 === 0 ? 34 : 1_000_000));
  let heartbeats = 0;
  let expiries = 0;
  let expiryTimes = 0;
  let hash = 0;
  const sessions = engine.timers("session", 0, (member) => {
    expiries++;
    expiryTimes += engine.now;
    hash = (Math.imul(31, hash) + 2 * member + 1) | 0;
  });
  const heartbeat = engine.on("heartbeat", 3, (member) => {
    heartbeats++;
    hash = (Math.imul(31, hash) + 2 * member) | 0;
    sessions.arm(member, 45_000);
    if (--left[member] > 0) interval.push(member);
  });
  const interval = engine.lane(3_000, heartbeat);
  for (let member = 0; member < members; member++) {
    engine.post(Math.floor((3 * member) / 10), heartbeat, member);
  }
  engine.runUntil(end - 1);
  return { heartbeats, check: `${heartbeats} ${expiries} ${expiryTimes} ${hash >>> 0}` };
}

function churn(): Result {
  churnUntil(300_000);
  let result = { heartbeats: 0, check: "" };
  const ns = timed(1, () => (result = churnUntil(300_000)));
  return { ns: ns / result.heartbeats, check: result.check };
}

/** Customers arrive, wait in line for the one server, are served and leave. Gives the sum of their waits. */
function queueOf({ a, y }: Inputs, customers: number): number {
  const engine = new Engine();
  const arrivals = new Float64Array(MASK + 1); // of those in line; never nearly as many
  let first = 0;
  let last = 0;
  let arrived = 0;
  let served = 0;
  let busy = false;
  const sum = { waits: 0 }; // in an object: a fraction in a variable of a closure is allocated anew at each change
  const serve = (): void => {
    sum.waits += engine.now - arrivals[first++ & MASK];
    busy = true;
    engine.post(y[served++ & MASK], departure, 0);
  };
  const departure = engine.on("departure", 2, () => {
    if (first < last) serve();
    else busy = false;
  });
  const arrival = engine.on("arrival", 3, () => {
    arrivals[last++ & MASK] = engine.now;
    if (!busy) serve();
    if (++arrived < customers) engine.post(a[arrived & MASK], arrival, 0);
  });
  engine.post(a[0], arrival, 0);
  engine.runUntil(FOREVER);
  return sum.waits;
}

function mm1(inputs: Inputs): Result {
  queueOf(inputs, AMOUNTS.customers);
  let waits = 0;
  const ns = timed(AMOUNTS.customers, () => (waits = queueOf(inputs, AMOUNTS.customers)));
  return { ns, check: String(waits) };
}

/** Three instants hold everything. */
const ties = ({ x }: Inputs, size: number): Result =>
  holdWith(
    x.map((delay) => Math.ceil(3e-6 * delay)),
    size,
  );

/** One event in ten lies a million times as far ahead as the others. */
const bimodal = ({ x, y }: Inputs, size: number): Result =>
  holdWith(
    x.map((delay, index) => Math.round(y[index] < 105_361 ? 1_000 * delay : 1e-3 * delay)), // P(y < 0.105361 s) = 0.1
    size,
  );

/** All at one instant, and again 3 s later, always scheduled in descending order of subjects. */
function storm(_: Inputs, size: number): Result {
  const engine = new Engine();
  const limit = { at: 0 };
  let count = 0;
  const kind = engine.on("join", 3, (subject) => {
    engine.post(3_000_000, kind, size - 1 - subject);
    if (++count === limit.at) engine.stop();
  });
  for (let subject = size - 1; subject >= 0; subject--) engine.post(3_000_000, kind, subject);
  const ns = timedEvents(engine, size, limit);
  return { ns, check: String(engine.now) };
}

/** Every ten seconds a burst of `size` events into the next second, under 40 timers that lie hours ahead. */
function burst({ x }: Inputs, size: number): Result {
  const engine = new Engine();
  const limit = { at: 0 };
  let k = 0;
  let count = 0;
  const event = engine.on("event", 3, () => {
    if (++count === limit.at) engine.stop();
  });
  const start = engine.on("burst", 2, () => {
    for (let subject = 0; subject < size; subject++) engine.post(x[k++ & MASK] % 1_000_000, event, subject);
    engine.post(10_000_000, start, 0);
  });
  for (let timer = 0; timer < 40; timer++) engine.post(3_600_000_000 * (1 + timer), event, timer);
  engine.post(0, start, 0);
  const ns = timedEvents(engine, size, limit);
  return { ns, check: String(engine.now) };
}

measure({ hold, phold, churn, mm1, ties, bimodal, storm, burst });
