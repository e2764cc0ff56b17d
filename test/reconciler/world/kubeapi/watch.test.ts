import { describe, expect, it, onTestFinished } from 'vitest';
import { KubeApi } from '../../../../reconciler/world/kubeapi/kube-api.ts';
import { loadKubeConfig } from '../../../../reconciler/world/kubeapi/load-kube-config.ts';
import { sharedCluster } from '../../../cluster/shared.ts';
import { until } from '../../../cluster/until.ts';
import { startFaultServer } from '../../../support/fault-server.ts';
import { complaint, folder } from './fixture.ts';
import { accountOfFile } from '../../../support/account-of-file.ts';

const control = await sharedCluster();
const account = await accountOfFile(control);

async function behindFaults() {
  const [server, path] = await Promise.all([startFaultServer(control), folder()]);
  onTestFinished(() => server.stop());
  const api = new KubeApi(
    await loadKubeConfig({ kubeconfig: await server.kubeconfig(path('config'), account), env: {} }),
  );
  onTestFinished(() => api.close());
  return { api, server };
}

function watch(api: KubeApi, namespace: string, signal = new AbortController().signal) {
  const path = `/api/v1/namespaces/${namespace}/configmaps`;
  return api.watch(path, { query: { watch: true }, signal, openWithinMs: 5000 });
}

describe('KubeApi.watch', () => {
  it('gives events as they happen, until it is ended', async () => {
    const namespace = await control.namespace();
    const { api, server } = await behindFaults();
    const end = new AbortController();
    const seen: string[] = [];
    const watching = (async () => {
      for await (const event of await watch(api, namespace, end.signal)) {
        if (event.type !== 'BOOKMARK') seen.push(`${event.type} ${event.object.metadata.name}`);
      }
    })();
    const path = `/api/v1/namespaces/${namespace}/configmaps`;
    await control.api.json('POST', path, { metadata: { name: 'new' } });
    await until('it is told', () => seen.includes('ADDED new'));

    end.abort(new Error('enough'));
    await expect(watching).rejects.toThrow('enough');
    await until('its connection is closed', () => server.watches === 0);
  });

  it('leaves the turns of other requests to them, however many watches are open', async () => {
    const { api, server } = await behindFaults();
    await Promise.all(Array.from({ length: 40 }, (_, n) => watch(api, `none-${n}`)));
    expect(server.watches).toBe(40);
    expect(await api.request('GET', '/version')).toMatchObject({ major: '1' });

    // Nobody reads them, and still they end with the client.
    await api.close();
    await until('no connection is open', () => server.connections.open === 0);
    await expect(watch(api, 'none')).rejects.toThrow('after close()');
  });

  it('fails as a request does, and says how long the API server asks to be left alone', async () => {
    const { api, server } = await behindFaults();
    const headers = { 'retry-after': '7' };
    server.rules.add({ times: 1, fault: { do: 'answer', status: 429, headers, body: {} } });
    await expect(watch(api, 'none')).rejects.toMatchObject({ code: 'API_UNAVAILABLE', retryAfterMs: 7000 });
    server.rules.add({ times: 2, fault: { do: 'answer', status: 401, body: {} } });
    await expect(watch(api, 'none')).rejects.toMatchObject({ code: 'API_UNAUTHORIZED' });

    // One that never had a connection.
    const another = await behindFaults();
    await another.server.refuseConnections();
    expect(await complaint(() => watch(another.api, 'none'))).toMatch(/^API_UNREACHABLE: The API server at /);
  });
});
