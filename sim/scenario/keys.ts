/**
 * Unknown keys, answered with where they belong. The known ones, and all the places of each, are read off the JSON
 * Schema, so a key added there is suggested here.
 */
import type { Path } from "./document.ts";
import { scenarioJsonSchema } from "./schema.ts";
import { closest } from "./suggest.ts";

/** Kafka's settings that a scenario says in its own words. */
const OTHER_WORDS: Readonly<Record<string, string>> = {
  "group.id": "the group's id is its key under groups",
  "group.instance.id": "write static: true under members, then every member has one",
  "group.coordinator.new.enable": "write coordinator: java or scala under cluster",
  "broker.id": "brokers are numbered from 1; write brokers: <how many> under cluster",
};

/** Other people's words for ours, too far from them to be typing mistakes. */
const SYNONYMS: Readonly<Record<string, string>> = {
  kill: "crash",
  fail: "crash",
  close: "leave",
  stop: "leave",
  shutdown: "leave",
  start: "join",
  add: "join",
  isolate: "cut",
  deploy: "roll",
};

/** In a pattern: any name, or any place in a list. */
const ANY = "*";

/** Which keys each map may have, and which maps each key may be in; maps by their patterns. */
interface Index {
  readonly maps: ReadonlyMap<string, ReadonlySet<string>>;
  readonly places: ReadonlyMap<string, readonly Path[]>;
}

/** Every key a file of a kind can have. Learned when first asked, since most files are right. */
export class KnownKeys {
  readonly #schema: () => JsonSchema;
  #learned: Index | undefined;

  /** `schema`: the JSON Schema of the kind; that of scenarios if absent. */
  constructor(schema: () => JsonSchema = scenarioJsonSchema) {
    this.#schema = schema;
  }

  get #index(): Index {
    return (this.#learned ??= learn(this.#schema()));
  }

  /** The keys that the map at `path` may have. */
  at(path: Path): ReadonlySet<string> {
    return this.#index.maps.get(this.#pattern(path).join("/")) ?? new Set();
  }

  /** What to do about a key that the map at `path` does not know. */
  advice(key: string, path: Path): string {
    const here = this.at(path);
    const { places } = this.#index;
    if (Object.hasOwn(OTHER_WORDS, key)) return OTHER_WORDS[key];
    if (here.has(key)) return "it does not go with the others here: remove it, or them";
    const elsewhere = places.get(key);
    if (elsewhere) return `it belongs ${where(nearest(elsewhere, path), path)}`;
    const near = closest(key, here) ?? synonym(key, here);
    if (near !== undefined) return `did you mean ${near}?`;
    const far = closest(key, places.keys());
    if (far !== undefined) return `did you mean ${far}? It belongs ${where(nearest(places.get(far)!, path), path)}`;
    if (here.size === 0 || here.size > 20) return "regroup schema prints every key there is";
    return `known here: ${[...here].join(", ")}`;
  }

  /** The pattern of a path: names that the author chose become `*`. */
  #pattern(path: Path): string[] {
    const pattern: string[] = [];
    for (const step of path) {
      const known = this.#index.maps.get(pattern.join("/"));
      pattern.push(typeof step === "number" || !known?.has(step) ? ANY : step);
    }
    return pattern;
  }
}

function synonym(key: string, known: ReadonlySet<string>): string | undefined {
  const ours = Object.hasOwn(SYNONYMS, key) ? SYNONYMS[key] : undefined;
  return ours !== undefined && known.has(ours) ? ours : undefined;
}

function learn(root: JsonSchema): Index {
  const maps = new Map<string, Set<string>>();
  const places = new Map<string, Path[]>();
  const visit = (schema: JsonSchema, path: Path): void => {
    if (schema.$ref) visit(root.definitions![schema.$ref.replace("#/definitions/", "")], path);
    for (const variant of [...(schema.anyOf ?? []), ...(schema.allOf ?? [])]) visit(variant, path);
    for (const item of [schema.items ?? []].flat()) visit(item, [...path, ANY]);
    if (typeof schema.additionalProperties === "object") visit(schema.additionalProperties, [...path, ANY]);
    for (const [key, inner] of Object.entries(schema.properties ?? {})) {
      const pattern = path.join("/");
      maps.set(pattern, (maps.get(pattern) ?? new Set()).add(key));
      const known = places.get(key) ?? [];
      if (!known.some((place) => place.join("/") === pattern)) places.set(key, [...known, path]);
      visit(inner, [...path, key]);
    }
  };
  visit(root, []);
  return { maps, places };
}

interface JsonSchema {
  readonly definitions?: Readonly<Record<string, JsonSchema>>;
  readonly $ref?: string;
  readonly anyOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly items?: JsonSchema | readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: boolean | JsonSchema;
}

/** Of several patterns the one that shares the longest beginning with `path`; the shorter if two do. */
function nearest(patterns: readonly Path[], path: Path): Path {
  const shared = (pattern: Path): number => {
    let length = 0;
    while (length < pattern.length && length < path.length && fits(pattern[length], path[length])) length++;
    return length;
  };
  return [...patterns].sort((a, b) => shared(b) - shared(a) || a.length - b.length)[0];
}

const fits = (step: string | number, written: string | number): boolean => step === ANY || step === written;

/** A pattern in words, its free names taken from `path` as far as they agree: `under groups.billing.config`. */
function where(pattern: Path, path: Path): string {
  if (pattern.length === 0) return "at the top, beside topics and groups";
  let together = true;
  const steps = pattern.map((step, i) => {
    together &&= path[i] !== undefined && fits(step, path[i]);
    if (step !== ANY) return step;
    if (together) return path[i];
    return pattern[i - 1] === "topics" ? "<topic>" : pattern[i - 1] === "groups" ? "<group>" : "<n>";
  });
  return `under ${steps.join(".")}`;
}
