import { expect, it, onTestFinished } from 'vitest';
import { APPLY_PATCH, KubeApi } from '../../../../reconciler/world/kubeapi/kube-api.ts';
import { loadKubeConfig } from '../../../../reconciler/world/kubeapi/load-kube-config.ts';
import { sharedCluster } from '../../../cluster/shared.ts';
import { startFaultServer } from '../../../support/fault-server.ts';
import { complaint, folder } from './fixture.ts';
import { accountOfFile } from '../../../support/account-of-file.ts';

const control = await sharedCluster();
const account = await accountOfFile(control);

it('every request is told of by the verb that Kubernetes knows it by, watches among them', async () => {
  const [server, path] = await Promise.all([startFaultServer(control), folder()]);
  onTestFinished(() => server.stop());
  const told: string[] = [];
  const connection = await loadKubeConfig({
    kubeconfig: await server.kubeconfig(path('config'), account),
    env: {},
  });
  const api = new KubeApi(connection, 'a-test', (verb, status) => told.push(`${verb} ${status ?? 'none'}`));
  onTestFinished(() => api.close());
  const namespace = await control.namespace();
  const maps = `/api/v1/namespaces/${namespace}/configmaps`;
  const patch = { contentType: APPLY_PATCH, query: { fieldManager: 'a-test' } };
  const open = () =>
    api.watch(maps, { query: { watch: true }, signal: AbortSignal.timeout(10_000), openWithinMs: 5000 });

  await api.request('GET', maps);
  await api.request('PATCH', `${maps}/a`, {
    ...patch,
    body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } },
  });
  await api.request('GET', `${maps}/a`);
  await api.request('DELETE', `${maps}/a`);
  await open();
  server.rules.add({ path: /watch=true/, times: 1, fault: { do: 'answer', status: 410, body: '{}' } });
  await complaint(open);
  server.rules.add({ path: /watch=true/, times: 1, fault: { do: 'drop' } });
  await complaint(open);
  await api.request('GET', '/version');

  expect(told).toEqual([
    'list 200',
    'patch 201',
    'get 200',
    'delete 200',
    'watch 200',
    'watch 410',
    'watch none',
    'get 200',
  ]);
});
