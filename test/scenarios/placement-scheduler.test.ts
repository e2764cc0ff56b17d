import { afterAll, describe, expect, it } from 'vitest';
import type { PlacementNode } from '../../reconciler/core/placement/input.ts';
import {
  generateCluster,
  type GeneratedCluster,
} from '../reconciler/core/placement/scheduler/generate-cluster.ts';
import { ProofPlane } from '../reconciler/core/placement/scheduler/proof-plane.ts';
import { proveCluster } from '../reconciler/core/placement/scheduler/prove-cluster.ts';
import { proveMany } from '../reconciler/core/placement/scheduler/prove-many.ts';

const plane = await ProofPlane.start();
afterAll(() => plane.stop());

/** The same cluster, of whose nodes placement believes something else than what is so. */
function misread(seed: number, change: (node: PlacementNode) => PlacementNode): GeneratedCluster {
  const cluster = generateCluster(seed);
  return { ...cluster, input: { ...cluster.input, nodes: cluster.input.nodes.map(change) } };
}

describe('the real scheduler', () => {
  it('binds what is placed to the node that is named, and refuses what is refused, until that is changed as told', async () => {
    const seeds = Array.from({ length: 20 }, (_, index) => index + 1);
    const { count, faults } = await proveMany(seeds, plane);
    expect(faults).toEqual([]);
    expect(count.clusters).toBe(20);
    // What is generated is neither so roomy nor so narrow that one half of this would be empty.
    expect(count.placed).toBeGreaterThan(40);
    expect(count.kept).toBeGreaterThan(10);
    expect(count.refusedUnpinned).toBeGreaterThan(20);
    expect(count.refusedNodeByNode).toBeGreaterThan(5);
    expect(Object.keys(count.changes)).toEqual(expect.arrayContaining(['room', 'labels', 'a further node']));
  }, 240_000);

  it('tells when placement takes a node for larger than it is', async () => {
    const cluster = misread(110, (node) => ({
      ...node,
      allocatable: { ...node.allocatable, cpuMillis: 1_000_000, hugePages2MiBytes: 2 ** 50 },
    }));
    const { faults } = await proveCluster(cluster, plane, 3000);
    expect(faults).toContainEqual(expect.stringContaining('Insufficient'));
  });

  it('tells when placement refuses what would fit', async () => {
    const cluster = misread(105, (node) => ({
      ...node,
      taints: [{ key: 'nobody', value: '', effect: 'NoExecute' }],
    }));
    const { faults } = await proveCluster(cluster, plane, 3000);
    expect(faults).toContainEqual(expect.stringContaining('The scheduler bound it to'));
  });
});
