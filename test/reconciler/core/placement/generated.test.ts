import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../../reconciler/core/kube/hash.ts';
import type { PlacementInput } from '../../../../reconciler/core/placement/input.ts';
import { place } from '../../../../reconciler/core/placement/place.ts';
import { wantedKey } from '../../../../reconciler/core/placement/wanted.ts';
import { generateCluster } from './scheduler/generate-cluster.ts';
import { shuffled } from './worlds.ts';

/** Affinity, constraints, taints, shared drives, pods that run: all that the real scheduler is asked about too. */
const clusters: fc.Arbitrary<PlacementInput> = fc
  .integer({ min: 0, max: 1_000_000 })
  .map((seed) => generateCluster(seed).input);

describe('placement of any cluster', () => {
  it('is the same to the byte whatever the order of the input', () => {
    fc.assert(
      fc.property(
        clusters.chain((input) => fc.tuple(fc.constant(input), shuffled(input))),
        ([input, other]) => {
          expect(canonicalJson(place(other))).toBe(canonicalJson(place(input)));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('moves nothing whose node and drives are there', () => {
    fc.assert(
      fc.property(clusters, (input) => {
        const { placements } = place(input);
        const now = new Map(placements.map((each) => [wantedKey(each), each.allocation]));
        const wanted = input.wants.containers.flatMap((each) => [each, ...each.companions]);
        const names = new Set(wanted.map(wantedKey));
        for (const holding of input.holdings) {
          if (!names.has(wantedKey(holding)) || holding.allocation === undefined) continue;
          expect(now.get(wantedKey(holding))).toMatchObject({
            node: holding.node,
            drives: holding.allocation.drives,
          });
        }
      }),
      { numRuns: 150 },
    );
  });

  it('says of each node why it does not take what is refused', () => {
    fc.assert(
      fc.property(clusters, (input) => {
        const nodes = input.nodes.map(({ name }) => name).toSorted();
        const pinned = new Set(
          input.wants.containers.filter(({ node }) => node !== undefined).map(wantedKey),
        );
        for (const refusal of place(input).refusals) {
          if (refusal.why.kind !== 'nodes') continue;
          const told = refusal.why.nodes.map(({ node }) => node);
          if (pinned.has(wantedKey(refusal))) expect(told).toHaveLength(1);
          else expect(told).toEqual(nodes);
        }
      }),
      { numRuns: 150 },
    );
  });
});
