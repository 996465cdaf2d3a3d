/**
 * Spreads partitions over a topic's subscribers: hands out the least loaded one after the other, and the most loaded
 * one after the other, until the two meet.
 *
 *           ^ least        most
 *           | loaded       loaded     ##
 * partition |             [##<-   ]   ##  ← have nothing to give: excluded
 * count     | [...->  ]###[#######]   ##
 *           | [#######]###[#######]   ##
 *           +----------------------------
 *             members, sorted by count
 *
 * Both ranges grow level by level. The sizes are read live: who takes a partition must count it.
 * Kafka: `UniformHeterogeneousAssignmentBuilder.MemberAssignmentBalancer`.
 */
export class Balancer {
  readonly #sizes: Int32Array;
  readonly #sorted: Int32Array;
  #members = 0;
  #leastEnd = 0; // exclusive
  #leastCount = 0;
  #leastNext = 0;
  #mostStart = 0;
  #mostEnd = 0; // exclusive
  #mostCount = 0;
  #mostNext = 0;

  /** `sizes`: how many partitions each member has, kept up to date by the caller. */
  constructor(sizes: Int32Array) {
    this.#sizes = sizes;
    this.#sorted = new Int32Array(sizes.length);
  }

  /** How far the largest of these members exceeds the smallest. */
  spread(members: readonly number[]): number {
    const [least, most] = this.#extremes(members);
    return most - least;
  }

  /** Begins with these members, given in ascending order. */
  start(members: readonly number[]): void {
    const [least, most] = this.#extremes(members);
    this.#sort(members, least, most);
    this.#members = members.length;
    this.#leastEnd = 0;
    this.#leastCount = least - 1;
    this.#leastNext = 0;
    this.#mostStart = members.length;
    this.#mostEnd = members.length;
    this.#mostCount = most + 1;
    this.#mostNext = members.length - 1;
  }

  /** The member to get the next partition. */
  least(): number {
    if (this.#leastNext >= this.#leastEnd) {
      this.#leastCount += 1;
      while (this.#leastEnd < this.#members && this.#size(this.#leastEnd) === this.#leastCount) this.#leastEnd += 1;
      this.#leastNext = 0;
    }
    return this.#sorted[this.#leastNext++];
  }

  /** The member to give up a partition; −1 if none is left. */
  most(): number {
    if (this.#mostNext < this.#mostStart) {
      // After exclusions the range can be empty; then it starts anew at the level of its neighbour.
      if (this.#mostEnd <= this.#mostStart && this.#mostStart > 0) this.#mostCount = this.#size(this.#mostStart - 1);
      else this.#mostCount -= 1;
      while (this.#mostStart > 0 && this.#size(this.#mostStart - 1) === this.#mostCount) this.#mostStart -= 1;
      this.#mostNext = this.#mostEnd - 1;
    }
    return this.#mostNext < 0 ? -1 : this.#sorted[this.#mostNext--];
  }

  /** The member that `most` named last has nothing to give: out of the range. */
  exclude(): void {
    const place = this.#mostNext + 1;
    const member = this.#sorted[place];
    this.#sorted[place] = this.#sorted[this.#mostEnd - 1];
    this.#sorted[this.#mostEnd - 1] = member;
    this.#mostEnd -= 1;
  }

  balanced(): boolean {
    return this.#mostCount - this.#leastCount <= 1;
  }

  #size(place: number): number {
    return this.#sizes[this.#sorted[place]];
  }

  #extremes(members: readonly number[]): [least: number, most: number] {
    let least = this.#sizes[members[0]];
    let most = least;
    for (let place = 1; place < members.length; place++) {
      const size = this.#sizes[members[place]];
      if (size < least) least = size;
      else if (size > most) most = size;
    }
    return [least, most];
  }

  /** By size, then number, in linear time: sizes lie close together. */
  #sort(members: readonly number[], least: number, most: number): void {
    const starts = new Int32Array(most - least + 2);
    for (const member of members) starts[this.#sizes[member] - least + 1] += 1;
    for (let level = 1; level < starts.length; level++) starts[level] += starts[level - 1];
    for (const member of members) this.#sorted[starts[this.#sizes[member] - least]++] = member;
  }
}
