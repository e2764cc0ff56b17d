import { IN_USE_FILE, PackagesInUse } from '../../../schemas/drivers/packages-in-use.ts';
import { listOf, type ServicesInUse } from '../drivers/packages-in-use.ts';
import { record } from '../kube/json.ts';
import { type KubeObject, objectId, type ObjectId } from '../kube/object.ts';
import type { DesiredObject } from './desired.ts';
import { type DistService, inUseName } from './dist-services.ts';

/** The ConfigMap beside what serves packages that says which ones it may not remove; what it says is not known yet. */
export function inUseObject({ namespace, dist }: { namespace: string; dist: string }): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: inUseName(dist), namespace } };
}

/** Whether it is such a ConfigMap that says something. */
export function isInUse({ kind, metadata, ...rest }: KubeObject): boolean {
  return (
    kind === 'ConfigMap' &&
    metadata.name.endsWith(inUseName('')) &&
    textOf({ kind, metadata, ...rest }) !== undefined
  );
}

/**
 * What the specs ask for, with what is in use in each of those ConfigMaps. Where it is not known, they stay as they are, and where only
 * a part of it is known, nothing that was in use before is let go.
 */
export function withPackagesInUse(
  desired: readonly DesiredObject[],
  services: ReadonlyMap<string, DistService>,
  live: ReadonlyMap<ObjectId, KubeObject>,
  inUse: ServicesInUse | undefined,
): readonly DesiredObject[] {
  const keys = keysOfDists(desired, services);
  return desired.map((each) => {
    const its = keys.get(each.id);
    if (its === undefined) return each;
    const before = live.get(each.id);
    const text = inUse === undefined ? textOf(before) : listed(its, before, inUse);
    return text === undefined ? each : { ...each, object: { ...each.object, data: { [IN_USE_FILE]: text } } };
  });
}

/** The ConfigMaps, by their ids, with the keys of all services that lead to the same packages. */
function keysOfDists(
  desired: readonly DesiredObject[],
  services: ReadonlyMap<string, DistService>,
): ReadonlyMap<ObjectId, readonly string[]> {
  const keys = new Map<ObjectId, string[]>();
  const add = (namespace: string, dist: string, key: string) => {
    const id = objectId(inUseObject({ namespace, dist }));
    keys.set(id, [...(keys.get(id) ?? []), key]);
  };
  for (const { key, namespace, served } of services.values()) {
    for (const dist of served) add(namespace, dist, key);
  }
  // Where no Service of the repository leads to a container, one of its name does that others keep.
  for (const { container } of desired) {
    if (container === undefined) continue;
    const { namespace, name } = container.metadata;
    add(namespace, name, `${namespace}/${name}`);
  }
  return keys;
}

function listed(keys: readonly string[], before: KubeObject | undefined, inUse: ServicesInUse): string {
  const digests = new Map<string, string>();
  const add = ({ file, sha256 }: PackagesInUse['packages'][number]) => {
    if (!digests.has(file)) digests.set(file, sha256);
  };
  for (const key of keys) inUse.packages.get(key)?.forEach(add);
  if (!inUse.isComplete) listIn(before).forEach(add);
  const list: PackagesInUse = { schemaVersion: 1, packages: [...listOf(digests)] };
  return `${JSON.stringify(list, null, 2)}\n`;
}

function textOf(object: KubeObject | undefined): string | undefined {
  const text = record(object?.['data'])[IN_USE_FILE];
  return typeof text === 'string' ? text : undefined;
}

function listIn(object: KubeObject | undefined): PackagesInUse['packages'] {
  try {
    return PackagesInUse.parse(JSON.parse(textOf(object) ?? '')).packages;
  } catch {
    return [];
  }
}
