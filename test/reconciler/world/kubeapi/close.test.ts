import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { KubeApi } from '../../../../reconciler/world/kubeapi/kube-api.ts';
import type { Credentials } from '../../../../reconciler/world/kubeapi/connection.ts';
import { until } from '../../../cluster/until.ts';

const CREDENTIALS: Credentials = { tls: {}, headers: {} };

/** A client of a server that never answers. */
async function ofASilentServer(credentials: () => Promise<Credentials> = () => Promise.resolve(CREDENTIALS)) {
  let asked = 0;
  const server = createServer(() => void (asked += 1));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  const { port } = server.address() as AddressInfo;
  const api = new KubeApi({
    server: new URL(`http://127.0.0.1:${port}`),
    origin: 'a test',
    namespace: undefined,
    proxy: undefined,
    credentials,
    renew: credentials,
  });
  return { api, asked: () => asked };
}

/** Milliseconds. */
async function taken(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

describe('a client that is closed', () => {
  it('waits no longer than a moment for requests that are not answered', async () => {
    const { api, asked } = await ofASilentServer();
    // More than there are connections.
    const reads = Array.from({ length: 40 }, () => api.request('GET', '/version'));
    const ends = Promise.allSettled(reads);
    await until('they are sent', () => asked() >= 16);
    expect(await taken(() => api.close())).toBeLessThan(3_000);
    for (const { status } of await ends) expect(status).toBe('rejected');
  });

  it('waits for no credentials that do not come', async () => {
    const { api } = await ofASilentServer(() => new Promise(() => undefined));
    const stop = new AbortController();
    const read = api.request('GET', '/version', { signal: stop.signal });
    const watch = api.watch('/version', { query: {}, signal: stop.signal, openWithinMs: 60_000 });
    stop.abort(new Error('SIGTERM'));
    await expect(read).rejects.toThrow('SIGTERM');
    await expect(watch).rejects.toThrow('SIGTERM');
    expect(await taken(() => api.close())).toBeLessThan(1_000);
  });
});
