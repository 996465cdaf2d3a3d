/** From the grid as written to parameters, and from parameters to cells. */
import { ScenarioDocument, type Path } from "../../scenario/document.ts";
import type { Mistake } from "../../scenario/quantities.ts";
import { isMistake } from "../wanted.ts";
import type { Parameter, Point } from "./experiment.ts";
import type { WrittenParameter } from "./schema.ts";
import { quantity, valuesOf, type Range } from "./steps.ts";

/** A parameter, and where in the experiment file each of its settings comes from. */
export interface Axis extends Parameter {
  readonly points: readonly (Point & { readonly written: readonly Path[] })[];
}

/** One combination: of each parameter which of its points, counted from 0. */
export type Place = readonly number[];

/** What `--set` takes for a field and a value; what it reads there is this value again. */
export function setting(field: string, value: unknown): string {
  if (typeof value !== "string") return `${field}=${JSON.stringify(value)}`;
  const { problems, value: read } = new ScenarioDocument(value);
  return `${field}=${problems.length === 0 && read === value ? value : JSON.stringify(value)}`;
}

/** A parameter as written, made out; a `Mistake` and where it is if it cannot be. */
export function axisOf(
  name: string,
  written: WrittenParameter,
): Axis | { readonly mistake: Mistake; readonly at: Path } {
  const here: Path = ["grid", name];
  if ("variants" in written) {
    const points = Object.entries(written.variants).map(([label, settings]) => {
      const fields = Object.entries(settings ?? {});
      return {
        label,
        number: null,
        set: fields.map(([field, value]) => setting(field, value)),
        written: fields.map(([field]): Path => [...here, "variants", label, field]),
      };
    });
    if (points.length > 0) return { name, scale: "names", unit: null, points };
    return { mistake: { message: "has no variants", advice: "name: { <field>: <value> }" }, at: here };
  }
  const fields = "linked" in written ? Object.entries(written.linked) : [[written.set, fieldOf(written)] as const];
  const columns: { readonly field: string; readonly values: readonly unknown[]; readonly at: (i: number) => Path }[] =
    [];
  for (const [field, given] of fields) {
    const at: Path = "linked" in written ? [...here, "linked", field] : here;
    const values = Array.isArray(given) ? (given as readonly unknown[]) : valuesOf(given as Range);
    if (isMistake(values)) return { mistake: values as Mistake, at };
    const list: Path | undefined = Array.isArray(given) ? ("linked" in written ? at : [...at, "values"]) : undefined;
    columns.push({ field, values, at: (i) => (list ? [...list, i] : at) });
  }
  const [first] = columns;
  if (!first) return { mistake: { message: "links no fields", advice: "linked: { <field>: [4, 8], … }" }, at: here };
  const odd = columns.find(({ values }) => values.length !== first.values.length);
  if (odd) {
    const message = `has ${odd.values.length} values of ${odd.field} and ${first.values.length} of ${first.field}`;
    return { mistake: { message, advice: "fields that move together have equally many" }, at: odd.at(0).slice(0, 4) };
  }
  const scale = scaleOf(written, first.values);
  const points = first.values.map((value, i) => ({
    label: labelOf(value),
    number: scale === "names" ? null : quantity(value)!.number,
    set: columns.map(({ field, values }) => setting(field, values[i])),
    written: columns.map(({ at }) => at(i)),
  }));
  return { name, scale, unit: scale === "names" ? null : quantity(first.values[0])!.unit, points };
}

/** The list of a parameter of one field, or its range. */
function fieldOf(written: Exclude<WrittenParameter, { linked: unknown } | { variants: unknown }>): unknown {
  return "values" in written ? written.values : written;
}

/** How points lie on an axis: by the first field, if all its values are numbers of one kind and ascend. */
function scaleOf(written: WrittenParameter, values: readonly unknown[]): Parameter["scale"] {
  const numbers = values.map(quantity);
  const ascend = numbers.every((one, i) => {
    const before = numbers[i - 1];
    return one && (i === 0 || (before && before.unit === one.unit && before.number < one.number));
  });
  if (!ascend) return "names";
  const range: unknown = "linked" in written ? Object.values(written.linked)[0] : written;
  return (range as Range).scale ?? "linear";
}

const labelOf = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

/** All combinations of so many points each, the last changing fastest. */
export function* places(sizes: readonly number[]): Generator<Place> {
  const place = sizes.map(() => 0);
  for (;;) {
    yield [...place];
    let axis = sizes.length - 1;
    while (axis >= 0 && ++place[axis] === sizes[axis]) place[axis--] = 0;
    if (axis < 0) return;
  }
}
