import { isRecord } from '../kube/json.ts';
import type { KubeObject } from '../kube/object.ts';
import { type FieldPath, formatPath, type Step } from '../plan/field-path.ts';
import { keyedElements } from '../plan/merge-keys.ts';
import { nearest } from '../spec/nearest.ts';
import type { ValuePath } from '../spec/source.ts';
import type { NotFound } from './target.ts';

/** A step as somebody wrote it: a field, or what stands in brackets. */
type WrittenStep =
  | { readonly field: string }
  | { readonly index: number }
  | { readonly keys: Readonly<Record<string, string>> };

/** A field that an object has. */
export interface FoundField {
  readonly path: FieldPath;
  readonly value: unknown;
}

/** `spec.template.spec.containers[name=app].image`, as plans print it; `[0]` and `["a/b"]` too, and a dot before all. */
export function parseField(text: string): readonly WrittenStep[] | NotFound {
  const steps: WrittenStep[] = [];
  const token = /\.?([\w-]+)|\.?\[(\d+)\]|\.?\["((?:[^"\\]|\\.)*)"\]|\.?\['([^']*)'\]|\.?\[([^\]"']+)\]/y;
  while (token.lastIndex < text.length) {
    const [, field, index, quoted, single, keys] = token.exec(text) ?? [];
    if (index !== undefined) steps.push({ index: Number(index) });
    else if (keys?.includes('=')) steps.push({ keys: pairs(keys) });
    else {
      const name = field ?? single ?? keys ?? (quoted === undefined ? undefined : unescaped(quoted));
      if (name === undefined) return noField(text);
      steps.push({ field: name });
    }
  }
  return steps.length === 0 ? noField(text) : steps;
}

function noField(text: string): NotFound {
  return {
    message: `${JSON.stringify(text)} is no path of a field.`,
    hint: "Write it as plans do, in quotes where there are brackets: 'spec.template.spec.containers[name=app].image'.",
  };
}

function pairs(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    text.split(',').map((pair) => {
      const [name = '', value = ''] = pair.split(/=(.*)/s, 2);
      return [name, value];
    }),
  );
}

function unescaped(text: string): string {
  try {
    return String(JSON.parse(`"${text}"`));
  } catch {
    return text;
  }
}

/** The field in `object`; undefined where that has none. */
export function findField(object: unknown, written: readonly WrittenStep[]): FoundField | undefined {
  let found: FoundField = { path: [], value: object };
  for (const step of written) {
    const next = below(found, step);
    if (next === undefined) return undefined;
    found = next;
  }
  return found;
}

function below({ path, value }: FoundField, written: WrittenStep): FoundField | undefined {
  if (isRecord(value)) {
    if (!('field' in written) || !Object.hasOwn(value, written.field)) return undefined;
    return { path: [...path, written], value: value[written.field] };
  }
  if (!Array.isArray(value)) return undefined;
  const keyed = [...(keyedElements(path, value)?.values() ?? [])];
  if ('index' in written) {
    const step = keyed[written.index]?.step ?? written;
    return written.index < value.length ? { path: [...path, step], value: value[written.index] } : undefined;
  }
  const element = keyed.find(({ step }) => isMeant(step, written));
  return element && { path: [...path, element.step], value: element.element };
}

/** Some of its keys, or the value alone, are enough to name an element. */
function isMeant(step: Step, written: Exclude<WrittenStep, { index: number }>): boolean {
  if ('value' in step) return 'field' in written && step.value === written.field;
  if (!('keys' in step)) return false;
  const keys = Object.entries(step.keys);
  if ('field' in written) return keys.some(([, value]) => String(value) === written.field);
  return Object.entries(written.keys).every(([name, value]) =>
    keys.some(([key, has]) => key === name && String(has) === value),
  );
}

/** What `object` has at a path; undefined where it has nothing there. */
export function valueAt(object: unknown, path: FieldPath): unknown {
  let at = object;
  let way: FieldPath = [];
  for (const step of path) {
    const next = elementAt(at, way, step);
    if (next === undefined) return undefined;
    at = next.value;
    way = [...way, step];
  }
  return at;
}

/** The way to what stands at a path in `value`, by names and places; undefined where nothing stands there. */
export function placeAt(value: unknown, path: FieldPath): ValuePath | undefined {
  let at = value;
  const place: (string | number)[] = [];
  for (const [depth, step] of path.entries()) {
    const next = elementAt(at, path.slice(0, depth), step);
    if (next === undefined) return undefined;
    at = next.value;
    place.push(next.at);
  }
  return place;
}

function elementAt(
  value: unknown,
  path: FieldPath,
  step: Step,
): { readonly at: string | number; readonly value: unknown } | undefined {
  if ('field' in step) {
    return isRecord(value) && Object.hasOwn(value, step.field)
      ? { at: step.field, value: value[step.field] }
      : undefined;
  }
  if (!Array.isArray(value)) return undefined;
  if ('index' in step)
    return step.index < value.length ? { at: step.index, value: value[step.index] } : undefined;
  const wanted = formatPath([step]);
  const keyed = [...(keyedElements(path, value)?.values() ?? [])];
  const at = keyed.findIndex((each) => formatPath([each.step]) === wanted);
  return at === -1 ? undefined : { at, value: keyed[at]?.element };
}

/** That none of the objects has the field, and the nearest that they have. */
export function unknownField(
  target: string,
  text: string,
  written: readonly WrittenStep[],
  objects: readonly (KubeObject | undefined)[],
): NotFound {
  const message = `${target} has no field ${text}, neither in the repository nor in the cluster.`;
  // The object that has most of the way tells what there is beyond it.
  const ends = objects.map((object) => {
    let found: FoundField = { path: [], value: object };
    for (const step of written) found = below(found, step) ?? found;
    return { ...found, missing: written[found.path.length] };
  });
  const deepest = Math.max(...ends.map(({ path }) => path.length));
  const there = ends.filter(({ path }) => path.length === deepest);
  const names = [...new Set(there.flatMap(({ value }) => namesIn(value)))];
  const missing = there[0]?.missing;
  const near = missing !== undefined && 'field' in missing ? nearest(missing.field, names) : undefined;
  const parent = formatPath(there[0]?.path ?? []);
  const full = (name: string) => formatPath([...(there[0]?.path ?? []), { field: name }]);
  if (near !== undefined) return { message, hint: `Did you mean ${full(near)}?` };
  const some = names.slice(0, 8).join(', ');
  return {
    message,
    hint:
      names.length === 0
        ? `Nothing stands below ${parent === '' ? 'it' : parent}.`
        : `There ${names.length === 1 ? 'is' : 'are'} ${some}${names.length > 8 ? ' and others' : ''}${parent === '' ? '' : ` below ${parent}`}.`,
  };
}

function namesIn(value: unknown): readonly string[] {
  if (isRecord(value)) return Object.keys(value).filter((name) => name !== 'managedFields');
  return [];
}
