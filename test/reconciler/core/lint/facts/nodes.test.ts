import { describe, expect, it } from 'vitest';
import { aNode, aPod, client, cluster, factsOf, nodes, saidOf, UNTOLD_THREADS } from './build-facts.ts';

const ofDemo = (mode: string) => ({ 'weka.io/cluster-name': 'demo', 'weka.io/mode': mode });
/** A cluster of 6 drive containers and nothing else that could be short. */
const drives = (template = '', more = '') =>
  cluster(
    `{ dynamicTemplate: { computeContainers: 6, driveContainers: 6, computeCores: 1${template} }${more} }`,
  );

describe('nodes for each role', () => {
  it('are enough, and nothing is said', () => {
    expect(saidOf(cluster('{ hotSpare: 1 }'), factsOf(nodes(6)))).toEqual([]);
  });

  it('are not asked for where facts hold none', () => {
    expect(saidOf(cluster('{ hotSpare: 1 }'), factsOf(aPod('a')))).toEqual([]);
  });

  it('are told with what a container needs, and what each node lacks', () => {
    const facts = factsOf(
      nodes(4),
      aNode('node-x', { has: { cpu: '1', 'weka.io/drives': '0' } }),
      aNode('node-y', { spec: { taints: [{ key: 'dedicated', value: 'gpu', effect: 'NoSchedule' }] } }),
    );
    expect(saidOf(drives(', driveCores: 2, numDrives: 2'), facts, 'nodes-for-role')).toEqual([
      'error nodes-for-role: The 6 compute containers of cluster demo need 6 nodes with 2 cores, 11,900 MiB of memory and 3,000 MiB of huge pages each; 4 of 6 nodes of the cluster have them: node-x lacks 1 core, node-y has the taint dedicated=gpu:NoSchedule. Add dedicated to tolerations, choose other nodes by label, or lower computeContainers or what each container asks for.',
      'error nodes-for-role: The 6 drive containers of cluster demo need 6 nodes with 3 cores, 15,400 MiB of memory, 3,200 MiB of huge pages and 2 drives each; 4 of 6 nodes of the cluster have them: node-x lacks 2 cores and 2 drives, node-y has the taint dedicated=gpu:NoSchedule. Add dedicated to tolerations, choose other nodes by label, or lower driveContainers or what each container asks for.',
    ]);
  });

  it('that are too few are counted, and five of those that lack something are named', () => {
    expect(saidOf(drives(), factsOf(nodes(5)), 'nodes-for-role')[1]).toContain(
      'each; there are 5 of the cluster. Label or add 1 node, or lower driveContainers.',
    );
    const [, said] = saidOf(drives(), factsOf(nodes(9, { has: { 'hugepages-2Mi': '0' } })), 'nodes-for-role');
    expect(said).toContain(
      'none of 9 nodes of the cluster has them: all 9 lack 1,600 MiB of huge pages. Set vm.nr_hugepages',
    );
  });

  it('must have the labels of the role', () => {
    const facts = factsOf(nodes(6, { labels: { role: 'storage' } }));
    expect(saidOf(cluster('{ nodeSelector: { role: storage } }'), facts, 'nodes-for-role')).toEqual([]);
    expect(
      saidOf(
        cluster(
          '{ nodeSelector: { role: storage }, roleNodeSelector: { drive: { disk: nvme, rack: "1" } } }',
        ),
        facts,
        'nodes-for-role',
      ),
    ).toEqual([
      'error nodes-for-role: The 6 drive containers of cluster demo find no node: none has disk=nvme, rack=1. Label nodes with kubectl label node NAME disk=nvme rack=1, or change the node selector.',
    ]);
  });

  it('need more cores where they have hyper-threading', () => {
    const ht = { annotations: { 'weka.io/discovery.json': '{"is_ht":true}' }, has: { cpu: '4' } };
    const plain = { has: { cpu: '4' } };
    expect(saidOf(drives(', driveCores: 2'), factsOf(nodes(6, plain)), 'nodes-for-role')).toEqual([]);
    expect(saidOf(drives(', driveCores: 2'), factsOf(nodes(6, ht)), 'nodes-for-role')[0]).toContain(
      'with 5 cores',
    );
    const untold = { annotations: UNTOLD_THREADS, has: { cpu: '4' } };
    expect(saidOf(drives(', driveCores: 2'), factsOf(nodes(6, untold)), 'nodes-for-role')[0]).toContain(
      'with 5 cores',
    );
    const dedicated = drives(', driveCores: 2', ', cpuPolicy: dedicated');
    expect(saidOf(dedicated, factsOf(nodes(6, ht)), 'nodes-for-role')).toEqual([]);
  });

  it('have room for what runs on them, though nothing tells of hyper-threading any more', () => {
    const own = nodes(6).map((_, index) =>
      aPod(`p${index}`, {
        node: `node-${'abcdef'[index]}`,
        requests: { cpu: '3' },
        labels: ofDemo('drive'),
      }),
    );
    const small = nodes(6, { annotations: UNTOLD_THREADS, has: { cpu: '3' } });
    expect(saidOf(drives(', driveCores: 2'), factsOf(small, own), 'nodes-for-role')).toEqual([]);
    expect(saidOf(drives(', driveCores: 2'), factsOf(small), 'nodes-for-role')).toHaveLength(1);
  });

  it('are full of what others run there, and not of the cluster’s own pods', () => {
    const full = { requests: { cpu: '15' } };
    const others = nodes(6).map((_, index) =>
      aPod(`p${index}`, { node: `node-${'abcdef'[index]}`, ...full }),
    );
    const own = nodes(6).map((_, index) =>
      aPod(`p${index}`, { node: `node-${'abcdef'[index]}`, ...full, labels: ofDemo('drive') }),
    );
    const ended = others.map((pod) => ({ ...pod, status: { phase: 'Succeeded' } }));
    expect(saidOf(cluster(), factsOf(nodes(6), others), 'nodes-for-role')).toHaveLength(2);
    expect(saidOf(cluster(), factsOf(nodes(6), own), 'nodes-for-role')).toEqual([]);
    expect(saidOf(cluster(), factsOf(nodes(6), ended), 'nodes-for-role')).toEqual([]);
  });

  describe('are told with what would help:', () => {
    const facts = (has: Readonly<Record<string, string>>, requests: Readonly<Record<string, string>>) =>
      factsOf(
        nodes(6, { has }),
        nodes(6).map((_, index) =>
          aPod(`p${index}`, {
            node: `node-${'abcdef'[index]}`,
            requests,
            labels: { 'weka.io/cluster-name': 'other', 'weka.io/mode': 'drive' },
          }),
        ),
      );
    const hint = (found: ReturnType<typeof facts>) =>
      saidOf(drives(', driveCores: 2'), found, 'nodes-for-role').at(-1)?.split(' all 6 ').at(-1);

    it('not drives, nor huge pages, where others have taken those that are there', () => {
      const rest =
        'Make room on those nodes, choose others by label, or lower driveContainers or what each container asks for.';
      expect(hint(facts({}, { 'weka.io/drives': '2' }))).toBe(`lack 1 drive. ${rest}`);
      expect(hint(facts({}, { 'hugepages-2Mi': '63Gi' }))).toBe(`lack 1,976 MiB of huge pages. ${rest}`);
    });

    it('not only drives where more is short', () => {
      expect(hint(facts({ 'weka.io/drives': '0' }, {}))).toContain('lack 1 drive. Sign drives on those');
      expect(hint(facts({ 'weka.io/drives': '0' }, { cpu: '15' }))).toContain('1 drive. Choose other nodes');
    });

    it('other nodes where those could not hold it empty', () => {
      expect(hint(facts({ cpu: '2' }, {}))).toBe(
        'lack 1 core. Choose other nodes by label, or lower driveContainers or what each container asks for.',
      );
    });

    it('a toleration where they have a taint', () => {
      const spec = { taints: [{ key: 'dedicated', value: 'gpu', effect: 'NoSchedule' }] };
      expect(saidOf(drives(), factsOf(nodes(6, { spec })), 'nodes-for-role').at(-1)).toContain(
        'all 6 have the taint dedicated=gpu:NoSchedule. Add dedicated to tolerations, choose other nodes by label,',
      );
    });
  });

  it('may get their drives from a policy of the repository that signs them', () => {
    const policy = (selector: string) => `---
apiVersion: weka.weka.io/v1alpha1
kind: WekaPolicy
metadata: { name: sign, namespace: weka }
spec:
  type: sign-drives
  payload: { signDrivesPayload: { type: all-not-root${selector} } }
`;
    const unsigned = factsOf(
      nodes(6).map((node) => JSON.parse(JSON.stringify(node).replace(',"weka.io/drives":"2"', '')) as object),
    );
    const [said] = saidOf(cluster(), unsigned, 'nodes-for-role');
    expect(said).toContain('all 6 lack 1 drive');
    expect(said).toContain('Sign drives on those nodes with a WekaPolicy of type sign-drives');
    expect(saidOf(cluster() + policy(''), unsigned, 'nodes-for-role')).toEqual([]);
    expect(saidOf(cluster() + policy(', nodeSelector: { a: b }'), unsigned, 'nodes-for-role')).toHaveLength(
      1,
    );
  });

  it('may host several containers of a role where the manifest says so', () => {
    const shared = ', overrides: { disregardRedundancy: true }';
    const facts = factsOf(nodes(2, { has: { 'weka.io/drives': '3' } }));
    expect(saidOf(drives('', shared), facts, 'nodes-for-role')).toEqual([]);
    expect(saidOf(drives(), facts, 'nodes-for-role')).toHaveLength(2);
  });

  it('have shared drives in GiB', () => {
    const text = drives(', containerCapacity: 4000, driveTypesRatio: { tlc: 1, qlc: 0 }');
    const has = (tlc: string) => ({ has: { 'weka.io/shared-drives-capacity': tlc } });
    expect(saidOf(text, factsOf(nodes(6, has('4000'))), 'nodes-for-role')).toEqual([]);
    expect(saidOf(text, factsOf(nodes(6, has('3999'))), 'nodes-for-role')[0]).toContain(
      'all 6 lack 1 GiB of shared drives',
    );
  });

  it('have them of both types where nothing is said of types', () => {
    const text = drives(', containerCapacity: 8000');
    const has = (tlc: string, qlc: string) => ({
      has: { 'weka.io/shared-drives-capacity': tlc, 'weka.io/shared-drives-capacity-qlc': qlc },
    });
    const said = (tlc: string, qlc: string) =>
      saidOf(text, factsOf(nodes(6, has(tlc, qlc))), 'nodes-for-role');
    expect(said('2000', '40000')).toEqual([]);
    expect(said('727', '7273')).toEqual([]);
    expect(said('8000', '0')[0]).toContain('all 6 lack 7,273 GiB');
  });

  it('are 5 at least where nobody says how many containers there are', () => {
    expect(saidOf(cluster('{ dynamicTemplate: {} }'), factsOf(nodes(5)), 'nodes-for-role')).toEqual([]);
    expect(saidOf(cluster(), factsOf(nodes(4)), 'nodes-for-role')).toEqual([
      'error nodes-for-role: The 6 compute containers of cluster demo, which are the default, need at least 5 nodes with 2 cores, 11,900 MiB of memory and 3,000 MiB of huge pages each; there are 4 of the cluster. Label or add 1 node.',
      'error nodes-for-role: The 6 drive containers of cluster demo, which are the default, need at least 5 nodes with 2 cores, 11,700 MiB of memory, 1,600 MiB of huge pages and 1 drive each; there are 4 of the cluster. Label or add 1 node.',
    ]);
    expect(saidOf(cluster(), factsOf(nodes(6, { has: { cpu: '1' } })), 'nodes-for-role')[0]).toMatch(
      /lack 1 core\. Choose other nodes by label, or lower what each container asks for\.$/,
    );
  });

  it('share no node between S3 and clients that run there', () => {
    const facts = factsOf(
      nodes(6),
      ['a', 'b', 'c', 'd'].map((name) =>
        aPod(`mounts-${name}`, {
          node: `node-${name}`,
          labels: { 'weka.io/client-name': 'mounts', 'weka.io/mode': 'client' },
        }),
      ),
    );
    expect(saidOf(drives(', s3Containers: 3'), facts, 'nodes-for-role')).toEqual([
      expect.stringContaining(
        '2 of 6 nodes of the cluster have them: node-a hosts the client pod weka/mounts-a, node-b hosts',
      ),
    ]);
  });
});

describe('nodes that take no pods now', () => {
  const facts = (...more: readonly object[]) =>
    factsOf(nodes(5), aNode('node-x', { spec: { unschedulable: true } }), more);

  it('are told where they are needed', () => {
    expect(saidOf(cluster(), facts(), 'nodes-out-of-service')).toEqual([
      'warning nodes-out-of-service: The 6 compute containers of cluster demo need nodes that take no pods now: node-x is cordoned. Bring those nodes back into service (kubectl uncordon NAME), or let the selector match others too.',
      expect.stringContaining('The 6 drive containers of cluster demo'),
    ]);
  });

  it('are not needed where others have room', () => {
    expect(saidOf(cluster(), facts(aNode('node-y')), 'nodes-out-of-service')).toEqual([]);
    expect(saidOf(cluster(), facts(aNode('node-y', { ready: false })), 'nodes-out-of-service')[0]).toContain(
      'node-x is cordoned, node-y is not ready',
    );
  });

  it('are not needed for a container that runs there already', () => {
    const pods = ['drive', 'compute'].map((mode) =>
      aPod(`demo-${mode}`, { node: 'node-x', labels: ofDemo(mode) }),
    );
    expect(saidOf(cluster(), facts(...pods), 'nodes-out-of-service')).toEqual([]);
  });
});

describe('nodes for a client', () => {
  const join = 'joinIpPorts: ["10.0.0.11:14000"]';

  it('may be had with a toleration', () => {
    const spec = { taints: [{ key: 'dedicated', value: 'gpu', effect: 'NoExecute' }] };
    const facts = factsOf(nodes(2), aNode('node-x', { spec }), aNode('node-y', { spec }));
    expect(saidOf(client("{ joinIpPorts: ['10.0.0.11:14000'] }"), facts, 'nodes-for-client')).toEqual([
      expect.stringContaining(
        'node-x and node-y have the taint dedicated=gpu:NoExecute. Add dedicated to tolerations, or narrow nodeSelector.',
      ),
    ]);
  });

  it('are told where there is no room', () => {
    const facts = factsOf(nodes(2), aNode('node-x', { has: { cpu: '2', 'hugepages-2Mi': '1Gi' } }));
    expect(saidOf(client(`{ ${join}, coresNum: 2 }`), facts)).toEqual([
      'warning nodes-for-client: Client mounts needs 3 cores, 10,065 MiB of memory and 3,000 MiB of huge pages on each node; 1 of 3 nodes has no room: node-x lacks 1 core and 1,976 MiB of huge pages. Make room on those nodes, narrow nodeSelector, or lower coresNum or hugepages.',
    ]);
  });

  it('need what resources say where they do', () => {
    const resources = 'resources: { requests: { cpu: "40" } }';
    expect(saidOf(client(`{ ${join}, ${resources} }`), factsOf(nodes(1)))[0]).toContain(
      'node-a lacks 24 cores',
    );
  });

  it('are told where there are none', () => {
    expect(saidOf(client(`{ ${join}, nodeSelector: { a: b } }`), factsOf(nodes(1)))[0]).toContain(
      'Client mounts goes nowhere: no node has a=b.',
    );
  });

  it('must have its ports free, save for its own', () => {
    const text = client(`{ ${join}, port: 46000, agentPort: 47000 }`);
    const taken = (labels: Readonly<Record<string, string>>) =>
      factsOf(nodes(2), aPod('web', { node: 'node-b', labels, hostPorts: [46_099, 47_000] }));
    expect(saidOf(text, taken({}), 'nodes-for-client')).toEqual([
      'warning nodes-for-client: Client mounts needs ports 46000 to 46099 on each node, and some are taken: 46099 on node-b by pod weka/web. Choose another port, or leave it out: free ones are then found.',
      'warning nodes-for-client: Client mounts needs port 47000 on each node, and some are taken: 47000 on node-b by pod weka/web. Choose another agentPort, or leave it out: free ones are then found.',
    ]);
    expect(saidOf(text, taken({ 'weka.io/client-name': 'mounts' }), 'nodes-for-client')).toEqual([]);
  });
});
