/** "Did you mean": the candidate that is nearest to what was written. */
export function closest(written: string, candidates: Iterable<string>): string | undefined {
  if (written.length > 100) return undefined; // nobody mistypes that much
  const wanted = bare(written);
  let best: string | undefined;
  let least = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = edits(wanted, bare(candidate), least);
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

/** Upper case, dots and dashes do not count: `sessionTimeoutMs` is as good as `session.timeout.ms`. */
const bare = (word: string): string => word.toLowerCase().replace(/[^a-z0-9]/g, "");

/** Insertions, deletions, replacements and swaps of neighbours between two words; `limit` if there are as many. */
function edits(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let older: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) row[j] = Math.min(row[j], older[j - 2] + 1);
    }
    [older, last] = [last, row];
  }
  return Math.min(last[b.length], limit);
}
