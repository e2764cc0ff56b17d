import { describe, expect, it } from 'vitest';
import {
  type Standing,
  type VolumeChoice,
  volumeChoices,
  withoutVolume,
} from '../../../../reconciler/core/desired/volume-choices.ts';
import type { KubeObject, ObjectId } from '../../../../reconciler/core/kube/object.ts';
import type { NodeTerm } from '../../../../reconciler/core/placement/node-terms.ts';
import { aClusterObject, anObject, aPod } from '../../../support/objects.ts';

const HOSTNAME = 'kubernetes.io/hostname';
const nodes = ['node-a', 'node-b'].map((name) => ({ name, labels: { [HOSTNAME]: name } }));
const on = (node: string): NodeTerm => ({
  matchExpressions: [{ key: HOSTNAME, operator: 'In', values: [node] }],
});
const podId = (name: string) => `v1/Pod/weka/${name}` as ObjectId;
const claimId = (name: string) => `v1/PersistentVolumeClaim/weka/${name}` as ObjectId;
const at = (name: string, node: string): Standing => ({ id: podId(name), node });

/** Claims of a pod, and from which nodes each volume that is free for all of them can be reached. */
const choosing = (volumes: Readonly<Record<string, string | undefined>>, ...claims: readonly string[]) =>
  claims.map((name): VolumeChoice => ({
    claim: claimId(name),
    volumes: Object.entries(volumes).map(([volume, node]) => ({
      name: volume,
      nodes: node === undefined ? [] : [on(node)],
    })),
  }));

describe('volumes that are free for the claims of a pod', () => {
  const claim = (name: string, spec: object = {}) =>
    anObject('v1/PersistentVolumeClaim', name, {
      spec: {
        storageClassName: 'local',
        resources: { requests: { storage: '1Gi' } },
        accessModes: ['ReadWriteOnce'],
        ...spec,
      },
    });
  const volume = (name: string, storage: string) =>
    aClusterObject('v1/PersistentVolume', name, {
      spec: { storageClassName: 'local', capacity: { storage }, accessModes: ['ReadWriteOnce'] },
    });
  const volumes = [volume('large', '9Gi'), volume('small', '2Gi'), volume('alike', '2Gi')];
  const pod = aPod('a', { volumes: [{ name: 'd', persistentVolumeClaim: { claimName: 'data' } }] });
  const names = (asked: KubeObject | undefined, classes: readonly KubeObject[] = []) =>
    volumeChoices(pod, () => asked, { volumes, classes }).map((each) => each.volumes.map(({ name }) => name));

  it('are in the order in which they are taken', () => {
    expect(names(claim('data'))).toEqual([['alike', 'small', 'large']]);
  });

  it('are none where a claim has its volume, one is made for it, or it is not there', () => {
    const made = aClusterObject('storage.k8s.io/v1/StorageClass', 'local', { provisioner: 'csi.weka.io' });
    expect(names(claim('data', { volumeName: 'small' }))).toEqual([]);
    expect(names(claim('data'), [made])).toEqual([]);
    expect(names(undefined)).toEqual([]);
  });
});

describe('of pods that are placed in one go', () => {
  it('the second does not stand where the first takes the only volume', () => {
    const choices = new Map([
      [podId('a'), choosing({ v: 'node-a', w: 'node-b' }, 'a')],
      [podId('b'), choosing({ v: 'node-a', w: 'node-b' }, 'b')],
    ]);
    expect(withoutVolume([at('a', 'node-a'), at('b', 'node-a')], choices, nodes)).toEqual(
      new Map([[podId('b'), 'The volume on node-a that its claim b could have goes to v1/Pod/weka/a']]),
    );
    expect(withoutVolume([at('a', 'node-a'), at('b', 'node-b')], choices, nodes)).toEqual(new Map());
  });

  it('all stand where there is a volume for each, or one claim is shared', () => {
    const free = { v: undefined, w: undefined };
    const each = new Map([
      [podId('a'), choosing(free, 'a')],
      [podId('b'), choosing(free, 'b')],
      [podId('c'), choosing(free, 'a')],
    ]);
    const all = [at('a', 'node-a'), at('b', 'node-a'), at('c', 'node-b')];
    expect(withoutVolume(all, each, nodes)).toEqual(new Map());
    const more = new Map([...each, [podId('d'), choosing(free, 'd')] as const]);
    expect([...withoutVolume([...all, at('d', 'node-b')], more, nodes).keys()]).toEqual([podId('d')]);
  });

  it('one with two claims needs two volumes, and takes none where it has not both', () => {
    const free = { v: 'node-a' };
    const choices = new Map([
      [podId('a'), choosing(free, 'a', 'b')],
      [podId('c'), choosing(free, 'c')],
    ]);
    const without = withoutVolume([at('a', 'node-a'), at('c', 'node-a')], choices, nodes);
    expect([...without]).toEqual([
      [podId('a'), 'The volume on node-a that its claim b could have goes to another claim'],
    ]);
  });
});
