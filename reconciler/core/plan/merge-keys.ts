import { isRecord } from '../kube/json.ts';
import { type FieldPath, formatPath, lastField, type Step } from './field-path.ts';

/**
 * Lists that the API server merges by key (`x-kubernetes-list-map-keys` in the OpenAPI description of Kubernetes 1.36),
 * by the name of the field. Where one name stands for several lists, the first keys that fit the elements hold.
 */
const KEYS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  containers: [['name']],
  initContainers: [['name']],
  ephemeralContainers: [['name']],
  volumes: [['name']],
  env: [['name']],
  imagePullSecrets: [['name']],
  secrets: [['name']],
  schedulingGates: [['name']],
  resourceClaims: [['name']],
  claims: [['name']],
  matchConditions: [['name']],
  variables: [['name']],
  webhooks: [['name']],
  ports: [
    ['containerPort', 'protocol'],
    ['port', 'protocol'],
  ],
  volumeMounts: [['mountPath']],
  volumeDevices: [['devicePath']],
  hostAliases: [['ip']],
  topologySpreadConstraints: [['topologyKey', 'whenUnsatisfiable']],
  ownerReferences: [['uid']],
};

/** Lists that the API server merges value by value. */
const SETS = new Set(['finalizers', 'volumeLifecycleModes', 'validationActions']);

/** Lists that are replaced as a whole, although their name is one of a merged list elsewhere: ServiceAccount's, Namespace's. */
const ATOMIC_LISTS = new Set(['imagePullSecrets', 'spec.finalizers']);

/** Keyed lists whose order means something: what starts or is worked out first. The others are merged in any order. */
const ORDERED = new Set(['initContainers', 'env', 'variables']);

/** Maps that the API server replaces as a whole (`x-kubernetes-map-type: atomic`), by the name of the field. */
const ATOMIC_MAPS = new Set([
  'selector',
  'nodeSelector',
  'labelSelector',
  'podSelector',
  'namespaceSelector',
  'objectSelector',
  'requiredDuringSchedulingIgnoredDuringExecution',
  'required',
  'configMapKeyRef',
  'secretKeyRef',
  'fieldRef',
  'fileKeyRef',
  'resourceFieldRef',
  'secretRef',
  'nodePublishSecretRef',
  'nodeStageSecretRef',
  'nodeExpandSecretRef',
  'controllerPublishSecretRef',
  'controllerExpandSecretRef',
  'dataSource',
  'resource',
  'port',
  'roleRef',
  'matchConstraints',
  'matchResources',
  'paramKind',
  'paramRef',
]);

/** Keys that the API server fills in before it looks an element up. */
export const KEY_DEFAULTS: Readonly<Record<string, string>> = { protocol: 'TCP' };

function keyIn(item: Readonly<Record<string, unknown>>, key: string): unknown {
  const value = item[key];
  return value === undefined || value === '' ? (KEY_DEFAULTS[key] ?? value) : value;
}

export interface Keyed {
  readonly step: Step;
  readonly element: unknown;
}

/** Whether the map at `path` is replaced as a whole. */
export function isAtomicMap(path: FieldPath): boolean {
  return ATOMIC_MAPS.has(lastField(path));
}

/** Whether a change of nothing but the order of the list at `path` is a change. */
export function isOrdered(path: FieldPath): boolean {
  return ORDERED.has(lastField(path));
}

/**
 * The elements of the list at `path` by their key or value, in order; undefined where the list is replaced as a
 * whole, or where its elements do not carry their keys or repeat them.
 */
export function keyedElements(
  path: FieldPath,
  list: readonly unknown[],
): ReadonlyMap<string, Keyed> | undefined {
  const field = lastField(path);
  if (path.length <= 2 && ATOMIC_LISTS.has(formatPath(path))) return undefined;
  if (SETS.has(field)) return byValue(list);
  for (const keys of KEYS[field] ?? []) {
    const found = byKeys(keys, list);
    if (found !== undefined) return found;
  }
  return undefined;
}

function byValue(list: readonly unknown[]): ReadonlyMap<string, Keyed> | undefined {
  const elements = new Map<string, Keyed>();
  for (const value of list) {
    if (typeof value !== 'string') return undefined;
    elements.set(value, { step: { value }, element: value });
  }
  return elements;
}

function byKeys(keys: readonly string[], list: readonly unknown[]): ReadonlyMap<string, Keyed> | undefined {
  const elements = new Map<string, Keyed>();
  for (const item of list) {
    if (!isRecord(item)) return undefined;
    const values: Record<string, string | number | boolean> = {};
    for (const key of keys) {
      const value = keyIn(item, key);
      if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
        return undefined;
      values[key] = value;
    }
    const id = JSON.stringify(values);
    if (elements.has(id)) return undefined;
    elements.set(id, { step: { keys: values }, element: item });
  }
  return elements;
}
