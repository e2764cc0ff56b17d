import { copyProgramsCommand, programCommand, PROGRAMS_FOLDER } from '../../../schemas/drivers/programs.ts';
import type { KubeObject } from '../kube/object.ts';
import type { Toleration } from './tolerations.ts';

/** Where the init container has the volume with our programs. */
const COPIED_TO = '/programs';

/** A volume of a pod, and where its container has it. */
export interface HelperVolume {
  readonly name: string;
  /** What it is, in Kubernetes' words: `{ emptyDir: {} }`. */
  readonly from: Readonly<Record<string, unknown>>;
  readonly path: string;
  readonly readOnly?: true;
  readonly subPath?: string;
}

/** A container that begins before that of the pod: it ends before, too, or stays beside it. */
export interface HelperInit {
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  /** Volumes of the pod's own container that it has, too. */
  readonly mounts: readonly { readonly volume: string; readonly path: string }[];
  /** Those that it alone has. */
  readonly volumes?: readonly HelperVolume[];
  readonly stays?: true;
}

/** A pod in which one of our programs is process 1 of an image. */
export interface HelperPod {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** What the program runs in. */
  readonly image: string;
  /** What brings the program. */
  readonly ourImage: string;
  /** Verb of weka-nodeagent. */
  readonly program: string;
  readonly env: readonly object[];
  readonly restartPolicy: 'Always' | 'OnFailure';
  readonly graceSeconds: number;
  /** Whether it belongs on one node, so that it could not go to another one when it is evicted. */
  readonly pinned: boolean;
  readonly volumes: readonly HelperVolume[];
  readonly before?: readonly HelperInit[];
  readonly ports?: readonly object[];
  /** Name of the port that has to answer before anybody is led to it. */
  readonly readyAt?: string;
  readonly resources: object;
  readonly tolerations?: readonly Toleration[] | readonly object[] | undefined;
  readonly imagePullSecret?: string | undefined;
  readonly serviceAccountName?: string | undefined;
  /** Affinity and topology spread: what says on which node it may be. */
  readonly placing: Readonly<Record<string, unknown>>;
  /** Whether it may do on its node what only root may. */
  readonly privileged?: true;
  /** Whether it may do within its own container what root can there, as containers do that nobody keeps from it. */
  readonly keepsCapabilities?: true;
}

/** The pod. It needs neither the host's network nor the API server, and privileges only where they are asked for. */
export function helperPod(pod: HelperPod): KubeObject {
  const { name, namespace, labels, annotations } = pod;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels, ...(annotations === undefined ? {} : { annotations }) },
    spec: helperPodSpec(pod),
  };
}

/** What such a pod is made of, for what makes pods by a template. */
export function helperPodSpec({
  image,
  ourImage,
  program,
  env,
  restartPolicy,
  graceSeconds,
  pinned,
  volumes,
  before = [],
  ports,
  readyAt,
  resources,
  tolerations,
  imagePullSecret,
  serviceAccountName,
  placing,
  privileged,
  keepsCapabilities,
}: HelperPod): Readonly<Record<string, unknown>> {
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    restartPolicy,
    terminationGracePeriodSeconds: graceSeconds,
    // Classes of the operator's names, which keep a storage pod from being evicted for others (weka-operator §2.2).
    priorityClassName: pinned ? 'weka-targeted-no-evict' : 'weka-initial-no-evict',
    ...(serviceAccountName === undefined ? {} : { serviceAccountName }),
    ...(imagePullSecret ? { imagePullSecrets: [{ name: imagePullSecret }] } : {}),
    tolerations,
    ...placing,
    securityContext: { seccompProfile: { type: privileged ? 'Unconfined' : 'RuntimeDefault' } },
    initContainers: [
      {
        name: 'programs',
        image: ourImage,
        imagePullPolicy: 'IfNotPresent',
        command: copyProgramsCommand(COPIED_TO),
        securityContext: UNPRIVILEGED,
        resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { memory: '256Mi' } },
        volumeMounts: [{ name: 'programs', mountPath: COPIED_TO }],
      },
      ...before.map(({ mounts, volumes: own = [], stays, ...init }) => ({
        ...init,
        imagePullPolicy: 'IfNotPresent',
        ...(stays === undefined ? {} : { restartPolicy: 'Always' }),
        securityContext: UNPRIVILEGED,
        resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { memory: '512Mi' } },
        volumeMounts: [
          ...mounts.map(({ volume, path }) => ({ name: volume, mountPath: path })),
          ...own.map(mountOf),
        ],
      })),
    ],
    containers: [
      {
        name: 'weka-container',
        image,
        imagePullPolicy: 'IfNotPresent',
        command: programCommand(program),
        env,
        ...(ports === undefined ? {} : { ports }),
        securityContext: privileged
          ? { privileged: true, runAsUser: 0 }
          : keepsCapabilities
            ? { allowPrivilegeEscalation: false }
            : UNPRIVILEGED,
        resources,
        ...(readyAt === undefined
          ? {}
          : {
              readinessProbe: {
                httpGet: { path: '/healthz', port: readyAt },
                periodSeconds: 5,
                failureThreshold: 3,
              },
            }),
        volumeMounts: [
          { name: 'programs', mountPath: PROGRAMS_FOLDER, readOnly: true },
          ...volumes.map(mountOf),
        ],
      },
    ],
    volumes: [
      { name: 'programs', emptyDir: {} },
      ...[...volumes, ...before.flatMap(({ volumes: own = [] }) => own)].map(({ name: volume, from }) => ({
        name: volume,
        ...from,
      })),
    ],
  };
}

function mountOf({ name, path, readOnly, subPath }: HelperVolume): object {
  return {
    name,
    mountPath: path,
    ...(subPath === undefined ? {} : { subPath }),
    ...(readOnly === undefined ? {} : { readOnly }),
  };
}

const UNPRIVILEGED = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
} as const;

/** What the program learns from its own pod; the names are the operator's (weka-operator §2.2). */
const FIELDS = {
  NODE_NAME: 'spec.nodeName',
  MANAGEMENT_IP: 'status.podIP',
  POD_ID: 'metadata.uid',
  POD_NAME: 'metadata.name',
  POD_NAMESPACE: 'metadata.namespace',
};

/** Variables of a container: those that have a value, then what only its pod knows. */
export function environment(values: Readonly<Record<string, string | undefined>>): readonly object[] {
  return [
    ...Object.entries(values)
      .filter(([, value]) => value !== undefined && value !== '')
      .map(([name, value]) => ({ name, value })),
    ...Object.entries(FIELDS).map(([name, fieldPath]) => ({ name, valueFrom: { fieldRef: { fieldPath } } })),
  ];
}

/** A folder of the node, which is only read. */
export function hostFolder(path: string): HelperVolume {
  // `/lib/modules` is `lib-modules`.
  return {
    name: path.slice(1).replaceAll(/[^a-z0-9]+/g, '-'),
    from: { hostPath: { path } },
    path,
    readOnly: true,
  };
}

/** A Secret of the pod's namespace as files; one that may be missing leaves its folder empty. */
export function secretFolder(
  name: string,
  secretName: string,
  path: string,
  { optional }: { readonly optional?: boolean } = {},
): HelperVolume {
  const secret = { secretName, ...(optional === true ? { optional } : {}) };
  return { name, from: { secret }, path, readOnly: true };
}

/** A folder that goes with the pod. */
export function scratch(name: string, path: string): HelperVolume {
  return { name, from: { emptyDir: {} }, path };
}

/** A text as the operator hands scripts on. */
export function base64(text: string | undefined): string | undefined {
  return text === undefined ? undefined : Buffer.from(text).toString('base64');
}
