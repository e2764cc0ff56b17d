import type { KubeObject } from '../kube/object.ts';
import { record, records } from '../kube/json.ts';
import { compare, type Difference, isAsPlanned, isNewZero } from './compare.ts';
import { formatPath } from './field-path.ts';
import { dataOfOthers } from './others.ts';

/** What to do about a field that the API server does not let anyone change. */
export interface Immutable {
  readonly verdict: 'replace' | 'refuse';
  /** One sentence, without the object's name. */
  readonly reason: string;
  /** It can be replaced once it has ended, as it will. */
  readonly passing?: true;
}

interface Rule {
  readonly paths: readonly string[];
  /** Fields below `paths` that may change all the same. */
  readonly except?: readonly string[];
  /** Fields below `paths` that may be set while they are not. */
  readonly once?: readonly string[];
  /** What is lost when the object is deleted and made again; absent where nothing is. */
  readonly loses?: string;
}

/** Fields that validation in Kubernetes 1.36 (`pkg/apis/…/validation`) keeps from changing, by kind. */
const RULES: Readonly<Record<string, Rule>> = {
  Pod: {
    paths: ['spec'],
    except: [
      'spec.containers.image',
      'spec.initContainers.image',
      'spec.activeDeadlineSeconds',
      'spec.tolerations',
      'spec.schedulingGates',
    ],
    loses: 'what runs in it would stop',
  },
  Deployment: { paths: ['spec.selector'], loses: 'its pods would stop' },
  DaemonSet: { paths: ['spec.selector'], loses: 'its pods would stop' },
  StatefulSet: {
    paths: ['spec'],
    except: [
      'spec.replicas',
      'spec.template',
      'spec.updateStrategy',
      'spec.minReadySeconds',
      'spec.ordinals',
      'spec.revisionHistoryLimit',
      'spec.persistentVolumeClaimRetentionPolicy',
    ],
    loses: 'its pods would stop',
  },
  PersistentVolumeClaim: {
    paths: ['spec'],
    except: ['spec.resources', 'spec.volumeAttributesClassName'],
    once: ['spec.volumeName'],
    loses: 'its data could be lost',
  },
  PersistentVolume: {
    paths: ['spec.csi', 'spec.hostPath', 'spec.local', 'spec.nfs', 'spec.volumeMode', 'spec.nodeAffinity'],
    once: ['spec.nodeAffinity', 'spec.csi.controllerExpandSecretRef'],
    loses: 'its data could be lost',
  },
  Service: {
    paths: ['spec.clusterIP', 'spec.clusterIPs'],
    once: ['spec.clusterIP', 'spec.clusterIPs'],
    loses: 'its address would change',
  },
  CSIDriver: {
    paths: ['spec.attachRequired', 'spec.volumeLifecycleModes'],
    loses: 'mounts would fail meanwhile',
  },
  StorageClass: { paths: ['provisioner', 'parameters', 'reclaimPolicy', 'volumeBindingMode'] },
  PriorityClass: { paths: ['value', 'preemptionPolicy'] },
  RoleBinding: { paths: ['roleRef'] },
  ClusterRoleBinding: { paths: ['roleRef'] },
  Secret: { paths: ['type'] },
};

const JOB_PATHS = [
  'spec.template',
  'spec.selector',
  'spec.completions',
  'spec.completionMode',
  'spec.podFailurePolicy',
  'spec.successPolicy',
  'spec.backoffLimitPerIndex',
  'spec.managedBy',
];

/** Whether `differences` of `desired` ask for something that cannot be changed in place, and what follows. */
export function immutable(
  desired: KubeObject,
  live: KubeObject,
  differences: readonly Difference[],
): Immutable | undefined {
  const verdict = byRule(live, differences);
  const others = verdict?.verdict === 'replace' ? dataOfOthers(live, desired) : [];
  if (verdict === undefined || others.length === 0) return verdict;
  const reason = `${verdict.reason}, and if it were deleted and made again, data that ${others.join(', ')} set would be lost`;
  return { verdict: 'refuse', reason };
}

function byRule(live: KubeObject, differences: readonly Difference[]): Immutable | undefined {
  // Where it is none to the API server it takes it, and elsewhere it says itself that it cannot be changed.
  const places = differences
    .filter((difference) => !isNewZero(difference) || isEntry(difference))
    .map(({ path, from }) => ({
      path: formatPath(path),
      // Which element of a list it is does not matter to the rules.
      plain: formatPath(path.filter((step) => 'field' in step)),
      unset: from === undefined,
    }));
  if ((live.kind === 'ConfigMap' || live.kind === 'Secret') && live['immutable'] === true) {
    const content = places.find(({ plain }) => !isWithin(plain, 'metadata'));
    if (content !== undefined)
      return { verdict: 'replace', reason: `It is marked immutable, and ${content.path} changes` };
  }
  if (live.kind === 'Job') return jobVerdict(live, places);
  const rule = RULES[live.kind];
  const place = rule && places.find((candidate) => isFixed(candidate, rule));
  if (rule === undefined || place === undefined) return undefined;
  return rule.loses === undefined
    ? { verdict: 'replace', reason: `${place.path} cannot be changed in place` }
    : {
        verdict: 'refuse',
        reason: `${place.path} cannot be changed in place, and if it were deleted and made again, ${rule.loses}`,
      };
}

/** Whether it is one of many texts, of which an empty one is there like any other. */
function isEntry({ path: [map, key] }: Difference): boolean {
  return key !== undefined && map !== undefined && 'field' in map && TEXTS.has(map.field);
}

const TEXTS: ReadonlySet<string> = new Set(['data', 'binaryData', 'parameters']);

/** Whether `now` asks for the replacement that was planned: a job that runs again meanwhile does not. */
export function isReplaceable(desired: KubeObject, planned: KubeObject, now: KubeObject): boolean {
  return (
    isAsPlanned(desired, planned, now) &&
    immutable(desired, now, compare(desired, now))?.verdict === 'replace'
  );
}

interface Place {
  readonly path: string;
  readonly plain: string;
  readonly unset: boolean;
}

/** A Job that has ended may run again under its new template; one that has not is not cut short. */
function jobVerdict(live: KubeObject, places: readonly Place[]): Immutable | undefined {
  const place = places.find(({ plain }) => JOB_PATHS.some((fixed) => isWithin(plain, fixed)));
  if (place === undefined) return undefined;
  if (hasEnded(live))
    return { verdict: 'replace', reason: `${place.path} cannot be changed in place; the job runs again` };
  const reason = `${place.path} cannot be changed before the job has ended`;
  return { verdict: 'refuse', reason, passing: true };
}

/** A job between two pods has none active, so only its own word that it has ended counts. */
function hasEnded(job: KubeObject): boolean {
  return records(record(job['status'])['conditions']).some(
    ({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True',
  );
}

function isFixed({ plain, unset }: Place, rule: Rule): boolean {
  const within = (paths: readonly string[] = []) => paths.some((path) => isWithin(plain, path));
  return within(rule.paths) && !within(rule.except) && !(unset && within(rule.once));
}

function isWithin(path: string, parent: string): boolean {
  return path === parent || path.startsWith(`${parent}.`) || path.startsWith(`${parent}[`);
}
