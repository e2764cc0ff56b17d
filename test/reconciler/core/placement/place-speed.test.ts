import { expect, it } from 'vitest';
import { place } from '../../../../reconciler/core/placement/place.ts';
import { aNode, aPod, both, client, cluster, inputOf } from './build-placement.ts';

const NODES = 1000;

/** Four clusters of 525 containers spread over racks, clients on every tenth node, and ten pods on each node. */
function largeInput(): ReturnType<typeof inputOf> {
  const nodes = Array.from({ length: NODES }, (_, index) =>
    aNode(`node-${index}`, {
      labels: {
        rack: `r${index % 40}`,
        zone: `z${index % 3}`,
        use: index % 10 === 0 ? 'mount' : 'weka',
      },
      drives: [1, 2, 3, 4].map((each) => `${index}-${each}`),
    }),
  );
  const pods = Array.from({ length: NODES * 10 }, (_, index) =>
    aPod(`pod-${index}`, `node-${index % NODES}`, {
      requests: { cpu: '500m', memory: '1Gi' },
      labels: { app: `a${index % 50}` },
    }),
  );
  const dynamicTemplate = {
    driveContainers: 200,
    computeContainers: 200,
    s3Containers: 50,
    nfsContainers: 25,
    numDrives: 2,
  };
  const spec = { dynamicTemplate, failureDomain: { label: 'rack' }, nodeSelector: { use: 'weka' } };
  const clusters = ['a', 'b', 'c', 'd'].map((name) => cluster(spec, name));
  return inputOf({
    wants: both(...clusters, client({ nodeSelector: { use: 'mount' } }, nodes)),
    nodes,
    pods,
  });
}

it('places 2,200 containers on 1,000 nodes with 10,000 pods in at most two seconds of CPU', () => {
  const input = largeInput();
  const seconds = () => {
    const before = process.cpuUsage();
    const { placements, refusals } = place(input);
    const { user, system } = process.cpuUsage(before);
    expect([placements.length, refusals]).toEqual([2200, []]);
    return (user + system) / 1_000_000;
  };
  // Others on the same cores make one run dearer than it is.
  expect(Math.min(seconds(), seconds(), seconds())).toBeLessThanOrEqual(2);
});
