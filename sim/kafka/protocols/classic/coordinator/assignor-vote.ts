import type { Protocol } from "../../../messages.ts";

/**
 * Ties of the vote. Kafka leaves them to the order of a hash map; for the names of its own assignors that order is
 * this one. Others follow in the order of their names.
 */
const ON_A_TIE = ["sticky", "range", "roundrobin", "cooperative-sticky"];

/**
 * Which assignors all members support, and which of them they want. Counts are kept as members come and go, so a
 * JoinGroup costs as much as it names assignors, however large the group. Kafka: `ClassicGroup.supportsProtocols`,
 * `selectProtocol`.
 */
export class AssignorVote {
  readonly #supporters = new Map<string, number>();
  #voters = 0;

  add(protocols: readonly Protocol[]): void {
    this.#voters++;
    for (const { name } of protocols) this.#supporters.set(name, (this.#supporters.get(name) ?? 0) + 1);
  }

  remove(protocols: readonly Protocol[]): void {
    this.#voters--;
    for (const { name } of protocols) this.#supporters.set(name, this.#supporters.get(name)! - 1);
  }

  /** Whether at least one of these is an assignor that every member supports. */
  accepts(protocols: readonly Protocol[]): boolean {
    return protocols.some(({ name }) => this.#isCandidate(name));
  }

  /** Each ballot counts for the first candidate on it; the candidate with most votes wins. */
  winner(ballots: Iterable<readonly Protocol[]>): string {
    const votes = new Map<string, number>();
    for (const ballot of ballots) {
      const choice = ballot.find(({ name }) => this.#isCandidate(name));
      if (!choice) throw new Error("every member supports every candidate");
      votes.set(choice.name, (votes.get(choice.name) ?? 0) + 1);
    }
    const [[winner]] = [...votes].sort(
      ([a, votesForA], [b, votesForB]) => votesForB - votesForA || rankOnATie(a) - rankOnATie(b) || (a < b ? -1 : 1),
    );
    return winner;
  }

  #isCandidate(name: string): boolean {
    return (this.#supporters.get(name) ?? 0) === this.#voters; // of nobody, every name is a candidate
  }
}

function rankOnATie(name: string): number {
  const rank = ON_A_TIE.indexOf(name);
  return rank < 0 ? ON_A_TIE.length : rank;
}
