import { seatAll } from '../../../../../reconciler/core/placement/place.ts';
import type { GeneratedCluster } from './generate-cluster.ts';
import { CLUSTER_LABEL } from './kube-objects.ts';
import { Proof } from './proof.ts';
import type { ProofPlane } from './proof-plane.ts';
import { provePlacements } from './prove-placements.ts';
import { proveRefusals } from './prove-refusals.ts';

/**
 * Lets the scheduler judge all that placement says of a cluster. A pod that must be bound is given up after `patienceMs`.
 */
export async function proveCluster(
  cluster: GeneratedCluster,
  plane: ProofPlane,
  patienceMs = 30_000,
): Promise<Pick<Proof, 'faults' | 'count'>> {
  const proof = new Proof(cluster, plane, patienceMs);
  const { id, namespaces, nodes } = cluster;
  try {
    await build(cluster, plane);
    proof.add({ clusters: 1, nodes: nodes.length });
    const seated = seatAll(cluster.input);
    await provePlacements(proof, seated);
    await proveRefusals(proof, seated);
  } finally {
    await Promise.all(namespaces.map((each) => plane.removePods(each)));
    await plane.removeNodes(`${CLUSTER_LABEL}=${id}`);
  }
  return proof;
}

/** Makes nodes and the pods on them, all of which the scheduler has heard of afterwards. */
async function build({ id, namespaces, nodes, pods }: GeneratedCluster, plane: ProofPlane): Promise<void> {
  await Promise.all(namespaces.map((each) => plane.addNamespace(each)));
  await Promise.all(nodes.map((each) => plane.addNode(each)));
  for (const pod of pods) await plane.addPod(pod);
  // News come in order, so whoever binds this pod to this node knows all the others.
  const last = `${id}-last`;
  await plane.addNode({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: last, labels: { [CLUSTER_LABEL]: last }, annotations: {} },
    spec: { taints: [] },
    status: { capacity: { pods: '1' }, allocatable: { pods: '1' }, conditions: [] },
  });
  const key = await plane.addPod({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: `${id}-other`, name: last, labels: {} },
    spec: { containers: [{ name: 'c', image: 'c' }], nodeSelector: { [CLUSTER_LABEL]: last } },
  });
  const verdict = await plane.verdicts.bound(key, 60_000);
  if ('refused' in verdict) throw new Error(`The scheduler has not heard of ${last}: ${verdict.refused}`);
  await plane.removePod(key);
  await plane.removeNode(last);
}
