import { units } from '../facts/amounts.ts';
import { isRecord, record, records } from '../kube/json.ts';
import type { KubeObject } from '../kube/object.ts';
import { selects } from '../placement/label-selector.ts';
import { bothTerms, type NodeTerm } from '../placement/node-terms.ts';

/** Volumes and their classes, those that are there and those that are asked for. */
export interface Storage {
  readonly volumes: readonly KubeObject[];
  readonly classes: readonly KubeObject[];
}

/** What is not settled yet about the volumes of a pod, and comes by itself. */
export interface VolumeToCome {
  readonly why: string;
}

/** Names of the claims that a pod mounts. */
export function claimsOf(pod: KubeObject): readonly string[] {
  return records(record(pod['spec'])['volumes']).flatMap((volume) => {
    const { claimName } = record(volume['persistentVolumeClaim']);
    return typeof claimName === 'string' ? [claimName] : [];
  });
}

/**
 * The nodes from which the volumes of a pod can be reached, as terms that hold together, none where any node would do; or
 * why that is not settled yet, as a text where a person has to do something. A pod is pinned to its node, so the scheduler could not look for another one.
 */
export function volumeTerms(
  pod: KubeObject,
  claimOf: (name: string) => KubeObject | undefined,
  storage: Storage,
): readonly NodeTerm[] | string | VolumeToCome {
  let terms: readonly NodeTerm[] = [];
  for (const name of claimsOf(pod)) {
    const claim = claimOf(name);
    if (claim === undefined) return `Its claim ${name} does not exist`;
    const these = claimTerms(claim, storage);
    if (typeof these === 'string' || 'why' in these) return these;
    terms = bothTerms(terms, these);
  }
  return terms;
}

function claimTerms(
  claim: KubeObject,
  { volumes, classes }: Storage,
): readonly NodeTerm[] | string | VolumeToCome {
  const { name } = claim.metadata;
  const { volumeName } = record(claim['spec']);
  if (typeof volumeName === 'string' && volumeName !== '') {
    const volume = volumes.find(({ metadata }) => metadata.name === volumeName);
    return volume === undefined
      ? `The volume ${volumeName} of its claim ${name} does not exist`
      : volumeNodes(volume);
  }
  const free = volumesBefore(claim, { volumes, classes });
  if (free !== undefined) {
    if (free.length === 0) return `No volume is free for its claim ${name}`;
    const nodes = free.map(volumeNodes);
    return nodes.some((each) => each.length === 0) ? [] : nodes.flat();
  }
  const itsClass = record(classOf(claim, classes));
  if (itsClass['volumeBindingMode'] !== 'WaitForFirstConsumer') {
    return { why: `Its claim ${name} has no volume yet, and where that is decides on which nodes it can be` };
  }
  return records(itsClass['allowedTopologies']).map(({ matchLabelExpressions }) => ({
    matchExpressions: records(matchLabelExpressions).map(({ key, values }) => ({
      key: String(key),
      operator: 'In',
      values: Array.isArray(values) ? values.map(String) : [],
    })),
  }));
}

/** The class of a claim: the default one where it names none. */
function classOf(claim: KubeObject, classes: readonly KubeObject[]): KubeObject | undefined {
  const { storageClassName } = record(claim['spec']);
  return classes.find(({ metadata }) =>
    storageClassName === undefined
      ? metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true'
      : metadata.name === storageClassName,
  );
}

/** The volumes that are there, and that a claim which names none of them may be bound to. */
export function volumesFor(claim: KubeObject, { volumes, classes }: Storage): readonly KubeObject[] {
  const className = classOf(claim, classes)?.metadata.name ?? record(claim['spec'])['storageClassName'];
  return volumes.filter((volume) => isFor(volume, claim, className));
}

/** Those among which a claim gets its volume; undefined where it has one, or one is made for it. */
export function volumesBefore(claim: KubeObject, storage: Storage): readonly KubeObject[] | undefined {
  const { volumeName } = record(claim['spec']);
  if (typeof volumeName === 'string' && volumeName !== '') return undefined;
  const itsClass = classOf(claim, storage.classes);
  // Volumes of a class that makes none are there before.
  const isMade = itsClass !== undefined && itsClass['provisioner'] !== 'kubernetes.io/no-provisioner';
  return isMade ? undefined : volumesFor(claim, storage);
}

export function volumeNodes(volume: KubeObject): readonly NodeTerm[] {
  const { required } = record(record(volume['spec'])['nodeAffinity']);
  return records(record(required)['nodeSelectorTerms']);
}

/** Whether the volume controller may bind a volume to a claim (k8s.io/component-helpers/storage/volume). */
function isFor(volume: KubeObject, claim: KubeObject, className: unknown): boolean {
  const has = record(volume['spec']);
  const asks = record(claim['spec']);
  const { namespace, name, uid } = claim.metadata;
  if ((has['storageClassName'] ?? '') !== (className ?? '')) return false;
  if (isRecord(has['claimRef'])) {
    const { claimRef } = has;
    if (claimRef['namespace'] !== namespace || claimRef['name'] !== name) return false;
    if (claimRef['uid'] !== undefined && claimRef['uid'] !== uid) return false;
  }
  const modes = Array.isArray(has['accessModes']) ? has['accessModes'] : [];
  if (Array.isArray(asks['accessModes']) && !asks['accessModes'].every((mode) => modes.includes(mode)))
    return false;
  if ((has['volumeMode'] ?? 'Filesystem') !== (asks['volumeMode'] ?? 'Filesystem')) return false;
  if (isRecord(asks['selector']) && !selects(asks['selector'], volume.metadata.labels ?? {})) return false;
  const size = record(has['capacity'])['storage'];
  return units(size) >= units(record(record(asks['resources'])['requests'])['storage']);
}
