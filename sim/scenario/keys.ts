/**
 * Unknown keys, answered with where they belong. The known ones, and all the places of each, are read off the JSON
 * Schema, so a key added there is suggested here.
 */
import { INSTEAD } from "../kafka/unmodelled-settings.ts";
import { isRecord, type Path } from "./document.ts";
import { scenarioJsonSchema } from "./schema.ts";
import { closest } from "./suggest.ts";

/** Kafka's settings that a scenario says in its own words. */
const OTHER_WORDS: Readonly<Record<string, string>> = {
  ...INSTEAD,
  "group.id": "the group's id is its key under groups",
  "group.instance.id": "write static: true under members, then every member has one",
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

/** The same words where they are said of a broker or a controller, which comes back, and is away in between. */
const SYNONYMS_OF_SERVERS: Readonly<Record<string, string>> = {
  start: "restart",
  stop: "restart",
  shutdown: "restart",
};

/** The section whose entries have words of their own: a key written in one is not meant for another, or elsewhere. */
const OF_ITS_OWN = "events";

/** In a pattern: any name, or any place in a list. */
const ANY = "*";

/** The keys of a map, or of one of the variants that it may be. */
interface Variant {
  readonly known: readonly string[];
  readonly required: readonly string[];
}

/** Which keys each map may have, all in all and together, and which maps each key may be in; maps by their patterns. */
interface Index {
  readonly maps: ReadonlyMap<string, ReadonlySet<string>>;
  readonly variants: ReadonlyMap<string, readonly Variant[]>;
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

  /**
   * What to do about a key that the map at `path` does not know. `beside`: the keys that it has, too. `value`: what is
   * written for it.
   */
  advice(key: string, path: Path, beside: readonly string[] = [], value?: unknown): string {
    const here = this.at(path);
    const { places } = this.#index;
    if (Object.hasOwn(OTHER_WORDS, key)) return OTHER_WORDS[key];
    if (here.has(key) && this.#misses(path, beside)) return this.#companions(path, beside);
    if (here.has(key)) return "it does not go with the others here: remove it, or them";
    const place = this.#placeOf(key, path);
    if (place) return `it belongs ${where(place, path)}`;
    const near = closest(key, here) ?? synonym(key, here, value);
    if (near !== undefined) return `did you mean ${near}?`;
    const far = closest(key, places.keys());
    const farPlace = far && this.#placeOf(far, path);
    if (farPlace) return `did you mean ${far}? It belongs ${where(farPlace, path)}`;
    if (here.size > 20 && this.#index.variants.get(this.#pattern(path).join("/"))!.length > 1)
      return this.#companions(path, beside);
    if (here.size > 0 && here.size <= 20) return `known here: ${[...here].join(", ")}`;
    return "regroup schema prints every key there is";
  }

  /** Where a key may be, as near as possible to the map at `path`. */
  #placeOf(key: string, path: Path): Path | undefined {
    const places = this.#index.places.get(key);
    if (places === undefined) return undefined;
    const place = nearest(places, path);
    const surrounds = place.every((step, index) => index < path.length && fits(step, path[index]));
    return path[0] === OF_ITS_OWN && !surrounds ? undefined : place;
  }

  /** The keys that say, in a map of many variants, which one it is: of each the first that it needs and not all know. */
  kindsAt(path: Path): ReadonlySet<string> {
    const variants = this.#variantsAt(path);
    return new Set(variants.flatMap(({ required }) => ownOf(variants, required).slice(0, 1)));
  }

  /** Whether a kind is named by one of these keys, and needs others. */
  #misses(path: Path, beside: readonly string[]): boolean {
    const variants = this.#variantsAt(path);
    const named = variants.filter(({ required }) => beside.includes(ownOf(variants, required)[0]));
    return named.length > 0 && named.every(({ required }) => required.some((key) => !beside.includes(key)));
  }

  /** In a map of many variants: what goes with the keys that are there, needed if anything is; or which variants there are. */
  #companions(path: Path, beside: readonly string[]): string {
    const variants = this.#variantsAt(path);
    const fits = variants.map(({ known }) => beside.filter((key) => known.includes(key)).length);
    const alike = variants.filter((_, index) => fits[index] === Math.max(...fits));
    // What one kind is named by may be a key of another one, too: a roll has a pause between its steps.
    const named = alike.filter(({ required }) => beside.includes(ownOf(variants, required)[0]));
    const fitting = named.length > 0 ? named : alike;
    const known = new Set(fitting.flatMap((variant) => variant.known));
    const name = ownOf(variants, beside).find((key) => known.has(key));
    if (name === undefined) return `one of ${[...this.kindsAt(path)].join(", ")}`;
    const others = (keys: Iterable<string>): string => [...keys].filter((key) => !beside.includes(key)).join(", ");
    const needed = fitting.length === 1 ? others(fitting[0].required) : "";
    return `${name} goes with ${needed || others(known) || "nothing else"}`;
  }

  #variantsAt(path: Path): readonly Variant[] {
    return this.#index.variants.get(this.#pattern(path).join("/")) ?? [];
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

/** Those of the keys that not all variants know. */
const ownOf = (variants: readonly Variant[], keys: readonly string[]): string[] =>
  keys.filter((key) => !variants.every(({ known }) => known.includes(key)));

function synonym(key: string, known: ReadonlySet<string>, value: unknown): string | undefined {
  const ofServers = isRecord(value) && ["broker", "controller"].some((server) => Object.hasOwn(value, server));
  const synonyms = ofServers ? { ...SYNONYMS, ...SYNONYMS_OF_SERVERS } : SYNONYMS;
  const ours = Object.hasOwn(synonyms, key) ? synonyms[key] : undefined;
  return ours !== undefined && known.has(ours) ? ours : undefined;
}

function learn(root: JsonSchema): Index {
  const maps = new Map<string, Set<string>>();
  const variants = new Map<string, Variant[]>();
  const places = new Map<string, Path[]>();
  const visit = (schema: JsonSchema, path: Path): void => {
    if (schema.$ref) visit(root.definitions![schema.$ref.replace("#/definitions/", "")], path);
    for (const variant of [...(schema.anyOf ?? []), ...(schema.allOf ?? [])]) visit(variant, path);
    for (const item of [schema.items ?? []].flat()) visit(item, [...path, ANY]);
    if (typeof schema.additionalProperties === "object") visit(schema.additionalProperties, [...path, ANY]);
    const pattern = path.join("/");
    if (schema.properties) {
      const variant = { known: Object.keys(schema.properties), required: schema.required ?? [] };
      variants.set(pattern, [...(variants.get(pattern) ?? []), variant]);
    }
    for (const [key, inner] of Object.entries(schema.properties ?? {})) {
      maps.set(pattern, (maps.get(pattern) ?? new Set()).add(key));
      const known = places.get(key) ?? [];
      if (!known.some((place) => place.join("/") === pattern)) places.set(key, [...known, path]);
      visit(inner, [...path, key]);
    }
  };
  visit(root, []);
  return { maps, variants, places };
}

interface JsonSchema {
  readonly definitions?: Readonly<Record<string, JsonSchema>>;
  readonly $ref?: string;
  readonly anyOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly items?: JsonSchema | readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
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
