import { isRecord } from '../kube/json.ts';
import type { Step } from './field-path.ts';

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
  claims: [['name', 'request'], ['name']],
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
  conditions: [['type']],
  ownerReferences: [['uid']],
};

/** Keys that the API server fills in before it looks an element up. */
const DEFAULTS: Readonly<Record<string, string>> = { protocol: 'TCP' };

/** Lists below these fields are replaced as a whole, although their name is one of a keyed list elsewhere. */
const ATOMIC_PARENTS = new Set(['ingress', 'egress']);

type Element = Readonly<Record<string, unknown>>;

/**
 * The elements of a keyed list by their key, in order; undefined where the list is replaced as a whole, or where its
 * elements do not carry their keys or repeat them.
 */
export function keyedElements(
  field: string,
  parents: readonly Step[],
  list: readonly unknown[],
): ReadonlyMap<string, { readonly step: Step; readonly element: Element }> | undefined {
  if (parents.some((step) => 'field' in step && ATOMIC_PARENTS.has(step.field))) return undefined;
  for (const keys of KEYS[field] ?? []) {
    const found = byKeys(keys, list);
    if (found !== undefined) return found;
  }
  return undefined;
}

function byKeys(
  keys: readonly string[],
  list: readonly unknown[],
): ReadonlyMap<string, { readonly step: Step; readonly element: Element }> | undefined {
  const elements = new Map<string, { step: Step; element: Element }>();
  for (const item of list) {
    if (!isRecord(item)) return undefined;
    const values: Record<string, string | number | boolean> = {};
    for (const key of keys) {
      const value = item[key] ?? DEFAULTS[key];
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
