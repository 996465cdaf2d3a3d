import type { Stream } from "../engine/random.ts";
import { type Duration, type Instant, MILLISECOND } from "../engine/time.ts";
import { type Law, drawBernoulli, drawDuration, drawPoisson } from "../engine/variates.ts";
import { PoissonArrivals, type RateStep } from "./arrivals.ts";
import { RollingRestart, type RollHost, type RollPolicy } from "./deploy.ts";

/** The laws by which members come and go. */
export interface PopulationLaws {
  readonly initial: number;
  /** From the decision to start a process until its consumer first polls. */
  readonly startup: Law;
  /** Whether the initial members start up too, or are ready at once. */
  readonly coldStart: boolean;
  /** New members per second (Poisson), constant or in steps. */
  readonly joinsPerSecond: number | readonly RateStep[];
  /** Departures per second of the whole group (Poisson); each takes a living member at random. */
  readonly leavesPerSecond: number;
  /** How long a member lives, from the start of its process on. */
  readonly lifetime?: Law;
  /** Share of the departures by chance that crash. */
  readonly crashShare: number;
  /** Every `every`: each member leaves with probability `leave`; then Poisson(`join`) new ones come. */
  readonly perStep?: { readonly every: Duration; readonly leave: number; readonly join: number };
  /** Who departs is replaced after this time; absent: not at all. */
  readonly replaceAfter?: Law;
  /** A replacement takes over the seat of its predecessor. */
  readonly static: boolean;
}

/** One process of the population. */
export interface Member {
  /** 1, 2, 3 … in order of start. Never given again. */
  readonly number: number;
  /** The place it fills: its own number, or, if static, that of the first who had it. */
  readonly seat: number;
  /** The number of the first of its line: a replacement runs where its predecessor ran. */
  readonly line: number;
  /**
   * Names its streams (`joins/5`; a replacement's is its predecessor's with a count, `joins/5/2`). It tells where the
   * member comes from and not how many were before it, so that one member more leaves everybody else's fate alone.
   */
  readonly fate: string;
  readonly startedAt: Instant;
}

/** A member, and what it takes to go on with it. */
interface Being extends Member {
  /** The fate of the first of its line, and which of that line it is. */
  readonly root: string;
  readonly incarnation: number;
  ready: boolean;
  /** Its stream for steps, which it is asked for at each; `undefined` before the first. */
  steps: Stream | undefined;
}

export type Origin = "initial" | "joins" | "steps" | "scripted" | "replacement" | "roll";
export type Ending = "close" | "crash";
/** Why a member departs: its lifetime is over, the group's departures or steps took it, a script, a roll. */
export type DepartureReason = "end-of-life" | "leaves" | "steps" | "scripted" | "roll";

/** What the population asks to be told, and when. The subject is a member's number, or 0. */
export const POPULATION_EVENTS = ["join", "leave", "step", "ready", "end-of-life", "replace", "available"] as const;
export type PopulationEvent = (typeof POPULATION_EVENTS)[number];

/** What the population does to the world. */
export interface PopulationHost {
  now(): Instant;
  /** Call `fire(event, subject)` at that instant. Never taken back: what has become void, `fire` ignores. */
  at(instant: Instant, event: PopulationEvent, subject: number): void;
  stream(name: string): Stream;
  /** A process starts. It is ready after its start-up, unless it departs before. */
  started(member: Member, origin: Origin): void;
  /** Its consumer polls for the first time. */
  ready(member: Member): void;
  /** It closes, or crashes. */
  departed(member: Member, how: Ending, reason: DepartureReason): void;
}

/**
 * The least from one process to the next of its line, should it end as soon as it begins. Any takes some time to start; without
 * that a line of them would never come to an end within one instant.
 */
const LEAST_LIFE: Duration = MILLISECOND;

/**
 * Who is there over time. A member lives from the start of its process until it departs; what its consumer makes of
 * that in the group is no matter of this room.
 *
 * Chance has a stream for each purpose: `joins`, `leaves`, `leaves/who` and `steps` for the group as a whole,
 * `member/<fate>/…` for `startup`, `lifetime`, `crash` (does its departure crash?), `step` (one draw each step) and
 * `replacement`.
 *
 * At one instant things happen in the order in which the world calls; within a step leaves come before joins.
 */
export class Population {
  readonly #laws: PopulationLaws;
  readonly #host: PopulationHost;
  readonly #joins: PoissonArrivals;
  readonly #leaves: PoissonArrivals;
  /** Everybody alive, in order of start. */
  readonly #living = new Map<number, Being>();
  /** Those who departed and will be replaced after a time. */
  readonly #replaceable = new Map<number, Being>();
  /** How many came by each way, to name the next one's fate. */
  readonly #comers = new Map<string, number>();
  #started = 0;
  #roll: RollingRestart | undefined;
  /** Everybody the roll under way has to do with, departed ones included. */
  readonly #rolled = new Map<number, Being>();
  readonly #rollsToCome: RollPolicy[] = [];
  /** Those that close and whose processes have not ended yet. */
  readonly #closing = new Set<number>();

  constructor(laws: PopulationLaws, host: PopulationHost) {
    this.#laws = laws;
    this.#host = host;
    this.#joins = new PoissonArrivals(laws.joinsPerSecond, host.stream("joins"));
    this.#leaves = new PoissonArrivals(laws.leavesPerSecond, host.stream("leaves"));
  }

  // ── What happens ──────────────────────────────────────────────────────────────────────────────────────────────

  /** The initial members start, and chance sets in. */
  start(): void {
    for (let i = 0; i < this.#laws.initial; i++) this.#enter("initial");
    this.#await(this.#joins, "join");
    this.#await(this.#leaves, "leave");
    if (this.#laws.perStep) this.#host.at(this.#host.now() + this.#laws.perStep.every, "step", 0);
  }

  /** What `at` was asked for is due. */
  fire(event: PopulationEvent, subject: number): void {
    const being = this.#living.get(subject);
    switch (event) {
      case "join":
        this.#enter("joins");
        return this.#await(this.#joins, "join");
      case "leave":
        this.#takeOne();
        return this.#await(this.#leaves, "leave");
      case "step":
        return this.#step(this.#laws.perStep!);
      case "ready":
        return being && this.#makeReady(being);
      case "end-of-life":
        return being && this.#departByChance(being, "end-of-life");
      case "replace":
        return this.#replace(subject);
      case "available":
        return this.#tellRoll((roll) => roll.elapsed(subject));
    }
  }

  /** The script lets so many members come. */
  join(count = 1): void {
    for (let i = 0; i < count; i++) this.#enter("scripted", `scripted@${this.#host.now()}`);
  }

  /** The script ends this member. Nothing happens if it is not alive. */
  depart(member: number, how: Ending): void {
    const being = this.#living.get(member);
    if (being) this.#depart(being, how, "scripted");
  }

  /** The process of a member that closed has ended, maybe at once; a static roll waits for this. */
  stopped(member: number): void {
    this.#closing.delete(member);
    this.#tellRoll((roll) => roll.stopped(member));
  }

  /** A rolling restart of everybody alive, in order of start. It begins when one that is under way is done. */
  roll(policy: Omit<RollPolicy, "static">): void {
    this.#rollsToCome.push({ ...policy, static: this.#laws.static });
    this.#beginRolls();
  }

  // ── What is so ────────────────────────────────────────────────────────────────────────────────────────────────

  /** How many are alive: G(t). */
  get size(): number {
    return this.#living.size;
  }

  /** Is a rolling restart under way? */
  get rolling(): boolean {
    return this.#roll !== undefined;
  }

  /** Everybody alive, the longest-lived first. */
  living(): Member[] {
    return [...this.#living.values()];
  }

  // ── How ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /** A member comes that has no predecessor; `way` names its fate. */
  #enter(origin: Origin, way: string = origin): void {
    const ordinal = (this.#comers.get(way) ?? 0) + 1;
    this.#comers.set(way, ordinal);
    this.#begin(origin, { root: `${way}/${ordinal}`, incarnation: 1 });
  }

  /** A member comes in place of another. */
  #succeed(origin: Origin, predecessor: Being): Being {
    const { root, incarnation, seat, line } = predecessor;
    return this.#begin(origin, {
      root,
      incarnation: incarnation + 1,
      line,
      seat: this.#laws.static ? seat : undefined,
    });
  }

  #begin(origin: Origin, from: { root: string; incarnation: number; line?: number; seat?: number }): Being {
    const now = this.#host.now();
    const number = ++this.#started;
    const being: Being = {
      number,
      seat: from.seat ?? number,
      line: from.line ?? number,
      fate: from.incarnation === 1 ? from.root : `${from.root}/${from.incarnation}`,
      startedAt: now,
      root: from.root,
      incarnation: from.incarnation,
      ready: false,
      steps: undefined,
    };
    this.#living.set(number, being);
    this.#host.started(being, origin);
    const { startup, coldStart, lifetime } = this.#laws;
    const startsUp = origin !== "initial" || coldStart;
    this.#host.at(now + (startsUp ? this.#draw(being, "startup", startup) : 0), "ready", number);
    if (lifetime) this.#host.at(now + this.#draw(being, "lifetime", lifetime), "end-of-life", number);
    return being;
  }

  #makeReady(being: Being): void {
    being.ready = true;
    this.#host.ready(being);
    this.#tellRoll((roll) => roll.ready(being.number));
  }

  #departByChance(being: Being, reason: DepartureReason): void {
    const crashes = drawBernoulli(this.#laws.crashShare, this.#streamOf(being, "crash"));
    this.#depart(being, crashes ? "crash" : "close", reason);
  }

  /** The only way out. */
  #depart(being: Being, how: Ending, reason: DepartureReason): void {
    this.#living.delete(being.number);
    if (how === "close") this.#closing.add(being.number);
    this.#host.departed(being, how, reason);
    if (reason === "roll") return;
    if (this.#rolled.has(being.number)) {
      this.#tellRoll((roll) => roll.departed(being.number));
      if (!this.#closing.has(being.number)) this.#tellRoll((roll) => roll.stopped(being.number));
    } else if (this.#laws.replaceAfter) {
      this.#replaceable.set(being.number, being);
      const delay = this.#draw(being, "replacement", this.#laws.replaceAfter);
      const replaced = Math.max(this.#host.now() + delay, being.startedAt + LEAST_LIFE);
      this.#host.at(replaced, "replace", being.number);
    }
  }

  #replace(number: number): void {
    const predecessor = this.#replaceable.get(number)!;
    this.#replaceable.delete(number);
    this.#succeed("replacement", predecessor);
  }

  /** One departure of the group's: any of the living, each as likely. */
  #takeOne(): void {
    const rank = Math.floor(this.#host.stream("leaves/who").uniform() * this.#living.size);
    const being = [...this.#living.values()][rank];
    if (being) this.#departByChance(being, "leaves");
  }

  #step({ every, leave, join }: NonNullable<PopulationLaws["perStep"]>): void {
    const leavers = [...this.#living.values()].filter((being) =>
      drawBernoulli(leave, (being.steps ??= this.#streamOf(being, "step"))),
    );
    for (const being of leavers) this.#departByChance(being, "steps");
    const comers = drawPoisson(join, this.#host.stream("steps"));
    for (let i = 0; i < comers; i++) this.#enter("steps");
    this.#host.at(this.#host.now() + every, "step", 0);
  }

  #await(arrivals: PoissonArrivals, event: PopulationEvent): void {
    const next = arrivals.nextArrival(this.#host.now());
    if (next !== undefined) this.#host.at(next, event, 0);
  }

  #beginRolls(): void {
    while (!this.#roll && this.#rollsToCome.length > 0) {
      for (const [number, being] of this.#living) this.#rolled.set(number, being);
      const members = [...this.#living.values()].map(({ number, ready }) => [number, ready] as const);
      this.#roll = new RollingRestart(members, this.#rollsToCome.shift()!, this.#orchestrator);
      this.#tellRoll((roll) => roll.begin());
    }
  }

  #tellRoll(tell: (roll: RollingRestart) => void): void {
    if (!this.#roll) return;
    tell(this.#roll);
    if (!this.#roll?.done) return;
    this.#roll = undefined;
    this.#rolled.clear();
    this.#beginRolls();
  }

  readonly #orchestrator: RollHost = {
    close: (member) => this.#depart(this.#rolled.get(member)!, "close", "roll"),
    start: (predecessor) => {
      const being = this.#succeed("roll", this.#rolled.get(predecessor)!);
      this.#rolled.set(being.number, being);
      return being.number;
    },
    after: (pause, member) => this.#host.at(this.#host.now() + pause, "available", member),
  };

  #streamOf(being: Being, purpose: string): Stream {
    return this.#host.stream(`member/${being.fate}/${purpose}`);
  }

  /** A constant draws nothing, so it gets no stream: to seed one for each member is what coming and going costs most. */
  #draw(being: Being, purpose: string, law: Law): Duration {
    return "constant" in law ? law.constant : drawDuration(law, this.#streamOf(being, purpose));
  }
}
