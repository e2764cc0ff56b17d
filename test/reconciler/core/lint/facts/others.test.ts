import { describe, expect, it } from 'vitest';
import { applySetId } from '../../../../../reconciler/core/desired/ownership.ts';
import { isOld } from '../../../../../reconciler/core/lint/facts/node-kernel.ts';
import { aConfigMap, aNode, aPod, aSecret, client, cluster, factsOf, nodes, saidOf } from './build-facts.ts';

const OURS = { name: 'weka-gitops', namespace: 'weka-gitops-system' };
const THEIRS = { name: 'weka-gitops', namespace: 'other-system' };

describe('disk under the persistence folder', () => {
  const facts = (disk: string) => factsOf(nodes(6, { has: { 'ephemeral-storage': disk } }));

  it('is for all containers that a node would get', () => {
    // 10 + 20 for a drive container of one core, and the same for a compute container.
    expect(saidOf(cluster('{ hotSpare: 1 }'), facts('60Gi'))).toEqual([]);
    expect(saidOf(cluster('{ hotSpare: 1 }'), facts('59Gi'))).toEqual([
      'warning node-disk-space: Containers of cluster demo may run out of disk, since WEKA wants 10 GiB for each container and 20 GiB for each core: node-a has 59 of 60 GiB, node-b has 59 of 60 GiB, node-c has 59 of 60 GiB, node-d has 59 of 60 GiB, node-e has 59 of 60 GiB and 1 more. Enlarge the disk below /opt/k8s-weka on those nodes, or set the rule to silent if that is a disk of its own.',
    ]);
  });

  it('is not needed where a claim keeps the state, and not known where a node tells of none', () => {
    const claim = '{ globalPVC: { name: state } }';
    expect(saidOf(cluster(claim), facts('1Gi'), 'node-disk-space')).toEqual([]);
    expect(saidOf(cluster(), facts('0'), 'node-disk-space')).toEqual([]);
  });
});

describe('kernels', () => {
  it.each([
    ['5.10.0-28-amd64', false],
    ['5.9.16', true],
    ['5.4.0-150-generic', true],
    ['4.18.0-553.el8_10.x86_64', true],
    ['6.1.0', false],
    ['10.0.0', false],
    ['', false],
    ['unknown', false],
  ])('%s is too old: %s', (kernel, old) => {
    expect(isOld(kernel)).toBe(old);
  });

  it('that differ are counted', () => {
    const facts = factsOf(
      nodes(4),
      aNode('old-a', { info: { kernelVersion: '5.15.0', osImage: 'Ubuntu 22.04 LTS' } }),
      aNode('old-b', { info: { kernelVersion: '5.15.0', osImage: 'Ubuntu 22.04 LTS' } }),
    );
    expect(saidOf(cluster(), facts, 'nodes-alike')).toEqual([
      'warning nodes-alike: Nodes of cluster demo have 2 operating systems (Ubuntu 24.04 LTS on 4 nodes, Ubuntu 22.04 LTS on 2 nodes) and 2 kernels (6.8.0-45-generic on 4 nodes, 5.15.0 on 2 nodes). Choose nodes that are alike by label, or bring them to one release.',
    ]);
  });

  const DIST = `apiVersion: weka.weka.io/v1alpha1
kind: WekaContainer
metadata: { name: dist, namespace: weka }
spec: { mode: drivers-dist, image: 'quay.io/weka.io/weka-in-container:4.4.10' }
---
`;
  const user = cluster('{ driversDistService: "https://dist.weka.svc.cluster.local:60002" }');
  const builder = (selector: string, version = '4.4.10') =>
    DIST.replace('name: dist', 'name: build')
      .replace('drivers-dist', 'drivers-builder')
      .replace('4.4.10', version)
      .replace("' }", `', uploadResultsTo: dist, nodeSelector: { ${selector} } }`);
  const mixed = factsOf(
    nodes(6, { labels: { k: 'new' } }),
    aNode('old-a', { labels: { k: 'old' }, info: { kernelVersion: '5.15.0' } }),
    aNode('old-b', { labels: { k: 'old' }, info: { kernelVersion: '5.15.0' } }),
  );

  it('for which no builder makes drivers are named', () => {
    expect(saidOf(`${DIST}${builder('k: new')}${user}`, mixed, 'drivers-for-kernels')).toEqual([
      'warning drivers-for-kernels: No builder makes drivers of 4.4.10 for weka/dist and these kernels of cluster demo: 5.15.0 (amd64) on 2 nodes. Add a WekaContainer of mode drivers-builder whose nodeSelector names such a node.',
    ]);
  });

  it('have all of them from a builder that may run on nodes of several, one after another', () => {
    expect(
      saidOf(`${DIST}${builder('kubernetes.io/os: linux')}${user}`, mixed, 'drivers-for-kernels'),
    ).toEqual([]);
  });

  it('are left to the rule without facts where nobody builds the version, and to a policy that serves all nodes', () => {
    expect(saidOf(`${DIST}${builder('k: new', '4.4.9')}${user}`, mixed, 'drivers-for-kernels')).toEqual([]);
    const policy = `---
apiVersion: weka.weka.io/v1alpha1
kind: WekaPolicy
metadata: { name: local, namespace: weka }
spec: { type: enable-local-drivers-distribution, payload: { driverDistPayload: { nodeSelectors: [{ k: new }] } } }
`;
    const served = user.replace('//dist.', '//local-dist.') + policy;
    expect(saidOf(served, mixed, 'drivers-for-kernels')).toHaveLength(1);
    expect(
      saidOf(served.replace('{ k: new }', '{ k: new }, { k: old }'), mixed, 'drivers-for-kernels'),
    ).toEqual([]);
  });
});

describe('the static CPU manager', () => {
  const kubelet = (text: string) =>
    factsOf(nodes(6), aConfigMap('kube-system', 'kubelet-config', { data: { kubelet: text } }));
  const config = 'kind: KubeletConfiguration\n';

  it.each([
    [`${config}cpuManagerPolicy: static\n`, undefined],
    [
      `${config}cpuManagerPolicy: none\n`,
      'ConfigMap kube-system/kubelet-config sets cpuManagerPolicy to none',
    ],
    [config, 'ConfigMap kube-system/kubelet-config sets no cpuManagerPolicy'],
    ['not: [yaml', undefined],
    ['kind: Other\n', undefined],
  ])('is told by %j: %s', (text, words) => {
    const said = saidOf(cluster(), kubelet(text), 'static-cpu-manager');
    expect(said).toEqual(words === undefined ? [] : [expect.stringContaining(words)]);
  });

  it('is told by a label of nodes', () => {
    const facts = factsOf(nodes(5), aNode('node-x', { labels: { cpumanager: 'false' } }));
    expect(saidOf(cluster(), facts, 'static-cpu-manager')[0]).toContain(
      'have the label cpumanager=false: node-x.',
    );
  });

  it('is not asked about where nothing tells', () => {
    expect(saidOf(cluster(), factsOf(nodes(6)), 'static-cpu-manager')).toEqual([]);
  });
});

describe('Secrets', () => {
  const text = cluster('{ imagePullSecret: pull }');

  it('are only suspected missing without facts about them', () => {
    expect(saidOf(text, factsOf(nodes(6)), 'missing-secret', 'secret-in-cluster')).toEqual([
      expect.stringMatching(/^warning missing-secret/),
    ]);
  });

  it('are missing where the cluster has none', () => {
    expect(saidOf(text, factsOf(aSecret('other', 'pull')), 'missing-secret', 'secret-in-cluster')).toEqual([
      'error secret-in-cluster: Secret "weka/pull" is neither in the repository nor in the cluster. Add weka/pull encrypted to the repository, or make it in the cluster.',
    ]);
  });

  it('are there where the cluster has them', () => {
    expect(saidOf(text, factsOf(aSecret('weka', 'pull')), 'missing-secret', 'secret-in-cluster')).toEqual([]);
  });
});

describe('what runs already', () => {
  const pod = (cores: number, labels: Readonly<Record<string, string>>) =>
    factsOf(aPod('p-0', { labels, cores }));

  it('keeps its cores', () => {
    const labels = { 'weka.io/cluster-name': 'demo', 'weka.io/mode': 'compute' };
    const text = cluster('{ dynamicTemplate: { computeCores: 2 } }');
    expect(saidOf(text, pod(2, labels), 'cores-decrease')).toEqual([]);
    expect(saidOf(text, pod(3, labels), 'cores-decrease')).toEqual([
      'error cores-decrease: computeCores of cluster demo would go down to 2: pod p-0 has 3 cores. Set computeCores to 3 or more.',
    ]);
    expect(saidOf(text, pod(3, { ...labels, 'weka.io/cluster-name': 'other' }), 'cores-decrease')).toEqual(
      [],
    );
    expect(saidOf(text, pod(3, { ...labels, 'weka.io/mode': 'drive' }), 'cores-decrease')).toEqual([
      expect.stringContaining('driveCores of cluster demo would go down to 1'),
    ]);
  });

  it('keeps its cores in clients', () => {
    const labels = { 'weka.io/client-name': 'mounts', 'weka.io/mode': 'client' };
    const text = client('{ joinIpPorts: ["10.0.0.11:14000"] }');
    expect(saidOf(text, pod(2, labels), 'cores-decrease')).toEqual([
      'error cores-decrease: coresNum of client mounts would go down to 1: pod p-0 has 2 cores. Set coresNum to 2 or more.',
    ]);
  });

  it('keeps its sizing', () => {
    const labels = { 'weka.io/cluster-name': 'demo', 'weka.io/mode': 'drive' };
    const whole = factsOf(aPod('p-0', { labels, requests: { 'weka.io/drives': '1' } }));
    const shared = factsOf(aPod('p-0', { labels, requests: { 'weka.io/shared-drives-capacity': '4000' } }));
    const said = (template: string, facts: typeof whole) =>
      saidOf(cluster(`{ dynamicTemplate: { ${template} } }`), facts, 'sizing-mode-change');
    expect(said('numDrives: 1', whole)).toEqual([]);
    expect(said('containerCapacity: 4000', shared)).toEqual([]);
    expect(said('containerCapacity: 4000', whole)[0]).toContain(
      'Cluster demo would change to shared drives, and pod p-0 of it uses whole ones.',
    );
    expect(said('numDrives: 1', shared)[0]).toContain(
      'Cluster demo would change to whole drives, and pod p-0 of it uses shared ones.',
    );
  });
});

describe('another installation', () => {
  const parent = aConfigMap(THEIRS.namespace, THEIRS.name, {
    labels: { 'applyset.kubernetes.io/id': applySetId(THEIRS) },
    annotations: {
      'applyset.kubernetes.io/tooling': 'weka-gitops/1.0.0',
      'applyset.kubernetes.io/additional-namespaces': 'weka,theirs',
    },
  });
  const object = (owner: typeof OURS) =>
    aConfigMap('weka', 'weka-wekacluster-demo', {
      labels: { 'applyset.kubernetes.io/part-of': applySetId(owner) },
    });

  it('that has the anchor of a manifest is named', () => {
    expect(saidOf(cluster(), factsOf(parent, object(THEIRS)), 'object-of-another')).toEqual([
      'error object-of-another: ConfigMap weka/weka-wekacluster-demo, which this manifest becomes, belongs to installation other-system/weka-gitops in the cluster. Give the manifest another name or namespace, or remove it from the other repository first.',
    ]);
    expect(saidOf(cluster(), factsOf(parent, object(OURS)), 'object-of-another')).toEqual([]);
  });

  it('that claims a namespace is named once', () => {
    const two = [cluster('{}', 'one'), cluster('{}', 'two')].join('---\n');
    expect(saidOf(two, factsOf(parent), 'namespace-of-another')).toEqual([
      'warning namespace-of-another: Namespace weka also holds objects of installation other-system/weka-gitops. Give each installation namespaces of its own.',
    ]);
  });
});

describe('annotations of a node that are damaged', () => {
  it('are told once, and do not count', () => {
    const annotations = { 'weka.io/weka-drives': '["S1"', 'weka.io/blocked-drives': 'S2' };
    const facts = factsOf(nodes(5), aNode('node-x', { annotations }));
    const two = [cluster('{}', 'one'), cluster('{}', 'two')].join('---\n');
    expect(saidOf(two, facts, 'node-annotations')).toEqual([
      'warning node-annotations: Annotations of nodes of cluster one are not the JSON that they should be: weka.io/weka-drives and weka.io/blocked-drives of node-x. Remove the annotation (kubectl annotate node NAME KEY-); discovery and signing write it anew.',
    ]);
  });
});
