import { SECOND } from "../../sim/engine/time.ts";
import type { LagSlopes, TraceEvent } from "../../sim/trace/event.ts";
import { records } from "../../sim/trace/readings/records.ts";

type RecordsReread = Extract<TraceEvent, { type: "records.reread" }>;

/** Disjoint stretches of offsets, ascending. */
class Offsets {
  #spans: [from: number, to: number][] = [];

  add(from: number, to: number): void {
    if (to <= from) return;
    const apart = this.#spans.filter(([a, b]) => b < from || a > to);
    const met = this.#spans.filter(([a, b]) => b >= from && a <= to);
    const begin = Math.min(from, ...met.map(([a]) => a));
    const end = Math.max(to, ...met.map(([, b]) => b));
    this.#spans = [...apart, [begin, end] as [number, number]].sort(([a], [b]) => a - b);
  }

  /** So many of them before this one are no more: those before that move up to it. */
  moveUp(records: number, end: number): void {
    const up = (offset: number): number => Math.min(offset + records, end);
    this.#spans = this.#spans.flatMap(([a, b]) => (up(b) > up(a) ? [[up(a), up(b)] as [number, number]] : []));
  }

  /** How many of these offsets are in it. */
  within(from: number, to: number): number {
    return this.#spans.reduce((sum, [a, b]) => sum + Math.max(0, Math.min(b, to) - Math.max(a, from)), 0);
  }
}

/** What the trace tells of one partition, and what a plain bookkeeper makes of its lag. */
interface Account {
  line: { t: number; lag: number; in: number; out: number };
  produced: number;
  /** Where the group has got to, counted from its first offset of the partition, which is `origin`. */
  position: number;
  origin: number;
  /** What readers that the group has parted with, and that live, still have in hand: they process it. */
  held: [from: number, to: number][];
  /** Told to be found at the present instant. */
  readonly found: [t: number, from: number, to: number][];
  /** What has ever been processed, and is in the log. */
  readonly read: Offsets;
  /** … and is not any more. */
  readGone: number;
  /** Done before the position had come to it, at that instant: it was in hand as it went with its leader. */
  ahead: number | undefined;
  /** Records behind a position that was set back, that had been processed, less those passed over later. */
  again: number;
  /** The same, and what is lost, as told. Numbers that were added up, each rounded to the sixth decimal. */
  toldAgain: number;
  toldLost: number;
  numbers: number;
}

/**
 * The books of all groups, kept by somebody who has nothing but the trace: what came in and what waits says where each
 * group stands in each partition, and where it stands at each instant says what it has read. What it never read and
 * does not wait is lost; where it goes back over what it has read, that is read again.
 */
export class Reckoning {
  readonly #accounts = new Map<string, Account>();
  /** The first complaint. */
  wrong: string | undefined;
  /** The least records by which a position is said to be set rather than to have moved on. */
  readonly #leap: number;
  readonly #fold = records({
    reread: ({ records, inHand, ...of }) => this.#tell(of, records - inHand, 0),
    spared: ({ records, inHand, ...of }) => this.#tell(of, inHand - records, 0),
    lost: ({ records, ...of }) => this.#tell(of, 0, records),
    found: ({ records, ...of }) => this.#tell(of, 0, -records),
  });

  constructor(leap = 1e-4) {
    this.#leap = leap;
  }

  see(event: TraceEvent): void {
    this.#fold.see(event);
    if (event.type === "lag") this.#bend(event);
    if (event.type === "record.done") {
      const account = this.#account(event.group, event.topic, event.partition);
      const place = event.offset - account.origin;
      account.read.add(place, place + 1);
      if (place === account.position) account.position++;
      else if (place > account.position) account.ahead = event.t;
      else this.wrong ??= `${event.client} is done with ${event.offset}, at ${account.position} (${event.t})`;
    }
    if (event.type === "records.reread" && event.reason !== "crash" && !event.afterCrash) this.#hold(event);
    if (event.type !== "records.found") return;
    event.partitions.forEach((partition, i) => {
      const account = this.#account(event.group, event.topic, partition);
      const from = at(event.from, i) - account.origin;
      account.found.push([event.t, from, from + at(event.records, i)]);
    });
  }

  /** After all that happened at an instant: what is told is what is so. */
  check(t: number): void {
    for (const [name, account] of this.#accounts) {
      this.#advance(account, t);
      this.#keepFound(account, Infinity);
      const { position, read, again, toldAgain, toldLost, numbers } = account;
      const near = 1e-4 + 2e-6 * numbers;
      const lost = position - read.within(0, position) - account.readGone;
      if (account.ahead !== undefined) this.wrong ??= `${name}: read out of order (${account.ahead})`;
      if (Math.abs(lost - toldLost) > near) this.wrong ??= `${name}: ${lost} lost, told ${toldLost} (${t / SECOND} s)`;
      if (Math.abs(again - toldAgain) > near) {
        this.wrong ??= `${name}: ${again} to be read again, told ${toldAgain} (${t / SECOND} s)`;
      }
    }
  }

  #bend({ t, group, topic, partitions, lag, in: inflow, out, gone = 0, arrived = 0 }: LagSlopes): void {
    partitions.forEach((partition, i) => {
      const account = this.#account(group, topic, partition, () => this.#originOf(topic, partition, t, at(arrived, i)));
      this.#keepFound(account, t);
      this.#advance(account, t);
      if (at(gone, i) > 0) this.#cutBack(account, at(gone, i));
      account.produced += at(arrived, i);
      const { position, produced, read } = account;
      const next = produced - at(lag, i);
      if (at(lag, i) < 0) this.wrong ??= `${topic}-${partition} of ${group} has a lag of ${at(lag, i)} at ${t}`;
      if (next < position - this.#leap) account.again += read.within(next, position);
      else if (next > position + this.#leap) {
        account.again -= read.within(position, next);
        for (const [from, to] of account.held) read.add(Math.max(from, position), Math.min(to, next));
      } else read.add(position, next);
      account.position = next;
      account.line = { t, lag: at(lag, i), in: at(inflow, i), out: at(out, i) };
    });
  }

  /** Of what came in the last so many are gone, read or not; positions of what is left grow by as many. */
  #cutBack(account: Account, gone: number): void {
    const { produced: end, position, read } = account;
    const up = (offset: number): number => Math.min(offset + gone, end);
    account.readGone += read.within(end - gone, end);
    account.again -= read.within(Math.max(position, end - gone), end);
    if (account.ahead !== undefined) account.again += read.within(Math.max(position, end - gone), end);
    account.ahead = undefined;
    read.moveUp(gone, end);
    account.position = up(position);
    account.origin -= gone;
    account.held = account.held.map(([from, to]) => [up(from), up(to)]);
    for (const span of account.found) [span[1], span[2]] = [up(span[1]), up(span[2])];
  }

  /** What was found behind the position did not wait for the group to come to it: somebody had it in hand. */
  #keepFound(account: Account, before: number): void {
    while (account.found.length > 0 && account.found[0][0] < before) {
      const [, from, to] = account.found.shift()!;
      account.read.add(from, Math.min(to, account.position));
    }
  }

  #hold({ group, topic, partitions, from, records, inHand }: RecordsReread): void {
    partitions.forEach((partition, i) => {
      const account = this.#account(group, topic, partition);
      const end = at(from, i) + at(records, i) - account.origin;
      account.held = account.held.filter(([, to]) => to > account.position);
      if (at(inHand, i) > 0) account.held.push([end - at(inHand, i), end]);
    });
  }

  #advance(account: Account, t: number): void {
    const { line, position } = account;
    const seconds = (t - line.t) / SECOND;
    account.produced += line.in * seconds;
    const lag = Math.max(0, line.lag + (line.in - line.out) * seconds);
    const next = account.produced - lag;
    account.read.add(position, next);
    account.position = Math.max(position, next);
    account.line = { ...line, t, lag };
  }

  #tell(of: { group: string; topic: string; partition: number }, again: number, lost: number): void {
    const account = this.#account(of.group, of.topic, of.partition);
    account.toldAgain += again;
    account.toldLost += lost;
    account.numbers += 2;
  }

  /** Where a group begins that has not been heard of yet: in front of what arrives now. Whoever comes first, at the begin. */
  #originOf(topic: string, partition: number, t: number, arrived: number): number {
    return Math.max(0, this.#endOf(topic, partition, t) - arrived);
  }

  /** The log's end, as those know it who have read the topic from its begin. */
  #endOf(topic: string, partition: number, t: number): number {
    let end = 0;
    for (const [name, account] of this.#accounts) {
      if (!name.startsWith(`${topic}-${partition} of `)) continue;
      const { line, produced, origin } = account;
      end = Math.max(end, origin + produced + (line.in * (t - line.t)) / SECOND);
    }
    return end;
  }

  #account(group: string, topic: string, partition: number, origin: () => number = () => 0): Account {
    const name = `${topic}-${partition} of ${group}`;
    let account = this.#accounts.get(name);
    if (!account) {
      const books = { again: 0, toldAgain: 0, toldLost: 0, numbers: 0 };
      const line = { t: 0, lag: 0, in: 0, out: 0 };
      account = {
        line,
        produced: 0,
        position: 0,
        origin: origin(),
        held: [],
        found: [],
        read: new Offsets(),
        readGone: 0,
        ahead: undefined,
        ...books,
      };
      this.#accounts.set(name, account);
    }
    return account;
  }
}

function at(column: number | readonly number[], i: number): number {
  return typeof column === "number" ? column : column[i];
}
