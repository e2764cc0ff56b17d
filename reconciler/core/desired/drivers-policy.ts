import { DIST_PORT } from '../../../schemas/drivers/package.ts';
import { WekaContainer } from '../../../schemas/weka-container.ts';
import type { WekaPolicy } from '../../../schemas/weka-policy.ts';
import type { PolicyDrivers } from '../drivers/decision.ts';
import { certificateSecret } from '../drivers/certificates.ts';
import { type KubeObject, objectId, type ObjectId } from '../kube/object.ts';
import type { Spec } from '../spec/spec.ts';
import { containerShape, type HelperContainer } from './container-pod.ts';
import type { DesiredObject } from './desired.ts';
import { policyServiceName, serviceNames, tlsSecret, uploadSecret } from './dist-services.ts';
import { helperPodSpec } from './helper-pod.ts';
import { inUseObject } from './in-use-object.ts';
import { labelValue } from './work-names.ts';

/** Label on what a policy makes: the operator's (weka-operator §3.4). */
export const POLICY_NAME = 'weka.io/policy-name';

type PolicySpec = Extract<Spec, { kind: 'WekaPolicy' }>;

/**
 * What a policy that distributes drivers needs to serve them, save its anchor: a Service, what proves to be it, what lets builders bring
 * packages there, what says which ones are in use, and a Deployment, so that what a lost node served is served from another one. `hasClaim`: whether there is a claim of
 * the service's name, which keeps packages when its pod goes.
 */
export function policyObjects(
  policy: WekaPolicy,
  { image, hasClaim }: { readonly image: string; readonly hasClaim: boolean },
): readonly KubeObject[] {
  const { namespace } = policy.metadata;
  const dist = policyServiceName(policy.metadata.name);
  const labels = { app: dist, [POLICY_NAME]: policy.metadata.name };
  const shape = containerShape(distContainer(policy, { image, hasClaim, labels }), image);
  return [
    ...distSecrets({ namespace, dist, names: serviceNames({ namespace, name: dist }) }),
    inUseObject({ namespace, dist }),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: dist, namespace, labels },
      spec: {
        selector: labels,
        ports: [{ name: 'dist', port: DIST_PORT, targetPort: 'dist', protocol: 'TCP' }],
      },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: dist, namespace, labels },
      spec: {
        replicas: 1,
        revisionHistoryLimit: 3,
        selector: { matchLabels: labels },
        // A claim is mounted on one node, and a package is brought to one pod.
        strategy: { type: 'Recreate' },
        template: {
          metadata: { labels: shape.labels },
          spec: helperPodSpec(shape),
        },
      },
    },
  ];
}

/** The Secrets beside what serves packages: what proves who it is, and what lets builders upload to it. */
export function distSecrets({
  namespace,
  dist,
  names,
}: {
  readonly namespace: string;
  readonly dist: string;
  readonly names: readonly string[];
}): readonly KubeObject[] {
  return [
    certificateSecret({ namespace, name: tlsSecret(dist), use: 'server', names }),
    certificateSecret({
      namespace,
      name: uploadSecret(dist),
      use: 'upload',
      names: [uploadSecret(dist)],
    }),
  ];
}

/** The distribution service of a policy, as a manifest would describe it. */
function distContainer(
  { metadata, spec }: WekaPolicy,
  {
    image,
    hasClaim,
    labels,
  }: {
    readonly image: string;
    readonly hasClaim: boolean;
    readonly labels: Readonly<Record<string, string>>;
  },
): HelperContainer {
  const { distNodeSelector, distResources } = spec.payload.driverDistPayload ?? {};
  const name = policyServiceName(metadata.name);
  const container = WekaContainer.parse({
    apiVersion: 'weka.weka.io/v1alpha1',
    kind: 'WekaContainer',
    metadata: { name, namespace: metadata.namespace, labels },
    spec: {
      mode: MODE,
      // It needs none of WEKA's programs, so that ours does where none is named.
      image: spec.image || image,
      imagePullSecret: spec.imagePullSecret,
      serviceAccountName: spec.serviceAccountName,
      tolerations: spec.tolerations,
      nodeSelector: distNodeSelector,
      resources: distResources,
      ...(hasClaim ? { pvc: { name } } : {}),
    },
  });
  return { ...container, spec: { ...container.spec, mode: MODE } };
}

const MODE = 'drivers-dist';

/**
 * The labels of nodes that policies keep and that are not there yet: each Node with its labels alone, to be merged into the one that is there.
 * A node that none of them chooses any more keeps what it has, since something may go by it.
 */
export function nodeLabelObjects(
  specs: readonly Spec[],
  policies: ReadonlyMap<ObjectId, PolicyDrivers>,
  nodes: readonly { readonly name: string; readonly labels: Readonly<Record<string, string>> }[],
): readonly DesiredObject[] {
  const has = new Map(nodes.map(({ name, labels }) => [name, labels]));
  const wanted = new Map<string, { source: string; labels: Record<string, string> }>();
  for (const spec of specs) {
    const about = spec.kind === 'WekaPolicy' ? policies.get(spec.id) : undefined;
    if (spec.kind !== 'WekaPolicy' || about === undefined) continue;
    for (const node of about.nodes) {
      const own = wanted.get(node.name) ?? { source: spec.source, labels: {} };
      // Where two policies use one label, the first that is written keeps it, so that they do not write in turn.
      own.labels = { ...nodeLabels(spec, node), ...own.labels };
      wanted.set(node.name, own);
    }
  }
  return [...wanted]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, { source, labels }]): DesiredObject[] => {
      const there = has.get(name);
      if (there === undefined) return [];
      const differs = Object.entries(labels).some(([label, value]) => there[label] !== value);
      if (!differs) return [];
      const object = { apiVersion: 'v1', kind: 'Node', metadata: { name, labels } };
      return [{ id: objectId(object), object, source, partly: true }];
    });
}

function nodeLabels(
  { policy }: PolicySpec,
  { kernel, architecture, os }: PolicyDrivers['nodes'][number],
): Readonly<Record<string, string>> {
  const { kernelLabelKey, architectureLabelKey, osLabelKey } =
    policy.spec.payload.driverDistPayload ?? LABEL_KEYS;
  const pairs: readonly (readonly [string, string | undefined])[] = [
    [kernelLabelKey, kernel],
    [architectureLabelKey, architecture],
    [osLabelKey, os],
  ];
  return Object.fromEntries(
    pairs.flatMap(([key, value]) => (isNodeLabel(key) && value ? [[key, labelValue(value)] as const] : [])),
  );
}

/** Whether a policy may write a label of this key to nodes: Kubernetes itself goes by none of them. */
export function isNodeLabel(key: string): boolean {
  return key !== '' && !/^([^/]*\.)?(kubernetes|k8s)\.io\//.test(key);
}

/** Where a policy has no payload. */
const LABEL_KEYS = {
  kernelLabelKey: 'weka.io/kernel',
  architectureLabelKey: 'weka.io/architecture',
  osLabelKey: 'weka.io/os',
};
