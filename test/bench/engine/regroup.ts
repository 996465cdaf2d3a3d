import { Engine } from "../../../sim/engine/engine.ts";
import { AMOUNTS, type Inputs, LINE, MASK, type Measurement, measure, timed } from "./inputs.ts";

/** The engine workloads on our own engine. `simjs.ts` and `heap.c` do the same, each in its own style. */

type Result = Omit<Measurement, "bytes">;

const FOREVER = Number.MAX_SAFE_INTEGER;

/**
 * Runs `size` events at first untimed, at least the usual warm-up, then the timed ones. `count` counts as they run.
 *
 * The warm-up stops once on its way. Its end would otherwise be the first time that a handler stops the engine, for which V8
 * has no code yet: it throws away what it has compiled, and the timed events would start without it.
 */
function timedEvents(engine: Engine, size: number, limit: { at: number }): number {
  const warmUp = Math.max(AMOUNTS.warmUp, size);
  limit.at = warmUp / 2;
  engine.runUntil(FOREVER);
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
  for (let runs = 0; runs < AMOUNTS.warmUpRuns; runs++) churnUntil(300_000);
  let result = { heartbeats: 0, check: "" };
  const ns = timed(1, () => (result = churnUntil(300_000)));
  return { ns: ns / result.heartbeats, check: result.check };
}

/** Customers arrive, wait in line for the one server, are served and leave. */
class Queue {
  private readonly engine = new Engine();
  private readonly arrival = this.engine.on("arrival", 3, () => this.arrive());
  private readonly departure = this.engine.on("departure", 2, () => this.depart());
  private readonly gaps: Float64Array;
  private readonly services: Float64Array;
  private readonly customers: number;
  /** When those in line came. */
  private readonly arrivals = new Float64Array(LINE);
  private first = 0;
  private last = 0;
  private arrived = 0;
  private served = 0;
  private busy = false;
  private waits = NaN; // and zero from the run on: so it is a double from the beginning

  constructor({ a, y }: Inputs, customers: number) {
    this.gaps = a;
    this.services = y;
    this.customers = customers;
  }

  /** Gives the sum of all waits. */
  run(): number {
    this.waits = 0;
    this.engine.post(this.gaps[0], this.arrival, 0);
    this.engine.runUntil(FOREVER);
    return this.waits;
  }

  private arrive(): void {
    this.arrivals[this.last++ & (LINE - 1)] = this.engine.now;
    if (!this.busy) this.serve();
    if (++this.arrived < this.customers) this.engine.post(this.gaps[this.arrived & MASK], this.arrival, 0);
  }

  private serve(): void {
    this.waits += this.engine.now - this.arrivals[this.first++ & (LINE - 1)];
    this.busy = true;
    this.engine.post(this.services[this.served++ & MASK], this.departure, 0);
  }

  private depart(): void {
    if (this.first < this.last) this.serve();
    else this.busy = false;
  }
}

function mm1(inputs: Inputs): Result {
  const run = (): number => new Queue(inputs, AMOUNTS.customers).run();
  for (let runs = 0; runs < AMOUNTS.warmUpRuns; runs++) run();
  let waits = 0;
  const ns = timed(AMOUNTS.customers, () => (waits = run()));
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
