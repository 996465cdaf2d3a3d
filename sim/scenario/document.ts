import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from "yaml";
import type { Alias, Document, Node } from "yaml";
import type { Position, Problem } from "./problem.ts";

/** From the root of a scenario to one of its values; numbers are places in lists. */
export type Path = readonly (string | number)[];

/** A mistake that does not yet know where in the file it is. */
export interface Finding {
  /** What it is about. If several values share the blame, the first one that was written counts. */
  readonly paths: readonly Path[];
  /** Whether the key is wrong, rather than what stands behind it. */
  readonly key?: true;
  readonly message: string;
  readonly advice?: string;
}

/** Where a value comes from. */
type Place =
  { readonly key?: Position; readonly value: Position; readonly scalar: boolean } | { readonly option: string };

/** Deeper than any scenario, shallower than any stack. */
const MAX_DEPTH = 50;
/** Values that aliases may stand for, all together: they help against repetition, and can grow without bound. */
const MAX_ALIASED = 10_000;

/**
 * A YAML file as plain data that remembers where each value stands.
 *
 * Only what JSON can say gets through: no tags, no cycles, no NaN, no key that JavaScript takes for something else.
 */
export class ScenarioDocument {
  /** The root value. Replaced as a whole, never changed in place by others. */
  value: unknown;
  /** What is wrong with the YAML itself. */
  readonly problems: Problem[] = [];
  /** Whether some of these leave nothing to go on with. */
  broken = false;

  readonly #lines = new LineCounter();
  readonly #text: string;
  readonly #places = new Map<string, Place>();
  #aliased = 0;

  constructor(text: string) {
    this.#text = text;
    const document = parseDocument(text, {
      lineCounter: this.#lines,
      prettyErrors: false,
      stringKeys: true,
      version: "1.2",
    });
    for (const { code, message, pos } of [...document.errors, ...document.warnings]) {
      if (code !== "DUPLICATE_KEY") this.broken = true;
      this.problems.push({
        ...(YAML_MISTAKES[code]?.(message) ?? { message: `this is not YAML: ${lowerFirst(message)}` }),
        at: this.#position(pos),
      });
      if (this.problems.length === 20) break; // the parser may stumble at every following character
    }
    if (!this.broken) this.value = this.#read(document, document.contents, [], []);
  }

  /** Puts a value that an option gave in place of what the file says. */
  override(path: Path, value: unknown, option: string): void {
    this.value = replaced(this.value, path, value);
    const above = JSON.stringify(path).slice(0, -1);
    for (const key of this.#places.keys()) if (key.startsWith(above) && key !== `${above}]`) this.#places.delete(key);
    this.#places.set(JSON.stringify(path), { option });
  }

  /** Finds where a finding belongs. */
  locate({ paths, key, message, advice }: Finding): Problem {
    const written = paths.find((path) => this.#places.has(JSON.stringify(path)));
    const place = this.#places.get(JSON.stringify(written ?? this.#nearest(paths[0])));
    const rest = { message, ...(advice !== undefined && { advice }) };
    if (place === undefined) return { ...rest, at: { line: 1, column: 1, length: 1 } };
    if ("option" in place) return { ...rest, at: null, option: place.option };
    // what is wrong with a whole map, or missing in it, is shown at its name
    const atKey = key || !place.scalar;
    return { ...rest, at: (atKey ? place.key : undefined) ?? place.value };
  }

  /** The longest beginning of a path that the file has. */
  #nearest(path: Path): Path {
    let length = path.length;
    while (length > 0 && !this.#places.has(JSON.stringify(path.slice(0, length)))) length--;
    return path.slice(0, length);
  }

  #position([start, end]: readonly number[]): Position {
    const { line, col } = this.#lines.linePos(start);
    const eol = this.#text.slice(start, end).search(/[\r\n]/);
    return { line: Math.max(1, line), column: Math.max(1, col), length: Math.max(1, eol < 0 ? end - start : eol) };
  }

  /** The value of a node; `open` are the anchors we are inside of. */
  #read(document: Document, node: unknown, path: Path, open: readonly Node[], key?: Position): unknown {
    if (node === null || node === undefined) return null;
    const source = isAlias(node) ? this.#resolve(document, node, open) : (node as Node);
    if (source === undefined) return null;
    const inside = isAlias(node) ? [...open, source] : open;
    const value = this.#position((node as Node).range ?? [0, 0]);
    this.#places.set(JSON.stringify(path), { key, value, scalar: isScalar(source) });
    if (inside.length > 0 && ++this.#aliased > MAX_ALIASED) {
      if (this.#aliased === MAX_ALIASED + 1) {
        this.#refuse(value, "aliases stand for too much", `at most ${MAX_ALIASED} values may come from aliases`);
      }
      return null;
    }
    if (path.length > MAX_DEPTH) {
      this.#refuse(value, "this is nested too deeply", "no scenario needs more than a few levels");
      return null;
    }
    if (isMap(source)) {
      const entries: [string, unknown][] = [];
      for (const pair of source.items) {
        const name = isScalar(pair.key) ? String(pair.key.value) : "";
        const place = this.#position((pair.key as Node | null)?.range ?? [0, 0]);
        if (name === "__proto__") this.#refuse(place, "__proto__ cannot be a name", "choose another one");
        else entries.push([name, this.#read(document, pair.value, [...path, name], inside, place)]);
      }
      return Object.fromEntries(entries);
    }
    if (isSeq(source)) return source.items.map((item, i) => this.#read(document, item, [...path, i], inside));
    const scalar = isScalar(source) ? source.value : undefined;
    if (typeof scalar === "number" && !Number.isFinite(scalar)) {
      this.#refuse(
        value,
        `${isScalar(source) ? source.source : scalar} is not a number to calculate with`,
        "numbers end at about 1.8e308",
      );
      return null;
    }
    if (scalar !== null && !["string", "number", "boolean"].includes(typeof scalar)) {
      this.#refuse(
        value,
        "this kind of YAML value means nothing in a scenario",
        "use texts, numbers, true, false, lists and maps",
      );
      return null;
    }
    return scalar;
  }

  #resolve(document: Document, alias: Alias, open: readonly Node[]): Node | undefined {
    const at = this.#position(alias.range ?? [0, 0]);
    const source = alias.resolve(document);
    if (source === undefined)
      this.#refuse(at, `no anchor &${alias.source} before this alias`, "an anchor stands before its aliases");
    else if (open.includes(source) || (source.range && alias.range && encloses(source.range, alias.range))) {
      this.#refuse(at, `the alias *${alias.source} contains itself`, "write the inner part out");
      return undefined;
    }
    return source;
  }

  #refuse(at: Position, message: string, advice: string): void {
    this.broken = true;
    this.problems.push({ message, at, advice });
  }
}

const encloses = (outer: readonly number[], inner: readonly number[]): boolean =>
  outer[0] <= inner[0] && inner[1] <= outer[1];

/** The parser's words for its commonest complaints, in ours. */
const YAML_MISTAKES: Readonly<Record<string, (message: string) => { message: string; advice?: string }>> = {
  DUPLICATE_KEY: () => ({ message: "this key is there twice", advice: "remove one of the two, or merge them" }),
  TAB_AS_INDENT: () => ({ message: "a tab cannot indent", advice: "YAML wants spaces" }),
  MULTIPLE_DOCS: () => ({ message: "a second document begins here", advice: "one scenario a file" }),
  TAG_RESOLVE_FAILED: () => ({ message: "tags mean nothing in a scenario", advice: "remove the !tag" }),
  NON_STRING_KEY: () => ({ message: "a list or a map cannot be a key", advice: "keys are names" }),
  RESOURCE_EXHAUSTION: () => ({
    message: "this is nested too deeply",
    advice: "no scenario needs more than a few levels",
  }),
};

const lowerFirst = (text: string): string => text.slice(0, 1).toLowerCase() + text.slice(1);

/** A copy of `value` in which `path` holds `leaf`. Names on the way are known to exist, or are made. */
export function replaced(value: unknown, path: Path, leaf: unknown): unknown {
  if (path.length === 0) return leaf;
  const [step, ...rest] = path;
  if (typeof step === "number") {
    const list = Array.isArray(value) ? [...value] : [];
    list[step] = replaced(list[step], rest, leaf);
    return list;
  }
  const map = isRecord(value) ? value : {};
  return { ...map, [step]: replaced(map[step], rest, leaf) };
}

/** A copy of `value` without what is at `path`. */
export function without(value: unknown, path: Path): unknown {
  const [step, ...rest] = path;
  if (Array.isArray(value)) {
    if (rest.length === 0) return value.filter((_, i) => i !== step);
    return value.map((item, i) => (i === step ? without(item, rest) : item));
  }
  if (!isRecord(value) || !Object.hasOwn(value, step)) return value;
  const { [step]: inner, ...others } = value;
  return rest.length === 0 ? others : { ...others, [step]: without(inner, rest) };
}

/** What is at `path`; `undefined` if the path leads nowhere. */
export function valueAt(value: unknown, path: Path): unknown {
  for (const step of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}

/** Whether it is a map. */
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
