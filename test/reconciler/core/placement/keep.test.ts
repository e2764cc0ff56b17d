import { describe, expect, it } from 'vitest';
import { ALLOCATION } from '../../../../reconciler/core/facts/pod-facts.ts';
import { allocationText, parseAllocation } from '../../../../reconciler/core/placement/allocation.ts';
import { describeShortfall } from '../../../../reconciler/core/placement/words.ts';
import { aNode, aPod, both, client, cluster, nodes, placed, runningAs, seats } from './build-placement.ts';

const drives = (driveContainers: number, numDrives = 1) => ({
  dynamicTemplate: { driveContainers, numDrives },
});

/** Where containers are after they were placed on `before` and nodes became `after`. */
function later(
  spec: object,
  before: Parameters<typeof placed>[0]['nodes'],
  after: typeof before,
  grown = spec,
) {
  const wants = cluster({ ...spec });
  const pods = runningAs(placed({ wants, nodes: before ?? [] }), wants);
  return placed({ wants: cluster({ ...grown }), nodes: after ?? [], pods });
}

describe('a container that stands somewhere', () => {
  it('moves when its node is gone, and only it', () => {
    const result = later(drives(2), nodes(2), [aNode('node-b'), aNode('node-c')]);
    expect(seats(result)).toEqual(['demo-drive-0 on node-c c-1', 'demo-drive-1 on node-b b-1']);
    expect(result.placements.map(({ how }) => how)).toEqual(['moved', 'kept']);
  });

  it('has a drive that is gone or blocked replaced by a free one, and keeps the rest', () => {
    const spec = drives(1, 2);
    expect(seats(later(spec, nodes(1), [aNode('node-a', { blocked: ['a-1'] })]))).toEqual([
      'demo-drive-0 on node-a a-2,a-3',
    ]);
    expect(seats(later(spec, nodes(1), [aNode('node-a', { drives: ['a-2', 'a-4'] })]))).toEqual([
      'demo-drive-0 on node-a a-2,a-4',
    ]);
  });

  it('stays with fewer drives where no free one is left, and says so', () => {
    const result = later(drives(1, 2), nodes(2), [aNode('node-a', { drives: ['a-2'] }), aNode('node-b')]);
    expect(seats(result)).toEqual(['demo-drive-0 on node-a a-2']);
    expect(result.shortfalls.map(describeShortfall)).toEqual([
      'demo-drive-0 stays on node-a, which lacks 1 drive for it.',
    ]);
  });

  it('moves when it has lost all its drives and finds none on its node', () => {
    const result = later(drives(1), nodes(2), [aNode('node-a', { drives: [] }), aNode('node-b')]);
    expect(seats(result)).toEqual(['demo-drive-0 on node-b b-1']);
  });

  it('keeps its drives while nobody says which there are', () => {
    const [node] = nodes(1);
    if (node === undefined) throw new Error('no node');
    const silent = { ...node, annotations: { ...node.annotations, drives: undefined } };
    expect(seats(later(drives(1), nodes(1), [silent, aNode('node-b')]))).toEqual([
      'demo-drive-0 on node-a a-1',
    ]);
  });

  it('gets more drives when it shall have more', () => {
    expect(seats(later(drives(1), nodes(1), nodes(1), drives(1, 3)))).toEqual([
      'demo-drive-0 on node-a a-1,a-2,a-3',
    ]);
  });

  it('stays although it has outgrown its node, and says what is missing', () => {
    const small = [aNode('node-a', { has: { cpu: '3' } }), aNode('node-b')];
    const result = later(drives(1), [aNode('node-a', { has: { cpu: '3' } })], small, {
      dynamicTemplate: { driveContainers: 1, driveCores: 4 },
    });
    expect(seats(result)).toEqual(['demo-drive-0 on node-a a-1']);
    expect(result.shortfalls.map(describeShortfall)).toEqual([
      'demo-drive-0 stays on node-a, which lacks 2 cores for it.',
    ]);
  });

  it('lacks nothing when its node no longer tells of hyper-threading, and keeps what it has', () => {
    const untold = (cpu: string) => [
      aNode('node-a', { has: { cpu }, annotations: { 'weka.io/discovery.json': '' } }),
    ];
    const spec = { dynamicTemplate: { driveContainers: 1, driveCores: 2, numDrives: 1 } };
    const result = later(spec, [aNode('node-a', { has: { cpu: '3' } })], untold('3'));
    expect(seats(result)).toEqual(['demo-drive-0 on node-a a-1']);
    expect(result.shortfalls).toEqual([]);
    const beside = { dynamicTemplate: { ...spec.dynamicTemplate, computeContainers: 1, computeCores: 1 } };
    expect(seats(later(spec, [aNode('node-a', { has: { cpu: '3' } })], untold('6'), beside))).toEqual([
      'demo-compute-0 on node-a',
      'demo-drive-0 on node-a a-1',
    ]);
    // One that is to have more than it runs with is no longer told by that.
    const grown = { dynamicTemplate: { driveContainers: 1, driveCores: 3 } };
    expect(later(spec, untold('5'), untold('5'), grown).shortfalls.map(describeShortfall)).toEqual([
      'demo-drive-0 stays on node-a, which lacks 2 cores for it.',
    ]);
  });

  it('keeps its failure domain when the label changes', () => {
    const spec = { ...drives(1), failureDomain: { label: 'rack' } };
    const result = later(spec, nodes(1, { labels: { rack: 'a' } }), nodes(1, { labels: { rack: 'b' } }));
    expect(result.placements[0]?.allocation.failureDomain).toBe('a');
  });

  it('has its proxy brought to it when that is gone', () => {
    const wants = cluster({ dynamicTemplate: { s3Containers: 1 } });
    const pods = runningAs(placed({ wants, nodes: nodes(2) }), wants).filter(
      ({ name }) => name === 'demo-s3-0',
    );
    expect(seats(placed({ wants, nodes: nodes(2).toReversed(), pods }))).toEqual([
      'demo-envoy-0 on node-a',
      'demo-s3-0 on node-a',
    ]);
  });

  it('keeps its drives from others until its pod is gone, though nobody wants it any more', () => {
    const wants = cluster(drives(1), 'old');
    const pods = runningAs(placed({ wants, nodes: nodes(1) }), wants);
    expect(seats(placed({ wants: cluster(drives(1)), nodes: nodes(1), pods }))).toEqual([
      'demo-drive-0 on node-a a-2',
    ]);
  });

  it('yields drives and ports that another says it has too, by their names', () => {
    const wants = both(cluster(drives(1), 'one'), cluster(drives(1), 'two'));
    const [one] = runningAs(
      placed({ wants: cluster(drives(1), 'one'), nodes: nodes(1) }),
      cluster(drives(1), 'one'),
    );
    if (one === undefined) throw new Error('no pod');
    const pods = [
      { ...one, name: 'two-drive-0', labels: { ...one.labels, 'weka.io/cluster-name': 'two' } },
      one,
    ];
    expect(seats(placed({ wants, nodes: nodes(1), pods }))).toEqual([
      'one-drive-0 on node-a a-1',
      'two-drive-0 on node-a a-2',
    ]);
  });

  it('is where its pod runs, whatever is written on that, and has nothing that is not known', () => {
    const text = allocationText({ node: 'node-b', drives: ['b-1'], ports: {} });
    const labels = { 'weka.io/mode': 'drive', 'weka.io/cluster-name': 'demo' };
    const pod = aPod('demo-drive-0', 'node-a', {
      namespace: 'weka',
      labels,
      annotations: { [ALLOCATION]: text },
    });
    expect(seats(placed({ wants: cluster(drives(2)), nodes: nodes(2), pods: [pod] }))).toEqual([
      'demo-drive-0 on node-a',
      'demo-drive-1 on node-b b-1',
    ]);
  });

  it('has its place before its pod has one', () => {
    const on = nodes(2);
    const wants = client({ nodeSelector: { 'kubernetes.io/hostname': 'node-b' } }, on);
    const s3 = cluster({ dynamicTemplate: { s3Containers: 1 } });
    const waiting = runningAs(placed({ wants: s3, nodes: [aNode('node-b')] }), s3).map((pod) => ({
      ...pod,
      node: '',
    }));
    const result = placed({ wants: both(wants, s3), nodes: on, pods: waiting });
    expect(seats(result)).toEqual(['demo-envoy-0 on node-b', 'demo-s3-0 on node-b']);
    expect(result.refusals).toMatchObject([
      { name: 'mounts-node-b', why: { nodes: [{ reason: { kind: 'repelled', by: 'weka/demo-s3-0' } }] } },
    ]);
  });
});

describe('what is written on a pod', () => {
  const allocation = {
    node: 'node-a',
    drives: ['A', 'B'],
    ports: { base: 35_000, count: 100, agent: 35_305, singles: { s3Port: 9001 } },
    range: { first: 35_000, size: 500, block: 100 as const },
    failureDomain: 'rack-1',
  };

  it('can be read again', () => {
    expect(parseAllocation(allocationText(allocation))).toEqual(allocation);
  });

  it.each([
    undefined,
    '',
    '{',
    'null',
    '{"node":"","drives":[],"ports":{}}',
    '{"node":"a","drives":[1],"ports":{}}',
    '{"node":"a","drives":[]}',
    '{"node":"a","drives":[],"ports":{"base":70000}}',
    '{"node":"a","drives":[],"ports":{"singles":{"s3Port":"x"}}}',
    '{"node":"a","drives":[],"ports":{},"range":{"first":1,"size":2,"block":3}}',
  ])('is not half believed: %s', (text) => {
    expect(parseAllocation(text)).toBeUndefined();
  });
});
