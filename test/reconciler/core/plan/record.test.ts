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
  spentOn,
  withObjects,
} from '../../../../reconciler/core/plan/record.ts';
import { aClusterObject, aConfigMap, aDeployment, anObject } from '../../../support/objects.ts';

const set = { name: 'weka-gitops', namespace: 'weka-gitops-system' };
const record: InstallationRecord = {
  kinds: ['ConfigMap', 'DaemonSet.apps'] as GroupKind[],
  namespaces: ['weka', 'weka-csi'],
  lastCommit: 'a'.repeat(40),
  pruned: 2,
  pruning: [],
  uses: [],
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
      kinds: fc.shuffledSubarray([...KINDS.map(groupKind), 'Widget.example.com' as GroupKind]),
      namespaces: fc.uniqueArray(fc.stringMatching(/^[a-z]{1,8}$/)),
      pruned: fc.nat(100),
      pruning: fc.uniqueArray(fc.uuid(), { maxLength: 3 }),
      uses: fc.array(
        fc.record({
          name: fc.string(),
          digest: fc.string(),
          usedAt: fc.string(),
          expires: fc.string(),
          done: fc.boolean(),
        }),
        { maxLength: 3 },
      ),
    });
    fc.assert(
      fc.property(any, fc.option(fc.constant('b'.repeat(40))), (rest, lastCommit) => {
        const written = { ...rest, ...(lastCommit === null ? {} : { lastCommit }) };
        const { record: read } = parseRecord(recordObject(written, set, '1'), set);
        expect(sameRecord(read!, written)).toBe(true);
        expect(read?.lastCommit).toBe(written.lastCommit);
      }),
    );
  });

  const annotated = (annotations: Readonly<Record<string, string | undefined>>) => {
    const kept = Object.entries({ ...parent.metadata.annotations, ...annotations });
    return withMeta({ annotations: Object.fromEntries(kept.filter(([, value]) => value !== undefined)) });
  };

  it.each<[string, KubeObject]>([
    ['is of another ApplySet', withMeta({ labels: { 'applyset.kubernetes.io/id': 'applyset-x-v1' } })],
    ['has no label', withMeta({ labels: undefined })],
    ['has no annotations', withMeta({ annotations: undefined })],
    ['names no tool', annotated({ 'applyset.kubernetes.io/tooling': undefined })],
    ['names no kinds', annotated({ 'applyset.kubernetes.io/contains-group-kinds': undefined })],
    ['has no data', { ...parent, data: undefined }],
    ['is no JSON', { ...parent, data: { 'state.json': '{' } }],
    ['has data of another shape', { ...parent, data: { 'state.json': 3 } }],
    ['is of a later schema', { ...parent, data: { 'state.json': '{"schema":2,"pruned":0}' } }],
    ['holds no commit', { ...parent, data: { 'state.json': '{"schema":1,"lastCommit":"main","pruned":0}' } }],
    ['counts backwards', { ...parent, data: { 'state.json': '{"schema":1,"pruned":-1}' } }],
  ])('is not believed when it %s', (_what, damaged) => {
    expect(parseRecord(damaged, set)).toEqual({ state: 'damaged' });
  });

  it.each(['kubectl/v1.36.3', 'weka-gitops', 'weka-gitops-fork/1'])('is left to its tool, %s', (tooling) => {
    const foreign = annotated({ 'applyset.kubernetes.io/tooling': tooling });
    expect(parseRecord(foreign, set)).toEqual({ state: 'foreign', tooling });
    expect(parseRecord({ ...foreign, data: undefined }, set)).toEqual({ state: 'foreign', tooling });
  });

  it('is read whatever version of us wrote it', () => {
    expect(parseRecord(recordObject(record, set, '99.0.0'), set)).toEqual({ state: 'ok', record });
  });

  it('keeps kinds that this version does not know, so that nothing is concluded from not seeing them', () => {
    const kinds = { 'applyset.kubernetes.io/contains-group-kinds': 'ConfigMap,Widget.example.com,' };
    const { record: read } = parseRecord(annotated(kinds), set);
    expect(read?.kinds).toEqual(['ConfigMap', 'Widget.example.com']);
    expect(recordObject(read!, set, '1').metadata.annotations).toMatchObject({
      'applyset.kubernetes.io/contains-group-kinds': 'ConfigMap,Widget.example.com',
    });
  });

  it('may hold no kinds, and needs to name no namespaces', () => {
    const bare = annotated({
      'applyset.kubernetes.io/contains-group-kinds': '',
      'applyset.kubernetes.io/additional-namespaces': undefined,
    });
    expect(parseRecord(bare, set)).toMatchObject({ record: { kinds: [], namespaces: [] } });
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
      pruning: [],
      uses: [],
    });
    expect(withObjects(record, [aConfigMap('a')])).toEqual(record);
  });

  it('is the same whatever its order', () => {
    expect(sameRecord(record, { ...record, kinds: record.kinds.toReversed() })).toBe(true);
    expect(sameRecord(record, { ...record, pruned: 3 })).toBe(false);
    expect(sameRecord(record, { ...record, pruning: ['uid-1'] })).toBe(false);
    expect(sameRecord(record, { ...record, lastCommit: 'b'.repeat(40) })).toBe(false);
    expect(sameRecord(record, { ...record, namespaces: ['weka'] })).toBe(false);
  });
});

describe('the prune budget after a pass that was cut short', () => {
  const commit = record.lastCommit ?? '';
  const cutShort = { ...record, pruned: 1, pruning: ['uid-gone', 'uid-going', 'uid-there'] };
  const live = [
    anObject('v1/ConfigMap', 'there', { metadata: { uid: 'uid-there' } }),
    anObject('v1/ConfigMap', 'going', {
      metadata: { uid: 'uid-going', deletionTimestamp: '2026-01-01T00:00:00Z' },
    }),
  ];
  const seen = (unread: readonly string[] = []) => ({
    objects: new Map(live.map((object) => [object.metadata.name, object])),
    unread,
  });

  it('counts what is gone or going, and not what is still to go', () => {
    expect(spentOn(commit, cutShort, seen())).toEqual({ pruned: 3, pruning: [] });
  });

  it('is not known while a list is missing', () => {
    const { pruned, pruning } = cutShort;
    expect(spentOn(commit, cutShort, seen(['Service']))).toEqual({ pruned, pruning });
  });

  it('is whole again for another commit', () => {
    expect(spentOn('c'.repeat(40), cutShort, seen())).toEqual({ pruned: 0, pruning: [] });
  });
});
