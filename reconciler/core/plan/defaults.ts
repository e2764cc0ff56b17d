import { isRecord } from '../kube/json.ts';
import type { Addition } from './additions.ts';
import { type FieldPath, lastField } from './field-path.ts';
import type { KubeObject } from '../kube/object.ts';
import { keyedElements } from './merge-keys.ts';
import { sameResource } from './quantity.ts';
import { isEmpty, sameValue } from './values.ts';

/**
 * What Kubernetes 1.36 itself fills in (`pkg/apis/…/defaults.go` and `pkg/registry`), by the name of the field. No
 * admission is needed for these, so they tell nothing of the cluster.
 */
const DEFAULTS: Readonly<Record<string, readonly unknown[]>> = {
  allocateLoadBalancerNodePorts: [true],
  apiGroup: ['rbac.authorization.k8s.io'],
  apiVersion: ['v1'],
  attachRequired: [true],
  backoffLimit: [6, 2_147_483_647],
  completionMode: ['NonIndexed'],
  completions: [1],
  concurrencyPolicy: ['Allow'],
  defaultMode: [420],
  dnsPolicy: ['ClusterFirst'],
  enableServiceLinks: [true],
  expirationSeconds: [3600],
  externalTrafficPolicy: ['Cluster'],
  failedJobsHistoryLimit: [1],
  failurePolicy: ['Fail'],
  failureThreshold: [3],
  finalizers: [['kubernetes'], ['kubernetes.io/pv-protection'], ['kubernetes.io/pvc-protection']],
  fsGroupPolicy: ['ReadWriteOnceWithFSType'],
  fsType: ['ext4'],
  imagePullPolicy: ['IfNotPresent', 'Always'],
  internalTrafficPolicy: ['Cluster'],
  kind: ['PersistentVolumeClaim'],
  manualSelector: [false],
  matchPolicy: ['Equivalent'],
  maxSurge: ['25%', 0],
  maxUnavailable: ['25%', 1, 0],
  parallelism: [1],
  partition: [0],
  path: ['/'],
  periodSeconds: [10],
  persistentVolumeReclaimPolicy: ['Retain', 'Delete'],
  phase: ['Pending'],
  podInfoOnMount: [false],
  podManagementPolicy: ['OrderedReady'],
  podReplacementPolicy: ['TerminatingOrFailed', 'Failed'],
  port: [443],
  preemptionPolicy: ['PreemptLowerPriority'],
  priority: [0],
  progressDeadlineSeconds: [600],
  protocol: ['TCP'],
  reclaimPolicy: ['Delete'],
  reinvocationPolicy: ['Never'],
  replicas: [1],
  requiresRepublish: [false],
  restartPolicy: ['Always'],
  revisionHistoryLimit: [10],
  rules: [null],
  schedulerName: ['default-scheduler'],
  scheme: ['HTTP'],
  scope: ['*'],
  seLinuxMount: [false],
  sessionAffinity: ['None'],
  storageCapacity: [false],
  successThreshold: [1],
  successfulJobsHistoryLimit: [3],
  suspend: [false],
  terminationGracePeriodSeconds: [30],
  terminationMessagePath: ['/dev/termination-log'],
  terminationMessagePolicy: ['File'],
  timeoutSeconds: [1, 10, 10_800],
  type: ['', 'Opaque', 'ClusterIP', 'RollingUpdate'],
  volumeBindingMode: ['Immediate'],
  volumeLifecycleModes: [['Persistent']],
  volumeMode: ['Filesystem'],
  whenDeleted: ['Retain'],
  whenScaled: ['Retain'],
};

/** What the server allots or derives, and another time otherwise: the value says nothing. */
const ALLOTTED: ReadonlySet<string> = new Set([
  'batch.kubernetes.io/controller-uid',
  'batch.kubernetes.io/job-name',
  'clusterIP',
  'clusterIPs',
  'controller-uid',
  'deprecated.daemonset.template.generation',
  'healthCheckNodePort',
  'ipFamilies',
  'ipFamilyPolicy',
  'job-name',
  'kubernetes.io/metadata.name',
  'nodePort',
  'policyTypes',
]);

/** A field that says the same as another one, by the name of that. */
const COPIES: Readonly<Record<string, string>> = {
  serviceAccount: 'serviceAccountName',
  serviceAccountName: 'serviceAccount',
  targetPort: 'port',
  hostPort: 'containerPort',
  dataSourceRef: 'dataSource',
  dataSource: 'dataSourceRef',
};

/** Whether it is what Kubernetes fills in of itself, and not what admission in this cluster makes of `desired`. */
export function isDefault({ path, from, to }: Addition, desired: KubeObject): boolean {
  if (from !== undefined || to === undefined) return false;
  const last = path.at(-1);
  // The default of a list is told item by item.
  if (last !== undefined && ('value' in last || 'index' in last))
    return isDefault({ path: path.slice(0, -1), to: [to] }, desired);
  const field = lastField(path);
  if (ALLOTTED.has(field) || isEmpty(to)) return true;
  if (DEFAULTS[field]?.some((value) => sameValue(value, to)) === true) return true;
  const parent = path.slice(0, -1);
  if (lastField(parent) === 'requests') {
    const limit = valueAt(desired, [...parent.slice(0, -1), { field: 'limits' }, { field }]);
    return limit !== undefined && sameResource(limit, to);
  }
  // Of a copied map the fields are told one by one.
  return path.some((step, at) => {
    const original = 'field' in step ? COPIES[step.field] : undefined;
    if (original === undefined) return false;
    const rest = path.slice(at + 1);
    return sameValue(valueAt(desired, [...path.slice(0, at), { field: original }, ...rest]), to);
  });
}

function valueAt(object: unknown, path: FieldPath): unknown {
  let value = object;
  for (const [depth, step] of path.entries()) {
    if ('field' in step) value = isRecord(value) ? value[step.field] : undefined;
    else if (!Array.isArray(value)) return undefined;
    else if ('index' in step) value = value[step.index];
    else {
      const key = 'keys' in step ? JSON.stringify(step.keys) : step.value;
      value = keyedElements(path.slice(0, depth), value)?.get(key)?.element;
    }
  }
  return value;
}
