import { describe, expect, it } from 'vitest';
import { claimsOf, volumeTerms } from '../../../../reconciler/core/desired/volume-terms.ts';
import type { KubeObject } from '../../../../reconciler/core/kube/object.ts';

const pod: KubeObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'dist', namespace: 'weka' },
  spec: {
    volumes: [
      { name: 'a', persistentVolumeClaim: { claimName: 'packages' } },
      { name: 'tmp', emptyDir: {} },
    ],
  },
};
const on = (...values: readonly string[]) => ({
  matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values }],
});

function claim(spec: object): KubeObject {
  const asked = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '10Gi' } } };
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'packages', namespace: 'weka', uid: 'u1' },
    spec: { ...asked, storageClassName: 'local', ...spec },
  };
}

function volume(name: string, node: string | undefined, spec: object = {}): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: {
      accessModes: ['ReadWriteOnce', 'ReadOnlyMany'],
      capacity: { storage: '20Gi' },
      storageClassName: 'local',
      ...(node !== undefined && { nodeAffinity: { required: { nodeSelectorTerms: [on(node)] } } }),
      ...spec,
    },
  };
}

function storageClass(name: string, rest: object = {}): KubeObject {
  const none = { provisioner: 'kubernetes.io/no-provisioner', volumeBindingMode: 'WaitForFirstConsumer' };
  return { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name }, ...none, ...rest };
}

const terms = (
  asked: KubeObject | undefined,
  volumes: readonly KubeObject[] = [],
  classes: readonly KubeObject[] = [storageClass('local')],
) => volumeTerms(pod, () => asked, { volumes, classes });

describe('where the volumes of a pod are', () => {
  it('matters for its claims only', () => {
    expect(claimsOf(pod)).toEqual(['packages']);
    expect(volumeTerms({ ...pod, spec: {} }, () => undefined, { volumes: [], classes: [] })).toEqual([]);
  });

  it('is told by the volume that a claim is bound to', () => {
    const bound = claim({ volumeName: 'v2' });
    expect(terms(bound, [volume('v1', 'node-a'), volume('v2', 'node-b')])).toEqual([on('node-b')]);
    expect(terms(bound, [volume('v2', undefined)])).toEqual([]);
    expect(terms(bound)).toBe('The volume v2 of its claim packages does not exist');
  });

  it('is told by the volumes that it may be bound to, where its class makes none', () => {
    expect(terms(claim({}), [volume('v1', 'node-a'), volume('v2', 'node-b')])).toEqual([
      on('node-a'),
      on('node-b'),
    ]);
    expect(terms(claim({}), [volume('v1', 'node-a'), volume('v2', undefined)])).toEqual([]);
    const without = claim({ storageClassName: '' });
    expect(terms(without, [volume('v1', 'node-a', { storageClassName: undefined })], [])).toEqual([
      on('node-a'),
    ]);
  });

  it.each<[string, object, object]>([
    ['is of another class', {}, { storageClassName: 'other' }],
    ['is too small', {}, { capacity: { storage: '9Gi' } }],
    ['cannot be used that way', { accessModes: ['ReadWriteMany'] }, {}],
    ['is a disk and no file system', {}, { volumeMode: 'Block' }],
    ['is kept for another claim', {}, { claimRef: { namespace: 'weka', name: 'other' } }],
    [
      'was that of a claim of this name which is gone',
      {},
      { claimRef: { namespace: 'weka', name: 'packages', uid: 'u0' } },
    ],
    ['has not the labels', { selector: { matchLabels: { use: 'weka' } } }, {}],
  ])('is not told by a volume that %s', (_, asked, has) => {
    expect(terms(claim(asked), [volume('v1', 'node-a', has)])).toBe(
      'No volume is free for its claim packages',
    );
  });

  it('may be by the claim that a volume is kept for', () => {
    const kept = { claimRef: { namespace: 'weka', name: 'packages', uid: 'u1' } };
    expect(terms(claim({}), [volume('v1', 'node-a', kept)])).toEqual([on('node-a')]);
  });

  it('is anywhere that its class allows, where a volume is made where the pod comes to be', () => {
    const late = { provisioner: 'csi.example.com' };
    const allowedTopologies = [{ matchLabelExpressions: [{ key: 'zone', values: ['a', 'b'] }] }];
    expect(terms(claim({}), [], [storageClass('local', late)])).toEqual([]);
    expect(terms(claim({}), [], [storageClass('local', { ...late, allowedTopologies })])).toEqual([
      { matchExpressions: [{ key: 'zone', operator: 'In', values: ['a', 'b'] }] },
    ]);
  });

  it('is not settled before a volume is made that is made at once', () => {
    const early = storageClass('local', { provisioner: 'csi.example.com', volumeBindingMode: 'Immediate' });
    expect(terms(claim({}), [], [early])).toEqual({
      why: expect.stringMatching(/^Its claim packages has no volume yet/),
    });
    expect(terms(undefined)).toBe('Its claim packages does not exist');
  });

  it('follows the default class where a claim names none', () => {
    const metadata = { name: 'std', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } };
    const standard = storageClass('std', { provisioner: 'csi.example.com', metadata });
    expect(terms(claim({ storageClassName: undefined }), [], [standard])).toEqual([]);
  });
});
