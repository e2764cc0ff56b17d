import { isRecord } from '../kube/json.ts';
import { type FieldPath, lastField, type Step } from './field-path.ts';
import { KEY_DEFAULTS } from './merge-keys.ts';

/**
 * What a program is given before what stands at `path` of `whole`: earlier elements of the same list, and for the
 * arguments of a container its command.
 */
export function argumentsBefore(whole: unknown, path: FieldPath): readonly string[] {
  const last = path.at(-1);
  const isElement = last !== undefined && 'index' in last;
  const way = isElement ? path.slice(0, -1) : path;
  const parent = way.slice(0, -1).reduce(below, whole);
  const step = way.at(-1);
  if (step === undefined || !('field' in step)) return [];
  const program = lastField(way) === 'args' ? textsOf(below(parent, { field: 'command' })) : [];
  return isElement ? [...program, ...textsOf(below(parent, step)).slice(0, last.index)] : program;
}

/** The elements of a list of texts; what is no text keeps its place. */
export function textsOf(list: unknown): readonly string[] {
  return Array.isArray(list) ? list.map((each) => (typeof each === 'string' ? each : '')) : [];
}

function below(value: unknown, step: Step): unknown {
  if ('field' in step)
    return isRecord(value) && Object.hasOwn(value, step.field) ? value[step.field] : undefined;
  if (!Array.isArray(value)) return undefined;
  if ('index' in step) return value[step.index];
  if ('value' in step) return value.find((each) => each === step.value);
  return value.find(
    (each) =>
      isRecord(each) &&
      Object.entries(step.keys).every(([key, has]) => (each[key] ?? KEY_DEFAULTS[key]) === has),
  );
}
