import { describe, expect, it } from 'vitest';
import { aNode, aPod, client, cluster, factsOf, nodes, saidOf } from './build-facts.ts';

const ofDemo = (mode: string) => ({ 'weka.io/cluster-name': 'demo', 'weka.io/mode': mode });

describe('nodes for all together', () => {
  const small = factsOf(nodes(6, { has: { cpu: '3' } }));

  it('are told where each role has room and both have not', () => {
    expect(saidOf(cluster('{ hotSpare: 1 }'), small)).toEqual([
      'warning nodes-together: The 6 compute containers of cluster demo find no node beside the drive containers of cluster demo: node-a, node-b and 4 others lack 1 core. Give node-a 1 core more, or add a node, for each of them; or ask for less.',
    ]);
  });

  it('are found for each role where there is a choice', () => {
    const some = factsOf(
      nodes(6, { has: { cpu: '3' } }),
      Array.from({ length: 6 }, (_, index) =>
        aNode(`z-${index}`, { has: { cpu: '3', 'weka.io/drives': '0' } }),
      ),
    );
    expect(saidOf(cluster('{ hotSpare: 1 }'), some)).toEqual([]);
  });

  it('count every cluster of the repository', () => {
    const two = [cluster('{ hotSpare: 1 }', 'one'), cluster('{ hotSpare: 1 }', 'two')].join('---\n');
    expect(saidOf(two, factsOf(nodes(6, { has: { cpu: '8' } })), 'nodes-together')).toEqual([]);
    expect(saidOf(two, factsOf(nodes(6, { has: { cpu: '7' } })), 'nodes-together')).toEqual([
      expect.stringContaining(
        'The 6 compute containers of cluster two find no node beside the compute containers of cluster one, the drive containers of cluster one and the drive containers of cluster two: ',
      ),
    ]);
  });

  it('go first to the role that has the least choice, in whatever manifest', () => {
    const wide = cluster('{ hotSpare: 1, dynamicTemplate: { numDrives: 1 } }', 'wide');
    const narrow = cluster('{ hotSpare: 1, nodeSelector: { disk: nvme } }', 'narrow');
    const facts = factsOf(
      nodes(6, { has: { cpu: '4' }, labels: { disk: 'nvme' } }),
      Array.from({ length: 6 }, (_, index) => aNode(`z-${index}`, { has: { cpu: '4' } })),
    );
    expect(saidOf(`${wide}---\n${narrow}`, facts, 'nodes-together')).toEqual([]);
  });

  it('leave room for clients, or it is told', () => {
    const text = `${cluster()}---\n${client('{ targetCluster: { name: demo, namespace: weka } }')}`;
    expect(saidOf(text, factsOf(nodes(6, { has: { cpu: '6' } })), 'nodes-together')).toEqual([]);
    expect(saidOf(text, factsOf(nodes(6, { has: { cpu: '5' } })), 'nodes-together')).toEqual([
      'warning nodes-together: Client mounts fits on 6 nodes alone, and on none of them beside the compute containers of cluster demo and the drive containers of cluster demo: node-a, node-b and 4 others lack 1 core. Narrow nodeSelector to nodes that have room beside such containers, or ask for less.',
    ]);
  });

  it('are told once for each role, with how many of it find none', () => {
    const some = factsOf(nodes(3, { has: { cpu: '3' } }), aNode('x-a'), aNode('x-b'), aNode('x-c'));
    expect(saidOf(cluster('{ hotSpare: 1 }'), some)).toEqual([
      'warning nodes-together: 3 of the 6 compute containers of cluster demo find no node beside the drive containers of cluster demo: node-a, node-b and node-c lack 1 core; x-a, x-b and x-c host a compute container of cluster demo, beside which it must not stand. Give node-a 1 core more, or add a node, for each of them; or ask for less.',
    ]);
  });

  it('are not asked for again by what runs already, whatever its pods are called', () => {
    const running = (mode: string) =>
      ['a', 'b', 'c', 'd', 'e', 'f'].map((node) =>
        aPod(`demo-${mode}-8c1f${node}`, {
          node: `node-${node}`,
          labels: ofDemo(mode),
          requests: { cpu: '2', ...(mode === 'drive' && { 'weka.io/drives': '2' }) },
        }),
      );
    const facts = factsOf(nodes(6, { has: { cpu: '5' } }), running('drive'), running('compute'));
    expect(saidOf(cluster('{ hotSpare: 1 }'), facts, 'nodes-together')).toEqual([]);
    const second = `${cluster('{ hotSpare: 1 }')}---\n${cluster('{ hotSpare: 1 }', 'second')}`;
    expect(saidOf(second, facts, 'nodes-together')).toEqual([]);
    expect(saidOf(second, facts, 'nodes-for-role')).toHaveLength(2);
  });

  it('are told of what stands beside a container, where that runs already', () => {
    const computes = ['a', 'b', 'c', 'd', 'e', 'f'].map((node) =>
      aPod(`demo-compute-8c1f${node}`, {
        node: `node-${node}`,
        labels: ofDemo('compute'),
        requests: { cpu: '2' },
      }),
    );
    const exports =
      "telemetry: { exports: [{ name: all, sources: [audit], splunk: { authTokenSecretRef: 'a.b', endpoint: 'https://a.example' } }] }";
    const wanted = cluster(`{ hotSpare: 1, ${exports} }`);
    const facts = (cpu: string) => factsOf(nodes(6, { has: { cpu } }), computes);
    expect(saidOf(wanted, facts('5'), 'nodes-together')).toEqual([]);
    expect(saidOf(wanted, facts('4'), 'nodes-together')).toEqual([
      'warning nodes-together: The 6 telemetry containers of cluster demo find no node beside the drive containers of cluster demo: node-a, node-b and 4 others lack 1 core. Give node-a 1 core more, for each of them; or ask for less.',
    ]);
  });

  it('must let containers spread as they shall', () => {
    const zones = ', failureDomain: { label: zone }';
    const facts = factsOf(
      nodes(5, { labels: { zone: 'east' } }),
      aNode('node-x', { labels: { zone: 'west' } }),
    );
    expect(saidOf(cluster(`{ hotSpare: 1${zones} }`), facts, 'nodes-together')).toEqual([
      expect.stringContaining(
        '3 of the 6 compute containers of cluster demo find no node beside the rest: node-a, node-b and node-e would make 3 containers in zone=east, where places may differ by 1; node-c, node-d and node-x host a compute container of cluster demo, beside which it must not stand. Add a node with zone=west, for each of them; or ask for less.',
      ),
      expect.stringContaining('3 of the 6 drive containers of cluster demo find no node beside the rest: '),
    ]);
    expect(saidOf(cluster(`{ hotSpare: 1${zones} }`), factsOf(nodes(6)), 'nodes-together')[0]).toContain(
      'The 6 compute containers of cluster demo find no node beside the rest: node-a, node-b and 4 others have no label zone, over which containers spread.',
    );
  });

  it('have the drives that a policy of the repository will sign', () => {
    const unsigned = factsOf(
      nodes(6).map((node) => JSON.parse(JSON.stringify(node).replace(',"weka.io/drives":"2"', '')) as object),
    );
    const policy = `---
apiVersion: weka.weka.io/v1alpha1
kind: WekaPolicy
metadata: { name: sign, namespace: weka }
spec:
  type: sign-drives
  payload: { signDrivesPayload: { type: all-not-root } }
`;
    expect(saidOf(cluster('{ hotSpare: 1 }') + policy, unsigned, 'nodes-together')).toEqual([]);
  });

  it('are told where a cluster can be formed, and not all of the containers that are the default find one', () => {
    expect(saidOf(cluster('{ hotSpare: 1, dynamicTemplate: {} }'), factsOf(nodes(5)))).toEqual([
      expect.stringMatching(
        /^warning nodes-together: 1 of the 6 compute containers of cluster demo finds no node/,
      ),
      expect.stringMatching(
        /^warning nodes-together: 1 of the 6 drive containers of cluster demo finds no node/,
      ),
    ]);
  });

  it('may have them on one that is out of service, which is told elsewhere', () => {
    const facts = factsOf(nodes(5), aNode('node-x', { spec: { unschedulable: true } }));
    expect(saidOf(cluster('{ hotSpare: 1 }'), facts, 'nodes-together')).toEqual([]);
  });

  it('are there for containers of the repository too', () => {
    const builder = (cpu: string) => `apiVersion: weka.weka.io/v1alpha1
kind: WekaContainer
metadata: { name: builder, namespace: weka }
spec:
  mode: drivers-builder
  image: quay.io/weka.io/weka-in-container:4.4.10
  resources: { requests: { cpu: "${cpu}" } }
`;
    expect(saidOf(builder('16'), factsOf(nodes(1)), 'nodes-together')).toEqual([]);
    expect(saidOf(builder('17'), factsOf(nodes(1)), 'nodes-together')).toEqual([
      'warning nodes-together: Container builder finds no node: node-a lacks 1 core. Give node-a 1 core more, or add a node, or ask for less.',
    ]);
  });
});
