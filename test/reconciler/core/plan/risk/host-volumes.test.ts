import { describe, expect, it } from 'vitest';
import { aClusterObject, aDeployment, anObject, applied, createdBy } from '../../../../support/objects.ts';
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
