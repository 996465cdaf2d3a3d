import type { Duration } from "../../../sim/engine/time.ts";
import { parseDuration } from "../../../sim/engine/time.ts";

/** The words of one line of a script, taken from left to right. */
export class Words {
  readonly #line: string;
  readonly #words: string[];

  constructor(line: string) {
    this.#line = line;
    this.#words = line.split(/[\s,]+/).filter((word) => word !== "");
  }

  get left(): boolean {
    return this.#words.length > 0;
  }

  peek(): string | undefined {
    return this.#words[0];
  }

  take(what: string): string {
    return this.#words.shift() ?? this.fail(`${what} expected at its end`);
  }

  /** Takes these words if they come next. */
  accept(...words: string[]): boolean {
    const matches = words.every((word, index) => this.#words[index] === word);
    if (matches) this.#words.splice(0, words.length);
    return matches;
  }

  expect(...words: string[]): void {
    if (!this.accept(...words)) this.fail(`"${words.join(" ")}" expected before "${this.#words.join(" ")}"`);
  }

  /** The words up to one of these, at least one. */
  takeUntil(stops: readonly string[], what: string): string[] {
    const words = [this.take(what)];
    while (this.left && !stops.includes(this.#words[0])) words.push(this.#words.shift()!);
    return words;
  }

  takeNumber(what: string): number {
    const word = this.take(what);
    const number = Number(word);
    return Number.isInteger(number) ? number : this.fail(`${what} is a whole number, not "${word}"`);
  }

  takeDuration(): Duration {
    const word = this.take("a duration");
    return parseDuration(word) ?? this.fail(`"${word}" is no duration: 300ms, 45s, 1m30s`);
  }

  /** All that is left of the line. */
  rest(): string {
    return this.#words.splice(0).join(" ");
  }

  end(): void {
    if (this.left) this.fail(`nothing of this is understood: "${this.#words.join(" ")}"`);
  }

  fail(why: string): never {
    throw new Error(`in "${this.#line}": ${why}`);
  }
}
