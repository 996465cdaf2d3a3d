/** Random questions of all kinds, for comparison with Kafka's own classes. */

/** A question in the vectors' format. */
export interface RandomQuestion {
  readonly id: string;
  readonly assignor: string;
  readonly topics: Record<string, Record<string, unknown>>;
  readonly subscriptions: string[][];
  readonly members: Record<string, unknown>[];
}

/** Mulberry32: small, and good enough to pick test cases. */
class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  fraction(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  below(end: number): number {
    return Math.floor(this.fraction() * end);
  }

  /** Small numbers more often than large ones. */
  upTo(most: number): number {
    return 1 + Math.floor(most * this.fraction() ** 3);
  }

  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }

  shuffled<T>(list: readonly T[]): T[] {
    const shuffled = [...list];
    for (let end = shuffled.length; end > 1; end--) {
      const other = this.below(end);
      [shuffled[end - 1], shuffled[other]] = [shuffled[other], shuffled[end - 1]];
    }
    return shuffled;
  }
}

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** One question for each seed, always the same. `quirky`: also inputs on which Kafka's classes go wrong. */
export function randomQuestion(assignor: string, seed: number, quirky: boolean): RandomQuestion {
  const dice = new Dice(Math.imul(seed, 0x9e3779b1) ^ assignor.length);
  const server = assignor === "uniform" || assignor === "server-range";
  const sticky = assignor.endsWith("sticky");
  const big = dice.chance(0.05);
  const memberCount = dice.upTo(big ? 120 : 18);
  const topicCount = dice.upTo(big ? 25 : 9);
  const word = (length: number): string => Array.from({ length }, () => dice.pick([...LETTERS])).join("");
  const uuid = (): string => word(21) + dice.pick([..."AQgw"]);

  const raw = dice.below(3);
  const topicNames = Array.from({ length: topicCount }, (_, t) => (raw === 0 ? `t${t}` : raw === 1 ? `topic-${100 + t}` : `${word(dice.upTo(12))}.${t}`)); // prettier-ignore
  const rackCount = dice.chance(0.35) && !server ? 1 + dice.below(4) : 0;
  const racks = Array.from({ length: rackCount }, (_, rack) => `rack-${rack}`);
  const topics: Record<string, Record<string, unknown>> = {};
  const most = dice.pick([2, 5, 12, big ? 300 : 40]);
  const sameSize = dice.chance(0.3) ? dice.upTo(most) : 0;
  for (const name of topicNames) {
    const partitions = sameSize || dice.upTo(most);
    topics[name] = { partitions };
    if (rackCount > 0 && dice.chance(0.9)) {
      const replicas = 1 + dice.below(Math.min(3, rackCount));
      topics[name].racks = Array.from({ length: partitions }, () => dice.shuffled(racks).slice(0, replicas));
    }
    if (server) topics[name].id = uuid();
  }

  const names = dice.chance(0.1) ? [...topicNames, "nowhere"] : topicNames;
  const kinds = dice.chance(0.45) ? 1 : 1 + dice.upTo(5);
  const subscriptions = Array.from({ length: kinds }, () => {
    const chosen = dice
      .shuffled(names)
      .slice(0, kinds === 1 && dice.chance(0.7) ? names.length : dice.upTo(names.length));
    return quirky && dice.chance(0.06) ? [] : chosen;
  });

  const style = dice.below(5);
  const idOf = (member: number): string => [`m${member}`, `member-${String(member).padStart(5, "0")}`, uuid(), `consumer-${dice.below(4)}-${word(8)}`, `${dice.pick(["é", "日本", "😀", "Z", "a"])}${member}`][style]; // prettier-ignore
  const statics = dice.chance(0.2);
  const newest = 5 + dice.below(4);
  const members: Record<string, unknown>[] = Array.from({ length: memberCount }, (_, member) => ({
    id: idOf(member),
    ...(statics && dice.chance(0.6) && { instanceId: `i-${word(3)}${member}` }),
    ...(rackCount > 0 &&
      dice.chance(0.8) && { rack: dice.chance(0.05) ? "" : dice.chance(0.08) ? "elsewhere" : dice.pick(racks) }),
    sub: dice.below(kinds),
  }));
  const unique = new Map(members.map((member) => [member.id, member]));
  const group = dice.shuffled([...unique.values()]);

  if ((sticky || assignor === "uniform") && dice.chance(0.85)) own(dice, group, { topics, subscriptions, quirky, server, assignor, newest, uuid }); // prettier-ignore
  return { id: `${assignor}/${seed}`, assignor, topics, subscriptions, members: group };
}

interface World {
  readonly topics: Record<string, Record<string, unknown>>;
  readonly subscriptions: string[][];
  readonly quirky: boolean;
  readonly server: boolean;
  readonly assignor: string;
  readonly newest: number;
  readonly uuid: () => string;
}

/** Gives members something to own: mostly what they subscribe to, sometimes stale, claimed twice, or gone. */
function own(dice: Dice, members: Record<string, unknown>[], world: World): void {
  const { topics, subscriptions, quirky, server, assignor, newest } = world;
  const lean = dice.fraction() ** 2; // how unevenly: 0 at random, 1 nearly all to a few
  const stale = !server && dice.chance(0.35) ? dice.fraction() * 0.5 : 0;
  const twice = !server && dice.chance(0.3) ? 0.1 : 0;
  const unsubscribed = quirky || server ? dice.pick([0, 0, 0.1]) : dice.pick([0, 0.05]);
  const missing = dice.pick([0, 0.1, 0.5]);
  const empty = dice.pick([0, 0.2, 0.5]);
  const holders = members.filter(() => !dice.chance(empty));
  const owned = new Map<unknown, Record<string, number[]>>();
  const give = (member: Record<string, unknown>, topic: string, partition: number): void => {
    let hand = owned.get(member);
    if (hand === undefined) owned.set(member, (hand = {}));
    const list = (hand[topic] ??= []);
    if (!list.includes(partition)) list.push(partition);
  };
  const old = server && dice.chance(0.2) ? `${Object.keys(topics)[0]}#old1` : undefined;
  if (old !== undefined) topics[old] = { id: world.uuid(), deleted: true };
  for (const topic of dice.shuffled(Object.keys(topics))) {
    const count = (topics[topic].partitions as number | undefined) ?? 3;
    const end = quirky && !server && dice.chance(0.03) ? count + 2 : count;
    const subscribers = holders.filter(({ sub }) => dice.chance(unsubscribed) || topic === old || subscriptions[sub as number].includes(topic)); // prettier-ignore
    if (subscribers.length === 0) continue;
    for (let partition = 0; partition < end; partition++) {
      if (dice.chance(missing)) continue;
      const few = Math.max(1, Math.ceil(subscribers.length * (1 - lean)));
      give(subscribers[dice.below(dice.chance(lean) ? few : subscribers.length)], topic, partition);
      if (dice.chance(twice)) give(dice.pick(subscribers), topic, partition);
      if (dice.chance(twice * 0.3)) give(dice.pick(subscribers), topic, partition);
    }
  }
  for (const member of holders) {
    const hand = owned.get(member);
    if (hand !== undefined) {
      const entries = Object.entries(hand).map(([topic, list]) => [topic, dice.shuffled(list)]);
      member.owned = Object.fromEntries(dice.shuffled(entries));
    }
    if (server || (hand === undefined && dice.chance(0.5))) continue;
    const generation = dice.chance(stale) ? newest - 1 - dice.below(3) : newest;
    if (assignor === "cooperative-sticky" && dice.chance(stale * 0.3)) {
      if (dice.chance(0.5)) member.userDataGeneration = generation;
    } else member.generation = generation;
    if (assignor === "sticky" && dice.chance(stale * 0.5)) member.subscriptionGeneration = -1;
  }
}
