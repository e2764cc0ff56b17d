import type { WekaContainer } from '../../../schemas/weka-container.ts';
import type { KubeObject } from '../kube/object.ts';
import { ALLOCATION } from '../facts/pod-facts.ts';
import { type Allocation, allocationText, hostnameOf } from '../placement/allocation.ts';
import { podScheduling } from '../placement/pod-scheduling.ts';
import { wantContainer } from '../placement/want-container.ts';
import { containerLabels } from './container-labels.ts';
import { podAffinity } from './node-affinity.ts';
import { helperTolerations } from './tolerations.ts';

/** Modes whose pods this version makes: the distribution service of driver packages, and their builder. */
export type DriverMode = 'dist' | 'drivers-dist' | 'drivers-builder';

/** Where a pod of WEKA has our programs: an init container copies them there from our image. */
const PROGRAMS = '/weka-gitops';
/** Where driver packages are kept, in WEKA's own layout (weka-operator §3.2). */
const PACKAGES = '/opt/weka/dist';
/** Ports of the agent and of the distribution service where a manifest names none (weka-operator §2.5). */
const AGENT_PORT = 60001;
const PORT = 60002;

/** What differs between a service that runs for good and a build that ends. */
const SHAPES = {
  dist: { program: 'dist', graceSeconds: 300, restartPolicy: 'Always', hostPaths: [] },
  'drivers-dist': { program: 'dist', graceSeconds: 300, restartPolicy: 'Always', hostPaths: [] },
  // The headers of the node's kernel and the modules it has: read, never written.
  'drivers-builder': {
    program: 'build',
    graceSeconds: 120,
    restartPolicy: 'OnFailure',
    hostPaths: ['/lib/modules', '/usr/src'],
  },
} as const satisfies Record<DriverMode, object>;

/** What a pod of this mode mounts from its node, read only, whatever its manifest says; nothing for any other text. */
export function fixedHostPaths(mode: string | undefined): readonly string[] {
  return mode === 'drivers-builder' ? SHAPES[mode].hostPaths : [];
}

/**
 * The pod of a container that serves or builds drivers. Its process 1 is ours and runs in the vendor's image (design:
 * PID 1 in a WEKA pod is ours); neither needs privileges, the host's network or the API server. With an allocation it
 * is pinned to that node; without one it is as a scheduler alone would place it.
 */
export function containerPod(
  container: WekaContainer & { spec: { mode: DriverMode } },
  ourImage: string,
  allocation?: Allocation,
): KubeObject {
  const { metadata, spec } = container;
  const { program, graceSeconds, restartPolicy, hostPaths } = SHAPES[spec.mode];
  const pinned = spec.nodeAffinity !== undefined && spec.nodeAffinity !== '';
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: metadata.name,
      namespace: metadata.namespace,
      labels: containerLabels(container),
      ...annotations(metadata.annotations, allocation),
    },
    spec: {
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      restartPolicy,
      terminationGracePeriodSeconds: graceSeconds,
      // Classes of the operator's names, which keep a storage pod from being evicted for others (weka-operator §2.2).
      priorityClassName: pinned ? 'weka-targeted-no-evict' : 'weka-initial-no-evict',
      ...given('serviceAccountName', spec.serviceAccountName),
      ...(spec.imagePullSecret ? { imagePullSecrets: [{ name: spec.imagePullSecret }] } : {}),
      tolerations: [...helperTolerations(), ...(spec.tolerations ?? [])],
      ...placing(container, allocation),
      securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
      initContainers: [
        {
          name: 'programs',
          image: ourImage,
          imagePullPolicy: 'IfNotPresent',
          command: [`${PROGRAMS}/node`, `${PROGRAMS}/nodeagent.mjs`, 'copy-programs', '/programs'],
          securityContext: UNPRIVILEGED,
          resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { memory: '256Mi' } },
          volumeMounts: [{ name: 'programs', mountPath: '/programs' }],
        },
      ],
      containers: [
        {
          name: 'weka-container',
          image: spec.image,
          imagePullPolicy: 'IfNotPresent',
          command: [`${PROGRAMS}/node`, `${PROGRAMS}/nodeagent.mjs`, program],
          env: environment(container),
          ports: [
            { name: 'dist', containerPort: spec.port || PORT, protocol: 'TCP' },
            ...(spec.exposedPorts ?? []),
          ],
          securityContext: UNPRIVILEGED,
          resources: resources(spec.resources),
          volumeMounts: [
            { name: 'programs', mountPath: PROGRAMS, readOnly: true },
            { name: 'packages', mountPath: PACKAGES, ...given('subPath', folderIn(spec.pvc?.path)) },
            { name: 'tmp', mountPath: '/tmp' },
            ...hostPaths.map((path) => ({ name: volumeName(path), mountPath: path, readOnly: true })),
            ...secretNames(spec).map(([name]) => ({
              name: `secret-${name}`,
              mountPath: `/var/run/secrets/weka-operator/${name}`,
              readOnly: true,
            })),
          ],
        },
      ],
      volumes: [
        { name: 'programs', emptyDir: {} },
        {
          name: 'packages',
          ...(spec.pvc === undefined
            ? { emptyDir: {} }
            : { persistentVolumeClaim: { claimName: spec.pvc.name } }),
        },
        { name: 'tmp', emptyDir: {} },
        ...hostPaths.map((path) => ({ name: volumeName(path), hostPath: { path } })),
        ...secretNames(spec).map(([name, secretName]) => ({
          name: `secret-${name}`,
          secret: { secretName },
        })),
      ],
    },
  };
}

/** What says on which node it may be. */
function placing(container: WekaContainer, allocation: Allocation | undefined): object {
  const { spec } = container;
  const shape = wantContainer(container).containers[0]?.shape;
  if (allocation === undefined || shape === undefined) {
    return {
      affinity: podAffinity(spec),
      ...given('topologySpreadConstraints', spec.topologySpreadConstraints),
    };
  }
  const { nodeAffinity: asked } = spec;
  const has = hostnameOf(allocation);
  // A manifest that has come to name another node asks for that one.
  const hostname = asked && asked !== allocation.node ? asked : has;
  return { affinity: podScheduling(shape, { hyperThreading: false, hostname }).affinity };
}

/** What was given to it is written by us alone, whatever a manifest says. */
function annotations(
  { [ALLOCATION]: _ours, ...theirs }: Readonly<Record<string, string>> = {},
  allocation: Allocation | undefined,
): { readonly annotations?: Readonly<Record<string, string>> } {
  const all = allocation === undefined ? theirs : { ...theirs, [ALLOCATION]: allocationText(allocation) };
  return Object.keys(all).length === 0 ? {} : { annotations: all };
}

const UNPRIVILEGED = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
} as const;

/** What the program learns from its pod; the names are the operator's (weka-operator §2.2). */
function environment({ metadata, spec }: WekaContainer): readonly object[] {
  const port = String(spec.port || PORT);
  const values = {
    NAME: spec.name || 'dist',
    MODE: spec.mode,
    PORT: port,
    WEKA_PORT: port,
    AGENT_PORT: String(spec.agentPort || AGENT_PORT),
    WEKA_CONTAINER_ID: metadata.name,
    IMAGE_NAME: spec.image,
    DIST_SERVICE: spec.driversDistService,
    UPLOAD_RESULTS_TO: spec.uploadResultsTo,
    DRIVERS_BUILD_ID: spec.driversBuildId,
    WEKA_VERSION: spec.builder?.weka_version,
    PRE_RUN_SCRIPT: base64(spec.overrides?.preRunScript),
  };
  const fields = {
    NODE_NAME: 'spec.nodeName',
    MANAGEMENT_IP: 'status.podIP',
    POD_ID: 'metadata.uid',
    POD_NAME: 'metadata.name',
    POD_NAMESPACE: 'metadata.namespace',
  };
  return [
    ...Object.entries(values)
      .filter(([, value]) => value !== undefined && value !== '')
      .map(([name, value]) => ({ name, value })),
    ...Object.entries(fields).map(([name, fieldPath]) => ({ name, valueFrom: { fieldRef: { fieldPath } } })),
  ];
}

/** Half a core to two, and 3000 MB, unless the manifest says otherwise (weka-operator §2.3, drivers-*). */
function resources(given: WekaContainer['spec']['resources']): object {
  return {
    requests: { cpu: '500m', memory: '3000M', ...given?.requests },
    limits: { cpu: '2000m', memory: '3000M', ...given?.limits },
  };
}

function secretNames({
  additionalSecrets = {},
}: WekaContainer['spec']): readonly (readonly [string, string])[] {
  return Object.entries(additionalSecrets);
}

/** A claim may be shared by many containers, so a path names the folder within it. */
function folderIn(path: string | undefined): string | undefined {
  return path?.replace(/^\/+|\/+$/g, '') || undefined;
}

/** `/lib/modules` is `lib-modules`. */
function volumeName(path: string): string {
  return path.slice(1).replaceAll('/', '-');
}

function base64(text: string | undefined): string | undefined {
  return text === undefined ? undefined : Buffer.from(text).toString('base64');
}

function given<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): { readonly [Key in Name]?: Value } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [Key in Name]?: Value });
}
