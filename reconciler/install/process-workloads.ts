import type { KubeObject } from '../core/kube/object.ts';
import { podLabels } from './install-labels.ts';
import { type ProcessPod, processPodTemplate, workloadMetadata } from './process-pod.ts';

/** After a stop a process still finishes the write under way and tells what it did: seven seconds, and some to spare. */
const STOPS_WITHIN_SECONDS = 20;

/** A process that stays: one pod, and while it is replaced two, of which the lease lets one work. */
export function stayingProcess(process: ProcessPod, port: number): KubeObject {
  const { account, installation } = process;
  const probe = (path: string) => ({ httpGet: { path, port: 'http' }, timeoutSeconds: 5 });
  const template = processPodTemplate(process, {
    ports: [{ name: 'http', containerPort: port, protocol: 'TCP' }],
    startupProbe: { ...probe('/healthz'), periodSeconds: 2, failureThreshold: 60 },
    livenessProbe: { ...probe('/healthz'), periodSeconds: 20, failureThreshold: 6 },
    readinessProbe: { ...probe('/readyz'), periodSeconds: 5, failureThreshold: 3 },
  });
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: workloadMetadata(process),
    spec: {
      replicas: 1,
      revisionHistoryLimit: 3,
      selector: { matchLabels: podLabels(account.serviceAccount, installation) },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: {
        ...template,
        spec: { ...template.spec, terminationGracePeriodSeconds: STOPS_WITHIN_SECONDS },
      },
    },
  };
}

/** A process that makes one pass at each of its times. One that a pass is under way at is left out. */
export function scheduledProcess(process: ProcessPod, schedule: string): KubeObject {
  const template = processPodTemplate(process);
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: workloadMetadata(process),
    spec: {
      schedule,
      concurrencyPolicy: 'Forbid',
      startingDeadlineSeconds: 300,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 3,
      jobTemplate: {
        spec: {
          // The next time is the next try. A pass that never ends would keep all others from beginning.
          backoffLimit: 0,
          activeDeadlineSeconds: 3600,
          template: {
            ...template,
            spec: {
              ...template.spec,
              restartPolicy: 'Never',
              terminationGracePeriodSeconds: STOPS_WITHIN_SECONDS,
            },
          },
        },
      },
    },
  };
}

/** Where the forge's webhook is heard. */
export function webhookService({ account, installation }: ProcessPod): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: account.serviceAccount, namespace: account.namespace },
    spec: {
      selector: podLabels(account.serviceAccount, installation),
      ports: [{ name: 'http', port: 80, targetPort: 'http', protocol: 'TCP' }],
    },
  };
}

/** What makes the Prometheus operator read the metrics of a process that stays. */
export function podMonitor({ account, installation }: ProcessPod): KubeObject {
  return {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PodMonitor',
    metadata: { name: account.serviceAccount, namespace: account.namespace },
    spec: {
      selector: { matchLabels: podLabels(account.serviceAccount, installation) },
      podMetricsEndpoints: [{ port: 'http', path: '/metrics', interval: '30s' }],
    },
  };
}
