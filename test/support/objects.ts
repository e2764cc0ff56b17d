import type { DesiredObject } from '../../reconciler/core/desired/desired.ts';
import { withOwnership } from '../../reconciler/core/desired/ownership.ts';
import { canonicalJson } from '../../reconciler/core/kube/hash.ts';
import {
  type FieldsV1,
  type KubeObject,
  type ManagedFieldsEntry,
  objectId,
  type ObjectMeta,
} from '../../reconciler/core/kube/object.ts';
import type { Change } from '../../reconciler/core/plan/change.ts';
import type { FieldPath, Step } from '../../reconciler/core/plan/field-path.ts';
import { leavesBelow } from '../../reconciler/core/plan/leaves.ts';
import { FIELD_MANAGER } from '../../reconciler/core/plan/managed-fields.ts';

/** The ApplySet that objects of tests belong to unless told otherwise. */
export const APPLY_SET = 'applyset-of-tests-v1';

type Json = Readonly<Record<string, unknown>>;
type Rest = Json & { readonly metadata?: Partial<ObjectMeta> };

/** Any object; `apiVersion/Kind` and name first. In the namespace `weka` unless `metadata` says otherwise. */
export function anObject(type: string, name: string, rest: Rest = {}): KubeObject {
  const slash = type.lastIndexOf('/');
  const { metadata, ...body } = rest;
  return {
    apiVersion: type.slice(0, slash),
    kind: type.slice(slash + 1),
    metadata: { name, namespace: 'weka', ...metadata },
    ...body,
  };
}

/** An object that is in no namespace. */
export function aClusterObject(type: string, name: string, rest: Rest = {}): KubeObject {
  const { metadata, ...object } = anObject(type, name, rest);
  const { namespace: _none, ...own } = metadata;
  return { ...object, metadata: own };
}

export function aNamespace(name: string): KubeObject {
  return aClusterObject('v1/Namespace', name);
}

export function aConfigMap(name: string, data: Readonly<Record<string, string>> = {}): KubeObject {
  return anObject('v1/ConfigMap', name, { data });
}

/** A Secret with its values as they are written in `stringData`. */
export function aSecret(name: string, values: Readonly<Record<string, string>> = {}): KubeObject {
  const data = Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')]);
  return anObject('v1/Secret', name, { type: 'Opaque', data: Object.fromEntries(data) });
}

export function aService(name: string, spec: Json = {}): KubeObject {
  return anObject('v1/Service', name, { spec: { selector: { app: name }, ports: [{ port: 80 }], ...spec } });
}

/** What a pod of tests runs: one container `main`, with `container` in it and `pod` beside it. */
export function podSpec({ container = {}, ...pod }: { container?: Json } & Json = {}): Json {
  return { containers: [{ name: 'main', image: 'busybox:1', ...container }], ...pod };
}

export function aPod(name: string, pod: { container?: Json } & Json = {}): KubeObject {
  return anObject('v1/Pod', name, { spec: podSpec(pod) });
}

export function aDeployment(
  name: string,
  { replicas = 1, ...pod }: { replicas?: number; container?: Json } & Json = {},
): KubeObject {
  const labels = { app: name };
  return anObject('apps/v1/Deployment', name, {
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: podSpec(pod) },
    },
  });
}

export function aJob(name: string, pod: { container?: Json } & Json = {}): KubeObject {
  return anObject('batch/v1/Job', name, {
    spec: { template: { spec: podSpec({ restartPolicy: 'Never', ...pod }) } },
  });
}

/** `object` as a manifest asks for it. */
export function wanted(
  object: KubeObject,
  { source = 'objects.yaml:1', ...rest }: { source?: string; createOnly?: string } = {},
): DesiredObject {
  return { id: objectId(object), object: withOwnership(object, APPLY_SET), source, ...rest };
}

/** `object` as the API server holds it after we have applied it; `extra` is what else is in it. */
export function applied(object: KubeObject, extra: Rest = {}): KubeObject {
  return stored(withOwnership(object, APPLY_SET), { manager: FIELD_MANAGER, operation: 'Apply' }, extra);
}

/** `object` as the API server holds it after somebody else has made it. */
export function createdBy(manager: string, object: KubeObject, extra: Rest = {}): KubeObject {
  return stored(object, { manager, operation: 'Update' }, extra);
}

/** `object` as stored: `by` owns all that is in it, and nobody owns `extra`. */
export function stored(
  object: KubeObject,
  by: Pick<ManagedFieldsEntry, 'manager' | 'operation'>,
  extra: Rest = {},
): KubeObject {
  const id = objectId(object);
  const identity = { uid: `uid of ${id}`, resourceVersion: '1', managedFields: [entry(by, object)] };
  return merge(merge(object, extra), { metadata: identity }) as KubeObject;
}

/**
 * `live` after somebody changed what `edit` holds, as an Update: undefined takes a field away. The fields are then
 * theirs, and no longer those of whoever had them.
 */
export function edited(manager: string, live: KubeObject, edit: Rest): KubeObject {
  const touched = pathsIn(edit).filter((path) => !isEqual(valueAt(live, path), valueAt(edit, path)));
  const others = (live.metadata.managedFields ?? []).map((each) => ({
    ...each,
    fieldsV1: touched.reduce(without, each.fieldsV1 ?? {}),
  }));
  const theirs = touched.filter((path) => valueAt(edit, path) !== undefined);
  const { managedFields: _before, ...metadata } = live.metadata;
  const changed = merge({ ...live, metadata }, edit) as KubeObject;
  const managedFields = [
    ...others,
    { manager, operation: 'Update' as const, fieldsV1: theirs.reduce(withField, {}) },
  ];
  return { ...changed, metadata: { ...changed.metadata, managedFields } };
}

/** `live` after another manager has applied the fields of `part` as well, with the same values. */
export function alsoAppliedBy(manager: string, live: KubeObject, part: Rest): KubeObject {
  const theirs = entry({ manager, operation: 'Apply' }, part);
  return {
    ...live,
    metadata: { ...live.metadata, managedFields: [...(live.metadata.managedFields ?? []), theirs] },
  };
}

/** A change in words: `update v1/ConfigMap/weka/a (data.x) [drift]: why`. */
export function inWords(change: Change): string {
  const fields = change.fields.map(({ path, manager }) => (manager ? `${path} of ${manager}` : path));
  return [
    `${change.op} ${change.id}`,
    ...(fields.length > 0 ? [` (${fields.join(', ')})`] : []),
    ...(change.flags.length > 0 ? [` [${change.flags.join(', ')}]`] : []),
    ...('reason' in change ? [`: ${change.reason}`] : []),
  ].join('');
}

function entry(by: Pick<ManagedFieldsEntry, 'manager' | 'operation'>, part: Json): ManagedFieldsEntry {
  return { ...by, fieldsV1: pathsIn(part).reduce(withField, {}) };
}

function pathsIn(part: Json): readonly FieldPath[] {
  return [...leavesBelow(part, [])].map(({ path }) => path);
}

function withField(fields: FieldsV1, path: FieldPath): FieldsV1 {
  const [step, ...rest] = path;
  if (step === undefined) return fields;
  const key = keyOf(step);
  const self = 'field' in step ? {} : { '.': {} };
  return { ...fields, [key]: withField({ ...self, ...fields[key] }, rest) };
}

function without(fields: FieldsV1, path: FieldPath): FieldsV1 {
  const [step, ...rest] = path;
  if (step === undefined) return fields;
  const { [keyOf(step)]: child, ...others } = fields;
  if (child === undefined || rest.length === 0) return others;
  const left = without(child, rest);
  return Object.keys(left).length === 0 ? others : { ...others, [keyOf(step)]: left };
}

function keyOf(step: Step): string {
  if ('field' in step) return `f:${step.field}`;
  if ('keys' in step) return `k:${JSON.stringify(step.keys)}`;
  return 'value' in step ? `v:${JSON.stringify(step.value)}` : `i:${step.index}`;
}

function valueAt(value: unknown, path: FieldPath): unknown {
  return path.reduce<unknown>((at, step) => {
    if (typeof at !== 'object' || at === null) return undefined;
    return 'field' in step ? (at as Json)[step.field] : (at as unknown[]).find((item) => isAt(step, item));
  }, value);
}

function isAt(step: Step, item: unknown): boolean {
  if ('value' in step) return item === step.value;
  if (!('keys' in step)) return false;
  return Object.entries(step.keys).every(([key, value]) => ((item as Json)[key] ?? 'TCP') === value);
}

/** Deep for maps; lists of named elements are merged by name, and others replaced. */
function merge(base: unknown, over: unknown): unknown {
  if (isNamedList(base) && isNamedList(over)) {
    const names = base.map(({ name }) => name);
    return [
      ...base.map((item) => merge(item, over.find(({ name }) => name === item['name']) ?? {})),
      ...over.filter(({ name }) => !names.includes(name)),
    ];
  }
  if (!isMap(base) || !isMap(over)) return over;
  const merged: Record<string, unknown> = { ...base };
  for (const [field, value] of Object.entries(over)) {
    if (value === undefined) delete merged[field];
    else merged[field] = merge(base[field], value);
  }
  return merged;
}

function isEqual(a: unknown, b: unknown): boolean {
  return a === b || (a !== undefined && b !== undefined && canonicalJson(a) === canonicalJson(b));
}

function isMap(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNamedList(value: unknown): value is readonly Json[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => isMap(item) && 'name' in item);
}
