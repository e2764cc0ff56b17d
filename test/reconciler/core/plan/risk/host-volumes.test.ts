import { describe, expect, it } from 'vitest';
import { aClusterObject, aDeployment, anObject, applied, createdBy } from '../../../../support/objects.ts';
import type { KubeObject } from '../../../../../reconciler/core/kube/object.ts';
import { gained, plannedRisks } from './risks-of.ts';

type Json = Readonly<Record<string, unknown>>;

const volume = (source: Json, metadata: Json = {}) =>
  aClusterObject('v1/PersistentVolume', 'disk', {
    spec: { capacity: { storage: '1Gi' }, ...source },
    metadata,
  });
const claim = (volumeName?: string) =>
  anObject('v1/PersistentVolumeClaim', 'data', { spec: { accessModes: ['ReadWriteOnce'], volumeName } });
const ROOT = { hostPath: { path: '/' } };
const privileges = (risks: readonly string[]) => risks.filter((risk) => risk.startsWith('privilege'));

describe('a volume', () => {
  it.each<[string, Json, readonly string[]]>([
    ['that is a path of the node', ROOT, ['host path /']],
    ['that is a folder or disk of the node', { local: { path: '/dev/sda' } }, ['host path /dev/sda']],
    ['for the packages of drivers', { local: { path: '/var/lib/weka-driver-packages' } }, []],
    [
      'below those, where a link may lead anywhere',
      { local: { path: '/var/lib/weka-driver-packages/a' } },
      ['host path /var/lib/weka-driver-packages/a'],
    ],
    [
      'that makes their folder',
      { hostPath: { path: '/var/lib/weka-driver-packages' } },
      ['host path /var/lib/weka-driver-packages'],
    ],
    ['of a driver', { csi: { driver: 'csi.weka.io', volumeHandle: 'a' } }, []],
  ])('%s', (_what, source, words) => {
    const expected = words.map((each) => `PersistentVolume disk: ${each}`);
    expect(gained(volume(source))).toEqual(expected);
    expect(gained(volume(source, { labels: { a: 'b' } }), volume(source))).toEqual([]);
    // Another made it, so nobody here has consented to its path.
    expect(
      gained(volume(source, { labels: { a: 'b' } }), undefined, [createdBy('kubectl', volume(source))]),
    ).toEqual(expected);
  });
});

describe('a claim that names its volume', () => {
  it('may get a path of the node where the repository does not describe the volume', () => {
    expect(gained(claim('disk'))).toEqual(['PersistentVolumeClaim weka/data: PersistentVolume disk']);
    expect(gained(claim())).toEqual([]);
    const labelled = { ...claim('disk'), metadata: { ...claim('disk').metadata, labels: { a: 'b' } } };
    expect(gained(labelled, claim('disk'))).toEqual([]);
  });

  it('gets what was consented to with the volume', () => {
    expect(privileges(plannedRisks([claim('disk'), volume(ROOT)]))).toEqual([
      'privilege: PersistentVolume disk: host path /',
    ]);
    expect(privileges(plannedRisks([claim('disk'), volume(ROOT)], [applied(volume(ROOT))]))).toEqual([]);
  });

  it('is told where another made the volume, by what that is', () => {
    expect(
      privileges(plannedRisks([claim('disk'), volume(ROOT)], [createdBy('kubectl', volume(ROOT))])),
    ).toEqual(
      expect.arrayContaining([
        'privilege: PersistentVolumeClaim weka/data: PersistentVolume disk, host path /',
        'privilege: PersistentVolume disk: host path /',
      ]),
    );
    const csi = volume({ csi: { driver: 'csi.weka.io', volumeHandle: 'a' } });
    expect(privileges(plannedRisks([claim('disk'), csi], [createdBy('kubectl', csi)]))).toEqual([]);
  });

  it('is seen wherever it stands', () => {
    const template = { metadata: { name: 'data' }, spec: { volumeName: 'disk' } };
    const pods = aDeployment('web', {
      volumes: [{ name: 'v', ephemeral: { volumeClaimTemplate: template } }],
    });
    expect(gained(pods)).toEqual(['Deployment weka/web: PersistentVolume disk']);
    const set = anObject('apps/v1/StatefulSet', 'db', { spec: { volumeClaimTemplates: [template] } });
    expect(gained(set)).toEqual(['StatefulSet weka/db: PersistentVolume disk']);
  });
});

describe('a claim that names a class alone', () => {
  const manual = (source: Json = ROOT, rest: Json = {}) =>
    createdBy(
      'kubectl',
      volume({ ...source, storageClassName: 'manual', accessModes: ['ReadWriteOnce'], ...rest }),
    );
  const asks = (rest: Json = {}) => ({
    accessModes: ['ReadWriteOnce'],
    resources: { requests: { storage: '1Gi' } },
    storageClassName: 'manual',
    ...rest,
  });
  const data = (rest: Json = {}) => anObject('v1/PersistentVolumeClaim', 'data', { spec: asks(rest) });
  const seen = (...volumes: readonly KubeObject[]) => ({ volumes, classes: [] });

  it('may get a path of the node that is free for it', () => {
    expect(gained(data(), undefined, [], seen(manual()))).toEqual([
      'PersistentVolumeClaim weka/data: PersistentVolume disk, host path /',
    ]);
    expect(gained(data(), undefined, [], seen(manual({ local: { path: '/srv' } })))).toEqual([
      'PersistentVolumeClaim weka/data: PersistentVolume disk, host path /srv',
    ]);
  });

  it.each<[string, KubeObject, Json]>([
    ['of another class', manual(ROOT, { storageClassName: 'other' }), {}],
    ['that is too small', manual(), { resources: { requests: { storage: '2Gi' } } }],
    ['that another claim has', manual(ROOT, { claimRef: { namespace: 'weka', name: 'other' } }), {}],
    ['of a driver', manual({ csi: { driver: 'csi.weka.io', volumeHandle: 'a' } }), {}],
  ])('does not get one %s', (_what, there, rest) => {
    expect(gained(data(rest), undefined, [], seen(there))).toEqual([]);
  });

  it('gets one that is kept for it', () => {
    const kept = manual(ROOT, { claimRef: { namespace: 'weka', name: 'data' } });
    expect(gained(data(), undefined, [], seen(kept))).toHaveLength(1);
  });

  it('gets what was consented to with the volume', () => {
    const ours = volume({ ...ROOT, storageClassName: 'manual', accessModes: ['ReadWriteOnce'] });
    const there = [applied(ours)];
    expect(privileges(plannedRisks([data(), ours], there, {}, seen(...there)))).toEqual([]);
  });

  it('may get anything where volumes cannot be looked at', () => {
    expect(gained(data(), undefined, [], { why: 'It is forbidden (API_FORBIDDEN)' })).toEqual([
      'PersistentVolumeClaim weka/data: any PersistentVolume that fits, since these cannot be looked at: It is forbidden (API_FORBIDDEN)',
    ]);
  });

  it('has what it has once it is there', () => {
    const labelled = { ...data(), metadata: { ...data().metadata, labels: { a: 'b' } } };
    expect(gained(labelled, data(), [], seen(manual()))).toEqual([]);
  });

  it('is seen wherever it stands, when it is new there', () => {
    const web = (spec: Json) =>
      aDeployment('web', { volumes: [{ name: 'v', ephemeral: { volumeClaimTemplate: { spec } } }] });
    expect(gained(web(asks()), undefined, [], seen(manual()))).toEqual([
      'Deployment weka/web: PersistentVolume disk, host path /',
    ]);
    expect(gained(web(asks()), web(asks({ storageClassName: 'fast' })), [], seen(manual()))).toHaveLength(1);
    const scaled = { ...web(asks()), metadata: { ...web(asks()).metadata, labels: { a: 'b' } } };
    expect(gained(scaled, web(asks()), [], seen(manual()))).toEqual([]);
    const set = anObject('apps/v1/StatefulSet', 'db', {
      spec: { volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: asks() }] },
    });
    const kept = manual(ROOT, { claimRef: { namespace: 'weka', name: 'data-db-1' } });
    expect(gained(set, undefined, [], seen(kept))).toEqual([
      'StatefulSet weka/db: PersistentVolume disk, host path /',
    ]);
  });
});
