import { describe, expect, it } from 'vitest';
import { buildIdFor } from '../../../../reconciler/core/drivers/build-id.ts';
import { chooseDemand } from '../../../../reconciler/core/drivers/choose.ts';
import { comingKernel } from '../../../../reconciler/core/drivers/coming-kernels.ts';
import { compareTags } from '../../../../reconciler/core/drivers/compare-tags.ts';
import { driverService } from '../../../../reconciler/core/drivers/driver-service.ts';
import type { DriverDemand } from '../../../../reconciler/core/drivers/drivers.ts';
import type { ObjectId } from '../../../../reconciler/core/kube/object.ts';
import { anObservation } from '../nodes/build-reports.ts';

type Who = 'frontend' | 'backend' | 'ssdproxy';
const PRIORITIES = { frontend: 3, backend: 2, ssdproxy: 1 } as const;

function demand(text: string): DriverDemand {
  const [name = '', who = 'backend', version = ''] = text.split(' ');
  return {
    node: 'node-a',
    owner: `WekaCluster weka/${name}`,
    ownerId: `weka.weka.io/v1alpha1/WekaCluster/weka/${name}` as ObjectId,
    source: `${name}.yaml:1`,
    version,
    image: `weka:${version}`,
    service: undefined,
    priority: PRIORITIES[who as Who],
    strict: who === 'frontend',
  };
}

describe('the one version of a node', () => {
  it.each<[string, readonly string[], string, readonly string[]]>([
    ['is the only one that is asked for', ['a backend 4.4.5'], 'a', []],
    ['is that of frontends before that of backends', ['a backend 4.4.9', 'b frontend 4.4.5'], 'b', []],
    ['is that of backends before that of proxies', ['a ssdproxy 4.4.9', 'b backend 4.4.5'], 'b', []],
    ['is the higher one among equals', ['a backend 4.4.9', 'b backend 4.4.10'], 'b', []],
    ['is against frontends that need exactly another', ['a frontend 4.4.5', 'b frontend 4.4.6'], 'b', ['a']],
    ['is against no frontend with the same version', ['a frontend 4.4.6', 'b frontend 4.4.6'], 'a', []],
    [
      'is against no backend, which takes any',
      ['a backend 4.4.5', 'b frontend 4.4.6', 'c backend 5.0.0'],
      'b',
      [],
    ],
    [
      'is against all frontends that lose',
      ['a frontend 4.4.5', 'b frontend 4.4.6', 'c frontend 4.4.4', 'd backend 9.9.9'],
      'b',
      ['a', 'c'],
    ],
  ])('%s', (_, demands, wins, against) => {
    const choice = chooseDemand(demands.map(demand));
    expect(choice?.demand.owner).toBe(`WekaCluster weka/${wins}`);
    expect(choice?.against.map(({ owner }) => owner.split('/')[1])).toEqual(against);
    // Whatever order manifests are in.
    expect(chooseDemand(demands.map(demand).toReversed())?.demand).toEqual(choice?.demand);
  });

  it('is none where nobody asks', () => {
    expect(chooseDemand([])).toBeUndefined();
  });

  it.each([
    ['4.4.9', '4.4.10'],
    ['4.4.5', '4.4.5.118'],
    ['4.4.5.118-k8s.3', '4.4.5.118-k8s.12'],
    ['4.4.5.118-beta', '4.4.5.118-k8s.1'],
    ['4.4.5.118', '4.4.5.118-k8s.1'],
    ['4.4.99', '5.0.0'],
  ])('of %s and %s is the second', (older, newer) => {
    expect(compareTags(older, newer)).toBeLessThan(0);
    expect(compareTags(newer, older)).toBeGreaterThan(0);
    expect(compareTags(newer, newer)).toBe(0);
  });
});

describe('the build id of a node', () => {
  const ubuntu24 = { id: 'ubuntu', versionId: '24.04' };
  const cos = { id: 'cos', buildId: '18244.151.14' };
  it.each([
    ['is what the manifest says', { explicit: 'mine', os: cos, isExternal: true }, { buildId: 'mine' }],
    [
      'is what the manifest says, where nobody knows the system',
      { explicit: 'mine', os: undefined, isExternal: true },
      { buildId: 'mine' },
    ],
    ['is the build of COS', { explicit: undefined, os: cos, isExternal: false }, { buildId: '18244.151.14' }],
    [
      'is the build of COS where `auto` is asked for',
      { explicit: 'auto', os: cos, isExternal: true },
      { buildId: '18244.151.14' },
    ],
    [
      'is ubuntu24.04 where others build',
      { explicit: undefined, os: ubuntu24, isExternal: true },
      { buildId: 'ubuntu24.04' },
    ],
    [
      'is none for Ubuntu 24 where this cluster builds',
      { explicit: '', os: ubuntu24, isExternal: false },
      {},
    ],
    [
      'is none for Ubuntu 22',
      { explicit: undefined, os: { id: 'ubuntu', versionId: '22.04' }, isExternal: true },
      {},
    ],
    [
      'is none for any other system',
      { explicit: undefined, os: { id: 'rocky', versionId: '24.1' }, isExternal: true },
      {},
    ],
    [
      'is not told where nobody knows the system',
      { explicit: undefined, os: undefined, isExternal: false },
      { why: expect.any(String) },
    ],
    [
      'is not told where nobody knows the build of COS',
      { explicit: undefined, os: { id: 'cos' }, isExternal: false },
      { why: expect.any(String) },
    ],
  ])('%s', (_, input, id) => {
    expect(buildIdFor(input)).toEqual(id);
  });
});

describe('a kernel that is to come', () => {
  const of = (release: string, ...headers: string[]) =>
    comingKernel(anObservation({ kernel: { release, build: '', architecture: 'x86_64' }, headers }));

  it.each([
    ['6.8.0-45-generic', ['6.8.0-45-generic', '6.8.0-50-generic'], '6.8.0-50-generic'],
    ['6.8.0-45-generic', ['6.8.0-9-generic', '6.8.0-45-generic'], undefined],
    ['6.8.0-45-generic', ['6.8.0-46-generic', '6.8.0-101-generic', '6.8.0-50-generic'], '6.8.0-101-generic'],
    ['6.8.0-45-generic', ['6.11.0-1-lowlatency'], undefined],
    ['6.1.0-18-cloud-amd64', ['6.1.0-26-cloud-amd64', '6.1.0-30-amd64'], '6.1.0-26-cloud-amd64'],
    ['5.14.0-362.el9_3.x86_64', ['5.14.0-427.el9_4.x86_64'], '5.14.0-427.el9_4.x86_64'],
    ['5.14.0-362.el9_3.x86_64', [], undefined],
  ])('beside %s is the newest of its flavour among %j', (running, headers, coming) => {
    expect(of(running, ...headers)).toBe(coming);
  });

  it('is not known where headers are not', () => {
    expect(comingKernel(anObservation({ headers: { unknown: 'They cannot be listed.' } }))).toBeUndefined();
  });
});

describe('a distribution service', () => {
  it.each([
    [
      'https://drivers-dist.weka.svc.cluster.local:60002',
      'weka/drivers-dist',
      'https://drivers-dist.weka.svc.cluster.local:60002',
    ],
    [
      'http://drivers-dist.weka.svc:60002/',
      'weka/drivers-dist',
      'http://drivers-dist.weka.svc.cluster.local:60002',
    ],
    [
      'https://drivers-dist:60002',
      'storage/drivers-dist',
      'https://drivers-dist.storage.svc.cluster.local:60002',
    ],
    [
      'drivers-dist.svc.local:60002',
      'storage/drivers-dist',
      'https://drivers-dist.storage.svc.cluster.local:60002',
    ],
    ['https://drivers.weka.io/', 'https://drivers.weka.io', 'https://drivers.weka.io'],
    ['drivers.weka.io', 'https://drivers.weka.io', 'https://drivers.weka.io'],
    [
      'https://mirror.example.com:8443/weka/',
      'https://mirror.example.com:8443/weka',
      'https://mirror.example.com:8443/weka',
    ],
  ])('%s is %s', (text, key, url) => {
    expect(driverService(text, 'storage')).toMatchObject({ key, url });
  });

  it('is none for a text that is no address', () => {
    expect(driverService('ftp://drivers.weka.io', 'weka')).toBeUndefined();
  });
});
