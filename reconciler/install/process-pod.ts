import { stringify } from 'yaml';
import { sha256Hex } from '../core/kube/hash.ts';
import type { KubeObject } from '../core/kube/object.ts';
import { IGNORE_RULE } from '../core/lint/ignored-rules.ts';
import type { Account } from './account.ts';
import { podLabels } from './install-labels.ts';
import { type ProcessConfig, SECRET_FOLDER } from './process-config.ts';

/** A process of ours that is no agent of a node. */
export interface ProcessPod {
  readonly account: Account;
  /** Name of the installation. */
  readonly installation: string;
  readonly image: string;
  readonly pullSecret?: string | undefined;
  readonly priorityClass: string;
  readonly config: ProcessConfig;
  /** Secret with the files that the configuration names. */
  readonly secret: string;
  readonly args: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** Whether the repository may hold its workload, and so neither its configuration nor its Secret. */
  readonly selfManaged: boolean;
}

const CONFIG_FOLDER = '/etc/weka-gitops';
const CONFIG_FILE = 'config.yaml';
/** Who the program is in its image. */
const USER = 65_532;

/** The ConfigMap with the configuration of a process. */
export function configMapOf({ account, config }: Pick<ProcessPod, 'account' | 'config'>): KubeObject {
  const metadata = { name: configName(account), namespace: account.namespace };
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata,
    data: { [CONFIG_FILE]: stringify(config.settings) },
  };
}

export function configName({ serviceAccount }: Account): string {
  return `${serviceAccount}-config`;
}

/** Metadata of the workload of a process. */
export function workloadMetadata({ account, selfManaged }: ProcessPod): KubeObject['metadata'] {
  const metadata = { name: account.serviceAccount, namespace: account.namespace };
  const elsewhere = [
    'missing-config-map: weka-gitops install makes it, since it says what this repository may do',
    'missing-secret: whoever installs makes it',
  ];
  return selfManaged ? { ...metadata, annotations: { [IGNORE_RULE]: elsewhere.join('\n') } } : metadata;
}

/** The pod of a process, as Pod Security's strictest level wants it, and with a root that nobody writes to. */
export function processPodTemplate(process: ProcessPod, container: Readonly<Record<string, unknown>> = {}) {
  const { account, config, secret, priorityClass, image, pullSecret, labels, installation } = process;
  const files = [...config.files.keys()];
  return {
    metadata: {
      labels: { ...labels, ...podLabels(account.serviceAccount, installation) },
      // Another configuration takes another process: it is read once, at the start.
      annotations: { 'weka-gitops.dev/config-digest': sha256Hex(stringify(config.settings)).slice(0, 16) },
    },
    spec: {
      serviceAccountName: account.serviceAccount,
      automountServiceAccountToken: true,
      enableServiceLinks: false,
      priorityClassName: priorityClass,
      ...(pullSecret === undefined ? {} : { imagePullSecrets: [{ name: pullSecret }] }),
      securityContext: {
        runAsNonRoot: true,
        runAsUser: USER,
        runAsGroup: USER,
        fsGroup: USER,
        fsGroupChangePolicy: 'OnRootMismatch',
        seccompProfile: { type: 'RuntimeDefault' },
      },
      containers: [
        {
          name: 'weka-gitops',
          image,
          imagePullPolicy: 'IfNotPresent',
          command: ['weka-gitops'],
          args: process.args,
          env: [{ name: 'WEKA_GITOPS_CONFIG', value: `${CONFIG_FOLDER}/${CONFIG_FILE}` }],
          resources: { requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '1Gi' } },
          securityContext: {
            allowPrivilegeEscalation: false,
            capabilities: { drop: ['ALL'] },
            privileged: false,
            readOnlyRootFilesystem: true,
          },
          volumeMounts: [
            { name: 'config', mountPath: CONFIG_FOLDER, readOnly: true },
            ...(files.length === 0 ? [] : [{ name: 'secret', mountPath: SECRET_FOLDER, readOnly: true }]),
            { name: 'cache', mountPath: '/cache' },
            { name: 'tmp', mountPath: '/tmp' },
          ],
          ...container,
        },
      ],
      volumes: [
        { name: 'config', configMap: { name: configName(account) } },
        ...(files.length === 0
          ? []
          : [
              {
                name: 'secret',
                secret: {
                  secretName: secret,
                  defaultMode: 0o440,
                  items: files.map((key) => ({ key, path: key })),
                },
              },
            ]),
        { name: 'cache', emptyDir: {} },
        { name: 'tmp', emptyDir: {} },
      ],
    },
  };
}
