import { describe, expect, it } from 'vitest';
import { nodeFacts } from '../../../../reconciler/core/facts/node-facts.ts';
import {
  hasLabels,
  repellent,
  taintWords,
  wekaTolerations,
} from '../../../../reconciler/core/facts/node-match.ts';
import { aNode, type NodeOptions } from '../lint/facts/build-facts.ts';

function facts(options: NodeOptions = {}) {
  return nodeFacts(aNode('node-a', options) as Readonly<Record<string, unknown>>);
}

describe('a node', () => {
  it('has what is allocatable', () => {
    const has = { cpu: '31500m', 'hugepages-1Gi': '4Gi', 'weka.io/shared-drives-capacity': '7000' };
    expect(facts({ has }).allocatable).toMatchObject({
      cpuMillis: 31_500,
      hugePages1GiBytes: 4 * 2 ** 30,
      drives: 2,
      tlcGiB: 7000,
    });
  });

  it('takes as many pods as its kubelet says, where it says so', () => {
    expect(facts({ has: { pods: '250' } }).maxPods).toBe(250);
    expect(facts()).not.toHaveProperty('maxPods');
  });

  it('has the identity that its object has', () => {
    expect(nodeFacts({ metadata: { name: 'node-a', uid: '2f0c' } })).toMatchObject({ uid: '2f0c' });
  });

  it('tells its kernel, architecture, system and kubelet', () => {
    const info = { kubeletVersion: 'v1.36.3', kernelVersion: '5.15.0' };
    expect(facts({ info })).toMatchObject({
      kernel: '5.15.0',
      architecture: 'amd64',
      osImage: 'Ubuntu 24.04 LTS',
      kubelet: 'v1.36.3',
    });
  });

  const drives = { 'weka.io/weka-drives': '["S1","S2","S3"]' };
  it.each<[string, NodeOptions, number]>([
    [
      'the signed drives that are not blocked',
      { annotations: { ...drives, 'weka.io/blocked-drives': '["S2"]' }, has: { 'weka.io/drives': '9' } },
      2,
    ],
    ['no more than the scheduler gives', { annotations: drives, has: { 'weka.io/drives': '1' } }, 1],
    ['those that the scheduler gives where no annotation says more', { has: { 'weka.io/drives': '4' } }, 4],
    ['each drive once', { annotations: { 'weka.io/weka-drives': '["S1","S1"]' } }, 1],
  ])('has %s', (_, options, count) => {
    expect(facts(options).allocatable.drives).toBe(count);
  });

  it('has no drives, whatever is written on it, where the scheduler has none to give', () => {
    const shared = { 'weka.io/weka-shared-drives': '[{"serial":"S4","capacity_gib":7000,"type":"TLC"}]' };
    const { allocatable } = nodeFacts({
      metadata: { name: 'node-a', annotations: { ...drives, ...shared } },
      status: { allocatable: { cpu: '4' } },
    });
    expect(allocatable).toMatchObject({ cpuMillis: 4000, drives: 0, tlcGiB: 0 });
  });

  it.each([
    ['weka.io/weka-drives', '["S1"'],
    ['weka.io/weka-drives', '{"S1":1}'],
    ['weka.io/weka-drives', '[1]'],
    ['weka.io/blocked-drives', 'S1,S2'],
    ['weka.io/weka-shared-drives', '[{"serial":"S1"}]'],
    ['weka.io/weka-shared-drives', 'null'],
    ['weka.io/discovery.json', '[]'],
    ['weka.io/discovery.json', '{"is_ht":"yes"}'],
  ])('knows that %s is damaged where it is %s', (name, text) => {
    expect(facts({ annotations: { [name]: text } }).annotations.damaged).toEqual([name]);
  });

  it('knows hyper-threading from discovery', () => {
    const text = '{"is_ht":true,"os":"ubuntu","num_cpus":32,"schema":3}';
    expect(facts({ annotations: { 'weka.io/discovery.json': text } }).annotations).toMatchObject({
      discovery: { hyperThreading: true, os: 'ubuntu', cpus: 32 },
      damaged: [],
    });
  });

  const pressure = { type: 'DiskPressure', status: 'True' };
  it.each<[string | undefined, object]>([
    [undefined, {}],
    ['is cordoned', { spec: { unschedulable: true } }],
    ['is not ready', { status: { conditions: [{ type: 'Ready', status: 'Unknown' }] } }],
    ['is not ready', { status: {} }],
    ['has DiskPressure', { status: { conditions: [{ type: 'Ready', status: 'True' }, pressure] } }],
  ])('says %s of itself', (obstacle, change) => {
    expect(nodeFacts({ ...aNode('node-a'), ...change }).obstacle).toBe(obstacle);
  });

  it('has the taints that no condition of it stands for, whoever put them there', () => {
    const keys = [
      'node.kubernetes.io/not-ready',
      'node.kubernetes.io/unreachable',
      'node.kubernetes.io/unschedulable',
      'node.kubernetes.io/disk-pressure',
      'node.kubernetes.io/memory-pressure',
      'node.kubernetes.io/pid-pressure',
      'node.kubernetes.io/network-unavailable',
      'node.kubernetes.io/out-of-service',
      'node.cloudprovider.kubernetes.io/uninitialized',
      'node.cloudprovider.kubernetes.io/shutdown',
      'node.kubernetes.io/of-tomorrow',
      'dedicated',
    ];
    const taints = keys.map((key) => ({ key, effect: 'NoSchedule' }));
    expect(facts({ spec: { taints } }).taints.map(({ key }) => key)).toEqual(keys.slice(7));
  });

  it('survives what is no node', () => {
    expect(
      nodeFacts({ metadata: { name: 'x', labels: [1], annotations: 'a' }, spec: 3, status: [] }),
    ).toMatchObject({
      name: 'x',
      labels: {},
      kernel: '',
    });
  });
});

describe('a pod of WEKA on a node', () => {
  it('asks for Linux and every label', () => {
    const node = facts({ labels: { role: 'storage' } });
    expect(hasLabels(node, { role: 'storage' })).toBe(true);
    expect(hasLabels(node, { role: 'storage', rack: '1' })).toBe(false);
    expect(hasLabels(facts({ labels: { 'kubernetes.io/os': 'windows' } }), {})).toBe(false);
  });

  const gpu = { key: 'dedicated', value: 'gpu', effect: 'NoSchedule' };
  const repels = (
    taint: object,
    manifest: Parameters<typeof wekaTolerations>[0],
    of: 'cluster' | 'client',
  ) => {
    const found = repellent(facts({ spec: { taints: [taint] } }), wekaTolerations(manifest, of));
    return found && taintWords(found);
  };

  it.each<[string | undefined, object, Parameters<typeof wekaTolerations>[0], 'cluster' | 'client']>([
    ['dedicated=gpu:NoSchedule', gpu, {}, 'cluster'],
    [undefined, gpu, {}, 'client'],
    ['dedicated=gpu:NoExecute', { ...gpu, effect: 'NoExecute' }, {}, 'client'],
    [undefined, { ...gpu, effect: 'PreferNoSchedule' }, {}, 'cluster'],
    [undefined, gpu, { tolerations: ['dedicated'] }, 'cluster'],
    [undefined, { ...gpu, effect: 'NoExecute' }, { tolerations: ['dedicated'] }, 'cluster'],
    ['dedicated=gpu:NoSchedule', gpu, { tolerations: ['other'] }, 'cluster'],
    [undefined, gpu, { rawTolerations: [{ key: 'dedicated', operator: 'Equal', value: 'gpu' }] }, 'cluster'],
    ['dedicated=gpu:NoSchedule', gpu, { rawTolerations: [{ key: 'dedicated', value: 'cpu' }] }, 'cluster'],
    [
      'dedicated=gpu:NoSchedule',
      gpu,
      { rawTolerations: [{ key: 'dedicated', operator: 'Exists', effect: 'NoExecute' }] },
      'cluster',
    ],
    [undefined, gpu, { rawTolerations: [{ operator: 'Exists' }] }, 'cluster'],
    [
      undefined,
      { ...gpu, value: '7' },
      { rawTolerations: [{ key: 'dedicated', operator: 'Gt', value: '5' }] },
      'cluster',
    ],
    [undefined, { key: 'weka.io/shutdown-node', effect: 'NoExecute' }, {}, 'cluster'],
    [undefined, { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }, {}, 'cluster'],
    [
      'node.kubernetes.io/out-of-service:NoExecute',
      { key: 'node.kubernetes.io/out-of-service', effect: 'NoExecute' },
      {},
      'client',
    ],
  ])('is kept off by %s: taint %j, %j of a %s', (words, taint, manifest, of) => {
    expect(repels(taint, manifest, of)).toBe(words);
  });
});
