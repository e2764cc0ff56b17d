import { describe, expect, it } from 'vitest';
import type { NodeFacts } from '../../../../reconciler/core/facts/node-facts.ts';
import { contradiction, soundNodes, strayPodsWords } from '../../../../reconciler/core/facts/sound-nodes.ts';
import { aNode, aPod, nodes, type NodeOptions } from '../placement/build-placement.ts';

const obstacles = (all: readonly NodeFacts[]) =>
  soundNodes(all).map(({ name, obstacle }) => `${name}: ${obstacle ?? 'takes pods'}`);

describe('a node takes no pods', () => {
  it('that has the hostname of another one, nor does that', () => {
    const labels = { 'kubernetes.io/hostname': 'host' };
    expect(obstacles([aNode('node-a', { labels }), aNode('node-b', { labels }), aNode('node-c')])).toEqual([
      'node-a: has the hostname label host, which node-b has too',
      'node-b: has the hostname label host, which node-a has too',
      'node-c: takes pods',
    ]);
  });

  it.each<[string, NodeOptions['has'], string]>([
    ['less than nothing', { cpu: '-4' }, 'minus 4 cores'],
    ['less than no huge pages', { 'hugepages-2Mi': '-2Mi' }, 'minus 2 MiB of huge pages'],
    ['more than any machine', { 'ephemeral-storage': '2Ei' }, '2,147,483,648 GiB of disk'],
    ['more drives than fit', { 'weka.io/drives': '100000' }, '100,000 drives'],
  ])('that says it has %s', (_, has, words) => {
    const drives = Array.from({ length: 100_000 }, (__, index) => `S${index}`);
    expect(obstacles([aNode('node-a', { has: has ?? {}, drives })])).toEqual([
      `node-a: says that it has ${words}, which cannot be`,
    ]);
  });

  it('that says it takes fewer pods than none', () => {
    expect(obstacles([aNode('node-a', { maxPods: -1 })])).toEqual([
      'node-a: says that it has room for -1 pods, which cannot be',
    ]);
  });

  it('and two nodes without a hostname are not taken for one', () => {
    const [a, b] = nodes(2).map((node) => ({ ...node, labels: {} }));
    expect(obstacles([a!, b!])).toEqual(['node-a: takes pods', 'node-b: takes pods']);
  });
});

describe('facts contradict each other', () => {
  it('with two nodes or two pods of one name', () => {
    expect(contradiction({ nodes: [aNode('node-a'), aNode('node-a')], pods: [] })).toBe(
      'there are two nodes node-a',
    );
    expect(contradiction({ nodes: [], pods: [aPod('web', 'node-a'), aPod('web', 'node-b')] })).toBe(
      'there are two pods other/web',
    );
  });

  it('with a pod that asks for less than nothing', () => {
    const pods = [aPod('web', 'node-a', { requests: { memory: '-1Gi' } })];
    expect(contradiction({ nodes: nodes(1), pods })).toBe('the pod other/web asks for less than nothing');
  });

  it('with nothing else: a pod may be on a node that is gone for as long as it is not cleared away', () => {
    expect(contradiction({ nodes: nodes(1), pods: [aPod('web', 'node-z')] })).toBeUndefined();
  });

  it('are told of where pods are on nodes that are gone, some by name', () => {
    const ended = { ...aPod('done', 'node-z'), ended: true };
    const sound = [aPod('web', 'node-a'), aPod('waits', ''), ended];
    expect(strayPodsWords({ nodes: nodes(1), pods: sound })).toBeUndefined();
    const strays = ['e', 'd', 'c', 'b'].map((name) => aPod(name, 'node-z'));
    expect(strayPodsWords({ nodes: nodes(1), pods: [...sound, ...strays] })).toBe(
      'pods on nodes that are gone count nowhere: other/b on node-z, other/c on node-z, other/d on node-z, and 1 more',
    );
  });
});
