import { describe, expect, it } from 'vitest';
import { describeRefusal, describeShortfall } from '../../../../reconciler/core/placement/words.ts';
import {
  aNode,
  aPod,
  both,
  client,
  cluster,
  container,
  nodes,
  placed,
  runningAs,
  seats,
} from './build-placement.ts';

const drives = (driveContainers: number, more: object = {}) => ({
  dynamicTemplate: { driveContainers, ...more },
});

describe('containers of a cluster', () => {
  it('stand on nodes of their own, each with its drives', () => {
    const wants = cluster({ dynamicTemplate: { driveContainers: 2, computeContainers: 2, numDrives: 2 } });
    expect(seats(placed({ wants, nodes: nodes(2) }))).toEqual([
      'demo-compute-0 on node-b',
      'demo-compute-1 on node-a',
      'demo-drive-0 on node-a a-1,a-2',
      'demo-drive-1 on node-b b-1,b-2',
    ]);
  });

  it('stay where they are when others come, and take the node that is free', () => {
    const before = cluster(drives(2));
    const first = placed({ wants: before, nodes: nodes(3).slice(1) });
    const pods = runningAs(first, before);
    expect(seats(placed({ wants: cluster(drives(3)), nodes: nodes(3), pods }))).toEqual([
      'demo-drive-0 on node-b b-1',
      'demo-drive-1 on node-c c-1',
      'demo-drive-2 on node-a a-1',
    ]);
  });
});
