import { describe, expect, it } from 'vitest';
import { driverService } from '../../../../reconciler/core/drivers/driver-service.ts';
import type { PinnedPackage } from '../../../../reconciler/core/drivers/lock.ts';
import { driverSources } from '../../../../reconciler/core/drivers/sources.ts';
import { type KubeObject, objectId } from '../../../../reconciler/core/kube/object.ts';
import { DIST, PUBLIC } from './build-manifests.ts';
import { aPackage, CA, service } from './build-world.ts';

const NAME = 'drivers-dist.weka.svc.cluster.local';

function sources(
  text: string,
  objects: readonly KubeObject[],
  {
    ca = CA,
    pinned,
    registries,
    isOurs = true,
  }: {
    ca?: string | undefined;
    pinned?: PinnedPackage;
    registries?: readonly string[];
    isOurs?: boolean;
  } = {},
) {
  const named = driverService(text, 'weka');
  if (named === undefined) throw new Error(`${text} is no service.`);
  const live = new Map(objects.map((object) => [objectId(object), object]));
  const input = { live, registries, isOurs: () => isOurs, ...(ca === '' ? {} : { ca }) };
  return driverSources(named, input, pinned);
}

function pod(
  name: string,
  podIP: string,
  { ready = 'True', app = 'dist', namespace = 'weka' } = {},
): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels: { app } },
    spec: { containers: [{ name: 'weka-container', ports: [{ name: 'dist', containerPort: 60012 }] }] },
    status: { podIP, conditions: [{ type: 'Ready', status: ready }] },
  };
}

const headless = (targetPort: unknown) =>
  service({ clusterIP: 'None', ports: [{ port: 60002, targetPort }] });

describe('where an agent has a package from', () => {
  it('is the address of a Service, whose certificate is for its name', () => {
    expect(sources(DIST, [service()])).toEqual([
      { url: 'https://10.96.0.7:60002', serverName: NAME, ca: CA },
    ]);
    expect(sources(DIST, [service({ clusterIP: 'fd00::7' })])).toMatchObject([
      { url: 'https://[fd00::7]:60002' },
    ]);
  });

  it('is the same without certificates where the manifest says http', () => {
    const http = DIST.replace('https', 'http');
    expect(sources(http, [service()], { ca: '' })).toEqual([{ url: 'http://10.96.0.7:60002' }]);
  });

  it('is each ready pod of a Service without an address, in the order of these', () => {
    const pods = [
      pod('c', '10.0.0.9'),
      pod('a', '10.0.0.4'),
      pod('b', '10.0.0.5', { ready: 'False' }),
      pod('d', '10.0.0.6', { app: 'other' }),
      pod('e', '10.0.0.7', { namespace: 'other' }),
    ];
    expect(sources(DIST, [headless(60002), ...pods])).toMatchObject([
      { url: 'https://10.0.0.4:60002', serverName: NAME },
      { url: 'https://10.0.0.9:60002', serverName: NAME },
    ]);
    expect(sources(DIST, [headless('dist'), ...pods])).toMatchObject([
      { url: 'https://10.0.0.4:60012' },
      { url: 'https://10.0.0.9:60012' },
    ]);
  });

  it('is eight pods at most', () => {
    const pods = Array.from({ length: 12 }, (_, index) => pod(`p${index}`, `10.0.0.${index}`));
    expect(sources(DIST, [headless(60002), ...pods])).toHaveLength(8);
  });

  it.each<[string, readonly KubeObject[], string]>([
    ['there is no Service', [], 'Service weka/drivers-dist is not there yet.'],
    ['it has no address', [service({})], 'Service weka/drivers-dist has no address yet.'],
    [
      'none of its pods is ready',
      [headless(60002), pod('a', '10.0.0.4', { ready: 'False' })],
      'Service weka/drivers-dist has no address yet.',
    ],
  ])('is not known while %s', (_, objects, why) => {
    expect(sources(DIST, objects)).toEqual({ why });
  });

  it('is not known while nobody vouches for certificates', () => {
    expect(sources(DIST, [service()], { ca: '' })).toEqual({
      why: 'The authority for the certificates is not there yet.',
    });
  });

  it('is a service of others itself, and where that keeps its packages', () => {
    expect(sources(PUBLIC, [])).toEqual([{ url: PUBLIC }]);
    const url = `https://mirror.example.com/weka/dist/v1/drivers/${aPackage().file}`;
    const pinned = {
      service: PUBLIC,
      package: aPackage(),
      origin: { kind: 'registry', url },
      commit: '',
    } as const;
    const registries = [PUBLIC, 'https://mirror.example.com/weka'];
    expect(sources(PUBLIC, [], { pinned, registries })).toEqual([{ url: 'https://mirror.example.com/weka' }]);
  });

  it('is none that the configuration does not name', () => {
    const refused = (address: string) => ({
      why: `Packages of drivers may not come from ${address}: ceilings.driverRegistries of the configuration does not name it.`,
    });
    const registries = ['https://mirror.example.com'];
    expect(sources('http://169.254.169.254/latest', [], { registries })).toEqual(
      refused('http://169.254.169.254/latest'),
    );
    expect(sources('https://mirror.example.com', [], { registries })).toEqual([
      { url: 'https://mirror.example.com' },
    ]);
    const url = `https://elsewhere.example.com/dist/v1/drivers/${aPackage().file}`;
    const service = 'https://mirror.example.com';
    const pinned = { service, package: aPackage(), origin: { kind: 'registry', url }, commit: '' } as const;
    expect(sources(service, [], { registries, pinned })).toEqual(refused('https://elsewhere.example.com'));
  });

  it('is a Service of others only where the configuration names it', () => {
    expect(sources(DIST, [service()], { isOurs: false })).toEqual({
      why: `Service weka/drivers-dist is none that this repository makes, and ceilings.driverRegistries of the configuration does not name ${DIST}.`,
    });
    expect(sources(DIST, [service()], { isOurs: false, registries: [DIST] })).toMatchObject([
      { url: 'https://10.96.0.7:60002' },
    ]);
  });

  it('is no folder', () => {
    expect(sources('file:///opt/weka', [])).toEqual({
      why: 'file:///opt/weka is a folder, which agents of nodes do not read.',
    });
  });
});
