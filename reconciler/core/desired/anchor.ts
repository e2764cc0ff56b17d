import { ALLOCATION } from '../facts/pod-facts.ts';
import { canonicalJson, sha256Hex } from '../kube/hash.ts';
import { record } from '../kube/json.ts';
import type { KubeObject } from '../kube/object.ts';
import { type Allocation, allocationText } from '../placement/allocation.ts';
import { hideSealed, NOTHING_SEALED, type Sealed } from '../spec/sealed.ts';

/** Label on every anchor; its value is the kind of the manifest. */
const ANCHOR = 'weka-gitops.dev/anchor';

/**
 * The ConfigMap that stands for a vendor manifest in the cluster, where no CRD does: its UID is the identity that
 * approvals and events refer to, and `generation` is the SHA-256 of the manifest's spec (design 18), without what
 * stands encrypted in the repository.
 */
export function anchor(manifest: KubeObject, sealed: Sealed = NOTHING_SEALED): KubeObject {
  const { kind, metadata } = manifest;
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: anchorName(kind, metadata.name),
      ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
      labels: { [ANCHOR]: kind },
    },
    data: {
      kind,
      name: metadata.name,
      generation: `sha256:${sha256Hex(canonicalJson(record(hideSealed(manifest, sealed))['spec'] ?? {}))}`,
    },
  };
}

/** The anchor with where the pod of its manifest was placed: the pod may go, and is made again in its place. */
export function withAllocation(anchor: KubeObject, allocation: Allocation): KubeObject {
  const { annotations: _none, ...metadata } = anchor.metadata;
  return { ...anchor, metadata: { ...metadata, annotations: { [ALLOCATION]: allocationText(allocation) } } };
}

/** Name of the ConfigMap that stands for the manifest `name` of a vendor's kind. */
export function anchorName(kind: string, name: string): string {
  return `weka-${kind.toLowerCase()}-${name}`;
}

/** The WEKA cluster whose identity the anchor `object` is, by name; undefined for what is no anchor of one. */
export function anchoredCluster({ kind, metadata, ...object }: KubeObject): string | undefined {
  const { name } = record(object['data']);
  const isAnchor = kind === 'ConfigMap' && metadata.labels?.[ANCHOR] === 'WekaCluster';
  return isAnchor && typeof name === 'string' ? name : undefined;
}

/** The pod whose identity the anchor `object` is; undefined for what is no anchor of one. */
export function anchoredPod({ kind, metadata, ...object }: KubeObject): PodReference | undefined {
  const { name } = record(object['data']);
  const isAnchor = kind === 'ConfigMap' && metadata.labels?.[ANCHOR] === 'WekaContainer';
  if (!isAnchor || typeof name !== 'string' || metadata.name !== anchorName('WekaContainer', name))
    return undefined;
  const { namespace } = metadata;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
  };
}

type PodReference = Pick<KubeObject, 'apiVersion' | 'kind' | 'metadata'>;
