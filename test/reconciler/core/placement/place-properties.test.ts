import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plus } from '../../../../reconciler/core/facts/resources.ts';
import { canonicalJson } from '../../../../reconciler/core/kube/hash.ts';
import type { Holding } from '../../../../reconciler/core/placement/allocation.ts';
import { holdingsOf } from '../../../../reconciler/core/placement/holdings.ts';
import type { PlacementInput, PlacementNode } from '../../../../reconciler/core/placement/input.ts';
import { place } from '../../../../reconciler/core/placement/place.ts';
import type { NodeChange } from '../../../../reconciler/core/placement/result.ts';
import { runningAs } from './build-placement.ts';
import { faults } from './check-placement.ts';
import { fitsSomehow } from './exhaustive.ts';
import { shuffled, worlds } from './worlds.ts';

const any = worlds({ nodes: [1, 8], spread: false, clusters: 2 });
const spreading = worlds({ nodes: [1, 8], spread: true, clusters: 2 });

describe('placement of any containers on any nodes', () => {
  it('answers each container once, and never puts too much or two that exclude each other on a node', () => {
    fc.assert(
      fc.property(fc.oneof(any, spreading), (input) => {
        expect(faults(input, place(input))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('gives the same bytes whatever the order of the input', () => {
    fc.assert(
      fc.property(
        fc
          .tuple(fc.oneof(any, spreading), fc.boolean())
          .map(([input, isRunning]) => (isRunning ? contradicting(input) : input))
          .chain((input) => fc.tuple(fc.constant(input), shuffled(input))),
        ([input, other]) => {
          expect(canonicalJson(place(other))).toBe(canonicalJson(place(input)));
        },
      ),
      { numRuns: 200 },
    );
  });

  it('moves nothing when nodes, containers and pods of others come', () => {
    fc.assert(
      fc.property(
        fc.oneof(any, spreading),
        worlds({ nodes: [1, 4], spread: false, clusters: 2 }),
        (input, later) => {
          const first = place(input);
          const pods = [...input.pods, ...runningAs(first, input.wants)];
          const more = later.nodes.map((node) => ({
            ...node,
            name: `new-${node.name}`,
            labels: { ...node.labels, 'kubernetes.io/hostname': `new-${node.name}` },
          }));
          const grown = {
            ...input,
            nodes: [...input.nodes, ...more],
            pods,
            holdings: holdingsOf(pods),
            wants: {
              containers: [
                ...input.wants.containers,
                ...later.wants.containers
                  .filter(({ node }) => node === undefined)
                  .map((each) => ({
                    ...each,
                    name: `later-${each.name}`,
                    companions: [],
                    shape: { ...each.shape, key: `later ${each.shape.key}`, companions: [] },
                  })),
              ],
              ranges: input.wants.ranges.concat(
                later.wants.ranges.filter(
                  ({ owner }) => !input.wants.ranges.some((each) => each.owner === owner),
                ),
              ),
            },
          };
          const second = place(grown);
          const now = new Map(second.placements.map(({ name, allocation }) => [name, allocation]));
          for (const { name, allocation } of first.placements) expect(now.get(name)).toEqual(allocation);
          expect(faults(grown, second)).toEqual([]);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('keeps what stands although its nodes are cordoned, tainted and relabelled', () => {
    fc.assert(
      fc.property(any, (input) => {
        const first = place(input);
        const pods = [...input.pods, ...runningAs(first, input.wants)];
        const nodes = input.nodes.map((node) => ({
          ...node,
          labels: { 'kubernetes.io/os': 'linux' },
          obstacle: 'is cordoned',
          taints: [{ key: 'a', value: '', effect: 'NoExecute' }],
        }));
        const second = place({ ...input, nodes, pods, holdings: holdingsOf(pods) });
        expect(second.placements.map(({ allocation }) => allocation)).toEqual(
          first.placements.map(({ allocation }) => allocation),
        );
      }),
      { numRuns: 100 },
    );
  });

  it('puts what is gone back where it was, as far as nodes take it, and the rest elsewhere', () => {
    const situation = fc
      .tuple(any, fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }))
      .map(([input, cordoned]) => {
        const first = place(input);
        const nodes = input.nodes.map((node, index) =>
          cordoned[index] === true ? { ...node, obstacle: 'is cordoned' } : node,
        );
        const holdings = first.placements.map(({ namespace, name, owner, allocation }): Holding => ({
          namespace,
          name,
          owner,
          node: allocation.node,
          allocation,
          returns: true,
        }));
        return { first, input: { ...input, nodes, holdings } };
      })
      .chain(({ first, input }) =>
        fc.record({ first: fc.constant(first), input: fc.constant(input), other: shuffled(input) }),
      );
    fc.assert(
      fc.property(situation, ({ first, input, other }) => {
        const second = place(input);
        expect(canonicalJson(place(other))).toBe(canonicalJson(second));
        expect(faults(input, second)).toEqual([]);
        const open = new Set(
          input.nodes.flatMap(({ name, obstacle }) => (obstacle === undefined ? [name] : [])),
        );
        const now = new Map(second.placements.map((each) => [each.name, each]));
        for (const { name, allocation } of first.placements) {
          const after = now.get(name);
          if (open.has(allocation.node)) {
            expect(after).toMatchObject({ how: 'kept', allocation: { node: allocation.node } });
          } else if (after !== undefined) {
            expect(after.how).not.toBe('kept');
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  it('keeps places within the skew that is asked for', () => {
    fc.assert(
      fc.property(spreading, (input) => {
        const { placements } = place(input);
        const zoneOf = new Map(input.nodes.map(({ name, labels }) => [name, labels['zone'] ?? '']));
        for (const { shape } of input.wants.containers) {
          if (shape.spread.length === 0) continue;
          const eligible = input.nodes.filter(({ labels }) =>
            Object.entries(shape.nodeSelector).every(([label, value]) => labels[label] === value),
          );
          const counts = new Map(eligible.map(({ labels }) => [labels['zone'] ?? '', 0]));
          for (const { owner, mode, allocation } of placements) {
            const zone = zoneOf.get(allocation.node) ?? '';
            if (owner === shape.owner && mode === shape.mode) counts.set(zone, (counts.get(zone) ?? 0) + 1);
          }
          const all = [...counts.values()];
          expect(Math.max(0, ...all) - Math.min(...all, Number.POSITIVE_INFINITY)).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('a refusal', () => {
  const small = worlds({ nodes: [1, 3], spread: false, clusters: 1, roomy: true }).filter(
    ({ wants }) => wants.containers.length <= 7,
  );

  it('is proved only where no way to place all exists, and nothing is refused where all was placed', () => {
    fc.assert(
      fc.property(small, (input) => {
        const { refusals } = place(input);
        if (refusals.some(({ proved }) => proved)) expect(fitsSomehow(input)).toBe(false);
        if (refusals.length === 0) expect(fitsSomehow(input)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('is always proved where containers of one kind are all that is wanted', () => {
    fc.assert(
      fc.property(
        fc.oneof(any, spreading),
        fc.constantFrom('drive', 'compute', 's3', 'nfs'),
        (input, mode) => {
          const containers = input.wants.containers.filter(
            ({ shape }) => shape.mode === mode && shape.owner.endsWith('demo-0'),
          );
          const { refusals } = place({ ...input, wants: { ...input.wants, containers } });
          expect(refusals.filter(({ proved }) => !proved)).toEqual([]);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('names a change of one node after which the container fits', () => {
    fc.assert(
      fc.property(any, fc.constantFrom('drive', 'compute', 's3'), (input, mode) => {
        const containers = input.wants.containers.filter(
          ({ shape }) => shape.mode === mode && shape.owner.endsWith('demo-0'),
        );
        const only = { ...input, wants: { ...input.wants, containers } };
        const { refusals } = place(only);
        const change = refusals.find((each) => each.change.onNode !== undefined)?.change.onNode;
        if (change === undefined) return;
        const nodes = input.nodes.map((node) => (node.name === change.node ? changed(node, change) : node));
        const after = place({ ...only, nodes });
        const hosts = ({ why }: (typeof refusals)[number]) => why.kind !== 'no-host';
        expect(after.refusals.filter(hosts).length).toBe(refusals.filter(hosts).length - 1);
      }),
      { numRuns: 300 },
    );
  });

  it('tells of every node, once', () => {
    fc.assert(
      fc.property(any, (input) => {
        for (const { why, name } of place(input).refusals) {
          if (why.kind !== 'nodes' || name.startsWith('mounts')) continue;
          expect(why.nodes.map(({ node }) => node)).toEqual(
            input.nodes.map(({ name: each }) => each).toSorted(),
          );
        }
      }),
      { numRuns: 100 },
    );
  });
});

/** What was placed runs, and is written down a second time under other names and for other nodes. */
function contradicting(input: PlacementInput): PlacementInput {
  const running = runningAs(place(input), input.wants);
  const holdings = holdingsOf(running);
  const copies = holdings.map((each, index) => ({ ...each, name: holdings[index + 1]?.name ?? 'other' }));
  const pods = [
    ...input.pods,
    ...running,
    ...running.map((pod) => ({ ...pod, name: `copy-of-${pod.name}` })),
  ];
  return { ...input, pods, holdings: [...holdings, ...copies] };
}

/** A node after what a refusal says would do. */
function changed(node: PlacementNode, change: NodeChange): PlacementNode {
  switch (change.kind) {
    case 'room':
      return { ...node, allocatable: plus(node.allocatable, change.more) };
    case 'drives': {
      const drives = Array.from({ length: change.more }, (_, index) => `fresh-${index}`);
      return {
        ...node,
        allocatable: { ...node.allocatable, drives: node.allocatable.drives + change.more },
        annotations: { ...node.annotations, drives: [...(node.annotations.drives ?? []), ...drives] },
      };
    }
    case 'pods':
      return { ...node, maxPods: (node.maxPods ?? 110) + change.more };
    case 'service':
    case 'hostname':
      return { ...node, obstacle: undefined };
    case 'labels':
      return { ...node, labels: { ...node.labels, ...change.labels } };
    case 'taint':
      return { ...node, taints: node.taints.filter(({ key }) => key !== change.taint.key) };
  }
}
