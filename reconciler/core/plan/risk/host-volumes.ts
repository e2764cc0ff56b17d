import { record, records } from '../../kube/json.ts';
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

/** Volumes that `after` claims by name, and that are, or may be, a path of a node which nobody here has seen. */
export function unseenVolumes(
  after: KubeObject,
  before: KubeObject | undefined,
  context: RiskContext,
): readonly string[] {
  const had = new Set(before === undefined ? [] : claimedVolumes(before));
  return claimedVolumes(after).flatMap((name) => {
    const volume = { apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name } };
    if (had.has(name) || isDescribed(volume, context)) return [];
    const live = context.live.get(objectId(volume));
    const path = live === undefined ? undefined : hostPath(live);
    if (live !== undefined && path === undefined) return [];
    return [`PersistentVolume ${name}${path === undefined ? '' : `, host path ${path}`}`];
  });
}

function claimedVolumes(object: KubeObject): readonly string[] {
  const spec = record(object['spec']);
  const claims =
    object.kind === 'PersistentVolumeClaim'
      ? [spec]
      : [
          ...records(spec['volumeClaimTemplates']),
          ...records(podSpec(object)?.['volumes']).map((volume) =>
            record(record(volume['ephemeral'])['volumeClaimTemplate']),
          ),
        ].map((template) => record(template['spec']));
  return claims.flatMap(({ volumeName }) =>
    typeof volumeName === 'string' && volumeName !== '' ? [volumeName] : [],
  );
}
