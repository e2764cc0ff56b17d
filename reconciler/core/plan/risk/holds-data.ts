import { record, records } from '../../kube/json.ts';
import type { KubeObject, ObjectId } from '../../kube/object.ts';
import { dataOfOthers } from '../others.ts';
import { at, type Deed, named, type RiskContext } from './deed.ts';

/** What data goes when the object of `deed` is deleted, be it made again or not; undefined where none does. */
export function dataGone({ op, before, after }: Deed, { live }: RiskContext): string | undefined {
  if (before === undefined || (op !== 'prune' && op !== 'replace')) return undefined;
  switch (before.kind) {
    case 'Namespace':
      return `${named(before)} and every object in it`;
    case 'PersistentVolume':
      return volumeWords(before);
    case 'PersistentVolumeClaim':
      return claimWords(before, live);
    case 'StatefulSet': {
      const claims = claimTemplates(before);
      const goes = at(before, 'spec.persistentVolumeClaimRetentionPolicy.whenDeleted') === 'Delete';
      return goes && claims.length > 0 ? `claims ${claims.join(', ')} of ${named(before)}` : undefined;
    }
    case 'ConfigMap':
    case 'Secret': {
      const others = dataOfOthers(before, after);
      return others.length > 0 ? `data of ${named(before)} that ${others.join(', ')} set` : undefined;
    }
    default:
      return undefined;
  }
}

/** Names of the templates from which a StatefulSet makes a claim for each of its pods. */
export function claimTemplates(statefulSet: KubeObject): readonly string[] {
  return records(record(statefulSet['spec'])['volumeClaimTemplates']).map((template) =>
    String(record(template['metadata'])['name']),
  );
}

/** A volume that is retained outlives its object: its storage can be described again. */
function volumeWords(volume: KubeObject): string | undefined {
  return at(volume, 'spec.persistentVolumeReclaimPolicy') === 'Delete'
    ? `${named(volume)}, reclaim policy Delete`
    : undefined;
}

/** A claim that was never bound holds nothing. Of a volume that was not read the worst is expected. */
function claimWords(claim: KubeObject, live: RiskContext['live']): string | undefined {
  const volume = at(claim, 'spec.volumeName');
  if (typeof volume !== 'string' || volume === '') return undefined;
  const found = live.get(`v1/PersistentVolume/${volume}` as ObjectId);
  const policy = found === undefined ? 'unknown' : at(found, 'spec.persistentVolumeReclaimPolicy');
  return policy === 'Retain'
    ? undefined
    : `${named(claim)} with volume ${volume}, reclaim policy ${String(policy)}`;
}
