/** Things that wait until somebody is there to do them, in the order in which they came. */
export class Waiting {
  #then: (() => void)[] = [];

  add(then: () => void): void {
    this.#then.push(then);
  }

  release(): void {
    const then = this.#then;
    this.#then = [];
    for (const run of then) run();
  }
}
