/**
 * What a plan can look for: any field of the scenario as `--set` takes it, and friendly names for the usual ones
 * (`members`, `partitions`, `session.timeout.ms`, `headroom` …), where the scenario leaves no doubt what they mean.
 */
import type { Mistake } from "../../scenario/quantities.ts";
import type { GroupSpec, Scenario } from "../../scenario/scenario.ts";
import { closest } from "../../scenario/suggest.ts";

/** A setting, and what giving it a value does. */
export interface Setting {
  /** As the user called it. */
  readonly name: string;
  /** What it sets, as `--set` takes it. */
  readonly set: (value: string | number) => readonly string[];
  /** Its value in a scenario, as a number: times in seconds, rates per second; `undefined`: it has none. */
  readonly of: (scenario: Scenario) => number | undefined;
  /** Where to look if nobody says; absent: somebody has to. */
  readonly usual?: string;
}

/** What belongs to a group or a topic, by its name. */
interface Alias {
  readonly path: (id: string) => string;
  readonly number: (scenario: Scenario, id: string) => number | undefined;
  readonly usual?: (scenario: Scenario, id: string) => string;
}

const groupOf = ({ groups }: Scenario, id: string): GroupSpec | undefined => groups.find((group) => group.id === id);

const OF_GROUPS: Readonly<Record<string, Alias>> = {
  members: {
    path: (id) => `groups.${id}.members.initial`,
    number: (scenario, id) => groupOf(scenario, id)?.members.initial,
    // More than one for each partition have nothing to read.
    usual: (scenario, id) => `1..${Math.max(2, partitionsOf(groupOf(scenario, id)!, scenario))}`,
  },
  capacity: {
    path: (id) => `groups.${id}.members.capacity`,
    number: (scenario, id) => groupOf(scenario, id)?.members.capacity,
  },
};

const OF_TOPICS: Readonly<Record<string, Alias>> = {
  partitions: {
    path: (id) => `topics.${id}.partitions`,
    number: ({ topics }, id) => topics.find(({ name }) => name === id)?.partitions,
  },
  rate: {
    path: (id) => `topics.${id}.rate`,
    number: ({ topics }, id) => topics.find(({ name }) => name === id)?.rate[0].recordsPerSecond,
  },
};

const OF_DEPLOYS = ["maxUnavailable", "maxSurge"] as const;

/** Names of ours; Kafka's settings keep theirs. */
const FRIENDLY: readonly string[] = [
  ...Object.keys(OF_GROUPS),
  ...Object.keys(OF_TOPICS),
  "headroom",
  "brokers",
  ...OF_DEPLOYS,
];

/** Kafka's settings that are numbers; a resolved scenario has all of them. */
const numbersOf = (config: object): ReadonlyMap<string, number> =>
  new Map(Object.entries(config).filter(([, value]) => typeof value === "number"));

/** Where the paths of `--set` begin. */
const ROOTS: ReadonlySet<string> = new Set(["cluster", "topics", "groups", "events", "duration", "warmUp"]);

/** The setting of this name; a `Mistake` if there is none, or more than one. */
export function settingOf(name: string, scenario: Scenario): Setting | Mistake {
  const { groups, topics, cluster } = scenario;
  if (ROOTS.has(name.split(".")[0])) return { name, set: (value) => [`${name}=${value}`], of: () => undefined };
  if (name === "brokers")
    return { name, set: (value) => [`cluster.brokers=${value}`], of: ({ cluster }) => cluster.brokers };
  const ofBrokers = numbersOf(cluster.config);
  if (ofBrokers.has(name))
    return {
      name,
      set: (value) => [`cluster.config.${name}=${value}`],
      of: (now) => numbersOf(now.cluster.config).get(name),
    };

  const groupIds = groups.map(({ id }) => id);
  const topicNames = topics.map(({ name }) => name);
  const scope = [...groupIds, ...topicNames].find((one) => name.startsWith(`${one}.`));
  const bare = scope === undefined ? name : name.slice(scope.length + 1);
  if (Object.hasOwn(OF_TOPICS, bare)) {
    const topic = only("topic", topicNames, scope, bare);
    return typeof topic === "string" ? aliased(name, OF_TOPICS[bare], topic, scenario) : topic;
  }
  const ofClients = numbersOf(groups[0]?.config ?? {});
  const isOfGroup = Object.hasOwn(OF_GROUPS, bare) || bare === "headroom" || isOfDeploy(bare) || ofClients.has(bare);
  if (!isOfGroup) return unknown(name, bare, [...FRIENDLY, ...ofClients.keys(), ...ofBrokers.keys()]);
  const id = only("group", groupIds, scope, bare);
  if (typeof id !== "string") return id;
  if ((bare === "capacity" || bare === "headroom") && isServed(groupOf(scenario, id)!, scenario))
    return {
      message: `${name} changes nothing: members.service says how long each record takes`,
      advice: `look for groups.${id}.members.service, in 5ms..50ms, or leave service out`,
    };
  if (bare === "headroom") return headroom(name, groupOf(scenario, id)!, scenario);
  if (isOfDeploy(bare)) return ofDeploy(name, bare, groupOf(scenario, id)!, scenario);
  if (Object.hasOwn(OF_GROUPS, bare)) return aliased(name, OF_GROUPS[bare], id, scenario);
  return {
    name,
    set: (value) => [`groups.${id}.config.${bare}=${value}`],
    of: (now) => numbersOf(groupOf(now, id)?.config ?? {}).get(bare),
  };
}

function aliased(name: string, { path, number, usual }: Alias, id: string, scenario: Scenario): Setting {
  return {
    name,
    set: (value) => [`${path(id)}=${value}`],
    of: (now) => number(now, id),
    ...(usual && { usual: usual(scenario, id) }),
  };
}

/**
 * By how much the initial members together can process more than the most that comes in: 0 is none to spare, 50% half as
 * much again. Set by what one member can process.
 */
function headroom(name: string, group: GroupSpec, scenario: Scenario): Setting | Mistake {
  const { id, members } = group;
  const load = greatestLoad(group, scenario);
  if (load === 0 || members.initial === 0)
    return { message: `${id} has no headroom: it has no load, or no members`, advice: "look for capacity" };
  return {
    name,
    set: (value) => [`groups.${id}.members.capacity=${decimal(((1 + shareOf(value)) * load) / members.initial)}/s`],
    of: (now) => {
      const found = groupOf(now, id);
      return found && (found.members.capacity * found.members.initial) / greatestLoad(found, now) - 1;
    },
  };
}

const shareOf = (value: string | number): number =>
  typeof value === "string" && value.endsWith("%") ? Number(value.slice(0, -1)) / 100 : Number(value);

/** The most that comes in at a time, records per second. */
function greatestLoad({ topics: names }: GroupSpec, { topics, events }: Scenario): number {
  const steps = topics
    .filter(({ name }) => names.includes(name))
    .flatMap(({ name, rate }) => [
      ...rate.map(({ at, recordsPerSecond }) => ({ at, name, recordsPerSecond })),
      ...events.flatMap((event) =>
        event.what === "rate" && event.topic === name
          ? [{ at: event.at, name, recordsPerSecond: event.recordsPerSecond }]
          : [],
      ),
    ])
    .sort((a, b) => a.at - b.at);
  const now = new Map<string, number>();
  let most = 0;
  steps.forEach(({ at, name, recordsPerSecond }, i) => {
    now.set(name, recordsPerSecond);
    if (steps[i + 1]?.at === at) return; // of one instant, only what stands at its end
    most = Math.max(
      most,
      [...now.values()].reduce((sum, rate) => sum + rate, 0),
    );
  });
  return most;
}

/** Whether its members take a time of its own for each record. */
const isServed = ({ members }: GroupSpec, { flow }: Scenario): boolean =>
  flow === "records" && members.service !== undefined;

const isOfDeploy = (name: string): name is (typeof OF_DEPLOYS)[number] =>
  (OF_DEPLOYS as readonly string[]).includes(name);

/** What all rolling restarts of a group have in common. */
function ofDeploy(name: string, key: (typeof OF_DEPLOYS)[number], { id, members }: GroupSpec, scenario: Scenario) {
  const rolls = scenario.events.flatMap((event, i) => (event.what === "roll" && event.group === id ? [i] : []));
  if (rolls.length === 0)
    return {
      message: `${name} is of a deploy, and there is none of ${id}`,
      advice: `add events: [{ at: 5m, roll: ${id} }]`,
    };
  return {
    name,
    set: (value: string | number) => rolls.map((i) => `events.${i}.${key}=${value}`),
    of: ({ events }: Scenario) => {
      const event = events[rolls[0]];
      return event?.what === "roll" ? event[key] : undefined;
    },
    usual: `1..${Math.max(2, members.initial)}`,
  };
}

/** The one that is meant: by name, or the only one there is. */
function only(kind: string, names: readonly string[], scope: string | undefined, bare: string): string | Mistake {
  const found = scope === undefined ? names : names.filter((name) => name === scope);
  if (found.length === 1) return found[0];
  const which = names.map((name) => `${name}.${bare}`).join(", ");
  return { message: `${bare} could be of any ${kind}`, advice: `say of which: ${which}` };
}

function unknown(name: string, bare: string, all: readonly string[]): Mistake {
  const near = closest(bare, all);
  const paths = "or write a field of the scenario as --set takes it: groups.billing.members.initial";
  return {
    message: `${name} is nothing that can be looked for`,
    advice: near
      ? `did you mean ${name.slice(0, name.length - bare.length)}${near}?`
      : `there are members, partitions, capacity, headroom, session.timeout.ms …; ${paths}`,
  };
}

function partitionsOf({ topics: names }: GroupSpec, { topics }: Scenario): number {
  return topics.filter(({ name }) => names.includes(name)).reduce((sum, { partitions }) => sum + partitions, 0);
}

/** A number as the grammar of rates wants it: without a power of ten. */
function decimal(number: number): string {
  const text = String(Number(number.toPrecision(12)));
  return text.includes("e") ? number.toFixed(12) : text;
}
