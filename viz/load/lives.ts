import type { Seat } from "../../sim/trace/readings/seats.ts";
import type { ClientStateSpan, ProcessSpan } from "../../sim/trace/readings/states.ts";
import { MEMBER_STATES, type MemberState } from "./picture.ts";

/** What the readings say of one client, each list in order of time. */
export interface Life {
  readonly processes: ProcessSpan[];
  readonly memberships: ClientStateSpan[];
  readonly seats: Seat[];
}

/**
 * One state at a time for a lane: the membership as the consumer sees it while its process runs; the process's own
 * state while that starts or closes; and `Crashed` for as long as the coordinator has not noticed.
 */
export function tellLife(
  { processes, memberships, seats }: Life,
  tell: (state: MemberState, from: number, to: number) => void,
): void {
  for (const { process, from, to } of processes) {
    if (process === "Starting" || process === "Closing") tell(process, from, to);
    else if (process === "Crashed") {
      for (const seat of seats) if (seat.from < to && seat.to > from) tell(process, Math.max(from, seat.from), seat.to);
    } else if (process === "Running") {
      let at = from;
      for (const { state, from: begins, to: ends } of memberships) {
        if (ends <= from || begins >= to) continue;
        const begin = Math.max(begins, from);
        if (begin > at) tell("UNJOINED", at, begin);
        at = Math.min(ends, to);
        tell(isMemberState(state) ? state : "UNJOINED", begin, at);
      }
      if (at < to) tell("UNJOINED", at, to);
    }
  }
}

/**
 * Gives every client a berth. A berth that became free is taken by whoever comes next, the one that became free last
 * first: so a replacement lies where its predecessor lay, and there are no more rows than clients at a time.
 */
export function moor(lives: readonly Life[]): { readonly berthOf: Int32Array; readonly berths: number } {
  const berthOf = new Int32Array(lives.length);
  const free: number[] = [];
  lives
    .map((life, client) => {
      let from = Infinity;
      let to = -Infinity;
      tellLife(life, (_, begins, ends) => {
        from = Math.min(from, begins);
        to = Math.max(to, ends);
      });
      return { client, from, to };
    })
    .filter(({ from }) => from < Infinity)
    .sort((a, b) => a.from - b.from || a.client - b.client)
    .forEach(({ client, from, to }) => {
      let berth = -1;
      for (let i = 0; i < free.length; i++) if (free[i] <= from && (berth < 0 || free[i] > free[berth])) berth = i;
      if (berth < 0) berth = free.length;
      free[berth] = to;
      berthOf[client] = berth;
    });
  return { berthOf, berths: free.length };
}

function isMemberState(state: string): state is MemberState {
  return (MEMBER_STATES as readonly string[]).includes(state);
}
