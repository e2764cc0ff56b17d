import { describe, expect, it } from 'vitest';
import { chooseDrives } from '../../../../reconciler/core/placement/choose-drives.ts';
import type { DriveFacts } from '../../../../reconciler/core/placement/input.ts';
import { aNode, aPod, cluster, nodes, placed, seats } from './build-placement.ts';

const drive = (serial: string, more: Partial<DriveFacts> = {}): DriveFacts => ({ serial, ...more });

describe('drives', () => {
  it.each<[string, readonly DriveFacts[], number, readonly string[] | undefined]>([
    ['in the order of their serials', [drive('B'), drive('A'), drive('C')], 2, ['A', 'B']],
    [
      'the large before the small',
      [drive('A', { capacityGiB: 1000 }), drive('B', { capacityGiB: 7000 })],
      1,
      ['B'],
    ],
    [
      'TLC before QLC',
      [drive('A', { type: 'QLC', capacityGiB: 15_000 }), drive('B', { type: 'TLC', capacityGiB: 7000 })],
      1,
      ['B'],
    ],
    [
      'of one size where there are enough',
      [
        drive('A', { capacityGiB: 7000 }),
        drive('B', { capacityGiB: 1000 }),
        drive('C', { capacityGiB: 1000 }),
      ],
      2,
      ['B', 'C'],
    ],
    [
      'of several sizes where there are not',
      [drive('A', { capacityGiB: 1000 }), drive('B', { capacityGiB: 7000 })],
      2,
      ['B', 'A'],
    ],
    ['or none where there are too few', [drive('A')], 2, undefined],
  ])('are chosen %s', (_, free, count, chosen) => {
    expect(chooseDrives(free, { count })).toEqual(chosen);
  });

  it('are like those that a container has already', () => {
    const free = [drive('A', { capacityGiB: 7000 }), drive('B', { capacityGiB: 1000 })];
    expect(chooseDrives(free, { count: 1 }, [drive('X', { capacityGiB: 1000 })])).toEqual(['B']);
  });

  it('are never of another region than is asked for', () => {
    const free = [drive('A', { numa: 1 }), drive('B', { numa: 0 }), drive('C')];
    expect(chooseDrives(free, { count: 2, numa: 0 })).toEqual(['B', 'C']);
    expect(chooseDrives(free, { count: 3, numa: 0 })).toBeUndefined();
  });

  it('of a region are looked for on all nodes', () => {
    const region = (numa: number) => ({ driveDetails: [drive('a-1', { numa }), drive('b-1', { numa })] });
    const on = [
      aNode('node-a', { drives: ['a-1'], ...region(0) }),
      aNode('node-b', { drives: ['b-1'], ...region(1) }),
    ];
    const wants = cluster({ dynamicTemplate: { driveContainers: 1 }, numa: { single: true, region: 1 } });
    expect(seats(placed({ wants, nodes: on }))).toEqual(['demo-drive-0 on node-b b-1']);
  });

  it('are not given where a pod has some and does not say which', () => {
    const pods = [aPod('operators', 'node-a', { requests: { 'weka.io/drives': '1' } })];
    const { refusals } = placed({
      wants: cluster({ dynamicTemplate: { driveContainers: 1 } }),
      nodes: nodes(1),
      pods,
    });
    expect(refusals[0]?.why).toEqual({
      kind: 'nodes',
      nodes: [{ node: 'node-a', reason: { kind: 'unknown-drives', because: { pod: 'other/operators' } } }],
    });
  });

  it('are not given by number alone', () => {
    const { annotations, ...node } = aNode('node-a', { drives: [], has: { 'weka.io/drives': '2' } });
    const unreported = {
      ...node,
      allocatable: { ...node.allocatable, drives: 2 },
      annotations: { ...annotations, drives: undefined },
    };
    const { refusals } = placed({
      wants: cluster({ dynamicTemplate: { driveContainers: 1 } }),
      nodes: [unreported],
    });
    expect(refusals[0]?.why).toMatchObject({
      nodes: [{ reason: { kind: 'unknown-drives', because: 'unreported' } }],
    });
  });

  it('that are shared are counted by capacity, with their proxy once on each node', () => {
    const shared = [{ serial: 'S', capacity_gib: 7000, type: 'TLC' }];
    const annotations = { 'weka.io/weka-shared-drives': JSON.stringify(shared) };
    // Two containers of 2 cores and the proxy of half a one.
    const wants = cluster({
      dynamicTemplate: { driveContainers: 2, containerCapacity: 3500, driveTypesRatio: { tlc: 1, qlc: 0 } },
      overrides: { disregardRedundancy: true },
    });
    const on = (cpu: string) => [
      aNode('node-a', {
        drives: [],
        annotations,
        has: { cpu, 'weka.io/shared-drives-capacity': '7000' },
      }),
    ];
    expect(placed({ wants, nodes: on('4500m') }).refusals).toEqual([]);
    expect(placed({ wants, nodes: on('4400m') }).refusals).toMatchObject([{ name: 'demo-drive-1' }]);
  });
});
