import { DIST_PORT } from '../../../schemas/drivers/package.ts';
import { IN_USE_FOLDER } from '../../../schemas/drivers/packages-in-use.ts';
import { MODULE_SIGNING } from '../../../schemas/drivers/signing.ts';
import type { WekaContainer } from '../../../schemas/weka-container.ts';
import { DRIVER_WORK } from '../drivers/work-annotation.ts';
import { ALLOCATION } from '../facts/pod-facts.ts';
import { canonicalJson } from '../kube/hash.ts';
import { type KubeObject, objectId } from '../kube/object.ts';
import { type Allocation, allocationText, hostnameOf } from '../placement/allocation.ts';
import { podScheduling } from '../placement/pod-scheduling.ts';
import { wantContainer } from '../placement/want-container.ts';
import { containerLabels } from './container-labels.ts';
import { inUseName, tlsSecret, type UploadPlace } from './dist-services.ts';
import {
  base64,
  environment,
  type HelperPod,
  helperPod,
  type HelperVolume,
  hostFolder,
  scratch,
  secretFolder,
} from './helper-pod.ts';
import { helperResources } from './helper-resources.ts';
import { podAffinity } from './node-affinity.ts';
import { signingKey } from './signing-key.ts';
import { helperTolerations } from './tolerations.ts';

/** Modes whose pods this version makes: the distribution service of driver packages, and their builder. */
export type DriverMode = 'dist' | 'drivers-dist' | 'drivers-builder';

/** A container in one of those modes. */
export type HelperContainer = WekaContainer & { readonly spec: { readonly mode: DriverMode } };

/** Where driver packages are kept, in WEKA's own layout (weka-operator §3.2). */
const PACKAGES = '/opt/weka/dist';
/** Where a program finds certificates that we issue. */
const CERTIFICATES = '/var/run/secrets/weka-gitops';
/** Port of the agent where a manifest names none (weka-operator §2.5). */
const AGENT_PORT = 60001;

/** What says which system a node has; a pod finds it where it does not hide its own. */
const OS_RELEASE = '/etc/os-release';

/** What differs between a service that runs for good and a build that ends. */
const SHAPES = {
  dist: { program: 'dist', graceSeconds: 300, restartPolicy: 'Always', hostPaths: [] },
  'drivers-dist': { program: 'dist', graceSeconds: 300, restartPolicy: 'Always', hostPaths: [] },
  // The headers of the node's kernel, the modules it has, and which system it is: read, never written.
  'drivers-builder': {
    program: 'build',
    graceSeconds: 120,
    restartPolicy: 'OnFailure',
    hostPaths: ['/lib/modules', '/usr/src', OS_RELEASE],
  },
} as const satisfies Record<DriverMode, object>;

/** Whether a pod of this mode may mount this path of its node, read only, whatever its manifest says; none may for any other text. */
export function isFixedHostPath(mode: string | undefined, path: string): boolean {
  return mode === 'drivers-builder' && (hostPathsOf(mode).includes(path) || DEBIAN_KBUILD.test(path));
}

function hostPathsOf(mode: DriverMode): readonly string[] {
  return SHAPES[mode].hostPaths;
}

/** Where Debian has the scripts that its headers lead to. */
const DEBIAN_KBUILD = /^\/usr\/lib\/linux-kbuild-[A-Za-z0-9.+~_-]+$/;

/**
 * The folder of the node to which the headers of a kernel lead besides their own; undefined for all but Debian's kernels, whose names end
 * in Debian's name of the architecture.
 */
export function kbuildFolder(kernel: string): string | undefined {
  const [, release = '', series = ''] = /^((\d+\.\d+)\..*?)(-cloud|-rt)?-(amd64|arm64)$/.exec(kernel) ?? [];
  if (release === '') return undefined;
  return `/usr/lib/linux-kbuild-${release.includes('+') ? release : series}`;
}

/** What a pod gets besides what its manifest says. */
export interface ContainerPodOptions {
  /** Pins it to that node; without one it is as a scheduler alone would place it. */
  readonly allocation?: Allocation | undefined;
  /** Where a builder brings its packages. */
  readonly upload?: UploadPlace | undefined;
}

/**
 * The pod of a container that serves or builds drivers. Its process 1 is ours and runs in the vendor's image (design:
 * PID 1 in a WEKA pod is ours); neither needs privileges, the host's network or the API server.
 */
export function containerPod(
  container: HelperContainer,
  ourImage: string,
  options: ContainerPodOptions = {},
): KubeObject {
  return helperPod(containerShape(container, ourImage, options));
}

/** What that pod is made of. */
export function containerShape(
  container: HelperContainer,
  ourImage: string,
  { allocation, upload }: ContainerPodOptions = {},
): HelperPod {
  const { metadata, spec } = container;
  const { program, graceSeconds, restartPolicy } = SHAPES[spec.mode];
  const annotations = annotationsOf(container, allocation, upload);
  const signing = spec.mode === 'drivers-builder' ? signingKey(spec.additionalSecrets, ourImage) : undefined;
  return {
    name: metadata.name,
    namespace: metadata.namespace,
    labels: containerLabels(container),
    ...(annotations === undefined ? {} : { annotations }),
    image: spec.image,
    ourImage,
    program,
    env: environment({ ...valuesOf(container), ...uploadValues(upload), ...signing?.env }),
    restartPolicy,
    graceSeconds,
    pinned: spec.nodeAffinity !== undefined && spec.nodeAffinity !== '',
    volumes: [...volumesOf(container, upload), ...(signing?.volumes ?? [])],
    ...(signing === undefined ? {} : { before: signing.before }),
    ports: [
      { name: 'dist', containerPort: spec.port || DIST_PORT, protocol: 'TCP' },
      ...(spec.exposedPorts ?? []),
    ],
    ...(spec.mode === 'drivers-builder' ? {} : { readyAt: 'dist' }),
    resources: helperResources(spec.resources),
    tolerations: [...helperTolerations(), ...(spec.tolerations ?? [])],
    imagePullSecret: spec.imagePullSecret,
    serviceAccountName: spec.serviceAccountName,
    placing: placing(container, allocation),
    // A script may have packages to install.
    ...(spec.overrides?.preRunScript ? { keepsCapabilities: true } : {}),
  };
}

function volumesOf(
  { metadata, spec }: HelperContainer,
  upload: UploadPlace | undefined,
): readonly HelperVolume[] {
  const subPath = folderIn(spec.pvc?.path);
  return [
    {
      name: 'packages',
      from:
        spec.pvc === undefined ? { emptyDir: {} } : { persistentVolumeClaim: { claimName: spec.pvc.name } },
      // The release's own files are beside the packages that a build makes; the vendor's command goes by them.
      path: spec.mode === 'drivers-builder' ? `${PACKAGES}/drivers` : PACKAGES,
      ...(subPath === undefined ? {} : { subPath }),
    },
    scratch('tmp', '/tmp'),
    ...hostPathsOf(spec.mode).map((path) =>
      path === OS_RELEASE ? { ...hostFolder(path), path: `/hostside${path}` } : hostFolder(path),
    ),
    ...(spec.mode === 'drivers-builder'
      ? []
      : [certificates('tls', tlsSecret(metadata.name)), inUseVolume(metadata.name)]),
    ...uploadVolumes(upload),
    ...Object.entries(spec.additionalSecrets ?? {})
      .filter(([name]) => spec.mode !== 'drivers-builder' || name !== MODULE_SIGNING)
      .map(([name, secretName]) =>
        secretFolder(`secret-${name}`, secretName, `/var/run/secrets/weka-operator/${name}`),
      ),
  ];
}

/** What it is told of packages may come after it. */
function inUseVolume(dist: string): HelperVolume {
  const from = { configMap: { name: inUseName(dist), optional: true } };
  return { name: 'in-use', from, path: IN_USE_FOLDER, readOnly: true };
}

function certificates(what: 'tls' | 'upload', secret: string, options = {}): HelperVolume {
  return secretFolder(`certificate-${what}`, secret, `${CERTIFICATES}/${what}`, options);
}

/** What lets a pod bring packages to a service; that of one which others keep may be missing. */
export function uploadVolumes(upload: UploadPlace | undefined): readonly HelperVolume[] {
  return upload === undefined ? [] : [certificates('upload', upload.secret, { optional: !upload.isOurs })];
}

/** Where it brings them. */
export function uploadValues(upload: UploadPlace | undefined): Readonly<Record<string, string | undefined>> {
  return { UPLOAD_URL: upload?.url, UPLOAD_SERVER_NAME: upload?.serverName };
}

/** What says on which node it may be. */
function placing(
  container: WekaContainer,
  allocation: Allocation | undefined,
): Readonly<Record<string, unknown>> {
  const { spec } = container;
  const shape = wantContainer(container).containers[0]?.shape;
  if (allocation === undefined || shape === undefined) {
    const { topologySpreadConstraints } = spec;
    return {
      affinity: podAffinity(spec),
      ...(topologySpreadConstraints === undefined ? {} : { topologySpreadConstraints }),
    };
  }
  const { nodeAffinity: asked } = spec;
  const has = hostnameOf(allocation);
  // A manifest that has come to name another node asks for that one.
  const hostname = asked && asked !== allocation.node ? asked : has;
  return { affinity: podScheduling(shape, { hyperThreading: false, hostname }).affinity };
}

/** What was given to it, and what it is for, is written by us alone, whatever a manifest says. */
function annotationsOf(
  { apiVersion, kind, metadata, spec }: HelperContainer,
  allocation: Allocation | undefined,
  upload: UploadPlace | undefined,
): Readonly<Record<string, string>> | undefined {
  const { [ALLOCATION]: _ours, [DRIVER_WORK]: _too, ...theirs } = metadata.annotations ?? {};
  const all = {
    ...theirs,
    ...(allocation === undefined ? {} : { [ALLOCATION]: allocationText(allocation) }),
    ...(upload === undefined
      ? {}
      : {
          // For which kernel it builds shows once it has run.
          [DRIVER_WORK]: canonicalJson({
            does: 'build',
            service: upload.service,
            owner: objectId({ apiVersion, kind, metadata }),
            image: spec.image,
          }),
        }),
  };
  return Object.keys(all).length === 0 ? undefined : all;
}

/** What the program learns from its pod; the names are the operator's (weka-operator §2.2). */
function valuesOf({ metadata, spec }: WekaContainer): Readonly<Record<string, string | undefined>> {
  const port = String(spec.port || DIST_PORT);
  return {
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
}

/** A claim may be shared by many containers, so a path names the folder within it. */
function folderIn(path: string | undefined): string | undefined {
  return path?.replace(/^\/+|\/+$/g, '') || undefined;
}
