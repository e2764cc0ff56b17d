import { describe, expect, it } from 'vitest';
import { describeChange, describeRefusal } from '../../../../reconciler/core/placement/words.ts';
import { aNode, aPod, client, cluster, nodes, placed, type World } from './build-placement.ts';

/** Why each container that is refused stands nowhere, and what would help. */
const said = (world: World) =>
  placed(world).refusals.map((each) => `${describeRefusal(each)} ${describeChange(each.change)}`.trim());
const drives = (driveContainers: number, more: object = {}) => ({
  dynamicTemplate: { driveContainers, ...more },
});

describe('a refusal says', () => {
  it('what is missing on the node that lacks least', () => {
    // 1400 MiB for a core and 200 for a drive are 800 pages.
    const on = [
      aNode('node-a', { has: { 'hugepages-2Mi': '1Gi' } }),
      aNode('node-b', { has: { 'hugepages-2Mi': '1596Mi' } }),
      aNode('node-c', { cordoned: true }),
    ];
    expect(said({ wants: cluster(drives(1)), nodes: on })).toEqual([
      'demo-drive-0 finds no node: node-a lacks 288 huge pages of 2 MiB; node-b lacks 2 huge pages of 2 MiB; node-c is cordoned. Give node-b 2 more huge pages of 2 MiB, or add a node',
    ]);
  });

  it('that a further node is all that helps where each has one', () => {
    expect(
      said({
        wants: cluster({ ...drives(3), nodeSelector: { use: 'weka' } }),
        nodes: nodes(2, { labels: { use: 'weka' } }),
      }),
    ).toEqual([
      'demo-drive-2 finds no node: node-a hosts weka/demo-drive-0, beside which it must not stand; node-b hosts weka/demo-drive-1, beside which it must not stand. Add a node with use=weka',
    ]);
  });

  it.each([
    [
      { blocked: ['a-1', 'a-2', 'a-3'] },
      drives(1, { numDrives: 3 }),
      'has 1 free drive of 3',
      'Sign 2 more drives on node-a',
    ],
    [
      { taints: [{ key: 'gpu', effect: 'NoSchedule' }] },
      drives(1),
      'has the taint gpu:NoSchedule',
      'Tolerate gpu:NoSchedule, which node-a has',
    ],
    [{ cordoned: true }, drives(1), 'is cordoned', 'Uncordon node-a'],
    [
      {},
      { ...drives(1), nodeSelector: { use: 'weka' } },
      'has no label use=weka',
      'Label node-a with use=weka',
    ],
    [{ maxPods: 0 }, drives(1), 'takes no more than 0 pods', 'Move 1 pod away from node-a'],
    [{ has: { cpu: '500m' } }, drives(1), 'lacks 1.5 cores', 'Give node-a 1.5 cores more'],
  ])('what one change of a node would do: %j', (node, spec, reason, change) => {
    const [text] = said({ wants: cluster(spec), nodes: [aNode('node-a', node)] });
    expect(text).toContain(`node-a ${reason}. ${change}, or add a node`);
  });

  it('how many pods have to go where more than one comes', () => {
    const [, text] = said({
      wants: cluster({ dynamicTemplate: { s3Containers: 1 } }),
      nodes: nodes(1, { maxPods: 1 }),
      pods: [aPod('one', 'node-a'), aPod('other', 'node-a')],
    });
    expect(text).toContain('Move 3 pods away from node-a, or add a node');
  });

  it('nothing small where two things are missing, and no other node for a client', () => {
    const on = [aNode('node-a', { cordoned: true, has: { cpu: '1' } })];
    expect(said({ wants: client({}, on), nodes: on })).toEqual([
      'mounts-node-a finds no node: node-a is cordoned.',
    ]);
  });

  it('who took the room', () => {
    const on = nodes(1, { has: { cpu: '3' } });
    const [text] = said({
      wants: cluster({ dynamicTemplate: { driveContainers: 1, computeContainers: 1 } }),
      nodes: on,
    });
    expect(text).toBe(
      'demo-compute-0 finds no node beside weka/demo-drive-0: node-a lacks 1 core. Give node-a 1 core more, or add a node',
    );
  });

  it('what holds for many nodes once', () => {
    const on = nodes(6, { cordoned: true });
    expect(said({ wants: cluster(drives(1)), nodes: on })[0]).toContain(
      'node-a, node-b and 4 others are cordoned.',
    );
  });

  it('whose fault it is that a proxy stands nowhere', () => {
    expect(said({ wants: cluster({ dynamicTemplate: { s3Containers: 1 } }), nodes: [] })).toEqual([
      'demo-envoy-0 finds no node: it stands beside demo-s3-0, which has none.',
      'demo-s3-0 finds no node: there are none. Add a node',
    ]);
  });

  it('which pod has drives that it does not name', () => {
    const pods = [aPod('old', 'node-a', { requests: { 'weka.io/drives': '1' } })];
    const [text] = said({ wants: cluster(drives(1)), nodes: nodes(1), pods });
    expect(text).toContain('node-a has drives that other/old uses without saying which.');
  });

  it('nothing of containers of more worth, which have the room where there is not enough for all', () => {
    const spec = { dynamicTemplate: { driveContainers: 1, computeContainers: 1, s3Containers: 1 } };
    const { placements } = placed({ wants: cluster(spec), nodes: nodes(1, { has: { cpu: '4' } }) });
    expect(placements.map(({ mode }) => mode)).toEqual(['compute', 'drive']);
  });

  it('so of S3 although it has one node to choose and drives have three, one of which they need', () => {
    const on = [
      aNode('node-a', { labels: { zone: 'east', use: 's3' }, has: { cpu: '5' } }),
      aNode('node-b', { labels: { zone: 'west' } }),
      aNode('node-c', { labels: { zone: 'west' } }),
    ];
    const spec = {
      dynamicTemplate: { driveContainers: 2, s3Containers: 1 },
      failureDomain: { label: 'zone' },
      roleNodeSelector: { s3: { use: 's3' } },
    };
    const { placements } = placed({ wants: cluster(spec), nodes: on });
    expect(placements.map(({ name, allocation: { node } }) => `${name} on ${node}`)).toEqual([
      'demo-drive-0 on node-a',
      'demo-drive-1 on node-b',
    ]);
  });

  it('no toleration that would help where there are two taints', () => {
    const taints = ['gpu', 'batch'].map((key) => ({ key, effect: 'NoSchedule' }));
    expect(said({ wants: cluster(drives(1)), nodes: [aNode('node-a', { taints })] })).toEqual([
      'demo-drive-0 finds no node: node-a has the taint gpu:NoSchedule. Add a node',
    ]);
  });
});
