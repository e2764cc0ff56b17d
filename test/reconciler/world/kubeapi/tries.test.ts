import { expect, it, onTestFinished } from 'vitest';
import { KubeApi } from '../../../../reconciler/world/kubeapi/kube-api.ts';
import { loadKubeConfig } from '../../../../reconciler/world/kubeapi/load-kube-config.ts';
import { sharedCluster } from '../../../cluster/shared.ts';
import { accountOfFile } from '../../../support/account-of-file.ts';
import { startFaultServer } from '../../../support/fault-server.ts';
import { folder } from './fixture.ts';

const control = await sharedCluster();
const account = await accountOfFile(control);

it.each([
  [undefined, 4],
  [2, 2],
  [1, 1],
])('sends what fails as often as %j tries say', async (tries, sent) => {
  const [server, path] = await Promise.all([startFaultServer(control), folder()]);
  onTestFinished(() => server.stop());
  const kubeconfig = await server.kubeconfig(path('config'), account);
  const api = new KubeApi(await loadKubeConfig({ kubeconfig, env: {} }), 'a-test');
  onTestFinished(() => api.close());
  server.rules.add({ fault: { do: 'answer', status: 503 } });
  const options = tries === undefined ? {} : { tries };
  await expect(api.request('GET', '/version', options)).rejects.toMatchObject({ code: 'API_UNAVAILABLE' });
  expect(server.requests).toHaveLength(sent);
});
