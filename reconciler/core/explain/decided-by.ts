import { type Built, buildDesired, type BuildContext } from '../desired/build.ts';
import { canonicalJson } from '../kube/hash.ts';
import { isRecord } from '../kube/json.ts';
import type { ObjectId } from '../kube/object.ts';
import { APPLIED_FIELDS } from '../plan/applied-fields.ts';
import { type FieldPath, lastField } from '../plan/field-path.ts';
import { leaves } from '../plan/leaves.ts';
import type { Spec } from '../spec/spec.ts';
import type { ValuePath } from '../spec/source.ts';
import { valueAt } from './field-target.ts';

/** More fields than these decide together, and none of them alone says why. */
const MOST = 3;

/**
 * The fields of a manifest of WEKA that decide what stands at `path` of an object built of it: those whose change changes
 * it. Found by building again, so that it is true of every builder. Empty where none does, or many do.
 */
export function decidedBy(
  spec: Spec,
  id: ObjectId,
  path: FieldPath,
  context: BuildContext,
): readonly ValuePath[] {
  if (spec.kind === 'object') return [];
  const now = made(spec, id, path, context);
  const found = scalarsIn(spec.manifest).filter((at) => at[0] !== 'apiVersion' && at[0] !== 'kind');
  const deciding = found.filter((at) => {
    const changed = withOther(spec, at);
    const value = changed && made(changed, id, path, context);
    return value !== undefined && value !== now;
  });
  return deciding.length > MOST ? [] : deciding;
}

/** Fields of built objects that are told; a field that decides more says so by some. */
const MOST_DECIDED = 10;

/** The fields of built objects that the value at `at` of a manifest of WEKA decides. */
export function decides(
  spec: Spec,
  at: ValuePath,
  context: BuildContext,
): readonly { readonly id: ObjectId; readonly path: string }[] {
  const changed = withOther(spec, at);
  const after = changed && builtOf(changed, context);
  if (after === undefined) return [];
  const found = (builtOf(spec, context) ?? []).flatMap(({ id, object }) => {
    const other = after.find((each) => each.id === id)?.object;
    if (other === undefined) return [];
    const paths = leaves(object).filter(
      ({ path, value }) =>
        lastField(path) !== APPLIED_FIELDS &&
        canonicalJson({ value }) !== canonicalJson({ value: valueAt(other, path) }),
    );
    return paths.map(({ text }) => ({ id, path: text }));
  });
  return found.slice(0, MOST_DECIDED);
}

/** What a manifest makes of a field; undefined where it is not built of it. */
function made(spec: Spec, id: ObjectId, path: FieldPath, context: BuildContext): string | undefined {
  const object = builtOf(spec, context)?.find((each) => each.id === id)?.object;
  return object && canonicalJson({ value: valueAt(object, path) });
}

function builtOf(spec: Spec, context: BuildContext): Built['objects'] | undefined {
  try {
    return buildDesired({ specs: [spec], broken: [] }, context).objects;
  } catch (error) {
    // No builder was made for a value that no schema lets pass, such as a mode that there is not.
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

function scalarsIn(value: unknown, path: ValuePath = []): readonly ValuePath[] {
  if (Array.isArray(value)) return value.flatMap((each, index) => scalarsIn(each, [...path, index]));
  if (isRecord(value))
    return Object.entries(value).flatMap(([name, each]) => scalarsIn(each, [...path, name]));
  return path.length === 0 ? [] : [path];
}

/** The spec with another value at a place: one of the same kind, so that what is built of it stays of one shape. */
function withOther(spec: Spec, at: ValuePath): Spec | undefined {
  const manifest = changedAt(spec.manifest, at);
  switch (spec.kind) {
    case 'WekaContainer':
      return { ...spec, manifest, container: changedAt(spec.container, at) };
    case 'object':
    case 'WekaCluster':
    case 'WekaClient':
    case 'WekaPolicy':
    case 'WekaManualOperation':
    case 'Approval':
      return undefined;
  }
}

function changedAt<Value>(value: Value, path: ValuePath): Value {
  return otherAt(value, path) as Value;
}

function otherAt(value: unknown, path: ValuePath): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return other(value);
  if (Array.isArray(value)) {
    return value.map((each: unknown, index) => (index === step ? otherAt(each, rest) : each));
  }
  if (!isRecord(value) || !Object.hasOwn(value, step)) return value;
  return { ...value, [step]: otherAt(value[step], rest) };
}

function other(value: unknown): unknown {
  switch (typeof value) {
    case 'string':
      return `${value}0`;
    case 'number':
      return value + 1;
    case 'boolean':
      return !value;
    default:
      return undefined;
  }
}
