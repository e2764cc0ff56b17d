import { type Storage, volumesFor } from '../../desired/volume-terms.ts';
import { canonicalJson } from '../../kube/hash.ts';
import { isRecord, record, records } from '../../kube/json.ts';
import { type KubeObject, objectId } from '../../kube/object.ts';
import { podSpec } from '../../kube/references.ts';
import { isAppliedByUs } from '../managed-fields.ts';
import { at, type RiskContext } from './deed.ts';
import { isDescribed } from './described.ts';

/**
 * The folder of a node that is made for the packages of drivers, and holds nothing of the node itself. None below it is: who writes
 * into it can put a link there that leads anywhere.
 */
const DRIVER_PACKAGES = '/var/lib/weka-driver-packages';

/** The path of a node that whoever claims the volume `after` gets, and nobody by consent to the one before. */
export function volumePath(after: KubeObject, before: KubeObject | undefined): string | undefined {
  const path = hostPath(after);
  const isKnown = before !== undefined && isAppliedByUs(before) && hostPath(before) === path;
  return isKnown ? undefined : path;
}

function hostPath(volume: KubeObject): string | undefined {
  const local = at(volume, 'spec.local.path');
  const path = at(volume, 'spec.hostPath.path') ?? (local === DRIVER_PACKAGES ? undefined : local);
  return typeof path === 'string' ? path : undefined;
}

/** Volumes that `after` claims, and that are, or may be, a path of a node which nobody here has seen. */
export function unseenVolumes(
  after: KubeObject,
  before: KubeObject | undefined,
  context: RiskContext,
): readonly string[] {
  const had = new Set((before === undefined ? [] : claimsIn(before)).map(volumeName));
  const byName = claimsIn(after).flatMap((claim) => {
    const name = volumeName(claim);
    return name === undefined || had.has(name) ? [] : unseen(name, context);
  });
  const byClass = claimsByClass(after, before).flatMap((claim) => unseenOfClass(claim, context));
  return [...new Set([...byName, ...byClass])];
}

function unseen(name: string, context: RiskContext): readonly string[] {
  const volume = { apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name } };
  if (isDescribed(volume, context)) return [];
  const live = context.live.get(objectId(volume));
  const path = live === undefined ? undefined : hostPath(live);
  if (live !== undefined && path === undefined) return [];
  return [`PersistentVolume ${name}${path === undefined ? '' : `, host path ${path}`}`];
}

/** Whoever names a class alone gets whichever volume of it is free. */
function unseenOfClass(claim: KubeObject, context: RiskContext): readonly string[] {
  const { storage } = context;
  if (storage === undefined) return [];
  if ('why' in storage)
    return [`any PersistentVolume that fits, since these cannot be looked at: ${storage.why}`];
  return free(claim, storage).flatMap((volume) => {
    const path = hostPath(volume);
    if (path === undefined || isDescribed(volume, context)) return [];
    return [`PersistentVolume ${volume.metadata.name}, host path ${path}`];
  });
}

/** The volumes that a claim may be bound to, those among them that somebody has set aside for it. */
function free(claim: KubeObject, storage: Storage): readonly KubeObject[] {
  const { name } = claim.metadata;
  if (!name.endsWith('-')) return volumesFor(claim, storage);
  return storage.volumes.filter((volume) => {
    const reserved = at(volume, 'spec.claimRef.name');
    const metadata = { ...claim.metadata, name: String(reserved).startsWith(name) ? String(reserved) : name };
    return volumesFor({ ...claim, metadata }, { ...storage, volumes: [volume] }).length > 0;
  });
}

/** Claims of `after` that name no volume, and that `before` does not make. */
export function claimsByClass(after: KubeObject, before: KubeObject | undefined): readonly KubeObject[] {
  const open = claimsIn(after).filter((claim) => volumeName(claim) === undefined);
  if (open.length === 0 || before === undefined) return open;
  // One that is there has its volume, or waits for what it has asked for already.
  if (before.kind === 'PersistentVolumeClaim') return [];
  const asked = ({ metadata, spec }: KubeObject) => {
    const { storageClassName, selector } = record(spec);
    return canonicalJson([metadata.name, storageClassName ?? null, selector ?? null]);
  };
  const had = new Set(claimsIn(before).map(asked));
  return open.filter((claim) => !had.has(asked(claim)));
}

/** The claims that an object is or makes; the name of one of many that a StatefulSet makes ends with `-`. */
function claimsIn(object: KubeObject): readonly KubeObject[] {
  const spec = record(object['spec']);
  if (object.kind === 'PersistentVolumeClaim') return [object];
  const templates = [
    ...records(spec['volumeClaimTemplates']).map((template) => [
      template,
      `${String(record(template['metadata'])['name'])}-${object.metadata.name}-`,
    ]),
    ...records(podSpec(object)?.['volumes']).flatMap((volume) => {
      const template = record(volume['ephemeral'])['volumeClaimTemplate'];
      return isRecord(template) ? [[template, volume['name']]] : [];
    }),
  ];
  return templates.map(([template, name]) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: String(name), namespace: object.metadata.namespace ?? '' },
    spec: record(record(template)['spec']),
  }));
}

function volumeName(claim: KubeObject): string | undefined {
  const { volumeName: name } = record(claim['spec']);
  return typeof name === 'string' && name !== '' ? name : undefined;
}
