import { describe, expect, it, onTestFinished } from 'vitest';
import type { ReconcilerError } from '../../../../reconciler/errors.ts';
import { APPLY_PATCH, KubeApi, type RequestOptions } from '../../../../reconciler/world/kubeapi/kube-api.ts';
import { loadKubeConfig } from '../../../../reconciler/world/kubeapi/load-kube-config.ts';
import { run } from '../../../cluster/run.ts';
import { sharedCluster } from '../../../cluster/shared.ts';
import { until } from '../../../cluster/until.ts';
import { type FaultServer, startFaultServer } from '../../../support/fault-server.ts';
import { complaint, folder, open, writeKubeconfig } from './fixture.ts';
import { accountOfFile } from '../../../support/account-of-file.ts';

const control = await sharedCluster();
const account = await accountOfFile(control);

async function behindFaults(): Promise<{ api: KubeApi; server: FaultServer }> {
  const [server, path] = await Promise.all([startFaultServer(control), folder()]);
  onTestFinished(() => server.stop());
  const kubeconfig = await server.kubeconfig(path('config'), account);
  const api = new KubeApi(await loadKubeConfig({ kubeconfig, env: {} }), 'a-test');
  onTestFinished(() => api.close());
  return { api, server };
}

const ROOT = new URL('../../../../reconciler/world/kubeapi/', import.meta.url);

const read = (api: KubeApi, options: RequestOptions = {}) => api.request<object>('GET', '/version', options);

function applyConfigMap(api: KubeApi, namespace: string, data: Record<string, string>): Promise<object> {
  return api.request('PATCH', `/api/v1/namespaces/${namespace}/configmaps/settings`, {
    contentType: APPLY_PATCH,
    query: { fieldManager: 'a-test' },
    body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data },
  });
}

describe('KubeApi', () => {
  it('sends 200 requests at once over at most 16 connections, and keeps them', async () => {
    const { api, server } = await behindFaults();
    await Promise.all(Array.from({ length: 200 }, () => read(api)));
    await Promise.all(Array.from({ length: 200 }, () => read(api)));

    expect(server.requests).toHaveLength(400);
    expect(server.connections.opened).toBeLessThanOrEqual(16);
    expect(server.requests[0]?.headers['user-agent']).toBe('a-test');
  });

  it('closes every connection', async () => {
    const { api, server } = await behindFaults();
    await Promise.all(Array.from({ length: 10 }, () => read(api)));
    expect(server.connections.open).toBeGreaterThan(0);

    await api.close();
    await until('no connection is open', () => server.connections.open === 0);
  });

  it('leaves nothing behind that keeps a process alive', async () => {
    const at = (module: string) => JSON.stringify(new URL(module, ROOT).href);
    const script = `
      import { loadKubeConfig } from ${at('load-kube-config.ts')};
      import { KubeApi } from ${at('kube-api.ts')};
      const api = new KubeApi(await loadKubeConfig({ kubeconfig: process.argv[1], env: {} }));
      await Promise.all(Array.from({ length: 8 }, () => api.request('GET', '/version')));
      await api.close();
      console.log('closed');
    `;
    const args = ['--input-type=module-typescript', '-e', script, account.kubeconfig];
    expect(await run(process.execPath, args)).toEqual({ stdout: 'closed\n', stderr: '', exitCode: 0 });
  });

  it.each([500, 502, 503, 504])('repeats a read that was answered %i', async (status) => {
    const { api, server } = await behindFaults();
    server.rules.add({ times: 2, fault: { do: 'answer', status, body: 'no JSON' } });

    expect(await read(api)).toMatchObject({ major: '1' });
    expect(server.requests).toHaveLength(3);
  });

  it('gives up after four tries', async () => {
    const { api, server } = await behindFaults();
    const body = { kind: 'Status', message: 'etcd is away', code: 500 };
    server.rules.add({ fault: { do: 'answer', status: 500, body } });

    expect(await complaint(() => read(api))).toBe(
      'API_UNAVAILABLE: /version: the API server answered 500: etcd is away.',
    );
    expect(server.requests).toHaveLength(4);
  });

  it('waits as long as a busy server asks for', async () => {
    const { api, server } = await behindFaults();
    server.rules.add({ times: 1, fault: { do: 'answer', status: 429, headers: { 'retry-after': '1' } } });
    await read(api);

    const [first, second] = server.requests;
    expect(second!.at - first!.at).toBeGreaterThanOrEqual(1000);
  });

  it('does not wait beyond its deadline for a busy server', async () => {
    const { api, server } = await behindFaults();
    server.rules.add({ fault: { do: 'answer', status: 429, headers: { 'retry-after': '60' } } });

    expect(await complaint(() => read(api))).toMatch(
      /^API_UNAVAILABLE: \/version: the API server answered 429\./,
    );
    expect(server.requests).toHaveLength(1);
  });

  it.each([
    ['seconds', () => '60'],
    ['a date', () => new Date(Date.now() + 60_000).toUTCString()],
  ])('says how long a busy server asks to be left alone, by %s', async (_, retryAfter) => {
    const { api, server } = await behindFaults();
    const headers = { 'retry-after': retryAfter() };
    server.rules.add({ fault: { do: 'answer', status: 429, headers } });
    const error: unknown = await read(api).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'API_UNAVAILABLE' });
    const { retryAfterMs = 0 } = error as ReconcilerError;
    expect(retryAfterMs).toBeGreaterThan(50_000);
    expect(retryAfterMs).toBeLessThanOrEqual(60_000);
  });

  it('repeats a read whose connection was cut before or within the answer', async () => {
    const { api, server } = await behindFaults();
    server.rules.add({ times: 1, fault: { do: 'drop' } });
    server.rules.add({ times: 1, fault: { do: 'cut', afterBytes: 20 } });

    expect(await read(api)).toMatchObject({ major: '1' });
    expect(server.requests.map(({ fault }) => fault)).toEqual(['drop', 'cut', undefined]);
  });

  it('repeats an apply that the server did not begin with', async () => {
    const { api, server } = await behindFaults();
    const namespace = await control.namespace();
    server.rules.add({ method: 'PATCH', times: 2, fault: { do: 'answer', status: 503 } });

    expect(await applyConfigMap(api, namespace, { a: '1' })).toMatchObject({ data: { a: '1' } });
  });

  it('sends an apply whose answer was lost no second time', async () => {
    const { api, server } = await behindFaults();
    const namespace = await control.namespace();
    server.rules.add({ method: 'PATCH', fault: { do: 'lose' } });

    expect(await complaint(() => applyConfigMap(api, namespace, { a: '1' }))).toBe(
      `API_UNAVAILABLE: configmaps/settings in namespace ${namespace}: the connection was cut.`,
    );
    expect(server.requests).toHaveLength(1);
    const path = `/api/v1/namespaces/${namespace}/configmaps/settings`;
    expect(await api.request('GET', path)).toMatchObject({ data: { a: '1' } });
  });

  it('never repeats a create', async () => {
    const { api, server } = await behindFaults();
    server.rules.add({ method: 'POST', fault: { do: 'answer', status: 503 } });
    const body = { metadata: { name: 'never-made' } };

    expect(await complaint(() => api.request('POST', '/api/v1/namespaces', { body }))).toContain(
      'answered 503',
    );
    expect(server.requests).toHaveLength(1);
  });

  it('tells of a server that never answers', async () => {
    const { api, server } = await behindFaults();
    server.rules.add({ fault: { do: 'hold' } });

    expect(await complaint(() => read(api, { timeoutMs: 200 }))).toBe(
      'API_TIMEOUT: /version: the API server did not answer within 0.2 s.',
    );
  });

  it('tells of a server that is not there, and comes back to it', async () => {
    const { api, server } = await behindFaults();
    await server.refuseConnections();
    expect(await complaint(() => read(api))).toBe(
      `API_UNREACHABLE: The API server at ${server.url} cannot be reached: it refuses connections.\n` +
        '  hint: Check the address in the kubeconfig, the network, and whether the API server runs.',
    );

    const late = read(api);
    await server.acceptConnections();
    expect(await late).toMatchObject({ major: '1' });
  });

  it('tells of a name that is not known', async () => {
    const path = await folder();
    const cluster = { server: 'https://api.invalid:6443' };
    const api = await open({
      kubeconfig: await writeKubeconfig(path('config'), control, { cluster }),
      env: {},
    });
    expect(await complaint(() => read(api))).toMatch(
      /^API_UNREACHABLE: The API server at https:\/\/api\.invalid:6443 cannot be reached: its name /,
    );
  });

  it('refuses an answer beyond its limit', async () => {
    const { api } = await behindFaults();
    const path = '/openapi/v2';
    expect(await complaint(() => api.request('GET', path, { maxBytes: 1024 * 1024 }))).toBe(
      "API_TOO_LARGE: /openapi/v2: the API server's answer is larger than 1 MiB.",
    );
    expect(await read(api)).toMatchObject({ major: '1' });
  });

  it('takes nothing but JSON for an answer', async () => {
    const { api, server } = await behindFaults();
    server.rules.add({ fault: { do: 'answer', status: 200, body: '<html>Log in</html>' } });
    expect(await complaint(() => read(api))).toMatch(
      /^API_UNAVAILABLE: \/version: what answered did not answer in JSON\./,
    );
  });

  it('prints what a server says on one line and without what a terminal would act on', async () => {
    const { api, server } = await behindFaults();
    const body = { kind: 'Status', message: `\u001b[31mred\nline\u202e ${'x'.repeat(5000)}` };
    server.rules.add({ fault: { do: 'answer', status: 400, body } });
    const said = await complaint(() => read(api));

    expect(said).toContain('\\u{1b}[31mred line\\u{202e} xxx');
    expect(said.length).toBeLessThan(800);
  });

  it('gives up when it is told to', async () => {
    const { api, server } = await behindFaults();
    server.rules.add({ fault: { do: 'hold' } });
    const stop = new AbortController();
    const reading = Promise.allSettled(Array.from({ length: 40 }, () => read(api, { signal: stop.signal })));
    await until('requests are under way', () => server.requests.length >= 16);
    stop.abort(new Error('enough'));

    const results = await reading;
    expect(
      results.every((result) => result.status === 'rejected' && result.reason === stop.signal.reason),
    ).toBe(true);
    expect(server.requests).toHaveLength(16);
  });
});
