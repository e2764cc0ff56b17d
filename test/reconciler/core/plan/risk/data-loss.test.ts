import { describe, expect, it } from 'vitest';
import {
  aClusterObject,
  aConfigMap,
  aNamespace,
  anObject,
  applied,
  aSecret,
  createdBy,
  edited,
} from '../../../../support/objects.ts';
import { plannedRisks, risksOf } from './risks-of.ts';

type Json = Readonly<Record<string, unknown>>;

const volume = (persistentVolumeReclaimPolicy: string) =>
  aClusterObject('v1/PersistentVolume', 'pv-1', { spec: { persistentVolumeReclaimPolicy } });
const claim = (spec: Json = { volumeName: 'pv-1' }) => anObject('v1/PersistentVolumeClaim', 'data', { spec });
const withClaims = (spec: Json = {}) =>
  anObject('apps/v1/StatefulSet', 'db', {
    spec: {
      replicas: 3,
      selector: {},
      template: {},
      volumeClaimTemplates: [{ metadata: { name: 'data' } }, { metadata: { name: 'log' } }],
      ...spec,
    },
  });
const retention = (persistentVolumeClaimRetentionPolicy: Json, replicas = 3) =>
  withClaims({ persistentVolumeClaimRetentionPolicy, replicas });

/** `evidence` as a change has it that deletes data, and so cannot be taken back. */
const goes = (evidence: string) => [`data-loss: ${evidence}`, `irreversible: ${evidence}`];

describe('deleting what holds data', () => {
  it('loses a claim’s volume unless that is retained', () => {
    const others = (policy: string) => ({ others: [volume(policy)] });
    expect(risksOf('prune', claim(), others('Delete'))).toEqual(
      goes('PersistentVolumeClaim weka/data with volume pv-1, reclaim policy Delete'),
    );
    expect(risksOf('prune', claim(), others('Retain'))).toEqual([]);
    expect(risksOf('prune', claim())).toEqual(
      goes('PersistentVolumeClaim weka/data with volume pv-1, reclaim policy unknown'),
    );
    expect(risksOf('prune', claim({}))).toEqual([]);
  });

  it('loses a volume that is not retained, and all of a namespace', () => {
    expect(risksOf('prune', volume('Delete')).slice(0, 2)).toEqual(
      goes('PersistentVolume pv-1, reclaim policy Delete'),
    );
    expect(risksOf('prune', volume('Retain'))).toEqual([
      'cluster-scoped: PersistentVolume pv-1: claims that ask for such a volume',
    ]);
    expect(risksOf('prune', aNamespace('weka')).slice(0, 2)).toEqual(
      goes('Namespace weka and every object in it'),
    );
  });

  it('loses the claims of a StatefulSet where it says that they go with it', () => {
    const stopped = 'restart: all 3 pods of StatefulSet weka/db';
    expect(risksOf('prune', retention({ whenDeleted: 'Delete' }))).toEqual([
      ...goes('claims data, log of StatefulSet weka/db'),
      stopped,
    ]);
    expect(risksOf('prune', retention({ whenDeleted: 'Retain', whenScaled: 'Delete' }))).toEqual([stopped]);
    expect(risksOf('prune', withClaims())).toEqual([stopped]);
  });

  it('loses what others have put into a ConfigMap or Secret, and nothing that the repository has', () => {
    const both = edited('kubectl-patch', applied(aSecret('login', { x: 's3cret' })), {
      data: { theirs: 'czNjcmV0' },
    });
    expect(risksOf('prune', both)).toEqual(goes('data of Secret weka/login that kubectl-patch set'));
    expect(risksOf('prune', applied(aConfigMap('a', { x: '1' })))).toEqual([]);
  });
});

describe('changing what holds data', () => {
  it('loses the claims of pods that go when fewer are asked for, where they go with them', () => {
    const live = applied(retention({ whenScaled: 'Delete' }));
    expect(plannedRisks([retention({ whenScaled: 'Delete' }, 1)], [live])).toEqual([
      'data-loss: claims data, log of StatefulSet weka/db, for 2 of 3 pods',
      'restart: 2 of 3 pods of StatefulSet weka/db',
    ]);
    expect(plannedRisks([retention({ whenScaled: 'Delete' }, 5)], [live])).toEqual([]);
    expect(plannedRisks([withClaims({ replicas: 1 })], [applied(withClaims())])).toEqual([
      'restart: 2 of 3 pods of StatefulSet weka/db',
    ]);
  });

  it('loses those of pods whose numbers it has no more', () => {
    const from = (start: number, replicas: number) =>
      withClaims({
        persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete' },
        replicas,
        ordinals: { start },
      });
    const lost = (pods: string) => [`data-loss: claims data, log of StatefulSet weka/db, for ${pods} pods`];
    expect(plannedRisks([from(3, 3)], [applied(from(0, 3))])).toEqual(lost('3 of 3'));
    expect(plannedRisks([from(1, 3)], [applied(from(0, 3))])).toEqual(lost('1 of 3'));
    expect(plannedRisks([from(0, 4)], [applied(from(1, 3))])).toEqual([]);
  });

  it('says where data stops being kept', () => {
    expect(
      plannedRisks([retention({ whenDeleted: 'Delete' })], [applied(retention({ whenDeleted: 'Retain' }))]),
    ).toEqual(['data-loss: claims data, log of StatefulSet weka/db, whenDeleted: Delete']);
    expect(plannedRisks([volume('Delete')], [applied(volume('Retain'))])).toEqual([
      'data-loss: PersistentVolume pv-1, until now reclaim policy Retain',
      'cluster-scoped: PersistentVolume pv-1: claims that ask for such a volume',
    ]);
    expect(plannedRisks([volume('Recycle')], [applied(volume('Retain'))])).toContain(
      'data-loss: PersistentVolume pv-1, until now reclaim policy Retain',
    );
    expect(plannedRisks([volume('Recycle')], [applied(volume('Delete'))]).join()).not.toContain('data-loss');
    expect(plannedRisks([volume('Retain')], [applied(volume('Delete'))])).toEqual([
      'cluster-scoped: PersistentVolume pv-1: claims that ask for such a volume',
    ]);
  });

  it('loses values of a Secret that only the cluster has, and says their keys alone', () => {
    const theirs = createdBy('vault', aSecret('login', { password: 'theirs', user: 'same' }));
    const mine = aSecret('login', { password: 'mine', user: 'same' });
    const risks = plannedRisks([mine], [theirs], { conflicts: 'force' });
    expect(risks).toEqual([
      'data-loss: password of Secret weka/login',
      'takeover: Secret weka/login, managed by vault',
      expect.stringMatching(/^takeover: data\.password from vault.* in Secret weka\/login$/),
    ]);
    for (const value of ['theirs', 'mine'])
      expect(risks.join()).not.toContain(Buffer.from(value).toString('base64'));
  });

  it('calls no loss what the plan shows, nor a value of ours that drifted', () => {
    const map = createdBy('argocd', aConfigMap('a', { x: '1' }));
    const force = { conflicts: 'force' } as const;
    expect(plannedRisks([aConfigMap('a', { x: '2' })], [map], force).join()).not.toContain('data-loss');
    const drifted = edited('kubectl-edit', applied(aSecret('login', { x: '1' })), { data: { x: 'Mg==' } });
    expect(plannedRisks([aSecret('login', { x: '1' })], [drifted], force)).toEqual([]);
  });
});
