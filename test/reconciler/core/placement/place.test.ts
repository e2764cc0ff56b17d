import { describe, expect, it } from 'vitest';
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

/** Nodes of the containers whose names begin so. */
function nodesOf(result: ReturnType<typeof placed>, prefix: string): readonly string[] {
  return result.placements
    .filter(({ name }) => name.startsWith(prefix))
    .map(({ allocation }) => allocation.node);
}

describe('containers of a cluster', () => {
  it('stand on nodes of their own, each with its drives', () => {
    const wants = cluster({ dynamicTemplate: { driveContainers: 2, computeContainers: 2, numDrives: 2 } });
    expect(seats(placed({ wants, nodes: nodes(2) }))).toEqual([
      'demo-compute-0 on node-a',
      'demo-compute-1 on node-b',
      'demo-drive-0 on node-a a-1,a-2',
      'demo-drive-1 on node-b b-1,b-2',
    ]);
  });

  it('may share a node where redundancy is disregarded', () => {
    const wants = cluster({ ...drives(3), overrides: { disregardRedundancy: true } });
    expect(seats(placed({ wants, nodes: nodes(1) }))).toEqual([
      'demo-drive-0 on node-a a-1',
      'demo-drive-1 on node-a a-2',
      'demo-drive-2 on node-a a-3',
    ]);
  });

  it('go to nodes with the labels of their role, which stand in place of the general ones', () => {
    const wants = cluster({
      dynamicTemplate: { driveContainers: 1, computeContainers: 1 },
      nodeSelector: { use: 'general' },
      roleNodeSelector: { drive: { disks: 'many' } },
    });
    const on = [
      aNode('node-a'),
      aNode('node-b', { labels: { use: 'general' } }),
      aNode('node-c', { labels: { disks: 'many' } }),
    ];
    expect(seats(placed({ wants, nodes: on }))).toEqual([
      'demo-compute-0 on node-b',
      'demo-drive-0 on node-c c-1',
    ]);
  });

  it('have their proxy or telemetry beside them', () => {
    const telemetry = {
      exports: [
        { name: 'a', sources: ['audit'], splunk: { authTokenSecretRef: 's.k', endpoint: 'https://a' } },
      ],
    };
    const wants = cluster({ dynamicTemplate: { s3Containers: 1, computeContainers: 2 }, telemetry });
    const result = placed({ wants, nodes: nodes(3) });
    expect(nodesOf(result, 'demo-envoy')).toEqual(nodesOf(result, 'demo-s3'));
    expect(nodesOf(result, 'demo-telemetry')).toEqual(nodesOf(result, 'demo-compute'));
  });

  it('find a node with room for all that stands beside them too', () => {
    // S3 alone takes 3 cores, and its proxy another one.
    const wants = cluster({ dynamicTemplate: { s3Containers: 1 } });
    const on = [aNode('node-a', { has: { cpu: '3' } }), aNode('node-b', { has: { cpu: '4' } })];
    expect(seats(placed({ wants, nodes: on }))).toEqual(['demo-envoy-0 on node-b', 'demo-s3-0 on node-b']);
  });

  it('take siblings as well on a node with hyper-threading', () => {
    const annotations = { 'weka.io/discovery.json': JSON.stringify({ is_ht: true }) };
    const wants = cluster(drives(1, { driveCores: 2 }));
    const on = [aNode('node-a', { has: { cpu: '4' }, annotations }), aNode('node-b', { has: { cpu: '3' } })];
    expect(nodesOf(placed({ wants, nodes: on }), 'demo')).toEqual(['node-b']);
  });

  it('take no node on which they fit only if it has no hyper-threading, while nothing tells of that', () => {
    const annotations = { 'weka.io/discovery.json': '' };
    const wants = cluster(drives(1, { driveCores: 2 }));
    const untold = (cpu: string) => aNode('node-a', { has: { cpu }, annotations });
    expect(nodesOf(placed({ wants, nodes: [untold('4'), aNode('node-b')] }), 'demo')).toEqual(['node-b']);
    expect(placed({ wants, nodes: [untold('4')] }).refusals[0]?.why).toMatchObject({
      nodes: [{ reason: { kind: 'lacks', lacking: { cpuMillis: 1000 } } }],
    });
    expect(nodesOf(placed({ wants, nodes: [untold('5')] }), 'demo')).toEqual(['node-a']);
    const byPolicy = cluster({ ...drives(1, { driveCores: 2 }), cpuPolicy: 'dedicated' });
    expect(nodesOf(placed({ wants: byPolicy, nodes: [untold('3')] }), 'demo')).toEqual(['node-a']);
  });

  it('have cores of their own where they are given by number', () => {
    const spec = { cpuPolicy: 'manual', roleCoreIds: { drive: [2, 3], compute: [3, 4] } };
    const wants = cluster({ dynamicTemplate: { driveContainers: 1, computeContainers: 1 }, ...spec });
    const result = placed({ wants, nodes: nodes(2) });
    expect(new Set(nodesOf(result, 'demo')).size).toBe(2);
    expect(result.placements.map(({ cores }) => cores.ids)).toEqual([
      [3, 4],
      [2, 3],
    ]);
  });
});

describe('nodes that are not theirs', () => {
  it.each([
    ['is cordoned', { cordoned: true }],
    ['has a taint', { taints: [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }] }],
    ['is to be emptied', { taints: [{ key: 'gpu', effect: 'NoExecute' }] }],
    ['has no drives', { drives: [] }],
    ['has its drives blocked', { blocked: ['a-1', 'a-2', 'a-3', 'a-4'] }],
    ['takes no pods more', { maxPods: 0 }],
    ['has too few huge pages', { has: { 'hugepages-2Mi': '1Gi' } }],
    ['has too little memory', { has: { memory: '4Gi' } }],
    ['has too little disk', { has: { 'ephemeral-storage': '10Mi' } }],
    ['gives fewer drives to the scheduler', { has: { 'weka.io/drives': '0' } }],
    ['runs something else than Linux', { labels: { 'kubernetes.io/os': 'windows' } }],
  ])('are left alone: one that %s', (_, options) => {
    const on = [aNode('node-a', options), aNode('node-b')];
    expect(seats(placed({ wants: cluster(drives(1)), nodes: on }))).toEqual(['demo-drive-0 on node-b b-1']);
  });

  it('are those that do not say that they run Linux, or by which name a pod is pinned to them', () => {
    for (const labels of [{ 'kubernetes.io/hostname': 'node-a' }, { 'kubernetes.io/os': 'linux' }]) {
      const on = [{ ...aNode('node-a'), labels }, aNode('node-b')];
      expect(nodesOf(placed({ wants: cluster(drives(1)), nodes: on }), 'demo')).toEqual(['node-b']);
    }
  });

  it.each([
    ['a taint that is tolerated by key', { tolerations: ['gpu'] }],
    [
      'a taint that is tolerated in full',
      { rawTolerations: [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }] },
    ],
  ])('are not those with %s', (_, spec) => {
    const on = [aNode('node-a', { taints: [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }] })];
    expect(nodesOf(placed({ wants: cluster({ ...drives(1), ...spec }), nodes: on }), 'demo')).toEqual([
      'node-a',
    ]);
  });

  it('are those on which pods of others leave too little', () => {
    const on = nodes(2, { has: { cpu: '4' } });
    const pods = [aPod('busy', 'node-a', { requests: { cpu: '2500m' } })];
    expect(nodesOf(placed({ wants: cluster(drives(1)), nodes: on, pods }), 'demo')).toEqual(['node-b']);
  });

  it('are those that the affinity of the role does not name', () => {
    const term = { matchExpressions: [{ key: 'disks', operator: 'Gt', values: ['3'] }] };
    const nodeAffinity = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] } };
    const wants = cluster({ ...drives(1), podConfig: { roleAffinity: { drive: { nodeAffinity } } } });
    const on = [aNode('node-a', { labels: { disks: '3' } }), aNode('node-b', { labels: { disks: '10' } })];
    expect(nodesOf(placed({ wants, nodes: on }), 'demo')).toEqual(['node-b']);
  });
});

describe('neighbours', () => {
  const loner = {
    labelSelector: { matchLabels: { app: 'loner' } },
    topologyKey: 'zone',
    namespaces: ['other'],
  };
  const zones = [
    aNode('node-a', { labels: { zone: 'east' } }),
    aNode('node-b', { labels: { zone: 'east' } }),
    aNode('node-c', { labels: { zone: 'west' } }),
  ];
  const zoneOf = (name: string) => zones.find((node) => node.name === name)?.labels['zone'];
  const required = (term: object) => ({ requiredDuringSchedulingIgnoredDuringExecution: [term] });

  it('keep containers off their zone where these avoid them', () => {
    const wants = cluster({ ...drives(1), podConfig: { affinity: { podAntiAffinity: required(loner) } } });
    const pods = [aPod('loner', 'node-a', { labels: { app: 'loner' } })];
    expect(nodesOf(placed({ wants, nodes: zones, pods }), 'demo')).toEqual(['node-c']);
  });

  it('keep containers off their zone where they avoid these', () => {
    const term = {
      labelSelector: { matchLabels: { app: 'weka' } },
      topologyKey: 'zone',
      namespaceSelector: {},
    };
    const pods = [aPod('loner', 'node-a', { affinity: { podAntiAffinity: required(term) } })];
    expect(nodesOf(placed({ wants: cluster(drives(1)), nodes: zones, pods }), 'demo')).toEqual(['node-c']);
  });

  it('draw containers to their zone', () => {
    const wants = cluster({ ...drives(1), podConfig: { affinity: { podAffinity: required(loner) } } });
    const pods = [aPod('loner', 'node-c', { labels: { app: 'loner' } })];
    expect(nodesOf(placed({ wants, nodes: zones, pods }), 'demo')).toEqual(['node-c']);
    expect(placed({ wants, nodes: zones }).refusals[0]?.why).toMatchObject({
      nodes: [{ reason: { kind: 'not-drawn', label: 'zone' } }, {}, {}],
    });
  });

  it('are of the same kind where containers are drawn to their like, and the first needs none', () => {
    const term = { labelSelector: { matchLabels: { 'weka.io/mode': 'drive' } }, topologyKey: 'zone' };
    const wants = cluster({ ...drives(2), podConfig: { affinity: { podAffinity: required(term) } } });
    expect(nodesOf(placed({ wants, nodes: zones }), 'demo')).toEqual(['node-a', 'node-b']);
  });

  it('draw what was refused before they came', () => {
    const drawn = { labelSelector: { matchLabels: { 'weka.io/mode': 'compute' } }, topologyKey: 'zone' };
    const wants = cluster({
      dynamicTemplate: { driveContainers: 1, computeContainers: 1 },
      podConfig: { roleAffinity: { drive: { podAffinity: required(drawn) } } },
    });
    // Drives have the least choice, and of the worth they are first too.
    const on = [zones[0], zones[1], aNode('node-c', { labels: { zone: 'west' }, drives: [] })];
    const result = placed({ wants, nodes: on.flatMap((node) => node ?? []) });
    expect(result.refusals).toEqual([]);
    expect(nodesOf(result, 'demo-drive').map((node) => zoneOf(node))).toEqual(
      nodesOf(result, 'demo-compute').map((node) => zoneOf(node)),
    );
  });

  it('keep a container away by what always stands beside it', () => {
    const term = {
      labelSelector: { matchLabels: { 'weka.io/mode': 'envoy' } },
      topologyKey: 'zone',
      namespaceSelector: {},
    };
    const pods = [aPod('loner', 'node-a', { affinity: { podAntiAffinity: required(term) } })];
    const wants = cluster({ dynamicTemplate: { s3Containers: 1 } });
    expect(nodesOf(placed({ wants, nodes: zones, pods }), 'demo')).toEqual(['node-c', 'node-c']);
  });

  it('of one node are one client, S3 or NFS container, whatever they belong to', () => {
    const on = nodes(3);
    const wants = both(
      cluster({ dynamicTemplate: { s3Containers: 1 } }, 'one'),
      cluster({ dynamicTemplate: { nfsContainers: 1 } }, 'two'),
      client({ nodeSelector: { 'kubernetes.io/hostname': 'node-a' } }, on),
    );
    const { placements, refusals } = placed({ wants, nodes: on });
    expect(refusals).toEqual([]);
    const where = placements.filter(({ mode }) => mode !== 'envoy').map(({ allocation }) => allocation.node);
    expect(new Set(where).size).toBe(3);
  });

  it('of one node are several where settings allow it', () => {
    const options = { allowMultipleProtocolsPerNode: true };
    const wants = cluster({ dynamicTemplate: { s3Containers: 1, nfsContainers: 1 } }, 'demo', options);
    expect(placed({ wants, nodes: nodes(1) }).refusals).toEqual([]);
  });
});

describe('clients and single containers', () => {
  it('stand on each node with the labels, put up with NoSchedule and are named after it', () => {
    const on = [
      aNode('node-a', { labels: { use: 'mount' } }),
      aNode('node-b'),
      aNode('node-c', { labels: { use: 'mount' }, taints: [{ key: 'gpu', effect: 'NoSchedule' }] }),
    ];
    const wants = client({ nodeSelector: { use: 'mount' } }, on);
    expect(seats(placed({ wants, nodes: on }))).toEqual([
      'mounts-node-a on node-a',
      'mounts-node-c on node-c',
    ]);
  });

  it('stay on a node that has lost the labels, unless they are to go', () => {
    const on = nodes(1, { labels: { use: 'mount' } });
    const wants = client({ nodeSelector: { use: 'mount' } }, on);
    const pods = runningAs(placed({ wants, nodes: on }), wants);
    const later = nodes(1);
    const spec = { nodeSelector: { use: 'mount' } };
    expect(seats(placed({ wants: client(spec, later, pods), nodes: later, pods }))).toEqual([
      'mounts-node-a on node-a',
    ]);
    expect(client(spec, later, pods, { cleanupOnSelectorMismatch: true }).containers).toEqual([]);
  });

  it('have names of at most 63 characters', () => {
    const long = aNode(`node-${'x'.repeat(70)}`);
    const [wanted] = client({}, [long]).containers;
    expect(wanted?.name).toMatch(/^mounts-[0-9a-f]{32}$/);
  });

  it('stand on the node that a manifest names', () => {
    const wants = container('dist', { mode: 'drivers-dist', nodeAffinity: 'host-b' });
    const on = [aNode('node-a'), aNode('node-b', { labels: { 'kubernetes.io/hostname': 'host-b' } })];
    expect(seats(placed({ wants, nodes: on }))).toEqual(['dist on node-b']);
    expect(placed({ wants, nodes: nodes(1) }).refusals[0]?.why).toEqual({ kind: 'no-node', node: 'host-b' });
  });
});
