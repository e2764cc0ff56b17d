import type { KubeObject } from '../kube/object.ts';
import { record } from '../kube/json.ts';
import type { Difference } from './compare.ts';
import { formatPath } from './field-path.ts';

/** What to do about a field that the API server does not let anyone change. */
export interface Immutable {
  readonly verdict: 'replace' | 'refuse';
  /** One sentence, without the object's name. */
  readonly reason: string;
}

interface Rule {
  readonly paths: readonly string[];
  /** Fields below `paths` that may change all the same. */
  readonly except?: readonly string[];
  /** What is lost when the object is deleted and made again; absent where nothing is. */
  readonly loses?: string;
}

/** Fields that validation in Kubernetes 1.36 (`pkg/apis/…/validation`) keeps from changing, by kind. */
const RULES: Readonly<Record<string, Rule>> = {
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
    loses: 'its data could be lost',
  },
  PersistentVolume: {
    paths: ['spec.csi', 'spec.hostPath', 'spec.local', 'spec.nfs', 'spec.volumeMode', 'spec.nodeAffinity'],
    loses: 'its data could be lost',
  },
  Service: { paths: ['spec.clusterIP', 'spec.clusterIPs'], loses: 'its address would change' },
  CSIDriver: { paths: ['spec.attachRequired', 'spec.fsGroupPolicy'], loses: 'mounts would fail meanwhile' },
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
];

/** Whether `differences` ask for something that cannot be changed in place, and what follows. */
export function immutable(live: KubeObject, differences: readonly Difference[]): Immutable | undefined {
  const paths = differences.map((difference) => formatPath(difference.path));
  if ((live.kind === 'ConfigMap' || live.kind === 'Secret') && live['immutable'] === true) {
    const content = paths.find((path) => !isWithin(path, 'metadata'));
    if (content !== undefined)
      return { verdict: 'replace', reason: `It is marked immutable, and ${content} changes` };
  }
  if (live.kind === 'Job') return jobVerdict(live, paths);
  const rule = RULES[live.kind];
  const path = rule && paths.find((candidate) => isFixed(candidate, rule));
  if (rule === undefined || path === undefined) return undefined;
  return rule.loses === undefined
    ? { verdict: 'replace', reason: `${path} cannot be changed in place` }
    : {
        verdict: 'refuse',
        reason: `${path} cannot be changed in place, and if it were deleted and made again, ${rule.loses}`,
      };
}

/** A Job that has ended may run again under its new template; one that still runs is not cut short. */
function jobVerdict(live: KubeObject, paths: readonly string[]): Immutable | undefined {
  const path = paths.find((candidate) => JOB_PATHS.some((fixed) => isWithin(candidate, fixed)));
  if (path === undefined) return undefined;
  const active = record(live['status'])['active'];
  return typeof active === 'number' && active > 0
    ? { verdict: 'refuse', reason: `${path} cannot be changed while the job runs` }
    : { verdict: 'replace', reason: `${path} cannot be changed in place; the job runs again` };
}

function isFixed(path: string, rule: Rule): boolean {
  return (
    rule.paths.some((fixed) => isWithin(path, fixed)) &&
    !(rule.except ?? []).some((free) => isWithin(path, free))
  );
}

function isWithin(path: string, parent: string): boolean {
  return path === parent || path.startsWith(`${parent}.`) || path.startsWith(`${parent}[`);
}
