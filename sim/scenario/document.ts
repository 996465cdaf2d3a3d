import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from "yaml";
import type { Alias, ParsedNode } from "yaml";
import { inOrder } from "./problem.ts";
import type { Position, Problem, ProblemPart } from "./problem.ts";

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
  /** The keys that it is about, if it is about several of one map; their paths are `paths`, in the same order. */
  readonly parts?: readonly string[];
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
  readonly #anchors = new Map<string, Exclude<ParsedNode, Alias.Parsed>>();
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
        ...(YAML_MISTAKES[code] ?? { message: `this is not YAML: ${lowerFirst(message)}` }),
        at: this.#position(pos),
      });
      if (this.problems.length === 20) break; // the parser may stumble at every following character
    }
    if (!this.broken) this.value = this.#read(document.contents, [], false);
  }

  /** Puts a value that an option gave in place of what the file says. */
  override(path: Path, value: unknown, option: string): void {
    this.value = replaced(this.value, path, value);
    const above = JSON.stringify(path).slice(0, -1);
    for (const key of this.#places.keys()) if (key.startsWith(above) && key !== `${above}]`) this.#places.delete(key);
    this.#places.set(JSON.stringify(path), { option });
  }

  /** Finds where a finding belongs. */
  locate({ paths, key, message, advice, parts }: Finding): Problem {
    const said = { message, ...(advice !== undefined && { advice }) };
    if (!parts) return { ...said, ...this.#placeOf(paths, key) };
    const placed = inOrder(parts.map((name, i): ProblemPart => ({ name, ...this.#placeOf([paths[i]], key) })));
    const [{ name: _, ...first }] = placed;
    return { ...said, ...first, parts: placed };
  }

  #placeOf(paths: readonly Path[], key?: true): Pick<Problem, "at" | "option"> {
    const written = paths.find((path) => this.#places.has(JSON.stringify(path)));
    const place = this.#places.get(JSON.stringify(written ?? this.#nearest(paths[0])));
    if (place === undefined) return { at: { line: 1, column: 1, length: 1 } };
    if ("option" in place) return { at: null, option: place.option };
    // what is wrong with a whole map, or missing in it, is shown at its name
    const atKey = key || !place.scalar;
    return { at: (atKey ? place.key : undefined) ?? place.value };
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

  /** The value of a node. `aliased`: we came to it by an alias, and may come again. */
  #read(node: ParsedNode | null, path: Path, aliased: boolean, key?: Position): unknown {
    if (node === null) return null;
    const source = isAlias(node) ? this.#sourceOf(node) : node;
    if (source === undefined) return null;
    if (source.anchor !== undefined && !aliased) this.#anchors.set(source.anchor, source);
    const place = this.#position(node.range);
    this.#places.set(JSON.stringify(path), { key, value: place, scalar: isScalar(source) });
    const inside = aliased || isAlias(node);
    if (path.length > MAX_DEPTH) return this.#refuse(place, ...TOO_DEEP);
    if (inside && ++this.#aliased > MAX_ALIASED) return this.#refuseAliases(place);
    if (isMap(source)) {
      const entries = source.items.map((pair): [string, unknown] => {
        const at = this.#position(pair.key.range);
        const name = isScalar(pair.key) ? String(pair.key.value) : "";
        if (name === "__proto__") return [name, this.#refuse(at, "__proto__ cannot be a name", "choose another one")];
        return [name, this.#read(pair.value, [...path, name], inside, at)];
      });
      return Object.fromEntries(entries);
    }
    if (isSeq(source)) return source.items.map((item, i) => this.#read(item, [...path, i], inside));
    return this.#plain(source.value, source.source, place);
  }

  /** A scalar, if JSON knows its kind. */
  #plain(value: unknown, written: string, at: Position): unknown {
    if (typeof value === "number" && !Number.isFinite(value)) {
      return this.#refuse(at, `${written} is not a number to calculate with`, "numbers end at about 1.8e308");
    }
    if (value === null || ["string", "number", "boolean"].includes(typeof value)) return value;
    const kinds = "use texts, numbers, true, false, lists and maps";
    return this.#refuse(at, "this kind of YAML value means nothing in a scenario", kinds);
  }

  /** What an alias stands for: the latest node before it that bears the anchor. */
  #sourceOf({ source: name, range }: Alias.Parsed): Exclude<ParsedNode, Alias.Parsed> | undefined {
    const source = this.#anchors.get(name);
    const at = this.#position(range);
    if (source === undefined) {
      this.#refuse(at, `no anchor &${name} before this alias`, "an anchor stands before its aliases");
    } else if (source.range[0] <= range[0] && range[1] <= source.range[1]) {
      this.#refuse(at, `the alias *${name} contains itself`, "write the inner part out");
      return undefined;
    }
    return source;
  }

  /** Said once: what follows would only be more of it. */
  #refuseAliases(at: Position): null {
    const first = this.#aliased === MAX_ALIASED + 1;
    const advice = `at most ${MAX_ALIASED} values may come from aliases`;
    return first ? this.#refuse(at, "aliases stand for too much", advice) : null;
  }

  #refuse(at: Position, message: string, advice: string): null {
    this.broken = true;
    this.problems.push({ message, at, advice });
    return null;
  }
}

const TOO_DEEP = ["this is nested too deeply", "no scenario needs more than a few levels"] as const;

/** The parser's words for its commonest complaints, in ours. */
const YAML_MISTAKES: Readonly<Record<string, { message: string; advice: string }>> = {
  DUPLICATE_KEY: { message: "this key is there twice", advice: "remove one of the two, or merge them" },
  TAB_AS_INDENT: { message: "a tab cannot indent", advice: "YAML wants spaces" },
  MULTIPLE_DOCS: { message: "a second document begins here", advice: "one scenario a file" },
  TAG_RESOLVE_FAILED: { message: "tags mean nothing in a scenario", advice: "remove the !tag" },
  NON_STRING_KEY: { message: "a list or a map cannot be a key", advice: "keys are names" },
  RESOURCE_EXHAUSTION: { message: TOO_DEEP[0], advice: TOO_DEEP[1] },
};

const lowerFirst = (text: string): string => text.slice(0, 1).toLowerCase() + text.slice(1);

/** A copy of `value` in which `path` holds `leaf`. Names on the way are known to exist, or are made. */
function replaced(value: unknown, path: Path, leaf: unknown): unknown {
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
