import { describe, expect, it } from 'vitest';
import { certificateOf } from '../../../../reconciler/core/drivers/certificates.ts';
import { distServices } from '../../../../reconciler/core/desired/dist-services.ts';
import { wekaContainer } from '../../../support/manifests.ts';
import { builtOf, driversPolicy, podOf } from './read-specs.ts';

function service(name: string, selector?: object, ports: readonly object[] = [{ port: 60002 }]): object {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'weka' },
    spec: { selector, ports },
  };
}

const builder = (uploadResultsTo: string) =>
  wekaContainer('weka', 'builder', { mode: 'drivers-builder', uploadResultsTo });

function servicesOf(...manifests: readonly (string | object)[]) {
  return [...distServices(builtOf(...manifests).parsed.specs).values()].map(
    ({ key, port, dist, served }) => `${key}:${port} ${dist} (${served.join(', ')})`,
  );
}

/** Where the builder brings its packages. */
function uploadOf(...manifests: readonly (string | object)[]) {
  const { env, volumes } = podOf(builtOf(...manifests).object('v1/Pod/weka/builder'));
  return { url: env['UPLOAD_URL'], name: env['UPLOAD_SERVER_NAME'], secret: volumes['certificate-upload'] };
}

describe('distribution services', () => {
  it('are those of policies, and Services that lead to containers which serve', () => {
    expect(
      servicesOf(
        driversPolicy('drivers'),
        wekaContainer('weka', 'dist-b'),
        wekaContainer('weka', 'dist-a', {}),
        builder('dist-a'),
        service('all', { 'weka.io/mode': 'drivers-dist' }, [{ port: 80 }]),
        service('one', { app: 'dist-b' }),
        service('builders', { app: 'builder' }),
        service('open'),
      ),
    ).toEqual([
      'weka/drivers-dist:60002 drivers-dist (drivers-dist)',
      'weka/all:80 dist-a (dist-a, dist-b)',
      'weka/one:60002 dist-b (dist-b)',
    ]);
  });

  it('are known by the names of all Services that lead to a container', () => {
    const { object } = builtOf(
      wekaContainer('weka', 'dist'),
      service('a', { app: 'dist' }),
      service('b', { app: 'dist' }),
    );
    const tls = object('v1/Secret/weka/dist-tls');
    expect(tls && certificateOf(tls)?.names).toEqual([
      'a',
      'a.weka',
      'a.weka.svc',
      'a.weka.svc.cluster.local',
      'b',
      'b.weka',
      'b.weka.svc',
      'b.weka.svc.cluster.local',
    ]);
  });
});

it('leads nobody to what serves packages before it does', () => {
  const probeOf = (name: string) =>
    podOf(builtOf(wekaContainer('weka', 'dist'), builder('dist')).object(`v1/Pod/weka/${name}`)).container[
      'readinessProbe'
    ];
  expect(probeOf('dist')).toMatchObject({ httpGet: { path: '/healthz', port: 'dist' } });
  expect(probeOf('builder')).toBeUndefined();
});

describe('a builder', () => {
  it('brings packages to the Service that leads to the container which it names', () => {
    expect(
      uploadOf(wekaContainer('weka', 'dist'), service('drivers', { app: 'dist' }), builder('dist')),
    ).toEqual({
      url: 'https://drivers.weka.svc:60002',
      name: 'drivers.weka.svc.cluster.local',
      secret: { secret: { secretName: 'dist-upload' } },
    });
  });

  it('brings them to the Service that it names', () => {
    expect(uploadOf(driversPolicy('drivers'), builder('drivers-dist'))).toEqual({
      url: 'https://drivers-dist.weka.svc:60002',
      name: 'drivers-dist.weka.svc.cluster.local',
      secret: { secret: { secretName: 'drivers-dist-upload' } },
    });
  });

  it('that names what others keep starts without what would let it upload there', () => {
    expect(uploadOf(builder('elsewhere'))).toEqual({
      url: 'https://elsewhere.weka.svc:60002',
      name: 'elsewhere.weka.svc.cluster.local',
      secret: { secret: { secretName: 'elsewhere-upload', optional: true } },
    });
  });

  it('says on its pod for which service it builds', () => {
    const { object } = builtOf(
      wekaContainer('weka', 'dist'),
      service('drivers', { app: 'dist' }),
      builder('dist'),
    );
    const pod = object('v1/Pod/weka/builder');
    expect(JSON.parse(pod?.metadata.annotations?.['weka-gitops.dev/driver-work'] ?? '')).toEqual({
      does: 'build',
      service: 'weka/drivers',
      owner: 'weka.weka.io/v1alpha1/WekaContainer/weka/builder',
      image: 'quay.io/weka.io/weka-in-container:4.4.5',
    });
  });
});
