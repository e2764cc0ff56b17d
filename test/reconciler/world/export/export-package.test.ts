import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import type { PinnedPackage } from '../../../../reconciler/core/drivers/lock.ts';
import { pinnedFiles } from '../../../../reconciler/core/export/pinned-files.ts';
import { exportPackage } from '../../../../reconciler/world/export/export-package.ts';
import { MirrorFolder } from '../../../../reconciler/world/export/mirror-folder.ts';
import type { Reach } from '../../../../reconciler/world/export/open-source.ts';
import { ApiError } from '../../../../reconciler/world/kubeapi/errors.ts';
import { DRIVERS_PATH } from '../../../../schemas/drivers/package.ts';
import { scratchFolder } from '../../../cluster/scratch.ts';
import { sha256Of } from '../../../nodeagent/dist/dist-site.ts';
import { aPackage } from '../../../nodeagent/plan/driver-builders.ts';

const BYTES = Buffer.from('the package');

function pinned(service: string, url?: string, bytes = BYTES): PinnedPackage {
  const about = aPackage('4.4.5', { sha256: sha256Of(bytes), bytes: bytes.length });
  return {
    service,
    package: about,
    origin:
      url === undefined
        ? { kind: 'builder', pod: 'weka/builder' }
        : { kind: 'registry', url: `${url}${DRIVERS_PATH}/${about.file}` },
    commit: 'c',
  };
}

async function listening(handler: RequestListener) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    handler(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

const serving: RequestListener = (_, response) => response.end(BYTES);

async function exported(lock: readonly PinnedPackage[], reach: Partial<Reach> = {}, from?: string) {
  const folder = await MirrorFolder.open(await scratchFolder());
  const unasked = () => Promise.reject(new Error('No API server is asked.'));
  const api = { request: unasked, download: unasked };
  const all = { api, userAgent: 'test', proxyEnv: {}, ca: [], registries: undefined, isGiven: false };
  return await Promise.all(
    pinnedFiles(lock, { from }).map(async (file) => await exportPackage(file, folder, { ...all, ...reach })),
  );
}

it('brings a package only from a registry that the configuration names, or that a person gives', async () => {
  const { url, asked } = await listening(serving);
  const lock = [pinned(url, url)];
  const [refused] = await exported(lock);
  expect(refused).toMatchObject({
    result: 'failed',
    why: expect.stringContaining(`Packages of drivers may not come from ${url}`),
    hint: expect.stringContaining('ceilings.driverRegistries'),
  });
  expect(asked).toEqual([]);
  expect(await exported(lock, { registries: [url] })).toMatchObject([{ result: 'written', from: url }]);
  expect(await exported(lock, { isGiven: true }, url)).toMatchObject([{ result: 'written', from: url }]);
});

it('follows a registry within its host, and to others only where the configuration names them', async () => {
  const other = await listening(serving);
  const within = await listening((request, response) => {
    if (request.url === '/files/x') serving(request, response);
    else response.writeHead(302, { location: '/files/x' }).end();
  });
  const named = await exported([pinned('weka', within.url)], { registries: [within.url] });
  expect(named).toMatchObject([{ result: 'written' }]);
  const away = await listening((_, response) =>
    response.writeHead(302, { location: `${other.url}/files/x?token=hunter2` }).end(),
  );
  const lock = [pinned('weka', away.url)];
  for (const reach of [{ registries: [away.url] }, { registries: [away.url], isGiven: true }]) {
    const [refused] = await exported(lock, reach, reach.isGiven === true ? away.url : undefined);
    expect(refused).toMatchObject({
      result: 'failed',
      code: 'SERVICE',
      why: `${away.url} leads to an address that is not followed, of ${other.url}.`,
    });
    expect(JSON.stringify(refused)).not.toContain('hunter2');
  }
  expect(other.asked).toEqual([]);
  const both = await exported(lock, { registries: [away.url, `${other.url}/files`] });
  expect(both).toMatchObject([{ result: 'written' }]);
});

it('begins nothing where services have different bytes under one name', async () => {
  const other = Buffer.from('other bytes');
  const results = await exported([pinned('weka/one'), pinned('weka/two', undefined, other)]);
  expect(results).toMatchObject([
    {
      services: ['weka/one'],
      result: 'failed',
      why: '4.4.5.tar.gz is pinned with other bytes for weka/two, and a folder has room for one of a name.',
      hint: expect.stringMatching(/^Export .* --service/),
    },
    { services: ['weka/two'], result: 'failed' },
  ]);
});

it.each([
  ['the port that the Service has', async () => ({ spec: { ports: [{ port: 8443 }] } }), 8443],
  [
    'port 60002 where it may not be read',
    () => Promise.reject(new ApiError('API_FORBIDDEN', 'No.', { status: 403 })),
    60_002,
  ],
])('asks a service of the cluster at %s', async (_, request, port) => {
  const paths: string[] = [];
  const download: Reach['api']['download'] = async (path) => {
    paths.push(path);
    return (async function* () {
      yield BYTES;
    })();
  };
  const api = { request: request as Reach['api']['request'], download };
  expect(await exported([pinned('weka/dist')], { api })).toMatchObject([{ result: 'written' }]);
  expect(paths).toEqual([
    `/api/v1/namespaces/weka/services/https:dist:${port}/proxy${DRIVERS_PATH}/4.4.5.tar.gz`,
  ]);
});
