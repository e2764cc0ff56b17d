import { canonicalJson, sha256Hex } from '../kube/hash.ts';
import type { KubeObject } from '../kube/object.ts';

/**
 * The ConfigMap that stands for a vendor manifest in the cluster, where no CRD does: its UID is the identity that
 * approvals and events refer to, and `generation` is the SHA-256 of the manifest's spec (design 18).
 */
export function anchor(manifest: KubeObject): KubeObject {
  const { kind, metadata } = manifest;
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: anchorName(kind, metadata.name),
      ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
      labels: { 'weka-gitops.dev/anchor': kind },
    },
    data: {
      kind,
      name: metadata.name,
      generation: `sha256:${sha256Hex(canonicalJson(manifest['spec'] ?? {}))}`,
    },
  };
}

/** Name of the ConfigMap that stands for the manifest `name` of a vendor's kind. */
export function anchorName(kind: string, name: string): string {
  return `weka-${kind.toLowerCase()}-${name}`;
}
