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
      name: `weka-${kind.toLowerCase()}-${metadata.name}`,
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
