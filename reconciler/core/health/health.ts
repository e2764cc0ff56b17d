import { type GroupKind, groupKind, type KubeObject } from '../kube/object.ts';
import { condition, current, failed, messageOf, numberAt, progressing, status } from './fields.ts';
import { jobHealth } from './job.ts';
import { ingressHealth, podDisruptionBudgetHealth, serviceHealth } from './network.ts';
import { podHealth } from './pod.ts';
import { claimHealth, volumeHealth } from './volume.ts';
import { daemonSetHealth, deploymentHealth, statefulSetHealth } from './workload.ts';

/** Whether a live object works, in kstatus's sense. */
export interface Health {
  readonly state: 'current' | 'progressing' | 'failed' | 'missing';
  /** One short sentence: `3 of 4 replicas are ready`. */
  readonly message: string;
}

const BY_KIND: Readonly<Record<string, (object: KubeObject) => Health>> = {
  'Deployment.apps': deploymentHealth,
  'DaemonSet.apps': daemonSetHealth,
  'StatefulSet.apps': statefulSetHealth,
  'Job.batch': jobHealth,
  // Its last run is the Job's matter, and a time here would change without anything else having changed.
  'CronJob.batch': ({ spec }) =>
    current(
      (spec as { suspend?: unknown } | undefined)?.suspend === true ? 'It is suspended' : 'It is scheduled',
    ),
  Pod: podHealth,
  PersistentVolumeClaim: claimHealth,
  PersistentVolume: volumeHealth,
  Service: serviceHealth,
  'Ingress.networking.k8s.io': ingressHealth,
  'PodDisruptionBudget.policy': podDisruptionBudgetHealth,
} satisfies Readonly<Record<string, (object: KubeObject) => Health>>;

/** How `object` does, told from what the cluster says of it. A kind without a status is well once it exists. */
export function healthOf(object: KubeObject): Health {
  return terminating(object) ?? unseen(object) ?? stalled(object) ?? ofKind(object);
}

function ofKind(object: KubeObject): Health {
  const kind: GroupKind = groupKind(object);
  const known = Object.hasOwn(BY_KIND, kind) ? BY_KIND[kind] : undefined;
  if (known !== undefined) return known(object);
  const ready = condition(object, 'Ready');
  return ready === undefined || ready.status === 'True'
    ? current('It exists')
    : progressing(messageOf(ready, 'It is not ready'));
}

function terminating(object: KubeObject): Health | undefined {
  if (object.metadata.deletionTimestamp === undefined) return undefined;
  // A namespace says what keeps it; of the rest the finalizers tell.
  const remains = [
    'NamespaceDeletionContentFailure',
    'NamespaceContentRemaining',
    'NamespaceFinalizersRemaining',
  ]
    .map((type) => condition(object, type))
    .find((found) => found?.status === 'True');
  if (remains !== undefined) return progressing(`It is being deleted: ${messageOf(remains, remains.type)}`);
  const { finalizers = [] } = object.metadata;
  return progressing(
    finalizers.length === 0
      ? 'It is being deleted'
      : `It is being deleted, and waits for ${finalizers.join(', ')}`,
  );
}

function unseen(object: KubeObject): Health | undefined {
  const observed = numberAt(status(object), 'observedGeneration');
  const { generation } = object.metadata;
  return observed !== undefined && generation !== undefined && observed < generation
    ? progressing('Its controller has not seen the latest change yet')
    : undefined;
}

/** The conditions that kstatus asks every controller for. */
function stalled(object: KubeObject): Health | undefined {
  const stuck = condition(object, 'Stalled');
  if (stuck?.status === 'True') return failed(messageOf(stuck, 'Its controller is stuck'));
  const busy = condition(object, 'Reconciling');
  return busy?.status === 'True' ? progressing(messageOf(busy, 'Its controller is at work')) : undefined;
}
