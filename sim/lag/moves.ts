import type { Ledger } from "./ledger.ts";

/** What a reader had in hand beyond its position when it read no more: handed out, and handed out again to the next. */
export interface InHand {
  readonly records: number;
  readonly holder: Holder;
}

/**
 * What becomes of it. `working`: its reader processes it all the same. `stopped`: it will if it ever goes on. `gone`: it has
 * crashed, and never will.
 */
export type Holder = "working" | "stopped" | "gone";

export const NOTHING_IN_HAND: InHand = { records: 0, holder: "working" };

/** What goes to the books with records that are read again, and with those that are lost. */
export interface Causes {
  readonly reread: string;
  readonly lost: string;
  /** Something else is to blame for what is read again before an offset. */
  readonly before?: { readonly offset: number; readonly reread: string };
}

/** Consecutive records of a partition, and what is to blame. */
export interface Stretch {
  readonly from: number;
  readonly records: number;
  readonly cause: string;
}

/** Records that are handed out again; the last of them, so many, had been in hand. */
export interface Again extends Stretch {
  readonly inHand: number;
  /** Whoever had those in hand has crashed: nobody has processed them. */
  readonly crashed: boolean;
}

/** What became of the records between a position and the one it was set to. Each list is ascending. */
export interface Move {
  /** Handed out before, and will be again. */
  readonly reread: readonly Again[];
  /** They had been lost for that cause, and are read after all. */
  readonly found: readonly Stretch[];
  /** Nobody will read them. */
  readonly lost: readonly Stretch[];
  /** They were to be read again for that cause, but will not be. */
  readonly spared: readonly Again[];
}

export const NO_MOVE: Move = { reread: [], found: [], lost: [], spared: [] };

/** What became of records that somebody has processed beside whoever reads them for the group. Each list is ascending. */
export interface Aside {
  /** The group has read them as well, or is to. */
  readonly twice: readonly Stretch[];
  /** They had been lost for that cause. */
  readonly found: readonly Stretch[];
}

/** From one offset up to another. */
interface Extent {
  readonly from: number;
  readonly to: number;
}

/** The same, for a reason. */
interface Span extends Extent {
  readonly cause: string;
}

/** Ahead of the position: records that have been handed out, and are to be again. */
interface Awaited extends Span {
  /** They were in hand when their reader read no more. */
  readonly inHand: boolean;
  /** Whether somebody has processed them all the same. */
  readonly processed: boolean;
}

/** What is out of the ordinary in one partition. */
interface Past {
  /** Behind the position, never read; ascending. */
  skipped: Span[];
  /** Ahead of it; of different moves they may overlap. */
  awaited: Awaited[];
}

const NO_PAST: Past = { skipped: [], awaited: [] };

/**
 * Where something is in the books of a partition that was at `position`, when so many records are gone that lay before `end`:
 * what is written next counts from `end` on, as it would have, and what is left lies right before that.
 */
export const movedUp = (position: number, gone: number, end: number): number => Math.min(position + gone, end);

/**
 * Enters in the books what it means that a position is set.
 *
 *     read up to 1000, set back to 500   500 records are read again
 *     set forward to 1200                nobody has read 200 of them: those are lost, and the 500 are spared
 *     set back to 900                    100 are read again, and the 200 are found, not lost after all
 *
 * So it remembers of each partition what was skipped behind its position, and what was read ahead of it. Positions are
 * rarely set elsewhere than where they are: most partitions have no such past.
 */
export class Moves {
  readonly #ledger: Ledger;
  readonly #pasts = new Map<number, Past>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** `least`: positions that are nearer than this are the same, and the rest is the noise of floats. */
  set(
    partition: number,
    position: number,
    to: number,
    least: number,
    causes: Causes,
    inHand: InHand = NOTHING_IN_HAND,
  ): Move {
    // Of what was in hand only that is read again which lies behind the starting point.
    const end = position + inHand.records;
    const again =
      inHand.records === 0 || end - to < least
        ? undefined
        : { from: Math.max(position, to), to: end, processed: inHand.holder !== "gone" };
    if (position - to >= least) return this.#back(partition, position, to, least, causes, again);
    if (to - position >= least) {
      const past = this.#pastOf(partition);
      const move = this.#forward(partition, past, position, to, least, causes.lost);
      return again ? { ...move, reread: this.#handOut(partition, past, [], least, causes, again) } : move;
    }
    if (!again) return NO_MOVE;
    return { ...NO_MOVE, reread: this.#handOut(partition, this.#pastOf(partition), [], least, causes, again) };
  }

  /** Whoever has these in hand processes them: those that were lost are not. Returns which were. */
  recover(partition: number, from: number, to: number): readonly Stretch[] {
    const past = this.#pasts.get(partition);
    if (!past) return [];
    const found = past.skipped.map((span) => within(span, from, to)).filter((span) => span.to > span.from);
    past.skipped = past.skipped.flatMap((span) => outside(span, from, to));
    for (const span of found) {
      this.#ledger.regain(partition, span.to - span.from, span.cause);
      this.#ledger.consume(partition, span.to - span.from);
    }
    return found.map(stretch);
  }

  /**
   * Somebody has processed these records beside the group, whose position is `position`: of what the group has passed over
   * they are the first reading, and of all else one reading more than needed. `cause`: why he did.
   */
  aside(partition: number, position: number, from: number, to: number, least: number, cause: string): Aside {
    const found = this.recover(partition, from, to);
    const spans = found.map((one) => ({ from: one.from, to: one.from + one.records, cause: one.cause }));
    const twice = between(from, to, spans, least).map((span) => ({ ...span, cause }));
    for (const span of twice) {
      this.#ledger.rollBack(partition, 0, cause, span.to - span.from);
      if (span.to - position < least) continue;
      this.#pastOf(partition).awaited.push({
        ...span,
        from: Math.max(span.from, position),
        inHand: true,
        processed: true,
      });
    }
    return { twice: twice.map(stretch), found };
  }

  /**
   * The log is cut back from one position to another, its new end, and what is written from now on follows the old end in the
   * books: whatever lay before the cut moves up to it, as `movedUp` says. What nobody has read of it up to `read` is lost.
   */
  cutBack(partition: number, read: number, from: number, end: number, least: number, cause: string): Move {
    const past = this.#pasts.get(partition) ?? NO_PAST;
    const begin = Math.min(Math.max(read, from), end);
    const { lost, spared } = this.#passOver(partition, past, begin, end, least, cause);
    const move = { ...NO_MOVE, lost: lost.map(stretch), spared };
    if (past === NO_PAST) return move;
    const isThere = <S extends Span>(span: S): S[] => {
      const moved = { ...span, from: movedUp(span.from, end - from, end), to: movedUp(span.to, end - from, end) };
      return moved.to - moved.from >= least ? [moved] : [];
    };
    past.skipped = past.skipped.flatMap(isThere);
    past.awaited = past.awaited.flatMap(isThere);
    return move;
  }

  #back(
    partition: number,
    position: number,
    to: number,
    least: number,
    causes: Causes,
    again: HandedOut | undefined,
  ): Move {
    const past = this.#pastOf(partition);
    past.awaited = past.awaited.flatMap((span) => outside(span, -Infinity, position));
    const found = past.skipped.map((span) => within(span, to, position)).filter((span) => span.to - span.from >= least);
    past.skipped = past.skipped.flatMap((span) => outside(span, to, Infinity));
    for (const span of found) this.#ledger.regain(partition, span.to - span.from, span.cause);
    const read = between(to, position, found, least);
    return {
      ...NO_MOVE,
      found: found.map(stretch),
      reread: this.#handOut(partition, past, read, least, causes, again),
    };
  }

  /** The position has been set back over what was `read`, and somebody had records in hand that are handed out again. */
  #handOut(
    partition: number,
    past: Past,
    read: readonly Extent[],
    least: number,
    causes: Causes,
    again: HandedOut | undefined,
  ): readonly Again[] {
    const behind = read.flatMap((span) => blamed({ ...span, inHand: false, processed: true }, least, causes));
    const ahead = again ? blamed({ ...again, inHand: true }, least, causes) : [];
    const spans: Again[] = [];
    for (const span of [...behind, ...ahead]) {
      const { from, to, cause, inHand, processed } = span;
      const records = to - from;
      if (inHand) this.#ledger.rollBack(partition, 0, cause, records, processed ? 0 : records);
      else this.#ledger.rollBack(partition, records, cause);
      past.awaited.push(span);
      const last = spans.at(-1);
      const goesOn = inHand && last?.inHand === 0 && last.cause === cause && behind.at(-1)!.to === from;
      const begin = goesOn ? spans.pop()!.from : from;
      spans.push({ from: begin, records: to - begin, cause, inHand: inHand ? records : 0, crashed: !processed });
    }
    return spans;
  }

  #forward(partition: number, past: Past, from: number, to: number, least: number, cause: string): Move {
    const { lost, spared } = this.#passOver(partition, past, from, to, least, cause);
    past.awaited = past.awaited.flatMap((span) => outside(span, -Infinity, to));
    past.skipped.push(...lost);
    return { ...NO_MOVE, lost: lost.map(stretch), spared };
  }

  /** Enters that nobody will read these for the group: those that were not read before are lost. */
  #passOver(
    partition: number,
    past: Readonly<Past>,
    from: number,
    to: number,
    least: number,
    cause: string,
  ): { readonly lost: readonly Span[]; readonly spared: readonly Again[] } {
    const awaited = past.awaited.map((span) => within(span, from, to)).filter((span) => span.to - span.from >= least);
    awaited.sort(ascending);
    const spared = onceEach(awaited, least).map((span) => {
      const records = span.to - span.from;
      this.#ledger.spare(partition, records, span.cause, span.processed ? 0 : records);
      return { ...stretch(span), inHand: span.inHand ? records : 0, crashed: !span.processed };
    });
    const processed = awaited.filter((span) => span.processed);
    const lost = between(from, to, processed, least).map((span) => ({ ...span, cause }));
    let records = 0;
    for (const span of lost) {
      records += span.to - span.from;
      this.#ledger.lose(partition, span.to - span.from, cause);
    }
    this.#ledger.consume(partition, to - from - records);
    return { lost, spared };
  }

  #pastOf(partition: number): Past {
    let past = this.#pasts.get(partition);
    if (!past) this.#pasts.set(partition, (past = { skipped: [], awaited: [] }));
    return past;
  }
}

/** What was in hand beyond a position and is handed out again. */
interface HandedOut extends Extent {
  readonly processed: boolean;
}

/** What is to blame that these are handed out again: where that changes among them, in two parts. */
function blamed(span: Omit<Awaited, "cause">, least: number, { reread, before }: Causes): readonly Awaited[] {
  const { from, to } = span;
  if (!before || before.offset - from < least) return [{ ...span, cause: reread }];
  if (to - before.offset < least) return [{ ...span, cause: before.reread }];
  return [
    { ...span, to: before.offset, cause: before.reread },
    { ...span, from: before.offset, cause: reread },
  ];
}

const ascending = (a: Span, b: Span): number => a.from - b.from || a.to - b.to;

const stretch = ({ from, to, cause }: Span): Stretch => ({ from, records: to - from, cause });

/** The part of a span between two offsets; it may be empty. */
function within<S extends Span>(span: S, from: number, to: number): S {
  return { ...span, from: Math.max(span.from, from), to: Math.min(span.to, to) };
}

/** The parts of a span before an offset and after another. */
function outside<S extends Span>(span: S, from: number, to: number): S[] {
  const before = within(span, -Infinity, from);
  const after = within(span, to, Infinity);
  return [before, after].filter((part) => part.to > part.from);
}

/**
 * Records that were handed out several times, and were to be once more, are spared that one time: of spans that overlap
 * only one counts, a reading behind the position first, one by somebody who has crashed last. Ascending.
 */
function onceEach(spans: readonly Awaited[], least: number): readonly Awaited[] {
  const rank = ({ inHand, processed }: Awaited): number => (inHand ? 1 : 0) + (processed ? 0 : 1);
  const offsets = [...new Set(spans.flatMap(({ from, to }) => [from, to]))].sort((a, b) => a - b);
  const once: { readonly of: Awaited; readonly span: Awaited }[] = [];
  for (let i = 0; i + 1 < offsets.length; i++) {
    const [from, to] = [offsets[i], offsets[i + 1]];
    const covering = spans.filter((span) => span.from < to && span.to > from).sort((a, b) => rank(a) - rank(b));
    if (covering.length === 0) continue;
    const last = once.at(-1);
    const [of] = covering;
    if (last?.of === of && last.span.to === from)
      once[once.length - 1] = { of, span: { ...of, from: last.span.from, to } };
    else once.push({ of, span: { ...of, from, to } });
  }
  return once.map(({ span }) => span).filter((span) => span.to - span.from >= least);
}

/** What lies between two offsets and in none of these spans, which are ascending. */
function between(from: number, to: number, spans: readonly Span[], least: number): Extent[] {
  const rest: Extent[] = [];
  let begin = from;
  for (const span of spans) {
    if (span.from - begin >= least) rest.push({ from: begin, to: span.from });
    begin = Math.max(begin, span.to);
  }
  if (to - begin >= least) rest.push({ from: begin, to });
  return rest;
}
