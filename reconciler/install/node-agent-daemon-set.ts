import { STATE_FOLDER } from '../../schemas/drivers/node-folders.ts';
import type { KubeObject } from '../core/kube/object.ts';
import type { Account } from './account.ts';
import { podLabels } from './install-labels.ts';

export interface NodeAgentPods {
  readonly account: Account;
  /** Where an agent answers probes: on its own node only, since its pod has the node's network. */
  readonly probePort: number;
  readonly installation: string;
  readonly image: string;
  readonly pullSecret?: string | undefined;
  readonly priorityClass: string;
  readonly labels: Readonly<Record<string, string>>;
}

const HOST = '/host';
const LOOPBACK = '127.0.0.1';

/** The agents: one on every node that runs Linux, whatever taints it has. */
export function nodeAgentDaemonSet(agents: NodeAgentPods): KubeObject {
  const { account, probePort, installation, image, pullSecret, priorityClass, labels } = agents;
  const name = account.serviceAccount;
  const selected = podLabels(name, installation);
  const probe = (path: string) => ({ httpGet: { path, host: LOOPBACK, port: probePort }, timeoutSeconds: 5 });
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name, namespace: account.namespace },
    spec: {
      revisionHistoryLimit: 3,
      selector: { matchLabels: selected },
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '10%' } },
      template: {
        metadata: { labels: { ...labels, ...selected } },
        spec: {
          serviceAccountName: name,
          automountServiceAccountToken: true,
          enableServiceLinks: false,
          priorityClassName: priorityClass,
          ...(pullSecret === undefined ? {} : { imagePullSecrets: [{ name: pullSecret }] }),
          hostNetwork: true,
          hostPID: true,
          // The names of the cluster need not be known where the network of pods is not there yet.
          dnsPolicy: 'Default',
          nodeSelector: { 'kubernetes.io/os': 'linux' },
          tolerations: [{ operator: 'Exists' }],
          terminationGracePeriodSeconds: 10,
          securityContext: {
            seccompProfile: { type: 'RuntimeDefault' },
            // Where the runtime labels containers, others may not read the host. Elsewhere it says nothing.
            seLinuxOptions: { type: 'spc_t' },
          },
          containers: [
            {
              name: 'weka-nodeagent',
              image,
              imagePullPolicy: 'IfNotPresent',
              command: ['weka-nodeagent'],
              args: ['run', '--root', HOST, '--state', STATE_FOLDER, '--listen', `${LOOPBACK}:${probePort}`],
              env: [
                {
                  name: 'NODE_NAME',
                  valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'spec.nodeName' } },
                },
              ],
              resources: { requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '256Mi' } },
              startupProbe: { ...probe('/livez'), periodSeconds: 2, failureThreshold: 60 },
              livenessProbe: { ...probe('/livez'), periodSeconds: 30, failureThreshold: 5 },
              readinessProbe: { ...probe('/readyz'), periodSeconds: 10, failureThreshold: 3 },
              securityContext: {
                // Much of a host is read by root only, and only root gives its kernel modules; beyond that it takes no power of root's.
                runAsUser: 0,
                runAsGroup: 0,
                allowPrivilegeEscalation: false,
                capabilities: { drop: ['ALL'], add: ['DAC_READ_SEARCH', 'SYS_MODULE'] },
                privileged: false,
                readOnlyRootFilesystem: true,
              },
              // What is mounted on the host later is to be seen, too.
              volumeMounts: [
                { name: 'host', mountPath: HOST, readOnly: true, mountPropagation: 'HostToContainer' },
                { name: 'state', mountPath: STATE_FOLDER },
              ],
            },
          ],
          volumes: [
            { name: 'host', hostPath: { path: '/', type: 'Directory' } },
            { name: 'state', hostPath: { path: STATE_FOLDER, type: 'DirectoryOrCreate' } },
          ],
        },
      },
    },
  };
}
