import { describe, expect, it } from 'vitest';
import { aNode, aPod, client, cluster, nodes } from '../lint/facts/build-facts.ts';
import { type Case, look } from './checked.ts';
import { reporting } from './fleet.ts';

/** What each node is to host, `NAME: role, role`; those that are not looked at stand last. */
function hosts(manifests: string, objects: readonly object[], more: Case = {}): readonly string[] {
  const { nodes: looked, idle } = look({ silent: true, beside: objects.slice(1), manifests, ...more });
  return [
    ...looked.map((node) => `${node.name}: ${node.hosts.join(', ')}`),
    ...idle.map((name) => `${name} idle`),
  ];
}

const SMALL =
  '{ dynamicTemplate: { driveContainers: 2, computeContainers: 2, driveCores: 1, computeCores: 1, numDrives: 1 } }';

describe('what nodes are held against', () => {
  it('is one container of one core where no manifests say more', () => {
    const { nodes: looked, asks } = look({ beside: [aNode('node-b')] });
    expect(looked.map(({ name, hosts: its }) => [name, its])).toEqual([
      ['node-a', ['any container of one core']],
      ['node-b', ['any container of one core']],
    ]);
    expect(asks).toBeUndefined();
  });

  it('is where placement puts containers', () => {
    expect(hosts(cluster(SMALL), nodes(2))).toEqual([
      'node-a: compute of demo, drive of demo',
      'node-b: compute of demo, drive of demo',
    ]);
  });

  it('is nothing on nodes without the labels, which are left out', () => {
    const manifests = client('{ nodeSelector: { example.com/weka: client } }');
    const beside = [aNode('node-b', { labels: { 'example.com/weka': 'client' } })];
    expect(hosts(manifests, [aNode('node-a'), ...beside])).toEqual(['node-b: client mounts', 'node-a idle']);
  });

  it('is no amount on nodes that are left over', () => {
    const found = hosts(cluster(SMALL), nodes(4));
    const spare = found.filter((line) => line.includes('spare'));
    expect(spare.length).toBeGreaterThan(0);
    const { problems } = look({
      manifests: cluster(SMALL),
      silent: true,
      beside: nodes(4, { has: { cpu: '4' } }).slice(1),
      node: { has: { cpu: '4' } },
    });
    // Two nodes have containers and the others none: nobody lacks cores.
    expect(problems.filter(({ checks }) => checks.includes('cpu-cores'))).toEqual([]);
  });

  it('is one container of a role on each of its nodes where there are too few that have room', () => {
    const bare = { has: { 'hugepages-2Mi': '0', 'weka.io/drives': '0' } };
    const { problems } = look({
      manifests: cluster(SMALL),
      silent: true,
      beside: nodes(3, bare).slice(1),
      node: bare,
    });
    const pages = problems.find(({ checks }) => checks.includes('huge-pages'));
    expect(pages?.seen).toEqual([
      { value: '0 MiB offered by the kubelet', nodes: ['node-a', 'node-b', 'node-c'] },
    ]);
    expect(pages?.needed).toBe('4,600 MiB for compute and drive of demo');
  });

  it('leaves out nodes whose taint keeps WEKA off, and clients put up with more', () => {
    const tainted = aNode('node-b', { spec: { taints: [{ key: 'gpu', effect: 'NoSchedule' }] } });
    expect(hosts(cluster(SMALL), [aNode('node-a'), tainted])).toEqual([
      'node-a: compute of demo, drive of demo',
      'node-b idle',
    ]);
    expect(hosts(client(), [aNode('node-a'), tainted])).toEqual([
      'node-a: client mounts',
      'node-b: client mounts',
    ]);
  });

  it('holds to a container that stands where placement would not put it', () => {
    const pod = aPod('demo-drive-0', {
      labels: { app: 'weka', 'weka.io/mode': 'drive', 'weka.io/cluster-name': 'demo' },
    });
    const found = hosts(cluster(SMALL), [aNode('node-a'), aNode('node-b'), aNode('node-c'), pod]);
    expect(found[0]).toMatch(/^node-a: .*(?<!spare for )drive of demo/);
  });

  it('is the building of drivers where a builder may run, and headers are then needed', () => {
    const builder = `apiVersion: weka.weka.io/v1alpha1
kind: WekaContainer
metadata: { name: builder, namespace: weka }
spec: { mode: drivers-builder, image: 'quay.io/weka.io/weka-in-container:4.4.10', nodeSelector: { example.com/build: 'yes' } }
`;
    const manifests = `${client('{ nodeSelector: { example.com/weka: client } }')}---\n${builder}`;
    const { nodes: looked } = look({
      manifests,
      seen: { headers: [] },
      node: { labels: { 'example.com/build': 'yes' } },
    });
    expect(looked).toMatchObject([
      { name: 'node-a', hosts: ['the driver builder'], fail: ['kernel-headers'] },
    ]);
  });

  it('needs headers for one build of a kernel, on whichever node that is', () => {
    const builder = `apiVersion: weka.weka.io/v1alpha1
kind: WekaContainer
metadata: { name: builder, namespace: weka }
spec: { mode: drivers-builder, image: 'quay.io/weka.io/weka-in-container:4.4.10' }
`;
    const manifests = `${client()}---\n${builder}`;
    const failing = (beside: readonly object[]) =>
      look({ manifests, seen: { headers: [] }, beside }).nodes.map(
        ({ name, fail }) => `${name}: ${fail.join()}`,
      );
    expect(failing([...reporting('node-b')])).toEqual(['node-a: ', 'node-b: ']);
    expect(failing([...reporting('node-b', { headers: [] })])).toEqual([
      'node-a: kernel-headers',
      'node-b: kernel-headers',
    ]);
  });

  it('is what --nodes names, whatever it hosts', () => {
    const manifests = client('{ nodeSelector: { example.com/weka: client } }');
    const { nodes: looked, idle } = look({ manifests, only: ['node-a'], beside: [aNode('node-b')] });
    expect(looked.map(({ name, hosts: its }) => [name, its])).toEqual([['node-a', []]]);
    expect(idle).toEqual([]);
  });
});

describe('unknown', () => {
  it('is one entry for all that an agent would have told, and never counts as passed', () => {
    const { problems, nodes: looked, clean } = look({ silent: true, beside: [...reporting('node-b')] });
    const unknown = problems.filter(({ result }) => result === 'unknown');
    expect(unknown).toHaveLength(1);
    expect(unknown[0]?.checks).toContain('cpu-manager');
    expect(unknown[0]?.seen).toEqual([{ value: 'No agent runs on the node.', nodes: ['node-a'] }]);
    expect(looked.map(({ name, result }) => `${name} ${result}`)).toEqual(['node-a unknown', 'node-b pass']);
    expect(clean).toBe(false);
  });

  it('is what the cluster is fit for while manifests have errors', () => {
    const [whole, broken] = [0, 2].map((manifestErrors) => look({ manifests: client(), manifestErrors }));
    expect(whole?.clean).toBe(true);
    expect(broken).toMatchObject({
      clean: false,
      summary: { pass: 1 },
      problems: [{ checks: ['manifests'], scope: 'cluster', result: 'unknown' }],
    });
  });

  it('names checks only where they concern the node', () => {
    const { problems } = look({ silent: true, manifests: client('{ network: { udpMode: true } }') });
    const unknown = problems.find(({ result, scope }) => result === 'unknown' && scope === 'node');
    expect(unknown?.checks).not.toContain('network-mtu');
    expect(unknown?.checks).not.toContain('nvme-drives');
    expect(unknown?.checks).toContain('network-devices');
  });
});
