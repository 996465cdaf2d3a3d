import { AMOUNTS, type Inputs, MASK, type Measurement, measure, timed } from "./inputs.ts";

/**
 * The engine workloads on SIM.JS 2.0.3, in the style of its documentation: entities, timers with callbacks, a facility
 * for the queue.
 */

type Result = Omit<Measurement, "bytes">;

/** What is used of SIM.JS here; it has no types of its own. */
interface SimJs {
  readonly Sim: new () => {
    addEntity<E>(type: new () => E, name: string): E;
    simulate(endTime: number, maxEvents?: number): boolean;
    time(): number;
  };
  readonly Entity: new () => {
    time(): number;
    setTimer(duration: number): Request;
    useFacility(facility: object, duration: number): Request;
  };
  readonly Facility: new (name: string) => object;
}

interface Request {
  done<Argument>(callback: (argument: Argument) => void, context: object, argument?: Argument): Request;
  cancel(): void;
}

// The package is made for a page: it leaves its classes on the window.
Object.assign(globalThis, { window: globalThis });
await import("simjs");
const { Sim, Entity, Facility } = (globalThis as unknown as { readonly Sim: SimJs }).Sim;

function timedEvents(sim: InstanceType<SimJs["Sim"]>, size: number): number {
  sim.simulate(Infinity, Math.max(AMOUNTS.warmUp, size));
  return timed(AMOUNTS.timed, () => sim.simulate(Infinity, AMOUNTS.timed));
}

function hold({ x }: Inputs, size: number): Result {
  let k = 0;
  class Holder extends Entity {
    start(): void {
      for (let event = 0; event < size; event++) this.next();
    }
    next(): void {
      this.setTimer(x[k++ & MASK]).done(this.next, this);
    }
  }
  const sim = new Sim();
  sim.addEntity(Holder, "holder");
  const ns = timedEvents(sim, size);
  return { ns, check: String(sim.time()) };
}

function phold({ p, d }: Inputs): Result {
  let k = 0;
  const hashes = new Uint32Array(1_000);
  class Party extends Entity {
    party = 0;
    start(): void {}
    // SIM.JS leaves an argument of 0 out
    receive(id = 0): void {
      hashes[this.party] = Math.imul(31, hashes[this.party]) + id;
      const next = parties[d[k & MASK]];
      next.setTimer(p[k & MASK]).done(next.receive, next, id);
      k++;
    }
  }
  const sim = new Sim();
  const parties = Array.from({ length: 1_000 }, (_, party) =>
    Object.assign(sim.addEntity(Party, `party ${party}`), { party }),
  );
  for (let id = 0; id < 16_000; id++) {
    const party = parties[id >> 4];
    party.setTimer(p[k++ & MASK]).done(party.receive, party, id);
  }
  const ns = timedEvents(sim, 16_000);
  return { ns, check: `${sim.time()} ${hashes.reduce((xor, hash) => xor ^ hash, 0) >>> 0}` };
}

function churnUntil(end: number): { heartbeats: number; check: string } {
  const members = 10_000;
  let heartbeats = 0;
  let expiries = 0;
  let expiryTimes = 0;
  let hash = 0;
  class Member extends Entity {
    member = 0;
    left = 0;
    session: Request | undefined;
    start(): void {}
    join(member: number): void {
      this.member = member;
      this.left = member % 100 === 0 ? 34 : 1_000_000;
      this.setTimer(Math.floor((3 * member) / 10)).done(this.beat, this);
    }
    beat(): void {
      heartbeats++;
      hash = (Math.imul(31, hash) + 2 * this.member) | 0;
      this.session?.cancel();
      this.session = this.setTimer(45_000).done(this.expire, this);
      if (--this.left > 0) this.setTimer(3_000).done(this.beat, this);
    }
    expire(): void {
      expiries++;
      expiryTimes += this.time();
      hash = (Math.imul(31, hash) + 2 * this.member + 1) | 0;
    }
  }
  const sim = new Sim();
  for (let member = 0; member < members; member++) sim.addEntity(Member, `member ${member}`).join(member);
  sim.simulate(end - 1);
  return { heartbeats, check: `${heartbeats} ${expiries} ${expiryTimes} ${hash >>> 0}` };
}

function churn(): Result {
  for (let runs = 0; runs < AMOUNTS.warmUpRuns; runs++) churnUntil(300_000);
  let result = { heartbeats: 0, check: "" };
  const ns = timed(1, () => (result = churnUntil(300_000)));
  return { ns: ns / result.heartbeats, check: result.check };
}

function queueOf({ a, y }: Inputs, customers: number): number {
  let arrived = 0;
  let waits = 0;
  const server = new Facility("server");
  class Door extends Entity {
    start(): void {
      this.setTimer(a[0]).done(this.arrive, this);
    }
    arrive(): void {
      const service = y[arrived & MASK];
      this.useFacility(server, service).done(this.leave, this, this.time() + service);
      if (++arrived < customers) this.setTimer(a[arrived & MASK]).done(this.arrive, this);
    }
    leave(withoutWaiting: number): void {
      waits += this.time() - withoutWaiting;
    }
  }
  const sim = new Sim();
  sim.addEntity(Door, "door");
  sim.simulate(Infinity);
  return waits;
}

function mm1(inputs: Inputs): Result {
  for (let runs = 0; runs < AMOUNTS.warmUpRuns; runs++) queueOf(inputs, AMOUNTS.customers);
  let waits = 0;
  const ns = timed(AMOUNTS.customers, () => (waits = queueOf(inputs, AMOUNTS.customers)));
  return { ns, check: String(waits) };
}

measure({ hold, phold, churn, mm1 });
