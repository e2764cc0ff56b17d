import { KEPT_FOLDER } from '../../../schemas/drivers/node-folders.ts';
import type { DriverSource } from '../../../schemas/node/drivers.ts';
import type { DriverPodWanted } from '../drivers/decision.ts';
import type { KubeObject } from '../kube/object.ts';
import type { Spec } from '../spec/spec.ts';
import { environment, helperPod, type HelperVolume, hostFolder, scratch } from './helper-pod.ts';
import { helperResources } from './helper-resources.ts';
import { onNode } from './node-affinity.ts';
import { helperTolerations } from './tolerations.ts';
import { nameOf } from './work-names.ts';

export interface LoaderOptions {
  /** Our image. */
  readonly image: string;
  readonly from: readonly DriverSource[];
  readonly annotations: Readonly<Record<string, string>>;
}

/** Mode of the pods that load drivers, as the operator calls them. */
export const LOADER_MODE = 'drivers-loader';

/** What a loader has of its node: its devices, what the kernel tells, and where its modules are. */
const HOST: readonly HelperVolume[] = [
  hostFolder('/lib/modules'),
  { name: 'dev', from: { hostPath: { path: '/dev' } }, path: '/dev' },
  { name: 'sys', from: { hostPath: { path: '/sys' } }, path: '/sys' },
  { ...hostFolder('/etc/os-release'), path: '/hostside/etc/os-release' },
  // What was loaded last, to go back to where another package does not load.
  {
    name: 'kept',
    from: { hostPath: { path: KEPT_FOLDER, type: 'DirectoryOrCreate' } },
    path: KEPT_FOLDER,
  },
];

/**
 * The pod that has the vendor's own command load one of its closed packages on a node. Nothing less than a privileged pod may give
 * modules to a kernel that way; it is there for one package on one node, and ends (design: the vendor's closed packages).
 */
export function loaderPod(wanted: DriverPodWanted, owner: Spec, options: LoaderOptions): KubeObject {
  const { node, target, package: loaded, image = '', imagePullSecret, buildId, replace } = wanted;
  const { namespace = '' } = owner.manifest.metadata;
  return helperPod({
    name: nameOf('weka-drivers-loader', node),
    namespace,
    labels: {
      app: 'weka',
      'app.kubernetes.io/name': 'WekaContainer',
      'app.kubernetes.io/part-of': 'weka',
      'app.kubernetes.io/created-by': 'weka-gitops',
      'weka.io/mode': LOADER_MODE,
    },
    annotations: options.annotations,
    image,
    ourImage: options.image,
    program: 'load',
    env: environment({
      NAME: 'dist',
      MODE: LOADER_MODE,
      IMAGE_NAME: image,
      WEKA_VERSION: target.version,
      DRIVERS_BUILD_ID: buildId ?? target.buildId,
      LOAD_PACKAGE: loaded === undefined ? undefined : JSON.stringify(loaded),
      LOAD_FROM: JSON.stringify(options.from),
      LOAD_REPLACE: replace,
    }),
    restartPolicy: 'OnFailure',
    graceSeconds: 60,
    pinned: true,
    // Beside it are the release's own files, by which the vendor's command goes.
    volumes: [...HOST, scratch('packages', '/opt/weka/dist/drivers'), scratch('tmp', '/tmp')],
    resources: helperResources(),
    tolerations: helperTolerations(),
    imagePullSecret,
    placing: { affinity: onNode(node) },
    privileged: true,
  });
}
