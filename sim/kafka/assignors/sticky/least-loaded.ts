/**
 * Finds the least loaded of a fixed set of members, whose loads change all the time: a binary heap that is put in
 * order only when asked. A member whose load rose sinks when it comes up; for one whose load fell, say so.
 */
export class LeastLoaded {
  readonly #keyOf: (member: number) => number;
  readonly #members: number[];
  readonly #keys: number[];

  /** `keyOf`: what to compare by; distinct for each member. */
  constructor(members: readonly number[], keyOf: (member: number) => number) {
    this.#keyOf = keyOf;
    this.#members = [...members].sort((a, b) => keyOf(a) - keyOf(b));
    this.#keys = this.#members.map(keyOf);
  }

  /** The member of the set with the least key; −1 if the set is empty. */
  top(): number {
    while (this.#members.length > 0) {
      const member = this.#members[0];
      const key = this.#keyOf(member);
      if (key === this.#keys[0]) return member;
      if (key > this.#keys[0]) {
        this.#keys[0] = key;
        this.#sink();
      } else this.#drop(); // its load fell, and then it was entered once more
    }
    return -1;
  }

  /** The load of this member, one of the set, fell. */
  fell(member: number): void {
    let place = this.#members.length;
    const key = this.#keyOf(member);
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (this.#keys[parent] <= key) break;
      this.#members[place] = this.#members[parent];
      this.#keys[place] = this.#keys[parent];
      place = parent;
    }
    this.#members[place] = member;
    this.#keys[place] = key;
  }

  #drop(): void {
    const member = this.#members.pop()!;
    const key = this.#keys.pop()!;
    if (this.#members.length === 0) return;
    this.#members[0] = member;
    this.#keys[0] = key;
    this.#sink();
  }

  #sink(): void {
    const members = this.#members;
    const keys = this.#keys;
    const member = members[0];
    const key = keys[0];
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= members.length) break;
      if (child + 1 < members.length && keys[child + 1] < keys[child]) child += 1;
      if (keys[child] >= key) break;
      members[place] = members[child];
      keys[place] = keys[child];
      place = child;
    }
    members[place] = member;
    keys[place] = key;
  }
}
