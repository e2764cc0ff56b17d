import { WekaContainer } from '../../../schemas/weka-container.ts';
import type { WekaPolicy } from '../../../schemas/weka-policy.ts';
import type { DriverPodWanted } from '../drivers/decision.ts';
import type { KubeObject } from '../kube/object.ts';
import type { Spec } from '../spec/spec.ts';
import { headersOf, wekaVersion, withParts } from './builder-parts.ts';
import { containerShape, type HelperContainer, kbuildFolder } from './container-pod.ts';
import type { UploadPlace } from './dist-services.ts';
import { POLICY_NAME } from './drivers-policy.ts';
import { environment, type HelperPod, helperPod, hostFolder } from './helper-pod.ts';
import { onNode } from './node-affinity.ts';
import { seconds } from './seconds.ts';
import { fnv32a, labelValue, nameOf } from './work-names.ts';

export interface BuilderOptions {
  /** Our image. */
  readonly image: string;
  readonly upload: UploadPlace;
  readonly annotations: Readonly<Record<string, string>>;
}

/**
 * The pod that builds drivers for one version and kernel, on a node with that kernel: that of a policy which made the service, or of a
 * manifest's own builder. Before it compiles anything it sees that the kernel is the one it was made for.
 */
export function builderPod(wanted: DriverPodWanted, owner: Spec, options: BuilderOptions): KubeObject {
  const { target, node, buildId } = wanted;
  const container = owner.kind === 'WekaPolicy' ? ofPolicy(wanted, owner.policy) : ofManifest(owner);
  const shape = containerShape(container, options.image, { upload: options.upload });
  const policy = owner.kind === 'WekaPolicy' ? owner.policy.spec.payload.driverDistPayload : undefined;
  const { name, namespace } = container.metadata;
  const kbuild = kbuildFolder(target.kernel);
  const values: Readonly<Record<string, string | undefined>> = {
    // Several of them can be at work at once, so that each says what it is for.
    WEKA_VERSION: target.version,
    EXPECTED_KERNEL: target.kernel,
    BUILD_AHEAD: wanted.isAhead === true ? 'true' : undefined,
    DRIVERS_BUILD_ID: buildId ?? target.buildId,
    BUILD_TIMEOUT_SECONDS: policy?.buildTimeout === undefined ? undefined : seconds(policy.buildTimeout),
    EXTRA_BUILD_ARGS:
      policy?.builder?.extraBuildArgs === undefined
        ? undefined
        : JSON.stringify(policy.builder.extraBuildArgs),
  };
  const pod: HelperPod = {
    ...shape,
    name,
    namespace,
    annotations: { ...shape.annotations, ...options.annotations },
    env: withValues(shape.env, values),
    volumes: [...shape.volumes, ...(kbuild === undefined ? [] : [hostFolder(kbuild)])],
    pinned: true,
    placing: { affinity: onNode(node) },
  };
  const { image = '', toolchain = {} } = wanted;
  const isOther = owner.kind === 'WekaPolicy' && container.spec.image !== image;
  return helperPod(withParts(pod, [isOther ? wekaVersion(image) : undefined, headersOf(toolchain)]));
}

const MODE = 'drivers-builder';

/** A builder of a policy: named and labelled as the operator does (weka-operator §3.4). */
function ofPolicy(
  { target, image = '', imagePullSecret, toolchain }: DriverPodWanted,
  policy: WekaPolicy,
): HelperContainer {
  const { metadata, spec } = policy;
  const { builderImageOverride, builderPreRunScript } = spec.payload.driverDistPayload ?? {};
  const architecture = kubernetesArchitecture(target.architecture);
  const made = image.endsWith(`:${target.version}`) ? image : `${image} ${target.version}`;
  const hash = fnv32a(made);
  const id = target.buildId === undefined ? [] : [target.buildId];
  const container = WekaContainer.parse({
    apiVersion: 'weka.weka.io/v1alpha1',
    kind: 'WekaContainer',
    metadata: {
      name: nameOf(metadata.name, 'builder', hash, architecture, target.kernel, ...id),
      namespace: metadata.namespace,
      labels: {
        [POLICY_NAME]: metadata.name,
        'weka.io/target-image-hash': hash,
        'weka.io/target-kernel': labelValue(target.kernel),
        'weka.io/target-arch': architecture,
      },
    },
    spec: {
      mode: MODE,
      image: builderImageOverride || toolchain?.image || image,
      imagePullSecret: imagePullSecret ?? spec.imagePullSecret,
      serviceAccountName: spec.serviceAccountName,
      tolerations: spec.tolerations,
      ...(builderPreRunScript ? { overrides: { preRunScript: builderPreRunScript } } : {}),
    },
  });
  return { ...container, spec: { ...container.spec, mode: MODE } };
}

/** A manifest's own builder: it builds one thing at a time, so that its pod is called like it. */
function ofManifest(owner: Spec): HelperContainer {
  if (owner.kind !== 'WekaContainer') throw new Error(`${owner.id} builds no drivers.`);
  return owner.container;
}

/** Variables with others in place of those of the same names. */
function withValues(
  env: HelperPod['env'],
  values: Readonly<Record<string, string | undefined>>,
): HelperPod['env'] {
  const given = Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined && value !== ''),
  );
  const isKept = (each: object) => !('name' in each && typeof each.name === 'string' && each.name in given);
  const isNamed = (each: object) => 'value' in each;
  const added = environment(given).filter(isNamed);
  return [
    ...env.filter((each) => isKept(each) && isNamed(each)),
    ...added,
    ...env.filter((each) => !isNamed(each)),
  ];
}

/** Kubernetes' word for an architecture as `uname -m` prints it. */
export function kubernetesArchitecture(machine: string): string {
  return ({ x86_64: 'amd64', aarch64: 'arm64' } as Readonly<Record<string, string>>)[machine] ?? machine;
}
