import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ClaimIndex } from '../../../../reconciler/core/lint/ports/claim-index.ts';
import { NodeIndex } from '../../../../reconciler/core/lint/node-index.ts';
import type { PortClaim } from '../../../../reconciler/core/lint/ports/port-claims.ts';
import { isWithin, type Labels, sharedNodes } from '../../../../reconciler/core/lint/shared-nodes.ts';

const labels: fc.Arbitrary<Labels> = fc.dictionary(
  fc.constantFrom('hall', 'rack', 'os', 'a=b'),
  fc.constantFrom('1', '2', 'b=1'),
);

describe('NodeIndex', () => {
  it('finds, in order, what comparing each with each finds', () => {
    fc.assert(
      fc.property(fc.array(labels, { maxLength: 20 }), labels, (all, wanted) => {
        const index = new NodeIndex(all, (each) => each);
        expect([...index.sharing(wanted)]).toEqual(
          all.filter((each) => sharedNodes(each, wanted) !== undefined),
        );
        expect([...index.within(wanted)]).toEqual(all.filter((each) => isWithin(wanted, each)));
        expect(index.has(wanted)).toBe(all.some((each) => isWithin(wanted, each)));
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('ClaimIndex', () => {
  it('finds the first claim of an earlier manifest for the same port of the same node', () => {
    const claim = fc.record({
      first: fc.nat(9).map((port) => port + 250),
      count: fc.nat(3),
      isExclusive: fc.boolean(),
      nodes: fc.array(labels, { maxLength: 3 }),
    });
    fc.assert(
      fc.property(fc.array(fc.array(claim, { maxLength: 2 }), { maxLength: 8 }), (manifests) => {
        const claims = manifests.flatMap((own, manifest) => {
          const spec = { manifest } as unknown as PortClaim['spec'];
          return own.map(({ first, count, nodes, isExclusive }) => ({
            spec,
            first,
            last: first + count,
            owner: String(manifest),
            nodes,
            isExclusive,
          }));
        });
        const index = new ClaimIndex(claims);
        for (const [at, each] of claims.entries()) {
          const expected = claims.slice(0, at).find((other) => meet(other, each));
          expect(index.first(each)).toBe(expected);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

type Claim = Omit<PortClaim, 'path'>;

function meet(one: Claim, other: Claim): boolean {
  if (one.isExclusive && other.isExclusive) return false;
  if (one.spec === other.spec || one.first > other.last || other.first > one.last) return false;
  return one.nodes.some((a) => other.nodes.some((b) => sharedNodes(a, b) !== undefined));
}
