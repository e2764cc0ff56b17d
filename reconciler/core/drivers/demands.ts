import { hasLabels, repellent } from '../facts/node-match.ts';
import type { ObjectId } from '../kube/object.ts';
import { imageVersion } from '../lint/client/image-version.ts';
import { clusterLookup, describeReference, targetOf } from '../lint/client/target-of.ts';
import type { SpecOf, SpecSet } from '../lint/spec-rule.ts';
import { matchesTerms } from '../placement/node-terms.ts';
import { clientShape } from '../placement/want-client.ts';
import { wantCluster } from '../placement/want-cluster.ts';
import type { Shape } from '../placement/wanted.ts';
import type { DriverNode } from './decision.ts';
import { driverService } from './driver-service.ts';
import type { DriverDemand, DriverService } from './drivers.ts';

/** A manifest that asks nodes for drivers. */
type DemandingSpec = SpecOf<'WekaCluster'> | SpecOf<'WekaClient'>;

export interface Demands {
  /** By the node's name; each manifest once, by the most that it asks for there. */
  readonly byNode: ReadonlyMap<string, readonly DriverDemand[]>;
  readonly specs: ReadonlyMap<ObjectId, DemandingSpec>;
}

/** What a manifest asks of whichever node. */
type Asked = Omit<DriverDemand, 'node' | 'priority' | 'strict'>;

/** Which containers need drivers, and how much (weka-operator §3.5): frontends take exactly their version, backends any. */
const PRIORITIES: Readonly<Record<string, Pick<DriverDemand, 'priority' | 'strict'>>> = {
  client: { priority: 3, strict: true },
  s3: { priority: 3, strict: true },
  nfs: { priority: 3, strict: true },
  smbw: { priority: 3, strict: true },
  'data-services': { priority: 3, strict: true },
  drive: { priority: 2, strict: false },
  compute: { priority: 2, strict: false },
};

/** Who asks which node for drivers: every node that the selectors and taints let a container stand on. */
export function driverDemands(
  set: Pick<SpecSet, 'clusters' | 'clients'>,
  nodes: readonly DriverNode[],
): Demands {
  const find = clusterLookup(set);
  const byNode = new Map<string, DriverDemand[]>();
  const specs = new Map<ObjectId, DemandingSpec>();
  const ask = (spec: DemandingSpec, asked: Asked | undefined, shapes: readonly Shape[]): void => {
    if (asked === undefined) return;
    specs.set(spec.id, spec);
    for (const node of nodes) {
      const needs = shapes
        .filter((shape) => mayStandOn(shape, node))
        .flatMap(({ mode }) => PRIORITIES[mode] ?? []);
      const [most] = needs.toSorted((a, b) => b.priority - a.priority);
      if (most === undefined) continue;
      const its = byNode.get(node.name) ?? [];
      its.push({ node: node.name, ...asked, ...most });
      byNode.set(node.name, its);
    }
  };
  for (const spec of set.clusters) ask(spec, askedByCluster(spec), shapesOf(spec));
  for (const spec of set.clients) {
    const { nodeSelector = {} } = spec.client.spec;
    const asked = askedByClient(spec, find(targetOf(spec.client.spec)));
    ask(spec, asked, [{ ...clientShape(spec.client), nodeSelector }]);
  }
  return { byNode, specs };
}

/** One shape for each role of which there are containers. */
function shapesOf({ cluster }: SpecOf<'WekaCluster'>): readonly Shape[] {
  const shapes = new Map(wantCluster(cluster).containers.map(({ shape }) => [shape.key, shape]));
  return [...shapes.values()];
}

function mayStandOn({ nodeSelector, nodeTerms, tolerations }: Shape, node: DriverNode): boolean {
  return (
    hasLabels(node, nodeSelector) &&
    (nodeTerms.length === 0 || matchesTerms(node, nodeTerms)) &&
    repellent({ taints: node.taints ?? [] }, tolerations) === undefined
  );
}

function askedByCluster(spec: SpecOf<'WekaCluster'>): Asked | undefined {
  const { metadata, spec: says } = spec.cluster;
  return asked(spec, 'WekaCluster', says, serviceOf(metadata.namespace, says.driversDistService));
}

/** Clients that name no service have the one of their cluster. */
function askedByClient(
  spec: SpecOf<'WekaClient'>,
  cluster: SpecOf<'WekaCluster'> | undefined,
): Asked | undefined {
  const { metadata, spec: says } = spec.client;
  const theirs = cluster?.cluster;
  const service =
    serviceOf(metadata.namespace, says.driversDistService) ??
    (theirs && serviceOf(theirs.metadata.namespace, theirs.spec.driversDistService));
  return asked(spec, 'WekaClient', says, service);
}

function asked(
  { id, source, manifest: { metadata } }: DemandingSpec,
  kind: 'WekaCluster' | 'WekaClient',
  {
    image,
    imagePullSecret,
    overrides,
  }: {
    readonly image: string;
    readonly imagePullSecret?: string | undefined;
    readonly overrides?:
      | { readonly driversBuildId?: string | undefined; readonly driversLoaderImage?: string | undefined }
      | undefined;
  },
  service: DriverService | undefined,
): Asked | undefined {
  const version = imageVersion(image)?.tag;
  if (version === undefined) return undefined;
  const { driversBuildId: buildId, driversLoaderImage: loaderImage } = overrides ?? {};
  return {
    owner: `${kind} ${describeReference({ namespace: metadata.namespace ?? '', name: metadata.name })}`,
    ownerId: id,
    source,
    version,
    image,
    service,
    ...(buildId ? { buildId } : {}),
    ...(loaderImage ? { loaderImage } : {}),
    ...(imagePullSecret ? { imagePullSecret } : {}),
  };
}

function serviceOf(namespace: string, text: string | undefined): DriverService | undefined {
  return text ? driverService(text, namespace) : undefined;
}
