import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applySetId } from '../../../../reconciler/core/desired/ownership.ts';
import { groupKind, type GroupKind, type KubeObject } from '../../../../reconciler/core/kube/object.ts';
import { KINDS } from '../../../../reconciler/core/kube/kinds.ts';
import {
  EMPTY_RECORD,
  type InstallationRecord,
  parseRecord,
  recordObject,
  sameRecord,
  withObjects,
} from '../../../../reconciler/core/plan/record.ts';
import { aClusterObject, aConfigMap, aDeployment } from '../../../support/objects.ts';

const set = { name: 'weka-gitops', namespace: 'weka-gitops-system' };
const record: InstallationRecord = {
  kinds: ['ConfigMap', 'DaemonSet.apps'] as GroupKind[],
  namespaces: ['weka', 'weka-csi'],
  lastCommit: 'a'.repeat(40),
  pruned: 2,
};
const parent = recordObject(record, set, '1.2.3');
const withMeta = (metadata: object): KubeObject => ({
  ...parent,
  metadata: { ...parent.metadata, ...metadata },
});

describe('the record of an installation', () => {
  it('is the parent of an ApplySet', () => {
    expect(parent).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        ...set,
        labels: { 'applyset.kubernetes.io/id': applySetId(set) },
        annotations: {
          'applyset.kubernetes.io/tooling': 'weka-gitops/1.2.3',
          'applyset.kubernetes.io/contains-group-kinds': 'ConfigMap,DaemonSet.apps',
          'applyset.kubernetes.io/additional-namespaces': 'weka,weka-csi',
        },
      },
      data: { 'state.json': `{"schema":1,"lastCommit":"${'a'.repeat(40)}","pruned":2}\n` },
    });
  });

  it('is read as it was written', () => {
    const any = fc.record({
      kinds: fc.shuffledSubarray(KINDS.map(groupKind)),
      namespaces: fc.uniqueArray(fc.stringMatching(/^[a-z]{1,8}$/)),
      pruned: fc.nat(100),
    });
    fc.assert(
      fc.property(any, fc.option(fc.constant('b'.repeat(40))), (rest, lastCommit) => {
        const written = { ...rest, ...(lastCommit === null ? {} : { lastCommit }) };
        const read = parseRecord(recordObject(written, set, '1'), set);
        expect(sameRecord(read!, written)).toBe(true);
        expect(read?.lastCommit).toBe(written.lastCommit);
      }),
    );
  });

  it.each<[string, KubeObject]>([
    ['is of another ApplySet', withMeta({ labels: { 'applyset.kubernetes.io/id': 'applyset-x-v1' } })],
    ['has no label', withMeta({ labels: undefined })],
    ['has no data', { ...parent, data: undefined }],
    ['is no JSON', { ...parent, data: { 'state.json': '{' } }],
    ['has data of another shape', { ...parent, data: { 'state.json': 3 } }],
    ['is of a later schema', { ...parent, data: { 'state.json': '{"schema":2,"pruned":0}' } }],
    ['holds no commit', { ...parent, data: { 'state.json': '{"schema":1,"lastCommit":"main","pruned":0}' } }],
    ['counts backwards', { ...parent, data: { 'state.json': '{"schema":1,"pruned":-1}' } }],
  ])('is not believed when it %s', (_what, damaged) => {
    expect(parseRecord(damaged, set)).toBeUndefined();
  });

  it('forgets kinds that nobody knows, and stands without annotations', () => {
    const annotations = { 'applyset.kubernetes.io/contains-group-kinds': 'ConfigMap,Widget.example.com,' };
    expect(parseRecord(withMeta({ annotations }), set)).toMatchObject({
      kinds: ['ConfigMap'],
      namespaces: [],
    });
    expect(parseRecord(withMeta({ annotations: undefined }), set)).toMatchObject({
      kinds: [],
      namespaces: [],
    });
  });

  it('grows with what is to be made, before it is', () => {
    const objects = [
      aDeployment('web'),
      aConfigMap('a'),
      aConfigMap('b'),
      aClusterObject('storage.k8s.io/v1/StorageClass', 'sc'),
    ];
    expect(withObjects(EMPTY_RECORD, objects)).toEqual({
      kinds: ['ConfigMap', 'Deployment.apps', 'StorageClass.storage.k8s.io'],
      namespaces: ['weka'],
      pruned: 0,
    });
    expect(withObjects(record, [aConfigMap('a')])).toEqual(record);
  });

  it('is the same whatever its order', () => {
    expect(sameRecord(record, { ...record, kinds: record.kinds.toReversed() })).toBe(true);
    expect(sameRecord(record, { ...record, pruned: 3 })).toBe(false);
    expect(sameRecord(record, { ...record, lastCommit: 'b'.repeat(40) })).toBe(false);
    expect(sameRecord(record, { ...record, namespaces: ['weka'] })).toBe(false);
  });
});
